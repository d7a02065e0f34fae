//! The seeds' own SQL, step by step on real servers: up, down and up again leave the schema on
//! record. And what each trap does when nothing stands in its way.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_tests::server::{Database, MariaDb, Mariadb, PostgreSql, Postgres, Product, Server};

#[test]
fn every_step_on_postgresql_leaves_the_schema_on_record() {
    let seeds = [("chat", 2), ("prd", 4), ("rooms", 2), ("supabase", 5)];
    every_step_leaves_the_schema_on_record(Postgres::shared(), &seeds);
}

#[test]
fn every_step_on_mariadb_leaves_the_schema_on_record() {
    every_step_leaves_the_schema_on_record(Mariadb::shared(), &[("chat", 2), ("rooms", 2)]);
}

fn every_step_leaves_the_schema_on_record<P: Product>(server: &Server<P>, seeds: &[(&str, usize)]) {
    for (seed, count) in seeds {
        let folder = fixtures("seeds").join(seed).join(P::DIALECT);
        let steps = migrations(&folder);
        assert_eq!(steps.len(), *count, "{seed}");
        let database = server.database();
        let empty = database.schema();
        assert_eq!(empty, "", "an empty database");
        for _ in 0..2 {
            for step in &steps {
                database.sql(&script(&folder, step, "up"));
                assert_eq!(database.schema(), golden(&folder, step), "{seed}: after {step}");
            }
            for (at, step) in steps.iter().enumerate().rev() {
                database.sql(&script(&folder, step, "down"));
                let before = at.checked_sub(1).map(|at| golden(&folder, &steps[at]));
                let undone = database.schema();
                assert_eq!(undone, before.unwrap_or_default(), "{seed}: without {step}");
            }
        }
    }
}

#[test]
fn a_type_that_is_left_behind_stops_the_second_up() {
    let (database, trap) = trap::<PostgreSql>("enum_left_behind");
    let [step] = &migrations(&trap)[..] else { panic!("there is one migration") };
    database.sql(&script(&trap, step, "up"));
    database.sql(&script(&trap, step, "down"));
    let refused = database.try_sql(&script(&trap, step, "up")).expect_err("it is refused");
    assert!(refused.contains("already exists"), "{refused}");
}

#[test]
fn an_index_cannot_be_built_concurrently_in_a_transaction() {
    let (database, trap) = trap::<PostgreSql>("pg_concurrently");
    let [base, index] = &migrations(&trap)[..] else { panic!("there are two migrations") };
    database.sql(&script(&trap, base, "up"));
    for direction in ["up", "down"] {
        let script = script(&trap, index, direction);
        let refused = database.try_sql(&in_transaction(&script)).expect_err("it is refused");
        assert!(refused.contains("cannot run inside a transaction block"), "{refused}");
        database.sql(&script);
    }
}

#[test]
fn a_new_value_of_a_type_cannot_be_used_in_the_same_transaction() {
    let (database, trap) = trap::<PostgreSql>("pg_enum_add_value_in_tx");
    let [base, add] = &migrations(&trap)[..] else { panic!("there are two migrations") };
    database.sql(&script(&trap, base, "up"));
    let script = script(&trap, add, "up");
    let refused = database.try_sql(&in_transaction(&script)).expect_err("it is refused");
    assert!(refused.contains("unsafe use of new value \"sad\""), "{refused}");
    database.sql(&script);
}

#[test]
fn mariadb_keeps_half_of_a_migration_that_failed() {
    let (database, trap) = trap::<MariaDb>("mysql_partial");
    let [step] = &migrations(&trap)[..] else { panic!("there is one migration") };
    let script = in_transaction(&script(&trap, step, "up"));
    let refused = database.try_sql(&script).expect_err("it is refused");
    assert!(refused.contains("no_such_table"), "{refused}");
    assert_eq!(database.sql("SHOW TABLES;"), "part_a\n");
}

#[test]
fn mariadb_reserves_the_word_key() {
    let (database, trap) = trap::<MariaDb>("mysql_reserved_word");
    let [step] = &migrations(&trap)[..] else { panic!("there is one migration") };
    let refused = database.try_sql(&script(&trap, step, "up")).expect_err("it is refused");
    assert!(refused.contains("ERROR 1064"), "{refused}");
}

/// A trap, and a database to fall into it.
fn trap<P: Product>(name: &str) -> (Database<P>, PathBuf) {
    (P::shared().database(), fixtures("traps").join(name).join(P::DIALECT))
}

fn in_transaction(script: &str) -> String {
    format!("BEGIN;\n{script}\nCOMMIT;\n")
}

fn migrations(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder.join("migrations")).expect("the migrations");
    let names = entries.map(|entry| entry.expect("a migration").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn script(folder: &Path, migration: &str, direction: &str) -> String {
    let file = folder.join("migrations").join(migration).join(direction).with_extension("sql");
    fs::read_to_string(&file).expect("a script")
}

/// The schema that a seed has after this migration.
fn golden(folder: &Path, migration: &str) -> String {
    let file = folder.join(format!("schema/after_{migration}.sql"));
    fs::read_to_string(&file).expect("the schema on record")
}

fn fixtures(kind: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(kind)
}
