//! Connections that are lost: what is known then, and what another connection finds out.
use std::time::Duration;

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::pg::PgConnection;
use diesel::{ConnectionError, ConnectionResult};
use migrate_runtime::{Error, Event, HalfWayReason, Migrations, Redo, Runner, Standing, Undo};
use migrate_tests::server::{CANARY, Postgres, Proxy};

use crate::db::{Db, end_run, name_of, set, versions_of};

fn two() -> Migrations<'static> {
    set()
        .add("1_a", "CREATE TABLE a (x INT);\nINSERT INTO a VALUES (1);\n", "DROP TABLE a;\n")
        .add("2_b", "CREATE TABLE b (x INT);\n", "DROP TABLE b;\n")
        .build()
}

/// A database whose ledger is there, behind a proxy.
fn behind_proxy() -> (Db, Proxy, PgConnection) {
    let mut db = Db::new();
    db.run(&set().add("0_base", "SELECT 1;\n", "SELECT 1;\n").build());
    db.execute("DELETE FROM __diesel_schema_migrations; DELETE FROM __migrate_history");
    let proxy = db.proxy();
    let conn = db.connect_by(&proxy);
    (db, proxy, conn)
}

#[test]
fn a_session_that_ends_within_a_migration_leaves_nothing_of_it() {
    let mut db = Db::new();
    let mut conn = db.connect();
    let mut observer = |event: &Event<'_>| {
        if let Event::StatementStarted { statement: 1, .. } = event {
            end_run(&mut db);
        }
    };
    let error = Runner::new(&two()).observer(&mut observer).run(&mut conn).unwrap_err();
    let Error::ConnectionLost { at: Some(place), .. } = &error else { panic!("{error}") };
    assert_eq!((place.statement, place.line), (2, 2));
    assert!(error.to_string().contains("rolled back with it"), "{error}");
    assert!(!db.has("a"));
    // A connection like this is of no further use, and says so.
    let error = Runner::new(&two()).run(&mut conn).unwrap_err();
    assert!(matches!(error, Error::ConnectionLost { at: None, .. }), "{error}");
    db.run(&two());
}

#[test]
fn a_commit_without_an_answer_is_not_reported_as_a_failure_of_the_migration() {
    let (mut db, proxy, mut conn) = behind_proxy();
    proxy.cut_after("COMMIT");
    let error = Runner::new(&two()).run(&mut conn).unwrap_err();
    let Error::CommitUnknown { migrations, .. } = &error else { panic!("{error}") };
    assert_eq!(migrations[0].name, "1_a");
    assert!(error.to_string().contains("either done and recorded, or untouched"), "{error}");
    // The server had done it; the next run finds that out.
    let outcome = db.run(&two());
    assert_eq!(versions_of(&outcome.applied), ["2"]);
}

#[test]
fn with_another_connection_a_run_finds_out_and_goes_on() {
    for arrives in [true, false] {
        let (mut db, proxy, mut conn) = behind_proxy();
        if arrives {
            proxy.cut_after("COMMIT")
        } else {
            proxy.cut_before("COMMIT")
        }
        let mut told = Vec::new();
        let mut observer = |event: &Event<'_>| told.push(name_of(event));
        let mut connect = || PgConnection::establish(&db.database.url_on(proxy.port()));
        let outcome = Runner::new(&two())
            .observer(&mut observer)
            .reconnect_with(&mut connect)
            .run(&mut conn)
            .unwrap();
        // Counted once, applied once, whether the commit had arrived or not.
        assert_eq!(versions_of(&outcome.applied), ["1", "2"], "{arrives}");
        assert_eq!(db.text("SELECT count(*) FROM a"), "1");
        assert_eq!(db.text("SELECT string_agg(ord || '', ' ') FROM __migrate_history"), "1 2");
        assert_eq!(told.iter().filter(|name| *name == "Reconnecting").count(), 1, "{told:?}");
        assert!(!told.contains(&"StepFailed".to_owned()), "{told:?}");
        let started = told.iter().filter(|name| *name == "StepStarted").count();
        assert_eq!(started, if arrives { 2 } else { 3 });
        // The caller has the new connection, in good order.
        assert_eq!(two().standing(&mut conn).unwrap(), Standing::UpToDate);
        assert_eq!(db.locks(), "0");
    }
}

#[test]
fn what_is_reverted_or_done_again_is_found_out_too() {
    for arrives in [true, false] {
        let (mut db, proxy, mut conn) = behind_proxy();
        let cut = || if arrives { proxy.cut_after("COMMIT") } else { proxy.cut_before("COMMIT") };
        let mut connect = || PgConnection::establish(&db.database.url_on(proxy.port()));
        Runner::new(&two()).run(&mut conn).unwrap();
        cut();
        let mut runner = Runner::new(&two()).reconnect_with(&mut connect);
        let outcome = runner.redo(&mut conn, Redo::All).unwrap();
        assert_eq!(versions_of(&outcome.reverted), ["2", "1"], "{arrives}");
        assert_eq!(versions_of(&outcome.applied), ["1", "2"], "{arrives}");
        cut();
        let outcome = runner.revert(&mut conn, Undo::All).unwrap();
        assert_eq!(versions_of(&outcome.reverted), ["2", "1"], "{arrives}");
        assert_eq!((db.has("a"), db.has("b"), db.versions()), (false, false, String::new()));
    }
}

#[test]
fn a_migration_that_was_lost_with_its_connection_is_done_again() {
    let mut db = Db::new();
    let mut conn = db.connect();
    let url = db.database.url();
    let mut connect = || PgConnection::establish(&url);
    let mut lost = 0;
    let mut observer = |event: &Event<'_>| {
        if let Event::StatementStarted { statement: 1, .. } = event
            && lost == 0
        {
            lost += 1;
            end_run(&mut db);
        }
    };
    let set = two();
    let mut runner = Runner::new(&set).observer(&mut observer).reconnect_with(&mut connect);
    let outcome = runner.run(&mut conn).unwrap();
    assert_eq!((versions_of(&outcome.applied), outcome.failed), (vec!["1", "2"], None));
    assert_eq!((lost, db.text("SELECT count(*) FROM a")), (1, "1".to_owned()));

    // So is one that cannot even begin.
    db.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    let outcome = Runner::new(&set).reconnect_with(&mut connect).revert(&mut conn, Undo::All);
    assert_eq!(versions_of(&outcome.unwrap().reverted), ["2", "1"]);
}

#[test]
fn a_statement_that_ends_every_session_is_tried_twice() {
    let suicide = "CREATE TABLE a (x INT);\nSELECT pg_terminate_backend(pg_backend_pid());\n";
    let set = set().add("1_a", suicide, "DROP TABLE a;\n").build();
    let mut db = Db::new();
    let mut conn = db.connect();
    let url = db.database.url();
    let mut times = 0;
    let mut connect = || {
        times += 1;
        PgConnection::establish(&url)
    };
    let error = Runner::new(&set).reconnect_with(&mut connect).run(&mut conn).unwrap_err();
    let Error::ConnectionLost { at: Some(place), .. } = &error else { panic!("{error}") };
    assert_eq!((place.line, times, db.has("a")), (2, 1, false));
}

#[test]
fn a_server_that_was_killed_is_waited_for() {
    let server = Postgres::start();
    let mut db = Db::on(&server);
    db.run(&set().add("0_base", "SELECT 1;\n", "SELECT 1;\n").build());
    db.execute("DELETE FROM __diesel_schema_migrations");
    let mut conn = db.connect();
    let mut attempts = 0;
    let mut connect = || PgConnection::establish(&db.database.url());
    let mut is_down = false;
    let mut observer = |event: &Event<'_>| match event {
        Event::Committing if !is_down => {
            is_down = true;
            server.stop_immediate();
        }
        Event::Reconnecting { attempts: n } => {
            attempts = *n;
            if *n == 2 {
                server.restart();
            }
        }
        _ => {}
    };
    let outcome = Runner::new(&two())
        .observer(&mut observer)
        .reconnect_with(&mut connect)
        .run(&mut conn)
        .unwrap();
    assert_eq!(versions_of(&outcome.applied), ["1", "2"]);
    assert!(attempts >= 2);
}

#[test]
fn a_statement_that_must_not_be_repeated_is_looked_for() {
    let set = set()
        .add_outside(
            "1_a",
            "CREATE TABLE a (x INT);\nCREATE INDEX CONCURRENTLY a_x ON a (x);\nVACUUM a;\n",
            "DROP TABLE a;\n",
        )
        .build();
    for (pattern, arrives) in [
        ("CREATE INDEX CONCURRENTLY", true),
        ("CREATE INDEX CONCURRENTLY", false),
        ("VACUUM", true),
        ("COMMIT", true),
        ("COMMIT", false),
    ] {
        let (mut db, proxy, mut conn) = behind_proxy();
        let cut = || if arrives { proxy.cut_after(pattern) } else { proxy.cut_before(pattern) };
        // The first commit is the journal's own, before anything is at stake.
        let mut commits = 0;
        let mut observer = |event: &Event<'_>| {
            commits += usize::from(matches!(event, Event::Committed));
            if matches!(event, Event::StepStarted { .. }) && commits == 1 {
                cut();
            }
        };
        let mut connect = || PgConnection::establish(&db.database.url_on(proxy.port()));
        let outcome = Runner::new(&set)
            .observer(&mut observer)
            .reconnect_with(&mut connect)
            .run(&mut conn)
            .unwrap_or_else(|error| panic!("{pattern} {arrives}: {error}"));
        assert_eq!(versions_of(&outcome.applied), ["1"], "{pattern} {arrives}");
        assert_eq!((db.versions(), db.has("a_x")), ("1".to_owned(), true));
    }
}

#[test]
fn nothing_of_an_address_is_told_when_connecting_fails() {
    let (db, proxy, mut conn) = behind_proxy();
    proxy.cut_after("COMMIT");
    let url = db.database.url_on(proxy.port());
    assert!(url.contains(CANARY));
    let mut connect = || -> ConnectionResult<PgConnection> {
        Err(ConnectionError::BadConnection(format!("no way to {url}")))
    };
    let error = Runner::new(&two())
        .lock_timeout(Duration::from_millis(300))
        .reconnect_with(&mut connect)
        .run(&mut conn)
        .unwrap_err();
    assert!(matches!(error, Error::CommitUnknown { .. }), "{error}");
    assert!(!format!("{error} {error:?}").contains(CANARY), "{error:?}");
}

#[test]
fn connections_of_another_type_are_not_used() {
    let (mut db, proxy, mut conn) = behind_proxy();
    proxy.cut_before("COMMIT");
    let mut connect = || diesel::SqliteConnection::establish(":memory:");
    let error = Runner::new(&two()).reconnect_with(&mut connect).run(&mut conn).unwrap_err();
    assert!(matches!(error, Error::CommitUnknown { .. }), "{error}");
    assert!(!db.has("a"));
}

#[test]
fn a_script_is_not_repeated_for_ever() {
    // It takes its own session away, every time.
    let suicide = "CREATE TABLE a (x INT);\n\
                   DROP INDEX CONCURRENTLY IF EXISTS nosuch;\n";
    let set = set().add_outside("1_a", suicide, "DROP TABLE a;\n").build();
    let mut db = Db::new();
    let mut conn = db.connect();
    let url = db.database.url();
    let mut times = 0;
    let mut connect = || {
        times += 1;
        PgConnection::establish(&url)
    };
    let mut observer = |event: &Event<'_>| {
        if let Event::StatementStarted { statement: 1, .. } = event {
            end_run(&mut db);
        }
    };
    let mut runner = Runner::new(&set).observer(&mut observer).reconnect_with(&mut connect);
    let error = runner.run(&mut conn).unwrap_err();
    let Error::HalfWay(half_way) = &error else { panic!("{error}") };
    assert!(matches!(half_way.reason, HalfWayReason::ConnectionLost { .. }), "{error}");
    assert_eq!(times, 5);
    db.conn.batch_execute("SELECT 1").unwrap();
}
