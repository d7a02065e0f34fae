//! Knex: a row for each file, with the batch that `rollback` takes back.
//! Its source: `lib/migrations/migrate/table-creator.js`.

use super::{Cells, Column, Failure, Past, Row, Tool, Value};
use crate::adopt::files::Layout;
use crate::adopt::moment;

pub(super) static TOOL: Tool = Tool {
    name: "knex",
    aliases: &[],
    title: "Knex",
    table: "knex_migrations",
    has: &["name", "batch", "migration_time"],
    lacks: &[],
    columns: &[Column::Text("name"), Column::Text("batch"), Column::Moment("migration_time")],
    order: "id",
    lock: Some("_lock"),
    past,
    layout: Layout::Programs,
};

fn past(rows: Vec<Vec<Value>>) -> Result<Past, Failure> {
    let row = |row: Vec<Value>| {
        let mut cells = Cells::of(row);
        let name = cells.required("name")?;
        let batch = cells.optional().and_then(|batch| batch.parse().ok());
        let applied_at = cells.optional().as_deref().and_then(moment::milliseconds);
        Ok(Row { batch, applied_at, ..Row::of_file(&name) })
    };
    Past::of(rows, row)
}
