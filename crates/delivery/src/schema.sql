-- A sender's receipts. The person is a random id; after an erasure the receipt stays without one.
-- kept from ontvangst in received_at, published_at
-- lies by oin in parts
CREATE TABLE deliveries (
  oin         TEXT   NOT NULL, -- aflevering, clear: the public number of an organisation
  message_id  TEXT   NOT NULL, -- aflevering, id: random and time-ordered
  subject_id  TEXT,            -- aflevering, id: a random id, by which the gate is run for a look at the receipt
  received_at BIGINT NOT NULL, -- aflevering, clear: a moment
  published_at BIGINT NOT NULL, -- aflevering, clear: a moment
  attachment_count BIGINT NOT NULL, -- aflevering, clear: a small number
  CONSTRAINT deliveries_pk PRIMARY KEY (oin, message_id)
) WITHOUT ROWID;

-- What became of a delivery, as far as time alone does not tell it.
-- kept with deliveries by oin, message_id
-- lies by oin in parts
CREATE TABLE delivery_status (
  oin         TEXT   NOT NULL, -- aflevering, clear: the public number of an organisation
  message_id  TEXT   NOT NULL, -- aflevering, id: random and time-ordered
  at          BIGINT NOT NULL, -- aflevering, clear: a moment
  status      TEXT   NOT NULL, -- aflevering, clear: one of a few fixed words
  CONSTRAINT delivery_status_pk PRIMARY KEY (oin, message_id, at, status)
) WITHOUT ROWID;

-- Keys under which a sender delivered in the last seven days; both hashes are keyed, and nothing here names a person.
-- lies by oin
CREATE TABLE idempotency (
  oin         TEXT   NOT NULL, -- none: the sender, an organisation
  key_hash    BLOB   NOT NULL, -- none: keyed hash of the sender's own key
  body_hash   BLOB   NOT NULL, -- none: keyed hash that tells one request from another
  message_id  TEXT   NOT NULL, -- none: a letter's random id, gone after seven days
  until_at    BIGINT NOT NULL, -- none: when the key is forgotten
  CONSTRAINT idempotency_pk PRIMARY KEY (oin, key_hash)
) WITHOUT ROWID;
CREATE INDEX idempotency_until ON idempotency (until_at);
