//! New migrations: from a name and columns to a directory with `up.sql` and `down.sql`, or with
//! `migration.rs`.
//!
//! First [`Request::draft`], which knows nothing of the disk and refuses whatever makes no sense;
//! then [`create`], which finds a version and writes the directory whole or not at all.

mod change;
mod column;
mod dialect;
mod error;
mod intent;
mod lock;
mod mysql;
mod name;
mod order;
mod postgres;
mod sqlite;
#[cfg(test)]
mod tests;
mod types;
mod value;
mod version;
mod write;

use std::path::Path;

pub use change::{Change, Index};
pub use column::Column;
pub use dialect::Dialect;
pub use error::{Error, Kind};
pub use intent::Intent;
pub(crate) use lock::Lock;
pub use mysql::Mysql;
pub use name::normalise;
pub use postgres::Postgres;
pub use sqlite::Sqlite;
pub use types::Type;
pub use value::Value;
pub(crate) use version::Successor;
pub use version::recorded;
pub(crate) use write::create_all;
pub use write::{Created, create};

use order::Order;

/// What is asked for on the command line.
#[derive(Clone, Debug, Default)]
pub struct Request<'a> {
    /// NAME, as typed.
    pub name: &'a str,
    /// COLUMN…, as typed.
    pub columns: &'a [String],
    /// The text of `--from FILE`: it becomes `up.sql`, whatever the name says. See [`read`].
    pub from: Option<&'a str>,
    /// `--irreversible REASON`: no `down.sql`, and `up.sql` says why.
    pub irreversible: Option<&'a str>,
    /// `--rust`: `migration.rs`, for somebody to fill in.
    pub in_rust: bool,
    /// `--version V`
    pub version: Option<&'a str>,
}

/// A migration before it has a place: all of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The name in snake case.
    pub name: String,
    /// What the name was understood to say. [`Intent::Blank`] means that somebody has to fill in
    /// the files, unless the SQL came from a file.
    pub intent: Intent,
    /// The version, where it was given.
    pub version: Option<String>,
    /// `up.sql`; or `migration.rs`, which is all.
    pub up: String,
    /// `down.sql`; none when the migration is irreversible.
    pub down: Option<String>,
    /// Whether it is `migration.rs`.
    pub in_rust: bool,
    /// Whether both can run in a transaction. If not, there is a `metadata.toml` that says so.
    pub in_transaction: bool,
}

/// The SQL of a database.
#[must_use]
pub fn dialect(of: migrate_build::Dialect) -> &'static dyn Dialect {
    match of {
        migrate_build::Dialect::Sqlite => &Sqlite,
        migrate_build::Dialect::Postgres => &Postgres,
        migrate_build::Dialect::Mysql => &Mysql,
    }
}

impl Request<'_> {
    /// The text of the migration.
    ///
    /// # Errors
    /// When the name, a column, the version or the reason is not usable, or when the database
    /// would refuse the SQL in one of the two directions.
    pub fn draft(&self, dialect: &dyn Dialect) -> Result<Draft, Error> {
        let name = normalise(self.name)?;
        if let Some(version) = self.version {
            version::check(version)?;
        }
        let longest = usize::from(u8::MAX) - self.version.map_or(version::STAMP, str::len) - 1;
        if name.len() > longest {
            return Err(Error::usage(format!(
                "the migration name has {} bytes, and a directory's name has room for {longest}",
                name.len(),
            )));
        }
        let mark = if self.in_rust { "//" } else { "--" };
        let directive = self.irreversible.map(|reason| directive(mark, reason));
        let directive = directive.transpose()?.unwrap_or_default();
        let mut draft = match self.from {
            Some(_) if !self.columns.is_empty() => {
                return Err(Error::usage(
                    "`--from` brings the SQL, so columns have nothing to say",
                )
                .with_help("leave out the one or the other"));
            }
            Some(text) => Draft { up: text.to_owned(), ..Draft::blank(name) },
            None if self.in_rust => self.code(name, dialect),
            None => self.scaffold(name, dialect)?,
        };
        draft.up.insert_str(0, &directive);
        if self.irreversible.is_some() {
            draft.down = None;
        }
        Ok(Draft { version: self.version.map(str::to_owned), ..draft })
    }

    /// A migration in Rust that somebody has to fill in.
    fn code(&self, name: String, dialect: &dyn Dialect) -> Draft {
        let down = if self.irreversible.is_some() { "" } else { migrate_templates::CODE_DOWN };
        let text = [migrate_templates::CODE, down].concat();
        let up = text.replace("@CONNECTION@", dialect.connection());
        Draft { up, down: None, in_rust: true, ..Draft::blank(name) }
    }

    /// The SQL that the name and the columns ask for.
    fn scaffold(&self, name: String, dialect: &dyn Dialect) -> Result<Draft, Error> {
        let columns: Vec<Column> =
            self.columns.iter().map(|text| Column::parse(text)).collect::<Result<_, _>>()?;
        let intent = Intent::parse(&name);
        let irreversible = self.irreversible.is_some();
        let order = Order { name: &name, intent: &intent, columns: &columns, irreversible };
        let Some(change) = order.change()? else { return Ok(Draft::blank(name)) };
        change.check_names(dialect)?;
        let text = |change: &Change| {
            let statements = dialect.statements(change)?;
            change.check_rows()?;
            Ok(statements.join("\n") + "\n")
        };
        let up = text(&change)?;
        let in_transaction = dialect.in_transaction(&change);
        if irreversible {
            return Ok(Draft { intent, up, in_transaction, ..Draft::blank(name) });
        }
        let undo = change.inverse();
        let down = text(&undo).map_err(|error: Error| match change {
            Change::DropColumns { .. } => {
                error.with_help("or give `--irreversible \"reason\"`: then nothing adds it again")
            }
            _ => error,
        })?;
        Ok(Draft {
            intent,
            up,
            down: Some(down),
            in_transaction: in_transaction && dialect.in_transaction(&undo),
            ..Draft::blank(name)
        })
    }
}

impl Draft {
    /// A migration that somebody has to fill in.
    fn blank(name: String) -> Self {
        Self {
            name,
            intent: Intent::Blank,
            version: None,
            up: migrate_templates::UP.to_owned(),
            down: Some(migrate_templates::DOWN.to_owned()),
            in_rust: false,
            in_transaction: true,
        }
    }
}

/// The line that stands for a missing `down.sql`.
fn directive(mark: &str, reason: &str) -> Result<String, Error> {
    let fail = |why: &str| {
        Err(Error::usage(format!("`--irreversible`: {why}"))
            .with_help("say in one line why there is no way back"))
    };
    if reason.trim().is_empty() {
        return fail("the reason is empty");
    }
    if reason.contains(migrate_build::render::is_unprintable) {
        return fail("the reason holds a line break or another character that cannot be seen");
    }
    let reason = reason.trim().replace('\\', "\\\\").replace('"', "\\\"");
    Ok(format!("{mark} migrate: irreversible reason=\"{reason}\"\n"))
}

/// The text of `--from FILE`, without a byte order mark.
///
/// # Errors
/// When the file cannot be read, is not UTF-8 (the message gives the byte), or holds nothing.
pub fn read(path: &Path) -> Result<String, Error> {
    let text = text(path)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if text.trim().is_empty() {
        return Err(Error::usage(format!("`{}` is empty", path.display())));
    }
    Ok(text.to_owned())
}

/// The text of a file, as it is.
pub(crate) fn text(path: &Path) -> Result<String, Error> {
    let bytes = std::fs::read(path).map_err(|error| Error::io("read", path, &error))?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Error::failed(format!("`{}` is not UTF-8 from byte {at} on", path.display()))
            .with_help("save it as UTF-8")
    })
}
