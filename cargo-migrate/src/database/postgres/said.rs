//! What libpq and the server say of a connection that failed. They say it in words alone: Diesel
//! does not pass the SQLSTATE on. libpq speaks English, because nobody here calls `setlocale`; the
//! server speaks as it is set (`lc_messages`).

use migrate_build::suggest::did_you_mean;

use crate::database::refused::{Cause, Refused};
use crate::database::server::lines;
use crate::failure::Failure;

/// Words and what they mean; the first that fit count.
const CAUSES: &[(&str, Cause)] = &[
    ("could not translate host name", Cause::Unreachable),
    ("Connection refused", Cause::Unreachable),
    ("Connection reset", Cause::Unreachable),
    ("Connection timed out", Cause::Unreachable),
    ("No such file or directory", Cause::Unreachable),
    ("No route to host", Cause::Unreachable),
    ("Network is unreachable", Cause::Unreachable),
    ("timeout expired", Cause::Unreachable),
    ("server closed the connection unexpectedly", Cause::Unreachable),
    ("the database system is", Cause::Starting),
    ("too many clients", Cause::Full),
    ("too many connections", Cause::Full),
    ("remaining connection slots", Cause::Full),
    ("FATAL:  database  does not exist", Cause::NoDatabase),
    ("authentication", Cause::Login),
    ("no password supplied", Cause::Login),
    ("pg_hba.conf", Cause::Login),
    ("role  does not exist", Cause::Login),
    ("permission denied", Cause::Login),
    ("is not permitted to log in", Cause::Login),
    ("invalid", Cause::Unusable),
    ("SSL", Cause::Tls),
    ("certificate", Cause::Tls),
];

/// What a URL may have behind its `?` (libpq 18).
const PARAMETERS: &[&str] = &[
    "application_name",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "dbname",
    "fallback_application_name",
    "gssencmode",
    "host",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "krbsrvname",
    "load_balance_hosts",
    "options",
    "passfile",
    "password",
    "port",
    "require_auth",
    "requirepeer",
    "service",
    "ssl_max_protocol_version",
    "ssl_min_protocol_version",
    "sslcert",
    "sslcertmode",
    "sslcompression",
    "sslcrl",
    "sslcrldir",
    "sslkey",
    "sslmode",
    "sslnegotiation",
    "sslpassword",
    "sslrootcert",
    "sslsni",
    "target_session_attrs",
    "tcp_user_timeout",
    "user",
];

/// The refusal that these words are.
pub(super) fn refused(said: &str, shown: &str) -> Refused {
    if let Some(rest) = said.trim().strip_prefix("invalid connection option \"") {
        // Not repeated: it may be a piece of a password that a `?` was in.
        let hint = did_you_mean(rest.trim_end_matches('"'), PARAMETERS.iter().copied());
        let message = format!("the database's URL has a parameter that libpq does not know{hint}");
        return Refused::new(Cause::Unusable, Failure::usage(message));
    }
    let lines = lines(said);
    let cause = cause(&lines);
    Refused::by_server(cause, shown, lines.into_iter().map(str::to_owned).collect())
}

/// What counts is the last that somebody said who answers: before that, another address of the same
/// host may have been tried in vain.
fn cause(lines: &[&str]) -> Cause {
    // What is in quotes is a name, and may be anything.
    let lines = lines.iter().map(|line| line.split('"').step_by(2).collect::<String>());
    let lines: Vec<String> = lines.collect();
    let found = lines.iter().filter_map(|line| {
        let fitting = CAUSES.iter().find(|(words, _)| line.contains(words));
        fitting.map(|(_, cause)| *cause)
    });
    let cause = found.max_by_key(|cause| *cause != Cause::Unreachable).unwrap_or(Cause::Unknown);
    let tried = |way| lines.iter().any(|line| line.ends_with(way));
    match cause {
        // The rules of the server would let the user in by an encrypted connection, perhaps.
        Cause::Login if tried("no encryption") && !tried("SSL encryption") => Cause::Tls,
        cause => cause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn understood(said: &str) -> Cause {
        refused(said, "`app` on db").cause()
    }

    #[test]
    fn what_libpq_and_the_server_say_is_understood() {
        let at = "connection to server at \"127.0.0.1\", port 5432 failed: ";
        for (said, cause) in [
            (
                "could not translate host name \"db\" to address: Name or service not known\n",
                Cause::Unreachable,
            ),
            (
                &format!(
                    "{at}Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n"
                ),
                Cause::Unreachable,
            ),
            (
                "connection to server on socket \"/gone/.s.PGSQL.5432\" failed: No such file or directory\n\tIs the server running locally and accepting connections on that socket?\n",
                Cause::Unreachable,
            ),
            (&format!("{at}timeout expired\n"), Cause::Unreachable),
            (
                &format!(
                    "{at}server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.\n"
                ),
                Cause::Unreachable,
            ),
            (&format!("{at}FATAL:  the database system is starting up\n"), Cause::Starting),
            (
                &format!("{at}FATAL:  the database system is not yet accepting connections\n"),
                Cause::Starting,
            ),
            (&format!("{at}FATAL:  sorry, too many clients already\n"), Cause::Full),
            (
                &format!(
                    "{at}FATAL:  remaining connection slots are reserved for non-replication superuser connections\n"
                ),
                Cause::Full,
            ),
            (&format!("{at}FATAL:  database \"gone\" does not exist\n"), Cause::NoDatabase),
            (
                &format!("{at}FATAL:  password authentication failed for user \"SSL\"\n"),
                Cause::Login,
            ),
            (&format!("{at}fe_sendauth: no password supplied\n"), Cause::Login),
            (&format!("{at}FATAL:  role \"database \" does not exist\n"), Cause::Login),
            (
                &format!(
                    "{at}FATAL:  permission denied for database \"app\"\nDETAIL:  User does not have CONNECT privilege.\n"
                ),
                Cause::Login,
            ),
            (
                &format!(
                    "{at}FATAL:  no pg_hba.conf entry for host \"127.0.0.1\", user \"me\", database \"gone\", SSL encryption\n{at}FATAL:  no pg_hba.conf entry for host \"127.0.0.1\", user \"me\", database \"gone\", no encryption\n"
                ),
                Cause::Login,
            ),
            (
                &format!(
                    "{at}FATAL:  pg_hba.conf rejects connection for host \"127.0.0.1\", user \"me\", database \"app\", no encryption\n"
                ),
                Cause::Tls,
            ),
            (&format!("{at}server does not support SSL, but SSL was required\n"), Cause::Tls),
            (&format!("{at}SSL error: certificate verify failed\n"), Cause::Tls),
            (
                &format!(
                    "{at}root certificate file \"/root/.postgresql/root.crt\" does not exist\nEither provide the file or change sslmode to disable server certificate verification.\n"
                ),
                Cause::Tls,
            ),
            (
                &format!(
                    "{at}server certificate for \"localhost\" does not match host name \"127.0.0.1\"\n"
                ),
                Cause::Tls,
            ),
            ("invalid sslmode value: \"foo\"\n", Cause::Unusable),
            (
                &format!(
                    "{at}invalid integer value \"x\" for connection option \"connect_timeout\"\n"
                ),
                Cause::Unusable,
            ),
            (&format!("{at}FATAL:  das Datenbanksystem startet\n"), Cause::Unknown),
        ] {
            assert_eq!(understood(said), cause, "{said}");
        }
    }

    #[test]
    fn of_several_addresses_the_one_counts_that_answers() {
        let said = "connection to server at \"localhost\" (::1), port 5432 failed: Connection refused\n\
                    connection to server at \"localhost\" (127.0.0.1), port 5432 failed: FATAL:  database \"app\" does not exist\n";
        assert_eq!(understood(said), Cause::NoDatabase);
        let reversed: Vec<&str> = said.lines().rev().collect();
        assert_eq!(understood(&reversed.join("\n")), Cause::NoDatabase);
    }

    #[test]
    fn an_unknown_parameter_is_not_repeated() {
        let message = |name: &str| {
            let said = format!("invalid connection option \"{name}\"\n");
            Failure::from(refused(&said, "`app` on db")).message
        };
        assert_eq!(
            message("hunter2"),
            "the database's URL has a parameter that libpq does not know"
        );
        assert!(message("ssl_mode").ends_with("; did you mean `sslmode`?"));
    }
}
