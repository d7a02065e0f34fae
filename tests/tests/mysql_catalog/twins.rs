//! The two, side by side.

use std::fmt::Write as _;
use std::sync::Arc;

use diesel::connection::SimpleConnection as _;
use diesel::mysql::MysqlConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use migrate_build::catalog::{Application, Catalog, Object};
use migrate_build::sql::schema::{Column, Constraint, ConstraintKind, Table};
use migrate_build::{Dialect, ServerVersion, Source, sql};
use migrate_tests::server::{Database, MariaDb, Mariadb};

/// The server that tests start.
const VERSION: Option<ServerVersion> = Some(ServerVersion { mariadb: true, major: 10, minor: 11 });

/// A database, and the catalog that follows it.
pub(crate) struct Twins {
    database: Database<MariaDb>,
    connection: MysqlConnection,
    /// Which sees no temporary tables.
    other: MysqlConnection,
    catalog: Catalog,
}

impl Twins {
    pub(crate) fn new() -> Self {
        let database = Mariadb::shared().database();
        let (connection, other) = (database.connect(), database.connect());
        Self { database, connection, other, catalog: Catalog::new(Dialect::Mysql).on(VERSION) }
    }

    /// Runs a script on both; says what they do not agree on.
    pub(crate) fn run(&mut self, script: &str) -> Result<(), String> {
        let whole = Arc::new(Source::new("up.sql", script));
        let mut findings = Vec::new();
        let parser = sql::parser(Dialect::Mysql).expect("it is compiled in");
        let parsed = parser.parse(&whole, VERSION, &mut findings);
        if !findings.is_empty() {
            return Err(format!("{script}: {}", findings[0].message));
        }
        let mut application = Application::new(&mut self.catalog, &whole);
        for statement in &parsed.statements {
            let text = whole.slice(statement.span);
            let mark = application.catalog().mark();
            let problems = application.statement(statement);
            if let Some(why) = application.take_unclear() {
                return Err(format!("{text}\n  not followed: {why}"));
            }
            let said = self.connection.batch_execute(text);
            match (&said, problems.is_empty()) {
                (Ok(()), true) => {}
                (Err(_), false) => application.catalog().rewind(mark),
                _ => return Err(format!("{text}\n  MariaDB: {said:?}\n  catalog: {problems:?}")),
            }
            compare(self.database.name(), &mut self.other, application.catalog())
                .map_err(|difference| format!("{text}\n{difference}"))?;
        }
        Ok(())
    }
}

/// The definitions of everything: of tables, what `SHOW CREATE TABLE` says; of the others, whose
/// texts are the server's own, as much as tells them apart.
fn definitions(database: &str, connection: &mut MysqlConnection) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        is_table: String,
        #[diesel(sql_type = Text)]
        definition: String,
    }
    let rows: Vec<Row> = diesel::sql_query(format!(
        "SELECT 'yes' AS is_table, concat(table_name) AS definition
             FROM information_schema.tables WHERE table_schema = '{database}' AND table_type = 'BASE TABLE'
         UNION ALL SELECT 'no', concat('CREATE SEQUENCE `', table_name, '`')
             FROM information_schema.tables WHERE table_schema = '{database}' AND table_type = 'SEQUENCE'
         UNION ALL SELECT 'no', concat('CREATE VIEW `', table_name, '` AS ', view_definition)
             FROM information_schema.views WHERE table_schema = '{database}'
         UNION ALL SELECT 'no', concat('CREATE TRIGGER `', trigger_name, '` ', action_timing, ' ',
                 event_manipulation, ' ON `', event_object_table, '` FOR EACH ROW ', action_statement)
             FROM information_schema.triggers WHERE trigger_schema = '{database}'
         UNION ALL SELECT 'no', concat('CREATE ', routine_type, ' `', routine_name, '`()',
                 if(routine_type = 'FUNCTION', ' RETURNS INT RETURN 1', ' SELECT 1'))
             FROM information_schema.routines WHERE routine_schema = '{database}'
         UNION ALL SELECT 'no', concat('CREATE EVENT `', event_name, '` ON SCHEDULE EVERY 1 DAY DO SELECT 1')
             FROM information_schema.events WHERE event_schema = '{database}'"
    ))
    .load(connection)
    .expect("the schema can be read");
    let define = |row: Row| match row.is_table.as_str() {
        "yes" => show_table(connection, &row.definition),
        _ => row.definition,
    };
    rows.into_iter().map(define).collect()
}

fn show_table(connection: &mut MysqlConnection, name: &str) -> String {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text, column_name = "Create Table")]
        definition: String,
    }
    let query = format!("SHOW CREATE TABLE `{}`", name.replace('`', "``"));
    let row: Row = diesel::sql_query(query).get_result(connection).expect("it is there");
    row.definition
}

fn compare(
    database: &str,
    connection: &mut MysqlConnection,
    simulated: &Catalog,
) -> Result<(), String> {
    let live = Catalog::of_mysql(database, VERSION, definitions(database, connection))
        .expect("it is compiled in");
    let mut said = String::new();
    for (key, object) in live.objects() {
        let ours = simulated.get(key).map(|entry| &entry.object);
        if !ours.is_some_and(|ours| is_same(ours, object)) {
            let (theirs, ours) = (lines(object), ours.map(lines).unwrap_or_default());
            let _ = writeln!(said, "{}", key.path);
            for line in theirs.iter().filter(|line| !ours.contains(line)) {
                let _ = writeln!(said, "  MariaDB: {line}");
            }
            for line in ours.iter().filter(|line| !theirs.contains(line)) {
                let _ = writeln!(said, "  catalog: {line}");
            }
        }
    }
    for (key, object) in simulated.objects().filter(|(key, _)| live.get(key).is_none()) {
        let _ = writeln!(said, "{key:?}\n  MariaDB: nothing\n  catalog: {object:?}");
    }
    if said.is_empty() { Ok(()) } else { Err(said) }
}

/// An object, part by part.
fn lines(object: &Object) -> Vec<String> {
    let Object::Table(table) = object else { return vec![format!("{object:?}")] };
    let table = settled(table);
    let columns = table.columns.iter().map(|column| format!("{column:?}"));
    let constraints = table.constraints.iter().map(|constraint| format!("{constraint:?}"));
    columns.chain(constraints).chain([format!("{:?}", table.options)]).collect()
}

/// A view's text and a program's are written by the server in another way; of tables, all is
/// compared.
fn is_same(ours: &Object, live: &Object) -> bool {
    match (ours, live) {
        (Object::Table(ours), Object::Table(live)) => {
            ours.is_opaque || settled(ours) == settled(live)
        }
        (Object::Trigger(ours), Object::Trigger(live)) => ours == live,
        (ours, live) => ours.class() == live.class(),
    }
}

/// A table with what only the server knows: its own character set. Expressions are compared by the
/// columns that they name, because the server writes them in its own way.
fn settled(table: &Table) -> Table {
    let mut table = table.clone();
    let names: Vec<_> = table.columns.iter().map(|column| column.name.clone()).collect();
    let expression = |text: &sql::schema::Text| {
        let named = names.iter().filter(|name| text.mentions(name));
        let words = named.map(|name| sql::schema::Word::Name(name.clone()));
        let last = text.words().last().cloned().filter(|_| text.to_string().ends_with("stored"));
        sql::schema::Text::new(words.chain(last))
    };
    let collation = |name: Option<&str>| {
        let name = name.unwrap_or("utf8mb4_general_ci");
        sql::Name::new(if name == "_bin" { "utf8mb4_bin" } else { name })
    };
    for column in &mut table.columns {
        let is_text =
            ["char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set"]
                .iter()
                .any(|ty| column.ty.mentions(&sql::Name::new(ty)));
        if is_text {
            column.collation = Some(collation(column.collation.as_ref().map(sql::Name::as_str)));
        }
        if let Some(generated) = &mut column.generated {
            *generated = expression(generated);
        }
        if let Some(default) = column.default.as_mut().filter(|text| is_expression(text)) {
            *default = expression(default);
        }
    }
    for constraint in &mut table.constraints {
        if let ConstraintKind::Check(text) = &mut constraint.kind {
            *text = expression(text);
        }
    }
    as_json(&mut table);
    let database = format!("collate {}", collation(None).as_str());
    table.options.retain(|option| option.to_string() != database);
    table.options.retain(|option| !option.to_string().starts_with("partition"));
    table
}

fn is_expression(text: &sql::schema::Text) -> bool {
    text.words().len() > 1 && !text.to_string().starts_with("current_timestamp")
}

/// MariaDB keeps `JSON` as a text with a check.
fn as_json(table: &mut Table) {
    let json = |column: &Column| column.ty.to_string() == "json";
    let long = |column: &Column| {
        column.ty.to_string() == "longtext"
            && column.collation.as_ref().is_some_and(|name| name.as_str() == "utf8mb4_bin")
    };
    let checks = |column: &Column, constraint: &Constraint| {
        matches!(constraint.kind, ConstraintKind::Check(_))
            && constraint.rest.mentions(&column.name)
    };
    for column in &mut table.columns {
        if json(column) || long(column) {
            table.constraints.retain(|constraint| !checks(column, constraint));
            column.ty = sql::schema::Text::new([sql::schema::Word::Name(sql::Name::new("json"))]);
            column.collation = None;
        }
    }
}
