//! Servers that want an encrypted connection, and clients that do.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;

use migrate_tests::server::{Mariadb, Postgres, Product, Server};
use migrate_tests::{Invocation, Project, server_project};
use snapbox::str;

use crate::app;

/// A certificate for 127.0.0.1 that vouches for itself, and its key, for the server to read.
fn certificate<P: Product>(server: &Server<P>, name: &str) -> (PathBuf, PathBuf) {
    let [certificate, key] =
        ["pem", "key"].map(|ending| server.directory().join(format!("{name}.{ending}")));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=localhost",
        ])
        .args(["-addext", "subjectAltName=IP:127.0.0.1", "-out"])
        .arg(&certificate)
        .arg("-keyout")
        .arg(&key)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let owner = fs::metadata(server.directory()).unwrap();
    for path in [&certificate, &key] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
        chown(path, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
    (certificate, key)
}

fn status(app: &Project, url: &str, query: &str) -> Invocation {
    app.migrate(["status", "--database-url", &format!("{url}?{query}")])
}

#[test]
fn postgresql_with_tls() {
    let server = Postgres::start();
    let (certificate, key) = certificate(&server, "own");
    let (other, _) = self::certificate(&server, "other");
    let hba = server.directory().join("data/pg_hba.conf");
    fs::write(hba, "local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n").unwrap();
    let setting = |name: &str, value: &Path| format!("-c{name}={}", value.display());
    server.restart_with(&[
        "-cssl=on".to_owned(),
        setting("ssl_cert_file", &certificate),
        setting("ssl_key_file", &key),
    ]);
    let database = server.database();
    let app = app(&database).table("1_users", "users").build();
    app.migrate(["run"]).succeeds();

    let of = |query: &str| status(&app, &database.url(), query);
    of("sslmode=require").succeeds();
    of(&format!("sslmode=verify-full&sslrootcert={}", certificate.display())).succeeds();
    of("sslmode=disable")
        .exits(1)
        .says(": there is no agreement on TLS")
        .says("no encryption")
        .says("TLS parameters of the URL");
    of(&format!("sslmode=verify-ca&sslrootcert={}", other.display()))
        .exits(1)
        .says(": there is no agreement on TLS")
        .says("certificate verify failed");
    of("sslmode=verify-full&sslrootcert=/gone.pem").exits(1).says(": there is no agreement on TLS");
    of("sslmode=requierd").exits(1).says(": the client library cannot use the URL").says("sslmode");
    of("sslmod=require").exits(2).stderr_is(str![[r#"
error: the database's URL has a parameter that libpq does not know; did you mean `sslmode`?

"#]]);
}

#[test]
fn mariadb_with_tls() {
    let server = Mariadb::start();
    let (certificate, key) = certificate(&server, "own");
    let (other, _) = self::certificate(&server, "other");
    let option = |name: &str, path: &Path| format!("--{name}={}", path.display());
    server.restart_with(&[
        "--require-secure-transport".to_owned(),
        option("ssl-ca", &certificate),
        option("ssl-cert", &certificate),
        option("ssl-key", &key),
    ]);
    let database = server.database();
    let url = format!("{}?ssl_ca={}", database.url(), certificate.display());
    let app = server_project("mysql", &url).table("1_users", "users").build();
    app.migrate(["run"]).succeeds();
    assert_eq!(database.sql("SELECT count(*) FROM users;"), "0\n");

    let of = |query: &str| status(&app, &database.url(), query);
    of(&format!("ssl-mode=verify-ca&ssl-ca={}", certificate.display())).succeeds();
    // MariaDB says no more than that.
    of("").exits(1).says(": the server refuses the login");
    of(&format!("ssl_ca={}", other.display())).exits(1).says(": there is no agreement on TLS");
    of("ssl_ca=/gone.pem").exits(1).says(": there is no agreement on TLS");
    // Diesel passes over what it does not know, and MariaDB's library over what it is not told.
    of("sslmode=required").exits(2).stderr_is(str![[r#"
error: the database's URL has a parameter that Diesel does not know; did you mean `ssl_mode`?
  = help: it knows `ssl_ca`, `ssl_cert`, `ssl_key`, `ssl_mode`, `unix_socket`

"#]]);
    of("ssl_mode=require").exits(2).stderr_is(str![[r#"
error: the database's URL has an `ssl_mode` that Diesel does not know; did you mean `required`?
  = help: it is one of `disabled`, `preferred`, `required`, `verify_ca`, `verify_identity`

"#]]);
    of("ssl_mode=required").exits(2).stderr_is(str![[r#"
error: `ssl_mode=required` cannot be had: this program is linked with MariaDB's client library, which Diesel cannot tell it
  = help: give `ssl_ca=FILE` as well: with it, the library encrypts and checks

"#]]);
    of("ssl_mode=verify_identity").exits(2).stderr_is(str![[r#"
error: `ssl_mode=verify_identity` cannot be had: this program is linked with MariaDB's client library, which Diesel cannot tell it
  = help: `ssl_mode=verify_ca` with `ssl_ca=FILE` checks who vouches for the server

"#]]);
}
