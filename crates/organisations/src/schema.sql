-- Who is connected, with which keys. Nothing of a person.
-- lies everywhere
CREATE TABLE organisations (
  oin         TEXT   NOT NULL, -- none
  name        TEXT   NOT NULL, -- none
  jwks        TEXT   NOT NULL, -- none
  mandatory_since BIGINT,      -- none
  blocked_at  BIGINT,          -- none
  connected_at BIGINT NOT NULL, -- none
  CONSTRAINT organisations_pk PRIMARY KEY (oin)
) WITHOUT ROWID;

-- Client assertions that were used, until they would be refused for their age.
-- lies by oin
CREATE TABLE assertion_replay (
  oin         TEXT   NOT NULL, -- none
  jti_hash    BLOB   NOT NULL, -- none
  until_at    BIGINT NOT NULL, -- none
  CONSTRAINT assertion_replay_pk PRIMARY KEY (oin, jti_hash)
) WITHOUT ROWID;
