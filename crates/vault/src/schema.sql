-- The vault's own tables. `number` stands for the category of the number that names a person in this installation.

-- A person; the id is random and the only name they have in the log.
-- kept with accounts by subject_id
-- lies by subject_id
CREATE TABLE subjects (
  subject_id  TEXT   NOT NULL, -- subject
  enrolled_at BIGINT NOT NULL, -- account, clear: a moment without meaning outside this table
  CONSTRAINT subjects_pk PRIMARY KEY (subject_id)
) WITHOUT ROWID;

-- From a number, by its keyed hash, to the person.
-- kept with accounts by subject_id
-- lies everywhere
CREATE TABLE numbers (
  kind        TEXT   NOT NULL, -- number, clear: which kind of number, the same for all
  digest      BLOB   NOT NULL, -- number, id: a keyed hash, useless without the key
  subject_id  TEXT   NOT NULL, -- subject, looked up
  number      BLOB   NOT NULL, -- number, sealed
  CONSTRAINT numbers_pk PRIMARY KEY (kind, digest),
  CONSTRAINT numbers_subject UNIQUE (subject_id, kind)
) WITHOUT ROWID;

-- From a session's hash to the person.
-- kept with sessions by session_hash
-- lies everywhere
CREATE TABLE session_lookup (
  session_hash BLOB  NOT NULL, -- inloghistorie, id: a hash of 256 random bits
  subject_id  TEXT   NOT NULL, -- subject, looked up
  CONSTRAINT session_lookup_pk PRIMARY KEY (session_hash)
) WITHOUT ROWID;

-- The changing facts the gate reads: limits on a person's data, and who may act for them.
-- kept with accounts by subject_id
-- lies by subject_id
CREATE TABLE standing (
  subject_id  TEXT   NOT NULL, -- subject
  kind        TEXT   NOT NULL, -- account, clear: the gate reads it
  scope       TEXT   NOT NULL, -- account, clear: an activity, a category or *
  actor       TEXT   NOT NULL, -- account, id: an organisation, a person's random id or empty
  from_at     BIGINT NOT NULL, -- account, clear: a moment, which the gate reads
  until_at    BIGINT,          -- account, clear: a moment, which the gate reads
  reason      TEXT   NOT NULL, -- account, clear: a rule or case number, never words of a person
  CONSTRAINT standing_pk PRIMARY KEY (subject_id, kind, scope, actor)
) WITHOUT ROWID;

-- What keeps data of a person beyond their term: all of a category or one row, by a ground that the statement names for it. It
-- stands from `from_at` until `until_at`, or until lifted; after that its own term begins.
-- kept from einde-zaak in until_at; told by gegevens-vasthouden
-- lies by subject_id
CREATE TABLE holds (
  subject_id  TEXT   NOT NULL, -- subject
  hold_id     TEXT   NOT NULL, -- opschorting, id: a random id
  category    TEXT   NOT NULL, -- opschorting, clear: a category of the published statement
  row_key     TEXT   NOT NULL, -- opschorting, id: the key of a row, or empty
  ground      TEXT   NOT NULL, -- opschorting, clear: a line of the published statement
  from_at     BIGINT NOT NULL, -- opschorting, clear: a moment, which the sweep reads
  until_at    BIGINT,          -- opschorting, clear: a moment, which the sweep reads
  reference   TEXT   NOT NULL, -- opschorting, clear: a case number, never words of a person
  set_by      TEXT   NOT NULL, -- opschorting, clear: somebody at work, as the organisation knows them
  lifted_by   TEXT,            -- opschorting, clear: somebody at work, as the organisation knows them
  CONSTRAINT holds_pk PRIMARY KEY (subject_id, hold_id)
) WITHOUT ROWID;

-- The processing log: one row per processing per person. Numbered as it grows, so that it is only ever added to at its end:
-- microseconds since 1970 times 1024, plus the number of the writer.
-- kept from vastlegging in log_no
-- lies by subject_id, by month of log_no
CREATE TABLE log (
  log_no      INTEGER PRIMARY KEY, -- verwerkingslog, id: when it was committed and by which writer, made different for each row
  chain       BIGINT NOT NULL, -- verwerkingslog, clear: which writer
  subject_id  TEXT   NOT NULL, -- subject
  trace_id    BLOB   NOT NULL, -- verwerkingslog, id: random
  span_id     BLOB   NOT NULL, -- verwerkingslog, id: random
  parent_span_id BLOB,         -- verwerkingslog, id: random, of whoever called for it elsewhere, by their word
  foreign_trace_id BLOB,       -- verwerkingslog, id: random, of the same
  foreign_oin TEXT,            -- verwerkingslog, clear: the public number of an organisation, which proved to be it
  status      TEXT   NOT NULL, -- verwerkingslog, clear: Ok or Error
  activity    TEXT   NOT NULL, -- verwerkingslog, clear: a line of the published statement
  statement_version TEXT NOT NULL, -- verwerkingslog, clear: a published version
  start_time  BIGINT NOT NULL, -- verwerkingslog, clear: a moment
  end_time    BIGINT NOT NULL, -- verwerkingslog, clear: a duration
  salt        BLOB   NOT NULL  -- verwerkingslog, clear: random, goes with the row
);

-- The chain: a link per commit, over the digests of its rows, which are numbered from `first_no` on.
-- lies in one place
CREATE TABLE log_chain (
  first_no    INTEGER PRIMARY KEY, -- none: a number of the log
  chain       BIGINT NOT NULL, -- none: which writer
  seq         BIGINT NOT NULL, -- none: a count of links
  digests     BLOB   NOT NULL, -- none: salted digests
  head        BLOB   NOT NULL, -- none: a digest over digests
  at          BIGINT NOT NULL  -- none: when a group was committed
);

-- Rows of the log that an erasure removed: numbered, chained and digested as those are, so that `verify` knows them. Their
-- numbers name nobody. A note goes when the rows that it names would have gone by their term.
-- lies in one place
CREATE TABLE log_removals (
  removal_no  INTEGER PRIMARY KEY, -- none: numbered as the log is
  chain       BIGINT NOT NULL, -- none: which writer
  numbers     BLOB   NOT NULL, -- none: numbers of rows that are gone, of nobody any more
  at          BIGINT NOT NULL, -- none: when rows were removed
  salt        BLOB   NOT NULL  -- none: random
);

-- Where a person's rows of the log lie, written afterwards and sorted, a run at a time, so that it too is only added to at its
-- end: a row of a run for each row of the log.
-- kept with log by log_no
-- lies by subject_id, by month of run_no
CREATE TABLE log_places (
  run_no      BIGINT NOT NULL, -- verwerkingslog, id: which run
  subject_id  TEXT   NOT NULL, -- subject
  log_no      BIGINT NOT NULL, -- verwerkingslog, id: a row of the log
  CONSTRAINT log_places_pk PRIMARY KEY (run_no, subject_id, log_no)
) WITHOUT ROWID;

-- The runs: each holds the rows of one chain behind `from_no`, up to and with the one whose number it has. A chain begins with
-- one that holds nothing. No row of the chain up to `placed_to` is in no run; empty while the run is being written.
-- lies in one place
CREATE TABLE log_runs (
  run_no      BIGINT NOT NULL, -- none: a number of the log
  chain       BIGINT NOT NULL, -- none: which writer
  from_no     BIGINT NOT NULL, -- none: a number of the log
  placed_to   BIGINT,          -- none: a number of the log
  CONSTRAINT log_runs_pk PRIMARY KEY (run_no)
) WITHOUT ROWID;

-- Who acted, where it was not the person themselves nor who the statement's line names alone; joined to the log by trace. And what
-- went to whom outside: the recipient and the categories by the statement's names; on which ground, that version of it says. It
-- ends with the log: it goes when the row that it is beside has gone, and beside none after as long.
-- lies by month of audit_id
CREATE TABLE audit (
  audit_id    TEXT   NOT NULL, -- none: random behind its moment
  trace_id    BLOB   NOT NULL, -- none: random; whose data it was stands in the log alone
  activity    TEXT   NOT NULL, -- none: a name of the statement
  statement_version TEXT NOT NULL, -- none: a published version
  role        TEXT   NOT NULL, -- none: a name of the statement
  actor       TEXT   NOT NULL, -- none: who acted at work, never whose data it was
  status      TEXT   NOT NULL, -- none: a word of the program
  at          BIGINT NOT NULL, -- none: when someone acted
  log_no      BIGINT,          -- none: a number of the log, which says whose it is while the row stands
  recipient   TEXT,            -- none: a name of the statement
  data        TEXT,            -- none: categories by the statement's names, no values
  CONSTRAINT audit_pk PRIMARY KEY (audit_id)
) WITHOUT ROWID;
CREATE INDEX audit_of_actor ON audit (actor, activity, audit_id);

-- Why something went to who gets nothing by itself (at a demand, after an incident, with consent), who approved it and by which
-- law: beside its row of `audit`, under the same id, and goes with it. Reference and reason are a case's, never words of or about a person.
-- lies by month of audit_id
CREATE TABLE givings (
  audit_id    TEXT   NOT NULL, -- none: random behind its moment
  occasion    TEXT   NOT NULL, -- none: a word of the program
  reference   TEXT   NOT NULL, -- none: a case by its number
  law         TEXT,            -- none: a name of the statement
  article     TEXT,            -- none: an article of that law
  reason      TEXT   NOT NULL, -- none: of a case, never of a person
  approved_by TEXT   NOT NULL, -- none: who approved at work, never whose data it was
  CONSTRAINT givings_pk PRIMARY KEY (audit_id)
) WITHOUT ROWID;

-- Every sweep: when it began (by a clock that was believed, or that somebody confirmed by naming the day), when it came to its
-- end, how much went and of how many people something was kept longer. And how far it went through the log: the last number of
-- a row whose time had ended, and the rows up to there that were left, by their numbers, sealed by a key that lies outside the
-- database. Only the last note has these. A record is kept as long as the log.
-- lies in one place
CREATE TABLE sweeps (
  sweep_no    BIGINT NOT NULL, -- none: counts the sweeps
  began_at    BIGINT NOT NULL, -- none: when a sweep began
  confirmed   TEXT,            -- none: the day by which an operator confirmed the clock
  ended_at    BIGINT,          -- none: when a sweep ended
  removed     BIGINT,          -- none: how many rows of everybody went
  files       BIGINT,          -- none: how many files of everybody went
  held        BIGINT,          -- none: how many people something is kept of
  log_to      BIGINT,          -- none: up to which number of the log it went
  left_rows   BLOB,            -- none: numbers of rows of the log, which name nobody
  seal        BLOB,            -- none: a keyed hash over the row
  CONSTRAINT sweeps_pk PRIMARY KEY (sweep_no)
) WITHOUT ROWID;

-- What went with a sweep: rows by the category of what was in them.
-- lies in one place
CREATE TABLE swept (
  sweep_no    BIGINT NOT NULL, -- none: counts the sweeps
  category    TEXT   NOT NULL, -- none: a category of the published statement
  removed     BIGINT NOT NULL, -- none: how many rows of everybody went
  CONSTRAINT swept_pk PRIMARY KEY (sweep_no, category)
) WITHOUT ROWID;
