//! What a name and columns ask for, if they agree.

use super::Error;
use super::change::{Change, Index};
use super::column::Column;
use super::intent::Intent;
use super::types::Type;

/// What is asked for. The name is only shown.
pub(super) struct Order<'a> {
    pub(super) name: &'a str,
    pub(super) intent: &'a Intent,
    pub(super) columns: &'a [Column],
    /// No `down` is wanted, so nothing need be known about the way back.
    pub(super) irreversible: bool,
}

impl Order<'_> {
    /// The change; none when the SQL is the author's to write.
    ///
    /// # Errors
    /// When the name and the columns do not agree, or something is not known that is needed.
    pub(super) fn change(&self) -> Result<Option<Change>, Error> {
        self.check_columns()?;
        let columns = self.columns.to_vec();
        Ok(Some(match self.intent.clone() {
            Intent::Blank => return Ok(None),
            Intent::CreateTable { table } => {
                self.require_types(&columns)?;
                Change::CreateTable { table, columns: with_id(columns) }
            }
            Intent::DropTable { table } => {
                self.check_drop(&table)?;
                Change::DropTable { table, columns: with_id(columns) }
            }
            Intent::AddColumns { table, columns: names } => {
                self.match_names(&table, &names)?;
                self.require_types(&columns)?;
                Change::AddColumns { table, columns }
            }
            Intent::DropColumns { table, columns: names } => {
                let columns = self.dropped_columns(&table, &names)?;
                Change::DropColumns { table, columns }
            }
            Intent::AddIndex { table, unique } => Change::AddIndex(self.index(&table, unique)?),
            Intent::DropIndex { table, unique } => Change::DropIndex(self.index(&table, unique)?),
            Intent::RenameColumn { table, from, to } => {
                self.check_rename(&from, &to)?;
                Change::RenameColumn { table, from, to }
            }
            Intent::RenameTable { from, to } => {
                self.check_rename(&from, &to)?;
                Change::RenameTable { from, to }
            }
        }))
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

    fn check_drop(&self, table: &str) -> Result<(), Error> {
        match (self.irreversible, self.columns.is_empty()) {
            (true, false) => Err(Error::usage(format!(
                "the columns say how to bring `{table}` back, `--irreversible` that nothing does"
            ))
            .with_help("leave out the one or the other")),
            (false, true) => Err(self.no_way_back(table, "id:integer name:text!")),
            _ => self.require_types(self.columns),
        }
    }

    fn dropped_columns(&self, table: &str, names: &[String]) -> Result<Vec<Column>, Error> {
        let columns = match self.columns {
            [] => names.iter().map(|name| Column::named(name)).collect(),
            given => {
                self.match_names(table, names)?;
                given.to_vec()
            }
        };
        if self.irreversible {
            return Ok(columns);
        }
        if columns.iter().any(|column| column.of.is_none()) {
            let example: Vec<String> =
                columns.iter().map(|column| format!("{}:text", column.name)).collect();
            let names: Vec<&str> = columns.iter().map(|column| column.name.as_str()).collect();
            return Err(self.no_way_back(&names.join("`, `"), &example.join(" ")));
        }
        Ok(columns)
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

/// The table's key is the first column, if none of those given is called `id`.
fn with_id(mut columns: Vec<Column>) -> Vec<Column> {
    if !columns.iter().any(Column::is_id) {
        columns.insert(0, Column { of: Some(Type::Id), ..Column::named("id") });
    }
    columns
}
