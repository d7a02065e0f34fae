//! Who may run when, and who has to wait for how long.
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection as _;
use diesel::migration::CREATE_MIGRATIONS_TABLE;
use migrate_runtime::{Error, Event, MigrationHarness as _, Migrations, Runner};
use migrate_tests::server::Pgbouncer;

use crate::db::{Db, establish, name_of, one, set, text, versions_of};

/// A run that has the lock, from its first statement on, until it is told to go on.
fn running<T>(
    db: &Db,
    set: &Migrations<'static>,
    meanwhile: impl FnOnce() -> T,
) -> (T, Result<(), String>) {
    let (started, has_started) = mpsc::channel();
    let (go, may_go) = mpsc::channel::<()>();
    let mut conn = db.connect();
    thread::scope(|scope| {
        let runner = scope.spawn(move || {
            let mut told = false;
            let mut observer = |event: &Event<'_>| {
                if !told && matches!(event, Event::StatementStarted { .. }) {
                    told = true;
                    started.send(()).unwrap();
                    let _ = may_go.recv();
                }
            };
            let result = Runner::new(set).observer(&mut observer).run(&mut conn);
            result.map(drop).map_err(|error| error.to_string())
        });
        has_started.recv().unwrap();
        let seen = meanwhile();
        drop(go);
        (seen, runner.join().unwrap())
    })
}

#[test]
fn a_second_runner_waits_and_says_for_whom() {
    let mut db = Db::new();
    let mut second = db.connect();
    let ((error, waits), first) = running(&db, &one(), || {
        let mut waits = Vec::new();
        let mut observer = |event: &Event<'_>| {
            if let Event::Waiting { waited, holder } = event {
                waits.push((*waited, holder.map(str::to_owned)));
            }
        };
        let error = Runner::new(&one())
            .lock_timeout(Duration::from_millis(700))
            .observer(&mut observer)
            .run(&mut second)
            .unwrap_err();
        (error, waits)
    });
    first.unwrap();
    let Error::Locked { waited, holder: Some(holder), .. } = &error else { panic!("{error}") };
    assert!((700..1700).contains(&waited.as_millis()), "{waited:?}");
    let expected = format!(" (cargo-migrate:{}), idle in transaction, since ", std::process::id());
    assert!(holder.starts_with("server process ") && holder.contains(&expected), "{holder}");
    // It looks more and more seldom.
    assert!((4..=7).contains(&waits.len()), "{waits:?}");
    assert_eq!(waits[0].1.as_deref(), Some(holder.as_str()));
    // What the first one did is seen at once; nothing is left to do.
    assert!(Runner::new(&one()).run(&mut second).unwrap().applied.is_empty());
    assert_eq!((db.versions(), db.locks()), ("1".to_owned(), "0".to_owned()));
}

#[test]
fn who_waited_finds_nothing_left_to_do() {
    let mut db = Db::new();
    let mut second = db.connect();
    let (outcome, first) = thread::scope(|scope| {
        let (ready, is_ready) = mpsc::channel();
        let (outcome, first) = running(&db, &one(), || {
            let handle = scope.spawn(move || {
                let mut told = false;
                let mut observer = |event: &Event<'_>| {
                    if !told && matches!(event, Event::Waiting { .. }) {
                        told = true;
                        ready.send(()).unwrap();
                    }
                };
                Runner::new(&one()).observer(&mut observer).run(&mut second).unwrap()
            });
            is_ready.recv().unwrap();
            handle
        });
        (outcome.join().unwrap(), first)
    });
    first.unwrap();
    assert!(outcome.applied.is_empty() && outcome.left.is_empty(), "{outcome:?}");
    assert_eq!(db.versions(), "1");
}

#[test]
fn of_many_that_start_at_once_each_migration_is_done_by_one() {
    let mut db = Db::new();
    let once = "UPDATE counter SET n = n + 1;\n";
    let set = set()
        .add(
            "1_a",
            "CREATE TABLE counter (n INT);\nINSERT INTO counter VALUES (0);\n",
            "SELECT 1;\n",
        )
        .add("2_b", once, "SELECT 1;\n")
        .add_outside(
            "3_c",
            &format!("{once}CREATE INDEX CONCURRENTLY counter_n ON counter (n);\n{once}"),
            "SELECT 1;\n",
        )
        .add("4_d", once, "SELECT 1;\n")
        .build();
    let mut conns: Vec<_> = (0..8).map(|_| db.connect()).collect();
    let applied = thread::scope(|scope| {
        let starts = conns
            .iter_mut()
            .map(|conn| scope.spawn(move || Runner::new(&set).run(conn).unwrap().applied.len()));
        let starts: Vec<_> = starts.collect();
        starts.into_iter().map(|start| start.join().unwrap()).sum::<usize>()
    });
    assert_eq!((applied, db.text("SELECT n FROM counter")), (4, "4".to_owned()));
    assert_eq!(db.locks(), "0");
}

#[test]
fn a_run_that_waits_can_be_stopped() {
    let db = Db::new();
    let mut second = db.connect();
    let stop = AtomicBool::new(false);
    let (error, first) = running(&db, &one(), || {
        let mut observer = |_: &Event<'_>| stop.store(true, Ordering::Relaxed);
        let started = Instant::now();
        let mut runner = Runner::new(&one()).observer(&mut observer).cancel_on(&stop);
        let error = runner.run(&mut second).unwrap_err();
        assert!(started.elapsed() < Duration::from_secs(5));
        error
    });
    first.unwrap();
    assert!(matches!(error, Error::Cancelled { half_way: None, .. }), "{error}");
}

#[test]
fn other_ledgers_are_no_concern_of_this_one() {
    let mut db = Db::new();
    db.execute("CREATE SCHEMA other");
    let mut second = db.connect();
    second.batch_execute("SET search_path = other").unwrap();
    let (outcome, first) = running(&db, &one(), || Runner::new(&one()).run(&mut second).unwrap());
    first.unwrap();
    assert_eq!(versions_of(&outcome.applied), ["1"]);
    assert!(db.has("public.a") && db.has("other.a"));
}

/// A table that is there, and a migration that needs it for itself alone.
fn alters() -> (Db, Migrations<'static>) {
    let mut db = Db::new();
    db.execute("CREATE TABLE users (x INT); INSERT INTO users VALUES (1)");
    let set = set()
        .add(
            "1_a",
            "CREATE TABLE before (x INT);\nALTER TABLE users ADD COLUMN y INT;\n",
            "SELECT 1;\n",
        )
        .build();
    (db, set)
}

#[test]
fn a_table_in_use_is_waited_for_and_its_readers_are_let_by() {
    let (mut db, set) = alters();
    let mut reader = db.connect();
    reader.batch_execute("BEGIN; SELECT * FROM users").unwrap();
    let mut late = db.connect();
    let (tries, retried) = mpsc::channel();
    let mut conn = db.connect();
    thread::scope(|scope| {
        let run = scope.spawn(move || {
            let mut observer = |event: &Event<'_>| {
                if let Event::Retrying { tries: n, holder, .. } = event {
                    tries.send((*n, holder.map(str::to_owned))).unwrap();
                }
            };
            Runner::new(&set).observer(&mut observer).run(&mut conn).unwrap()
        });
        // Another reader comes while the migration waits: behind it, but not for long.
        let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = \
                     'AccessExclusiveLock' AND relation = 'users'::regclass";
        while text(&mut late, waits) == "0" {
            thread::sleep(Duration::from_millis(5));
        }
        let started = Instant::now();
        assert_eq!(text(&mut late, "SELECT x FROM users"), "1");
        let delay = started.elapsed();
        assert!(delay < Duration::from_millis(2500), "{delay:?}");
        let (n, holder) = retried.recv().unwrap();
        let holder = holder.unwrap();
        assert_eq!(n, 1);
        assert!(holder.contains("idle in transaction, since "), "{holder}");
        assert!(holder.ends_with(", with a lock on `users`"), "{holder}");
        reader.batch_execute("COMMIT").unwrap();
        assert_eq!(versions_of(&run.join().unwrap().applied), ["1"]);
    });
    assert_eq!(db.text("SELECT count(y) || ' ' || count(*) FROM users"), "0 1");
    assert!(db.has("before"));
}

#[test]
fn a_table_that_is_never_free_ends_the_run_in_time() {
    let (mut db, set) = alters();
    let mut reader = db.connect();
    reader.batch_execute("BEGIN; SELECT * FROM users").unwrap();
    let mut told = Vec::new();
    let mut observer = |event: &Event<'_>| told.push(name_of(event));
    let started = Instant::now();
    let error = Runner::new(&set)
        .lock_timeout(Duration::from_millis(1500))
        .observer(&mut observer)
        .run(&mut db.conn)
        .unwrap_err();
    let took = started.elapsed();
    let Error::Locked { waited, holder: Some(holder), outcome } = &error else { panic!("{error}") };
    assert!(holder.contains("`users`"), "{holder}");
    // One attempt of 1.5 seconds is all there is time for.
    assert!((1400..3500).contains(&waited.as_millis()) && took.as_millis() < 4000, "{waited:?}");
    assert_eq!(outcome.failed.as_ref().unwrap().name, "1_a");
    assert_eq!(told.iter().filter(|name| *name == "RolledBack").count(), 1, "{told:?}");
    assert_eq!(told.last().unwrap(), "StepFailed");
    assert!(!db.has("before"));

    // The session's own, shorter patience holds; so there is time for a few.
    db.execute("SET lock_timeout = '50ms'");
    told = Vec::new();
    let mut observer = |event: &Event<'_>| told.push(name_of(event));
    let error = Runner::new(&set)
        .lock_timeout(Duration::from_millis(1500))
        .observer(&mut observer)
        .run(&mut db.conn)
        .unwrap_err();
    assert!(matches!(error, Error::Locked { .. }), "{error}");
    assert!(told.iter().filter(|name| *name == "Retrying").count() >= 2, "{told:?}");
    assert_eq!(db.locks(), "0");
}

#[test]
fn a_deadlock_is_tried_again() {
    let mut db = Db::new();
    db.execute("CREATE TABLE p (x INT); CREATE TABLE q (x INT)");
    let up = "LOCK TABLE p;\nALTER TABLE q ADD COLUMN y INT;\n";
    let set = set().add("1_a", up, "SELECT 1;\n").build();
    // Who is more patient, does not find the circle.
    let mut other = db.as_superuser();
    other.batch_execute("SET deadlock_timeout = '100s'; BEGIN; LOCK TABLE q").unwrap();
    let mut watch = db.connect();
    let mut tries = Vec::new();
    thread::scope(|scope| {
        scope.spawn(|| {
            let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = \
                         'q'::regclass";
            while text(&mut watch, waits) == "0" {
                thread::sleep(Duration::from_millis(5));
            }
            other.batch_execute("LOCK TABLE p; COMMIT").unwrap();
        });
        let mut observer = |event: &Event<'_>| {
            if let Event::Retrying { tries: n, .. } = event {
                tries.push(*n);
            }
        };
        let outcome = Runner::new(&set).observer(&mut observer).run(&mut db.conn).unwrap();
        assert_eq!(versions_of(&outcome.applied), ["1"]);
    });
    assert_eq!(tries, [1]);
}

#[test]
fn diesel_is_kept_out_of_a_migration_under_way() {
    let mut db = Db::new();
    db.execute(&format!("CREATE TABLE a (x INT); {CREATE_MIGRATIONS_TABLE}"));
    let set = set().add("1_a", "INSERT INTO a VALUES (1);\n", "SELECT 1;\n").build();
    let mut conn = db.connect();
    let (diesel, first) = thread::scope(|scope| {
        let (diesel, first) = running(&db, &set, || {
            let diesel = scope.spawn(move || {
                let applied = conn.run_pending_migrations(set);
                applied.map(|applied| applied.len()).map_err(|error| error.to_string())
            });
            // It has done its work, and waits to write its row.
            let waits = "SELECT count(*) FROM pg_locks WHERE NOT granted AND mode = \
                         'RowExclusiveLock' AND relation = \
                         '__diesel_schema_migrations'::regclass";
            let mut watch = db.connect();
            while text(&mut watch, waits) == "0" {
                thread::sleep(Duration::from_millis(5));
            }
            diesel
        });
        (diesel.join().unwrap(), first)
    });
    first.unwrap();
    // The row was there by then, and it rolled its work back.
    let error = diesel.unwrap_err();
    assert!(error.contains("duplicate key"), "{error}");
    assert_eq!(db.text("SELECT count(*) FROM a"), "1");
    assert_eq!(db.versions(), "1");
}

#[test]
fn a_pooler_that_gives_one_session_to_two_is_refused_and_nothing_is_left_behind() {
    let mut db = Db::new();
    let pooler = Pgbouncer::before(db.database.server(), 1);
    let connect = || establish(&db.database.url_on(pooler.port()));
    let (mut first, mut second) = (connect(), connect());
    let set = set()
        .add("1_a", "CREATE TABLE a (x INT);\n", "DROP TABLE a;\n")
        .add("2_b", "CREATE TABLE b (x INT);\n", "DROP TABLE b;\n")
        .build();
    let mut refused = None;
    let mut observer = |event: &Event<'_>| {
        // Between two transactions of the first, the second is given its session.
        if let (Event::Committed, None) = (event, &refused) {
            refused = Some(Runner::new(&set).run(&mut second).unwrap_err().to_string());
        }
    };
    let outcome = Runner::new(&set).observer(&mut observer).run(&mut first).unwrap();
    // The first alone has the lock, and goes on as if nothing had happened.
    assert_eq!(versions_of(&outcome.applied), ["1", "2"]);
    let refused = refused.unwrap();
    assert!(refused.contains("A pooler in transaction mode (PgBouncer"), "{refused}");
    assert_eq!(db.locks(), "0");
    for name in ["application_name", "lock_timeout", "cargo_migrate.run"] {
        let setting = format!("SELECT current_setting('{name}', true)");
        assert!(["", "0"].contains(&text(&mut first, &setting).as_str()), "{name}");
    }
}

#[test]
fn a_pooler_that_gives_another_session_is_noticed_before_anything_is_done_there() {
    let mut db = Db::new();
    let pooler = Pgbouncer::before(db.database.server(), 5);
    let connect = || establish(&db.database.url_on(pooler.port()));
    let set = set()
        .add("1_a", "CREATE TABLE a (x INT);\n", "DROP TABLE a;\n")
        .add("2_b", "CREATE TABLE b (x INT);\n", "DROP TABLE b;\n")
        .build();
    let (mut first, mut greedy) = (connect(), connect());
    let error = thread::scope(|scope| {
        let mut greedy = Some(&mut greedy);
        let mut observer = |event: &Event<'_>| {
            if !matches!(event, Event::Committed) {
                return;
            }
            // Somebody else is given the session of the first transaction, for a moment.
            let Some(greedy) = greedy.take() else { return };
            greedy.batch_execute("BEGIN; SELECT 1").unwrap();
            scope.spawn(|| {
                thread::sleep(Duration::from_millis(150));
                greedy.batch_execute("COMMIT").unwrap();
            });
        };
        Runner::new(&set).observer(&mut observer).run(&mut first).unwrap_err()
    });
    assert!(matches!(error, Error::LockLost { .. }), "{error}");
    assert_eq!(versions_of(&error.outcome().unwrap().applied), ["1"]);
    // The session that was marked is found again or ended: either way the lock is free.
    assert_eq!((db.has("a"), db.has("b"), db.locks()), (true, false, "0".to_owned()));
    // A direct connection has its way.
    assert_eq!(versions_of(&db.run(&set).applied), ["2"]);
}

#[test]
fn a_pooler_that_gives_sessions_in_turn_keeps_none_that_has_the_lock() {
    let mut refused = 0;
    for sessions in 2..=5 {
        let mut db = Db::new();
        let pooler = Pgbouncer::in_turn(db.database.server(), sessions);
        let mut clients: Vec<_> =
            (0..sessions).map(|_| establish(&db.database.url_on(pooler.port()))).collect();
        // Each session is opened, and then free.
        for statement in ["BEGIN; SELECT 1", "COMMIT"] {
            clients.iter_mut().for_each(|client| client.batch_execute(statement).unwrap());
        }
        let set = set().add("1_a", "CREATE TABLE a (x INT);\n", "DROP TABLE a;\n").build();
        let done = Runner::new(&set).run(&mut clients[0]);
        // By chance a transaction may be given the session with the lock, and the next one, too.
        let applied = match &done {
            Ok(outcome) => &outcome.applied,
            Err(error @ Error::LockLost { .. }) => &error.outcome().unwrap().applied,
            Err(error) => panic!("{error}"),
        };
        assert_eq!((db.has("a"), db.locks()), (applied.len() == 1, "0".to_owned()), "{sessions}");
        refused += usize::from(done.is_err());
        // No session keeps its mark for others to stumble over. One may have been ended.
        let mark = "DO $$ BEGIN ASSERT \
                    coalesce(current_setting('cargo_migrate.run', true), '') = ''; END $$";
        for client in &mut clients {
            let asked = client.batch_execute(mark).map_err(|error| error.to_string());
            assert!(
                asked.as_ref().err().is_none_or(|error| !error.contains("assert")),
                "{asked:?}"
            );
        }
    }
    assert!(refused > 0);
}
