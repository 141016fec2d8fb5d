-- Work to be done later. A payload names things by random id only.
-- lies in one place
CREATE TABLE jobs (
  job_id        TEXT   NOT NULL, -- none
  kind          TEXT   NOT NULL, -- none
  payload       TEXT   NOT NULL, -- none
  run_at        BIGINT NOT NULL, -- none
  attempts      BIGINT NOT NULL, -- none
  claimed_until BIGINT,          -- none
  CONSTRAINT jobs_pk PRIMARY KEY (job_id)
);
CREATE INDEX jobs_due ON jobs (run_at);
