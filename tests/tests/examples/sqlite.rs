//! What the examples leave in SQLite's files.

use diesel::prelude::*;
use diesel::sql_types::Text;
use migrate_runtime::{Migrations, Runner, Standing, Target, Undo};
use tempfile::TempDir;

use super::golden;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

pub(crate) fn lines(conn: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let lines: Vec<Line> = diesel::sql_query(sql).load(conn).expect(sql);
    lines.into_iter().map(|line| line.line).collect()
}

/// The schema as the golden files have it: without the ledger.
pub(crate) fn schema(conn: &mut SqliteConnection) -> String {
    let statements = lines(
        conn,
        "SELECT sql || ';' AS line FROM sqlite_master
         WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
           AND tbl_name NOT IN ('__diesel_schema_migrations', '__migrate_history', '__migrate_journal')
         ORDER BY instr('table index trigger', type), name",
    );
    statements.iter().map(|statement| format!("{statement}\n")).collect()
}

pub(crate) fn applied(conn: &mut SqliteConnection) -> Vec<String> {
    lines(conn, "SELECT version AS line FROM __diesel_schema_migrations ORDER BY version")
}

pub(crate) fn database(directory: &TempDir, name: &str) -> SqliteConnection {
    let file = directory.path().join(name);
    SqliteConnection::establish(&file.to_string_lossy()).expect("a database")
}

/// Up one by one, down one by one: after each step the schema is the one on record.
pub(crate) fn every_step_leaves_the_schema_on_record(seed: &str, set: &Migrations<'static>) {
    let directory = tempfile::tempdir().expect("a directory");
    let mut conn = database(&directory, "steps.db");
    // What is written in Rust changes rows alone.
    let mut expected = Vec::new();
    for migration in set.all {
        let outcome = Runner::new(set).run_to(&mut conn, Target::Count(1)).expect("it applies");
        assert_eq!(outcome.applied.len(), 1, "{}", migration.name);
        let on_record = match (migration.up.code, expected.last()) {
            (Some(_), Some(before)) => String::clone(before),
            _ => golden(seed, "sqlite", migration.name),
        };
        assert_eq!(schema(&mut conn), on_record, "after {}", migration.name);
        expected.push(on_record);
    }
    assert_eq!(set.standing(&mut conn).expect("a standing"), Standing::UpToDate);
    for at in (0..set.all.len()).rev() {
        Runner::new(set).revert(&mut conn, Undo::Count(1)).expect("it reverts");
        let before = at.checked_sub(1).map_or("", |at| &expected[at]);
        let name = set.all[at].name;
        assert_eq!(schema(&mut conn), before, "after the revert of {name}");
    }
}
