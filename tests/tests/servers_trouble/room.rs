//! No room left on a server's disk.

use std::fs;
use std::os::unix::fs::symlink;

use migrate_build::Dialect;
use migrate_tests::Program;
use migrate_tests::server::{Database, Mariadb, Postgres, Product};

const BASE: &str = "CREATE TABLE rooms (id INT, name VARCHAR(200));
     CREATE TABLE counter (n INT NOT NULL);
     INSERT INTO counter VALUES (0);";
const COUNT: &str = "UPDATE counter SET n = n + 1;";

/// A program whose second migration needs room, and fails with this code where there is none.
fn program(dialect: Dialect, fill: &str) -> Program {
    Program::of(dialect).add("1_base", BASE, "DROP TABLE counter; DROP TABLE rooms;").add(
        "2_fill",
        &format!("{COUNT} {fill}"),
        "UPDATE counter SET n = 0;",
    )
}

#[test]
fn a_full_disk_leaves_nothing_half_done_on_postgresql() {
    let database = Postgres::shared().database();
    let fill = "INSERT INTO rooms SELECT id, 'a room' FROM generate_series(1, 1000) AS id;";
    let program = program(Dialect::Postgres, fill);
    apply_base(&database, Dialect::Postgres);

    // The one file that never has room stands in the place of the empty table's.
    let file = database.sql("SELECT pg_relation_filepath('rooms');");
    let file = database.server().directory().join("data").join(file.trim_end());
    let aside = file.with_extension("aside");
    fs::rename(&file, &aside).unwrap();
    symlink("/dev/full", &file).unwrap();
    let full = program.start(&database.url(), "run").exits(1);
    full.says("no room is left for the database in 2_fill (up) at migrations/2_fill/up.sql:1:31");
    assert_eq!(database.sql("SELECT n FROM counter;"), "0\n");

    fs::rename(&aside, &file).unwrap();
    program.start(&database.url(), "run").succeeds();
    assert_eq!(database.sql("SELECT n, count(*) FROM counter, rooms GROUP BY n;"), "1\t1000\n");
}

#[test]
fn a_full_disk_leaves_nothing_half_done_on_mariadb() {
    // All tables in one file, which must not grow beyond this.
    let server = Mariadb::start_with(&[
        "--innodb-file-per-table=OFF",
        "--innodb-data-file-path=ibdata1:12M:autoextend:max:20M",
    ]);
    let database = server.database();
    let text = "repeat('x', 200)";
    let fill = |rows: u32| format!("INSERT INTO rooms SELECT seq, {text} FROM seq_1_to_{rows};");
    apply_base(&database, Dialect::Mysql);
    let full = program(Dialect::Mysql, &fill(200_000)).start(&database.url(), "run").exits(1);
    full.says("no room is left for the database in 2_fill (up) at migrations/2_fill/up.sql:1:31");
    assert_eq!(database.sql("SELECT n FROM counter;"), "0\n");
    assert_eq!(database.sql("SELECT count(*) FROM rooms;"), "0\n");

    // A statement about the schema cannot be rolled back, but it leaves nothing either; what was
    // done before it stays, and is gone on with.
    let both =
        |rows| format!("CREATE TABLE more (id INT); {} ALTER TABLE more ADD y INT;", fill(rows));
    let half = program(Dialect::Mysql, &both(200_000)).start(&database.url(), "run").exits(4);
    half.says("2 of 4 statements are done, the next one failed at migrations/2_fill/up.sql:1:");
    assert_eq!(database.sql("SELECT n FROM counter; SELECT count(*) FROM more;"), "1\n0\n");
    program(Dialect::Mysql, &both(10)).start(&database.url(), "run").succeeds();
    assert_eq!(database.sql("SELECT n, count(*) FROM counter, rooms GROUP BY n;"), "1\t10\n");
    assert_eq!(database.sql("SELECT count(y) FROM more;"), "0\n");
}

fn apply_base<P: Product>(database: &Database<P>, dialect: Dialect) {
    let base = Program::of(dialect).add("1_base", BASE, "DROP TABLE counter; DROP TABLE rooms;");
    base.start(&database.url(), "run").succeeds();
}
