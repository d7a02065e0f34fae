//! The connection cut at every message of a run: lost on its way to the server, or its answer on the
//! way back.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use diesel::connection::Connection as _;
use migrate_build::Dialect;
use migrate_runtime::{Backend, Error, HalfWayReason, Migrations, Runner};
use migrate_tests::Program;
use migrate_tests::server::{CANARY, Database, Mariadb, Postgres, Product, Proxy, Server};

use crate::contents::contents;

const AT_ONCE: usize = 2;

const TABLES: &str = "CREATE TABLE rooms (id INT PRIMARY KEY, name VARCHAR(20));
     CREATE TABLE counter (n INT NOT NULL);
     INSERT INTO counter VALUES (0);";
const COUNT: &str = "UPDATE counter SET n = n + 1;";

#[test]
fn a_connection_to_postgresql_may_be_cut_anywhere() {
    let index = format!("{COUNT} CREATE INDEX CONCURRENTLY rooms_name ON rooms (name);");
    let program = Program::of(Dialect::Postgres)
        .add("1_base", TABLES, "DROP TABLE counter; DROP TABLE rooms;")
        .add_outside("2_index", &index, "DROP INDEX rooms_name;")
        .add("3_after", COUNT, "UPDATE counter SET n = 0;");
    may_be_cut_anywhere(Postgres::shared(), &program.migrations());
}

#[test]
fn a_connection_to_mariadb_may_be_cut_anywhere() {
    let both = format!("{COUNT} CREATE INDEX rooms_name ON rooms (name); {COUNT}");
    let program = Program::of(Dialect::Mysql)
        .add("1_base", TABLES, "DROP TABLE counter; DROP TABLE rooms;")
        .add("2_index", &both, "DROP INDEX rooms_name ON rooms;")
        .add("3_rows", COUNT, "UPDATE counter SET n = 0;");
    may_be_cut_anywhere(Mariadb::shared(), &program.migrations());
}

fn may_be_cut_anywhere<P: Product>(server: &Server<P>, set: &Migrations<'static>)
where
    P::Connection: Backend,
{
    let undisturbed = server.database();
    Runner::new(set).run(&mut undisturbed.connect()).unwrap();
    let wanted = contents(&undisturbed);
    for (is_heard, reconnects) in [(false, false), (false, true), (true, false), (true, true)] {
        let (next, cuts) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| {
                    let database = &mut server.database();
                    while is_cut(database, set, &next, is_heard, reconnects) {
                        assert_eq!(contents(database), wanted);
                        *database = server.database();
                        cuts.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        let cuts = cuts.into_inner();
        assert!(cuts > 30, "only {cuts} messages");
    }
}

/// Runs, is cut, and runs again if it does not reconnect; false when there was nothing left to cut.
fn is_cut<P: Product>(
    database: &Database<P>,
    set: &Migrations<'static>,
    next: &AtomicUsize,
    is_heard: bool,
    reconnects: bool,
) -> bool
where
    P::Connection: Backend,
{
    let messages = next.fetch_add(1, Ordering::Relaxed);
    let proxy = Proxy::before(database.server().port());
    let mut connect = || P::Connection::establish(&database.url_on(proxy.port()));
    let mut conn = connect().unwrap();
    proxy.cut_behind(messages, is_heard);
    let mut runner = Runner::new(set);
    if reconnects {
        runner = runner.reconnect_with(&mut connect);
    }
    let result = runner.run(&mut conn);
    if !proxy.has_cut() {
        result.unwrap();
        return false;
    }
    if let Err(error) = result {
        assert!(!reconnects, "behind {messages} messages: {error}");
        assert!(!format!("{error} {error:?}").contains(CANARY), "{error:?}");
        match &error {
            Error::CommitUnknown { .. } | Error::ConnectionLost { .. } => {}
            Error::HalfWay(half_way) => assert!(
                matches!(half_way.reason, HalfWayReason::ConnectionLost { .. }),
                "behind {messages} messages: {error}"
            ),
            _ => panic!("behind {messages} messages: {error}"),
        }
        Runner::new(set).run(&mut database.connect()).unwrap();
    }
    true
}
