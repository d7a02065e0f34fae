//! MariaDB, with a database of its own on the server that a process shares.

use diesel::connection::SimpleConnection as _;
use diesel::mysql::MysqlConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use migrate_build::{Dialect, Server, ServerVersion};

use super::normal;
use super::{Engine, Snapshot};
use crate::server::{Database, MariaDb, Mariadb};

/// MariaDB with a database of its own. Every script runs on a connection of its own; what it does to
/// the schema before a statement that is refused stays, as MariaDB commits it at once.
pub struct MariadbEngine {
    database: Database<MariaDb>,
    /// For what is no script.
    connection: MysqlConnection,
    version: Option<ServerVersion>,
}

/// The server that tests start.
const VERSION: ServerVersion = ServerVersion { mariadb: true, major: 10, minor: 11 };

impl MariadbEngine {
    /// An empty database.
    ///
    /// # Panics
    /// When the server does not start.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it starts a server")]
    pub fn new() -> Self {
        let database = Mariadb::shared().database();
        let connection = database.connect();
        Self { database, connection, version: Some(VERSION) }
    }

    /// The same, where the verifier is not told which server it is.
    #[must_use]
    pub fn of_any_version(self) -> Self {
        Self { version: None, ..self }
    }

    /// A connection for questions.
    pub fn connection(&mut self) -> &mut MysqlConnection {
        &mut self.connection
    }

    /// The columns `name` and `value` of what a query finds.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn rows(&mut self, query: &str) -> Vec<[String; 2]> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            name: String,
            #[diesel(sql_type = Text)]
            value: String,
        }
        let rows: QueryResult<Vec<Row>> = diesel::sql_query(query).load(&mut self.connection);
        let rows = rows.unwrap_or_else(|error| panic!("{query}: {error}"));
        rows.into_iter().map(|row| [row.name, row.value]).collect()
    }

    /// What `SHOW CREATE TABLE` says of a table or a sequence, without the number of the next row.
    ///
    /// # Panics
    /// When it is not there.
    pub fn show(&mut self, name: &str) -> String {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text, column_name = "Create Table")]
            definition: String,
        }
        let query = format!("SHOW CREATE TABLE `{}`", name.replace('`', "``"));
        let row: QueryResult<Row> = diesel::sql_query(&query).get_result(&mut self.connection);
        without_counter(&row.unwrap_or_else(|error| panic!("{query}: {error}")).definition)
    }
}

/// Everything but tables, each with what makes it what it is behind a sign of its own: texts that
/// are kept as they were written are normalised there. Who made it, and when, is left out.
const OBJECTS: &str = "
    SELECT concat(if(table_type = 'SEQUENCE', 'sequence ', 'table '), table_name) AS name,
        char(1) AS value
        FROM information_schema.tables
        WHERE table_schema = database() AND table_type IN ('BASE TABLE', 'SEQUENCE')
    UNION ALL SELECT concat('view ', table_name), concat('check ', check_option, ' security ',
        security_type, ' algorithm ', algorithm, char(2), view_definition)
        FROM information_schema.views WHERE table_schema = database()
    UNION ALL SELECT concat('trigger ', trigger_name), concat(action_timing, ' ',
        event_manipulation, ' on ', event_object_table, ' number ', action_order, char(2),
        action_statement)
        FROM information_schema.triggers WHERE trigger_schema = database()
    UNION ALL SELECT concat(lower(routine_type), ' ', lower(routine_name)),
        concat(coalesce(dtd_identifier, ''), ' ', is_deterministic, ' ', sql_data_access, ' ',
        security_type, ' ', routine_comment, char(2), coalesce(routine_definition, ''))
        FROM information_schema.routines WHERE routine_schema = database()
    UNION ALL SELECT concat(lower(routine_type), ' ', lower(specific_name)),
        concat('parameter ', ordinal_position, ' ', coalesce(parameter_mode, ''), ' ',
        coalesce(lower(parameter_name), ''), ' ', dtd_identifier)
        FROM information_schema.parameters WHERE specific_schema = database()
    UNION ALL SELECT concat('event ', lower(event_name)), concat(event_type, ' every ',
        coalesce(interval_value, ''), ' ', coalesce(interval_field, ''), ' ', status, ' ',
        on_completion, ' ', event_comment, char(2), event_definition)
        FROM information_schema.events WHERE event_schema = database()";

impl Engine for MariadbEngine {
    fn server(&self) -> Server {
        Server { dialect: Dialect::Mysql, version: self.version }
    }

    fn reset(&mut self) {
        let name = self.database.name().to_owned();
        let anew = format!("DROP DATABASE {name}; CREATE DATABASE {name}; USE {name}");
        self.connection.batch_execute(&anew).expect("the database is one's own");
    }

    fn run(&mut self, script: &str) -> Result<(), String> {
        // The client's library reads past the end of nothing.
        if script.is_empty() {
            return Ok(());
        }
        let mut connection = self.database.connect();
        connection.batch_execute(script).map_err(|error| error.to_string())
    }

    /// Whether an index is one that the server made by itself for a foreign key, and takes away again.
    fn may_hide(&self, script: &str) -> bool {
        let script = script.to_uppercase();
        ["KEY", "INDEX", "UNIQUE", "REFERENCES"].iter().any(|word| script.contains(word))
    }

    fn snapshot(&mut self) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for [object, value] in self.rows(OBJECTS) {
            if let (Some((_, name)), "\u{1}") = (object.split_once(' '), value.as_str()) {
                for line in self.show(name).lines().skip(1) {
                    snapshot.add(&object, property(line));
                }
                continue;
            }
            let value = match value.split_once('\u{2}') {
                Some((plain, text)) => format!("{plain}: {}", normal::text(text)),
                None => value,
            };
            snapshot.add(&object, value);
        }
        snapshot
    }
}

fn without_counter(definition: &str) -> String {
    let Some((body, options)) = definition.rsplit_once('\n') else { return definition.to_owned() };
    let Some((before, after)) = options.split_once(" AUTO_INCREMENT=") else {
        return definition.to_owned();
    };
    format!("{body}\n{before}{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
}

/// A line of `SHOW CREATE TABLE`. Names of columns, keys and constraints are compared without their
/// case, those of tables with it.
fn property(line: &str) -> String {
    let mut said = String::new();
    let mut rest = line.trim().trim_end_matches(',');
    while let Some(at) = rest.find(['`', '\'']) {
        let quote = &rest[at..=at];
        // Two quotes are one inside: what is between them counts as two names, or as two texts.
        let end = rest[at + 1..].find(quote).map_or(rest.len(), |end| at + end + 2);
        let is_table = rest[..at].ends_with("REFERENCES ");
        said.push_str(&rest[..at]);
        let quoted = &rest[at..end];
        let folds = quote == "`" && !is_table;
        said.push_str(&if folds { quoted.to_lowercase() } else { quoted.to_owned() });
        rest = &rest[end..];
    }
    said + rest
}

#[cfg(test)]
mod tests {
    use super::{property, without_counter};

    #[test]
    fn the_case_of_columns_and_the_next_number_do_not_count() {
        let column = "  `Id` int(11) DEFAULT 'It''s `X`' CHECK (`Id` > 0),";
        assert_eq!(property(column), "`id` int(11) DEFAULT 'It''s `X`' CHECK (`id` > 0)");
        let key = "  CONSTRAINT `F` FOREIGN KEY (`A`) REFERENCES `Users` (`Id`)";
        let folded = "CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `Users` (`id`)";
        assert_eq!(property(key), folded);
        let table = "CREATE TABLE `t` (\n) ENGINE=InnoDB AUTO_INCREMENT=17 DEFAULT CHARSET=utf8mb4";
        let counted = "CREATE TABLE `t` (\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";
        assert_eq!(without_counter(table), counted);
    }
}
