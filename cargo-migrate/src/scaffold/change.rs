//! What happens to a schema, before it is said in any database's words.

use migrate_build::Checksum;

use super::Error;
use super::column::Column;
use super::dialect::Dialect;

/// A change of a schema. What is undone is a change as well: see [`Change::inverse`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A table is made. One of its columns is called `id`, and is its key.
    CreateTable {
        /// The table.
        table: String,
        /// Its columns; each has a type.
        columns: Vec<Column>,
    },
    /// A table goes.
    DropTable {
        /// The table.
        table: String,
        /// Its columns, as far as anything is known of them.
        columns: Vec<Column>,
    },
    /// A table, with its rows, gets columns.
    AddColumns {
        /// The table.
        table: String,
        /// The columns; each has a type.
        columns: Vec<Column>,
    },
    /// Columns go.
    DropColumns {
        /// The table.
        table: String,
        /// The columns; of some nothing but the name may be known.
        columns: Vec<Column>,
    },
    /// A table, with its rows, gets an index.
    AddIndex(Index),
    /// An index goes.
    DropIndex(Index),
    /// A column gets another name.
    RenameColumn {
        /// The table.
        table: String,
        /// The column's name before.
        from: String,
        /// The column's name after.
        to: String,
    },
    /// A table gets another name.
    RenameTable {
        /// The table's name before.
        from: String,
        /// The table's name after.
        to: String,
    },
}

impl Change {
    /// The change that takes this one back.
    #[must_use]
    pub fn inverse(&self) -> Self {
        match self.clone() {
            Self::CreateTable { table, columns } => Self::DropTable { table, columns },
            Self::DropTable { table, columns } => Self::CreateTable { table, columns },
            Self::AddColumns { table, columns } => Self::DropColumns { table, columns },
            Self::DropColumns { table, columns } => Self::AddColumns { table, columns },
            Self::AddIndex(index) => Self::DropIndex(index),
            Self::DropIndex(index) => Self::AddIndex(index),
            Self::RenameColumn { table, from, to } => {
                Self::RenameColumn { table, from: to, to: from }
            }
            Self::RenameTable { from, to } => Self::RenameTable { from: to, to: from },
        }
    }

    /// Whether rows that are there already can have the columns that are added. SQLite and
    /// PostgreSQL refuse one that is NOT NULL and has no default; MySQL fills it with `''` or 0,
    /// in silence.
    ///
    /// # Errors
    /// When they cannot.
    pub(super) fn check_rows(&self) -> Result<(), Error> {
        let Self::AddColumns { table, columns } = self else { return Ok(()) };
        let empty = columns.iter().find(|column| column.not_null && !column.has_value());
        let Some(Column { name, .. }) = empty else { return Ok(()) };
        Err(Error::usage(format!(
            "cannot add `{name}` to a `{table}` with rows: a NOT NULL column needs a default for \
             them"
        ))
        .with_help(format!("give one, as in `{name}:text!=unknown`, or leave out `!`")))
    }

    /// Whether the database lets things bear their names.
    ///
    /// # Errors
    /// When it does not; the message says why.
    pub(super) fn check_names(&self, dialect: &dyn Dialect) -> Result<(), Error> {
        let columns_of = |table: &str, columns: &[Column]| {
            dialect.check_table(table)?;
            columns.iter().try_for_each(|column| {
                dialect.check_column(&column.name)?;
                column.references.iter().try_for_each(|table| dialect.check_table(table))
            })
        };
        match self {
            Self::CreateTable { table, columns }
            | Self::DropTable { table, columns }
            | Self::AddColumns { table, columns }
            | Self::DropColumns { table, columns } => columns_of(table, columns),
            Self::AddIndex(Index { table, columns, .. })
            | Self::DropIndex(Index { table, columns, .. }) => {
                dialect.check_table(table)?;
                columns.iter().try_for_each(|column| dialect.check_column(column))
            }
            Self::RenameColumn { table, from, to } => {
                dialect.check_table(table)?;
                [from, to].into_iter().try_for_each(|column| dialect.check_column(column))
            }
            Self::RenameTable { from, to } => {
                [from, to].into_iter().try_for_each(|table| dialect.check_table(table))
            }
        }
    }
}

/// An index that is not a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// The table.
    pub table: String,
    /// The columns.
    pub columns: Vec<String>,
    /// No two rows have the same.
    pub unique: bool,
}

impl Index {
    /// The index that a column asks for. A unique one serves both.
    pub(super) fn of(table: &str, column: &Column) -> Option<Self> {
        (column.unique || column.index || column.references.is_some()).then(|| Self {
            table: table.to_owned(),
            columns: vec![column.name.clone()],
            unique: column.unique,
        })
    }

    /// Its name: always the same, so that another migration can drop it.
    pub(super) fn name(&self, dialect: &dyn Dialect) -> String {
        let suffix = if self.unique { "key" } else { "idx" };
        name(dialect, &self.table, &self.columns.join("_"), suffix)
    }
}

/// A name for something that belongs to columns of a table. One that would be too long is cut, and
/// has a checksum of the whole in it: PostgreSQL would cut it too, and two would meet.
pub(super) fn name(dialect: &dyn Dialect, table: &str, columns: &str, suffix: &str) -> String {
    let whole = format!("{table}_{columns}_{suffix}");
    let room = dialect.longest_name();
    if whole.len() <= room {
        return whole;
    }
    let checksum: String =
        Checksum::of(&whole).0.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    let rest = format!("_{checksum}_{suffix}");
    let kept = whole.floor_char_boundary(room - rest.len());
    format!("{}{rest}", &whole[..kept])
}

#[cfg(test)]
mod tests {
    use super::{Index, name};
    use crate::scaffold::{Mysql, Postgres, Sqlite};

    #[test]
    fn a_name_says_what_it_belongs_to() {
        let index = |unique, columns: &[&str]| Index {
            table: "users".to_owned(),
            columns: columns.iter().map(|column| (*column).to_owned()).collect(),
            unique,
        };
        assert_eq!(index(false, &["email", "name"]).name(&Postgres), "users_email_name_idx");
        assert_eq!(index(true, &["email"]).name(&Mysql), "users_email_key");
        assert_eq!(name(&Postgres, "posts", "user_id", "fkey"), "posts_user_id_fkey");
    }

    #[test]
    fn names_that_are_cut_do_not_meet() {
        let table = "a_table_whose_name_alone_is_almost_as_long_as_a_name_may_be";
        let names = ["first_column", "first_columns"].map(|of| name(&Postgres, table, of, "idx"));
        assert_eq!(
            names,
            [
                "a_table_whose_name_alone_is_almost_as_long_as_a_na_16fb4d6b_idx",
                "a_table_whose_name_alone_is_almost_as_long_as_a_na_ff0fea23_idx",
            ]
        );
        assert!(names.iter().all(|name| name.len() == 63));
        assert_eq!(name(&Mysql, table, "first_column", "idx").len(), 64);
        // Between two letters, not within one.
        let table = format!("a{}", "ß".repeat(31));
        assert_eq!(name(&Postgres, &table, "a", "idx").len(), 63 - 1);
        assert_eq!(name(&Sqlite, &table, "a", "idx"), format!("{table}_a_idx"));
    }
}
