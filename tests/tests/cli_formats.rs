//! What other programs read: annotations, SARIF, rust-analyzer's lines, completions, manual pages.

use std::fs;

use cargo_metadata::Message;
use migrate_tests::{Project, project};
use serde_json::Value;
use snapbox::str;

fn with_mistakes() -> Project {
    project("app")
        .file("migrations/1_users/up.sql", "CREATE TABEL users (id INTEGER PRIMARY KEY);\n")
        .file("migrations/1_users/down.sql", "DROP TABLE users;\n")
        .file("migrations/2_with, comma/up.sql", "CREATE TABLE t (id INT);\n")
        .build()
}

#[test]
fn annotations_stand_beside_the_lines() {
    let app = with_mistakes();
    let check = app.migrate(["check", "--message-format", "github"]).env("GITHUB_WORKSPACE", "");
    check.exits(1).stdout_is(str![[r#"
::error file=migrations/1_users/up.sql,line=1,endLine=1,col=8,endColumn=13,title=error[syntax]::syntax error near `TABEL`%0Ahelp: did you mean `TABLE` instead of `TABEL`?
::error file=migrations/2_with%2C comma/up.sql,line=1,endLine=1,col=1,endColumn=25,title=error[missing-down]::this migration has no `down.sql`%0Ahelp: write `down.sql` beside it%0Ahelp: if there is no way back, write `-- migrate: irreversible reason="…"` in `up.sql`
2 migrations checked: 2 errors; 2 unknown

"#]]).says("error[syntax]: syntax error near `TABEL`");
    // Wherever in the checkout the command runs, the page knows the files by their whole paths.
    let root = app.root().to_str().unwrap();
    let check = app
        .migrate(["check", "--message-format", "github", "--manifest-path", "../Cargo.toml"])
        .within("migrations")
        .env("GITHUB_WORKSPACE", root);
    check.exits(1).prints("::error file=migrations/1_users/up.sql,line=1,");
}

#[test]
fn a_failure_is_an_annotation_too() {
    let app = project("app").build();
    app.migrate(["check", "--dir", "nosuch", "--message-format", "github"])
        .exits(1)
        .prints("::error title=cargo migrate::there is no migrations directory `nosuch`%0Ahelp: ");
}

#[test]
fn findings_are_one_sarif_document() {
    let app = with_mistakes();
    let check = app.migrate(["check", "--message-format", "sarif"]).exits(1);
    let document: Value = serde_json::from_str(check.stdout()).unwrap();
    assert_eq!(document["version"], "2.1.0");
    let run = &document["runs"][0];
    let found: Vec<(&str, &str, &str)> = run["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| {
            let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
            let text = |value: &'static str| result[value].as_str().unwrap();
            (text("ruleId"), text("level"), place.as_str().unwrap())
        })
        .collect();
    assert_eq!(
        found,
        [
            ("syntax", "error", "migrations/1_users/up.sql"),
            ("missing-down", "error", "migrations/2_with,%20comma/up.sql"),
        ]
    );
    let region = &run["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startLine"], &region["startColumn"]), (&1.into(), &8.into()));
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!(
        rules.iter().map(|rule| &rule["id"]).collect::<Vec<_>>(),
        ["missing-down", "syntax"]
    );
    assert_eq!(run["invocations"][0]["exitCode"], 1);
}

#[test]
fn what_stops_the_command_is_in_the_document() {
    let app = project("app").build();
    let status = app.migrate(["status", "--message-format", "sarif"]).exits(2);
    let document: Value = serde_json::from_str(status.stdout()).unwrap();
    let invocation = &document["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(
        invocation["toolExecutionNotifications"][0]["message"]["text"],
        "only `check`, `verify` and `drift` write SARIF"
    );
}

#[test]
fn rust_analyzer_understands_the_lines() {
    let app = with_mistakes();
    let check = app.migrate(["check", "--message-format", "json"]).exits(1);
    let findings: Vec<(String, String)> = Message::parse_stream(check.stdout().as_bytes())
        .filter_map(|message| match message.unwrap() {
            Message::CompilerMessage(found) => {
                let place = found.message.spans.iter().find(|span| span.is_primary).unwrap();
                Some((place.file_name.clone(), found.message.message))
            }
            _ => None,
        })
        .collect();
    assert_eq!(
        findings,
        [
            ("migrations/1_users/up.sql".into(), "syntax error near `TABEL`".into()),
            (
                "migrations/2_with, comma/up.sql".into(),
                "this migration has no `down.sql`".to_owned()
            ),
        ]
    );
}

#[test]
fn a_shell_completes_commands_and_options() {
    let app = project("app").build();
    let script = app.migrate(["completions", "bash"]).succeeds();
    app.write("completions", script.stdout());
    let complete = |words: &str, last: &str| {
        let line = format!(
            "bash -c '. ./completions; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); \
             _cargo-migrate cargo-migrate {last} x; echo ${{COMPREPLY[@]}}'"
        );
        app.shell(&line).succeeds().stdout().trim().to_owned()
    };
    assert_eq!(complete("cargo-migrate reve", "reve"), "revert");
    assert_eq!(complete("cargo-migrate run --dry", "--dry"), "--dry-run");
    for shell in ["elvish", "fish", "powershell", "zsh"] {
        app.migrate(["completions", shell]).succeeds().prints("cargo-migrate");
    }
    app.migrate(["completions", "bsh"]).exits(2).says("tip: a similar value exists: 'bash'");
}

#[test]
fn every_command_has_a_manual_page() {
    let app = project("app").build();
    app.migrate(["man", "share/man1"]).succeeds().stdout_is(str![[r#"
wrote the manual pages to share/man1

"#]]);
    let help = app.migrate(["--help"]).succeeds();
    let commands = help.stdout().lines().skip_while(|line| *line != "Commands:").skip(1);
    for line in commands.take_while(|line| !line.is_empty()) {
        let command = line.split_whitespace().next().unwrap();
        if command != "help" {
            let page = app.read(&format!("share/man1/cargo-migrate-{command}.1"));
            assert!(page.contains(".SH NAME"), "{page}");
        }
    }
    fs::write(app.path("file"), "").unwrap();
    app.migrate(["man", "file"]).exits(1).says("cannot write manual pages to file");
}
