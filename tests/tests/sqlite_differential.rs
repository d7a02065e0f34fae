//! SQLite itself decides: where statements end, and which of them are statements at all.

use std::fmt::Write as _;
use std::sync::Arc;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::Text;
use migrate_build::sql::{self, Parsed};
use migrate_build::{Diagnostic, Dialect, Source};
use proptest::prelude::*;

fn parse(text: &str) -> (Arc<Source>, Parsed, Vec<Diagnostic>) {
    let source = Arc::new(Source::new("up.sql", text));
    let mut findings = Vec::new();
    let parser = sql::parser(Dialect::Sqlite).expect("it is compiled in");
    let parsed = parser.parse(&source, None, &mut findings);
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

/// Right statements, blanks between the words, to be made wrong. None names a file: a mutant could
/// make one.
const STATEMENTS: &[&str] = &[
    "CREATE TABLE IF NOT EXISTS t ( id INTEGER PRIMARY KEY AUTOINCREMENT , name VARCHAR ( 20 ) NOT NULL DEFAULT 'x' COLLATE NOCASE , age INT CHECK ( age > 0 ) UNIQUE ) ;",
    "CREATE TABLE t ( a INTEGER , b TEXT GENERATED ALWAYS AS ( a + 1 ) STORED , c INT REFERENCES users ( id ) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED , CONSTRAINT k PRIMARY KEY ( a , c ) , FOREIGN KEY ( a ) REFERENCES users ( id ) ) STRICT , WITHOUT ROWID ;",
    "CREATE TEMP TABLE t AS SELECT name , count ( * ) AS n FROM users GROUP BY name HAVING n > 1 ;",
    "CREATE UNIQUE INDEX i ON users ( name COLLATE NOCASE DESC , age ) WHERE age IS NOT NULL ;",
    "CREATE VIEW v ( a , b ) AS WITH x AS ( SELECT 1 AS y UNION ALL SELECT 2 ) SELECT y , y FROM x ORDER BY 1 LIMIT 5 OFFSET 1 ;",
    "CREATE TRIGGER tr AFTER UPDATE OF name ON users FOR EACH ROW WHEN new . age > 3 BEGIN UPDATE users SET age = CASE WHEN age THEN 1 ELSE 2 END WHERE id = new . id ; DELETE FROM posts WHERE author = old . id ; END ;",
    "CREATE TRIGGER tr INSTEAD OF INSERT ON authors BEGIN SELECT RAISE ( ABORT , 'no' ) ; END ; SELECT 1 ;",
    "ALTER TABLE users ADD COLUMN phone TEXT NOT NULL DEFAULT '' ;",
    "ALTER TABLE users RENAME COLUMN name TO title ; ALTER TABLE users DROP COLUMN age ;",
    "ALTER TABLE posts RENAME TO articles ; DROP TABLE IF EXISTS gone ; DROP VIEW authors ;",
    "INSERT OR REPLACE INTO users ( id , name ) VALUES ( 1 , 'eve' ) , ( 3 , 'dan' ) ON CONFLICT ( id ) DO UPDATE SET name = excluded . name WHERE age > 1 RETURNING id ;",
    "UPDATE users SET name = upper ( name ) , age = age + 1 FROM posts WHERE posts . author = users . id AND body LIKE '%x' ESCAPE '!' ;",
    "DELETE FROM users WHERE id IN ( SELECT author FROM posts WHERE body BETWEEN 'a' AND 'b' OR body ISNULL ) ;",
    "SELECT DISTINCT u . name , max ( p . id ) OVER ( PARTITION BY u . id ORDER BY p . id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW ) FROM users AS u LEFT JOIN posts p ON p . author = u . id WHERE NOT EXISTS ( SELECT 1 ) ;",
    "SELECT CAST ( 1.5e3 AS INTEGER ) , - 2 , x'ff' , 'it''s' || \"name\" , CASE age WHEN 1 THEN 'a' END FROM users CROSS JOIN posts USING ( id ) ;",
    "PRAGMA user_version = 5 ; PRAGMA table_info ( users ) ;",
    "BEGIN IMMEDIATE TRANSACTION ; SAVEPOINT s ; ROLLBACK TO SAVEPOINT s ; RELEASE s ; COMMIT ;",
    "DROP INDEX by_name ; REINDEX users ; ANALYZE ; DROP TRIGGER IF EXISTS old ; VACUUM ;",
    "EXPLAIN QUERY PLAN SELECT * FROM users , ( VALUES ( 1 ) , ( 2 ) ) LIMIT 1 ;",
    "CREATE VIRTUAL TABLE f USING fts5 ( a , b , tokenize = 'porter' ) ;",
];

fn mutants(statement: &str) -> Vec<String> {
    let words: Vec<&str> = statement.split(' ').collect();
    let mut mutants = Vec::new();
    for at in 0..words.len() {
        let with = |replacement: &[&str], replaced: usize| {
            let (before, behind) = (&words[..at], &words[at + replaced..]);
            [before, replacement, behind].concat().join(" ")
        };
        let word = words[at];
        mutants.push(with(&[], 1));
        mutants.push(with(&[word, word], 1));
        if let Some(next) = words.get(at + 1) {
            mutants.push(with(&[next, word], 2));
            mutants.push(with(&[&format!("{word}{next}")], 2));
        }
        for foreign in
            [",", "(", ")", ";", "SELECT", "NOT", "'", "\"", "/*", "--\n", "1x", "x", "&&"]
        {
            mutants.push(with(&[foreign, word], 1));
        }
        mutants.extend(misspelt(word).iter().map(|slip| with(&[slip], 1)));
    }
    mutants.sort_unstable();
    mutants.dedup();
    mutants.retain(|mutant| mutant != statement);
    mutants
}

/// One letter lost, doubled, or swapped with its neighbour.
fn misspelt(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().collect();
    let mut slips = Vec::new();
    for at in 0..letters.len() {
        let mut slip = letters.clone();
        slip.remove(at);
        slips.push(slip.iter().collect());
        let mut slip = letters.clone();
        slip.insert(at, letters[at]);
        slips.push(slip.iter().collect());
        if at + 1 < letters.len() {
            let mut slip = letters.clone();
            slip.swap(at, at + 1);
            slips.push(slip.iter().collect());
        }
    }
    slips
}

#[derive(Debug, Default)]
struct Tally {
    /// SQLite runs it.
    valid: usize,
    /// SQLite's grammar refuses it.
    syntax: usize,
    /// SQLite refuses it for another reason: what comes behind it, SQLite does not read.
    other: usize,
    /// Of the others, those that the parser refuses too.
    other_refused: usize,
    wrongly_refused: Vec<String>,
    wrongly_accepted: Vec<String>,
}

impl Tally {
    fn judge(&mut self, script: String) {
        let (_, _, findings) = parse(&script);
        match database().batch_execute(&script) {
            // SQLite lets the end of the file end a comment.
            Ok(()) if findings.iter().any(|finding| finding.message.contains("has no end")) => {}
            Ok(()) => {
                self.valid += 1;
                if let Some(finding) = findings.first() {
                    self.wrongly_refused.push(format!("{script}\n  {}", finding.message));
                }
            }
            Err(error) if is_syntax_error(&error.to_string()) => {
                self.syntax += 1;
                if findings.is_empty() {
                    self.wrongly_accepted.push(format!("{script}\n  {error}"));
                }
            }
            Err(_) => {
                self.other += 1;
                self.other_refused += usize::from(!findings.is_empty());
            }
        }
    }
}

/// Messages that begin with `error in` are about the text of another object, which `ALTER TABLE`
/// puts together anew.
fn is_syntax_error(message: &str) -> bool {
    !message.starts_with("error in ")
        && ["syntax error", "incomplete input", "unrecognized token"]
            .iter()
            .any(|grammar| message.contains(grammar))
}

fn list(scripts: &[String]) -> String {
    scripts.iter().take(20).fold(String::new(), |mut list, script| {
        let _ = writeln!(list, "{script}");
        list
    })
}

#[test]
fn right_statements_are_right() {
    for statement in STATEMENTS {
        assert_eq!(database().batch_execute(statement), Ok(()), "{statement}");
        assert_eq!(parse(statement).2.len(), 0, "{statement}");
    }
}

#[test]
#[expect(clippy::disallowed_macros, reason = "the numbers are for whoever runs the test")]
fn the_grammar_is_that_of_sqlite() {
    let mut tally = Tally::default();
    STATEMENTS.iter().flat_map(|statement| mutants(statement)).for_each(|m| tally.judge(m));
    let Tally { valid, syntax, other, other_refused, .. } = &tally;
    println!(
        "mutants: {valid} that SQLite runs, {} of them refused; {syntax} with syntax errors, {} of \
         them accepted; {other} refused by SQLite for another reason, {other_refused} of them refused",
        tally.wrongly_refused.len(),
        tally.wrongly_accepted.len(),
    );
    assert!(*valid > 500 && *syntax > 5_000, "too few mutants to tell anything");
    assert!(tally.wrongly_accepted.is_empty(), "accepted:\n{}", list(&tally.wrongly_accepted));
    assert!(tally.wrongly_refused.is_empty(), "refused:\n{}", list(&tally.wrongly_refused));
}
