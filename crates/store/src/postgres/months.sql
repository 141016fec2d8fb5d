-- Tables whose rows lie by month: the months that come are made beforehand, those that have ended can be dropped.
-- Months are those of UTC, and which one it is says the clock of the server.

-- Where a month begins, in a column of this type: its first moment in microseconds times 1024, as the log counts, or what
-- every id of that moment begins with.
CREATE OR REPLACE FUNCTION store_month_begins(kind regtype, month date) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path FROM CURRENT AS $$
  SELECT CASE WHEN kind = 'bigint'::regtype THEN (seconds * 1000000 * 1024)::text
              ELSE regexp_replace(lpad(to_hex(seconds * 1000), 12, '0'), '^(.{8})', '\1-') END
  FROM (SELECT extract(epoch FROM month)::bigint AS seconds) AS first
$$;

CREATE OR REPLACE FUNCTION store_this_month() RETURNS date
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT date_trunc('month', now() AT TIME ZONE 'UTC')::date
$$;

CREATE OR REPLACE FUNCTION store_tables_by_month() RETURNS TABLE (parent name, ordered_by name, kind regtype)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  SELECT c.relname, a.attname, a.atttypid::regtype
  FROM pg_partitioned_table AS p
  JOIN pg_class AS c ON c.oid = p.partrelid
  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = p.partattrs[0]
  WHERE p.partstrat = 'r' AND c.relnamespace = current_schema()::regnamespace
$$;

-- Makes a month of a table, if it is not there.
CREATE OR REPLACE FUNCTION store_make_month(parent name, month date) RETURNS integer
LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  part text := parent::text || to_char(month, '_YYYY_MM');
  rest text := parent::text || '_rest';
  by_month record;
  begins text;
  ends text;
BEGIN
  IF to_regclass(quote_ident(part::text)) IS NOT NULL THEN
    RETURN 0;
  END IF;
  SELECT * INTO STRICT by_month FROM store_tables_by_month() AS t WHERE t.parent = store_make_month.parent;
  begins := store_month_begins(by_month.kind, month);
  ends := store_month_begins(by_month.kind, (month + interval '1 month')::date);
  EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)', part, parent);
  -- What came before its month was made lies with the rest, and would be in the way.
  EXECUTE format('WITH moved AS (DELETE FROM %1$I WHERE %2$I >= %3$L AND %2$I < %4$L RETURNING *) INSERT INTO %5$I SELECT * FROM moved',
    rest, by_month.ordered_by, begins, ends, part);
  EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', parent, part, begins, ends);
  RETURN 1;
END $$;

-- Makes this month and the two that come, of each table; answers how many were not there. For the role that serves.
CREATE OR REPLACE FUNCTION store_make_months() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  -- The lock under which tables are made.
  PERFORM pg_advisory_xact_lock(344928244802);
  RETURN (
    SELECT coalesce(sum(store_make_month(t.parent, (store_this_month() + ahead * interval '1 month')::date)), 0)
    FROM store_tables_by_month() AS t, generate_series(0, 2) AS ahead
  );
END $$;

-- Drops the month of a table in which this moment lies (microseconds), with its rows; answers whether there was anything.
-- For the role that sweeps.
CREATE OR REPLACE FUNCTION store_drop_month(parent name, moment bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  month date := date_trunc('month', to_timestamp(moment / 1000000) AT TIME ZONE 'UTC')::date;
  part text := parent::text || to_char(month, '_YYYY_MM');
  by_month record;
  had_part boolean := to_regclass(quote_ident(part::text)) IS NOT NULL;
  removed bigint;
BEGIN
  IF month >= store_this_month() THEN
    RAISE EXCEPTION USING ERRCODE = 'PB001', MESSAGE = 'this month has not ended';
  END IF;
  SELECT * INTO by_month FROM store_tables_by_month() AS t WHERE t.parent = store_drop_month.parent;
  IF NOT FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'PB002', MESSAGE = 'this table does not lie by month';
  END IF;
  PERFORM pg_advisory_xact_lock(344928244802);
  IF had_part THEN
    EXECUTE format('DROP TABLE %I', part);
  END IF;
  EXECUTE format('DELETE FROM %1$I WHERE %2$I >= %3$L AND %2$I < %4$L',
    parent::text || '_rest', by_month.ordered_by, store_month_begins(by_month.kind, month),
    store_month_begins(by_month.kind, (month + interval '1 month')::date));
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN had_part OR removed > 0;
END $$;

REVOKE ALL ON FUNCTION store_month_begins, store_this_month, store_tables_by_month, store_make_month, store_make_months,
  store_drop_month FROM PUBLIC;
