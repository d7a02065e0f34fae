//! What a run does when nothing is in its way.
use diesel::prelude::*;
use migrate_runtime::{Dialect, Error, Event, Goal, History, Redo, Runner, Standing, Target, Undo};

use crate::builder::Set;
use crate::db::{Db, name_of, names, one, set, versions_of};

#[test]
fn migrations_are_applied_recorded_and_reverted() {
    let mut db = Db::new();
    let set = set()
        .add("1_a", "CREATE TABLE a (x INT);\nINSERT INTO a VALUES (1);\n", "DROP TABLE a;\n")
        .add("2_b", "CREATE TABLE b (y INT);\n", "DROP TABLE b;\n")
        .build();
    let outcome = db.run(&set);
    assert_eq!(versions_of(&outcome.applied), ["1", "2"]);
    assert_eq!((outcome.batch, outcome.left.len()), (Some(1), 0));
    assert_eq!(db.text("SELECT x FROM a"), "1");
    assert_eq!(db.versions(), "1 2");
    assert_eq!(set.standing(&mut db.conn).unwrap(), Standing::UpToDate);

    let history = History::read(&mut db.conn).unwrap();
    let orders: Vec<_> =
        history.applied().iter().map(|a| a.record.as_ref().map(|r| (r.order, r.batch))).collect();
    assert_eq!(orders, [Some((1, 1)), Some((2, 1))]);
    assert!(history.status(&set).iter().all(|status| status.notes.is_empty()));

    let outcome = Runner::new(&set).revert(&mut db.conn, Undo::All).unwrap();
    assert_eq!(versions_of(&outcome.reverted), ["2", "1"]);
    assert_eq!((db.has("a"), db.versions()), (false, String::new()));
    assert_eq!(db.text("SELECT count(*) FROM __migrate_history"), "0");
    assert_eq!(db.locks(), "0");
}

#[test]
fn a_run_is_told_from_lock_to_lock() {
    let mut db = Db::new();
    let set = set()
        .add("1_a", "CREATE TABLE a (x INT);\n", "DROP TABLE a;\n")
        .add("2_b", "CREATE TABLE b (x INT);\n", "DROP TABLE b;\n")
        .build();
    let mut told = Vec::new();
    let mut observer = |event: &Event<'_>| told.push(name_of(event));
    Runner::new(&set).observer(&mut observer).run(&mut db.conn).unwrap();
    let migration = [
        "StepStarted",
        "StatementStarted",
        "StatementFinished",
        "StepFinished",
        "Recording",
        "Committing",
        "Committed",
    ];
    assert_eq!(told, [&["Locked", "LedgerCreated"], &migration[..], &migration[..]].concat());
}

#[test]
fn each_migration_has_a_transaction_of_its_own_and_the_mistake_has_a_place() {
    let mut db = Db::new();
    let broken = "CREATE TABLE b (x INT);\n\nINSERT INTO b\n  SELECT ü, nosuch\n  FROM a;\n";
    let set = set()
        .add("1_a", "CREATE TABLE a (ü INT);\n", "DROP TABLE a;\n")
        .add("2_b", broken, "DROP TABLE b;\n")
        .add("3_c", "CREATE TABLE c (x INT);\n", "DROP TABLE c;\n")
        .build();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    let Error::Statement(error) = error else { panic!("{error}") };
    // The statement begins in line 3; the server counts characters.
    assert_eq!((error.place.statement, error.place.line, error.place.column), (2, 4, 13));
    assert_eq!(error.message, "column \"nosuch\" does not exist");
    assert_eq!(versions_of(&error.outcome.applied), ["1"]);
    assert_eq!(names(&error.outcome.left), ["2_b", "3_c"]);
    assert_eq!((db.has("a"), db.has("b"), db.versions()), (true, false, "1".to_owned()));
    assert_eq!(db.locks(), "0");
}

#[test]
fn what_the_server_adds_to_its_message_is_passed_on() {
    let mut db = Db::new();
    db.execute("CREATE TABLE a (x INT UNIQUE); INSERT INTO a VALUES (1)");
    let set = set().add("1_b", "INSERT INTO a VALUES (1);\n", "SELECT 1;\n").build();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err().to_string();
    assert!(error.contains("\"a_x_key\". Key (x)=(1) already exists. It was rolled"), "{error}");
    let set = Set::of(Dialect::Postgres).add("1_b", "SELECT nosuch(1);\n", "SELECT 1;\n").build();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err().to_string();
    assert!(error.contains("No function matches the given name"), "{error}");
}

#[test]
fn a_deferred_key_that_is_broken_at_commit_rolls_back() {
    let mut db = Db::new();
    db.execute(
        "CREATE TABLE p (id INT PRIMARY KEY); CREATE TABLE c (p INT REFERENCES p DEFERRABLE \
         INITIALLY DEFERRED)",
    );
    let set = set().add("1_a", "INSERT INTO c VALUES (7);\n", "SELECT 1;\n").build();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    assert!(error.to_string().contains("Key (p)=(7) is not present in table \"p\""), "{error}");
    assert_eq!((db.versions(), db.text("SELECT count(*) FROM c")), (String::new(), "0".into()));
}

#[test]
fn what_is_done_again_is_done_again_or_not_at_all() {
    let mut db = Db::new();
    let first = "CREATE TABLE a (x INT);\nINSERT INTO a VALUES (1);\n";
    let set_with = |up: &str| {
        set()
            .add("1_a", up, "DROP TABLE a;\n")
            .add("2_b", "CREATE TABLE b (x INT);\n", "DROP TABLE b;\n")
            .build()
    };
    let set = set_with(first);
    db.run(&set);
    db.execute("INSERT INTO a VALUES (2)");
    let outcome = Runner::new(&set).redo(&mut db.conn, Redo::All).unwrap();
    assert_eq!(versions_of(&outcome.reverted), ["2", "1"]);
    assert_eq!(versions_of(&outcome.applied), ["1", "2"]);
    assert_eq!(db.text("SELECT count(*) FROM a"), "1");

    db.execute("INSERT INTO a VALUES (2)");
    let broken = set_with("CREATE TABLE a (x INT);\nINSERT INTO a VALUES (nosuch);\n");
    Runner::new(&broken).redo(&mut db.conn, Redo::All).unwrap_err();
    assert_eq!(db.text("SELECT count(*) FROM a"), "2");
    assert_eq!(set.standing(&mut db.conn).unwrap(), Standing::UpToDate);
}

#[test]
fn a_migration_whose_files_are_gone_is_reverted_from_the_ledger() {
    let mut db = Db::new();
    let down = "DROP TABLE \"ä;,%\";\n-- ' \\ \u{1f600}\n";
    db.run(&set().add("1_a", "CREATE TABLE \"ä;,%\" (x INT);\n", down).build());
    let empty = set().build();
    let outcome = Runner::new(&empty).revert(&mut db.conn, Undo::Count(1)).unwrap();
    assert_eq!(names(&[outcome.reverted[0].migration.clone()]), ["1_a"]);
    assert!(!db.has("\"ä;,%\""));
}

#[test]
fn nothing_pending_is_one_round_trip_and_touches_nothing() {
    let mut db = Db::new();
    db.run(&one());
    let proxy = db.proxy();
    let mut conn = db.connect_by(&proxy);
    for look in 0..3 {
        let before = proxy.round_trips();
        match look {
            0 => assert_eq!(one().standing(&mut conn).unwrap(), Standing::UpToDate),
            1 => assert!(Runner::new(&one()).run(&mut conn).unwrap().applied.is_empty()),
            _ => assert!(
                Runner::new(&one()).plan(&mut conn, Goal::Run(Target::All)).unwrap().is_empty()
            ),
        }
        assert_eq!(proxy.round_trips() - before, 1, "{look}");
    }
    let statements = db.database.statements();
    let looks = &statements[statements.len() - 3..];
    assert!(looks.iter().all(|look| look.starts_with("SELECT ARRAY[d.version")), "{looks:?}");
}

#[test]
fn a_migration_costs_few_round_trips() {
    let mut db = Db::new();
    let mut set = set();
    for version in 1..=20 {
        set = set.add(&format!("{version:02}_a"), "SELECT 1;\n", "SELECT 1;\n");
    }
    let set = set.build();
    let proxy = db.proxy();
    let mut conn = db.connect_by(&proxy);
    Runner::new(&set).run_to(&mut conn, Target::Count(10)).unwrap();
    let before = proxy.round_trips();
    Runner::new(&set).run_to(&mut conn, Target::Count(1)).unwrap();
    let one = proxy.round_trips() - before;
    Runner::new(&set).run_to(&mut conn, Target::Count(9)).unwrap();
    let nine = proxy.round_trips() - before - one;
    // The beginning with its proofs, the statement, the ledger's rows with the commit.
    assert_eq!((nine - one) / 8, 3, "{one}, {nine}");
    assert!(one <= 11, "{one}");
    assert_eq!(db.text("SELECT count(*) FROM __migrate_history"), "20");
}

#[test]
fn the_session_is_left_as_it_was_found() {
    let mut db = Db::new();
    let settings = "SELECT string_agg(name || '=' || coalesce(setting, ''), E'\\n' ORDER BY name) \
                    FROM pg_settings WHERE name <> 'transaction_read_only'";
    db.execute(
        "SET application_name = 'my ''app'; SET lock_timeout = '7s'; SET statement_timeout = '9s'; \
         SET search_path = \"$user\", public",
    );
    let before = db.text(settings);
    let mut seen = String::new();
    let mut other = db.connect();
    let mut observer = |event: &Event<'_>| {
        if let Event::StatementFinished { .. } = event {
            seen = crate::db::text(
                &mut other,
                "SELECT application_name FROM pg_stat_activity WHERE datname = current_database() \
                 AND pid <> pg_backend_pid()",
            );
        }
    };
    Runner::new(&one()).observer(&mut observer).run(&mut db.conn).unwrap();
    assert_eq!(seen, format!("cargo-migrate:{} my 'app", std::process::id()));
    assert_eq!(db.text(settings), before);
    let broken = set().add("2_b", "SELECT nosuch;\n", "SELECT 1;\n");
    let broken = broken.add("1_a", "CREATE TABLE a (x INT);\n", "DROP TABLE a;\n").build();
    Runner::new(&broken).run(&mut db.conn).unwrap_err();
    assert_eq!((db.text(settings), db.locks()), (before, "0".to_owned()));
}

#[test]
fn a_script_may_forget_what_the_run_has_prepared() {
    let mut db = Db::new();
    db.execute("PREPARE mine AS SELECT 1");
    let set = set()
        .add("1_a", "CREATE TABLE a (x INT);\n", "DROP TABLE a;\n")
        .add("2_b", "DEALLOCATE ALL;\nCREATE TABLE b (x INT);\n", "DROP TABLE b;\n")
        .add("3_c", "CREATE TABLE c (x INT);\nDISCARD PLANS;\n", "DROP TABLE c;\n")
        .add_outside("4_d", "DEALLOCATE ALL;\nVACUUM;\n", "VACUUM;\n")
        .add("5_e", "CREATE TABLE e (x INT);\n", "DROP TABLE e;\n")
        .build();
    assert_eq!(db.run(&set).applied.len(), 5);
    assert_eq!(db.text("SELECT count(*) FROM pg_prepared_statements"), "0");
    // One that nobody forgot is left alone, and nothing of the run's is left.
    db.execute("PREPARE mine AS SELECT 1");
    Runner::new(&set).revert(&mut db.conn, Undo::All).unwrap();
    assert_eq!(db.text("SELECT string_agg(name, ' ') FROM pg_prepared_statements"), "mine");
}

#[test]
fn what_a_migration_sets_for_the_session_ends_with_it() {
    let mut db = Db::new();
    db.execute("CREATE SCHEMA other");
    // As `pg_dump` begins.
    let dump = "SET statement_timeout = 0;\nSET lock_timeout = 0;\n\
                SELECT pg_catalog.set_config('search_path', '', false);\n\
                CREATE TABLE public.a (x INT);\n";
    let set = set()
        .add("1_a", dump, "DROP TABLE a;\n")
        .add("2_b", "SET search_path = other;\nCREATE TABLE b (x INT);\n", "DROP TABLE other.b;\n")
        .add("3_c", "SELECT * FROM a;\nCREATE TABLE c (x INT);\n", "DROP TABLE c;\n")
        .add_outside(
            "4_d",
            "SET search_path = other;\nCREATE TABLE d (x INT);\nVACUUM d;\n",
            "DROP TABLE other.d;\n",
        )
        .add("5_e", "SELECT * FROM a;\n", "SELECT 1;\n")
        .build();
    db.run(&set);
    assert_eq!(db.versions(), "1 2 3 4 5");
    assert!(db.has("other.b") && db.has("public.c") && db.has("other.d"));
    assert_eq!(db.text("SELECT current_setting('search_path')"), "\"$user\", public");
    Runner::new(&set).revert(&mut db.conn, Undo::All).unwrap();
}

#[test]
fn a_migration_may_reset_what_the_session_has() {
    let mut db = Db::new();
    db.execute("SET search_path = pg_temp, public; SET application_name = 'mine'");
    let set = set()
        .add("1_a", "RESET ALL;\nCREATE TABLE public.a (x INT);\n", "DROP TABLE a;\n")
        .add("2_b", "CREATE TABLE public.b (x INT);\nRESET ALL;\n", "DROP TABLE b;\n")
        .build();
    db.run(&set);
    assert_eq!((db.versions(), db.locks()), ("1 2".to_owned(), "0".to_owned()));
    assert_eq!(db.text("SELECT current_setting('application_name')"), "mine");
    assert_eq!(db.text("SELECT current_setting('search_path')"), "pg_temp, public");
}

#[test]
fn the_ledger_is_where_diesel_finds_it() {
    let mut db = Db::new();
    db.execute("CREATE SCHEMA \"My app\"; CREATE SCHEMA late");
    let path = |path: &str| format!("SET search_path = {path}");
    db.execute(&path("nosuch, \"My app\", public"));
    db.run(&one());
    assert!(db.has("\"My app\".__migrate_history") && db.has("\"My app\".a"));
    // Found behind a schema that would come first for a new table.
    db.execute(&path("late, \"My app\""));
    assert_eq!(one().standing(&mut db.conn).unwrap(), Standing::UpToDate);
    let two = set()
        .add("1_a", "CREATE TABLE a (x INT);\n", "DROP TABLE a;\n")
        .add("2_b", "CREATE TABLE b (x INT);\n", "DROP TABLE b;\n")
        .build();
    db.run(&two);
    assert_eq!(db.text("SELECT count(*) FROM \"My app\".__migrate_history"), "2");
    assert!(db.has("late.b") && !db.has("late.__migrate_history"));
    // Another place, another ledger.
    db.execute(&path("public"));
    assert!(matches!(one().standing(&mut db.conn).unwrap(), Standing::Behind { .. }));
    db.execute(&path("nosuch"));
    let error = Runner::new(&one()).run(&mut db.conn).unwrap_err();
    assert!(error.to_string().contains("`search_path`"), "{error}");
}

#[test]
fn a_set_for_another_database_is_refused_before_anything() {
    let mut db = Db::new();
    let sqlite = Set::new().add("1_a", "CREATE TABLE a (x);\n", "DROP TABLE a;\n").build();
    let error = Runner::new(&sqlite).run(&mut db.conn).unwrap_err();
    assert!(matches!(error, Error::WrongDialect { .. }), "{error}");
    assert!(error.to_string().contains("for SQLite, and the connection is one to PostgreSQL"));
    assert!(sqlite.standing(&mut db.conn).is_err());
    assert!(Runner::new(&sqlite).plan(&mut db.conn, Goal::Run(Target::All)).is_err());
    assert!(!db.has("__diesel_schema_migrations"));
}

#[test]
fn a_run_inside_a_transaction_is_refused() {
    let mut db = Db::new();
    for opens in ["BEGIN", "START TRANSACTION ISOLATION LEVEL SERIALIZABLE"] {
        db.execute(opens);
        let error = Runner::new(&one()).run(&mut db.conn).unwrap_err();
        assert!(matches!(error, Error::InTransaction), "{error}");
        db.execute("ROLLBACK");
    }
    db.conn
        .transaction(|conn| {
            let error = Runner::new(&one()).run(conn).unwrap_err();
            assert!(matches!(error, Error::InTransaction), "{error}");
            // What only looks may, and the transaction is as good as before.
            assert!(matches!(one().standing(conn).unwrap(), Standing::Behind { .. }));
            diesel::sql_query("CREATE TABLE mine (x INT)").execute(conn)
        })
        .unwrap();
    assert!(db.has("mine") && !db.has("a"));
}

#[test]
fn data_that_nobody_sends_is_not_waited_for() {
    let mut db = Db::new();
    let copy = "CREATE TABLE a (x INT);\nCOPY a FROM STDIN;\n";
    let set = set().add("1_a", copy, "DROP TABLE a;\n").build();
    let error = Runner::new(&set).run(&mut db.conn).unwrap_err();
    assert!(error.to_string().contains("up.sql:2:1"), "{error}");
    assert!(error.to_string().contains("Use `INSERT`"), "{error}");
    assert!(!db.has("a"));
    db.run(&one());
}
