//! Names and literals of Rust, as Diesel's command line makes them.

use std::borrow::Cow;

/// What is no identifier (Rust's keywords, also those reserved for later).
const KEYWORDS: &[&str] = &[
    "_", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "Self", "self", "static", "struct", "super", "trait", "true", "try", "type",
    "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// What `table!` uses itself.
const TAKEN: &[&str] = &["table", "columns", "is_nullable"];

/// The name in Rust of something in SQL; a column's must not be that of its table.
pub(super) fn name(sql: &str, table: Option<&str>) -> String {
    let name = mapped(sql);
    if is_reserved(&name) || table == Some(&name) {
        return name + "_";
    }
    name
}

fn is_reserved(name: &str) -> bool {
    name.is_empty()
        || KEYWORDS.contains(&name)
        || TAKEN.contains(&name)
        || name.starts_with("__") && !name.ends_with('_')
}

/// Letters, digits and underscores; other characters in a row are one underscore.
fn mapped(sql: &str) -> String {
    let is_kept = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let starts_with_digit = sql.starts_with(|c: char| c.is_ascii_digit());
    let mut name = String::from(if starts_with_digit { "_" } else { "" });
    let mut is_replaced = false;
    for c in sql.chars() {
        if is_kept(c) {
            name.push(c);
        } else if !is_replaced {
            name.push('_');
        }
        is_replaced = !is_kept(c);
    }
    name
}

/// A string literal. Diesel leaves backslashes as they are.
pub(super) fn string(text: &str) -> String {
    let hashes: Cow<'_, str> = if text.contains('"') {
        "#".repeat(text.matches('#').count() + 1).into()
    } else {
        "".into()
    };
    let raw = if hashes.is_empty() { "" } else { "r" };
    format!("{raw}{hashes}\"{text}\"{hashes}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_diesel() {
        for (sql, rust) in [
            ("users", "users"),
            ("type", "type_"),
            ("table", "table_"),
            ("__x", "__x_"),
            ("__x_", "__x_"),
            ("", "_"),
            ("9x", "_9x"),
            ("odd - name", "odd_name"),
            ("a\"b#", "a_b_"),
            ("größe", "gr_e"),
            ("Self", "Self_"),
        ] {
            assert_eq!(name(sql, None), rust, "{sql}");
        }
        assert_eq!(name("users", Some("users")), "users_");
    }

    #[test]
    fn quotes_make_a_string_a_raw_one() {
        assert_eq!(string("a\\b"), "\"a\\b\"");
        assert_eq!(string("a\"b#"), "r##\"a\"b#\"##");
    }
}
