//! What reaches a terminal: colours when they are wanted, and never a command from somebody else.

use migrate_tests::project;
use snapbox::str;

const FORMATS: [&str; 3] = ["human", "short", "json"];

#[test]
fn colours_are_used_when_they_are_wanted() {
    let app = project("app")
        .table("1_users", "users")
        .migration("2_typo", "DORP;\n", "SELECT 1;\n")
        .build();
    let colours = |arguments: &[&str], name: &str, value: &str| {
        let output = app.migrate([&["check"], arguments].concat()).env(name, value).exits(1);
        output.stderr().contains('\x1b')
    };
    assert!(!colours(&[], "TERM", "xterm"), "not into a pipe");
    assert!(colours(&["--color", "always"], "TERM", "xterm"));
    assert!(colours(&["--color", "always"], "NO_COLOR", "1"), "an option goes before a variable");
    assert!(colours(&[], "CARGO_TERM_COLOR", "always"));
    assert!(!colours(&["--color", "never"], "CARGO_TERM_COLOR", "always"));
    assert!(!colours(&["--color", "auto"], "CARGO_TERM_COLOR", "always"));
    assert!(colours(&[], "CLICOLOR_FORCE", "1"));
    app.migrate(["check"]).env("CARGO_TERM_COLOR", "sometimes").exits(2).stderr_is(str![[r#"
error: invalid value 'sometimes' for '--color <WHEN>'
  [possible values: auto, always, never]

For more information, try '--help'.

"#]]);
}

#[test]
fn no_color_is_honoured_where_a_terminal_is() {
    let app = project("app").migration("2_typo", "DORP;\n", "SELECT 1;\n").build();
    // `script` is a terminal for what it runs.
    let on_terminal = |arguments: &str, name: &str| {
        let line = format!("script -qec \"$MIGRATE check {arguments}\" /dev/null");
        app.shell(&line).env("TERM", "xterm").env(name, "1").exits(1).stdout().contains("\x1b[")
    };
    assert!(on_terminal("", "NOTHING"));
    assert!(!on_terminal("", "NO_COLOR"));
    assert!(!on_terminal("--color never", "NOTHING"));
    assert!(on_terminal("--color always", "NO_COLOR"));
}

/// Nothing but text, line ends and tabs.
#[track_caller]
fn assert_harmless(text: &str) {
    let harmful = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t')) || ('\u{202a}'..='\u{202e}').contains(&c)
    };
    let found: Vec<char> = text.chars().filter(|c| harmful(*c)).collect();
    assert!(found.is_empty(), "{found:?} in {text:?}");
}

#[test]
fn nothing_foreign_drives_the_terminal() {
    let evil = "\x1b[2J\x07\u{9b}1m\u{202e}";
    let up = format!(
        "CREATE TABLE \"t{evil}\" (id INTEGER); -- {evil}\nINSERT INTO \"t{evil}\" VALUES ('{evil}', 2);\n"
    );
    let cases = [
        project("app").table("1_a", "a").table(&format!("2_{evil}"), "b"),
        project("app").migration("1_a", &up, "SELECT 1;\n"),
        project("app").migration("1_a", &format!("SELECT '{evil}' FROM;\n"), "SELECT 1;\n"),
        project("app").migration(
            "1_a",
            &format!("SELECT \"{}\";\nSELECT 1", "\x1b[2J"),
            "SELECT 1;\n",
        ),
        project("app").migration(
            "1_a",
            "CREATE TABLE \"a\x1b[2J\" (id INTEGER);\n",
            "DROP TABLE \"a\x1b[2J\";\n",
        ),
        project("app").migration(
            "1_a",
            "INSERT INTO \"gone\x1b[2J\u{9b}\" VALUES (1);\n",
            "SELECT 1;\n",
        ),
        project("app")
            .file("migrations/1_a/metadata.toml", format!("run = \"{evil}\"\n"))
            .migration("1_a", "SELECT 1;\n", "SELECT 1;\n"),
        project("app").file(format!("migrations/1_a/{evil}"), "").table("1_a", "a"),
        project("app").table("1_a", "a").file(".env", "DATABASE_URL='gone\x1b[2J/x.db'\n"),
        project("app").table("1_a", "a").cargo_toml(&format!(
            "[package]\nname = \"app\"\n[package.metadata.migrate]\n\"{}\" = 1\n",
            "\\u001b[2J"
        )),
    ];
    for case in cases {
        let app = case.build();
        for format in FORMATS {
            for command in [
                "check",
                "run --dry-run",
                "run -v",
                "status",
                "revert --dry-run",
                "redo -v",
                "revert",
            ] {
                let arguments = command.split(' ').chain(["--message-format", format]);
                let output = app.migrate(arguments).output();
                assert_harmless(output.stdout());
                assert_harmless(output.stderr());
            }
        }
    }
}

#[test]
fn what_the_database_holds_is_escaped_too() {
    let app = project("app").table("1_a", "a").build();
    app.migrate(["run"]).succeeds();
    app.database().execute(
        "INSERT INTO __diesel_schema_migrations (version) VALUES ('2' || char(27) || '[2J' || char(155) || char(8238));
         UPDATE __migrate_history SET name = 'x' || char(27) || ']0;title' || char(7)",
    );
    for format in FORMATS {
        for command in ["status", "run", "revert -n1", "revert --to 1", "redo -n2"] {
            let output =
                app.migrate(command.split(' ').chain(["--message-format", format])).output();
            assert_harmless(output.stdout());
            assert_harmless(output.stderr());
        }
    }
}

#[test]
fn what_was_typed_is_escaped_too() {
    let app = project("app").table("1_a", "a").build();
    let cases: [&[&str]; 9] = [
        &["run", "--to", "\x1b[2J"],
        &["explain", "\x1b[2J"],
        &["check", "--dir", "\x1b[2J"],
        &["check", "--manifest-path", "\x1b[2J"],
        &["check", "-p", "\x1b[2J"],
        &["new", "\x1b[2J"],
        &["new", "x", "--from", "\x1b[2J"],
        &["status", "--database-url", "\x1b[2J/x.db"],
        &["new", "x", "--dir", "\x1b[2J"],
    ];
    for case in cases {
        let output = app.migrate(case).output();
        assert_harmless(output.stdout());
        assert_harmless(output.stderr());
    }
}

#[test]
fn sql_with_control_characters_is_shown_escaped_and_exact_as_json() {
    let app = project("app")
        .migration("1_a", "CREATE TABLE a (id TEXT DEFAULT '\x1b[1m');\n", "DROP TABLE a;\n")
        .build();
    app.migrate(["run", "--dry-run"])
        .succeeds()
        .stdout_is(str![[r#"
-- 1_a (up, proved)
CREATE TABLE a (id TEXT DEFAULT '\u{1b}[1m');


"#]])
        .stderr_is(str![[r#"
note: control characters in the SQL are escaped here; `--message-format json` has it exactly
note: 1 to apply; nothing was changed

"#]]);
    let lines = app.migrate(["run", "--dry-run", "--message-format=json"]).succeeds().json();
    assert_eq!(lines[0]["sql"], "CREATE TABLE a (id TEXT DEFAULT '\x1b[1m');");
}

#[test]
fn a_reader_that_goes_away_is_no_reason_to_panic() {
    let mut app = project("app");
    for index in 10..90 {
        app = app.table(&format!("{index}_t"), &format!("t{index}"));
    }
    let app = app.build();
    for line in [
        "$MIGRATE explain --list | true",
        "$MIGRATE run --dry-run | head -1",
        "$MIGRATE run --message-format json | head -1",
        "$MIGRATE status 2>&1 | head -1",
        "$MIGRATE revert --all -v 2>&1 >/dev/null | head -1",
        "$MIGRATE --help | true",
        "$MIGRATE run >&- 2>&-",
    ] {
        app.shell(line).env("RUST_BACKTRACE", "0").output().never_shows("panicked");
    }
    app.migrate(["status"]).succeeds().prints("80 applied");
}
