-- What ends: found among everybody's rows, and removed from the log, which is otherwise only added to.

-- Up to so many people, in the order of their ids from behind one, of whom this table has rows in which each of these
-- columns holds a moment up to this one, and one of `holding` is not empty where it names any. Tells ids alone. For the role that serves.
CREATE OR REPLACE FUNCTION store_people_with(parent name, columns name[], holding name[], until bigint, behind text, most bigint) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  ended text := (SELECT coalesce(string_agg(format(' AND %I <= $2', named), ''), '') FROM unnest(columns) AS named);
  held text := (SELECT coalesce(' AND (' || string_agg(format('%I IS NOT NULL', named), ' OR ') || ')', '') FROM unnest(holding) AS named);
BEGIN
  RETURN QUERY EXECUTE format('SELECT DISTINCT subject_id::text COLLATE "C" FROM %I WHERE subject_id > $1%s%s ORDER BY 1 LIMIT $3', parent, ended, held)
    USING behind, until, most;
END $$;

-- Those of these people of whom one of these tables has a row. Tells ids alone. For the role that serves.
CREATE OR REPLACE FUNCTION store_those_in(parents name[], people text[]) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  has_row text := (SELECT string_agg(format('EXISTS (SELECT FROM %I WHERE subject_id = person)', parent), ' OR ') FROM unnest(parents) AS parent);
BEGIN
  RETURN QUERY EXECUTE 'SELECT person FROM unnest($1) AS person WHERE ' || has_row USING people;
END $$;

-- Writes those parts of a table anew in which rows of these people lay, so that what was removed is in none of its files. A row
-- that somebody still sees is carried along, and goes the next time. Answers how many parts stay as they are, since each has more
-- bytes than this: whoever reads there would wait too long. For the role that serves.
CREATE OR REPLACE FUNCTION store_write_anew(parent name, people text[], most bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  parts integer := (SELECT count(*) FROM pg_inherits WHERE inhparent = quote_ident(parent::text)::regclass);
  part record;
  too_large bigint := 0;
BEGIN
  FOR part IN
    SELECT c.oid::regclass AS named, by_key.relname AS by_key
    FROM pg_inherits AS h
    JOIN pg_class AS c ON c.oid = h.inhrelid
    JOIN pg_index AS k ON k.indrelid = c.oid AND k.indisprimary
    JOIN pg_class AS by_key ON by_key.oid = k.indexrelid
    WHERE h.inhparent = quote_ident(parent::text)::regclass AND EXISTS (
      SELECT FROM unnest(people) AS person
      WHERE satisfies_hash_partition(h.inhparent, parts, substring(c.relname FROM '[0-9]+$')::integer, person COLLATE "C"))
    ORDER BY c.oid
  LOOP
    IF pg_relation_size(part.named) > most THEN
      too_large := too_large + 1;
    ELSE
      EXECUTE format('CLUSTER %s USING %I', part.named, part.by_key);
    END IF;
  END LOOP;
  RETURN too_large;
END $$;

-- Removes where a person's rows of the log lie; answers how many there were. For the role that adds.
CREATE OR REPLACE FUNCTION store_remove_places(person text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  removed bigint;
BEGIN
  DELETE FROM log_places WHERE subject_id = person;
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

-- The same for their rows with these numbers. Who acted in them stays known, and not in which: an id of `audit` begins with the
-- millisecond in which what is logged began.
CREATE OR REPLACE FUNCTION store_remove_log(person text, numbers bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  removed bigint;
BEGIN
  UPDATE audit SET log_no = NULL WHERE audit_id = ANY (ARRAY(
    SELECT a.audit_id FROM log AS l
    CROSS JOIN LATERAL (SELECT regexp_replace(lpad(to_hex(l.start_time / 1000), 12, '0'), '^(.{8})', '\1-') AS begins) AS i
    JOIN audit AS a ON a.audit_id >= i.begins AND a.audit_id < i.begins || '~' AND a.log_no = l.log_no
    WHERE l.subject_id = person AND l.log_no = ANY (numbers)));
  DELETE FROM log WHERE subject_id = person AND log_no = ANY (numbers);
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

-- The same for so many with a number up to this one, but those of these people, with where they lie: in the first run of their
-- chain that ends behind them.
CREATE OR REPLACE FUNCTION store_sweep_log(until bigint, most bigint, but_of text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
  removed bigint;
  ended bigint[] := ARRAY(SELECT l.log_no FROM log AS l WHERE l.log_no <= until AND l.subject_id <> ALL (but_of) ORDER BY l.log_no LIMIT most);
BEGIN
  DELETE FROM log_places AS p USING (
    SELECT l.log_no, l.subject_id, (SELECT min(r.run_no) FROM log_runs AS r WHERE r.chain = l.chain AND r.run_no >= l.log_no) AS run_no
    FROM log AS l WHERE l.log_no = ANY (ended)
  ) AS old WHERE p.run_no = old.run_no AND p.subject_id = old.subject_id AND p.log_no = old.log_no;
  DELETE FROM log WHERE log_no = ANY (ended);
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

-- The same for where so many of those lay that are gone. A run holds what was logged behind its beginning.
CREATE OR REPLACE FUNCTION store_sweep_places(until bigint, most bigint, but_of text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
DECLARE
  removed bigint;
BEGIN
  DELETE FROM log_places AS gone USING (
    SELECT p.run_no, p.subject_id, p.log_no FROM log_places AS p
    WHERE p.run_no IN (SELECT r.run_no FROM log_runs AS r WHERE r.from_no < until) AND p.log_no <= until AND p.subject_id <> ALL (but_of) LIMIT most
  ) AS old WHERE gone.run_no = old.run_no AND gone.subject_id = old.subject_id AND gone.log_no = old.log_no;
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

-- The same for who acted in something, by these ids, each before another; and for why something was given.
CREATE OR REPLACE FUNCTION store_remove_acts(acts text[], before text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  removed bigint;
BEGIN
  DELETE FROM audit WHERE audit_id = ANY (acts) AND audit_id < before;
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

CREATE OR REPLACE FUNCTION store_remove_givings(acts text[], before text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  removed bigint;
BEGIN
  DELETE FROM givings WHERE audit_id = ANY (acts) AND audit_id < before;
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

-- The same for the notes with these numbers of what an erasure took.
CREATE OR REPLACE FUNCTION store_sweep_removals(numbers bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  removed bigint;
BEGIN
  DELETE FROM log_removals WHERE removal_no = ANY (store_sweep_removals.numbers);
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

REVOKE ALL ON FUNCTION store_people_with, store_those_in, store_write_anew, store_remove_places, store_remove_log, store_sweep_places, store_sweep_log, store_remove_acts, store_remove_givings, store_sweep_removals FROM PUBLIC;
