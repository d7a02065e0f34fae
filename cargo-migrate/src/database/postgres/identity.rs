//! Which database libpq connects to: what an address leaves out, its variables say
//! (<https://www.postgresql.org/docs/current/libpq-envars.html>).

use migrate_build::Dialect;

use crate::database::identity::ServerIdentity;
use crate::database::server::ServerUrl;

/// Where a server listens unless it is told otherwise.
const PORT: u16 = 5432;

/// The database behind an address; `variable` looks a variable up.
pub(super) fn of(url: &ServerUrl, variable: impl Fn(&str) -> Option<String>) -> ServerIdentity {
    let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
    let parameter = |name: &str| {
        let found = url.parameters.iter().rev().find(|(other, _)| other == name);
        found.map(|(_, value)| value.clone()).filter(|value| !value.is_empty())
    };
    let default_host = variable("PGHOST").unwrap_or_default();
    let default_port = variable("PGPORT").and_then(|port| port.parse().ok()).unwrap_or(PORT);
    let mut hosts: Vec<(String, Option<u16>)> = match url.hosts.as_slice() {
        [] => default_host.split(',').map(|host| (host.to_owned(), Some(default_port))).collect(),
        hosts => {
            let known = |name: &String| if name.is_empty() { &default_host } else { name }.clone();
            let spots =
                hosts.iter().map(|host| (known(&host.name), host.port.or(Some(default_port))));
            spots.collect()
        }
    };
    // Addresses go before names.
    if let Some(addresses) = parameter("hostaddr").or_else(|| variable("PGHOSTADDR")) {
        let port_at = |at: usize| hosts.get(at).or(hosts.last()).and_then(|(_, port)| *port);
        let addresses = addresses.split(',').enumerate();
        hosts = addresses.map(|(at, name)| (name.to_owned(), port_at(at))).collect();
    }
    // What a service stands for is written elsewhere: it may be any database.
    let has_service = parameter("service").or_else(|| variable("PGSERVICE")).is_some();
    let user = url.user.clone().or_else(|| variable("PGUSER")).or_else(|| variable("USER"));
    let database = url.database.clone().or_else(|| variable("PGDATABASE")).or(user);
    ServerIdentity::new(Dialect::Postgres, hosts, database.filter(|_| !has_service))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::database::Identity;
    use crate::database::postgres::conninfo::with_parameters;

    fn identity(url: &str, variables: &[(&str, &str)]) -> Identity {
        let url = ServerUrl::parse(url).and_then(with_parameters).unwrap();
        let found = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Identity::Server(of(&url, found))
    }

    #[test]
    fn what_is_left_out_is_found_as_libpq_finds_it() {
        let wanted = identity("postgres://localhost:5432/app", &[]);
        for (url, variables) in [
            ("postgresql:///app", &[][..]),
            ("postgres://me@127.0.0.1/app?sslmode=disable", &[]),
            ("postgres:///app?host=/run/postgresql", &[]),
            ("postgres://", &[("PGDATABASE", "app")]),
            ("postgres://app@", &[("USER", "me")]),
            ("postgres://", &[("USER", "app")]),
            ("postgres://192.0.2.1,localhost/app", &[]),
            ("postgres://db.invalid/app?hostaddr=127.0.0.1", &[]),
            ("postgres://localhost/?service=main", &[]),
        ] {
            assert!(wanted.may_be(&identity(url, variables)), "{url}");
        }
        for (url, variables) in [
            ("postgres:///app", &[("PGPORT", "5433")][..]),
            ("postgres:///app", &[("PGHOST", "192.0.2.1")]),
            ("postgres:///other", &[("PGDATABASE", "app")]),
            ("postgres://localhost:5433/app", &[]),
        ] {
            assert!(!wanted.may_be(&identity(url, variables)), "{url}");
        }
    }
}
