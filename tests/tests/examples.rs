//! The examples, as a user builds and starts them: real binaries, real files.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use diesel::prelude::*;
use diesel::sql_types::Text;
use migrate_runtime::{Runner, Standing, Target, Undo};
use tempfile::TempDir;

/// The sets of the examples, embedded as the examples embed them.
mod sets {
    #![allow(deprecated, reason = "the macro warns that no build script checks these directories")]
    use migrate_runtime::embed_migrations;

    pub(super) static CHAT: migrate_runtime::Migrations =
        embed_migrations!("../examples/chat/migrations");
    pub(super) static DESKTOP: migrate_runtime::Migrations =
        embed_migrations!("../examples/desktop/migrations");
}

/// The programs, built by cargo: from the example's own manifest, build script and all.
struct Programs {
    chat: PathBuf,
    desktop: PathBuf,
    /// `desktop` without debug assertions, which is what tells it that it is a release.
    desktop_release: PathBuf,
}

fn programs() -> &'static Programs {
    static PROGRAMS: OnceLock<Programs> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        // The next build replaces what cargo leaves, so it is kept elsewhere.
        let keep = |built: &Path, name: &str| {
            let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
            // Somebody may still be running the older one: it is not overwritten, it goes.
            let _ = fs::remove_file(&kept);
            fs::copy(built, &kept).expect("what cargo has built");
            kept
        };
        let release = "profile.dev.package.example-desktop.debug-assertions=false";
        let released = build(&["-p", "example-desktop", "--config", release]);
        let desktop_release = keep(&released["example-desktop"], "desktop-release");
        let built = build(&["-p", "example-chat", "-p", "example-desktop"]);
        let chat = keep(&built["example-chat"], "chat");
        let desktop = keep(&built["example-desktop"], "desktop");
        Programs { chat, desktop, desktop_release }
    })
}

/// Builds, and returns the programs by their names.
fn build(arguments: &[&str]) -> BTreeMap<String, PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--message-format", "json-render-diagnostics"])
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let messages = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let messages = messages.map(|line| {
        serde_json::from_slice::<serde_json::Value>(line).expect("a message of cargo's")
    });
    let programs = messages.filter_map(|message| {
        let path = message["executable"].as_str()?;
        Some((message["target"]["name"].as_str()?.to_owned(), PathBuf::from(path)))
    });
    programs.collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn start(program: &Path, directory: &Path, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .env_remove("DATABASE_URL")
        .output()
        .expect("the program starts")
}

#[track_caller]
fn stdout_of(output: &Output) -> String {
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(conn: &mut SqliteConnection, sql: &str) -> Vec<String> {
    let lines: Vec<Line> = diesel::sql_query(sql).load(conn).expect(sql);
    lines.into_iter().map(|line| line.line).collect()
}

/// The schema as the golden files have it: without the ledger.
fn schema(conn: &mut SqliteConnection) -> String {
    let statements = lines(
        conn,
        "SELECT sql || ';' AS line FROM sqlite_master
         WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
           AND tbl_name NOT IN ('__diesel_schema_migrations', '__migrate_history', '__migrate_journal')
         ORDER BY type DESC, name",
    );
    statements.iter().map(|statement| format!("{statement}\n")).collect()
}

fn applied(conn: &mut SqliteConnection) -> Vec<String> {
    lines(conn, "SELECT version AS line FROM __diesel_schema_migrations ORDER BY version")
}

/// The schema that a seed has after this migration.
fn golden(seed: &str, migration: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/seeds")
        .join(seed)
        .join("sqlite/schema")
        .join(format!("after_{migration}.sql"));
    fs::read_to_string(&file).expect("the schema on record")
}

fn database(directory: &TempDir, name: &str) -> SqliteConnection {
    let file = directory.path().join(name);
    SqliteConnection::establish(&file.to_string_lossy()).expect("a database")
}

/// Up one by one, down one by one: after each step the schema is the one on record.
fn every_step_leaves_the_schema_on_record(seed: &str, set: &migrate_runtime::Migrations<'static>) {
    let directory = tempfile::tempdir().expect("a directory");
    let mut conn = database(&directory, "steps.db");
    for migration in set.all {
        let outcome = Runner::new(set).run_to(&mut conn, Target::Count(1)).expect("it applies");
        assert_eq!(outcome.applied.len(), 1, "{}", migration.name);
        assert_eq!(schema(&mut conn), golden(seed, migration.name), "after {}", migration.name);
    }
    assert_eq!(set.standing(&mut conn).expect("a standing"), Standing::UpToDate);
    for at in (0..set.all.len()).rev() {
        Runner::new(set).revert(&mut conn, Undo::Count(1)).expect("it reverts");
        let before = at.checked_sub(1).map(|at| golden(seed, set.all[at].name));
        let name = set.all[at].name;
        assert_eq!(schema(&mut conn), before.unwrap_or_default(), "after the revert of {name}");
    }
}

#[test]
fn every_step_of_the_chat_leaves_the_schema_on_record() {
    every_step_leaves_the_schema_on_record("chat", &sets::CHAT);
}

#[test]
fn every_step_of_the_desktop_leaves_the_schema_on_record() {
    every_step_leaves_the_schema_on_record("electron", &sets::DESKTOP);
}

#[test]
fn the_chat_migrates_itself_and_keeps_what_is_said() {
    let chat = &programs().chat;
    let directory = tempfile::tempdir().expect("a directory");
    let here = directory.path();

    let first = start(chat, here, &["join", "ada@example.org", "Ada"]);
    stdout_of(&first);
    let said: Vec<String> = text(&first.stderr).lines().map(str::to_owned).collect();
    assert_eq!(
        said,
        ["applied 20251206141541_create_chat_table", "applied 20251207065348_alter_chat_table"]
    );
    for words in ["Soup?", "It's \"noon\""] {
        let said = start(chat, here, &["say", "ada@example.org", "lunch", words]);
        stdout_of(&said);
        assert_eq!(text(&said.stderr), "", "only the first start has something to apply");
    }
    let list = stdout_of(&start(chat, here, &["list"]));
    assert_eq!(list, "[lunch] Ada: Soup?\n[lunch] Ada: It's \"noon\"\n");

    let mut conn = database(&directory, "chat.db");
    assert_eq!(schema(&mut conn), golden("chat", "20251207065348_alter_chat_table"));
    assert_eq!(applied(&mut conn), ["20251206141541", "20251207065348"]);
}

#[test]
fn the_chat_says_what_is_wrong_and_fails() {
    let directory = tempfile::tempdir().expect("a directory");
    for (words, message) in [
        (&["say", "bob@example.org", "lunch", "Soup?"][..], "nobody has joined as bob@example.org"),
        (&["shout"], "usage: example-chat"),
    ] {
        let output = start(&programs().chat, directory.path(), words);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(message), "{}", text(&output.stderr));
    }
}

#[test]
fn the_second_start_of_the_desktop_writes_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("desktop.db");
    let first = start(&programs().desktop, directory.path(), &[]);
    assert_eq!(stdout_of(&first), "chats: 0\n");
    let said = text(&first.stderr);
    assert!(said.starts_with("updating your data: 20240601000000_base_models, "), "{said}");

    let state = |file: &Path| {
        let modified = fs::metadata(file).and_then(|about| about.modified()).expect("a file");
        (modified, fs::read(file).expect("a file"))
    };
    let before = state(&file);
    let second = start(&programs().desktop, directory.path(), &[]);
    assert_eq!(stdout_of(&second), "chats: 0\n");
    assert_eq!(text(&second.stderr), "");
    assert!(state(&file) == before, "the second start has changed the file");
    let files = fs::read_dir(directory.path()).expect("a directory").count();
    assert_eq!(files, 1, "nothing is left beside the file");

    let mut conn = database(&directory, "desktop.db");
    assert_eq!(schema(&mut conn), golden("electron", "20240603090000_update_chat_schema"));
}

#[test]
fn four_windows_start_at_once_on_a_new_file() {
    let programs = programs();
    for _ in 0..3 {
        let directory = tempfile::tempdir().expect("a directory");
        let windows: Vec<_> = (0..4)
            .map(|_| {
                Command::new(&programs.desktop)
                    .current_dir(directory.path())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .expect("a window")
            })
            .collect();
        for window in windows {
            let output = window.wait_with_output().expect("its end");
            assert_eq!(stdout_of(&output), "chats: 0\n");
        }
        let mut conn = database(&directory, "desktop.db");
        assert_eq!(schema(&mut conn), golden("electron", "20240603090000_update_chat_schema"));
        assert_eq!(applied(&mut conn).len(), 4, "each migration once");
        let batches =
            lines(&mut conn, "SELECT DISTINCT CAST(batch AS TEXT) AS line FROM __migrate_history");
        assert_eq!(batches, ["1"], "one window did it all");
    }
}

#[test]
fn the_desktop_does_not_start_on_what_a_failed_migration_left() {
    let programs = programs();
    for (program, in_development) in [(&programs.desktop, true), (&programs.desktop_release, false)]
    {
        let directory = tempfile::tempdir().expect("a directory");
        let mut conn = database(&directory, "desktop.db");
        diesel::sql_query("CREATE TABLE UserPreferences (mine TEXT)")
            .execute(&mut conn)
            .expect("a table that is in the way");
        let before = schema(&mut conn);

        let output = start(program, directory.path(), &[]);
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(text(&output.stdout), "", "no window");
        let said = text(&output.stderr);
        assert!(said.contains("table UserPreferences already exists"), "{said}");
        assert!(said.contains("20240602130000_add_user_preferences/up.sql:1:1"), "{said}");
        assert_eq!(said.contains("this is a development build"), in_development, "{said}");
        assert_eq!(schema(&mut conn), before, "the migrations before it are rolled back as well");
    }
}

#[test]
fn only_a_development_build_starts_on_a_file_of_a_newer_program() {
    let programs = programs();
    let directory = tempfile::tempdir().expect("a directory");
    stdout_of(&start(&programs.desktop_release, directory.path(), &["desktop.db", "Hello"]));
    let mut conn = database(&directory, "desktop.db");
    diesel::sql_query("INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')")
        .execute(&mut conn)
        .expect("a newer migration");

    let release = start(&programs.desktop_release, directory.path(), &[]);
    assert_eq!(release.status.code(), Some(1));
    let said = text(&release.stderr);
    assert!(said.contains("this program is older than the database"), "{said}");

    let development = start(&programs.desktop, directory.path(), &[]);
    assert_eq!(stdout_of(&development), "chats: 1\n- Hello\n");
    let said = text(&development.stderr);
    assert!(said.contains("warning: this file was used by a newer program"), "{said}");
}
