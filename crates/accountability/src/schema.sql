-- The versions of the statement that were in force, each as its file said it. What is published is nobody's.
-- lies everywhere
CREATE TABLE statement_versions (
  version     TEXT   NOT NULL, -- none: published
  in_force_at BIGINT NOT NULL, -- none: published
  source      TEXT   NOT NULL, -- none: published
  CONSTRAINT statement_versions_pk PRIMARY KEY (version)
) WITHOUT ROWID;

-- Each version as it was published, in each of its languages.
-- lies everywhere
CREATE TABLE statement_texts (
  version     TEXT   NOT NULL, -- none: published
  language    TEXT   NOT NULL, -- none: published
  title       TEXT   NOT NULL, -- none: published
  html        TEXT   NOT NULL, -- none: published
  CONSTRAINT statement_texts_pk PRIMARY KEY (version, language)
) WITHOUT ROWID;

-- What people said of a version. Who said it is not kept.
-- lies in one place
CREATE TABLE opinions (
  opinion_id  TEXT   NOT NULL, -- none: random, without its moment
  version     TEXT   NOT NULL, -- none: published
  words       TEXT   NOT NULL, -- none: who said it is not kept
  CONSTRAINT opinions_pk PRIMARY KEY (opinion_id)
);

-- Up to which row of each chain the collector has acknowledged the log.
-- lies in one place
CREATE TABLE log_exports (
  chain       BIGINT NOT NULL, -- none: which writer
  exported_no BIGINT NOT NULL, -- none: a number of the log
  CONSTRAINT log_exports_pk PRIMARY KEY (chain)
);
