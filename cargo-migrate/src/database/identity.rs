//! Which database an address leads to, however it is written.

use std::net::{IpAddr, ToSocketAddrs as _, UdpSocket};
use std::path::{Path, PathBuf};

use migrate_build::Dialect;

/// What tells a database from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity {
    /// In memory: no other address leads there.
    Memory,
    /// A file.
    File(FileIdentity),
    /// A database on a server.
    Server(ServerIdentity),
}

/// A file, by its path without links, and by what the system knows it by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FileIdentity {
    path: PathBuf,
    number: Option<(u64, u64)>,
}

/// A database on a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerIdentity {
    dialect: Dialect,
    /// Each leads to it.
    spots: Vec<Spot>,
    /// None where something else than the address says it.
    database: Option<String>,
}

/// A place that a server listens at.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Spot {
    place: Place,
    /// None on a socket that does not tell it.
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    /// This machine: a socket, or one of its own addresses.
    Here,
    Address(IpAddr),
    /// A name that nobody knows an address of.
    Name(String),
}

impl Identity {
    /// Whether both lead, or may lead, to the same database.
    pub(crate) fn may_be(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File(one), Self::File(other)) => one.is(other),
            (Self::Server(one), Self::Server(other)) => one.may_be(other),
            _ => false,
        }
    }
}

impl FileIdentity {
    /// Of a file that need not be there.
    pub(crate) fn of(file: &Path) -> Self {
        let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let path = absolute.canonicalize().or_else(|_| {
            // One that is yet to be made is in a directory that is there.
            let parent = absolute.parent().unwrap_or(Path::new("/")).canonicalize()?;
            Ok::<_, std::io::Error>(parent.join(absolute.file_name().unwrap_or_default()))
        });
        Self { path: path.unwrap_or(absolute), number: number(file) }
    }

    fn is(&self, other: &Self) -> bool {
        self.path == other.path || (self.number.is_some() && self.number == other.number)
    }
}

/// What two hard links have in common.
#[cfg(unix)]
fn number(file: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::metadata(file).ok().map(|file| (file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn number(_: &Path) -> Option<(u64, u64)> {
    None
}

impl ServerIdentity {
    /// Of a database behind any of these hosts: names, addresses, directories of sockets, or nothing
    /// for this machine; each with its port.
    pub(crate) fn new(
        dialect: Dialect,
        hosts: impl IntoIterator<Item = (String, Option<u16>)>,
        database: Option<String>,
    ) -> Self {
        let spots = hosts.into_iter().flat_map(|(host, port)| {
            places(&host).into_iter().map(move |place| Spot { place, port })
        });
        Self { dialect, spots: spots.collect(), database }
    }

    fn may_be(&self, other: &Self) -> bool {
        let is_same_name = match (&self.database, &other.database) {
            // Whether letter case counts there, the server's file system decides.
            (Some(one), Some(other)) if self.dialect == Dialect::Mysql => {
                one.to_lowercase() == other.to_lowercase()
            }
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        self.dialect == other.dialect
            && is_same_name
            && self.spots.iter().any(|one| other.spots.iter().any(|other| one.may_be(other)))
    }
}

impl Spot {
    fn may_be(&self, other: &Self) -> bool {
        let may_share_port = match (self.port, other.port) {
            (Some(one), Some(other)) => one == other,
            _ => true,
        };
        may_share_port && self.place == other.place
    }
}

/// Where a host is.
fn places(host: &str) -> Vec<Place> {
    if host.is_empty() || host.starts_with(['/', '@']) {
        return vec![Place::Here];
    }
    let name = host.trim_end_matches('.').to_lowercase();
    if name == "localhost" {
        return vec![Place::Here];
    }
    // The port is only there because the standard library wants one.
    let found = (name.split('%').next().unwrap_or_default(), 0).to_socket_addrs();
    let mut places: Vec<Place> =
        found.into_iter().flatten().map(|address| place(address.ip())).collect();
    if places.is_empty() {
        places.push(Place::Name(name));
    }
    places.dedup();
    places
}

/// An address that a socket can be bound to is this machine's.
fn place(address: IpAddr) -> Place {
    let address = address.to_canonical();
    let is_here = address.is_loopback() || UdpSocket::bind((address, 0)).is_ok();
    if is_here { Place::Here } else { Place::Address(address) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(host: &str, port: impl Into<Option<u16>>, name: &str) -> Identity {
        let hosts = [(host.to_owned(), port.into())];
        Identity::Server(ServerIdentity::new(Dialect::Postgres, hosts, Some(name.to_owned())))
    }

    #[test]
    fn this_machine_has_many_names() {
        let here = server("localhost", 5432, "app");
        for host in
            ["", "127.0.0.1", "127.0.0.2", "::1", "LOCALHOST.", "/run/postgresql", "0.0.0.0"]
        {
            assert!(here.may_be(&server(host, 5432, "app")), "{host}");
            assert!(!here.may_be(&server(host, 5433, "app")), "{host}");
            assert!(!here.may_be(&server(host, 5432, "App")), "{host}");
        }
        assert!(here.may_be(&server("::ffff:127.0.0.1", 5432, "app")));
        assert!(!here.may_be(&server("192.0.2.1", 5432, "app")));
    }

    #[test]
    fn elsewhere_addresses_and_names_are_compared() {
        let there = server("192.0.2.1", 5432, "app");
        assert!(there.may_be(&server("::ffff:192.0.2.1", 5432, "app")));
        assert!(!there.may_be(&server("192.0.2.2", 5432, "app")));
        // Nobody has addresses below `.invalid`.
        let named = server("db.invalid", 5432, "app");
        assert!(named.may_be(&server("DB.invalid.", 5432, "app")));
        assert!(!named.may_be(&there));
    }

    #[test]
    fn what_is_not_told_may_be_the_same() {
        let of = |dialect, port, name: Option<&str>| {
            let hosts = [(String::new(), port)];
            Identity::Server(ServerIdentity::new(dialect, hosts, name.map(str::to_owned)))
        };
        let known = of(Dialect::Mysql, Some(3306), Some("app"));
        assert!(known.may_be(&of(Dialect::Mysql, None, Some("APP"))));
        assert!(known.may_be(&of(Dialect::Mysql, Some(3306), None)));
        assert!(!known.may_be(&of(Dialect::Postgres, None, Some("app"))));
    }

    #[test]
    fn files_are_told_by_what_they_are() {
        let folder = tempfile::tempdir().expect("a directory");
        let file = folder.path().join("app.db");
        let of = |path: &Path| Identity::File(FileIdentity::of(path));
        let yet_to_be = of(&folder.path().join(".").join("app.db"));
        assert!(yet_to_be.may_be(&of(&file)));
        std::fs::write(&file, "").expect("written");
        assert!(
            of(&file).may_be(&of(&folder
                .path()
                .join("../")
                .join(folder.path().file_name().expect("a name"))
                .join("app.db")))
        );
        let link = folder.path().join("hard.db");
        std::fs::hard_link(&file, &link).expect("linked");
        assert!(of(&file).may_be(&of(&link)));
        assert!(!of(&file).may_be(&of(&folder.path().join("other.db"))));
        assert!(!Identity::Memory.may_be(&Identity::Memory));
    }
}
