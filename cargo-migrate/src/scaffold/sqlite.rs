//! SQLite (3.35 and newer: it must know `DROP COLUMN`).

use super::Error;
use super::column::{Column, Type};
use super::dialect::Dialect;
use super::value::Value;

/// SQLite's SQL.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sqlite;

impl Dialect for Sqlite {
    fn identifier(&self, name: &str) -> String {
        let plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if plain && KEYWORDS.binary_search(&name.to_ascii_uppercase().as_str()).is_err() {
            return name.to_owned();
        }
        format!("\"{}\"", name.replace('"', "\"\""))
    }

    // The names matter twice: SQLite takes a column's affinity from them, and Diesel its Rust type.
    fn column_type(&self, of: Type) -> String {
        let name = match of {
            // `JSON` and `UUID` would have numeric affinity, which turns `1e3` into `1000.0`.
            Type::String | Type::Text | Type::Uuid | Type::Json => "TEXT",
            Type::Integer => "INTEGER",
            Type::BigInt => "BIGINT",
            Type::SmallInt => "SMALLINT",
            Type::Bool => "BOOLEAN",
            Type::Float => "FLOAT",
            Type::Double => "DOUBLE",
            Type::Decimal(None) => "DECIMAL",
            Type::Decimal(Some((digits, scale))) => return format!("DECIMAL({digits}, {scale})"),
            Type::Date => "DATE",
            Type::Time => "TIME",
            Type::Timestamp => "TIMESTAMP",
            Type::Blob => "BLOB",
        };
        name.to_owned()
    }

    fn key_type(&self, of: Type) -> String {
        match of {
            // Only this spelling is the row id, numbered by itself; `BIGINT PRIMARY KEY` is not.
            Type::Integer | Type::BigInt | Type::SmallInt => "INTEGER".to_owned(),
            _ => self.column_type(of),
        }
    }

    fn literal(&self, value: &Value, of: Type) -> String {
        match value {
            Value::Null => "NULL".to_owned(),
            Value::Bool(true) => "TRUE".to_owned(),
            Value::Bool(false) => "FALSE".to_owned(),
            Value::Number(digits) => digits.clone(),
            Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Value::Bytes(digits) => format!("x'{digits}'"),
            Value::Now => match of {
                Type::Date => "CURRENT_DATE".to_owned(),
                Type::Time => "CURRENT_TIME".to_owned(),
                _ => "CURRENT_TIMESTAMP".to_owned(),
            },
        }
    }

    fn check_name(&self, name: &str) -> Result<(), Error> {
        match name.get(..7) {
            Some(start) if start.eq_ignore_ascii_case("sqlite_") => {
                Err(Error::usage(format!("`{name}`: SQLite keeps names in `sqlite_` for itself")))
            }
            _ => Ok(()),
        }
    }

    fn check_added(&self, table: &str, column: &Column) -> Result<(), Error> {
        let name = &column.name;
        let valued = column.default.as_ref().is_some_and(|value| *value != Value::Null);
        let fail = |why: &str| {
            Error::usage(format!("SQLite cannot add `{name}` to a `{table}` with rows: {why}"))
        };
        if column.references.is_some() && (valued || column.not_null) {
            let why = "a column with REFERENCES may have no default but NULL";
            return Err(fail(why).with_help(
                "leave out `!` and the default, or rebuild the table in SQL of your own",
            ));
        }
        if column.default == Some(Value::Now) {
            let why = "the default of an added column must be constant, and `now` is not";
            return Err(fail(why).with_help(
                "leave out the default, give a fixed moment, or rebuild the table in SQL of your own",
            ));
        }
        if column.not_null && !valued {
            return Err(fail("a NOT NULL column needs a default for them")
                .with_help(format!("give one, as in `{name}:text!=unknown`, or leave out `!`")));
        }
        Ok(())
    }
}

/// Every word SQLite's parser knows, and the two that it reads as numbers.
const KEYWORDS: [&str; 149] = [
    "ABORT",
    "ACTION",
    "ADD",
    "AFTER",
    "ALL",
    "ALTER",
    "ALWAYS",
    "ANALYZE",
    "AND",
    "AS",
    "ASC",
    "ATTACH",
    "AUTOINCREMENT",
    "BEFORE",
    "BEGIN",
    "BETWEEN",
    "BY",
    "CASCADE",
    "CASE",
    "CAST",
    "CHECK",
    "COLLATE",
    "COLUMN",
    "COMMIT",
    "CONFLICT",
    "CONSTRAINT",
    "CREATE",
    "CROSS",
    "CURRENT",
    "CURRENT_DATE",
    "CURRENT_TIME",
    "CURRENT_TIMESTAMP",
    "DATABASE",
    "DEFAULT",
    "DEFERRABLE",
    "DEFERRED",
    "DELETE",
    "DESC",
    "DETACH",
    "DISTINCT",
    "DO",
    "DROP",
    "EACH",
    "ELSE",
    "END",
    "ESCAPE",
    "EXCEPT",
    "EXCLUDE",
    "EXCLUSIVE",
    "EXISTS",
    "EXPLAIN",
    "FAIL",
    "FALSE",
    "FILTER",
    "FIRST",
    "FOLLOWING",
    "FOR",
    "FOREIGN",
    "FROM",
    "FULL",
    "GENERATED",
    "GLOB",
    "GROUP",
    "GROUPS",
    "HAVING",
    "IF",
    "IGNORE",
    "IMMEDIATE",
    "IN",
    "INDEX",
    "INDEXED",
    "INITIALLY",
    "INNER",
    "INSERT",
    "INSTEAD",
    "INTERSECT",
    "INTO",
    "IS",
    "ISNULL",
    "JOIN",
    "KEY",
    "LAST",
    "LEFT",
    "LIKE",
    "LIMIT",
    "MATCH",
    "MATERIALIZED",
    "NATURAL",
    "NO",
    "NOT",
    "NOTHING",
    "NOTNULL",
    "NULL",
    "NULLS",
    "OF",
    "OFFSET",
    "ON",
    "OR",
    "ORDER",
    "OTHERS",
    "OUTER",
    "OVER",
    "PARTITION",
    "PLAN",
    "PRAGMA",
    "PRECEDING",
    "PRIMARY",
    "QUERY",
    "RAISE",
    "RANGE",
    "RECURSIVE",
    "REFERENCES",
    "REGEXP",
    "REINDEX",
    "RELEASE",
    "RENAME",
    "REPLACE",
    "RESTRICT",
    "RETURNING",
    "RIGHT",
    "ROLLBACK",
    "ROW",
    "ROWS",
    "SAVEPOINT",
    "SELECT",
    "SET",
    "TABLE",
    "TEMP",
    "TEMPORARY",
    "THEN",
    "TIES",
    "TO",
    "TRANSACTION",
    "TRIGGER",
    "TRUE",
    "UNBOUNDED",
    "UNION",
    "UNIQUE",
    "UPDATE",
    "USING",
    "VACUUM",
    "VALUES",
    "VIEW",
    "VIRTUAL",
    "WHEN",
    "WHERE",
    "WINDOW",
    "WITH",
    "WITHOUT",
];

#[cfg(test)]
mod tests {
    use super::{Dialect, KEYWORDS, Sqlite};

    #[test]
    fn the_keywords_can_be_searched() {
        assert!(KEYWORDS.is_sorted());
    }

    #[test]
    fn only_what_needs_quotes_is_quoted() {
        for (name, written) in [
            ("users", "users"),
            ("Users", "Users"),
            ("_x1", "_x1"),
            ("order", "\"order\""),
            ("Group", "\"Group\""),
            ("true", "\"true\""),
            ("1st", "\"1st\""),
            ("first name", "\"first name\""),
            ("größe", "\"größe\""),
            ("a\"b", "\"a\"\"b\""),
            ("a; DROP TABLE b", "\"a; DROP TABLE b\""),
        ] {
            assert_eq!(Sqlite.identifier(name), written);
        }
    }
}
