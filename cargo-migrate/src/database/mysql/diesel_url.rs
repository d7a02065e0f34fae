//! What Diesel takes: `mysql://` and five parameters. It passes over others without a word, and
//! does not decode a database's name
//! (<https://docs.diesel.rs/2.3.x/diesel/mysql/struct.MysqlConnection.html>).

use migrate_build::suggest::did_you_mean;
use mysqlclient_sys::SUPPORTS_MYSQL_SSL_MODE;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::database::server::{Host, ServerUrl};
use crate::failure::Failure;

const PARAMETERS: [&str; 5] = ["ssl_ca", "ssl_cert", "ssl_key", "ssl_mode", "unix_socket"];
const MODES: [&str; 5] = ["disabled", "preferred", "required", "verify_ca", "verify_identity"];

/// The address, if it can be had as it is meant. A socket stands as its host.
pub(super) fn checked(mut url: ServerUrl) -> Result<ServerUrl, Failure> {
    if url.database.is_none() {
        return Err(Failure::usage("the database's URL names no database")
            .help("write it as `mysql://user:password@host:port/database`"));
    }
    for (name, _) in &mut url.parameters {
        // MySQL's own programs and other libraries write `ssl-mode`.
        *name = name.replace('-', "_");
        if !PARAMETERS.contains(&name.as_str()) {
            // Not repeated: it may be a piece of a password that a `?` was in.
            let hint = did_you_mean(name, PARAMETERS);
            return Err(Failure::usage(format!(
                "the database's URL has a parameter that Diesel does not know{hint}"
            ))
            .help(format!("it knows `{}`", PARAMETERS.join("`, `"))));
        }
    }
    check_mode(&mut url)?;
    reach(&mut url)?;
    Ok(url)
}

fn check_mode(url: &mut ServerUrl) -> Result<(), Failure> {
    let Some(mode) = url.take_parameter("ssl_mode") else { return Ok(()) };
    let mode = mode.to_ascii_lowercase().replace('-', "_");
    if !MODES.contains(&mode.as_str()) {
        let hint = did_you_mean(&mode, MODES);
        return Err(Failure::usage(format!(
            "the database's URL has an `ssl_mode` that Diesel does not know{hint}"
        ))
        .help(format!("it is one of `{}`", MODES.join("`, `"))));
    }
    if !SUPPORTS_MYSQL_SSL_MODE {
        let refused = |help| {
            Err(Failure::usage(format!(
                "`ssl_mode={mode}` cannot be had: this program is linked with MariaDB's client \
                 library, which Diesel cannot tell it"
            ))
            .help(help))
        };
        let has_ca = url.parameters.iter().any(|(name, _)| name == "ssl_ca");
        match mode.as_str() {
            "verify_identity" => {
                return refused(
                    "`ssl_mode=verify_ca` with `ssl_ca=FILE` checks who vouches for the server",
                );
            }
            "required" | "verify_ca" if !has_ca => {
                return refused(
                    "give `ssl_ca=FILE` as well: with it, the library encrypts and checks",
                );
            }
            _ => {}
        }
    }
    url.parameters.push(("ssl_mode".to_owned(), mode));
    Ok(())
}

/// Finds out how the server is reached.
fn reach(url: &mut ServerUrl) -> Result<(), Failure> {
    if let Some(socket) = url.take_parameter("unix_socket") {
        if url.hosts.iter().any(|host| !matches!(host.name.as_str(), "" | "localhost")) {
            return Err(Failure::usage("the database's URL names a host and a socket: give one"));
        }
        url.hosts = vec![Host { name: socket, port: None }];
    }
    match url.hosts.as_mut_slice() {
        // The library takes `localhost` for its default socket and forgets about the port: it would
        // be another server than the one that is meant.
        [Host { name, port: Some(_) }] if matches!(name.as_str(), "" | "localhost") => {
            "127.0.0.1".clone_into(name);
        }
        [] | [_] => {}
        _ => return Err(Failure::usage("the database's URL has several hosts: MySQL takes one")),
    }
    Ok(())
}

/// Whether the connection has to be encrypted. The library itself goes on without where the server
/// offers no encryption, even when it was given a certificate to check.
pub(super) fn wants_tls(url: &ServerUrl) -> bool {
    let mode = url.parameters.iter().find(|(name, _)| name == "ssl_mode");
    match mode.map(|(_, mode)| mode.as_str()) {
        Some("disabled" | "preferred") => false,
        Some(_) => true,
        None => url.parameters.iter().any(|(name, _)| name.starts_with("ssl_")),
    }
}

/// The database's name, if it cannot stand in Diesel's URL.
pub(super) fn needs_use(url: &ServerUrl) -> Option<&str> {
    url.database.as_deref().filter(|name| !is_plain(name))
}

fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$'))
}

/// The address for Diesel.
pub(super) fn write(url: &ServerUrl) -> String {
    const HOST: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'-').remove(b'_');
    let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
    let user = encoded(url.user.as_deref().unwrap_or_default());
    let password = url
        .password
        .as_ref()
        .map_or_else(String::new, |password| format!(":{}", encoded(password)));
    let mut parameters: Vec<String> =
        url.parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
    let host = match url.hosts.first() {
        Some(host) if host.name.starts_with('/') => {
            parameters.push(format!("unix_socket={}", encoded(&host.name)));
            "localhost".to_owned()
        }
        Some(Host { name, port }) => {
            let name = match name.contains(':') {
                true => format!("[{name}]"),
                false => utf8_percent_encode(name, HOST).to_string(),
            };
            port.map_or(name.clone(), |port| format!("{name}:{port}"))
        }
        None => "localhost".to_owned(),
    };
    let database = url.database.as_deref().filter(|name| is_plain(name)).unwrap_or_default();
    format!("mysql://{user}{password}@{host}/{database}?{}", parameters.join("&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Result<ServerUrl, Failure> {
        checked(ServerUrl::parse(url).unwrap())
    }

    fn written(url: &str) -> String {
        parsed(url).map(|url| write(&url)).unwrap()
    }

    #[test]
    fn diesel_gets_what_was_meant() {
        for (url, wanted) in [
            ("mysql://me:pw@db:3307/app", "mysql://me:pw@db:3307/app?"),
            ("mariadb://me@db/app", "mysql://me@db/app?"),
            ("mysql://m%40e:p%2Fw%20+@[::1]:3306/app", "mysql://m%40e:p%2Fw%20%2B@[::1]:3306/app?"),
            ("mysql://me@db/app?ssl-ca=/a b.pem", "mysql://me@db/app?ssl_ca=%2Fa%20b%2Epem"),
            // The default socket, as libraries and programs of MySQL have it.
            ("mysql:///app", "mysql://@localhost/app?"),
            ("mysql://me@localhost/app", "mysql://me@localhost/app?"),
            // A port is never on a socket.
            ("mysql://me@localhost:3307/app", "mysql://me@127.0.0.1:3307/app?"),
            ("mysql://me@:3307/app", "mysql://me@127.0.0.1:3307/app?"),
            (
                "mysql://me@localhost:3306/app?unix_socket=/tmp/s",
                "mysql://me@localhost/app?unix_socket=%2Ftmp%2Fs",
            ),
            ("mysql://%2Ftmp%2Fs/app", "mysql://@localhost/app?unix_socket=%2Ftmp%2Fs"),
        ] {
            assert_eq!(written(url), wanted, "{url}");
        }
        assert_eq!(
            parsed("mysql:///app?unix_socket=/tmp/s").unwrap().shown(),
            "`app` on the socket `/tmp/s`"
        );
    }

    #[test]
    fn a_name_that_diesel_would_not_decode_is_entered_behind_the_login() {
        for name in ["a b", "a/b", "a`b", "ä", "..", "a.b"] {
            let encoded = utf8_percent_encode(name, NON_ALPHANUMERIC);
            let url = parsed(&format!("mysql://db/{encoded}")).unwrap();
            assert_eq!(needs_use(&url), Some(name));
            assert_eq!(write(&url), "mysql://@db/?");
        }
        assert_eq!(needs_use(&parsed("mysql://db/app_1-$").unwrap()), None);
    }

    #[test]
    fn encryption_that_was_asked_for_is_looked_after() {
        let wants = |query: &str| wants_tls(&parsed(&format!("mysql://db/app?{query}")).unwrap());
        assert!(
            wants("ssl_ca=x")
                && wants("ssl_mode=required&ssl_ca=x")
                && wants("ssl-mode=VERIFY-CA&ssl-ca=x")
        );
        assert!(!wants("") && !wants("ssl_mode=disabled") && !wants("ssl_mode=PREFERRED&ssl_ca=x"));
    }

    #[test]
    fn what_cannot_be_had_is_refused() {
        for (url, message) in [
            ("mysql://db", "the database's URL names no database"),
            ("mysql://a,b/app", "the database's URL has several hosts: MySQL takes one"),
            (
                "mysql://db/app?unix_socket=/s",
                "the database's URL names a host and a socket: give one",
            ),
            (
                "mysql://db/app?sslmode=required",
                "the database's URL has a parameter that Diesel does not know; did you mean `ssl_mode`?",
            ),
            (
                "mysql://db/app?hunter2=1",
                "the database's URL has a parameter that Diesel does not know",
            ),
            (
                "mysql://db/app?ssl_mode=hunter2",
                "the database's URL has an `ssl_mode` that Diesel does not know",
            ),
            (
                "mysql://db/app?ssl_mode=require",
                "the database's URL has an `ssl_mode` that Diesel does not know; did you mean `required`?",
            ),
        ] {
            assert_eq!(parsed(url).err().unwrap().message, message, "{url}");
        }
    }

    #[test]
    fn a_mode_that_the_library_is_not_told_is_refused() {
        for query in
            ["ssl_mode=required", "ssl_mode=verify_ca", "ssl_mode=verify_identity&ssl_ca=x"]
        {
            let url = parsed(&format!("mysql://db/app?{query}"));
            assert_eq!(url.is_ok(), SUPPORTS_MYSQL_SSL_MODE, "{query}");
        }
    }
}
