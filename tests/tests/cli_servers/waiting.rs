//! Waiting for a server: for as long as it may come up, and not a moment for what waiting does not
//! mend.

use std::net::{Ipv4Addr, TcpListener};
use std::time::{Duration, Instant};

use migrate_tests::server::{CANARY, Product, Server};
use migrate_tests::{Project, server_project};

use crate::{app, on_both};

on_both!(
    a_server_that_comes_up_later_is_waited_for,
    one_that_never_comes_is_given_up,
    what_waiting_does_not_mend_ends_it_at_once,
    it_stops_on_request,
    a_run_can_wait_first,
);

/// A project whose server is not there.
fn nobody<P: Product>() -> Project {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("{}://me:{CANARY}@127.0.0.1:{port}/app", P::DIALECT);
    server_project(P::DIALECT, &url).table("1_users", "users").build()
}

fn a_server_that_comes_up_later_is_waited_for<P: Product>(_: &Server<P>) {
    let server = Server::<P>::start();
    let database = server.database();
    let app = app(&database).table("1_users", "users").build();
    server.stop_immediate();
    let mut waiting = app.migrate(["wait", "--message-format", "json"]).start();
    waiting.wait_for(r#""event":"waiting""#);
    let mut running = app.migrate(["run", "--wait", "60", "--message-format", "json"]).start();
    running.wait_for(r#""event":"waiting""#);
    server.restart();
    let _ = waiting.output().exits(0).json();
    assert_eq!(running.output().exits(0).json().last().unwrap()["applied"], 1);
    app.migrate(["wait", "--timeout", "0"]).succeeds().prints("answers");
}

fn one_that_never_comes_is_given_up<P: Product>(_: &Server<P>) {
    let app = nobody::<P>();
    let given_up = app.migrate(["wait", "--timeout", "1"]).exits(5);
    given_up
        .says("Waiting for the database: cannot connect to `app` on 127.0.0.1:")
        .says("error: cannot connect to `app` on 127.0.0.1:")
        .says(": no server answers")
        .says("that is so after 1 s of waiting");
    let lines = app.migrate(["wait", "--timeout", "0", "--message-format=json"]).exits(5).json();
    assert_eq!(lines.last().unwrap()["exit"], 5);
    app.migrate(["run", "--wait", "0"]).exits(5);
    app.migrate(["run"]).exits(1).says(": no server answers").says("cargo migrate wait");
}

fn what_waiting_does_not_mend_ends_it_at_once<P: Product>(server: &Server<P>) {
    let database = server.database();
    let wrong_login = database.url().replace(CANARY, "wrong");
    // MySQL tells who may not look that it may not, not that there is nothing.
    let missing = server.url("t_gone");
    let started = Instant::now();
    for (url, why) in
        [(wrong_login, "the server refuses the login"), (missing, "the database does not exist")]
    {
        let app = server_project(P::DIALECT, &url).table("1_users", "users").build();
        app.migrate(["wait"]).exits(1).says(why);
        app.migrate(["run", "--wait", "60"]).exits(1).says(why);
    }
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

fn it_stops_on_request<P: Product>(_: &Server<P>) {
    let app = nobody::<P>();
    let mut waiting = app.migrate(["wait", "--message-format", "json"]).start();
    waiting.wait_for(r#""event":"waiting""#);
    waiting.signal("TERM");
    waiting.output().exits(1).says("stopped on request");
}

fn a_run_can_wait_first<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = app(&database).table("1_users", "users").build();
    app.migrate(["run", "--wait", "5"]).succeeds().prints("1 migration applied");
}
