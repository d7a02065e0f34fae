//! What a dump of a schema tells, and what not.

use migrate_tests::server::{Mariadb, Postgres};

const RUNNERS_TABLES: &str = "
    CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY);
    CREATE TABLE __migrate_history (version VARCHAR(50) REFERENCES __diesel_schema_migrations);
    CREATE TABLE __migrate_journal (version VARCHAR(50) REFERENCES __diesel_schema_migrations);
    CREATE INDEX history_version ON __migrate_history (version);";

#[test]
fn the_schema_on_postgresql_is_all_but_the_runners_tables() {
    let database = Postgres::shared().database();
    database.sql(RUNNERS_TABLES);
    assert_eq!(database.schema(), "");
    database.sql(
        "CREATE TYPE mood AS ENUM ('ok');
         CREATE VIEW ones AS SELECT 1 AS one;
         CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE TABLE notes (id INT); INSERT INTO notes VALUES (1);
         COMMENT ON TABLE notes IS 'short';",
    );
    assert_eq!(
        database.schema(),
        "CREATE TYPE public.mood AS ENUM (
    'ok'
);
CREATE FUNCTION public.one() RETURNS integer
    LANGUAGE sql
    AS $$SELECT 1$$;
CREATE TABLE public.notes (
    id integer
);
COMMENT ON TABLE public.notes IS 'short';
CREATE VIEW public.ones AS
 SELECT 1 AS one;
"
    );
}

#[test]
fn the_schema_on_mariadb_is_all_but_the_runners_tables() {
    let database = Mariadb::shared().database();
    database.sql(&RUNNERS_TABLES.replace("schema_migrations)", "schema_migrations (version))"));
    assert_eq!(database.schema(), "");
    database.sql(
        "CREATE TABLE notes (id INT AUTO_INCREMENT PRIMARY KEY, n INT);
         INSERT INTO notes (n) VALUES (1), (2);
         CREATE VIEW all_notes AS SELECT n FROM notes;
         CREATE PROCEDURE nothing() SELECT 1;
         CREATE TRIGGER doubled BEFORE INSERT ON notes FOR EACH ROW SET NEW.n = 2 * NEW.n;",
    );
    let schema = database.schema();
    let table = "CREATE TABLE `notes` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `n` int(11) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
";
    assert!(schema.contains(table), "{schema}");
    for part in ["VIEW `all_notes` AS select", "PROCEDURE `nothing`()", "TRIGGER doubled BEFORE"] {
        assert!(schema.contains(part), "{part} is not in\n{schema}");
    }
    assert!(!schema.contains("character_set_client") && !schema.contains("__"), "{schema}");
}
