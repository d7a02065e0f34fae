//! Where the database is.

use std::env;

/// The parts of an address, by libpq's words for them.
const PARTS: [(&str, &str); 5] = [
    ("DB_HOST", "host"),
    ("DB_PORT", "port"),
    ("DB_NAME", "dbname"),
    ("DB_USER", "user"),
    ("DB_PASSWORD", "password"),
];

/// DATABASE_URL as it is, or the parts that are set, as libpq takes them together:
/// <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE>
pub(crate) fn of_environment() -> Option<String> {
    let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
    set("DATABASE_URL").or_else(|| joined(PARTS.map(|(name, word)| (word, set(name)))))
}

fn joined(parts: [(&str, Option<String>); 5]) -> Option<String> {
    let set = parts.into_iter().filter_map(|(word, value)| Some((word, value?)));
    let quoted = set.map(|(word, value)| {
        // A password may hold anything.
        format!("{word}='{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
    });
    let address = quoted.collect::<Vec<_>>().join(" ");
    (!address.is_empty()).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::joined;

    #[test]
    fn parts_are_joined_as_they_are() {
        let text = |value: &str| Some(value.to_owned());
        let host = ("host", text("db.example.org"));
        let user = ("user", text("ada lovelace"));
        let password = ("password", text(r"it's\@/"));
        assert_eq!(
            joined([host, ("port", None), ("dbname", None), user, password]).as_deref(),
            Some(r"host='db.example.org' user='ada lovelace' password='it\'s\\@/'")
        );
        assert_eq!(joined(["host", "port", "dbname", "user", "password"].map(|w| (w, None))), None);
    }
}
