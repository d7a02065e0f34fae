//! goose: a row for each time that it went up or down; the last one of a version counts.
//! Its documentation: `README.md`; its source: `internal/dialect/dialectquery`.

use super::{Cells, Column, Failure, Past, Row, Tool, Value, is_true};
use crate::adopt::files;
use crate::adopt::moment;

pub(super) static TOOL: Tool = Tool {
    name: "goose",
    aliases: &[],
    title: "goose",
    table: "goose_db_version",
    has: &["version_id", "is_applied", "tstamp"],
    lacks: &[],
    columns: &[Column::Text("version_id"), Column::Text("is_applied"), Column::Moment("tstamp")],
    order: "id",
    lock: None,
    past,
    layout: files::GOOSE,
};

/// The version of the row that it makes with its table.
const NONE: &str = "0";

fn past(rows: Vec<Vec<Value>>) -> Result<Past, Failure> {
    let mut applied: Vec<Row> = Vec::new();
    for row in rows {
        let mut cells = Cells::of(row);
        let version = cells.required("version_id")?;
        let is_applied = is_true(&cells.required("is_applied")?);
        let applied_at = cells.optional().as_deref().and_then(moment::milliseconds);
        applied.retain(|row| row.version != version);
        if is_applied && version != NONE {
            applied.push(Row { applied_at, ..Row::of_version(&version, &version) });
        }
    }
    Ok(Past { rows: applied, ..Past::default() })
}
