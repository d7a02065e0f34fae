//! What is said when the server does not let anybody in, and that the password is never in it.

use std::net::TcpListener;

use migrate_tests::server::{CANARY, Product, Server, USER};
use migrate_tests::{Output, server_project};

use crate::{app, on_both};

on_both!(
    a_wrong_password_is_told,
    a_database_that_is_not_there_is_told,
    a_host_that_is_not_there_is_told,
    a_server_without_tls_is_told,
    a_server_that_says_nothing_is_given_up,
    the_lock_of_another_runner_is_respected,
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
    let url = server.database().url().replace(CANARY, &format!("{CANARY}-wrong"));
    refused::<P>(&url)
        .says(": the server refuses the login")
        .says(&format!("'{USER}'").replace('\'', if P::DIALECT == "postgres" { "\"" } else { "'" }))
        .says("= help: check the user, the password, and what the server lets this user do");
}

fn a_database_that_is_not_there_is_told<P: Product>(server: &Server<P>) {
    refused::<P>(&server.url("t_gone"))
        .says("error: cannot connect to `t_gone` on 127.0.0.1:")
        .says(": the database does not exist")
        .says("let `cargo migrate run --create-database` make the database");
}

fn a_host_that_is_not_there_is_told<P: Product>(server: &Server<P>) {
    let url = server.url("app").replace("127.0.0.1", "gone.invalid");
    refused::<P>(&url)
        .says("error: cannot connect to `app` on gone.invalid:")
        .says(": no server answers")
        .says("gone.invalid")
        .says("= help: start the server, or mend host and port");
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
