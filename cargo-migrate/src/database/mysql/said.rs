//! What the client library and the server say of a connection that failed. They say it in words
//! alone: Diesel does not pass the error's number on. The library speaks English, the server as it
//! is set (`lc_messages`).

use crate::database::refused::{Cause, Refused};
use crate::database::server::lines;

/// What is said where a connection is not encrypted that was to be.
pub(super) const NOT_ENCRYPTED: &str = "the connection is not encrypted: the server offers no TLS";

/// Words and what they mean; the first that fit count.
const CAUSES: &[(&str, Cause)] = &[
    ("Unknown database", Cause::NoDatabase),
    ("Access denied", Cause::Login),
    ("is not allowed to connect", Cause::Login),
    ("is blocked because of", Cause::Login),
    ("plugin", Cause::Login),
    ("Too many connections", Cause::Full),
    ("shutdown in progress", Cause::Starting),
    (NOT_ENCRYPTED, Cause::Tls),
    ("insecure transport", Cause::Tls),
    ("SSL", Cause::Tls),
    ("TLS", Cause::Tls),
    ("Cannot connect to", Cause::Unreachable),
    ("Lost connection to", Cause::Unreachable),
    ("server has gone away", Cause::Unreachable),
    ("Unknown server host", Cause::Unreachable),
    ("Unknown MySQL server host", Cause::Unreachable),
];

/// The refusal that these words are.
pub(super) fn refused(said: &str, shown: &str) -> Refused {
    // What is in quotes is a name, and may be anything.
    let unquoted: String = said.replace("Can't", "Cannot").split('\'').step_by(2).collect();
    let fitting = CAUSES.iter().find(|(words, _)| unquoted.contains(words));
    let cause = fitting.map_or(Cause::Unknown, |(_, cause)| *cause);
    Refused::by_server(cause, shown, lines(said).into_iter().map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_library_and_server_say_is_understood() {
        for (said, cause) in [
            ("Can't connect to server on '127.0.0.1' (115)", Cause::Unreachable),
            ("Can't connect to MySQL server on 'db:3306' (111)", Cause::Unreachable),
            (
                "Can't connect to local server through socket '/run/mysqld/mysqld.sock' (2)",
                Cause::Unreachable,
            ),
            ("Unknown server host 'nohost.invalid' (-2)", Cause::Unreachable),
            ("Unknown MySQL server host 'TLS' (-2)", Cause::Unreachable),
            (
                "Lost connection to server at 'handshake: reading initial communication packet', system error: 11",
                Cause::Unreachable,
            ),
            ("Too many connections", Cause::Full),
            ("Server shutdown in progress", Cause::Starting),
            ("Unknown database 'Access denied'", Cause::NoDatabase),
            ("Access denied for user 'SSL'@'localhost' (using password: YES)", Cause::Login),
            ("Access denied for user 'poor'@'%' to database 'app'", Cause::Login),
            ("Host '10.0.0.1' is not allowed to connect to this MariaDB server", Cause::Login),
            (
                "Host '10.0.0.1' is blocked because of many connection errors; unblock with 'mariadb-admin flush-hosts'",
                Cause::Login,
            ),
            (
                "Authentication plugin 'caching_sha2_password' cannot be loaded: no such file",
                Cause::Login,
            ),
            ("TLS/SSL error: self-signed certificate in certificate chain", Cause::Tls),
            ("SSL connection error: error:1416F086", Cause::Tls),
            (
                "Connections using insecure transport are prohibited while --require_secure_transport=ON.",
                Cause::Tls,
            ),
            (NOT_ENCRYPTED, Cause::Tls),
            ("Benutzer ist nicht bekannt", Cause::Unknown),
        ] {
            assert_eq!(refused(said, "`app` on db").cause(), cause, "{said}");
        }
    }
}
