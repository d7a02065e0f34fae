//! Diesel's `table!` macros, byte for byte as `diesel print-schema` of Diesel 2.3 prints them for the
//! same schema.

mod layout;
mod model;
mod postgres;
mod print;
mod rust;
mod settings;
mod sqlite;
mod types;

pub use settings::Settings;

use super::{Schema, unknown_here};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use model::{Reference, Table, TableName, Tables};
use postgres::Postgres;
use print::Printed;
use sqlite::Sqlite;

/// Prints the tables of a schema.
pub(super) fn text(schema: &Schema, settings: &Settings) -> Result<String, Box<Diagnostic>> {
    if let Some(why) = schema.unknown() {
        return Err(Box::new(why.clone()));
    }
    let found: Box<dyn Tables + '_> = match schema.catalog.dialect() {
        Dialect::Sqlite => Box::new(Sqlite::new(&schema.catalog, settings)?),
        Dialect::Postgres => Box::new(Postgres::new(&schema.catalog, settings)?),
        dialect @ Dialect::Mysql => {
            let why = format!("Diesel's tables are not made for {} yet", dialect.title());
            return Err(Box::new(unknown_here(schema, why)));
        }
    };
    let names = found.names().into_iter().filter(|name| settings.filter.takes(&name.sql));
    let tables = names.map(|name| table(schema, &*found, name, settings));
    let mut tables = tables.collect::<Result<Vec<Table>, _>>()?;
    types::mark(schema.catalog.dialect(), settings, &mut tables);
    let references = joinable(&*found, &tables);
    Ok(Printed { settings, tables, references }.to_string())
}

fn table(
    schema: &Schema,
    found: &dyn Tables,
    name: TableName,
    settings: &Settings,
) -> Result<Table, Box<Diagnostic>> {
    let primary_key = found.primary_key(&name);
    let mut columns = found.columns(&name)?;
    if primary_key.is_empty() {
        let why = format!("Diesel needs a primary key, and `{}` has none", name.full());
        let help = "leave the table out with `filter` in `[print_schema]` of `diesel.toml`";
        return Err(Box::new(unknown_here(schema, why).help(help)));
    }
    if settings.sort_columns {
        columns.sort_by(|a, b| a.sql.cmp(&b.sql));
    }
    let primary_key = primary_key.iter().map(|column| rust::name(column, Some(&name.rust)));
    let primary_key = primary_key.collect();
    let comment = found.comment(&name)?;
    Ok(Table { name, primary_key, columns, comment })
}

/// The foreign keys by which two tables can be joined without a doubt: of one column, to the primary
/// key of another table, and the only one between the two.
fn joinable(found: &dyn Tables, tables: &[Table]) -> Vec<Reference> {
    let mut all = found.references();
    all.sort();
    let is_shown = |name: &TableName| tables.iter().any(|table| table.name == *name);
    let is_only = |one: &Reference| all.iter().filter(|key| key.pair() == one.pair()).count() == 1;
    let is_to_key = |one: &Reference| match &found.primary_key(&one.parent)[..] {
        [key] => one.target.first() == Some(key),
        _ => false,
    };
    let chosen = all.iter().filter(|one| {
        one.parent != one.child
            && one.columns.len() == 1
            && is_shown(&one.parent)
            && is_shown(&one.child)
            && is_only(one)
            && is_to_key(one)
    });
    chosen.cloned().collect()
}
