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
}
