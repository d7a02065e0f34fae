//! The address of a database server, taken apart.
//!
//! Any part of it may be a piece of the password, when a character in that was not encoded. So no
//! message repeats what it was given.

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::failure::Failure;

/// A server's address. Everything is decoded. It has no `Debug`: it holds a password.
#[derive(Clone, Default)]
pub(in crate::database) struct ServerUrl {
    pub(in crate::database) user: Option<String>,
    pub(in crate::database) password: Option<String>,
    /// The client tries them in turn; none is its default.
    pub(in crate::database) hosts: Vec<Host>,
    pub(in crate::database) database: Option<String>,
    /// What stands behind `?`, in its order.
    pub(in crate::database) parameters: Vec<(String, String)>,
}

/// A host, or the directory of a socket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::database) struct Host {
    /// May be empty: the client's default.
    pub(in crate::database) name: String,
    pub(in crate::database) port: Option<u16>,
}

impl ServerUrl {
    /// Takes `scheme://user:password@host:port/database?parameter=value` apart.
    ///
    /// # Errors
    /// When it is none.
    pub(in crate::database) fn parse(url: &str) -> Result<Self, Failure> {
        let (_, rest) = url.split_once("://").ok_or_else(|| broken("has no `://`"))?;
        if rest.contains('#') {
            return Err(broken("holds a `#`"));
        }
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        if database.contains(['/', '@']) {
            return Err(broken("holds a `/` or an `@` in or before the database's name"));
        }
        let (login, hosts) = match authority.split_once('@') {
            Some((_, hosts)) if hosts.contains('@') => return Err(broken("holds several `@`")),
            Some((login, hosts)) => (Some(login), hosts),
            None => (None, authority),
        };
        let (user, password) = match login.map(|login| login.split_once(':').ok_or(login)) {
            None => (None, None),
            Some(Ok((user, password))) => (Some(decoded(user)?), Some(decoded(password)?)),
            Some(Err(user)) => (Some(decoded(user)?), None),
        };
        let parameters = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) =
                pair.split_once('=').ok_or_else(|| broken("has a parameter without a value"))?;
            Ok((decoded(name)?, decoded(value)?))
        });
        Ok(Self {
            user: user.filter(|user| !user.is_empty()),
            password,
            hosts: hosts
                .split(',')
                .filter(|_| !hosts.is_empty())
                .map(host)
                .collect::<Result<_, _>>()?,
            database: Some(decoded(database)?).filter(|name| !name.is_empty()),
            parameters: parameters.collect::<Result<_, Failure>>()?,
        })
    }

    /// As messages show it: the database, and where it is.
    pub(in crate::database) fn shown(&self) -> String {
        let database = match &self.database {
            Some(name) => format!("`{name}`"),
            None => "the user's database".to_owned(),
        };
        format!("{database} on {}", self.shown_hosts())
    }

    /// The whole URL, with the password: for nobody's eyes.
    pub(in crate::database) fn written(&self, scheme: &str) -> String {
        let encoded = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
        let part = |text: &Option<String>| text.as_deref().map(encoded).unwrap_or_default();
        let mut url = format!("{scheme}://");
        if self.user.is_some() || self.password.is_some() {
            url.push_str(&part(&self.user));
            if self.password.is_some() {
                url.push_str(&format!(":{}", part(&self.password)));
            }
            url.push('@');
        }
        let hosts = self.hosts.iter().map(|host| {
            let name = match host.name.contains(':') {
                true => format!("[{}]", host.name),
                false => encoded(&host.name).replace("%2E", ".").replace("%2D", "-"),
            };
            host.port.map_or_else(|| name.clone(), |port| format!("{name}:{port}"))
        });
        url.push_str(&hosts.collect::<Vec<_>>().join(","));
        url.push_str(&format!("/{}", part(&self.database)));
        let parameters = self.parameters.iter();
        let parameters: Vec<String> = parameters
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        if !parameters.is_empty() {
            url.push_str(&format!("?{}", parameters.join("&")));
        }
        url
    }

    /// The server without the database.
    pub(in crate::database) fn shown_hosts(&self) -> String {
        let hosts = self.hosts.iter().filter(|host| !host.name.is_empty() || host.port.is_some());
        let hosts: Vec<String> = hosts.map(Host::shown).collect();
        if hosts.is_empty() { "the local server".to_owned() } else { hosts.join(", ") }
    }

    /// The value of a parameter; it is no longer one then. Of several of the same name the last
    /// counts.
    pub(in crate::database) fn take_parameter(&mut self, name: &str) -> Option<String> {
        let mut value = None;
        self.parameters.retain_mut(|(other, text)| {
            let is_it = other == name;
            if is_it {
                value = Some(std::mem::take(text));
            }
            !is_it
        });
        value
    }
}

impl Host {
    fn shown(&self) -> String {
        let name = match self.name.as_str() {
            "" => "localhost",
            name if name.starts_with('/') => return format!("the socket `{name}`"),
            name => name,
        };
        match self.port {
            Some(port) if name.contains(':') => format!("[{name}]:{port}"),
            Some(port) => format!("{name}:{port}"),
            None => name.to_owned(),
        }
    }
}

/// `name`, `name:port`, `[address]`, `[address]:port`
fn host(text: &str) -> Result<Host, Failure> {
    let (name, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, rest) =
                rest.split_once(']').ok_or_else(|| broken("opens a `[` and does not close it"))?;
            (address, rest.strip_prefix(':').or(rest.is_empty().then_some("")))
        }
        None => match text.split_once(':') {
            Some((name, port)) => (name, Some(port)),
            None => (text, Some("")),
        },
    };
    let port = match port {
        Some("") => None,
        Some(port) => Some(
            self::port(port)
                .ok_or_else(|| broken("has a port that is no number from 1 to 65535"))?,
        ),
        None => return Err(broken("has something behind the `]` of an address")),
    };
    Ok(Host { name: decoded(name)?, port })
}

/// A port as it is written; 0 is none.
pub(in crate::database) fn port(text: &str) -> Option<u16> {
    text.parse().ok().filter(|port| *port > 0)
}

fn decoded(text: &str) -> Result<String, Failure> {
    let escapes = text.split('%').skip(1);
    let is_escape = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    if !escapes.into_iter().all(is_escape) {
        return Err(broken("holds a `%` that two hexadecimal digits do not follow"));
    }
    match percent_decode_str(text).decode_utf8() {
        Ok(text) if !text.contains('\0') => Ok(text.into_owned()),
        _ => Err(broken("stands for bytes that are no text")),
    }
}

/// The failure for a URL that `problem`. It is not shown, and no part of it is.
fn broken(problem: &str) -> Failure {
    Failure::usage(format!("the database's URL {problem}")).help(
        "write it as `scheme://user:password@host:port/database`; in a name or a password, write \
         `%` as `%25`, `/` as `%2F`, `?` as `%3F`, `#` as `%23`, `@` as `%40`, `:` as `%3A`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(url: &str) -> ServerUrl {
        ServerUrl::parse(url).unwrap_or_else(|failure| panic!("{url}: {failure}"))
    }

    fn hosts(url: &str) -> Vec<(String, Option<u16>)> {
        parsed(url).hosts.into_iter().map(|host| (host.name, host.port)).collect()
    }

    #[test]
    fn every_part_is_found_and_decoded() {
        let url = parsed(
            "postgres://m%C3%A9:p%40%2F%3F%23%25%3A@db.example:5433/a%20b?sslmode=verify-full&options=-c%20a%3Db",
        );
        assert_eq!(url.user.as_deref(), Some("mé"));
        assert_eq!(url.password.as_deref(), Some("p@/?#%:"));
        assert_eq!(url.database.as_deref(), Some("a b"));
        let parameters: Vec<(&str, &str)> =
            url.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(parameters, [("sslmode", "verify-full"), ("options", "-c a=b")]);
        assert_eq!(url.shown(), "`a b` on db.example:5433");
    }

    #[test]
    fn what_is_left_out_is_absent() {
        let url = parsed("postgres://");
        assert!(url.user.is_none() && url.password.is_none() && url.hosts.is_empty());
        assert_eq!(url.shown(), "the user's database on the local server");
        let url = parsed("postgres:///app?host=/tmp");
        assert_eq!(url.shown(), "`app` on the local server");
        let url = parsed("mysql://me@db");
        assert_eq!((url.user.as_deref(), url.password), (Some("me"), None));
        let url = parsed("mysql://me:@db/");
        assert_eq!((url.password.as_deref(), url.database), (Some(""), None));
        let url = parsed("mysql://:p:w@db?");
        assert_eq!((url.user, url.password.as_deref()), (None, Some("p:w")));
    }

    #[test]
    fn hosts_are_names_addresses_and_sockets() {
        let host = |name: &str, port| (name.to_owned(), port);
        assert_eq!(
            hosts("x://a:1,b,[::1]:3/d"),
            [host("a", Some(1)), host("b", None), host("::1", Some(3))]
        );
        assert_eq!(hosts("x://%2Frun%2Fpg:5433/d"), [host("/run/pg", Some(5433))]);
        assert_eq!(hosts("x://me@[fe80::1%25eth0]"), [host("fe80::1%eth0", None)]);
        assert_eq!(hosts("x://:5433/d"), [host("", Some(5433))]);
        assert_eq!(
            parsed("x://a:1,[::1]:3,%2Fs,:7/d").shown(),
            "`d` on a:1, [::1]:3, the socket `/s`, localhost:7"
        );
    }

    #[test]
    fn what_is_written_says_the_same() {
        for url in [
            "x://me:p%40%2F@db.example-1:5433/a%20b?c%5Fd=e%26f",
            "x://a:1,[::1]:3,%2Fs/d",
            "x:///",
            "x://me@/d",
        ] {
            let once = parsed(url).written("x");
            assert_eq!(parsed(&once).written("x"), once, "{url}");
            assert_eq!(once.replace("%5F", "_"), url.replace("%5F", "_"), "{url}");
        }
    }

    #[test]
    fn of_a_parameter_the_last_value_counts() {
        let mut url = parsed("x://?a=1&b=2&a=3");
        assert_eq!(url.take_parameter("a").as_deref(), Some("3"));
        assert_eq!(url.take_parameter("a"), None);
        assert_eq!(url.parameters.len(), 1);
    }

    #[test]
    fn what_is_wrong_is_said_without_showing_any_of_it() {
        const CANARY: &str = "hunter2";
        for (url, problem) in [
            ("x:/me:hunter2@db", "has no `://`"),
            ("x://me:hun#hunter2@db/app", "holds a `#`"),
            ("x://me:hun@hunter2@db/app", "holds several `@`"),
            ("x://me:hun/hunter2@db/app", "holds a `/` or an `@` in or before the database's name"),
            ("x://me:1/hunter2@db", "holds a `/` or an `@` in or before the database's name"),
            ("x://me:hun?hunter2@db/app", "has a port that is no number from 1 to 65535"),
            ("x://me:1?hunter2@db/app", "has a parameter without a value"),
            ("x://me:hunter2?a=b", "has a port that is no number from 1 to 65535"),
            ("x://me:hunter2", "has a port that is no number from 1 to 65535"),
            ("x://me:pw@db:99999", "has a port that is no number from 1 to 65535"),
            ("x://me:pw@db:0", "has a port that is no number from 1 to 65535"),
            ("x://me:hunter2%@db", "holds a `%` that two hexadecimal digits do not follow"),
            ("x://me:hunter2%é@db", "holds a `%` that two hexadecimal digits do not follow"),
            ("x://me:hunter2%4@db", "holds a `%` that two hexadecimal digits do not follow"),
            ("x://me:hunter2%ff@db", "stands for bytes that are no text"),
            ("x://me:hunter2%00@db", "stands for bytes that are no text"),
            ("x://[::1", "opens a `[` and does not close it"),
            ("x://[::1]hunter2", "has something behind the `]` of an address"),
        ] {
            let failure = ServerUrl::parse(url).err().unwrap_or_else(|| panic!("{url}"));
            assert_eq!(failure.message, format!("the database's URL {problem}"), "{url}");
            assert!(!format!("{failure:?}").contains(CANARY), "{failure:?}");
        }
    }
}
