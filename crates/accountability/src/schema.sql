-- The versions of the statement that were in force, each as its file said it. What is published is nobody's.
-- lies everywhere
CREATE TABLE statement_versions (
  version     TEXT   NOT NULL, -- none
  in_force_at BIGINT NOT NULL, -- none
  source      TEXT   NOT NULL, -- none
  CONSTRAINT statement_versions_pk PRIMARY KEY (version)
) WITHOUT ROWID;

-- Each version as it was published, in each of its languages.
-- lies everywhere
CREATE TABLE statement_texts (
  version     TEXT   NOT NULL, -- none
  language    TEXT   NOT NULL, -- none
  title       TEXT   NOT NULL, -- none
  html        TEXT   NOT NULL, -- none
  CONSTRAINT statement_texts_pk PRIMARY KEY (version, language)
) WITHOUT ROWID;

-- What people said of a version. Who said it is not kept.
-- lies in one place
CREATE TABLE opinions (
  opinion_id  TEXT   NOT NULL, -- none
  version     TEXT   NOT NULL, -- none
  words       TEXT   NOT NULL, -- none
  CONSTRAINT opinions_pk PRIMARY KEY (opinion_id)
);

-- Up to which row of each chain the collector has acknowledged the log.
-- lies in one place
CREATE TABLE log_exports (
  chain       BIGINT NOT NULL, -- none
  exported_no BIGINT NOT NULL, -- none
  CONSTRAINT log_exports_pk PRIMARY KEY (chain)
);
