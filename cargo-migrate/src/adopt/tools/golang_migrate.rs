//! golang-migrate: one row, with the last version. What it applied before, and when, it does not keep.
//! Its documentation: `FAQ.md`, "What does 'dirty' mean?", and `database/*/README.md`.

use super::{Cells, Column, Failure, Past, Tool, Value, is_true};
use crate::adopt::files;

pub(super) static TOOL: Tool = Tool {
    name: "golang-migrate",
    aliases: &[],
    title: "golang-migrate",
    table: "schema_migrations",
    has: &["version", "dirty"],
    lacks: &[],
    columns: &[Column::Text("version"), Column::Text("dirty")],
    order: "version",
    lock: None,
    past,
    layout: files::GOLANG_MIGRATE,
};

/// Its version where nothing is applied.
const NONE: &str = "-1";

fn past(rows: Vec<Vec<Value>>) -> Result<Past, Failure> {
    let Some(row) = rows.into_iter().next_back() else { return Ok(Past::default()) };
    let mut cells = Cells::of(row);
    let version = cells.required("version")?;
    if is_true(&cells.required("dirty")?) {
        return Err(Failure::new(format!(
            "nothing was taken over: golang-migrate stopped within {version}, and its table is dirty"
        ))
        .help("mend the schema by hand, then tell it with `migrate force VERSION`"));
    }
    Ok(Past { up_to: Some(version).filter(|version| version != NONE), ..Past::default() })
}
