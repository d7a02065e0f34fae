-- Of each object of a MariaDB or MySQL database the statement that shows its definition; tables first,
-- then what stands on them.
SELECT concat('SHOW CREATE ', kind, ' `', replace(name, '`', '``'), '`') AS statement FROM (
    SELECT 1 AS place, table_name AS name, CASE table_type WHEN 'SEQUENCE' THEN 'SEQUENCE'
            WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END AS kind
        FROM information_schema.tables WHERE table_schema = database()
    UNION ALL SELECT 2, routine_name, routine_type
        FROM information_schema.routines WHERE routine_schema = database()
) AS object
WHERE name NOT LIKE '\_\_migrate\_%' AND name <> '__diesel_schema_migrations'
ORDER BY kind = 'VIEW', place, name
