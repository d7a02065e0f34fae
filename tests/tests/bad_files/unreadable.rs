//! What cannot be looked at is an error, not a finding; and it says which path it is about.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use migrate_build::Error;
use migrate_build::layout::Directory;

use migrate_tests::migration_set::Set;

fn load(path: &Path) -> Error {
    Directory::load(path, path).expect_err("it cannot be read")
}

#[test]
fn a_directory_that_is_not_there_says_how_to_begin() {
    let path = Set::new().path().join("gone");
    let error = load(&path);
    assert!(matches!(&error, Error::NoDirectory { path: named } if *named == path), "{error:?}");
    assert!(error.to_string().contains("cargo migrate init"), "{error}");
}

#[test]
fn a_file_is_no_directory() {
    let set = Set::new().table("1_a", "a");
    let path = set.path().join("1_a/up.sql");
    let error = load(&path);
    let expected = format!("cannot list `{}`: not a directory", path.display());
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_name_that_the_system_refuses_is_an_error() {
    let path = Set::new().path().join("x".repeat(5000));
    let error = load(&path);
    assert!(matches!(&error, Error::Io { path: named, .. } if *named == path), "{error:?}");
}

#[test]
fn a_path_cannot_drive_a_terminal() {
    let error = load(Path::new("/nowhere/\u{1b}[2J"));
    assert!(error.to_string().contains("`/nowhere/\\u{1b}[2J`"), "{error}");
}

/// Root reads everything. Then this test runs itself once more, as nobody.
#[test]
fn a_file_without_permission_is_an_error_that_names_it() {
    let set = Set::new().table("1_a", "a");
    let file = set.path().join("1_a/up.sql");
    forbid(&file);
    if fs::read(&file).is_ok() {
        return run_as_nobody("unreadable::a_file_without_permission_is_an_error_that_names_it");
    }
    assert_denied("read", &set.path(), &file);
}

#[test]
fn a_directory_without_permission_is_an_error_that_names_it() {
    let set = Set::new().table("1_a", "a");
    let directory = set.path().join("1_a");
    forbid(&directory);
    if fs::read_dir(&directory).is_ok() {
        return run_as_nobody(
            "unreadable::a_directory_without_permission_is_an_error_that_names_it",
        );
    }
    assert_denied("list", &set.path(), &directory);
    let again = fs::Permissions::from_mode(0o700);
    fs::set_permissions(&directory, again).expect("it can be removed again");
}

fn forbid(path: &Path) {
    fs::set_permissions(path, fs::Permissions::from_mode(0o000)).expect("it is ours");
}

fn assert_denied(action: &str, root: &Path, path: &Path) {
    let message = load(root).to_string();
    let expected = format!("cannot {action} `{}`: Permission denied", path.display());
    assert!(message.starts_with(&expected), "{message}");
}

fn run_as_nobody(test: &str) {
    const NOBODY: u32 = 65534;
    // A copy, because nobody may not enter the directories on the way to the original.
    let folder = tempfile::TempDir::new().expect("a temporary directory");
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.path(), open).expect("it is ours");
    let program = folder.path().join("test");
    fs::copy(std::env::current_exe().expect("this program"), &program).expect("a copy of it");
    let output = Command::new(&program)
        .args(["--exact", test])
        .current_dir("/")
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .expect("it starts");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && stdout.contains("1 passed"), "{stdout}");
}
