//! SQLite, with a database in memory.

use std::collections::BTreeMap;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use migrate_build::{Dialect, Server};

use super::normal;
use super::{Engine, Snapshot};

/// SQLite with a database of its own. It does not enforce foreign keys, as it does not unless it is
/// told to.
pub struct SqliteEngine {
    connection: SqliteConnection,
}

impl SqliteEngine {
    /// An empty database.
    ///
    /// # Panics
    /// When SQLite cannot open one in memory.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it opens a database")]
    pub fn new() -> Self {
        let mut connection = SqliteConnection::establish(":memory:").expect("a database in memory");
        connection.batch_execute("PRAGMA foreign_keys = OFF").expect("a pragma");
        Self { connection }
    }

    /// The definitions that SQLite keeps, in the order of its own table.
    ///
    /// # Panics
    /// When they cannot be read.
    pub fn definitions(&mut self) -> Vec<String> {
        self.pairs(&format!("SELECT '' AS name, sql AS value FROM ({OBJECTS})"))
            .into_iter()
            .map(|(_, sql)| sql)
            .collect()
    }

    /// Class, name and definition of everything that has one.
    ///
    /// # Panics
    /// When they cannot be read.
    pub fn objects(&mut self) -> Vec<[String; 3]> {
        let query =
            format!("SELECT type || char(1) || name AS name, sql AS value FROM ({OBJECTS})");
        let rows = self.pairs(&query).into_iter();
        rows.map(|(name, sql)| {
            let (class, name) = name.split_once('\u{1}').expect("it is put there");
            [class.to_owned(), name.to_owned(), sql]
        })
        .collect()
    }

    /// Each column with its table before it, as they are called.
    ///
    /// # Panics
    /// When they cannot be read.
    pub fn columns(&mut self) -> Vec<(String, String)> {
        self.pairs(
            "SELECT t.name AS name, c.name AS value FROM sqlite_schema AS t, \
             pragma_table_info(t.name) AS c WHERE t.type = 'table'",
        )
    }

    fn pairs(&mut self, query: &str) -> Vec<(String, String)> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            name: String,
            #[diesel(sql_type = Text)]
            value: String,
        }
        let rows: QueryResult<Vec<Row>> = diesel::sql_query(query).load(&mut self.connection);
        let rows = rows.expect("the schema can be read");
        rows.into_iter().map(|row| (row.name, row.value)).collect()
    }
}

/// What has been defined; what SQLite makes by itself is left out, and so are the tables that a
/// module keeps its own in.
const OBJECTS: &str = "SELECT type, name, tbl_name, sql FROM sqlite_schema \
     WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
     AND name NOT IN (SELECT name FROM pragma_table_list WHERE type = 'shadow')";

const TABLES: &str = "SELECT lower(name) AS name, \
     type || ' without rowid ' || wr || ' strict ' || strict AS value FROM pragma_table_list \
     WHERE schema = 'main' AND type IN ('table', 'virtual') \
     AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

/// Types and defaults are normalised behind the first two signs of their own.
const COLUMNS: &str = "SELECT lower(t.name) AS name, lower(c.name) || char(1) || c.type || char(1) \
     || coalesce(c.dflt_value, char(2)) || char(1) || 'not null ' || c.\"notnull\" || ' pk ' || c.pk \
     || ' hidden ' || c.hidden AS value \
     FROM sqlite_schema AS t, pragma_table_xinfo(t.name) AS c \
     WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

const FOREIGN_KEYS: &str = "SELECT lower(t.name) AS name, group_concat(lower(k.\"from\") || '→' \
     || coalesce(lower(k.\"to\"), ''), ', ') || ' of ' || lower(k.\"table\") || ' on update ' \
     || lower(k.on_update) || ' on delete ' || lower(k.on_delete) || ' match ' || lower(k.match) AS value \
     FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS k WHERE t.type = 'table' \
     GROUP BY t.name, k.id";

/// An index that SQLite made for a constraint has no name that counts.
const INDEXES: &str = "SELECT lower(t.name) AS name, CASE i.origin WHEN 'c' THEN lower(i.name) ELSE '' \
     END || ' unique ' || i.\"unique\" || ' origin ' || i.origin || ' partial ' || i.partial || ' (' || \
     (SELECT group_concat(coalesce(lower(p.name), 'cid ' || min(p.cid, -1)) || ' desc ' || p.desc \
     || ' ' || lower(p.coll), ', ') FROM pragma_index_xinfo(i.name) AS p WHERE p.key = 1) || ')' AS value \
     FROM sqlite_schema AS t, pragma_index_list(t.name) AS i WHERE t.type = 'table'";

impl Engine for SqliteEngine {
    fn server(&self) -> Server {
        Server::any(Dialect::Sqlite)
    }

    fn reset(&mut self) {
        *self = Self::new();
    }

    fn run(&mut self, script: &str) -> Result<(), String> {
        let said = self.connection.batch_execute(script).map_err(|error| error.to_string());
        // The next script may run on another connection.
        let temporary = self.pairs(
            "SELECT type AS name, name AS value FROM sqlite_temp_schema \
             WHERE type IN ('table', 'view', 'trigger') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'",
        );
        for (class, name) in temporary {
            let name = name.replace('"', "\"\"");
            let drop = format!("DROP {class} IF EXISTS temp.\"{name}\"");
            self.connection.batch_execute(&drop).map_err(|error| error.to_string())?;
        }
        said
    }

    fn snapshot(&mut self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        let objects = self.pairs(&format!(
            "SELECT type || ' ' || lower(name) || char(1) || lower(tbl_name) AS name, sql AS value \
             FROM ({OBJECTS})"
        ));
        let mut tables = BTreeMap::new();
        for (name, sql) in objects {
            let (object, owner) = name.split_once('\u{1}').expect("it is put there");
            match object.split_once(' ') {
                Some(("table", table)) => {
                    tables.insert(table.to_owned(), sql);
                }
                _ => snapshot.add(object, format!("of {owner}: {}", behind_name(&sql))),
            }
        }
        for (table, sql) in &tables {
            let is_virtual = normal::words(sql).get(1).is_some_and(|word| word == "virtual");
            let said = if is_virtual { vec![behind_name(sql)] } else { normal::clauses(sql) };
            said.into_iter().for_each(|clause| snapshot.add(&format!("table {table}"), clause));
        }
        for (table, column) in self.pairs(COLUMNS) {
            let mut parts = column.split('\u{1}');
            let mut next = || parts.next().unwrap_or_default();
            let (name, ty, default, rest) = (next(), next(), next(), next());
            let (ty, default) = (normal::text(ty), normal::text(default));
            if tables.contains_key(&table) {
                let property = format!("column {name} {ty} default {default} {rest}");
                snapshot.add(&format!("table {table}"), property);
            }
        }
        for (query, what) in [(TABLES, ""), (FOREIGN_KEYS, "key "), (INDEXES, "index ")] {
            for (table, property) in self.pairs(query) {
                if tables.contains_key(&table) {
                    snapshot.add(&format!("table {table}"), format!("{what}{property}"));
                }
            }
        }
        snapshot
    }
}

/// A definition without `CREATE …` and the name: SQLite writes that anew when it renames.
fn behind_name(sql: &str) -> String {
    let words = normal::words(sql);
    let kinds = ["index", "view", "trigger", "table"];
    let name = words.iter().position(|word| kinds.contains(&word.as_str())).map_or(0, |at| at + 2);
    let unique = if words.get(1).is_some_and(|word| word == "unique") { "unique " } else { "" };
    format!("{unique}{}", words.get(name..).unwrap_or_default().join(" "))
}
