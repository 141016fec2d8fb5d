-- A person's key, wrapped by the master key. Removing the row erases the person.
-- lies by subject_id in parts
CREATE TABLE subject_keys (
  subject_id TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  made_at BIGINT NOT NULL,
  CONSTRAINT subject_keys_pk PRIMARY KEY (subject_id)
) WITHOUT ROWID;

-- Secrets of the installation itself, wrapped likewise.
-- lies everywhere
CREATE TABLE secrets (
  name TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  CONSTRAINT secrets_pk PRIMARY KEY (name)
) WITHOUT ROWID;
