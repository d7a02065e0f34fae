//! Flyway: a row for each file, and for what else happened to the history.
//! Its documentation: "Flyway schema history table".

use std::time::Duration;

use super::{Cells, Column, Failure, Past, Row, Tool, Value, is_true};
use crate::adopt::files;
use crate::adopt::moment;

pub(super) static TOOL: Tool = Tool {
    name: "flyway",
    aliases: &[],
    title: "Flyway",
    table: "flyway_schema_history",
    has: &["installed_rank", "version", "description", "type", "installed_on", "success"],
    lacks: &[],
    columns: &[
        Column::Text("version"),
        Column::Text("description"),
        Column::Text("type"),
        Column::Moment("installed_on"),
        Column::Text("execution_time"),
        Column::Text("success"),
    ],
    order: "installed_rank",
    lock: None,
    past,
    layout: files::FLYWAY,
};

fn past(rows: Vec<Vec<Value>>) -> Result<Past, Failure> {
    let mut past = Past::default();
    for row in rows {
        take(&mut past, Cells::of(row))?;
    }
    Ok(past)
}

fn take(past: &mut Past, mut cells: Cells) -> Result<(), Failure> {
    let version = cells.optional();
    let name = cells.optional().unwrap_or_default();
    let kind = cells.required("type")?;
    let applied_at = cells.optional().as_deref().and_then(moment::milliseconds);
    let took = cells.optional().and_then(|took| took.parse().ok()).unwrap_or_default();
    if !is_true(&cells.required("success")?) {
        return Err(Failure::new(format!(
            "nothing was taken over: Flyway began `{name}` and did not end it"
        ))
        .help("mend the schema by hand, then tell Flyway with `flyway repair`"));
    }
    let Some(version) = version else {
        // What creates the schema has no version either.
        if kind != "SCHEMA" {
            past.notes.push(format!(
                "`{name}` is repeatable: there is no such thing here; a migration may hold it"
            ));
        }
        return Ok(());
    };
    if kind == "BASELINE" {
        past.notes.push(format!("Flyway began at {version}: what is older counts as applied"));
        past.baseline = Some(version);
        return Ok(());
    }
    past.rows.retain(|row| row.version != version);
    // `UNDO_SQL` took it back, `DELETE` was told that it is gone.
    if !kind.starts_with("UNDO") && kind != "DELETE" {
        let row = Row::of_version(&version, &format!("V{version}__{name}"));
        let took = Duration::from_millis(took);
        past.rows.push(Row { name, applied_at, took, ..row });
    }
    Ok(())
}
