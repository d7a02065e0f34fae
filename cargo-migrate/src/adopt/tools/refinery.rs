//! refinery: a row for each file, with a hash of its name, version and text.
//! Its source: `refinery_core/src/traits/mod.rs` and `runner.rs`.

use super::{Cells, Column, Failure, Past, Row, Tool, Value};
use crate::adopt::files;
use crate::adopt::moment;
use crate::adopt::proof::Proof;

pub(super) static TOOL: Tool = Tool {
    name: "refinery",
    aliases: &[],
    title: "refinery",
    table: "refinery_schema_history",
    has: &["version", "name", "applied_on", "checksum"],
    lacks: &[],
    columns: &[
        Column::Text("version"),
        Column::Text("name"),
        // A moment as text, with its offset.
        Column::Text("applied_on"),
        Column::Text("checksum"),
    ],
    order: "version",
    lock: None,
    past,
    layout: files::REFINERY,
};

fn past(rows: Vec<Vec<Value>>) -> Result<Past, Failure> {
    Past::of(rows, row)
}

fn row(row: Vec<Value>) -> Result<Row, Failure> {
    let mut cells = Cells::of(row);
    let version = cells.required("version")?;
    let name = cells.required("name")?;
    let applied_at = cells.optional().as_deref().and_then(moment::milliseconds);
    let number = version.parse::<i64>().ok();
    let proof = cells.optional().zip(number).map(|(checksum, version)| Proof::Refinery {
        checksum,
        name: name.clone(),
        version,
    });
    let row = Row::of_version(&version, &format!("V{version}__{name}"));
    Ok(Row { name, applied_at, proof, ..row })
}
