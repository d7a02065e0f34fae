//! PostgreSQL, with a database of its own on a private server.

use std::collections::HashMap;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use migrate_build::catalog::POSTGRES_SCHEMA;
use migrate_build::{Dialect, Server};

use super::{Engine, Snapshot, normal};
use crate::server::{Database, PostgreSql, Postgres};

/// PostgreSQL with a database of its own.
pub struct PostgresEngine {
    database: Database<PostgreSql>,
    connection: PgConnection,
    attempt: Attempt,
    /// The queries that the server has planned, by their texts.
    prepared: HashMap<String, String>,
    /// What it answered since the last script.
    answers: HashMap<String, Vec<(String, String)>>,
}

/// What may have to be taken back.
enum Attempt {
    /// Nothing.
    None,
    /// Scripts that ran in one transaction.
    Transaction(Vec<String>),
    /// Scripts that the server does not take in one transaction: they have run for good.
    ForGood,
}

/// Tables go first: an index that outlives its function cannot be dropped any more.
const EMPTY: &str = "DO $$ DECLARE named text; BEGIN
    FOR named IN SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'p')
        AND relnamespace::regnamespace::text <> 'information_schema'
        AND relnamespace::regnamespace::text NOT LIKE 'pg\\_%'
    LOOP EXECUTE format('DROP TABLE IF EXISTS %s CASCADE', named); END LOOP;
    FOR named IN SELECT nspname FROM pg_namespace
        WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'
    LOOP EXECUTE format('DROP SCHEMA %I CASCADE', named); END LOOP;
    FOR named IN SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'
    LOOP EXECUTE format('DROP EXTENSION %I CASCADE', named); END LOOP;
    FOR named IN SELECT pubname FROM pg_publication
    LOOP EXECUTE format('DROP PUBLICATION %I', named); END LOOP;
END $$; CREATE SCHEMA public";

/// What the server says of scripts that it may take, but not in one transaction.
const APART: [&str; 3] = [
    "cannot run inside a transaction block",
    "unsafe use of new value",
    "because it has pending trigger events",
];

impl PostgresEngine {
    /// An empty database.
    ///
    /// # Panics
    /// When there is no server.
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it starts a server")]
    pub fn new() -> Self {
        let database = Postgres::shared().database();
        let url = format!("{}?options=-cclient_min_messages%3Derror", database.url());
        let connection = PgConnection::establish(&url).expect("a connection");
        let (prepared, answers) = (HashMap::new(), HashMap::new());
        Self { database, connection, attempt: Attempt::None, prepared, answers }
    }

    /// The definitions of everything, which a catalog can be made from.
    ///
    /// # Panics
    /// When they cannot be read.
    pub fn definitions(&mut self) -> Vec<String> {
        let query =
            format!("SELECT '' AS object, statement AS property FROM ({POSTGRES_SCHEMA}) AS s");
        self.pairs(&query).into_iter().map(|(_, statement)| statement).collect()
    }

    /// The rows of a query whose columns are called `object` and `property`. It is planned once, and
    /// asked once after each script.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn pairs(&mut self, query: &str) -> Vec<(String, String)> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Text)]
            object: String,
            #[diesel(sql_type = Text)]
            property: String,
        }
        if let Some(answer) = self.answers.get(query) {
            return answer.clone();
        }
        let name = format!("query_{}", self.prepared.len());
        let name = self.prepared.entry(query.to_owned()).or_insert_with(|| {
            let prepare = format!("PREPARE {name} AS {query}");
            self.connection.batch_execute(&prepare).expect("a query");
            name
        });
        let ask = diesel::sql_query(format!("EXECUTE {name}"));
        let rows: QueryResult<Vec<Row>> = ask.load(&mut self.connection);
        let rows = rows.unwrap_or_else(|error| panic!("{error}: the schema can be read"));
        let answer: Vec<_> = rows.into_iter().map(|row| (row.object, row.property)).collect();
        self.answers.insert(query.to_owned(), answer.clone());
        answer
    }

    fn execute(&mut self, sql: &str) -> Result<(), String> {
        self.answers.clear();
        self.connection.batch_execute(sql).map_err(|error| error.to_string())
    }

    /// Runs a script as migrations run: in a transaction, where that can be.
    fn run_for_good(&mut self, script: &str) -> Result<(), String> {
        let said = self.execute(&format!("BEGIN;\n{script}\n;COMMIT"));
        let said = match said {
            Err(message) if message.contains(APART[0]) => {
                self.clear_session();
                self.database.try_sql(script).map(drop)
            }
            said => said,
        };
        self.clear_session();
        said
    }

    /// The next script may run on another connection.
    fn clear_session(&mut self) {
        let clear = "ROLLBACK; RESET ALL; DISCARD TEMP";
        self.execute(clear).expect("a session can be cleared");
    }
}

impl Engine for PostgresEngine {
    fn server(&self) -> Server {
        Server::any(Dialect::Postgres)
    }

    fn reset(&mut self) {
        self.clear_session();
        self.attempt = Attempt::None;
        // It cannot drop everything that it lets one make.
        if self.execute(EMPTY).is_err() {
            *self = Self::new();
        }
    }

    fn run(&mut self, script: &str) -> Result<(), String> {
        let Attempt::Transaction(before) = &mut self.attempt else {
            return self.run_for_good(script);
        };
        before.push(script.to_owned());
        // What waits for the end of the transaction would be checked there.
        let said = self.execute(&format!(
            "SAVEPOINT script;\n{script}\n;SET CONSTRAINTS ALL IMMEDIATE; \
             SET CONSTRAINTS ALL DEFERRED; RELEASE script; RESET ALL; DISCARD TEMP"
        ));
        match said {
            Ok(()) => Ok(()),
            Err(message) if APART.iter().any(|apart| message.contains(apart)) => {
                let Attempt::Transaction(before) =
                    std::mem::replace(&mut self.attempt, Attempt::ForGood)
                else {
                    return Err(message);
                };
                self.execute("ROLLBACK")?;
                before.iter().try_for_each(|script| self.run_for_good(script))
            }
            Err(message) => {
                self.execute("ROLLBACK TO script")?;
                Err(message)
            }
        }
    }

    fn begin_attempt(&mut self) {
        self.execute("BEGIN").expect("a transaction begins");
        self.attempt = Attempt::Transaction(Vec::new());
    }

    fn take_back(&mut self) -> bool {
        let attempt = std::mem::replace(&mut self.attempt, Attempt::None);
        self.clear_session();
        !matches!(attempt, Attempt::ForGood)
    }

    fn snapshot(&mut self) -> Snapshot {
        let pairs = self.pairs(include_str!("postgres.sql"));
        let mut casts: HashMap<String, Vec<(String, String)>> = HashMap::new();
        for (object, property) in &pairs {
            if let Some(written) = property.strip_prefix("column ") {
                casts.entry(object.clone()).or_default().extend(idle_casts(written));
            }
        }
        let mut snapshot = Snapshot::default();
        for (object, property) in pairs {
            let mut property = seen(&object, property);
            for (cast, column) in casts.get(&object).into_iter().flatten() {
                property = property.replace(cast, column);
            }
            snapshot.add(&object, property);
        }
        snapshot
    }
}

/// Casts of a column to the type that it has, and the column. One that was needed stays in the text of an
/// index or a check when the column's type changes to what it is cast to; it does nothing then.
fn idle_casts(column: &str) -> Vec<(String, String)> {
    let Some((column, ty)) =
        column.split_once(" collate ").and_then(|(column, _)| column.split_once(' '))
    else {
        return Vec::new();
    };
    let ty = ty.split('(').next().unwrap_or_default();
    vec![(format!("({column})::{ty}"), column.to_owned())]
}

/// A property without what makes no difference. Of a routine PostgreSQL keeps the text of its body as it
/// was written, and compiles it when it is called: white space and comments do nothing then, while all
/// else that the server shows is its own writing.
fn seen(object: &str, property: String) -> String {
    let is_code = object.starts_with("routine ")
        && ["LANGUAGE sql", "LANGUAGE plpgsql"].iter().any(|language| property.contains(language));
    if is_code { normal::words_of(&property, Dialect::Postgres).join(" ") } else { property }
}
