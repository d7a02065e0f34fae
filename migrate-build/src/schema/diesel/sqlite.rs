//! SQLite's tables, as Diesel finds them by `PRAGMA table_xinfo` and `foreign_key_list`.

use super::super::{UNKNOWN_SCHEMA, unknown};
use super::model::{Column, Reference, TableName, Tables, Type};
use super::rust;
use super::settings::Settings;
use crate::catalog::{Catalog, Entry, Key, Object};
use crate::diagnostic::Diagnostic;
use crate::sql::Name;
use crate::sql::schema::{self, ConstraintKind, ForeignKey, Path, Table};

/// The names of the key that every table has, unless a column is called so.
const ROW_ID: [&str; 3] = ["rowid", "oid", "_rowid_"];

pub(super) struct Sqlite<'c> {
    catalog: &'c Catalog,
    /// Those that are shown, sorted.
    names: Vec<TableName>,
    /// `sqlite_integer_primary_key_is_bigint`
    big_row_ids: bool,
}

impl<'c> Sqlite<'c> {
    /// The tables of a catalog, unless it does not tell all of them.
    pub(super) fn new(catalog: &'c Catalog, settings: &Settings) -> Result<Self, Box<Diagnostic>> {
        let big_row_ids = settings.big_row_ids;
        if settings.schema.is_some() {
            let why = "SQLite has no schemas, and `[print_schema]` in `diesel.toml` asks for one";
            return Err(Box::new(Diagnostic::new(&UNKNOWN_SCHEMA, why)));
        }
        for (key, _) in catalog.objects() {
            let Some(entry) = catalog.get(key) else { continue };
            if let Object::Table(table) = &entry.object
                && is_virtual(table)
            {
                let name = key.path.name.written();
                let why = format!("a module makes the columns of `{name}`, and tables beside it");
                return Err(Box::new(unknown(entry, why)));
            }
        }
        let tables = catalog.objects().filter_map(|(key, object)| match object {
            Object::Table(_) => Some(TableName::new(None, key.path.name.written())),
            _ => None,
        });
        let mut names: Vec<TableName> = tables.filter(|name| !is_internal(&name.sql)).collect();
        names.sort();
        Ok(Self { catalog, names, big_row_ids })
    }

    fn entry(&self, table: &TableName) -> Option<&Entry> {
        let path = Path { schema: None, name: Name::new(&table.sql) };
        self.catalog.get(&Key::relation(&path)).map(AsRef::as_ref)
    }

    fn table(&self, name: &TableName) -> Option<&Table> {
        match &self.entry(name)?.object {
            Object::Table(table) => Some(table),
            _ => None,
        }
    }

    fn ty(&self, column: &schema::Column, name: &TableName) -> Option<String> {
        let declared = column.ty.to_string().to_lowercase();
        let ty = ty(&declared)?;
        let is_big = ty == "Integer"
            && self.big_row_ids
            && (declared == "integer" && self.is_row_id(name, column.name.written())
                || self.refers_to_row_id(name, column));
        Some(if is_big { "BigInt".to_owned() } else { ty.to_owned() })
    }

    /// Whether a column, declared as `INTEGER`, is the number of the row.
    fn is_row_id(&self, name: &TableName, column: &str) -> bool {
        matches!(&self.primary_key(name)[..], [key] if key == column)
            && self.names.binary_search(name).is_ok()
            && self.table(name).is_some_and(|table| !has_option(table, "without rowid"))
    }

    fn refers_to_row_id(&self, name: &TableName, column: &schema::Column) -> bool {
        let Some(table) = self.table(name) else { return false };
        // Diesel finds it by the column's name in Rust, and the last of several.
        let is_its_own = |reference: &Reference| {
            let from = reference.columns.first();
            from.is_some_and(|from| rust::name(from, Some(&name.rust)) == column.name.written())
        };
        let last = self.references_of(name, table).into_iter().filter(is_its_own).max();
        last.is_some_and(|Reference { parent, .. }| {
            matches!(&self.primary_key(&parent)[..], [key] if self.is_row_id(&parent, key))
        })
    }

    fn references_of(&self, name: &TableName, table: &Table) -> Vec<Reference> {
        let keys = table.constraints.iter().filter_map(|constraint| match &constraint.kind {
            ConstraintKind::ForeignKey(key) => Some(self.single(name, table, key)),
            _ => None,
        });
        keys.flatten().collect()
    }

    /// A key of several columns is told as several keys.
    fn single(&self, child: &TableName, table: &Table, key: &ForeignKey) -> Vec<Reference> {
        let parent = TableName::new(None, key.table.name.written());
        let pairs = key.columns.iter().enumerate().map(|(at, column)| {
            let from = table.column(column).map_or(column, |column| &column.name);
            let target = match key.target.get(at) {
                Some(target) => vec![target.written().to_owned()],
                None => self.primary_key(&parent),
            };
            Reference {
                child: child.clone(),
                parent: parent.clone(),
                columns: vec![from.written().to_owned()],
                target,
            }
        });
        pairs.collect()
    }
}

impl Tables for Sqlite<'_> {
    fn names(&self) -> Vec<TableName> {
        self.names.clone()
    }

    /// In the order of the columns, not in that of the key.
    fn primary_key(&self, name: &TableName) -> Vec<String> {
        let table = self.table(name);
        let columns: Vec<(&str, bool)> =
            table.iter().flat_map(|table| key_columns(table)).collect();
        let mut key: Vec<String> = columns
            .iter()
            .filter(|(_, is_key)| *is_key)
            .map(|(name, _)| (*name).to_owned())
            .collect();
        if key.is_empty() {
            let is_free = |alias: &&str| !columns.iter().any(|(name, _)| name == alias);
            key.extend(ROW_ID.into_iter().find(is_free).map(str::to_owned));
        }
        key
    }

    fn columns(&self, name: &TableName) -> Result<Vec<Column>, Box<Diagnostic>> {
        let (Some(entry), Some(table)) = (self.entry(name), self.table(name)) else {
            return Ok(Vec::new());
        };
        if table.is_opaque {
            let why = format!("the columns of `{}` are those of a query", name.sql);
            return Err(Box::new(unknown(entry, why)));
        }
        let mut columns = Vec::new();
        if let [key] = &self.primary_key(name)[..]
            && !table.columns.iter().any(|column| column.name.written() == key)
        {
            let ty = Type { rust: "Integer".to_owned(), ..Type::default() };
            columns.push(Column { sql: key.clone(), ty, comment: None });
        }
        for column in &table.columns {
            let sql = column.name.written().to_owned();
            let rust = self.ty(column, name).ok_or_else(|| {
                let why =
                    format!("Diesel knows no type for `{}` of `{}.{sql}`", column.ty, name.sql);
                Box::new(unknown(entry, why))
            })?;
            let is_nullable = !column.not_null && !is_never_null(table, column);
            let ty = Type { rust, is_nullable, ..Type::default() };
            columns.push(Column { sql, ty, comment: None });
        }
        Ok(columns)
    }

    fn references(&self) -> Vec<Reference> {
        let tables = self.names.iter().filter_map(|name| Some((name, self.table(name)?)));
        tables.flat_map(|(name, table)| self.references_of(name, table)).collect()
    }

    fn comment(&self, _: &TableName) -> Result<Option<String>, Box<Diagnostic>> {
        Ok(None)
    }
}

/// Whether a name is SQLite's own, or Diesel's.
fn is_internal(name: &str) -> bool {
    let start = name.get(..6).unwrap_or_default();
    name.starts_with("__") || start.eq_ignore_ascii_case("sqlite")
}

fn is_virtual(table: &Table) -> bool {
    table.is_opaque && !table.options.is_empty()
}

fn has_option(table: &Table, option: &str) -> bool {
    table.options.iter().any(|text| text.to_string().eq_ignore_ascii_case(option))
}

/// The columns, and whether each is in the primary key.
fn key_columns(table: &Table) -> impl Iterator<Item = (&str, bool)> {
    let key = primary_key(table).map(|(columns, _)| columns).unwrap_or_default();
    let columns = table.columns.iter();
    columns.map(move |column| (column.name.written(), key.contains(&&column.name)))
}

/// The primary key, and whether `DESC` stands behind its column.
fn primary_key(table: &Table) -> Option<(Vec<&Name>, bool)> {
    table.constraints.iter().find_map(|constraint| {
        let ConstraintKind::PrimaryKey(parts) = &constraint.kind else { return None };
        let is_behind = constraint.column.is_some();
        let is_reversed = is_behind && parts.iter().any(|part| part.text.words().len() > 1);
        Some((parts.iter().filter_map(|part| part.column.as_ref()).collect(), is_reversed))
    })
}

/// What `NOT NULL` goes without saying for: the keys of tables without row ids, and of strict ones
/// where the key is not the row id (SQLite, "CREATE TABLE", section 3.5).
fn is_never_null(table: &Table, column: &schema::Column) -> bool {
    let Some((key, is_reversed)) = primary_key(table) else { return false };
    if !key.contains(&&column.name) {
        return false;
    }
    let is_row_id =
        key.len() == 1 && !is_reversed && column.ty.to_string().eq_ignore_ascii_case("integer");
    has_option(table, "without rowid") || has_option(table, "strict") && !is_row_id
}

/// The type in Diesel of one in SQLite, in lower case.
fn ty(declared: &str) -> Option<&'static str> {
    // What a column without a type is told to have in some releases.
    let declared = if declared == "generated always" { "" } else { declared };
    let has = |part: &str| declared.contains(part);
    Some(if matches!(declared, "boolean" | "bool") || has("tiny") && has("int") {
        "Bool"
    } else if declared == "int2" || has("small") && has("int") {
        "SmallInt"
    } else if declared == "int8" || has("big") && has("int") {
        "BigInt"
    } else if has("int") {
        "Integer"
    } else if has("char") || has("clob") || has("text") {
        "Text"
    } else if has("blob") || has("binary") || declared.is_empty() {
        "Binary"
    } else if has("float") || has("real") {
        "Float"
    } else if has("double") || has("num") || has("dec") {
        "Double"
    } else {
        match declared {
            "datetime" | "timestamp" => "Timestamp",
            "date" => "Date",
            "time" => "Time",
            _ => return None,
        }
    })
}
