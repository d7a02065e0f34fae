//! The variables of a session that a run sets, or that scripts are likely to set.
use std::collections::HashMap;
use std::time::Duration;

use diesel::QueryResult;
use diesel::mysql::MysqlConnection;

use super::query::{identifier, literal, rows};

/// How long the server waits for a lock before it refuses the statement, in seconds: as long as a
/// statement waits for a table, everybody else who wants that table waits behind it. The servers'
/// own default is a day (MariaDB) or a year (MySQL).
const LOCK_WAIT_S: u64 = 2;

/// Those that are numbers.
const NUMBERS: [&str; 3] = ["lock_wait_timeout", "innodb_lock_wait_timeout", "max_statement_time"];

/// The others: what dumps begin with.
const TEXTS: [&str; 7] = [
    "sql_mode",
    "foreign_key_checks",
    "unique_checks",
    "time_zone",
    "character_set_client",
    "character_set_results",
    "collation_connection",
];

/// What is only looked at.
const FACTS: [&str; 10] = [
    "autocommit",
    "group_replication_single_primary_mode",
    "innodb_read_only",
    "max_allowed_packet",
    "read_only",
    "super_read_only",
    "transaction_read_only",
    "tx_read_only",
    "version",
    "wsrep_on",
];

/// Variables of the session, and their values.
pub(super) struct Variables(HashMap<String, String>);

impl Variables {
    pub(super) fn read(conn: &mut MysqlConnection) -> QueryResult<Self> {
        let names = NUMBERS.iter().chain(&TEXTS).chain(&FACTS);
        let names: Vec<String> = names.map(|name| format!("'{name}'")).collect();
        // Neither server has all of these, and only `SHOW` does not mind.
        let sql = format!("SHOW SESSION VARIABLES WHERE Variable_name IN ({})", names.join(", "));
        let variable = |cells: Vec<Option<String>>| {
            let mut cells = cells.into_iter().map(Option::unwrap_or_default);
            Some((cells.next()?.to_ascii_lowercase(), cells.next()?))
        };
        Ok(Self(rows(conn, &sql)?.into_iter().filter_map(variable).collect()))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.get(name)?.parse().ok()
    }

    pub(super) fn is_on(&self, name: &str) -> bool {
        // MariaDB 12 knows more than two values of `read_only`.
        self.get(name).is_some_and(|value| !matches!(value, "OFF" | "0" | ""))
    }

    /// Whether the server prepares nearly every statement: MariaDB does since 10.6.
    pub(super) fn prepares_everything(&self) -> bool {
        let Some(version) = self.get("version").filter(|version| version.contains("MariaDB"))
        else {
            return false;
        };
        let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
        (numbers.next(), numbers.next()) >= (Some(10), Some(6))
    }

    /// Off, where there is such a variable.
    pub(super) fn is_off(&self, name: &str) -> bool {
        self.get(name) == Some("OFF")
    }
}

/// The statement that makes the session as it is.
pub(super) fn original(variables: &Variables, database: &str) -> String {
    // Not in what may be set inside of a transaction, which this could commit.
    format!("{}, SESSION autocommit = 1", set(variables, database, |_, now| now.to_owned()))
}

/// The statement that makes it as a run needs it.
pub(super) fn of_run(variables: &Variables, database: &str, lock_timeout: Duration) -> String {
    let longest = LOCK_WAIT_S.min(lock_timeout.as_secs().max(1));
    set(variables, database, |name, now| match name {
        "lock_wait_timeout" | "innodb_lock_wait_timeout" => {
            now.parse().map_or(longest, |now: u64| now.min(longest)).to_string()
        }
        // A long `ALTER TABLE` is not what an administrator limits queries for.
        "max_statement_time" => "0".to_owned(),
        "sql_mode" => strict(now),
        _ => now.to_owned(),
    })
}

fn set(variables: &Variables, database: &str, value: impl Fn(&str, &str) -> String) -> String {
    let mut settings = Vec::new();
    let mut add = |name: &str, value: &str| settings.push(format!("SESSION {name} = {value}"));
    for name in NUMBERS {
        let now = variables.get(name).filter(|now| now.parse::<f64>().is_ok());
        if let Some(now) = now {
            add(name, &value(name, now));
        }
    }
    for name in TEXTS {
        match variables.get(name) {
            // `character_set_results` may be null, which shows as nothing.
            Some("") if name != "sql_mode" => add(name, "NULL"),
            Some(now) => add(name, &literal(&value(name, now))),
            None => {}
        }
    }
    format!("USE {}; SET {}", identifier(database), settings.join(", "))
}

/// With it, a value that does not fit is refused; without it, it is cut to fit, and what was there
/// is lost. Both servers are strict unless told otherwise.
fn strict(sql_mode: &str) -> String {
    let is_strict = |mode| matches!(mode, "STRICT_TRANS_TABLES" | "STRICT_ALL_TABLES");
    if sql_mode.split(',').any(is_strict) {
        return sql_mode.to_owned();
    }
    let comma = if sql_mode.is_empty() { "" } else { "," };
    format!("{sql_mode}{comma}STRICT_ALL_TABLES")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Variables(pairs.iter().map(owned).collect())
    }

    fn of_minute(variables: &Variables) -> String {
        of_run(variables, "d", Duration::from_secs(60))
    }

    #[test]
    fn waits_are_cut_short_and_put_back() {
        let variables =
            variables(&[("lock_wait_timeout", "86400"), ("innodb_lock_wait_timeout", "1")]);
        let sql = |lock, row| {
            format!(
                "USE `d`; SET SESSION lock_wait_timeout = {lock}, \
                 SESSION innodb_lock_wait_timeout = {row}"
            )
        };
        assert_eq!(of_minute(&variables), sql(2, 1));
        assert_eq!(original(&variables, "d"), sql(86400, 1) + ", SESSION autocommit = 1");
        assert_eq!(of_run(&variables, "d", Duration::from_secs(1)), sql(1, 1));
        assert_eq!(of_run(&variables, "d", Duration::ZERO), sql(1, 1));
    }

    #[test]
    fn a_lenient_server_is_strict_as_long_as_the_run_goes_on() {
        for (lenient, then) in
            [("", "STRICT_ALL_TABLES"), ("ANSI_QUOTES", "ANSI_QUOTES,STRICT_ALL_TABLES")]
        {
            let variables = variables(&[("sql_mode", lenient)]);
            assert!(of_minute(&variables).ends_with(&format!("sql_mode = {}", literal(then))));
            let back = original(&variables, "d");
            assert!(back.contains(&format!("sql_mode = {},", literal(lenient))));
        }
        for mode in ["STRICT_ALL_TABLES", "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES"] {
            assert_eq!(strict(mode), mode);
        }
    }

    #[test]
    fn odd_values_are_taken_as_they_are_or_left_alone() {
        let odd = variables(&[
            ("max_statement_time", "0.500000"),
            ("lock_wait_timeout", "1; DROP"),
            ("character_set_results", ""),
            ("read_only", "NO_LOCK"),
            ("super_read_only", "OFF"),
        ]);
        assert_eq!(
            original(&odd, "a`b"),
            "USE `a``b`; SET SESSION max_statement_time = 0.500000, \
             SESSION character_set_results = NULL, SESSION autocommit = 1"
        );
        assert!(of_minute(&odd).contains("max_statement_time = 0,"));
        assert!(odd.is_on("read_only"));
        for (version, prepares) in [
            ("10.6.1-MariaDB", true),
            ("11.4.2-MariaDB-log", true),
            ("10.5.27-MariaDB-0+deb11u1", false),
            ("8.4.3", false),
            ("MariaDB", false),
        ] {
            assert_eq!(variables(&[("version", version)]).prepares_everything(), prepares);
        }
        assert!(!odd.is_on("super_read_only") && !odd.is_on("wsrep_on"));
        assert!(odd.is_off("super_read_only") && !odd.is_off("wsrep_on"));
    }
}
