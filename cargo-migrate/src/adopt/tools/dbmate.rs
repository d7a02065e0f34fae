//! dbmate: a table of versions, as Rails has it.
//! Its documentation: `README.md`, "Migration files".

use super::{Cells, Column, Failure, Past, Row, Tool, Value};
use crate::adopt::files;

pub(super) static TOOL: Tool = Tool {
    name: "dbmate",
    aliases: &[],
    title: "dbmate",
    table: "schema_migrations",
    has: &["version"],
    // golang-migrate's table bears the same name.
    lacks: &["dirty"],
    columns: &[Column::Text("version")],
    order: "version",
    lock: None,
    past,
    layout: files::DBMATE,
};

fn past(rows: Vec<Vec<Value>>) -> Result<Past, Failure> {
    let row = |row| {
        let version = Cells::of(row).required("version")?;
        Ok(Row::of_version(&version, &version))
    };
    Past::of(rows, row)
}
