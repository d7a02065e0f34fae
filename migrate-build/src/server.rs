//! The server that scripts have to run on.

use std::fmt;
use std::str::FromStr;

use crate::dialect::Dialect;

/// A kind of server and, where the project says so, its version: what decides whether a statement
/// can be read, and what it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Server {
    /// Its SQL.
    pub dialect: Dialect,
    /// The oldest version that the scripts have to run on; anything supported when it is not given.
    pub version: Option<ServerVersion>,
}

/// The version of a server: `15`, `8.0`, `mariadb-10.11`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerVersion {
    /// It is MariaDB's, whose numbers are not MySQL's.
    pub mariadb: bool,
    /// The part before the dot.
    pub major: u16,
    /// The part behind it; 0 when there is none.
    pub minor: u16,
}

impl Server {
    /// A server of any version.
    #[must_use]
    pub const fn any(dialect: Dialect) -> Self {
        Self { dialect, version: None }
    }

    /// A server of a version that its product has.
    ///
    /// # Errors
    /// When the version is another product's, or the dialect has no server: what to say.
    pub fn new(dialect: Dialect, version: Option<ServerVersion>) -> Result<Self, String> {
        if let Some(version) = version {
            version.fits(dialect)?;
        }
        Ok(Self { dialect, version })
    }

    /// The product, as its makers write it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self.version {
            Some(version) if version.mariadb => "MariaDB",
            _ => self.dialect.title(),
        }
    }
}

impl fmt::Display for Server {
    /// The product and its version: `PostgreSQL 15`, `MariaDB 10.11`, `MySQL` when any will do.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())?;
        match self.version {
            None => Ok(()),
            // 8.0 and 8.4 are two versions; PostgreSQL's since 10 are whole numbers.
            Some(version) if self.dialect == Dialect::Mysql => {
                write!(f, " {}.{}", version.major, version.minor)
            }
            Some(version) => write!(f, " {version}"),
        }
    }
}

impl ServerVersion {
    /// Whether a product with this dialect has such a version. Numbers alone do not tell products
    /// apart, but a wrong one often has a number that its product never had: PostgreSQL 8 is of
    /// 2005, MySQL went from 5 to 8 and has not come to 10, MariaDB went from 5 to 10.
    fn fits(self, dialect: Dialect) -> Result<(), String> {
        let title = dialect.title();
        match dialect {
            Dialect::Sqlite => Err(format!("{title} runs without a server: it has no version")),
            Dialect::Postgres if self.mariadb => {
                Err(format!("`{self}` is a version of MariaDB, and the dialect is {title}'s"))
            }
            Dialect::Postgres if self.major < 9 => {
                Err(format!("{title} {self} is too old; write it as `15`"))
            }
            Dialect::Mysql if self.mariadb && !matches!(self.major, 5 | 10..) => {
                Err(format!("there is no MariaDB {}.{}", self.major, self.minor))
            }
            Dialect::Mysql if !self.mariadb && !matches!(self.major, 5 | 8 | 9) => Err(format!(
                "there is no {title} {self}; a version of MariaDB is written `mariadb-10.11`"
            )),
            Dialect::Postgres | Dialect::Mysql => Ok(()),
        }
    }
}

impl FromStr for ServerVersion {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (mariadb, numbers) = match text.strip_prefix("mariadb-") {
            Some(numbers) => (true, numbers),
            None => (false, text),
        };
        let mut parts = numbers.split('.');
        let mut number = |default: Option<u16>| match parts.next() {
            Some(part) => part.parse().ok(),
            None => default,
        };
        let read = number(None).zip(number(Some(0)));
        // A third number is the patch level's, which changes no grammar.
        let patch_is_number = parts.all(|part| part.parse::<u16>().is_ok());
        match read {
            Some((major, minor)) if patch_is_number => Ok(Self { mariadb, major, minor }),
            _ => Err(format!(
                "`{text}` is no version of a server; write it as `15`, `8.0` or `mariadb-10.11`"
            )),
        }
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let product = if self.mariadb { "mariadb-" } else { "" };
        write!(f, "{product}{}", self.major)?;
        if self.minor > 0 || self.mariadb {
            write!(f, ".{}", self.minor)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_they_are_written() {
        let read = |text: &str| text.parse::<ServerVersion>();
        let version = |mariadb, major, minor| Ok(ServerVersion { mariadb, major, minor });
        assert_eq!(read("15"), version(false, 15, 0));
        assert_eq!(read("15.18"), version(false, 15, 18));
        assert_eq!(read("8.0.36"), version(false, 8, 0));
        assert_eq!(read("mariadb-10.11"), version(true, 10, 11));
        for wrong in ["", "x", "8.x", "8.0.x", "mariadb", "mariadb-", "MariaDB-10", "15-16"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        let shown = ["15", "15.18", "mariadb-10.11"].map(|text| read(text).unwrap().to_string());
        assert_eq!(shown, ["15", "15.18", "mariadb-10.11"]);
    }

    #[test]
    fn a_server_is_called_as_its_makers_call_it() {
        let shown = |dialect, version: &str| {
            Server::new(dialect, version.parse().ok()).map(|server| server.to_string())
        };
        for (dialect, version, name) in [
            (Dialect::Sqlite, "", "SQLite"),
            (Dialect::Postgres, "", "PostgreSQL"),
            (Dialect::Postgres, "9.6", "PostgreSQL 9.6"),
            (Dialect::Postgres, "18", "PostgreSQL 18"),
            (Dialect::Mysql, "8.0", "MySQL 8.0"),
            (Dialect::Mysql, "5.7", "MySQL 5.7"),
            (Dialect::Mysql, "mariadb-11.0", "MariaDB 11.0"),
        ] {
            assert_eq!(shown(dialect, version), Ok(name.to_owned()));
        }
    }

    #[test]
    fn the_version_of_another_product_is_refused() {
        let refused = |dialect, version: &str| {
            Server::new(dialect, version.parse().ok()).expect_err("no such server")
        };
        for (dialect, version, message) in [
            (Dialect::Sqlite, "3.40", "SQLite runs without a server"),
            (Dialect::Postgres, "mariadb-10.11", "`mariadb-10.11` is a version of MariaDB"),
            (Dialect::Postgres, "8.0", "PostgreSQL 8 is too old"),
            (Dialect::Mysql, "10.11", "there is no MySQL 10.11; a version of MariaDB is written"),
            (Dialect::Mysql, "15", "there is no MySQL 15"),
            (Dialect::Mysql, "mariadb-8.0", "there is no MariaDB 8.0"),
        ] {
            let said = refused(dialect, version);
            assert!(said.starts_with(message), "{said}");
        }
    }
}
