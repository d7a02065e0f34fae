//! What libpq takes: `key='value'` for everything, so that nothing in a value can be taken for
//! something else (<https://www.postgresql.org/docs/current/libpq-connect.html>).

use crate::database::server::url::port;
use crate::database::server::{Host, ServerUrl};
use crate::failure::Failure;

/// The address with the parameters in their places that stand for other parts of it, as in
/// `postgres:///app?host=/run/postgresql`.
pub(super) fn with_parameters(mut url: ServerUrl) -> Result<ServerUrl, Failure> {
    url.user = url.take_parameter("user").or(url.user);
    url.password = url.take_parameter("password").or(url.password);
    url.database = url.take_parameter("dbname").or(url.database);
    if let Some(names) = url.take_parameter("host") {
        let names = names.split(',').enumerate().map(|(at, name)| Host {
            name: name.to_owned(),
            port: url.hosts.get(at).or(url.hosts.last()).and_then(|host| host.port),
        });
        url.hosts = names.collect();
    }
    if let Some(ports) = url.take_parameter("port") {
        set_ports(&mut url.hosts, &ports)?;
    }
    if url.parameters.iter().any(|(name, _)| !is_word(name)) {
        return Err(Failure::usage("the database's URL has a parameter that libpq does not know"));
    }
    Ok(url)
}

/// One port is for all hosts; of several, each is for one.
fn set_ports(hosts: &mut Vec<Host>, ports: &str) -> Result<(), Failure> {
    let broken = |problem: &str| Failure::usage(format!("the database's URL {problem}"));
    let ports: Option<Vec<Option<u16>>> = ports
        .split(',')
        .map(|text| if text.is_empty() { Some(None) } else { port(text).map(Some) })
        .collect();
    let ports = ports.ok_or_else(|| broken("has a port that is no number from 1 to 65535"))?;
    if hosts.is_empty() {
        hosts.push(Host { name: String::new(), port: None });
    }
    match ports.as_slice() {
        [port] => hosts.iter_mut().for_each(|host| host.port = *port),
        ports if ports.len() == hosts.len() => {
            hosts.iter_mut().zip(ports).for_each(|(host, port)| host.port = *port);
        }
        _ => return Err(broken("has several ports, and not one for each host")),
    }
    Ok(())
}

fn is_word(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

/// The address for libpq.
pub(super) fn write(url: &ServerUrl) -> String {
    let joined = |part: fn(&Host) -> String| {
        let parts: Vec<String> = url.hosts.iter().map(part).collect();
        (!parts.iter().all(String::is_empty)).then(|| parts.join(","))
    };
    let mut text = String::new();
    let mut add = |key: &str, value: &str| {
        let value = value.replace('\\', r"\\").replace('\'', r"\'");
        text.push_str(&format!("{key}='{value}' "));
    };
    let parts = [
        ("host", joined(|host| host.name.clone())),
        ("port", joined(|host| host.port.map_or_else(String::new, |port| port.to_string()))),
        ("dbname", url.database.clone()),
        ("user", url.user.clone()),
        ("password", url.password.clone()),
        ("fallback_application_name", Some("cargo-migrate".to_owned())),
    ];
    for (key, value) in parts {
        value.iter().for_each(|value| add(key, value));
    }
    for (name, value) in &url.parameters {
        match (name.as_str(), value.as_str()) {
            // JDBC's spelling, which libpq takes in URLs.
            ("ssl", "true") => add("sslmode", "require"),
            (name, value) => add(name, value),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(url: &str) -> String {
        with_parameters(ServerUrl::parse(url).unwrap()).map(|url| write(&url)).unwrap()
    }

    #[test]
    fn nothing_in_a_value_can_be_taken_for_something_else() {
        assert_eq!(
            written(r"postgres://m'e:p\'%20host%3Dx@db/a%20b'?options=-c%20x%3D'1'"),
            r"host='db' dbname='a b\'' user='m\'e' password='p\\\' host=x' fallback_application_name='cargo-migrate' options='-c x=\'1\'' "
        );
    }

    #[test]
    fn parameters_stand_for_parts() {
        let ending = "fallback_application_name='cargo-migrate' ";
        for (url, wanted) in [
            ("postgres://", ""),
            (
                "postgres:///app?host=/run/pg&port=5433&user=me&password=pw",
                "host='/run/pg' port='5433' dbname='app' user='me' password='pw' ",
            ),
            ("postgres://a:1,b,[::1]:3/", "host='a,b,::1' port='1,,3' "),
            ("postgres://a:1?host=x,y", "host='x,y' port='1,1' "),
            ("postgres://a,b?port=7", "host='a,b' port='7,7' "),
            ("postgres://a,b?port=,8", "host='a,b' port=',8' "),
            ("postgres://?port=7&dbname=app", "port='7' dbname='app' "),
        ] {
            assert_eq!(written(url), format!("{wanted}{ending}"), "{url}");
        }
        assert!(written("postgres://a?ssl=true").ends_with("sslmode='require' "));
    }

    #[test]
    fn parameters_that_cannot_be_are_refused() {
        for (url, problem) in [
            ("postgres://a?port=x", "has a port that is no number from 1 to 65535"),
            ("postgres://a,b?port=1,2,3", "has several ports, and not one for each host"),
            ("postgres://a?b%20c=d", "has a parameter that libpq does not know"),
            ("postgres://a?=d", "has a parameter that libpq does not know"),
        ] {
            let failure = with_parameters(ServerUrl::parse(url).unwrap()).err().unwrap();
            assert_eq!(failure.message, format!("the database's URL {problem}"), "{url}");
        }
    }
}
