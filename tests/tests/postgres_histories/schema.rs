//! What is in the database, as the next statement can name it; and the way back to it.

use std::collections::HashSet;

use migrate_tests::corpus::PostgresEngine;

/// A column of a table.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// As it is called.
    pub(crate) name: String,
    /// As the server writes it.
    pub(crate) ty: String,
}

/// A table with its columns.
pub(crate) struct Table {
    /// As it can be written.
    pub(crate) path: String,
    pub(crate) columns: Vec<Column>,
}

/// What is there.
pub(crate) struct Schema {
    pub(crate) tables: Vec<Table>,
    /// Class, and name as it can be written.
    others: Vec<(String, String)>,
    definitions: Vec<String>,
}

/// A column, a trigger and a constraint have their table behind a line break.
const OBJECTS: &str = r#"
    WITH space AS (SELECT oid FROM pg_namespace WHERE nspname IN ('public', 's'))
    SELECT CASE relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
        WHEN 'S' THEN 'sequence' ELSE 'index' END AS object, oid::regclass::text AS property
    FROM pg_class WHERE relnamespace IN (SELECT oid FROM space) AND relkind IN ('r', 'v', 'm', 'S', 'i')
    UNION ALL SELECT CASE typtype WHEN 'e' THEN 'enum' ELSE 'domain' END, oid::regtype::text
    FROM pg_type WHERE typnamespace IN (SELECT oid FROM space) AND typtype IN ('e', 'd')
    UNION ALL SELECT 'value', concat_ws(E'\n', enumlabel, enumtypid::regtype) FROM pg_enum
    UNION ALL SELECT 'function', oid::regprocedure::text FROM pg_proc
    WHERE pronamespace IN (SELECT oid FROM space)
    UNION ALL SELECT 'trigger', concat_ws(E'\n', quote_ident(tgname), tgrelid::regclass) FROM pg_trigger
    WHERE NOT tgisinternal
    UNION ALL SELECT 'constraint', concat_ws(E'\n', quote_ident(conname), conrelid::regclass)
    FROM pg_constraint WHERE connamespace IN (SELECT oid FROM space) AND conrelid <> 0
    UNION ALL SELECT 'policy', concat_ws(E'\n', quote_ident(polname), polrelid::regclass) FROM pg_policy
    UNION ALL SELECT 'schema', nspname FROM pg_namespace WHERE nspname = 's'
    UNION ALL SELECT 'column', concat_ws(E'\n', attname, attrelid::regclass, format_type(atttypid, atttypmod))
    FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    WHERE relnamespace IN (SELECT oid FROM space) AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
    ORDER BY 1, 2"#;

impl Schema {
    pub(crate) fn of(engine: &mut PostgresEngine) -> Self {
        let all = engine.pairs(OBJECTS);
        let of_class = |class: &'static str| {
            all.iter().filter(move |(other, _)| other == class).map(|(_, name)| name)
        };
        let mut tables: Vec<Table> = of_class("table")
            .map(|path| Table { path: path.clone(), columns: Vec::new() })
            .collect();
        for column in of_class("column") {
            let mut parts = column.split('\n');
            let mut next = || parts.next().unwrap_or_default().to_owned();
            let (name, path, ty) = (next(), next(), next());
            if let Some(table) = tables.iter_mut().find(|table| table.path == path) {
                table.columns.push(Column { name, ty });
            }
        }
        Self { tables, definitions: engine.definitions(), others: all }
    }

    /// The names of a class.
    pub(crate) fn names(&self, class: &str) -> Vec<&str> {
        let of_class = self.others.iter().filter(|(other, _)| other == class);
        of_class.map(|(_, name)| name.as_str()).collect()
    }

    /// Statements that make this schema again out of another: what differs is dropped, and made
    /// again as it was.
    pub(crate) fn made_again(&self, from: &Self) -> Vec<String> {
        let there: HashSet<&String> = self.definitions.iter().collect();
        let now: HashSet<&String> = from.definitions.iter().collect();
        let wrong = from.definitions.iter().rev().filter(|definition| !there.contains(definition));
        let drops = wrong.filter_map(|definition| dropped(definition));
        let missing = self.definitions.iter().filter(|definition| !now.contains(definition));
        drops.chain(missing.cloned()).collect()
    }
}

/// What undoes one of the server's definitions.
fn dropped(definition: &str) -> Option<String> {
    const CLASSES: [(&str, &str); 9] = [
        ("CREATE  TABLE ", "TABLE"),
        ("CREATE  VIEW ", "VIEW"),
        ("CREATE MATERIALIZED VIEW ", "MATERIALIZED VIEW"),
        ("CREATE SEQUENCE ", "SEQUENCE"),
        ("CREATE TYPE ", "TYPE"),
        ("CREATE DOMAIN ", "DOMAIN"),
        ("CREATE SCHEMA ", "SCHEMA"),
        ("CREATE INDEX ", "INDEX"),
        ("CREATE UNIQUE INDEX ", "INDEX"),
    ];
    if let Some(rest) = definition.strip_prefix("ALTER TABLE ") {
        let (table, rest) = rest.split_once(" ADD CONSTRAINT ")?;
        let name = first_name(rest);
        return Some(format!("ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}"));
    }
    let (class, rest) =
        CLASSES.iter().find_map(|(begin, class)| Some((class, definition.strip_prefix(begin)?)))?;
    Some(format!("DROP {class} IF EXISTS {}", first_name(rest)))
}

/// The name that a text begins with, which may have a schema.
fn first_name(text: &str) -> &str {
    let mut is_quoted = false;
    let end = text.find(|c: char| {
        is_quoted ^= c == '"';
        !is_quoted && (c.is_whitespace() || c == '(')
    });
    &text[..end.unwrap_or(text.len())]
}
