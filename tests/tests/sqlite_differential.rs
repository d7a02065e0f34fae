//! SQLite itself decides: where statements end, and which of them are statements at all.

use std::fmt::Write as _;
use std::sync::Arc;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use migrate_build::sql::{self, Parsed, Parser};
use migrate_build::{Diagnostic, Dialect, Source};
use migrate_tests::mutants::{Judge as _, SqliteJudge, Tally, Verdict, mutants, own_seeds, sample};
use proptest::prelude::*;

fn parse(text: &str) -> (Arc<Source>, Parsed, Vec<Diagnostic>) {
    let source = Arc::new(Source::new("up.sql", text));
    let mut findings = Vec::new();
    let parsed = parser().parse(&source, None, &mut findings);
    (source, parsed, findings)
}

/// A database in memory with a few tables.
fn database() -> SqliteConnection {
    let mut connection = SqliteConnection::establish(":memory:").expect("a database in memory");
    connection.batch_execute(BASE).expect("the tables are right");
    connection
}

const BASE: &str = "
    CREATE TABLE base (a INTEGER PRIMARY KEY, b TEXT);
    CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INTEGER);
    CREATE TABLE posts (id INTEGER PRIMARY KEY, author INTEGER REFERENCES users (id), body TEXT);
    CREATE VIEW authors AS SELECT name FROM users;
    CREATE INDEX by_name ON users (name);
    CREATE TRIGGER old AFTER DELETE ON posts BEGIN SELECT 1; END;
    INSERT INTO users VALUES (1, 'ann', 30), (2, 'bob', 40);
";

/// Everything that a script can have made. Of an index SQLite keeps the white space between the last
/// word and the semicolon; a statement alone has none there.
fn contents(connection: &mut SqliteConnection) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        text: String,
    }
    let rows: QueryResult<Vec<Row>> = diesel::sql_query(
        "SELECT type || ' ' || name || ' ' || coalesce(sql, '') AS text FROM sqlite_master
         UNION ALL SELECT 'temp ' || name || ' ' || sql FROM sqlite_temp_master
         UNION ALL SELECT 'row ' || a || ' ' || b FROM base
         UNION ALL SELECT 'version ' || user_version FROM pragma_user_version ORDER BY 1",
    )
    .load(connection);
    let rows = rows.expect("the schema can be read").into_iter();
    rows.map(|row| row.text.trim_end().to_owned()).collect()
}

/// Scripts that are hard to take apart. `{n}` is another number each time.
const PIECES: &[&str] = &[
    "CREATE TABLE t{n} (a INTEGER PRIMARY KEY, b TEXT DEFAULT ';', \"c;d\" TEXT)",
    "CREATE TABLE [t;{n}] (x);
     CREATE TRIGGER [r;{n}] AFTER INSERT ON [t;{n}] BEGIN
       INSERT INTO [t;{n}] SELECT CASE WHEN new.x > 3 THEN 'END;' ELSE 2 END WHERE new.x < 0;
       DELETE FROM [t;{n}] WHERE x = '; END;';
     END",
    "CREATE TEMP TRIGGER tr{n} AFTER UPDATE OF a ON main.base WHEN new.a IN (SELECT 1) BEGIN
       SELECT RAISE(ABORT, 'no; END;'); -- END;
       SELECT 1 /* ; END; */ ;
     END",
    "create/**/trigger--;\n tr{n} instead of insert on authors begin select 1; end",
    "CREATE TRIGGER IF NOT EXISTS \"tr;\"\"{n}\" BEFORE DELETE ON posts FOR EACH ROW BEGIN
       UPDATE users SET age = CASE id WHEN 1 THEN 2 ELSE 3 END;
       INSERT OR REPLACE INTO base VALUES (1, 'x') ON CONFLICT DO NOTHING;
     END",
    "CREATE TABLE \"trigger{n}\" (\"begin\" TEXT, [end] TEXT, `create` TEXT)",
    "CREATE VIEW \"v\"\";{n}\" AS SELECT 'it''s; fine' /* ; */ AS x",
    "CREATE INDEX `i;{n}` ON base (a, b) WHERE b <> ';'",
    "CREATE VIRTUAL TABLE f{n} USING fts5(a, b)",
    "INSERT INTO base (b) VALUES ('a;b'), (';'), (x'3b'), ('--'), ('/*'), ('ä;')",
    "UPDATE base SET b = CASE WHEN a > {n} THEN ';' ELSE 'END' END",
    "ALTER TABLE base ADD COLUMN c{n} TEXT DEFAULT '/* ; */'",
    "EXPLAIN QUERY PLAN SELECT 1",
    "EXPLAIN CREATE TRIGGER e{n} AFTER INSERT ON base BEGIN SELECT 1; SELECT 2; END",
    "SELECT 1e+5, 0x1F, 1.5e-3, .5, 'x' || ';', $a, :b, ?1, @c",
    "BEGIN; INSERT INTO base (b) VALUES ('{n}'); END",
    "SAVEPOINT s{n}; DELETE FROM base; ROLLBACK TO s{n}; RELEASE s{n}",
    "PRAGMA user_version = {n}",
    "WITH x AS (SELECT 1 AS y) INSERT INTO base (b) SELECT y FROM x",
    "",
];

const SEPARATORS: &[&str] =
    &[";", ";\n", "; ;", ";;;", "; -- one; two\n", ";/* ; */", " ;\r\n", "\n;\n"];

prop_compose! {
    fn script()(
        parts in prop::collection::vec((0..PIECES.len(), 0..SEPARATORS.len()), 1..8),
        ends_open: bool,
    ) -> String {
        let mut script = String::new();
        for (number, (piece, separator)) in parts.iter().enumerate() {
            script.push_str(&PIECES[*piece].replace("{n}", &(number + 1).to_string()));
            let last = number + 1 == parts.len();
            if !(last && ends_open) {
                script.push_str(SEPARATORS[*separator]);
            }
        }
        script
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn statements_one_by_one_do_what_the_script_does_as_a_whole(script in script()) {
        let mut whole = database();
        prop_assert_eq!(whole.batch_execute(&script).map_err(|error| error.to_string()), Ok(()));
        let (source, parsed, findings) = parse(&script);
        prop_assert!(findings.is_empty(), "{:?}", findings[0].message);
        prop_assert_eq!(parsed.count, parsed.statements.len());
        let mut pieces = database();
        for statement in &parsed.statements {
            let text = source.slice(statement.span);
            let done = pieces.batch_execute(text).map_err(|error| format!("{text}: {error}"));
            prop_assert_eq!(done, Ok(()));
        }
        prop_assert_eq!(contents(&mut whole), contents(&mut pieces));
    }
}

/// The parser of SQLite's dialect.
fn parser() -> &'static dyn Parser {
    sql::parser(Dialect::Sqlite).expect("it is compiled in")
}

fn list(scripts: &[String]) -> String {
    scripts.iter().take(20).fold(String::new(), |mut list, script| {
        let _ = writeln!(list, "{script}");
        list
    })
}

/// So many mutants of each statement; `cargo run -p migrate-tests --bin mutants` takes all of them.
const OF_EACH: usize = 250;

#[test]
fn right_statements_are_right() {
    for statement in own_seeds(Dialect::Sqlite, parser()) {
        assert_eq!(parse(&statement).2.len(), 0, "{statement}");
        let judged = SqliteJudge::new(BASE).judge(&statement);
        assert!(!matches!(judged, Verdict::Syntax { .. }), "{statement}: {judged:?}");
    }
}

#[test]
#[expect(clippy::disallowed_macros, reason = "the numbers are for whoever runs the test")]
fn the_grammar_is_that_of_sqlite() {
    let mut tally = Tally::default();
    let mut judge = SqliteJudge::new(BASE);
    let seeds = own_seeds(Dialect::Sqlite, parser());
    for mutant in seeds.iter().flat_map(|seed| sample(mutants(parser(), seed), OF_EACH)) {
        tally.judge(&mut judge, parser(), &mutant);
    }
    println!("{tally}");
    assert!(tally.valid > 500 && tally.syntax > 5_000, "too few mutants to tell anything");
    assert!(tally.let_through.is_empty(), "let through:\n{}", list(&tally.let_through));
    assert!(tally.wrongly_refused.is_empty(), "refused:\n{}", list(&tally.wrongly_refused));
}
