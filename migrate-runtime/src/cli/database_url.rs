//! What there is to a database's URL before the client library gets it.
//!
//! Any part of it may be a piece of the password, when a character in that was not encoded. The
//! libraries would repeat what they stumble over; so what they could stumble over is refused here, and
//! no message repeats what it was given.
use crate::migrations::Dialect;

/// The URL as the client library takes it; what is wrong with it.
pub(super) fn checked(url: &str, dialect: Dialect) -> Result<String, &'static str> {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    let (rest, problem) = match dialect {
        Dialect::Sqlite => {
            return match (scheme, url.strip_prefix("sqlite:")) {
                (None | Some("sqlite" | "file"), Some(rest)) if !rest.starts_with("//") => {
                    Ok(rest.to_owned())
                }
                (None | Some("sqlite" | "file"), _) => Ok(url.to_owned()),
                _ => Err("is that of no SQLite database, and the migrations are written for one"),
            };
        }
        Dialect::Postgres => (
            strip(url, ["postgres://", "postgresql://"]),
            "does not begin with `postgres://`, and the migrations are written for PostgreSQL",
        ),
        Dialect::Mysql => (
            strip(url, ["mysql://", "mariadb://"]),
            "does not begin with `mysql://`, and the migrations are written for MySQL",
        ),
    };
    let rest = rest.ok_or(problem)?;
    check_server(rest)?;
    // Diesel knows this scheme alone.
    Ok(if dialect == Dialect::Mysql { format!("mysql://{rest}") } else { url.to_owned() })
}

fn strip<'u>(url: &'u str, schemes: [&str; 2]) -> Option<&'u str> {
    schemes.into_iter().find_map(|scheme| url.strip_prefix(scheme))
}

/// Looks at `user:password@host:port/database?parameter=value`.
fn check_server(rest: &str) -> Result<(), &'static str> {
    if rest.contains('#') {
        return Err("holds a `#`");
    }
    let is_escape = |text: &str| text.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    if !rest.split('%').skip(1).all(is_escape) {
        return Err("holds a `%` that two hexadecimal digits do not follow");
    }
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    if query.split('&').any(|pair| !pair.is_empty() && !pair.contains('=')) {
        return Err("has a parameter without a value");
    }
    let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
    if database.contains(['/', '@']) {
        return Err("holds a `/` or an `@` in or before the database's name");
    }
    let hosts = authority.split_once('@').map_or(authority, |(_, hosts)| hosts);
    if hosts.contains('@') {
        return Err("holds several `@`");
    }
    match hosts.split(',').all(has_sound_port) {
        true => Ok(()),
        false => Err("has a port that is no number from 1 to 65535"),
    }
}

/// `name`, `name:port`, `[address]`, `[address]:port`
fn has_sound_port(host: &str) -> bool {
    let behind = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map(|(_, behind)| behind),
        None => Some(host.find(':').map_or("", |at| &host[at..])),
    };
    let port = behind.and_then(|text| text.strip_prefix(':').or(text.is_empty().then_some("")));
    port.is_some_and(|port| port.is_empty() || port.parse::<u16>().is_ok_and(|port| port > 0))
}

/// Whether a URL of MySQL asks for encryption.
pub(super) fn wants_encryption(url: &str) -> bool {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let mut parameters = query.split('&').filter_map(|pair| pair.split_once('='));
    match parameters.clone().find(|(name, _)| *name == "ssl_mode") {
        Some((_, mode)) => !matches!(mode, "disabled" | "preferred"),
        None => parameters.any(|(name, _)| name.starts_with("ssl_")),
    }
}

/// The file that a URL of SQLite's names, if that can be told without decoding it.
pub(super) fn file(url: &str) -> Option<&str> {
    let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("file:"));
    let is_uri = path.is_some();
    let path = path.unwrap_or(url);
    let is_plain = !is_uri || !path.contains(['?', '%']);
    let path = path.strip_prefix("//").filter(|_| is_uri).unwrap_or(path);
    (is_plain && !path.is_empty() && path != ":memory:").then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_has_its_urls() {
        for (dialect, url, wanted) in [
            (Dialect::Sqlite, "app.db", "app.db"),
            (Dialect::Sqlite, "sqlite:app.db", "app.db"),
            (Dialect::Sqlite, "sqlite:///tmp/app.db", "sqlite:///tmp/app.db"),
            (Dialect::Sqlite, "file:app.db?mode=ro", "file:app.db?mode=ro"),
            (Dialect::Postgres, "postgres:///app?host=/run/pg", "postgres:///app?host=/run/pg"),
            (Dialect::Postgres, "postgresql://a:1,[::1]:2/b", "postgresql://a:1,[::1]:2/b"),
            (Dialect::Mysql, "mariadb://me:p%40@db:3306/app", "mysql://me:p%40@db:3306/app"),
        ] {
            assert_eq!(checked(url, dialect).as_deref(), Ok(wanted), "{url}");
        }
    }

    #[test]
    fn what_a_library_would_stumble_over_is_refused_and_not_shown() {
        for (url, problem) in [
            ("host=db password=hunter2", "does not begin with `postgres://`"),
            ("mysql://me:hunter2@db/app", "does not begin with `postgres://`"),
            ("postgres://me:hun#hunter2@db/app", "holds a `#`"),
            ("postgres://me:hunter2%@db/app", "holds a `%` that two"),
            ("postgres://me:hun?hunter2@db/app", "has a parameter without a value"),
            ("postgres://me:1/hunter2@db", "holds a `/` or an `@` in or before"),
            ("postgres://me:hun@hunter2@db/app", "holds several `@`"),
            ("postgres://me:hunter2", "has a port that is no number"),
            ("postgres://me:pw@db:0/app", "has a port that is no number"),
            ("postgres://[::1]hunter2/app", "has a port that is no number"),
        ] {
            let said = checked(url, Dialect::Postgres).unwrap_err();
            assert!(said.starts_with(problem) && !said.contains("hunter2"), "{url}: {said}");
        }
        assert!(checked("postgres://me:hunter2@db/app", Dialect::Sqlite).is_err());
        assert!(checked("app.db", Dialect::Mysql).is_err());
    }

    #[test]
    fn encryption_that_is_asked_for_is_seen() {
        for url in ["mysql://db/a?ssl_mode=required", "mysql://db/a?x=y&ssl_ca=/ca.pem"] {
            assert!(wants_encryption(url), "{url}");
        }
        for url in ["mysql://db/a", "mysql://db/a?ssl_mode=preferred&ssl_ca=/ca.pem"] {
            assert!(!wants_encryption(url), "{url}");
        }
    }

    #[test]
    fn a_file_is_told_where_no_decoding_is_needed() {
        for (url, wanted) in [
            ("app.db", Some("app.db")),
            ("what?.db", Some("what?.db")),
            ("a%20b.db", Some("a%20b.db")),
            ("sqlite://app.db", Some("app.db")),
            ("sqlite:///tmp/app.db", Some("/tmp/app.db")),
            ("file:///tmp/app.db", Some("/tmp/app.db")),
            ("file:app.db?mode=ro", None),
            ("file:a%20b.db", None),
            (":memory:", None),
            ("file::memory:", None),
        ] {
            assert_eq!(file(url), wanted, "{url}");
        }
    }
}
