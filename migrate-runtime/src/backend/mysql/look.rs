//! Whether what a statement brings about is there.
use diesel::QueryResult;
use diesel::mysql::MysqlConnection;

use super::query::{literal, rows, value};
use crate::backend::Sought;
use crate::migrations::Object;

/// Whether the statement behind this has run; `None` when the name cannot be made out.
pub(super) fn look(conn: &mut MysqlConnection, sought: Sought<'_>) -> QueryResult<Option<bool>> {
    let Sought { object, exists, name, table } = sought;
    let Some(sql) = query(object, name, table) else { return Ok(None) };
    let count = value(rows(conn, &sql)?);
    Ok(count.map(|count| (count != "0") == exists))
}

/// How many such objects there are. What the server compares without regard to case, it does here
/// too; only for schemas, tables and triggers that depends on how it was set up.
fn query(object: Object, name: &str, table: &str) -> Option<String> {
    let name = Name::read(name)?;
    let within = if table.is_empty() { None } else { Some(Name::read(table)?) };
    let schema = name.schema.as_ref().or(within.as_ref().and_then(|table| table.schema.as_ref()));
    let schema = schema.map_or("DATABASE()".to_owned(), |schema| literal(schema));
    let of_schema = |column: &str| same_file(column, &schema);
    let of_table = || {
        let table = within.as_ref()?;
        Some(format!("{} AND ", same_file("TABLE_NAME", &literal(&table.name))))
    };
    let named = |column: &str| format!("{column} = {}", literal(&name.name));
    let (from, conditions) = match object {
        Object::Relation => (
            "TABLES",
            format!(
                "{} AND {} AND TABLE_TYPE NOT LIKE '%TEMPORARY%'",
                of_schema("TABLE_SCHEMA"),
                same_file("TABLE_NAME", &literal(&name.name))
            ),
        ),
        Object::Column => (
            "COLUMNS",
            format!("{} AND {}{}", of_schema("TABLE_SCHEMA"), of_table()?, named("COLUMN_NAME")),
        ),
        Object::Index => (
            "STATISTICS",
            format!("{} AND {}{}", of_schema("TABLE_SCHEMA"), of_table()?, named("INDEX_NAME")),
        ),
        Object::Constraint => (
            "TABLE_CONSTRAINTS",
            format!(
                "{} AND {}{}",
                of_schema("TABLE_SCHEMA"),
                of_table()?,
                named("CONSTRAINT_NAME")
            ),
        ),
        Object::Trigger => (
            "TRIGGERS",
            format!(
                "{} AND {}",
                of_schema("TRIGGER_SCHEMA"),
                same_file("TRIGGER_NAME", &literal(&name.name))
            ),
        ),
        Object::Procedure | Object::Function => {
            let kind = if object == Object::Procedure { "PROCEDURE" } else { "FUNCTION" };
            let schema = of_schema("ROUTINE_SCHEMA");
            let name = named("ROUTINE_NAME");
            ("ROUTINES", format!("{schema} AND {name} AND ROUTINE_TYPE = '{kind}'"))
        }
        Object::Event => {
            ("EVENTS", format!("{} AND {}", of_schema("EVENT_SCHEMA"), named("EVENT_NAME")))
        }
        Object::Database => ("SCHEMATA", same_file("SCHEMA_NAME", &literal(&name.name))),
    };
    Some(format!("SELECT CAST(COUNT(*) AS CHAR) FROM information_schema.{from} WHERE {conditions}"))
}

/// Whether a name that is a file's is this one. The first comparison alone lets MariaDB open one
/// table instead of all; the second knows about case.
fn same_file(column: &str, wanted: &str) -> String {
    format!(
        "{column} = {wanted} AND IF(@@lower_case_table_names = 0, \
         CAST({column} AS BINARY) = CAST(CONVERT({wanted} USING utf8mb4) AS BINARY), \
         LOWER({column}) = LOWER({wanted}))"
    )
}

/// A name as a script writes it, taken apart.
#[derive(Debug, PartialEq, Eq)]
struct Name {
    schema: Option<String>,
    name: String,
}

impl Name {
    fn read(written: &str) -> Option<Self> {
        let (first, rest) = word(written.trim())?;
        let Some(rest) = rest.trim_start().strip_prefix('.') else {
            return rest.is_empty().then_some(Self { schema: None, name: first });
        };
        let (second, rest) = word(rest.trim_start())?;
        rest.is_empty().then_some(Self { schema: Some(first), name: second })
    }
}

/// The first part of a name, and what is behind it.
fn word(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|first| matches!(first, '`' | '"'));
    let (word, rest) = match quote {
        None => {
            let is_part =
                |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$' || !c.is_ascii();
            let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
            (text[..end].to_owned(), &text[end..])
        }
        Some(quote) => {
            let mut word = String::new();
            let mut rest = &text[1..];
            loop {
                let end = rest.find(quote)?;
                word.push_str(&rest[..end]);
                rest = &rest[end + 1..];
                // A doubled quote stands for itself.
                match rest.strip_prefix(quote) {
                    Some(behind) => {
                        word.push(quote);
                        rest = behind;
                    }
                    None => break,
                }
            }
            (word, rest)
        }
    };
    (!word.is_empty()).then_some((word, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written() {
        let read = |text| {
            let Name { schema, name } = Name::read(text)?;
            Some((schema.unwrap_or_default(), name))
        };
        let name = |schema: &str, name: &str| Some((schema.to_owned(), name.to_owned()));
        assert_eq!(read("users"), name("", "users"));
        assert_eq!(read("app.users"), name("app", "users"));
        assert_eq!(read("`a``b` . \"c\"\"d\""), name("a`b", "c\"d"));
        assert_eq!(read("`a.b`"), name("", "a.b"));
        assert_eq!(read("größe$1"), name("", "größe$1"));
        for broken in ["", "`", "`a", "a.", "a b", "a.b.c", ".a", "a/**/", "``"] {
            assert_eq!(read(broken), None, "{broken}");
        }
    }

    #[test]
    fn what_belongs_to_a_table_is_not_sought_without_one() {
        for object in [Object::Column, Object::Index, Object::Constraint] {
            assert_eq!(query(object, "a", ""), None);
            assert!(query(object, "a", "`t").is_none());
            assert!(query(object, "a", "d.t").unwrap().contains(&literal("d")));
        }
    }
}
