//! Ways back, tried on a scratch database.

use std::fs;
use std::path::Path;

use migrate_tests::server::{Database, Product, Server, USER};
use migrate_tests::{Project, server_project};
use snapbox::str;

use crate::{app, on_both};

on_both!(ways_back_are_tried, who_may_make_no_database_is_told, a_server_that_is_not_there_is_told);

/// A server whose user may make scratch databases.
fn open<P: Product>(server: &Server<P>) -> Database<P> {
    server.execute(&match P::DIALECT {
        "postgres" => format!("ALTER ROLE {USER} CREATEDB"),
        _ => format!("GRANT ALL ON *.* TO '{USER}'@'127.0.0.1'"),
    });
    server.database()
}

/// One server sees all of it, one after another: what stays there is seen.
fn ways_back_are_tried<P: Product>(server: &Server<P>) {
    every_kind_is_told_apart(server);
    a_set_of_many_objects_holds(server);
    every_seed_is_tried(server);
    one_that_is_stopped_leaves_nothing(server);
    assert_eq!(scratch_databases(&server.database()), "");
}

/// One migration of each kind.
fn of_each_kind<P: Product>(database: &Database<P>) -> Project {
    app(database)
        .migration(
            "1_users",
            "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL);\n",
            "DROP TABLE users;\n",
        )
        .migration(
            "2_index",
            "ALTER TABLE users ADD COLUMN age INT;\nCREATE INDEX users_name ON users (name);\n",
            "ALTER TABLE users DROP COLUMN age;\n",
        )
        .migration(
            "3_age",
            "ALTER TABLE users DROP COLUMN age;\n",
            "ALTER TABLE users ADD COLUMN age VARCHAR(3);\n",
        )
        .file(
            "migrations/4_away/up.sql",
            "-- migrate: irreversible reason=\"who needs names\"\nDROP TABLE users;\n",
        )
        .migration(
            "5_wrong",
            "CREATE TABLE x (a INT);\nINSERT INTO x VALUES ('one');\n",
            "DROP TABLE x;\n",
        )
        .table("6_posts", "posts")
        .build()
}

fn every_kind_is_told_apart<P: Product>(server: &Server<P>) {
    let database = open(server);
    let app = of_each_kind(&database);
    let output = app.migrate(["verify"]).exits(1);
    let lines: Vec<&str> = output.stdout().lines().collect();
    assert_eq!(
        lines[..6],
        [
            "holds          1_users",
            "does not hold  2_index",
            "does not hold  3_age",
            "irreversible   4_away: who needs names",
            "refused        5_wrong",
            "not tried      6_posts",
        ]
    );
    assert!(lines[6].ends_with("nothing contradicts the files"), "{}", lines[6]);
    output
        .says("index `users_name`")
        .says("--> migrations/2_index/down.sql:1:1")
        .says("the table `users` back as it was: the column `age`")
        .says("--> migrations/5_wrong/up.sql:2:1");
    app.migrate(["status"]).succeeds().prints("6 pending");
}

/// Whatever these sets do, the database says of it what the files say.
fn every_seed_is_tried<P: Product>(server: &Server<P>) {
    let database = open(server);
    let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/seeds");
    let mut tried = 0;
    for seed in fs::read_dir(seeds).unwrap() {
        let migrations = seed.unwrap().path().join(P::DIALECT).join("migrations");
        if migrations.exists() {
            let app = app(&database).build();
            let verify = app.migrate(["verify", "--dir"]).arg(&migrations);
            let _ = verify.succeeds().prints("; nothing contradicts the files");
            tried += 1;
        }
    }
    assert!(tried > 1, "{tried} seeds");
}

fn one_that_is_stopped_leaves_nothing<P: Product>(server: &Server<P>) {
    let database = open(server);
    let nap = if P::DIALECT == "postgres" { "SELECT pg_sleep(2);\n" } else { "DO SLEEP(2);\n" };
    let app = app(&database)
        .table("1_users", "users")
        .migration("2_nap", &format!("{nap}{nap}{nap}"), nap)
        .build();
    let mut running = app.migrate(["verify"]).start();
    running.wait_for("1_users");
    running.signal("INT");
    let _ = running.output().exits(1).says("error: stopped on request");
}

fn who_may_make_no_database_is_told<P: Product>(server: &Server<P>) {
    let database = server.database();
    server.execute(&match P::DIALECT {
        "postgres" => "CREATE ROLE nobody LOGIN PASSWORD 'canary-6f1d'".to_owned(),
        _ => format!(
            "CREATE USER nobody IDENTIFIED BY 'canary-6f1d'; GRANT ALL ON `{}`.* TO nobody",
            database.name()
        ),
    });
    let url = database.url().replace(&format!("//{USER}:"), "//nobody:");
    let app = server_project(P::DIALECT, &url).table("1_users", "users").build();
    app.migrate(["verify"])
        .exits(1)
        .stdout_is(str![])
        .says("error: cannot make the scratch database `migrate_verify_")
        .says("= help: let the user make");
}

fn a_server_that_is_not_there_is_told<P: Product>(server: &Server<P>) {
    let url = server.database().url_on(1);
    let app = server_project(P::DIALECT, &url).table("1_users", "users").build();
    app.migrate(["verify"])
        .exits(1)
        .stdout_is(str![])
        .says("no server answers")
        .says("cargo migrate wait");
}

fn a_set_of_many_objects_holds<P: Product>(server: &Server<P>) {
    let database = open(server);
    let (up, down) = match P::DIALECT {
        "postgres" => {
            (MANY_ON_POSTGRES, "DROP VIEW v; DROP TABLE b, a; DROP FUNCTION f(); DROP TYPE mood;\n")
        }
        _ => (
            MANY_ON_MARIADB,
            "DROP EVENT e; DROP PROCEDURE p; DROP VIEW v; DROP TABLE b; DROP TABLE a;\n",
        ),
    };
    let app = app(&database).migration("1_many", up, down).table("2_posts", "posts").build();
    app.migrate(["verify"]).succeeds().stderr_is(str![]).prints("2 hold; nothing contradicts");
}

const MANY_ON_POSTGRES: &str = "
    CREATE TYPE mood AS ENUM ('sad', 'ok');
    CREATE TABLE a (
        id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        feels mood NOT NULL DEFAULT 'ok',
        name TEXT CHECK (length(name) > 2),
        made TIMESTAMPTZ NOT NULL DEFAULT now()
    );
    CREATE TABLE b (a BIGINT REFERENCES a ON DELETE CASCADE, n INT, UNIQUE (a, n));
    CREATE INDEX b_n ON b (n) WHERE n > 3;
    CREATE VIEW v AS SELECT a.name, b.n FROM a JOIN b ON b.a = a.id;
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
    CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW EXECUTE FUNCTION f();
    COMMENT ON COLUMN a.name IS 'what it is called';
";

const MANY_ON_MARIADB: &str = "
    CREATE TABLE a (
        id BIGINT AUTO_INCREMENT PRIMARY KEY,
        name VARCHAR(30) CHARACTER SET latin1 CHECK (length(name) > 2),
        data JSON,
        made DATETIME(3) NOT NULL DEFAULT NOW(3) COMMENT 'when'
    );
    CREATE TABLE b (a BIGINT, n INT DEFAULT (1 + 2), UNIQUE (a, n), FOREIGN KEY (a) REFERENCES a (id));
    CREATE VIEW v AS SELECT a.name, b.n FROM a JOIN b ON b.a = a.id;
    CREATE TRIGGER t BEFORE UPDATE ON a FOR EACH ROW SET NEW.name = 'x';
    CREATE PROCEDURE p() SELECT 1;
    CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM b;
";

/// The names of those that are there.
fn scratch_databases<P: Product>(database: &Database<P>) -> String {
    database.sql(match P::DIALECT {
        "postgres" => "SELECT datname FROM pg_database WHERE datname LIKE 'migrate%verify%';",
        _ => "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'migrate%verify%';",
    })
}
