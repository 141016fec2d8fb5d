-- The small list row of a letter.
-- kept from ontvangst in received_at, published_at
-- lies by subject_id in parts
CREATE TABLE messages (
  subject_id       TEXT   NOT NULL, -- subject
  message_id       TEXT   NOT NULL, -- bericht, id: random and time-ordered, orders the list
  oin              TEXT   NOT NULL, -- bericht, clear: the public number of an organisation, beside a random person
  title            BLOB   NOT NULL, -- bericht, sealed
  act_before       BLOB,            -- bericht, sealed
  language         BLOB,            -- bericht, sealed
  published_at     BIGINT NOT NULL, -- bericht, clear: a moment, keeps a planned letter out of sight
  received_at      BIGINT NOT NULL, -- bericht, clear: a moment, starts the time it is kept
  attachment_count BIGINT NOT NULL, -- bijlage, clear: a small number, shown in the list
  read_at          BIGINT,          -- berichtstatus, clear: a moment, drives the unread count
  archived_at      BIGINT,          -- berichtstatus, clear: a moment, keeps a letter out of the inbox
  binned_at        BIGINT,          -- berichtstatus, clear: a moment, keeps a letter in the bin
  CONSTRAINT messages_pk PRIMARY KEY (subject_id, message_id)
) WITHOUT ROWID;

-- What is read only when a letter is opened.
-- kept with messages by message_id
-- lies by subject_id, by month of message_id
CREATE TABLE bodies (
  message_id   TEXT NOT NULL, -- bericht, id: random and time-ordered, leads so that rows are appended
  subject_id   TEXT NOT NULL, -- subject
  text         BLOB NOT NULL, -- bericht, sealed
  reference    BLOB,          -- bericht, sealed
  message_type BLOB,          -- bericht, sealed
  CONSTRAINT bodies_pk PRIMARY KEY (message_id, subject_id)
);

-- kept with messages by message_id
-- blob blob_id under blob_key, named name, claimed in claimed_blobs
-- lies by subject_id, by month of message_id
CREATE TABLE attachments (
  message_id    TEXT   NOT NULL, -- bijlage, id: random and time-ordered, leads so that rows are appended
  attachment_id TEXT   NOT NULL, -- bijlage, id: random
  subject_id    TEXT   NOT NULL, -- subject
  position      BIGINT NOT NULL, -- bijlage, clear: a small number, keeps the sender's order
  name          BLOB   NOT NULL, -- bijlage, sealed
  mime_type     TEXT   NOT NULL, -- bijlage, clear: one of a few kinds of file
  size_bytes    BIGINT NOT NULL, -- bijlage, clear: the blob itself shows its size
  sha256        BLOB   NOT NULL, -- bijlage, sealed
  blob_id       TEXT   NOT NULL, -- bijlage, id: random, the name of a sealed file
  blob_key      BLOB   NOT NULL, -- bijlage, sealed
  CONSTRAINT attachments_pk PRIMARY KEY (message_id, attachment_id, subject_id)
);

-- Blobs that belong to an attachment of anybody's; every other is an orphan.
-- lies in one place
CREATE TABLE claimed_blobs (
  blob_id TEXT NOT NULL, -- none: random, of a file that lies sealed
  CONSTRAINT claimed_blobs_pk PRIMARY KEY (blob_id)
) WITHOUT ROWID;

-- A row is a refusal: post is wanted from every organisation that has none.
-- kept with accounts by subject_id
-- lies by subject_id
CREATE TABLE preferences (
  subject_id TEXT   NOT NULL, -- subject
  oin        TEXT   NOT NULL, -- berichtvoorkeur, clear: the public number of an organisation, beside a random person
  refused_at BIGINT NOT NULL, -- berichtvoorkeur, clear: a moment
  CONSTRAINT preferences_pk PRIMARY KEY (subject_id, oin)
) WITHOUT ROWID;
