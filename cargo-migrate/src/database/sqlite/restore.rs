//! A copy of an SQLite database, put in the place of the database.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::{Path, PathBuf};

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::result::Error as DieselError;
use diesel::sql_types::Text;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Address, BESIDE, openers};
use crate::copies::{self, Staged};
use crate::exit::Exit;
use crate::failure::Failure;

/// What every database begins with (<https://www.sqlite.org/fileformat.html>).
const MAGIC: &[u8] = b"SQLite format 3\0";

/// Keeps everybody away who is not at it already: to be replaced, the file must be nobody's, and hold
/// all that is in it.
const ALONE: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = DELETE; \
    BEGIN EXCLUSIVE; SELECT count(*) FROM sqlite_schema";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    text: String,
}

/// Puts a copy in the place of the database, whose file is kept; says where.
///
/// # Errors
/// When the copy is none of a database with a ledger, or somebody uses the database. It is as before
/// then.
pub(super) fn from(
    address: &Address,
    file: &Path,
    copy: &Path,
) -> Result<Option<PathBuf>, Failure> {
    check(copy)?;
    // Where the path is a link, the link stays.
    let file = &file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let staged = Staged::replacing(file)?;
    let copied = fs::copy(copy, staged.path()).map(drop);
    let copied = copied.and_then(|()| match fs::metadata(file) {
        Ok(old) => fs::set_permissions(staged.path(), old.permissions()),
        Err(_) => Ok(()),
    });
    copied.map_err(|why| failed(address, &why.to_string()))?;
    if !file.exists() {
        return staged.finish().map(|()| None);
    }
    replace(address, file, staged).map(Some)
}

/// Replaces the file, and keeps it under another name.
fn replace(address: &Address, file: &Path, staged: Staged) -> Result<PathBuf, Failure> {
    let mut connection = address.connect()?;
    // What is damaged cannot be locked; it is kept all the same.
    let was_wal = line(&mut connection, "SELECT journal_mode AS text FROM pragma_journal_mode")
        .is_ok_and(|mode| mode == "wal");
    let replaced = alone(address, &mut connection)
        .and_then(|()| if was_wal { make_wal(address, &staged) } else { Ok(()) })
        .and_then(|()| exchange(address, file, staged));
    if replaced.is_err() && was_wal {
        // The first error is the one to tell.
        let _ = connection.batch_execute("ROLLBACK");
        let _ = connection.batch_execute("PRAGMA journal_mode = WAL");
    }
    replaced
}

fn alone(address: &Address, connection: &mut SqliteConnection) -> Result<(), Failure> {
    match connection.batch_execute(ALONE) {
        Ok(()) => {}
        Err(error) if is_damage(&error) => {}
        Err(error) => {
            return Err(failed(address, &error.to_string())
                .exit(Exit::Locked)
                .help("close what uses the database, and try again"));
        }
    }
    refuse_openers(address, &address.files())
}

fn exchange(address: &Address, file: &Path, staged: Staged) -> Result<PathBuf, Failure> {
    let kept = copies::beside(file);
    let cannot = |why: std::io::Error| failed(address, &why.to_string());
    fs::hard_link(file, &kept).or_else(|_| fs::copy(file, &kept).map(drop)).map_err(cannot)?;
    // A journal that outlived its database would be taken for one of the next.
    for ending in BESIDE {
        let beside = with_ending(file, ending);
        if beside.exists() {
            fs::rename(&beside, with_ending(&kept, ending)).map_err(cannot)?;
        }
    }
    staged.finish()?;
    // Somebody may have opened it since we looked. Nothing is written yet: the lock is ours.
    if let Err(failure) = refuse_openers(address, std::slice::from_ref(&kept)) {
        fs::rename(&kept, file).map_err(cannot)?;
        return Err(failure);
    }
    Ok(kept)
}

fn refuse_openers(address: &Address, files: &[PathBuf]) -> Result<(), Failure> {
    let others = openers::of(files);
    if others.is_empty() {
        return Ok(());
    }
    let mut failure = failed(address, "others have it open").help("close them, and try again");
    failure.notes = others;
    Err(failure)
}

/// Write-ahead logging is a property of the database, which its copy has lost.
fn make_wal(address: &Address, staged: &Staged) -> Result<(), Failure> {
    let path = staged.path().to_string_lossy();
    let made = SqliteConnection::establish(&path).map_err(|error| error.to_string()).and_then(
        |mut connection| {
            let made = connection.batch_execute("PRAGMA journal_mode = WAL");
            made.map_err(|error| error.to_string())
        },
    );
    made.map_err(|why| failed(address, &why))
}

/// Whether a file is a sound database with a ledger. Nothing is written, nor beside it.
fn check(copy: &Path) -> Result<(), Failure> {
    let refused = |why: &str| Failure::new(format!("`{}` is no backup: {why}", copy.display()));
    let mut magic = Vec::new();
    let read =
        File::open(copy).and_then(|file| file.take(MAGIC.len() as u64).read_to_end(&mut magic));
    read.map_err(|why| refused(&why.to_string()))?;
    if magic != MAGIC {
        return Err(refused("it is not an SQLite database"));
    }
    for ending in BESIDE {
        if fs::metadata(with_ending(copy, ending)).is_ok_and(|file| file.len() > 0) {
            let why = format!("a part of it is in `{}`", with_ending(copy, ending).display());
            return Err(refused(&why).help("open it with `sqlite3`, which puts the two together"));
        }
    }
    let path = copy.to_str().ok_or_else(|| refused("its path is not UTF-8"))?;
    let encoded = utf8_percent_encode(path, NON_ALPHANUMERIC);
    let mut connection = SqliteConnection::establish(&format!("file:{encoded}?immutable=1"))
        .map_err(|error| refused(&error.to_string()))?;
    let sound = line(&mut connection, "SELECT quick_check AS text FROM pragma_quick_check LIMIT 1");
    match sound.map_err(|error| refused(&error.to_string()))?.as_str() {
        "ok" => {}
        problem => return Err(refused(problem)),
    }
    let ledger = "SELECT CAST(count(*) AS TEXT) AS text FROM sqlite_schema \
        WHERE type = 'table' AND name = '__diesel_schema_migrations'";
    match line(&mut connection, ledger).map_err(|error| refused(&error.to_string()))?.as_str() {
        "1" => Ok(()),
        _ => Err(refused("it has no ledger of migrations")),
    }
}

fn line(connection: &mut SqliteConnection, query: &str) -> QueryResult<String> {
    diesel::sql_query(query).get_result::<Line>(connection).map(|line| line.text)
}

fn is_damage(error: &DieselError) -> bool {
    let said = error.to_string();
    said.contains("not a database") || said.contains("malformed")
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut path = OsString::from(file);
    path.push(ending);
    PathBuf::from(path)
}

fn failed(address: &Address, why: &str) -> Failure {
    Failure::new(format!("cannot replace {}: {why}", address.shown_name()))
}
