use migrate_build::compare::PartDeviation;
use migrate_build::layout::Directory;
use migrate_build::{Cache, Dialect, Levels, verify_directory};

use super::*;

/// The report on one migration, whose way back is right.
fn report() -> Report {
    let directory = tempfile::tempdir().unwrap();
    let migration = directory.path().join("1_users");
    std::fs::create_dir(&migration).unwrap();
    std::fs::write(migration.join("up.sql"), "CREATE TABLE users (id INTEGER);\n").unwrap();
    std::fs::write(migration.join("down.sql"), "DROP TABLE users;\n").unwrap();
    let files = Directory::load(directory.path(), directory.path()).unwrap();
    let server = Server::any(Dialect::Sqlite);
    verify_directory(files, server, &Levels::default(), &mut Cache::default()).unwrap()
}

fn users(kind: DeviationKind) -> Deviation {
    Deviation { class: "table".to_owned(), name: "users".to_owned(), key: None, kind }
}

#[test]
fn what_was_proved_and_is_not_so_is_our_mistake() {
    let report = report();
    let migration = &report.migrations[0];
    let ruling = Ruling::Leaves(vec![users(DeviationKind::Additional)]);
    let tried = Tried { migration, ruling, disagreement: Vec::new() };
    assert!(tried.is_disagreement());
    let failure = bug(&tried, report.server);
    assert_eq!(failure.message, "1_users: the files and SQLite do not say the same");
    assert_eq!(
        failure.notes,
        ["by the files, `down.sql` undoes `up.sql`, and in the database it does not"]
    );
    assert!(failure.help[0].contains("please report it"), "{failure:?}");
}

#[test]
fn what_was_refuted_and_holds_is_our_mistake() {
    let mut report = report();
    report.migrations[0].verdict = Verdict::Refuted("`down.sql` leaves it behind".to_owned());
    let migration = &report.migrations[0];
    let tried = Tried { migration, ruling: Ruling::Holds, disagreement: Vec::new() };
    assert_eq!(
        bug(&tried, report.server).notes,
        [
            "by the files, `down.sql` does not undo `up.sql`, and in the database it does",
            "by the files: `down.sql` leaves it behind"
        ]
    );
}

#[test]
fn another_schema_behind_up_is_our_mistake() {
    let report = report();
    let migration = &report.migrations[0];
    let part = |part: &str, expected: Option<&str>, found: Option<&str>| PartDeviation {
        part: part.to_owned(),
        expected: expected.map(str::to_owned),
        found: found.map(str::to_owned),
    };
    let disagreement = vec![
        users(DeviationKind::Missing),
        users(DeviationKind::Additional),
        users(DeviationKind::Differs(vec![part("the column `id`", Some("id INTEGER"), None)])),
    ];
    let tried = Tried { migration, ruling: Ruling::Holds, disagreement };
    assert_eq!(
        bug(&tried, report.server).notes,
        [
            "by the files, `up.sql` makes the table `users`: the database has none",
            "the database has the table `users`: by the files, there is none",
            "table `users`, the column `id`: `id INTEGER` by the files, `nothing` in the database",
        ]
    );
}

#[test]
fn rows_and_rights_are_not_in_the_files() {
    let report = report();
    let migration = &report.migrations[0];
    let tried = |ruling| Tried { migration, ruling, disagreement: Vec::new() };
    assert!(!tried(Ruling::NotTried).is_disagreement());
    assert!(!tried(Ruling::Holds).is_disagreement());
}

#[test]
fn extensions_are_told_from_the_rest() {
    assert!(makes_extension("CREATE EXTENSION postgis"));
    assert!(makes_extension("create\n extension if not exists postgis"));
    assert!(!makes_extension("CREATE TABLE extension (id INT)"));
}
