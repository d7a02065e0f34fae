//! Databases that are busy, full, broken or not there, and runs that are stopped.

use migrate_tests::{Project, project};
use snapbox::str;

/// A migration that is at work long enough to be caught at it: each statement takes a moment.
fn long_migration(statements: usize) -> String {
    let one = "INSERT INTO numbers WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT max(i) FROM n;\n";
    format!("CREATE TABLE numbers (i INTEGER);\n{}", one.repeat(statements))
}

fn long_project(statements: usize) -> Project {
    let up = long_migration(statements);
    project("app").migration("1_long", &up, "DROP TABLE numbers;\n").build()
}

#[test]
fn a_second_runner_gives_up_in_time_and_names_the_first_which_stops_when_told() {
    let app = long_project(2000);
    let mut first = app.migrate(["run", "--message-format=json"]).start();
    first.wait_for(r#""statement":2,"#);

    let second = app.migrate(["run", "--lock-timeout", "1"]).exits(3).stdout_is(str![]).stderr_is(str![[r#"
     Waiting for the lock, held by pid [PID] (cargo-migrate-u)
error: the database is locked: waited [TOOK]; held by pid [PID] (cargo-migrate-u). Run again when it is free, or wait longer with a lock timeout
  = note: the database is `app.db`
  = note: 1 left to do: `cargo migrate status` shows where it stands
  = help: `--lock-timeout SECONDS` waits longer

"#]]);
    let holder = format!("held by pid {} ", first.pid());
    second.says(&holder);

    first.signal("INT");
    let stopped = first.output().exits(1).stderr_is(str![[r#"
error: stopped on request: what was under way is rolled back
  = note: 1 left to do: `cargo migrate status` shows where it stands

"#]]);
    let lines = stopped.json();
    assert_eq!(lines.last().unwrap()["applied"], 0);
    assert_eq!(app.database().names(), [""; 0], "all was rolled back");
    app.migrate(["status"]).succeeds().prints("1 pending");
}

#[test]
fn sigterm_stops_it_as_well() {
    let app = long_project(2000);
    let mut running = app.migrate(["run", "--message-format=json"]).start();
    running.wait_for(r#""statement":2,"#);
    running.signal("TERM");
    running.output().exits(1).says("stopped on request");
    assert_eq!(app.database().names(), [""; 0]);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let endless = "INSERT INTO numbers WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n;\n";
    let up = format!("CREATE TABLE numbers (i INTEGER);\n{endless}");
    let app = project("app").migration("1_endless", &up, "DROP TABLE numbers;\n").build();
    let mut running = app.migrate(["run", "--message-format=json"]).start();
    running.wait_for(r#""statement":2,"#);
    running.signal("TERM");
    running.signal("INT");
    let _ = running.output().exits(1);
    assert_eq!(app.database().names(), [""; 0], "the database rolls back what was left open");
    app.migrate(["status"]).succeeds().prints("1 pending");
}

#[test]
fn outside_of_a_transaction_a_stopped_run_is_gone_on_with() {
    let app = long_project(40);
    app.write("migrations/1_long/metadata.toml", "run_in_transaction = false\n");
    let mut first = app.migrate(["run", "--message-format=json"]).start();
    first.wait_for(r#""statement":2,"#);
    app.migrate(["run", "--lock-timeout", "0"])
        .exits(3)
        .says(&format!("held by pid {} ", first.pid()));
    app.migrate(["status"]).succeeds().prints("1 unfinished");
    first.signal("INT");
    let _ = first
        .output()
        .exits(4)
        .says("1_long (up) stands half way, its next statement is migrations/1_long/up.sql:");

    app.migrate(["run"]).succeeds().says("Resuming 1_long behind statement");
    assert_eq!(app.database().texts("SELECT count(*) FROM numbers"), ["40"], "each once");
}

#[test]
fn a_database_that_a_program_writes_is_waited_for_until_time_is_up() {
    let app = project("app").table("1_users", "users").build();
    let mut program = app.database();
    program.execute("CREATE TABLE own (id INTEGER); BEGIN IMMEDIATE; INSERT INTO own VALUES (1)");
    app.migrate(["run", "--lock-timeout", "0"]).exits(3).stdout_is(str![]).stderr_is(str![[r#"
error: the database is locked: waited [TOOK]; held by pid [PID] (cli_trouble-[..]). Run again when it is free, or wait longer with a lock timeout
  = note: the database is `app.db`
  = note: 1 left to do: `cargo migrate status` shows where it stands
  = help: `--lock-timeout SECONDS` waits longer

"#]]);
    app.migrate(["status"]).succeeds().prints("1 pending");
    let lines = app.migrate(["run", "--lock-timeout=0", "--message-format=json"]).exits(3).json();
    assert_eq!(lines.last().unwrap()["exit"], 3);

    let mut impatient = app.migrate(["run", "--message-format=json"]).start();
    impatient.wait_for(r#""event":"waiting""#);
    impatient.signal("INT");
    let _ = impatient.output().exits(1).says("stopped on request");

    let mut waiting = app.migrate(["run", "--message-format=json"]).start();
    waiting.wait_for(&format!(r#""event":"waiting","holder":"pid {} ("#, std::process::id()));
    program.execute("COMMIT");
    waiting.output().exits(0);
    assert_eq!(app.database().names(), ["own", "users"]);
}

#[test]
fn a_full_disk_leaves_nothing_half_done() {
    let big = "INSERT INTO numbers SELECT hex(randomblob(1000)) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT i FROM n);\n";
    let app = project("app")
        .table("1_users", "users")
        .migration(
            "2_numbers",
            &format!("CREATE TABLE numbers (i);\n{big}"),
            "DROP TABLE numbers;\n",
        )
        .build();
    // A file may not grow beyond this: what the system then says is what it says of a full disk.
    let limited = |arguments: &str| {
        app.shell(&format!("trap '' XFSZ; ulimit -f 1000; exec \"$MIGRATE\" {arguments}"))
    };
    limited("run").exits(1).stdout_is(str![]).stderr_is(str![[r#"
     Applied 1_users ([TOOK])
 Rolled back what this transaction held: it is as before
error: the disk failed the database: disk I/O error in 2_numbers (up) at migrations/2_numbers/up.sql:2:1 (statement 2 of 2); the transaction was rolled back. Look after the disk (its room, quotas, permissions), then run again
  = note: the database is `app.db`
  = note: 2 left to do: `cargo migrate status` shows where it stands

"#]]);
    app.migrate(["status"]).succeeds().prints("2 pending");
    assert_eq!(app.database().names(), [""; 0]);
    app.migrate(["run"]).succeeds();
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let app = project("app").table("1_users", "users").file("app.db", "no database at all").build();
    for command in ["status", "run", "revert", "redo"] {
        app.migrate([command]).exits(1).stdout_is(str![]).stderr_is(str![[r#"
error: the file is not a usable database: file is not a database. Check the path; restore a backup if the file is damaged
  = note: the database is `app.db`

"#]]);
    }
    assert_eq!(app.read("app.db"), "no database at all");
}

#[test]
fn a_damaged_database_is_reported() {
    let app = project("app").table("1_users", "users").build();
    app.migrate(["run"]).succeeds();
    let mut bytes = app.bytes("app.db");
    for page in bytes.chunks_mut(4096).skip(1) {
        page.fill(0x5a);
    }
    app.write("app.db", &bytes);
    app.table("2_posts", "posts");
    app.migrate(["run"]).exits(1).stdout_is(str![]).stderr_is(str![[r#"
error: the file is not a usable database: database disk image is malformed. Check the path; restore a backup if the file is damaged
  = note: the database is `app.db`

"#]]);
    assert_eq!(app.bytes("app.db"), bytes);
}

#[test]
fn a_ledger_that_somebody_else_wrote_into_is_reported() {
    let app = project("app").table("1_users", "users").build();
    app.migrate(["run"]).succeeds();
    app.database().execute("UPDATE __migrate_history SET checksum = 'nonsense\x1b[2J'");
    app.migrate(["status"]).exits(1).stdout_is(str![]).stderr_is(str![[r#"
error: the ledger is damaged: column `checksum` of `__migrate_history` holds no checksum. Somebody else wrote there: restore the row from a backup
  = note: the database is `app.db`

"#]]);
    app.migrate(["run"]).exits(1).stderr_is(str![[r#"
error: the ledger is damaged: column `checksum` of `__migrate_history` holds no checksum. Somebody else wrote there: restore the row from a backup
  = note: the database is `app.db`

"#]]);
}

#[test]
fn a_place_where_no_database_can_be_is_reported() {
    let app = project("app").table("1_users", "users").file("data/.keep", "").build();
    for (url, command) in [("data", "run"), ("data", "status"), ("gone/app.db", "run")] {
        app.migrate([command, "--database-url", url]).exits(1).stdout_is(str![]);
    }
    app.migrate(["run", "--database-url", "data"]).exits(1).stderr_is(str![[r#"
error: `data` is a directory, not a database

"#]]);
    app.migrate(["status", "--database-url", "gone/app.db"]).succeeds().prints("1 pending");
    app.migrate(["run", "--database-url", "gone/app.db"]).exits(1).stderr_is(str![[r#"
error: there is no directory `gone` for the database
  = help: make the directory, mend the path in the database's URL, or let `cargo migrate run --create-database` make it

"#]]);
    app.migrate(["run", "--database-url", "file:gone/app.db"]).exits(1).stderr_is(str![[r#"
error: there is no directory `gone` for the database
  = help: make the directory, mend the path in the database's URL, or let `cargo migrate run --create-database` make it

"#]]);
    app.migrate(["run", "--database-url", "migrations/1_users/up.sql/app.db"]).exits(1).stderr_is(
        str![[r#"
error: cannot open `migrations/1_users/up.sql/app.db`: Not a directory (os error 20)
  = help: check the path, and the permissions of the file and of its directory

"#]],
    );
    assert!(!app.has("gone"));
    app.migrate(["run", "--database-url", ""]).exits(2).stderr_is(str![[r#"
error: the database's URL is empty

"#]]);
}

#[test]
fn urls_of_every_form_name_the_same_file() {
    let app = project("app").table("1_users", "users").build();
    let absolute = app.path("app.db").display().to_string();
    app.migrate(["run"]).succeeds();
    for url in [
        "app.db",
        "./app.db",
        "sqlite:app.db",
        "sqlite://app.db",
        "file:app.db",
        "file:app.db?mode=rw",
        &absolute,
        &format!("sqlite://{absolute}"),
        &format!("file:{absolute}"),
        &format!("file://{absolute}"),
        "file:%61pp.db",
    ] {
        app.migrate(["status", "--database-url", url]).succeeds().prints("1 applied");
    }
    // Nothing is made where there was nothing, whatever the name.
    for url in [
        "new.db",
        "sqlite:new.db",
        "sqlite://new.db",
        "file:new.db",
        "file:%6eew.db",
        "file:new%20one.db",
    ] {
        app.migrate(["status", "--database-url", url]).succeeds().prints("1 pending");
        app.migrate(["revert", "--database-url", url]).succeeds();
    }
    assert!(!app.has("new.db") && !app.has("new one.db"));
    app.migrate(["run", "--database-url", "file:new%20one.db"]).succeeds();
    assert!(app.has("new one.db"));
    app.migrate(["run", "--database-url", ":memory:"]).succeeds().prints("1 migration applied");
    assert!(!app.has(":memory:"));
}
