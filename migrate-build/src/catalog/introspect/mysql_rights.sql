-- What this user may do with the whole database: of what it has no right to, these servers show nothing.
SELECT privilege_type AS statement FROM information_schema.user_privileges
UNION
SELECT privilege_type FROM information_schema.schema_privileges WHERE database() LIKE table_schema
