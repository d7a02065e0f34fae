//! From a file to a database that this program can work on, or the reason why it does not start.

use std::fmt;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use migrate_runtime::{Error, Migrations, Named, Runner, Standing, embed_migrations};

static MIGRATIONS: Migrations = embed_migrations!();

/// Release builds work on data that nobody can replace, and so on nothing but the schema that they
/// were compiled for.
pub(crate) const STRICT: bool = !cfg!(debug_assertions);

/// Why the program does not start.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The file cannot be opened.
    Closed(Box<dyn std::error::Error>),
    /// Its data cannot be brought up to date.
    Migrations {
        /// Why.
        error: Error,
        /// Who develops the program can do something about it.
        in_development: bool,
    },
}

/// Opens the file, and makes it if it is not there. One read when it is up to date; otherwise what
/// is pending is applied, while other windows that start at the same time wait. A program that
/// went on after a failed migration would work on a schema that it does not know: it never does.
pub(crate) fn open(file: &str, strict: bool) -> Result<SqliteConnection, Refusal> {
    let mut conn = connect(file).map_err(Refusal::Closed)?;
    migrate(&mut conn, strict)
        .map_err(|error| Refusal::Migrations { error, in_development: !strict })?;
    Ok(conn)
}

fn connect(file: &str) -> Result<SqliteConnection, Box<dyn std::error::Error>> {
    let mut conn = SqliteConnection::establish(file)?;
    conn.batch_execute("PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000")?;
    Ok(conn)
}

fn migrate(conn: &mut SqliteConnection, strict: bool) -> Result<(), Error> {
    match MIGRATIONS.standing(conn)? {
        Standing::UpToDate => return Ok(()),
        // What another branch of the program has added does not hurt this one, as a rule.
        Standing::Ahead { applied } if !strict => {
            eprintln!(
                "warning: this file was used by a newer program, which added {}",
                list(&applied)
            );
            return Ok(());
        }
        Standing::Behind { pending } => eprintln!("updating your data: {}", list(&pending)),
        // Whatever it is, the runner mends it or says what is wrong.
        _ => {}
    }
    Runner::new(&MIGRATIONS).run(conn)?;
    Ok(())
}

fn list(migrations: &[Named]) -> String {
    migrations.iter().map(Named::to_string).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (error, in_development) = match self {
            Self::Closed(error) => return write!(f, "your data cannot be opened: {error}"),
            Self::Migrations { error, in_development } => (error, *in_development),
        };
        write!(f, "your data could not be brought up to date, so nothing was started: {error}")?;
        if in_development {
            f.write_str(
                "\nhelp: this is a development build, so the data is likely to be yours: mend the \
                 migration and start again, or move the file away to begin with an empty one",
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file that a newer program has used.
    fn ahead(directory: &tempfile::TempDir) -> String {
        let file = directory.path().join("desktop.db").to_string_lossy().into_owned();
        let mut conn = open(&file, true).expect("a new file");
        conn.batch_execute(
            "INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')",
        )
        .expect("a newer migration");
        file
    }

    #[test]
    fn a_release_refuses_a_file_of_a_newer_program() {
        let directory = tempfile::tempdir().expect("a directory");
        let refusal = open(&ahead(&directory), true).err().expect("it is newer").to_string();
        assert!(refusal.contains("older than the database"), "{refusal}");
        assert!(!refusal.contains("development"), "{refusal}");
    }

    #[test]
    fn a_development_build_warns_of_it_and_starts() {
        let directory = tempfile::tempdir().expect("a directory");
        open(&ahead(&directory), false).expect("it starts");
    }

    #[test]
    fn no_build_goes_on_after_a_failed_migration() {
        for strict in [true, false] {
            let directory = tempfile::tempdir().expect("a directory");
            let file = directory.path().join("desktop.db").to_string_lossy().into_owned();
            let mut conn = SqliteConnection::establish(&file).expect("a new file");
            conn.batch_execute("CREATE TABLE AppVersions (id INTEGER)").expect("in the way");
            let refusal = open(&file, strict).err().expect("it is in the way").to_string();
            assert!(refusal.contains("table AppVersions already exists"), "{refusal}");
            assert!(refusal.contains("up.sql:1:1"), "{refusal}");
            assert_eq!(refusal.contains("development build"), !strict, "{refusal}");
        }
    }
}
