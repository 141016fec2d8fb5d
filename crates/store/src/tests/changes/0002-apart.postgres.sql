-- For the server.
SELECT 1;
