-- For the embedded engine.
SELECT 1;
