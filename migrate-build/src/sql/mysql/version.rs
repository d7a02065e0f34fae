//! What only some servers understand.

use crate::server::ServerVersion;

/// The servers that understand something: since these versions of MySQL and MariaDB; never, where
/// there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Need {
    mysql: Option<(u16, u16)>,
    mariadb: Option<(u16, u16)>,
}

impl Need {
    /// From the grammar's notation: `mysql 8.0, mariadb 10.5`.
    pub(super) fn of(text: &str) -> Option<Self> {
        let mut need = Self { mysql: None, mariadb: None };
        for part in text.split(',') {
            let (product, version) = part.trim().split_once(' ')?;
            let (major, minor) = version.split_once('.')?;
            let since = Some((major.parse().ok()?, minor.parse().ok()?));
            match product {
                "mysql" => need.mysql = since,
                "mariadb" => need.mariadb = since,
                _ => return None,
            }
        }
        Some(need)
    }

    /// Whether a server understands it.
    pub(super) fn is_met(self, server: ServerVersion) -> bool {
        let since = if server.mariadb { self.mariadb } else { self.mysql };
        since.is_some_and(|since| (server.major, server.minor) >= since)
    }

    /// Since when servers understand it.
    pub(super) fn since(self) -> String {
        match (self.mysql, self.mariadb) {
            (Some(mysql), Some(mariadb)) => {
                format!(
                    "MySQL understands it since {}, MariaDB since {}",
                    dotted(mysql),
                    dotted(mariadb)
                )
            }
            (Some(mysql), None) => format!("only MySQL understands it, since {}", dotted(mysql)),
            (None, Some(mariadb)) => {
                format!("only MariaDB understands it, since {}", dotted(mariadb))
            }
            (None, None) => String::new(),
        }
    }
}

fn dotted((major, minor): (u16, u16)) -> String {
    format!("{major}.{minor}")
}
