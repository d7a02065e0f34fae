-- The schema of an SQLite database, in the order in which it was made.
SELECT sql AS statement FROM sqlite_schema
WHERE sql IS NOT NULL
    AND name NOT LIKE 'sqlite\_%' ESCAPE '\'
    AND tbl_name <> '__diesel_schema_migrations'
    AND tbl_name NOT LIKE '\_\_migrate\_%' ESCAPE '\'
    AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')
ORDER BY rowid
