//! What the command line says of itself.

use migrate_tests::project;
use snapbox::{Data, file, str};

#[test]
fn help_tells_every_command() {
    let app = project("app").build();
    let shown = |arguments: &[&str], expected: Data| {
        let _ = app
            .migrate(arguments)
            .env("COLUMNS", "100")
            .succeeds()
            .stdout_is(expected)
            .stderr_is("");
    };
    shown(&["--help"], file!["../fixtures/cli/help.txt"]);
    shown(&["init", "--help"], file!["../fixtures/cli/help-init.txt"]);
    shown(&["new", "--help"], file!["../fixtures/cli/help-new.txt"]);
    shown(&["check", "--help"], file!["../fixtures/cli/help-check.txt"]);
    shown(&["rebase", "--help"], file!["../fixtures/cli/help-rebase.txt"]);
    shown(&["seal", "--help"], file!["../fixtures/cli/help-seal.txt"]);
    shown(&["verify", "--help"], file!["../fixtures/cli/help-verify.txt"]);
    shown(&["down", "--help"], file!["../fixtures/cli/help-down.txt"]);
    shown(&["run", "--help"], file!["../fixtures/cli/help-run.txt"]);
    shown(&["revert", "--help"], file!["../fixtures/cli/help-revert.txt"]);
    shown(&["redo", "--help"], file!["../fixtures/cli/help-redo.txt"]);
    shown(&["reset", "--help"], file!["../fixtures/cli/help-reset.txt"]);
    shown(&["adopt", "--help"], file!["../fixtures/cli/help-adopt.txt"]);
    shown(&["baseline", "--help"], file!["../fixtures/cli/help-baseline.txt"]);
    shown(&["repair", "--help"], file!["../fixtures/cli/help-repair.txt"]);
    shown(&["restore", "--help"], file!["../fixtures/cli/help-restore.txt"]);
    shown(&["schema", "--help"], file!["../fixtures/cli/help-schema.txt"]);
    shown(&["status", "--help"], file!["../fixtures/cli/help-status.txt"]);
    shown(&["drift", "--help"], file!["../fixtures/cli/help-drift.txt"]);
    shown(&["wait", "--help"], file!["../fixtures/cli/help-wait.txt"]);
    shown(&["explain", "--help"], file!["../fixtures/cli/help-explain.txt"]);
    shown(&["completions", "--help"], file!["../fixtures/cli/help-completions.txt"]);
    shown(&["man", "--help"], file!["../fixtures/cli/help-man.txt"]);
    let help = app.migrate(["--help"]).succeeds();
    let commands = help.stdout().lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = commands.take_while(|line| !line.is_empty()).count();
    assert_eq!(commands, 23, "a command without a snapshot above");
}

#[test]
fn what_is_not_understood_is_a_mistake() {
    let app = project("app").build();
    app.migrate([""; 0]).exits(2).stdout_is(str![]);
    app.migrate(["chek"]).exits(2).stdout_is(str![]).stderr_is(str![[r#"
error: unrecognized subcommand 'chek'

  tip: some similar subcommands exist: 'schema', 'check'

Usage: cargo migrate [OPTIONS] <COMMAND>

For more information, try '--help'.

"#]]);
    app.migrate(["run", "--dryrun"]).exits(2).stdout_is(str![]).stderr_is(str![[r#"
error: unexpected argument '--dryrun' found

  tip: a similar argument exists: '--dry-run'

Usage: cargo migrate run --dry-run

For more information, try '--help'.

"#]]);
    app.migrate(["run", "--lock-timeout", "soon"]).exits(2).stderr_is(str![[r#"
error: invalid value 'soon' for '--lock-timeout <S>': invalid digit found in string

For more information, try '--help'.

"#]]);
    app.migrate(["check", "--message-format", "xml"]).exits(2).stderr_is(str![[r#"
error: invalid value 'xml' for '--message-format <FORMAT>'
  [possible values: human, short, json, github, sarif]

For more information, try '--help'.

"#]]);
    let lines = app
        .migrate(["rum", "--message-format=json"])
        .exits(2)
        .stdout_is(str![[r#"
{"reason":"summary","error":"unrecognized subcommand 'rum'","exit":2}

"#]])
        .json();
    assert_eq!(lines.len(), 1, "programs are told as well");
    let _ = app.migrate(["check", "--now", "--message-format", "json"]).exits(2).json();
    app.migrate(["--version"]).succeeds().stdout_is(str![[r#"
cargo-migrate 0.1.0

"#]]);
}

#[test]
fn rules_are_explained() {
    let app = project("app").without("Cargo.toml").without(".env").build();
    app.migrate(["explain", "missing-down"])
        .succeeds()
        .stdout_is(file!["../fixtures/cli/explain-missing-down.txt"])
        .stderr_is("");
    app.migrate(["explain", "--list"])
        .succeeds()
        .stdout_is(file!["../fixtures/cli/explain-list.txt"])
        .stderr_is("");
    app.migrate(["explain", "missing-dwon"]).exits(2).stdout_is(str![]).stderr_is(str![[r#"
error: there is no rule `missing-dwon`; did you mean `missing-down`?
  = help: `cargo migrate explain --list` shows all

"#]]);
    app.migrate(["explain", "nonsense"]).exits(2).stderr_is(str![[r#"
error: there is no rule `nonsense`
  = help: `cargo migrate explain --list` shows all

"#]]);
    app.migrate(["explain"]).exits(2).stderr_is(str![[r#"
error: the following required arguments were not provided:
  <RULE>

Usage: cargo migrate explain <RULE>

For more information, try '--help'.

"#]]);
    let all = app.migrate(["explain", "--list", "--message-format=json"]).succeeds().json();
    for rule in &all[..all.len() - 1] {
        let id = rule["id"].as_str().unwrap();
        let one = app.migrate(["explain", id, "--message-format=json"]).succeeds().json();
        assert!(one[0]["explanation"].as_str().unwrap().len() > 100, "{id}");
    }
}
