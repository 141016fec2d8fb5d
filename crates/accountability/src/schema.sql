-- Up to which row of each chain the collector has acknowledged the log.
-- lies in one place
CREATE TABLE log_exports (
  chain       BIGINT NOT NULL, -- none
  exported_no BIGINT NOT NULL, -- none
  CONSTRAINT log_exports_pk PRIMARY KEY (chain)
);
