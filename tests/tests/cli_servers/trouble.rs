//! What is said when the server does not let anybody in, and that the password is never in it.

use std::net::TcpListener;

use diesel::connection::SimpleConnection as _;
use migrate_tests::server::{CANARY, Product, Server};
use migrate_tests::{Output, server_project};
use snapbox::str;

use crate::{app, on_both};

on_both!(
    a_wrong_password_is_told,
    a_database_that_is_not_there_is_told,
    a_host_that_is_not_there_is_told,
    a_port_that_nobody_listens_on_is_told,
    a_server_without_tls_is_told,
    a_server_that_says_nothing_is_given_up,
    the_lock_of_another_runner_is_respected,
    a_table_that_somebody_uses_is_tried_again,
);

/// Runs `status` on this address in every way that may show more.
fn refused<P: Product>(url: &str) -> Output {
    let app = server_project(P::DIALECT, url).table("1_users", "users").build();
    for format in ["short", "json"] {
        let arguments = ["run", "-v", "--message-format", format];
        let _ = app.migrate(arguments).env("RUST_BACKTRACE", "full").exits(1);
    }
    app.migrate(["status"]).exits(1)
}

fn a_wrong_password_is_told<P: Product>(server: &Server<P>) {
    let url = server.url("app").replace(CANARY, &format!("{CANARY}-wrong"));
    let refused = refused::<P>(&url);
    let _ = match P::DIALECT {
        "postgres" => refused.stderr_is(str![[r#"
error: cannot connect to `app` on 127.0.0.1:[PORT]: the server refuses the login
  = note: connection to server at "127.0.0.1", port [PORT] failed: FATAL:  password authentication failed for user "cargo_migrate"
  = help: check the user, the password, and what the server lets this user do; it may want TLS

"#]]),
        _ => refused.stderr_is(str![[r#"
error: cannot connect to `app` on 127.0.0.1:[PORT]: the server refuses the login
  = note: Access denied for user 'cargo_migrate'@'127.0.0.1' (using password: YES)
  = help: check the user, the password, and what the server lets this user do; it may want TLS

"#]]),
    };
}

fn a_database_that_is_not_there_is_told<P: Product>(server: &Server<P>) {
    let refused = refused::<P>(&server.url("t_gone"));
    let _ = match P::DIALECT {
        "postgres" => refused.stderr_is(str![[r#"
error: cannot connect to `t_gone` on 127.0.0.1:[PORT]: the database does not exist
  = note: connection to server at "127.0.0.1", port [PORT] failed: FATAL:  database "t_gone" does not exist
  = help: mend the name, or let `cargo migrate run --create-database` make the database

"#]]),
        _ => refused.stderr_is(str![[r#"
error: cannot connect to `t_gone` on 127.0.0.1:[PORT]: the database does not exist
  = note: Unknown database 't_gone'
  = help: mend the name, or let `cargo migrate run --create-database` make the database

"#]]),
    };
}

fn a_host_that_is_not_there_is_told<P: Product>(server: &Server<P>) {
    let url = server.url("app").replace("127.0.0.1", "gone.invalid");
    let url = url.replace(&server.port().to_string(), "4321");
    let refused = refused::<P>(&url);
    let _ = match P::DIALECT {
        "postgres" => refused.stderr_is(str![[r#"
error: cannot connect to `app` on gone.invalid:4321: no server answers
  = note: could not translate host name "gone.invalid" to address: [..]
  = help: start the server, or mend host and port; `cargo migrate wait` waits for it

"#]]),
        _ => refused.stderr_is(str![[r#"
error: cannot connect to `app` on gone.invalid:4321: no server answers
  = note: Unknown server host 'gone.invalid' ([..])
  = help: start the server, or mend host and port; `cargo migrate wait` waits for it

"#]]),
    };
}

fn a_port_that_nobody_listens_on_is_told<P: Product>(_: &Server<P>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let refused = refused::<P>(&format!("{}://me:{CANARY}@127.0.0.1:{port}/app", P::DIALECT));
    let _ = match P::DIALECT {
        "postgres" => refused.stderr_is(str![[r#"
error: cannot connect to `app` on 127.0.0.1:[PORT]: no server answers
  = note: connection to server at "127.0.0.1", port [PORT] failed: Connection refused
  = note: Is the server running on that host and accepting TCP/IP connections?
  = help: start the server, or mend host and port; `cargo migrate wait` waits for it

"#]]),
        _ => refused.stderr_is(str![[r#"
error: cannot connect to `app` on 127.0.0.1:[PORT]: no server answers
  = note: Can't connect to server on '127.0.0.1' (115)
  = help: start the server, or mend host and port; `cargo migrate wait` waits for it

"#]]),
    };
}

fn a_server_without_tls_is_told<P: Product>(server: &Server<P>) {
    let database = server.database();
    let query = match P::DIALECT {
        "postgres" => "sslmode=require",
        // Of itself, MariaDB's library would go on without.
        _ => "ssl_ca=/etc/ssl/certs/ca-certificates.crt",
    };
    refused::<P>(&format!("{}?{query}", database.url()))
        .says(": there is no agreement on TLS")
        .says("TLS parameters of the URL");
}

/// A server that takes the connection and says nothing.
fn a_server_that_says_nothing_is_given_up<P: Product>(_: &Server<P>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("{}://me:{CANARY}@127.0.0.1:{port}/app", P::DIALECT);
    let app = server_project(P::DIALECT, &url).table("1_users", "users").build();
    app.migrate(["wait", "--timeout", "1"])
        .exits(5)
        .says(": no server answers")
        .says("it says nothing within 1 s");
    if P::DIALECT == "postgres" {
        let patient = format!("{url}?connect_timeout=2");
        app.migrate(["status", "--database-url", &patient]).exits(1).says("timeout expired");
    }
}

fn the_lock_of_another_runner_is_respected<P: Product>(server: &Server<P>) {
    let database = server.database();
    let sleeps = match P::DIALECT {
        "postgres" => "SELECT pg_sleep(600);\n",
        _ => "SELECT SLEEP(600);\n",
    };
    let app = app(&database).table("1_users", "users").migration("2_slow", sleeps, sleeps).build();
    let mut holder = app.migrate(["run", "--message-format", "json"]).start();
    holder.wait_for(r#""version":"2","name":"2_slow","statement":1"#);
    app.migrate(["run", "--lock-timeout", "0"]).exits(3).says("--lock-timeout");
    holder.signal("KILL");
    let _ = holder.output();
}

fn a_table_that_somebody_uses_is_tried_again<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = app(&database)
        .table("1_users", "users")
        .migration(
            "2_age",
            "ALTER TABLE users ADD COLUMN age INTEGER;\n",
            "ALTER TABLE users DROP COLUMN age;\n",
        )
        .build();
    app.migrate(["run", "-n1"]).succeeds();
    let mut user = database.connect();
    user.batch_execute("BEGIN; SELECT count(*) FROM users").unwrap();
    app.migrate(["run", "--lock-timeout", "5"])
        .exits(3)
        .says("Retrying after 1 in vain: what a statement needs is locked")
        .says("--lock-timeout");
    let mut running = app.migrate(["run", "--message-format", "json"]).start();
    running.wait_for(r#""event":"retrying","tries":1"#);
    user.batch_execute("COMMIT").unwrap();
    assert_eq!(running.output().exits(0).json().last().unwrap()["applied"], 1);
}
