-- For both.
SELECT 1;
