//! What the rules claim of servers, tried on servers: a rule finds what they refuse or lose.

use diesel::SqliteConnection;
use diesel::connection::{Connection as _, SimpleConnection};
use migrate_build::{Dialect, Server};
use migrate_tests::migration_set::{Set, script_alone, shown, verify, verify_with};
use migrate_tests::server::{Database, MariaDb, Mariadb, PostgreSql, Postgres, Product};

const ENUM_VALUE: &str = "enum-value-used-in-transaction";
const NOT_IN_TRANSACTION: &str = "not-in-transaction";

/// The rules that a script breaks as the only migration, alone in its transaction or outside.
fn broken(
    dialect: Dialect,
    version: &str,
    script: &str,
    in_transaction: bool,
) -> Vec<&'static str> {
    let up = format!("-- migrate: irreversible reason=\"tried\"\n{script}");
    let set = Set::new()
        .file("1_tried/up.sql", up)
        .file("1_tried/metadata.toml", format!("run_in_transaction = {in_transaction}\n"));
    let server = Server::new(dialect, version.parse().ok()).expect("a server");
    let report = verify_with(&set.path(), server, &script_alone());
    report.findings.iter().map(|finding| finding.rule.id).collect()
}

fn broken_on_postgres(script: &str, in_transaction: bool) -> Vec<&'static str> {
    broken(Dialect::Postgres, "15", script, in_transaction)
}

fn broken_on_mariadb(script: &str, in_transaction: bool) -> Vec<&'static str> {
    broken(Dialect::Mysql, "mariadb-10.11", script, in_transaction)
}

fn on_postgres() -> Database<PostgreSql> {
    let database = Postgres::shared().database();
    database.sql(
        "CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE moods (id serial, mood mood, word text);",
    );
    database
}

fn on_mariadb() -> Database<MariaDb> {
    let database = Mariadb::shared().database();
    database.sql("CREATE TABLE a (id INT PRIMARY KEY); CREATE TABLE b (id INT PRIMARY KEY);");
    database
}

/// What a server says of a script in a transaction.
fn in_transaction<P: Product>(database: &Database<P>, script: &str) -> Result<String, String> {
    database.try_sql(&format!("BEGIN;\n{script}\nCOMMIT;\n"))
}

#[test]
fn postgresql_refuses_new_values_of_a_type_where_the_rule_does() {
    let refused_uses = [
        "INSERT INTO moods (mood) VALUES ('sad');",
        "INSERT INTO moods (mood) VALUES (E'sad');",
        "UPDATE moods SET mood = 'ok' WHERE mood = 'sad';",
        "ALTER TABLE moods ALTER mood SET DEFAULT 'sad';",
        "ALTER TABLE moods ADD CHECK (mood <> 'sad');",
        "CREATE TABLE more (mood mood DEFAULT 'sad');",
        "CREATE VIEW sad AS SELECT * FROM moods WHERE mood = 'sad';",
        "CREATE INDEX ON moods (id) WHERE mood = 'sad';",
        "SELECT 'sad'::mood;",
        "DO $$ BEGIN INSERT INTO moods (mood) VALUES ('sad'); END $$;",
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS $f$ INSERT INTO moods (mood) VALUES ('sad') $f$;",
    ];
    let allowed_uses = [
        "INSERT INTO moods (mood) VALUES ('ok') /* 'sad' */;",
        "INSERT INTO moods (word) VALUES ('sad but true');",
        "ALTER TYPE mood ADD VALUE 'sadder' AFTER 'sad';",
        "ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'; INSERT INTO moods (mood) VALUES ('fine');",
        "COMMENT ON TYPE mood IS 'sad';",
        "CREATE TYPE other AS ENUM ('sad');",
        "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN INSERT INTO moods (mood) VALUES ('sad'); END $$;",
    ];
    for (uses, refused) in [(&refused_uses[..], true), (&allowed_uses[..], false)] {
        for used in uses {
            let script = format!("ALTER TYPE mood ADD VALUE 'sad';\n{used}\n");
            let said = in_transaction(&on_postgres(), &script);
            match said {
                Err(said) => assert!(refused && said.contains("unsafe use"), "{used}: {said}"),
                Ok(_) => assert!(!refused, "{used}: PostgreSQL takes it"),
            }
            let found = broken_on_postgres(&script, true);
            assert_eq!(found, [ENUM_VALUE][..usize::from(refused)], "{used}");
            assert!(broken_on_postgres(&script, false).is_empty(), "{used}");
        }
    }
}

#[test]
fn a_type_of_the_same_transaction_is_as_new_as_its_value() {
    let script = "CREATE TYPE size AS ENUM ('small');\nALTER TYPE size ADD VALUE 'large';\nCREATE TABLE shirts (size size DEFAULT 'large');\n";
    let refused = in_transaction(&on_postgres(), script).expect_err("PostgreSQL 15 refuses it");
    assert!(refused.contains("unsafe use of new value \"large\""), "{refused}");
    for (version, found) in [("", true), ("12", true), ("15", true), ("16.4", true), ("17", false)]
    {
        let broken = broken(Dialect::Postgres, version, script, true);
        assert_eq!(broken, [ENUM_VALUE][..usize::from(found)], "{version}");
    }
}

#[test]
fn postgresql_refuses_in_transactions_what_the_rule_does() {
    let refused = [
        "CREATE INDEX CONCURRENTLY moods_word ON moods (word);",
        "DROP INDEX CONCURRENTLY moods_mood;",
        "REINDEX TABLE CONCURRENTLY moods;",
        "REINDEX SCHEMA public;",
        "VACUUM;",
        "VACUUM FULL moods;",
        "CLUSTER;",
        "CREATE DATABASE other;",
        "DROP DATABASE other;",
        "ALTER SYSTEM SET work_mem = '8MB';",
        "ALTER TABLE parts DETACH PARTITION part CONCURRENTLY;",
        "DISCARD ALL;",
    ];
    let allowed = [
        "CREATE INDEX moods_word ON moods (word);",
        "REINDEX TABLE moods;",
        "ANALYZE moods;",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY words;",
        "ALTER TYPE mood ADD VALUE 'sad';",
        "ALTER TABLE parts DETACH PARTITION part;",
        "TRUNCATE moods;",
        "DISCARD PLANS;",
    ];
    let database = on_postgres();
    database.sql(
        "CREATE INDEX moods_mood ON moods (mood);
         CREATE MATERIALIZED VIEW words AS SELECT id, word FROM moods; CREATE UNIQUE INDEX ON words (id);
         CREATE TABLE parts (id int) PARTITION BY RANGE (id);
         CREATE TABLE part PARTITION OF parts FOR VALUES FROM (1) TO (2);",
    );
    for (scripts, is_refused) in [(&refused[..], true), (&allowed[..], false)] {
        for script in scripts {
            let said = database.try_sql(&format!("BEGIN;\n{script}\nROLLBACK;\n"));
            match said {
                Err(said) => {
                    assert!(is_refused, "{script}: {said}");
                    assert!(said.contains("cannot run inside a transaction block"), "{said}");
                }
                Ok(_) => assert!(!is_refused, "{script}: PostgreSQL takes it"),
            }
            let found = broken_on_postgres(script, true);
            assert_eq!(found, [NOT_IN_TRANSACTION][..usize::from(is_refused)], "{script}");
            let own = broken_on_postgres(&format!("BEGIN;\n{script}\nCOMMIT;\n"), false);
            assert_eq!(own, [NOT_IN_TRANSACTION][..usize::from(is_refused)], "{script}");
            assert!(broken_on_postgres(script, false).is_empty(), "{script}");
        }
    }
}

#[test]
fn what_holds_to_the_end_of_a_transaction_holds_nowhere_else() {
    let database = on_postgres();
    let waits = |script: &str| database.sql(&format!("{script}\nSHOW lock_timeout;\n"));
    assert_eq!(waits("SET LOCAL lock_timeout = '2s';"), "0\n");
    assert_eq!(waits("SET lock_timeout = '2s';"), "2s\n");
    let refused = database.try_sql("LOCK TABLE moods;").expect_err("there is no transaction");
    assert!(refused.contains("can only be used in transaction blocks"), "{refused}");
    for script in ["SET LOCAL lock_timeout = '2s';", "LOCK TABLE moods;"] {
        assert_eq!(broken_on_postgres(script, false), ["outside-transaction"], "{script}");
        assert!(broken_on_postgres(script, true).is_empty(), "{script}");
        let own = format!("BEGIN;\n{script}\nCOMMIT;\n");
        assert!(broken_on_postgres(&own, false).is_empty(), "{script}");
    }
}

#[test]
fn an_index_whose_build_failed_passes_for_one_that_is_there() {
    let database = on_postgres();
    database.sql("INSERT INTO moods (word) VALUES ('twice'), ('twice');");
    let build = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS moods_word ON moods (word);";
    let refused = database.try_sql(build).expect_err("two are the same");
    assert!(refused.contains("could not create unique index"), "{refused}");
    database.sql(build);
    let valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'moods_word'::regclass;";
    assert_eq!(database.sql(valid), "f\n", "and nothing said so");
    assert_eq!(broken_on_postgres(build, false), ["concurrently-if-not-exists"]);
}

#[test]
fn an_index_without_a_name_is_built_again_and_again() {
    let database = on_postgres();
    let build = "CREATE INDEX CONCURRENTLY ON moods (word);";
    database.sql(build);
    database.sql(build);
    let names = "SELECT indexname FROM pg_indexes WHERE tablename = 'moods' ORDER BY 1;";
    assert_eq!(database.sql(names), "moods_word_idx\nmoods_word_idx1\n");
    assert_eq!(broken_on_postgres(build, false), ["unnamed-index"]);
}

#[test]
fn mariadb_drops_one_after_the_other() {
    let database = on_mariadb();
    let refused = database.try_sql("DROP TABLE a, missing, b;").expect_err("one is missing");
    assert!(refused.contains("missing"), "{refused}");
    assert_eq!(database.sql("SHOW TABLES;"), "", "the others are gone");
    let (mysql, drops) = (Dialect::Mysql, "DROP TABLE a, b;");
    assert_eq!(broken_on_mariadb(drops, false), ["mysql-multi-drop"]);
    assert_eq!(broken(mysql, "5.7", drops, false), ["mysql-multi-drop"]);
    assert!(broken(mysql, "8.0", drops, false).is_empty(), "all or none");
    assert!(broken_on_mariadb("DROP TABLE a;", false).is_empty());
}

#[test]
fn mariadb_commits_with_what_the_rules_say() {
    let committing = [
        "CREATE TABLE c (id INT);",
        "ALTER TABLE b ADD COLUMN x INT;",
        "CREATE INDEX b_x ON b (id);",
        "TRUNCATE TABLE b;",
        "RENAME TABLE b TO c;",
        "CREATE VIEW v AS SELECT 1;",
        "DROP TABLE b;",
        "ANALYZE TABLE b;",
    ];
    let keeping = [
        "CREATE TEMPORARY TABLE c (id INT);",
        "SET @x = 1;",
        "INSERT INTO b (id) VALUES (1);",
        "SELECT 1;",
    ];
    for (scripts, commits) in [(&committing[..], true), (&keeping[..], false)] {
        for script in scripts {
            let database = on_mariadb();
            let insert = "INSERT INTO a (id) VALUES (1);";
            database.sql(&format!("BEGIN;\n{insert}\n{script}\nROLLBACK;\n"));
            let rows = database.sql("SELECT count(*) FROM a;");
            assert_eq!(rows, if commits { "1\n" } else { "0\n" }, "{script}");

            let steps = broken_on_mariadb(&format!("{insert}\n{script}\n"), true);
            assert_eq!(steps, ["mysql-implicit-commit"][..usize::from(commits)], "{script}");
            let own = format!("BEGIN;\n{insert}\n{script}\nCOMMIT;\n");
            let own = broken_on_mariadb(&own, false);
            assert_eq!(own, ["transaction-control"][..usize::from(commits)], "{script}");
        }
    }
}

#[test]
fn mariadb_keeps_nothing_without_autocommit() {
    let database = on_mariadb();
    let script = "SET autocommit = 0;\nINSERT INTO a (id) VALUES (1);\n";
    database.sql(script);
    assert_eq!(database.sql("SELECT count(*) FROM a;"), "0\n", "nobody committed");
    assert_eq!(broken_on_mariadb(script, true), ["transaction-control"]);
    assert_eq!(broken_on_mariadb(script, false), ["transaction-control"]);
}

#[test]
fn mariadb_forgets_savepoints_when_it_commits() {
    let script =
        "SAVEPOINT s;\nINSERT INTO a (id) VALUES (1);\nCREATE TABLE c (id INT);\nROLLBACK TO s;\n";
    let refused = in_transaction(&on_mariadb(), script).expect_err("it is gone");
    assert!(refused.contains("SAVEPOINT s does not exist"), "{refused}");
    let found = broken_on_mariadb(script, true);
    assert_eq!(found.iter().filter(|id| **id == "transaction-control").count(), 2, "{found:?}");
}

/// Words that people name columns and tables with.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "action", "all", "before", "begin", "cascade", "case", "character", "check", "column", "comment",
    "condition", "constraint", "count", "current_user", "data", "date", "default", "desc", "end",
    "enum", "exists", "foreign", "from", "full", "function", "group", "groups", "index", "interval",
    "key", "keys", "language", "level", "limit", "lock", "match", "mode", "name", "no", "null",
    "offset", "option", "order", "over", "partition", "password", "position", "primary", "range",
    "rank", "read", "recursive", "references", "release", "row", "rows", "schema", "select", "session",
    "set", "start", "status", "table", "text", "time", "timestamp", "to", "trigger", "type", "unique",
    "usage", "user", "value", "values", "view", "when", "where", "window", "with", "write", "year",
];

/// What differs between what a server says of each word as a name and what verification says:
/// refused by one, refused by the other, with the advice to quote it.
fn differences(server: Server, conn: &mut impl SimpleConnection) -> Vec<String> {
    let mut differences = Vec::new();
    for word in WORDS {
        for (create, drop) in [
            (format!("CREATE TABLE a1 ({word} INT);"), "DROP TABLE a1;".to_owned()),
            (format!("CREATE TABLE {word} (id INT);"), format!("DROP TABLE {word};")),
        ] {
            let set = Set::new().file("1_a/up.sql", &create).file("1_a/down.sql", &drop);
            let said = shown(&verify(&set.path(), server));
            let is_advised = said.contains(&format!("`{word}` is a reserved word"));
            match conn.batch_execute(&format!("{create}\n{drop}")) {
                Ok(()) if said.is_empty() => {}
                Err(_) if is_advised => {}
                Ok(()) => differences.push(format!("{server} takes {create}\n{said}")),
                Err(_) => differences.push(format!("{server} refuses {create}\n{said}")),
            }
        }
    }
    differences
}

#[test]
fn words_that_servers_reserve_are_no_names() {
    let server = |dialect, version: &str| Server::new(dialect, version.parse().ok());
    let postgres = server(Dialect::Postgres, "15").expect("a server");
    let mut found = differences(postgres, &mut Postgres::shared().database().connect());
    let mariadb = server(Dialect::Mysql, "mariadb-10.11").expect("a server");
    found.extend(differences(mariadb, &mut Mariadb::shared().database().connect()));
    let mut sqlite = SqliteConnection::establish(":memory:").expect("a database in memory");
    found.extend(differences(Server::any(Dialect::Sqlite), &mut sqlite));
    assert!(found.is_empty(), "{}", found.join("\n"));
}
