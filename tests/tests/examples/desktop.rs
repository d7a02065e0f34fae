//! `examples/desktop`

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use diesel::prelude::*;
use migrate_runtime::{Migrations, Runner, Target, embed_migrations};

use super::sqlite::{applied, database, every_step_leaves_the_schema_on_record, lines, schema};
use super::{golden, programs, start, start_on, stdout_of, text};

#[allow(deprecated, reason = "the macro warns that no build script checks this directory")]
static DESKTOP: Migrations = embed_migrations!("../examples/desktop/migrations");

#[test]
fn every_step_of_the_desktop_leaves_the_schema_on_record() {
    every_step_leaves_the_schema_on_record("electron", &DESKTOP);
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
    assert_eq!(
        schema(&mut conn),
        golden("electron", "sqlite", "20240603090000_update_chat_schema")
    );
}

#[test]
fn old_titles_are_tidied_by_what_only_rust_knows() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut conn = database(&directory, "desktop.db");
    let before = Target::Version("20240603090000");
    Runner::new(&DESKTOP).run_to(&mut conn, before).expect("they apply");
    diesel::sql_query("INSERT INTO Chats (title) VALUES ('plain'), (' a\u{2003}b  '), (NULL)")
        .execute(&mut conn)
        .expect("three chats");
    let started = start(&programs().desktop, directory.path(), &[]);
    assert_eq!(stdout_of(&started), "chats: 3\n- plain\n- a b\n- \n");
    assert_eq!(
        text(&started.stderr),
        "updating your data: 20240610080000_tidy_titles\n",
        "in its place behind the others"
    );
}

#[test]
fn the_desktop_s_runner_does_the_same_from_the_shell() {
    let directory = tempfile::tempdir().expect("a directory");
    let url = directory.path().join("desktop.db").to_string_lossy().into_owned();
    let run = start_on(&url, &programs().desktop_runner, &["run"]);
    assert!(stdout_of(&run).contains("5 migrations applied"), "{}", text(&run.stdout));
    let started = start(&programs().desktop, directory.path(), &[]);
    assert_eq!((text(&started.stderr).as_str(), stdout_of(&started).as_str()), ("", "chats: 0\n"));
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
        assert_eq!(
            schema(&mut conn),
            golden("electron", "sqlite", "20240603090000_update_chat_schema")
        );
        assert_eq!(applied(&mut conn).len(), DESKTOP.all.len(), "each migration once");
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
