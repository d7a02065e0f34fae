//! Every rule has a fixture that breaks it, and what is said then is kept beside it. Correct sets
//! break none.
//!
//! A fixture is `fixtures/rules/<id>/migrations`, read as SQLite, or code in [`MADE_HERE`] where git
//! could not hold it; the findings are `expected.txt` beside it (`SNAPSHOTS=overwrite` writes it). A
//! rule with more to say on servers has a folder more for each: `<id>/<server>/migrations`, where the
//! server is `postgres`, `mysql`, or one of a version: `postgres-11`, `mysql-8.0`, `mariadb-10.11`.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use migrate_build::catalog::{Catalog, Live};
use migrate_build::compare::{Comparison, Expected, drifted};
use migrate_build::layout::MAX_BYTES;
use migrate_build::schema::{Format, Schema, Settings, stale};
use migrate_build::{
    Cache, Diagnostic, Dialect, Down, ForeignKeys, Level, Levels, Mode, Report, Rule, Server,
};
use migrate_tests::migration_set::{Set, shown, verify, verify_with};
use snapbox::{Data, assert_data_eq};

/// Makes a set that breaks a rule.
type Make = fn(Set) -> Set;

/// A set that breaks a rule, and the server that it is read for.
struct Fixture {
    folder: PathBuf,
    server: Server,
}

/// Sets that git would not keep as they are, or not on every system.
const MADE_HERE: &[(&str, Make)] = &[
    ("bad-name", bad_names),
    ("byte-order-mark", |set| {
        set.table("1_a", "a").file("1_a/up.sql", "\u{feff}CREATE TABLE a (id INTEGER);\n")
    }),
    ("case-twins", |set| set.table("A1_users", "a").table("a1_users", "b")),
    ("direction-mark", |set| {
        let up =
            "CREATE TABLE a (id INTEGER); /*\u{202e} } \u{2066}keep\u{2069} */ DROP TABLE a;\n";
        set.table("1_a", "a").file("1_a/up.sql", up)
    }),
    ("empty-directory", |set| {
        fs::create_dir(set.path().join("2_left_behind")).expect("a new directory");
        set.table("1_a", "a").file("3_kept_by_git/.gitkeep", "")
    }),
    ("not-a-file", |set| {
        set.table("1_a", "a").file("2_b/up.sql/up.sql", "SELECT 1;\n").file("2_b/down.sql", "")
    }),
    ("not-utf8", |set| {
        set.table("1_a", "a")
            .file("1_a/up.sql", b"CREATE TABLE a (\n  name TEXT DEFAULT 'caf\xe9'\n);\n")
            .file("1_a/down.sql", b"\xff\xfeD\0R\0O\0P\0")
    }),
    ("nul-byte", |set| {
        set.table("1_a", "a").file("1_a/up.sql", "CREATE TABLE a (\n  name TEXT DEFAULT '\0'\n);\n")
    }),
    ("oversized-file", |set| {
        let set = set.table("1_a", "a");
        let up = File::options().write(true).open(set.path().join("1_a/up.sql"));
        // Without content: it takes no space on the disk.
        up.and_then(|up| up.set_len(MAX_BYTES + 1)).expect("a file with a hole in it");
        set
    }),
    ("too-deep", |set| {
        let up = format!("SELECT\n{}1{};\n", "(".repeat(1_001), ")".repeat(1_001));
        set.table("1_a", "a").file("1_a/up.sql", up)
    }),
    ("symlink-escape", |set| {
        let set = set.table("1_a", "a").file("../shared/up.sql", "SELECT 1;\n");
        let link = |target: &str, name: &str| {
            symlink(target, set.path().join(name)).expect("a new link");
        };
        link("../../shared/up.sql", "1_a/metadata.toml");
        link("../shared", "2_shared");
        link("gone", "3_gone");
        set
    }),
];

/// Rules whose findings verification does not make, and who does. Their fixtures show what
/// verification has to say of them.
const FOUND_ELSEWHERE: &[(&str, &str)] =
    &[("row-loss", "the runner counts rows; a script can allow it, or allow it in vain")];

fn bad_names(set: Set) -> Set {
    let latin1 = Path::new(OsStr::from_bytes(b"3_caf\xe9"));
    set.table("1_a", "a")
        .table("2_\u{1b}[2Jb", "b")
        .file(latin1.join("up.sql"), "SELECT 1;\n")
        .table("4_\u{202e}d", "d")
}

fn fixtures(of: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(of)
}

fn made_here(id: &str) -> Option<Set> {
    let (_, make) = MADE_HERE.iter().find(|(name, _)| *name == id)?;
    Some(make(Set::new()))
}

fn assert_shown(report: &Report, expected: &Path) {
    assert_data_eq!(shown(report), Data::read_from(expected, None).raw());
}

/// The fixtures of a rule that are files.
fn committed(id: &str) -> Vec<Fixture> {
    let folder = fixtures("rules").join(id);
    let entries = fs::read_dir(&folder).expect("the fixtures of a rule");
    let names =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a text"));
    let mut all: Vec<Fixture> = names
        .filter_map(|name| match name.as_str() {
            "expected.txt" | "schema.rs" => None,
            "migrations" => {
                Some(Fixture { folder: folder.clone(), server: Server::any(Dialect::Sqlite) })
            }
            name => Some(Fixture { folder: folder.join(name), server: server(name) }),
        })
        .collect();
    all.sort_by(|a, b| a.folder.cmp(&b.folder));
    all
}

/// The server that a folder is named after.
fn server(name: &str) -> Server {
    let (dialect, version) = match name.split_once('-') {
        Some(("mariadb", _)) => ("mysql", Some(name)),
        Some((dialect, version)) => (dialect, Some(version)),
        None => (name, None),
    };
    let version = version.map(|version| version.parse().expect("a version"));
    Server::new(dialect.parse().expect("a dialect"), version).expect("a server")
}

#[test]
fn every_rule_has_its_fixture_and_every_fixture_its_rule() {
    let rules: BTreeSet<String> =
        migrate_build::rules::all().map(|rule| rule.id.to_owned()).collect();
    let entries = fs::read_dir(fixtures("rules")).expect("the fixtures");
    let folders = entries.map(|entry| entry.expect("a fixture"));
    let folders: BTreeSet<String> =
        folders.map(|folder| folder.file_name().to_string_lossy().into_owned()).collect();
    assert_eq!(folders, rules, "rules without a fixture, or fixtures without a rule");

    let made = |id: &str| MADE_HERE.iter().any(|(name, _)| *name == id);
    let wrong: Vec<_> = rules.iter().filter(|id| committed(id).is_empty() != made(id)).collect();
    assert!(wrong.is_empty(), "rules without a fixture, or with two: {wrong:?}");
    let listed = MADE_HERE.iter().map(|(id, _)| *id);
    let listed = listed.chain(FOUND_ELSEWHERE.iter().map(|(id, _)| *id));
    let unknown: Vec<_> = listed.filter(|id| !rules.contains(*id)).collect();
    assert!(unknown.is_empty(), "there are no such rules: {unknown:?}");
}

#[test]
fn every_rule_finds_what_it_is_for() {
    for rule in migrate_build::rules::all() {
        match made_here(rule.id) {
            Some(set) => assert_found(rule, set.report(), &fixtures("rules").join(rule.id)),
            None => {
                let mut levels = Levels::default();
                if rule.level == Level::Allow {
                    levels.set(rule.id, "warn").expect("there is such a rule");
                }
                for Fixture { folder, server } in committed(rule.id) {
                    let report = verify_with(&folder.join("migrations"), server, &levels);
                    assert_found(rule, report, &folder);
                }
            }
        }
    }
}

fn assert_found(rule: &Rule, mut report: Report, folder: &Path) {
    if rule.id == "failed-statement" {
        // What a database says of the fixture's second statement.
        let refused = report.failed_statement("1", true, 1, "no such table: accounts");
        report.findings.extend(refused);
    }
    if ["stale-schema", "unknown-schema"].contains(&rule.id) {
        report.findings.extend(about_schema(&report, folder));
    }
    if rule.id == "drift" {
        report.findings.extend(drift(&report));
    }
    assert_shown(&report, &folder.join("expected.txt"));
    let found = report.findings.iter().any(|finding| finding.rule == rule);
    match FOUND_ELSEWHERE.iter().find(|(id, _)| *id == rule.id) {
        None => assert!(found, "nothing breaks `{}` in {}", rule.id, folder.display()),
        Some((id, by)) => {
            assert!(!found, "`{id}` is found by verification now, not by others: {by}");
            assert!(shown(&report).contains(id), "`{id}` does not occur in its own fixture");
        }
    }
}

/// What is said of the schema file beside a fixture's migrations.
fn about_schema(report: &Report, folder: &Path) -> Option<Diagnostic> {
    let schema = Schema::behind(report, &Cache::default()).expect("every parser is there");
    let shown = Path::new("src/schema.rs");
    match schema.text(Format::Diesel, &Settings::default()) {
        Ok(made) => {
            let renew = "cargo migrate schema --format diesel > src/schema.rs";
            let path = folder.join("schema.rs");
            stale(Format::Diesel, &path, shown, &made, renew).expect("it can be read")
        }
        Err(unknown) => Some(*unknown),
    }
}

/// What is to be said of a database that was changed by hand.
fn drift(report: &Report) -> Vec<Diagnostic> {
    let mut expected = Expected::new(report.server);
    for migration in &report.migrations {
        expected.apply(&migration.up.source).expect("it is compiled in");
    }
    let by_hand = [
        "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, vip INT)",
        "CREATE TABLE notes (x)",
    ];
    let catalog = Catalog::of_sqlite(by_hand.map(str::to_owned)).expect("it is compiled in");
    let live = Live { catalog, unread: Vec::new(), unseen: Vec::new(), collation: None };
    let comparison = Comparison::of_expected(expected.catalog(), &live);
    comparison.deviations.iter().map(|deviation| drifted(&expected, deviation)).collect()
}

#[test]
fn correct_sets_break_no_rule() {
    // MariaDB and MySQL roll nothing back, and these sets say nothing of it.
    let levels = |dialect| {
        let mut levels = Levels::default();
        if dialect == Dialect::Mysql {
            levels.set("mysql-implicit-commit", "allow").expect("there is such a rule");
        }
        levels
    };
    for (seed, dialect, migrations) in [
        ("chat", Dialect::Sqlite, 2),
        ("electron", Dialect::Sqlite, 4),
        ("rooms", Dialect::Sqlite, 2),
        ("chat", Dialect::Postgres, 2),
        ("prd", Dialect::Postgres, 4),
        ("rooms", Dialect::Postgres, 2),
        ("supabase", Dialect::Postgres, 5),
        ("chat", Dialect::Mysql, 2),
        ("rooms", Dialect::Mysql, 2),
    ] {
        let folder = fixtures("seeds").join(seed).join(dialect.name()).join("migrations");
        let report = verify_with(&folder, Server::any(dialect), &levels(dialect));
        assert_eq!(report.migrations.len(), migrations, "{seed} on {dialect}");
        assert_eq!(shown(&report), "", "{seed} on {dialect}");
    }
}

/// What verification says of a trap for a database.
fn trap(name: &str, dialect: Dialect) -> Report {
    let folder = fixtures("traps").join(name).join(dialect.name());
    let report = verify(&folder.join("migrations"), Server::any(dialect));
    assert_shown(&report, &folder.join("expected.txt"));
    report
}

#[test]
fn a_down_that_undoes_nothing_is_caught() {
    assert!(trap("empty_down", Dialect::Sqlite).fails());
}

#[test]
fn two_migrations_of_the_same_day_are_caught() {
    assert!(trap("same_timestamp", Dialect::Postgres).fails());
}

#[test]
fn a_new_value_of_a_type_is_not_used_at_once() {
    assert!(trap("pg_enum_add_value_in_tx", Dialect::Postgres).fails());
}

#[test]
fn an_index_is_built_concurrently_outside_of_transactions_only() {
    let outside = trap("pg_concurrently", Dialect::Postgres);
    assert!(outside.findings.is_empty());
    let [_, index] = outside.migrations.as_slice() else { panic!("there are two migrations") };
    assert_eq!(index.up.facts.statements[0].mode, Mode::Once);
    let up = index.up.source.text();
    let inside = Set::new().file("1_index/up.sql", up).file("1_index/down.sql", "DROP TABLE t;\n");
    let inside = verify(&inside.path(), Server::any(Dialect::Postgres));
    assert_eq!(inside.findings[0].rule.id, "not-in-transaction");
    assert!(inside.fails());
}

#[test]
fn a_reserved_word_is_no_name() {
    assert!(trap("mysql_reserved_word", Dialect::Mysql).fails());
}

#[test]
fn half_a_migration_that_may_stay_is_warned_of() {
    let report = trap("mysql_partial", Dialect::Mysql);
    // And that the second half fails, which no server was asked.
    assert_eq!(report.errors_and_warnings(), (1, 1));
}

#[test]
fn the_textbook_rebuild_is_run_without_cascades_and_under_guard() {
    let report = trap("sqlite_rebuild_cascade", Dialect::Sqlite);
    assert!(report.findings.is_empty());
    let [base, rebuild] = report.migrations.as_slice() else { panic!("there are two migrations") };
    assert_eq!(rebuild.up.facts.foreign_keys, ForeignKeys::Off);
    let named = rebuild.up.facts.guard.as_ref().expect("it drops a table");
    assert!(named.iter().any(|name| name == "rooms"), "{named:?}");
    assert!(!named.iter().any(|name| name == "messages"), "its rows are counted: {named:?}");
    let Down::Script(down) = &base.down else { panic!("there is a way back") };
    assert_eq!(down.facts.foreign_keys, ForeignKeys::Kept, "nothing is rebuilt there");
}
