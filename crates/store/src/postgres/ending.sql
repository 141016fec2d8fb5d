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

-- The same for their rows with these numbers.
CREATE OR REPLACE FUNCTION store_remove_log(person text, numbers bigint[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  removed bigint;
BEGIN
  DELETE FROM log WHERE subject_id = person AND log_no = ANY (numbers);
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

-- The same for so many of those with a number up to this one, but those of these people. A run holds what was logged behind its beginning.
CREATE OR REPLACE FUNCTION store_sweep_places(until bigint, most bigint, but_of text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
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

CREATE OR REPLACE FUNCTION store_sweep_log(until bigint, most bigint, but_of text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  removed bigint;
BEGIN
  DELETE FROM log WHERE log_no = ANY (ARRAY(SELECT l.log_no FROM log AS l WHERE l.log_no <= until
    AND l.subject_id <> ALL (but_of) ORDER BY l.log_no LIMIT most));
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END $$;

REVOKE ALL ON FUNCTION store_people_with, store_those_in, store_remove_places, store_remove_log, store_sweep_places, store_sweep_log FROM PUBLIC;
