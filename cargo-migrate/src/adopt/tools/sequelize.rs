//! Sequelize's command line, and Umzug with its storage for Sequelize: a table of names.

use super::{Cells, Column, Failure, Past, Row, Tool, Value};
use crate::adopt::files::Layout;

pub(super) static TOOL: Tool = Tool {
    name: "sequelize",
    aliases: &["umzug"],
    title: "Sequelize",
    table: "SequelizeMeta",
    has: &["name"],
    lacks: &[],
    columns: &[Column::Text("name")],
    order: "name",
    lock: None,
    past,
    layout: Layout::Programs,
};

fn past(rows: Vec<Vec<Value>>) -> Result<Past, Failure> {
    let row = |row| Ok(Row::of_file(&Cells::of(row).required("name")?));
    Past::of(rows, row)
}
