//! The statements that an intent and its columns come to, and those that take them back.

use super::Error;
use super::column::{Column, Type};
use super::dialect::Dialect;
use super::intent::Intent;

/// The two ways. Each of them alone is valid SQL; `down` is the mirror of `up`.
#[derive(Debug, Default)]
pub(super) struct Statements {
    pub(super) up: Vec<String>,
    pub(super) down: Vec<String>,
}

/// What is asked for. The name is only shown.
pub(super) struct Order<'a> {
    pub(super) name: &'a str,
    pub(super) intent: &'a Intent,
    pub(super) columns: &'a [Column],
    /// No `down` is wanted, so nothing need be known about the way back.
    pub(super) irreversible: bool,
}

impl Order<'_> {
    /// The statements; both lists are empty when they are the author's to write.
    pub(super) fn statements(&self, dialect: &dyn Dialect) -> Result<Statements, Error> {
        self.check_columns()?;
        let columns = self.columns;
        let statements = match self.intent {
            Intent::Blank => Statements::default(),
            Intent::CreateTable { table } => {
                self.require_types(columns)?;
                Statements {
                    up: create_table(dialect, table, columns)?,
                    down: drop_table(dialect, table)?,
                }
            }
            Intent::DropTable { table } => self.drop_table(dialect, table)?,
            Intent::AddColumns { table, columns: names } => {
                self.match_names(table, names)?;
                self.require_types(columns)?;
                Statements {
                    up: add_columns(dialect, table, columns)?,
                    down: drop_columns(dialect, table, columns)?,
                }
            }
            Intent::DropColumns { table, columns: names } => {
                self.drop_columns(dialect, table, names)?
            }
            Intent::AddIndex { table, unique } => {
                let index = self.index(table, *unique)?;
                Statements { up: vec![index.create(dialect)?], down: vec![index.drop(dialect)?] }
            }
            Intent::DropIndex { table, unique } => {
                let index = self.index(table, *unique)?;
                Statements { up: vec![index.drop(dialect)?], down: vec![index.create(dialect)?] }
            }
            Intent::RenameColumn { table, from, to } => {
                self.check_rename(from, to)?;
                Statements {
                    up: vec![rename_column(dialect, table, from, to)?],
                    down: vec![rename_column(dialect, table, to, from)?],
                }
            }
            Intent::RenameTable { from, to } => {
                self.check_rename(from, to)?;
                Statements {
                    up: vec![rename_table(dialect, from, to)?],
                    down: vec![rename_table(dialect, to, from)?],
                }
            }
        };
        Ok(statements)
    }

    fn check_columns(&self) -> Result<(), Error> {
        for (at, column) in self.columns.iter().enumerate() {
            let same = |other: &Column| other.name.eq_ignore_ascii_case(&column.name);
            if self.columns[..at].iter().any(same) {
                return Err(Error::usage(format!("column `{}` is given twice", column.name)));
            }
        }
        let takes_columns = !matches!(
            self.intent,
            Intent::Blank | Intent::RenameColumn { .. } | Intent::RenameTable { .. }
        );
        if takes_columns || self.columns.is_empty() {
            return Ok(());
        }
        Err(Error::usage(format!("`{}` does not say what to do with columns", self.name))
            .with_help(
                "name it `create_TABLE`, `add_COLUMN_to_TABLE`, `remove_COLUMN_from_TABLE`, \
                 `add_index_to_TABLE` or `drop_TABLE`; or leave the columns out",
            ))
    }

    fn check_rename(&self, from: &str, to: &str) -> Result<(), Error> {
        if from == to {
            return Err(Error::usage(format!("`{}` renames `{from}` to itself", self.name)));
        }
        Ok(())
    }

    fn drop_table(&self, dialect: &dyn Dialect, table: &str) -> Result<Statements, Error> {
        let columns = self.columns;
        match (self.irreversible, columns.is_empty()) {
            (true, false) => {
                return Err(Error::usage(format!(
                    "the columns say how to bring `{table}` back, `--irreversible` that nothing does"
                ))
                .with_help("leave out the one or the other"));
            }
            (false, true) => return Err(self.no_way_back(table, "id:integer name:text!")),
            _ => self.require_types(columns)?,
        }
        let down = match self.irreversible {
            true => Vec::new(),
            false => create_table(dialect, table, columns)?,
        };
        Ok(Statements { up: drop_table(dialect, table)?, down })
    }

    fn drop_columns(
        &self,
        dialect: &dyn Dialect,
        table: &str,
        names: &[String],
    ) -> Result<Statements, Error> {
        let named: Vec<Column>;
        let columns = match self.columns {
            [] => {
                named = names.iter().map(|name| Column::named(name)).collect();
                &named
            }
            given => {
                self.match_names(table, names)?;
                given
            }
        };
        if !self.irreversible && columns.iter().any(|column| column.of.is_none()) {
            let example: Vec<String> =
                columns.iter().map(|column| format!("{}:text", column.name)).collect();
            let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            return Err(self.no_way_back(&names.join("`, `"), &example.join(" ")));
        }
        let down = match self.irreversible {
            true => Vec::new(),
            false => add_columns(dialect, table, columns).map_err(|error| {
                error.with_help("or give `--irreversible \"reason\"`: then nothing adds it again")
            })?,
        };
        Ok(Statements { up: drop_columns(dialect, table, columns)?, down })
    }

    fn no_way_back(&self, what: &str, example: &str) -> Error {
        let name = self.name;
        Error::usage(format!("nothing says how to bring `{what}` back in `down.sql`"))
            .with_help(format!("say what it was made of: `cargo migrate new {name} {example}`"))
            .with_help(format!(
                "or that it is gone for good: `cargo migrate new {name} --irreversible \"reason\"`"
            ))
    }

    /// The columns in the name are the columns given, in any order. Compared in pieces, since a
    /// column's own name may hold `_and_`.
    fn match_names(&self, table: &str, names: &[String]) -> Result<(), Error> {
        let pieces = |names: &mut dyn Iterator<Item = String>| {
            let mut pieces: Vec<String> = names
                .flat_map(|name| name.split("_and_").map(str::to_owned).collect::<Vec<_>>())
                .collect();
            pieces.sort_unstable();
            pieces
        };
        let given = self.columns.iter().map(|column| column.name.as_str());
        let said = |name: &str| super::normalise(name).unwrap_or_else(|_| name.to_owned());
        if self.columns.is_empty()
            || pieces(&mut given.clone().map(said)) == pieces(&mut names.iter().cloned())
        {
            return Ok(());
        }
        let given: Vec<&str> = given.collect();
        Err(Error::usage(format!(
            "`{}` names the columns `{}` of `{table}`, but given are `{}`",
            self.name,
            names.join("`, `"),
            given.join("`, `"),
        ))
        .with_help("make the two agree, or give the migration another name"))
    }

    fn require_types(&self, columns: &[Column]) -> Result<(), Error> {
        let untyped = match (columns, self.intent) {
            ([], Intent::AddColumns { columns: names, .. }) => {
                names.iter().map(String::as_str).collect()
            }
            _ => columns
                .iter()
                .filter(|column| column.of.is_none())
                .map(|column| column.name.as_str())
                .collect::<Vec<&str>>(),
        };
        if untyped.is_empty() {
            return Ok(());
        }
        let example: Vec<String> = untyped.iter().map(|name| format!("{name}:text")).collect();
        Err(Error::usage(format!("nothing says of which type `{}` is", untyped.join("`, `")))
            .with_help(format!(
                "give it one: `cargo migrate new {} {}`",
                self.name,
                example.join(" ")
            ))
            .with_help("or bring SQL of your own: `--from FILE`"))
    }

    fn index(&self, table: &str, unique: bool) -> Result<Index, Error> {
        if self.columns.is_empty() {
            return Err(Error::usage(format!(
                "nothing says which columns of `{table}` it indexes"
            ))
            .with_help(format!("name them: `cargo migrate new {} email`", self.name)));
        }
        for column in self.columns {
            if column.of.is_some() || column.references.is_some() {
                return Err(Error::usage(format!(
                    "column `{}`: an index takes names alone",
                    column.name
                ))
                .with_help(format!("write `{0}`, or `{0}:unique`", column.name)));
            }
        }
        Ok(Index {
            table: table.to_owned(),
            columns: self.columns.iter().map(|column| column.name.clone()).collect(),
            unique: unique || self.columns.iter().any(|column| column.unique),
        })
    }
}

/// An index that is made beside its table.
struct Index {
    table: String,
    columns: Vec<String>,
    unique: bool,
}

impl Index {
    /// The index that a column asks for. A unique one serves both.
    fn of(table: &str, column: &Column) -> Option<Self> {
        (column.unique || column.index).then(|| Self {
            table: table.to_owned(),
            columns: vec![column.name.clone()],
            unique: column.unique,
        })
    }

    fn name(&self) -> String {
        let suffix = if self.unique { "key" } else { "idx" };
        format!("{}_{}_{suffix}", self.table, self.columns.join("_"))
    }

    fn create(&self, dialect: &dyn Dialect) -> Result<String, Error> {
        let columns: Vec<String> =
            self.columns.iter().map(|name| dialect.identifier(name)).collect();
        Ok(format!(
            "CREATE {}INDEX {} ON {} ({});",
            if self.unique { "UNIQUE " } else { "" },
            object(dialect, &self.name())?,
            object(dialect, &self.table)?,
            columns.join(", "),
        ))
    }

    fn drop(&self, dialect: &dyn Dialect) -> Result<String, Error> {
        Ok(format!("DROP INDEX {};", object(dialect, &self.name())?))
    }
}

/// A table's or an index's name, written.
fn object(dialect: &dyn Dialect, name: &str) -> Result<String, Error> {
    dialect.check_name(name)?;
    Ok(dialect.identifier(name))
}

fn create_table(
    dialect: &dyn Dialect,
    table: &str,
    columns: &[Column],
) -> Result<Vec<String>, Error> {
    let mut lines = Vec::with_capacity(columns.len() + 1);
    let is_key = |column: &Column| column.name.eq_ignore_ascii_case("id");
    if !columns.iter().any(is_key) {
        lines.push(key(dialect, &Column::named("id"), Type::Integer));
    }
    for column in columns {
        // The caller has seen to it that every column has a type.
        let Some(of) = column.of else { continue };
        let mut line = match is_key(column) {
            true => key(dialect, column, of),
            false => definition(dialect, column, of),
        };
        line.push_str(&attributes(dialect, column, of)?);
        lines.push(line);
    }
    let table_name = object(dialect, table)?;
    let mut statements =
        vec![format!("CREATE TABLE {table_name} (\n    {}\n);", lines.join(",\n    "))];
    // A primary key has its index already.
    for index in columns.iter().filter(|column| !is_key(column)).filter_map(|c| Index::of(table, c))
    {
        statements.push(index.create(dialect)?);
    }
    Ok(statements)
}

fn drop_table(dialect: &dyn Dialect, table: &str) -> Result<Vec<String>, Error> {
    Ok(vec![format!("DROP TABLE {};", object(dialect, table)?)])
}

fn add_columns(
    dialect: &dyn Dialect,
    table: &str,
    columns: &[Column],
) -> Result<Vec<String>, Error> {
    let written = object(dialect, table)?;
    let mut statements = Vec::new();
    for column in columns {
        dialect.check_added(table, column)?;
        let Some(of) = column.of else { continue };
        let definition = definition(dialect, column, of);
        let attributes = attributes(dialect, column, of)?;
        statements.push(format!("ALTER TABLE {written} ADD COLUMN {definition}{attributes};"));
    }
    for index in columns.iter().filter_map(|column| Index::of(table, column)) {
        statements.push(index.create(dialect)?);
    }
    Ok(statements)
}

/// The mirror of [`add_columns`]: an index goes before its column, the last one first.
fn drop_columns(
    dialect: &dyn Dialect,
    table: &str,
    columns: &[Column],
) -> Result<Vec<String>, Error> {
    let written = object(dialect, table)?;
    let mut statements = Vec::new();
    for index in columns.iter().rev().filter_map(|column| Index::of(table, column)) {
        statements.push(index.drop(dialect)?);
    }
    for column in columns.iter().rev() {
        let name = dialect.identifier(&column.name);
        statements.push(format!("ALTER TABLE {written} DROP COLUMN {name};"));
    }
    Ok(statements)
}

fn rename_column(
    dialect: &dyn Dialect,
    table: &str,
    from: &str,
    to: &str,
) -> Result<String, Error> {
    Ok(format!(
        "ALTER TABLE {} RENAME COLUMN {} TO {};",
        object(dialect, table)?,
        dialect.identifier(from),
        dialect.identifier(to)
    ))
}

fn rename_table(dialect: &dyn Dialect, from: &str, to: &str) -> Result<String, Error> {
    Ok(format!("ALTER TABLE {} RENAME TO {};", object(dialect, from)?, object(dialect, to)?))
}

fn key(dialect: &dyn Dialect, column: &Column, of: Type) -> String {
    format!("{} {} PRIMARY KEY NOT NULL", dialect.identifier(&column.name), dialect.key_type(of))
}

fn definition(dialect: &dyn Dialect, column: &Column, of: Type) -> String {
    let not_null = if column.not_null { " NOT NULL" } else { "" };
    format!("{} {}{not_null}", dialect.identifier(&column.name), dialect.column_type(of))
}

fn attributes(dialect: &dyn Dialect, column: &Column, of: Type) -> Result<String, Error> {
    let mut text = String::new();
    if let Some(value) = &column.default {
        text.push_str(" DEFAULT ");
        text.push_str(&dialect.literal(value, of));
    }
    if let Some(table) = &column.references {
        text.push_str(&format!(" REFERENCES {} (id)", object(dialect, table)?));
    }
    Ok(text)
}
