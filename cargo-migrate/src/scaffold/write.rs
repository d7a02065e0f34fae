//! A draft on its way to disk.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::lock::Lock;
use super::{Draft, Error, recorded, version};

/// Where a migration is put together. Everybody skips what begins with a dot.
const STAGING: &str = ".migrate-new";

/// A migration that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// Its directory.
    pub dir: PathBuf,
    /// Its version, as ledgers record it: dashes dropped.
    pub version: String,
    /// Its files, `up.sql` first.
    pub files: Vec<PathBuf>,
}

/// Writes `draft` into the directory `migrations`, which is made if it is missing.
///
/// The version is the draft's own, or a stamp that is greater than every version there. Safe
/// beside other processes that do the same: versions never meet. The migration appears whole or
/// not at all, and nothing that exists is overwritten.
///
/// # Errors
/// When the version is taken or none follows the newest one, when another writer does not come to
/// an end, or when the disk does not play along.
pub fn create(migrations: &Path, draft: &Draft) -> Result<Created, Error> {
    create_at(migrations, draft, Timestamp::now)
}

fn create_at(
    migrations: &Path,
    draft: &Draft,
    now: impl Fn() -> Timestamp,
) -> Result<Created, Error> {
    fs::create_dir_all(migrations).map_err(|error| Error::io("create", migrations, &error))?;
    let _lock = Lock::acquire(migrations)?;
    let existing = list(migrations)?;
    let version = match &draft.version {
        Some(version) => {
            version::check_new(version, &existing)?;
            version.clone()
        }
        None => {
            let versions: Vec<String> = existing.iter().map(|name| recorded(name)).collect();
            version::next(now(), &versions)?
        }
    };
    let dir = migrations.join(format!("{version}_{}", draft.name));
    // Not among the directories, but a file or a dangling link may bear the name.
    if fs::symlink_metadata(&dir).is_ok() {
        return Err(Error::failed(format!("`{}` exists already", dir.display())));
    }
    let staging = migrations.join(STAGING);
    let files = fill(&staging, draft).and_then(|files| {
        fs::rename(&staging, &dir).map_err(|error| Error::io("create", &dir, &error))?;
        Ok(files)
    });
    match files {
        Ok(files) => Ok(Created {
            files: files.into_iter().map(|file| dir.join(file)).collect(),
            version: recorded(&version),
            dir,
        }),
        Err(error) => {
            // The error that brought us here is the one to tell.
            let _ = fs::remove_dir_all(&staging);
            Err(error)
        }
    }
}

/// Writes drafts that have versions: all of them, or none. What is there already, as it would be
/// written, is left as it is.
///
/// # Errors
/// When a version is taken, or as [`create`].
pub(crate) fn create_all(migrations: &Path, drafts: &[Draft]) -> Result<Vec<Created>, Error> {
    fs::create_dir_all(migrations).map_err(|error| Error::io("create", migrations, &error))?;
    let _lock = Lock::acquire(migrations)?;
    let existing = list(migrations)?;
    let mut new = Vec::new();
    for draft in drafts {
        let version = draft.version.as_deref().unwrap_or_default();
        let name = format!("{version}_{}", draft.name);
        if is_written(&migrations.join(&name), draft) {
            continue;
        }
        let is_taken = |other: &&String| recorded(other).eq_ignore_ascii_case(&recorded(version));
        if let Some(other) = existing.iter().find(is_taken) {
            return Err(Error::failed(format!(
                "nothing was written: `{name}` would have the version of `{other}`, which is there"
            ))
            .with_help("move that one away, or name another directory with `--dir`"));
        }
        new.push((name, draft));
    }
    let staging = migrations.join(STAGING);
    let created = stage(&staging, &new).and_then(|()| publish(migrations, &staging, &new));
    // The error that brought us here is the one to tell.
    let _ = fs::remove_dir_all(&staging);
    created
}

fn is_written(dir: &Path, draft: &Draft) -> bool {
    let is_there =
        |name: &str, text: Option<&str>| fs::read_to_string(dir.join(name)).ok().as_deref() == text;
    is_there(main_file(draft), Some(&draft.up)) && is_there("down.sql", draft.down.as_deref())
}

/// Writes each into a directory of the staging one.
fn stage(staging: &Path, drafts: &[(String, &Draft)]) -> Result<(), Error> {
    make_anew(staging)?;
    drafts.iter().try_for_each(|(name, draft)| fill(&staging.join(name), draft).map(drop))
}

/// Moves all of them where they belong; back out of the way again, when one does not get there.
fn publish(
    migrations: &Path,
    staging: &Path,
    drafts: &[(String, &Draft)],
) -> Result<Vec<Created>, Error> {
    let mut created: Vec<Created> = Vec::with_capacity(drafts.len());
    for (name, draft) in drafts {
        let dir = migrations.join(name);
        if let Err(error) = fs::rename(staging.join(name), &dir) {
            for done in &created {
                let _ = fs::remove_dir_all(&done.dir);
            }
            return Err(Error::io("create", &dir, &error));
        }
        let files = texts(draft).into_iter().map(|(file, _)| dir.join(file)).collect();
        created.push(Created { dir, version: recorded(name), files });
    }
    Ok(created)
}

/// The names of the directories that are there, hidden ones left out.
fn list(migrations: &Path) -> Result<Vec<String>, Error> {
    let fail = |error: io::Error| Error::io("list", migrations, &error);
    let mut names = Vec::new();
    for entry in fs::read_dir(migrations).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') && entry.path().is_dir() {
            names.push(name);
        }
    }
    Ok(names)
}

/// Writes the files; returns their names.
fn fill(staging: &Path, draft: &Draft) -> Result<Vec<&'static str>, Error> {
    make_anew(staging)?;
    let mut files = Vec::with_capacity(3);
    for (name, text) in texts(draft) {
        let path = staging.join(name);
        fs::write(&path, text).map_err(|error| Error::io("write", &path, &error))?;
        files.push(name);
    }
    Ok(files)
}

/// The file with what the migration does.
fn main_file(draft: &Draft) -> &'static str {
    if draft.in_rust { "migration.rs" } else { "up.sql" }
}

/// The names of the files, and what is in them.
fn texts(draft: &Draft) -> Vec<(&'static str, &str)> {
    let metadata = (!draft.in_transaction).then_some(migrate_templates::METADATA);
    let all = [
        (main_file(draft), Some(draft.up.as_str())),
        ("down.sql", draft.down.as_deref()),
        ("metadata.toml", metadata),
    ];
    all.into_iter().filter_map(|(name, text)| Some((name, text?))).collect()
}

/// We hold the lock, so one that exists was left behind by a process that died.
fn make_anew(staging: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(staging) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(Error::io("remove", staging, &error));
        }
        _ => {}
    }
    fs::create_dir(staging).map_err(|error| Error::io("create", staging, &error))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::{Created, Draft, create, create_at, list};
    use crate::scaffold::Intent;

    fn draft(name: &str) -> Draft {
        Draft {
            in_rust: false,
            name: name.to_owned(),
            intent: Intent::Blank,
            version: None,
            up: "SELECT 1;\n".to_owned(),
            down: Some("SELECT 2;\n".to_owned()),
            in_transaction: true,
        }
    }

    fn at_nine(migrations: &Path, draft: &Draft) -> Created {
        create_at(migrations, draft, || "2026-01-05T09:00:00Z".parse().unwrap()).unwrap()
    }

    fn names(migrations: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(migrations)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_migration_is_written_whole_into_a_directory_that_was_missing() {
        let root = tempfile::tempdir().unwrap();
        let migrations = root.path().join("db/migrations");
        let created = at_nine(&migrations, &draft("create_users"));
        assert_eq!(created.version, "20260105090000");
        assert_eq!(created.dir, migrations.join("2026-01-05-090000_create_users"));
        assert_eq!(created.files, [created.dir.join("up.sql"), created.dir.join("down.sql")]);
        assert_eq!(fs::read_to_string(&created.files[0]).unwrap(), "SELECT 1;\n");
        assert_eq!(fs::read_to_string(&created.files[1]).unwrap(), "SELECT 2;\n");
        assert_eq!(names(&migrations), ["2026-01-05-090000_create_users"]);
    }

    #[test]
    fn the_same_second_gives_the_next_version() {
        let root = tempfile::tempdir().unwrap();
        for _ in 0..3 {
            at_nine(root.path(), &draft("a"));
        }
        assert_eq!(
            names(root.path()),
            ["2026-01-05-090000_a", "2026-01-05-090001_a", "2026-01-05-090002_a"]
        );
    }

    #[test]
    fn without_a_down_there_is_one_file() {
        let root = tempfile::tempdir().unwrap();
        let created = at_nine(root.path(), &Draft { down: None, ..draft("a") });
        assert_eq!(created.files, [created.dir.join("up.sql")]);
        assert_eq!(names(&created.dir), ["up.sql"]);
    }

    #[test]
    fn what_cannot_run_in_a_transaction_says_so() {
        let root = tempfile::tempdir().unwrap();
        let created = at_nine(root.path(), &Draft { in_transaction: false, ..draft("a") });
        assert_eq!(names(&created.dir), ["down.sql", "metadata.toml", "up.sql"]);
        let metadata = fs::read_to_string(&created.files[2]).unwrap();
        assert!(metadata.ends_with("\nrun_in_transaction = false\n"), "{metadata}");
    }

    #[test]
    fn files_and_hidden_directories_are_no_versions() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("9999_notes.sql"), "").unwrap();
        fs::write(root.path().join(".keep"), "").unwrap();
        fs::create_dir(root.path().join(".9999_x")).unwrap();
        assert!(list(root.path()).unwrap().is_empty());
        assert_eq!(at_nine(root.path(), &draft("a")).version, "20260105090000");
    }

    #[test]
    fn a_version_of_ones_own_is_kept_and_is_not_given_twice() {
        let root = tempfile::tempdir().unwrap();
        let own = |version: &str| Draft { version: Some(version.into()), ..draft("a") };
        let created = create(root.path(), &own("00-42")).unwrap();
        assert_eq!(created.version, "0042");
        assert_eq!(names(root.path()), ["00-42_a"]);
        let error = create(root.path(), &own("0042")).unwrap_err().to_string();
        assert!(error.contains("version `0042` is taken: by `00-42_a`"), "{error}");
        assert_eq!(names(root.path()), ["00-42_a"]);
    }

    #[test]
    fn nothing_that_bears_the_name_is_overwritten() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("7_a"), "mine").unwrap();
        let draft = Draft { version: Some("7".into()), ..draft("a") };
        let error = create(root.path(), &draft).unwrap_err().to_string();
        assert!(error.contains("exists already"), "{error}");
        assert_eq!(fs::read_to_string(root.path().join("7_a")).unwrap(), "mine");
        assert_eq!(names(root.path()), ["7_a"]);
    }

    #[test]
    fn what_a_killed_process_left_behind_is_cleared_away() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(".migrate-new")).unwrap();
        fs::write(root.path().join(".migrate-new/half.sql"), "").unwrap();
        let created = at_nine(root.path(), &draft("a"));
        assert_eq!(names(&created.dir), ["down.sql", "up.sql"]);
        assert_eq!(names(root.path()), ["2026-01-05-090000_a"]);
    }

    #[test]
    fn a_failure_leaves_nothing_behind() {
        let root = tempfile::tempdir().unwrap();
        // Too long for a directory, so the last step fails, after the files were written.
        let error = create(root.path(), &draft(&"a".repeat(300))).unwrap_err().to_string();
        assert!(error.starts_with("could not create `"), "{error}");
        assert!(names(root.path()).is_empty());

        let file = root.path().join("migrations");
        fs::write(&file, "").unwrap();
        let error = create(&file, &draft("a")).unwrap_err().to_string();
        assert!(error.starts_with("could not create `"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "");

        // Not a directory that could be cleared away.
        let migrations = root.path().join("m");
        fs::create_dir(&migrations).unwrap();
        fs::write(migrations.join(".migrate-new"), "").unwrap();
        let error = create(&migrations, &draft("a")).unwrap_err().to_string();
        assert!(error.starts_with("could not remove `"), "{error}");
        assert_eq!(names(&migrations), [".migrate-new"]);
    }

    #[test]
    fn a_newest_version_without_successor_stops_it() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("9999_old")).unwrap();
        let error = create(root.path(), &draft("a")).unwrap_err().to_string();
        assert!(error.contains("--version V"), "{error}");
        assert_eq!(names(root.path()), ["9999_old"]);
    }

    #[test]
    fn twelve_at_once_get_twelve_versions() {
        let root = tempfile::tempdir().unwrap();
        let migrations = root.path().join("migrations");
        let (draft, migrations) = (&draft("a"), migrations.as_path());
        let versions: BTreeSet<String> = std::thread::scope(|scope| {
            let all: Vec<_> =
                (0..12).map(|_| scope.spawn(move || at_nine(migrations, draft).version)).collect();
            all.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let expected: BTreeSet<String> = (0..12).map(|n| format!("202601050900{n:02}")).collect();
        assert_eq!(versions, expected);
        assert_eq!(names(migrations).len(), 12);
    }
}
