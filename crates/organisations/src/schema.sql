-- Who is connected, with which keys. Nothing of a person.
-- lies everywhere
CREATE TABLE organisations (
  oin         TEXT   NOT NULL, -- none: public number of an organisation
  name        TEXT   NOT NULL, -- none: of an organisation
  jwks        TEXT   NOT NULL, -- none: public keys of an organisation
  mandatory_since BIGINT,      -- none: what holds for an organisation
  blocked_at  BIGINT,          -- none: what holds for an organisation
  connected_at BIGINT NOT NULL, -- none: when an organisation was connected
  CONSTRAINT organisations_pk PRIMARY KEY (oin)
) WITHOUT ROWID;

-- Client assertions that were used, until they would be refused for their age.
-- lies by oin
CREATE TABLE assertion_replay (
  oin         TEXT   NOT NULL, -- none: public number of an organisation
  jti_hash    BLOB   NOT NULL, -- none: hash of an organisation's own token
  until_at    BIGINT NOT NULL, -- none: when the token would be refused for its age
  CONSTRAINT assertion_replay_pk PRIMARY KEY (oin, jti_hash)
) WITHOUT ROWID;
