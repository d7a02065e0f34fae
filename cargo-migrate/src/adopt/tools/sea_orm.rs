//! SeaORM: a row for each migration, which is a module of a program.
//! Its source: `sea-orm-migration/src/seaql_migrations.rs`.

use super::{Cells, Column, Failure, Past, Row, Tool, Value};
use crate::adopt::files::Layout;
use crate::adopt::moment;

pub(super) static TOOL: Tool = Tool {
    name: "sea-orm",
    aliases: &[],
    title: "SeaORM",
    table: "seaql_migrations",
    has: &["version", "applied_at"],
    lacks: &[],
    // Seconds since 1970.
    columns: &[Column::Text("version"), Column::Text("applied_at")],
    order: "version",
    lock: None,
    past,
    layout: Layout::Programs,
};

fn past(rows: Vec<Vec<Value>>) -> Result<Past, Failure> {
    let row = |row| {
        let mut cells = Cells::of(row);
        let module = cells.required("version")?;
        let applied_at = cells.optional().as_deref().and_then(moment::milliseconds);
        Ok(Row { applied_at, ..of_module(&module) })
    };
    Past::of(rows, row)
}

/// `m20220101_000001_create_users`: a date, a number, a name.
fn of_module(module: &str) -> Row {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = module.strip_prefix('m').unwrap_or(module).splitn(3, '_').collect();
    match parts.as_slice() {
        [date, number, name] if digits(date) && digits(number) => {
            let row = Row::of_version(&format!("{date}{number}"), module);
            Row { name: (*name).to_owned(), ..row }
        }
        _ => Row { name: module.to_owned(), ..Row::of_version("", module) },
    }
}

#[cfg(test)]
mod tests {
    use super::of_module;

    #[test]
    fn a_module_s_name_is_a_version_and_a_name() {
        let row = of_module("m20220101_000001_create_users");
        assert_eq!((&*row.version, &*row.name), ("20220101000001", "create_users"));
        let row = of_module("mail_table");
        assert_eq!((&*row.version, &*row.name), ("", "mail_table"));
    }
}
