//! Databases made and dropped.

use std::thread;

use diesel::connection::{Connection as _, SimpleConnection as _};
use migrate_tests::server::{Postgres, Product, Server, USER};
use migrate_tests::{Project, server_project};
use snapbox::str;

use crate::on_both;

#[test]
fn reset_of_postgresql_does_not_guess_at_a_locale() {
    let server = Postgres::shared();
    let app = missing(server, "t_icu");
    server.execute(&format!(
        "CREATE DATABASE t_icu OWNER {USER} TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de'"
    ));
    app.migrate(["run"]).succeeds();
    app.migrate(["reset", "--yes"]).exits(1).stderr_is(str![[r#"
error: cannot make again `t_icu` on 127.0.0.1:[PORT]: it has a locale that is not the C library's, nor that of `template1`
  = help: drop it and make it by hand

"#]]);
    app.migrate(["status"]).succeeds().prints("1 applied");
}

on_both!(
    a_missing_database_is_made_when_asked_for,
    many_may_make_it_at_once,
    names_of_every_kind_are_safe,
    names_that_no_server_takes_are_refused,
    who_may_not_is_told,
    reset_begins_anew,
    reset_keeps_what_a_database_is_made_of,
    reset_asks,
    reset_drops_nothing_under_others,
    reset_drops_nothing_for_files_that_would_not_run,
);

/// A project for a database that does not exist, on a server where its user may make it.
fn missing<P: Product>(server: &Server<P>, name: &str) -> Project {
    server.execute(&match P::DIALECT {
        "postgres" => format!("ALTER ROLE {USER} CREATEDB"),
        _ => format!("GRANT ALL ON *.* TO '{USER}'@'127.0.0.1'"),
    });
    server_project(P::DIALECT, &server.url(name)).table("1_users", "users").build()
}

fn a_missing_database_is_made_when_asked_for<P: Product>(server: &Server<P>) {
    let app = missing(server, "made");
    app.migrate(["run"]).exits(1).says("the database does not exist").says("--create-database");
    app.migrate(["status"]).exits(1).says("the database does not exist");
    app.migrate(["run", "--create-database", "--dry-run"]).exits(2);
    app.migrate(["run", "--create-database", "--wait", "5"])
        .succeeds()
        .says("Created the database `made` on 127.0.0.1:")
        .prints("1 migration applied");
    app.migrate(["run", "--create-database"])
        .succeeds()
        .stdout_is(str![[r#"
nothing to apply: the database is up to date

"#]])
        .stderr_is(str![]);
}

fn many_may_make_it_at_once<P: Product>(server: &Server<P>) {
    let app = &missing(server, "contended");
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| app.migrate(["run", "--create-database"]).succeeds());
        }
    });
    app.migrate(["status"]).succeeds().prints("1 applied");
}

fn names_of_every_kind_are_safe<P: Product>(server: &Server<P>) {
    for name in
        ["a b", "a-b", "a\"b", "a`b", "a'b; DROP TABLE x; --", "a%b", "a/b", "ä=ö", "a\\b", "A.b"]
    {
        let app = missing(server, name);
        app.migrate(["run", "--create-database"])
            .succeeds()
            .says(&format!("the database `{name}` on"));
        app.migrate(["status"]).succeeds().prints("1 applied");
        app.migrate(["reset", "--yes"]).succeeds().says("Dropped");
    }
}

fn names_that_no_server_takes_are_refused<P: Product>(server: &Server<P>) {
    let app = missing(server, &"x".repeat(70));
    let why = match P::DIALECT {
        "postgres" => "the database's name is longer than 63 bytes: PostgreSQL cuts it off",
        _ => "Incorrect database name",
    };
    let _ = app.migrate(["run", "--create-database"]).output().says(why);
}

fn who_may_not_is_told<P: Product>(server: &Server<P>) {
    let database = server.database();
    let url = database.awkward_url().replace(database.name(), "forbidden");
    let app = server_project(P::DIALECT, &url).table("1_users", "users").build();
    app.migrate(["run", "--create-database"])
        .exits(1)
        .says("error: cannot make `forbidden` on 127.0.0.1:")
        .says("denied");
}

fn reset_begins_anew<P: Product>(server: &Server<P>) {
    let app = missing(server, "t_reset");
    app.migrate(["reset", "--yes"]).succeeds().says("Created").prints("1 migration applied");
    app.table("2_posts", "posts");
    let again = app.migrate(["reset", "--yes"]).succeeds();
    again.says("Dropped `t_reset` on 127.0.0.1:").stdout_is(str![[r#"
2 migrations applied (batch 1)

"#]]);
    let lines = app.migrate(["reset", "--yes", "--message-format=json"]).succeeds().json();
    let events: Vec<&str> = lines.iter().filter_map(|line| line["event"].as_str()).collect();
    assert_eq!(events[0], "dropped");
}

fn reset_keeps_what_a_database_is_made_of<P: Product>(server: &Server<P>) {
    let app = missing(server, "t_manner");
    let (make, look) = match P::DIALECT {
        "postgres" => (
            format!(
                "CREATE DATABASE t_manner OWNER {USER} TEMPLATE template0 ENCODING 'LATIN1' \
                 LC_COLLATE 'C' LC_CTYPE 'C'"
            ),
            "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = 't_manner';",
        ),
        _ => (
            "CREATE DATABASE t_manner CHARACTER SET latin1 COLLATE latin1_german1_ci".to_owned(),
            "SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 't_manner';",
        ),
    };
    server.execute(&make);
    let other = server.database();
    let before = other.sql(look);
    app.migrate(["run"]).succeeds();
    app.migrate(["reset", "--yes"]).succeeds().prints("1 migration applied");
    assert_eq!(other.sql(look), before);
    assert!(["LATIN1\n", "latin1_german1_ci\n"].contains(&before.as_str()), "{before}");
}

fn reset_asks<P: Product>(server: &Server<P>) {
    let app = missing(server, "t_asked");
    app.migrate(["run", "--create-database"]).succeeds();
    app.migrate(["reset"])
        .exits(2)
        .says("error: `t_asked` on 127.0.0.1:")
        .says("will be dropped, with all that is in it: not without a yes");
    // `script` is a terminal for what it runs.
    let on_terminal = |answer: &str| {
        app.shell("script -qec \"$MIGRATE reset --color never\" /dev/null").input(answer.to_owned())
    };
    on_terminal("\n").exits(1).prints("Go on? [y/N]").prints("error: nothing was done");
    on_terminal("no\n").exits(1);
    on_terminal("").exits(1);
    app.migrate(["status"]).succeeds().prints("1 applied");
    on_terminal("y\n").succeeds().prints("Dropped").prints("1 migration applied");
}

fn reset_drops_nothing_under_others<P: Product>(server: &Server<P>) {
    let app = missing(server, "t_used");
    app.migrate(["run", "--create-database"]).succeeds();
    let mut other = P::Connection::establish(&server.url("t_used")).unwrap();
    app.migrate(["reset", "--yes"])
        .exits(1)
        .says("error: nothing was dropped: others use `t_used` on 127.0.0.1:")
        .says(&format!(", user {USER}, from 127.0.0.1"))
        .says("`--force` disconnects them");
    other.batch_execute("SELECT * FROM users").unwrap();
    app.migrate(["reset", "--yes", "--force"]).succeeds().prints("1 migration applied");
    assert!(other.batch_execute("SELECT 1").is_err());
}

fn reset_drops_nothing_for_files_that_would_not_run<P: Product>(server: &Server<P>) {
    let app = missing(server, "t_kept");
    app.migrate(["run", "--create-database"]).succeeds();
    app.migration("2_typo", "DORP TABLE users;\n", "SELECT 1;\n");
    app.migrate(["reset", "--yes"]).exits(1).says("nothing was run: the migrations have findings");
    app.remove("migrations/2_typo");
    app.migrate(["status"]).succeeds().prints("1 applied");
}
