-- An account: there once its person has logged in for the first time.
-- kept from einde-account in ended_at; told by account-beeindigen
-- lies by subject_id
CREATE TABLE accounts (
  subject_id   TEXT   NOT NULL, -- subject
  activated_at BIGINT NOT NULL, -- account, clear: says only that the account is active since
  ended_at     BIGINT,          -- account, clear: a moment, starts the time that what hangs on an account is kept
  CONSTRAINT accounts_pk PRIMARY KEY (subject_id)
) WITHOUT ROWID;

-- What was changed in an account since it was made (MO-29).
-- kept with accounts by subject_id
-- lies by subject_id
CREATE TABLE account_changes (
  subject_id TEXT   NOT NULL, -- subject
  change_id  TEXT   NOT NULL, -- account, id: random and time-ordered, orders the list
  changed_at BIGINT NOT NULL, -- account, clear: a moment
  what       TEXT   NOT NULL, -- account, clear: one of a few fixed words
  about      BLOB   NOT NULL, -- account, sealed
  CONSTRAINT account_changes_pk PRIMARY KEY (subject_id, change_id)
) WITHOUT ROWID;

-- From where a session was opened, and on what (MO-31, CN-17). Apart from it: kept from another moment on.
-- kept from vastlegging in recorded_at
-- lies by subject_id in parts
CREATE TABLE logins (
  subject_id      TEXT   NOT NULL, -- subject
  session_id      TEXT   NOT NULL, -- ip-adres, id: random and time-ordered
  recorded_at     BIGINT NOT NULL, -- ip-adres, clear: a moment, starts the time it is kept
  network_address BLOB,            -- ip-adres, sealed
  device          BLOB,            -- apparaatkenmerken, sealed
  CONSTRAINT logins_pk PRIMARY KEY (subject_id, session_id)
) WITHOUT ROWID;

-- A session from begin to end (MO-33, CN-18); stays as login history after it has ended.
-- kept from einde-sessie in ended_at; told by sessie-herkennen
-- lies by subject_id in parts
CREATE TABLE sessions (
  subject_id   TEXT   NOT NULL, -- subject
  session_id   TEXT   NOT NULL, -- inloghistorie, id: random and time-ordered
  session_hash BLOB   NOT NULL, -- inloghistorie, id: a hash of 256 random bits
  began_at     BIGINT NOT NULL, -- inloghistorie, clear: the idle and absolute end are reckoned from it
  seen_at      BIGINT NOT NULL, -- inloghistorie, clear: the idle end is reckoned from it
  ended_at     BIGINT,          -- inloghistorie, clear: a moment
  ended_how    TEXT,            -- inloghistorie, clear: one of a few fixed words
  provider_session BLOB,        -- inloghistorie, sealed
  provider_session_hash BLOB,   -- inloghistorie, id: a keyed hash, useless without the key
  provider_subject_hash BLOB,   -- inloghistorie, id: a keyed hash, useless without the key
  CONSTRAINT sessions_pk PRIMARY KEY (subject_id, session_id)
) WITHOUT ROWID;

-- A login on its way: nobody is known yet. Ten minutes at most.
-- lies in one place
CREATE TABLE login_attempts (
  attempt_hash BLOB   NOT NULL, -- none: hash of a random value
  attempt      TEXT   NOT NULL, -- none: random values of a login on its way
  return_to    TEXT   NOT NULL, -- none: a path of ours, which names nobody
  until_at     BIGINT NOT NULL, -- none: when the login lapses
  CONSTRAINT login_attempts_pk PRIMARY KEY (attempt_hash)
);
CREATE INDEX login_attempts_until ON login_attempts (until_at);

-- A logout token that was taken: it counts once. A few minutes at most.
-- lies in one place
CREATE TABLE logout_tokens (
  token_hash BLOB   NOT NULL, -- none: hash of a token that counts once
  until_at   BIGINT NOT NULL, -- none: when the token would lapse
  CONSTRAINT logout_tokens_pk PRIMARY KEY (token_hash)
);
CREATE INDEX logout_tokens_until ON logout_tokens (until_at);

-- A session that the provider has ended: a login on its way with it comes too late. A few minutes at most.
-- lies in one place
CREATE TABLE ended_at_provider (
  session_hash BLOB   NOT NULL, -- none: keyed hash of the provider's name for a session, gone within minutes
  until_at     BIGINT NOT NULL, -- none: when it is forgotten
  CONSTRAINT ended_at_provider_pk PRIMARY KEY (session_hash)
);
CREATE INDEX ended_at_provider_until ON ended_at_provider (until_at);
