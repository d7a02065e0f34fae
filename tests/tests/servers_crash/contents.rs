//! All that is in a database, comparable.

use migrate_tests::server::{Database, Product};

/// Columns of the ledger that no two runs fill alike: times; and batches, since what a second run
/// does is another one.
const OF_THE_RUN: [&str; 4] = ["run_on", "started_at", "duration_ms", "batch"];

/// Schema and rows.
pub(crate) fn contents<P: Product>(database: &Database<P>) -> String {
    let schema = if P::DIALECT == "postgres" { "current_schema()" } else { "database()" };
    let columns = database.sql(&format!(
        "SELECT table_name, column_name FROM information_schema.columns \
         WHERE table_schema = {schema} ORDER BY table_name, ordinal_position;"
    ));
    let mut tables: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in columns.lines() {
        let (table, column) = line.split_once('\t').unwrap();
        if tables.last().is_none_or(|(last, _)| *last != table) {
            tables.push((table, Vec::new()));
        }
        if !OF_THE_RUN.contains(&column) {
            tables.last_mut().unwrap().1.push(column);
        }
    }
    let rows = tables.iter().map(|(table, columns)| {
        let columns = columns.join(", ");
        format!("SELECT '{table}', {columns} FROM {table} ORDER BY {columns};\n")
    });
    database.schema() + &database.sql(&rows.collect::<String>())
}
