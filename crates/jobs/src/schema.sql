-- Work to be done later. A payload names things by random id only.
-- lies in one place
CREATE TABLE jobs (
  job_id        TEXT   NOT NULL, -- none: random
  kind          TEXT   NOT NULL, -- none: a word of the program
  payload       TEXT   NOT NULL, -- none: at most the hash of a random session token
  run_at        BIGINT NOT NULL, -- none: when work is due
  attempts      BIGINT NOT NULL, -- none: a count of tries
  claimed_until BIGINT,          -- none: until when a process has it in hand
  CONSTRAINT jobs_pk PRIMARY KEY (job_id)
);
CREATE INDEX jobs_due ON jobs (run_at);
