//! Diesel: its table is our ledger, and what lacks is the record beside it.

use super::{Cells, Column, Failure, Past, Row, Tool, Value};
use crate::adopt::files::Layout;
use crate::adopt::moment;

pub(super) static TOOL: Tool = Tool {
    name: "diesel",
    aliases: &[],
    title: "Diesel",
    table: "__diesel_schema_migrations",
    has: &["version", "run_on"],
    lacks: &[],
    columns: &[Column::Text("version"), Column::Moment("run_on")],
    order: "version",
    lock: None,
    past,
    layout: Layout::Ours,
};

fn past(rows: Vec<Vec<Value>>) -> Result<Past, Failure> {
    let row = |row: Vec<Value>| {
        let mut cells = Cells::of(row);
        let version = cells.required("version")?;
        let applied_at = cells.optional().as_deref().and_then(moment::milliseconds);
        Ok(Row { applied_at, ..Row::of_version(&version, &version) })
    };
    let mut rows: Vec<Row> = rows.into_iter().map(row).collect::<Result<_, Failure>>()?;
    // Its clock has seconds: within one, the version decides.
    rows.sort_by_key(|row| row.applied_at);
    Ok(Past { rows, ..Past::default() })
}
