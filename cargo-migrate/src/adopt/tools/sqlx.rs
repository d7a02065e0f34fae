//! sqlx: a row for each file, with the SHA-384 of its bytes.
//! Its source: `sqlx-core/src/migrate` and `sqlx-*/src/migrate.rs`.

use std::time::Duration;

use super::{Cells, Column, Failure, Past, Row, Tool, Value, is_true};
use crate::adopt::files;
use crate::adopt::moment;
use crate::adopt::proof::Proof;

pub(super) static TOOL: Tool = Tool {
    name: "sqlx",
    aliases: &[],
    title: "sqlx",
    table: "_sqlx_migrations",
    has: &["version", "description", "installed_on", "success", "checksum", "execution_time"],
    lacks: &[],
    columns: &[
        Column::Text("version"),
        Column::Text("description"),
        Column::Moment("installed_on"),
        Column::Text("success"),
        Column::Bytes("checksum"),
        Column::Text("execution_time"),
    ],
    order: "version",
    lock: None,
    past,
    layout: files::SQLX,
};

fn past(rows: Vec<Vec<Value>>) -> Result<Past, Failure> {
    Past::of(rows, row)
}

fn row(row: Vec<Value>) -> Result<Row, Failure> {
    let mut cells = Cells::of(row);
    let version = cells.required("version")?;
    let name = cells.required("description")?;
    let applied_at = cells.optional().as_deref().and_then(moment::milliseconds);
    if !is_true(&cells.required("success")?) {
        return Err(Failure::new(format!(
            "nothing was taken over: sqlx began {version} ({name}) and did not end it"
        ))
        .help("finish or undo it by hand, then set its `success`, or delete its row"));
    }
    let proof = Some(Proof::Sha384(cells.required("checksum")?));
    // In nanoseconds; -1 while it is at work.
    let took = cells.optional().and_then(|took| took.parse().ok()).unwrap_or_default();
    let row = Row::of_version(&version, &format!("{version} {name}"));
    Ok(Row { name, applied_at, took: Duration::from_nanos(took), proof, ..row })
}
