//! PostgreSQL itself decides: where statements end, and which of them are statements at all.

use std::fmt::Write as _;
use std::sync::Arc;

use migrate_build::sql::{self, Parsed, Parser};
use migrate_build::{Diagnostic, Dialect, ServerVersion, Source};
use migrate_tests::mutants::{
    Judge as _, PostgresJudge, Tally, Verdict, mutants, own_seeds, sample,
};
use migrate_tests::server::Postgres;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

fn parser() -> &'static dyn Parser {
    sql::parser(Dialect::Postgres).expect("it is compiled in")
}

fn judge() -> PostgresJudge {
    PostgresJudge::new(Postgres::shared())
}

fn parse(text: &str, version: Option<ServerVersion>) -> (Arc<Source>, Parsed, Vec<Diagnostic>) {
    let source = Arc::new(Source::new("up.sql", text));
    let mut findings = Vec::new();
    let parsed = parser().parse(&source, version, &mut findings);
    (source, parsed, findings)
}

/// Scripts that are hard to take apart. `{n}` is another number each time.
const PIECES: &[&str] = &[
    "CREATE TEMP TABLE t{n} (a int PRIMARY KEY, b text DEFAULT ';', \"c;d\" text)",
    "CREATE FUNCTION pg_temp.f{n}(x int) RETURNS int LANGUAGE sql
     BEGIN ATOMIC
       SELECT CASE WHEN x > 3 THEN 1 ELSE 2 END AS \"end\";
       SELECT (CASE x WHEN 1 THEN 2 END); -- END;
       SELECT x /* ; END; */;
     END",
    "CREATE FUNCTION pg_temp.g{n}() RETURNS int LANGUAGE plpgsql AS $f$
     DECLARE x int; BEGIN x := 1; /* $$ */ RETURN x; END; $f$",
    "CREATE FUNCTION pg_temp.h{n}() RETURNS text LANGUAGE sql AS 'SELECT ''a;b'';'",
    "CREATE TEMP TABLE u{n} (a int);
     CREATE RULE r AS ON INSERT TO u{n} WHERE new.a > 3 DO ALSO (SELECT 1; SELECT 2;)",
    "DO $$ BEGIN PERFORM 1; END; $$",
    "do/**/$a$--$$;\nbegin perform 1; end$a$",
    "SELECT E'it\\'s; fine', 'no\\', U&'d\\0061t;' , $$;$$, $tag$ $$;$$ $tag$",
    "SELECT ';' /* ; /* nested ; */ ; */ AS \"x;\", 1 -- ;\n",
    "SELECT 'a;'\n'b;' || $_1$;$_1$ || '' AS a$b$c",
    "SELECT 1 AS begin, 2 AS atomic",
    "BEGIN",
    "COMMIT",
    "SELECT 1 <> 2, 1>=-1, 2 - -1, 3 % 2",
    "VALUES (1), (2)",
    "",
];

const SEPARATORS: &[&str] =
    &[";", ";\n", "; ;", ";;;", "; -- one; two\n", ";/* ; /* ; */ */", " ;\r\n", "\n;\n"];

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

#[test]
fn the_server_takes_scripts_apart_at_the_same_places() {
    let mut runner = TestRunner::new_with_rng(
        Config { cases: 200, failure_persistence: None, ..Config::default() },
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let run = runner.run(&script(), |script| {
        let (source, parsed, findings) = parse(&script, None);
        prop_assert!(findings.is_empty(), "{}", findings[0].message);
        prop_assert_eq!(parsed.count, parsed.statements.len());
        let whole = judge().execute(&script);
        let mut pieces = judge();
        let mut done = Vec::new();
        for statement in &parsed.statements {
            let text = source.slice(statement.span);
            let executed = pieces.execute(text);
            prop_assert_eq!(executed.as_ref().map(Vec::len), Ok(1), "{}", text);
            done.extend(executed.unwrap_or_default());
        }
        prop_assert_eq!(whole, Ok(done));
        Ok(())
    });
    run.expect("the server agrees");
}

/// So many mutants of each statement; `cargo run -p migrate-tests --bin mutants` takes all of them.
const OF_EACH: usize = 40;

#[test]
fn right_statements_are_right() {
    let mut judge = judge();
    for statement in own_seeds(Dialect::Postgres, parser()) {
        assert_eq!(parse(&statement, None).2.len(), 0, "{statement}");
        assert_eq!(judge.judge(&statement), Verdict::Valid, "{statement}");
    }
}

#[test]
#[expect(clippy::disallowed_macros, reason = "the numbers are for whoever runs the test")]
fn the_grammar_is_that_of_postgresql() {
    let mut tally = Tally::default();
    let mut judge = judge();
    let seeds = own_seeds(Dialect::Postgres, parser());
    for mutant in seeds.iter().flat_map(|seed| sample(mutants(parser(), seed), OF_EACH)) {
        tally.judge(&mut judge, parser(), &mutant);
    }
    println!("{tally}");
    assert!(tally.valid > 1_000 && tally.syntax > 5_000, "too few mutants to tell anything");
    // One in a thousand.
    let let_through = &tally.let_through;
    assert!(let_through.len() * 1000 <= tally.syntax, "let through:\n{}", list(let_through));
    // The server prepares what it refuses to execute: unknown options, bodies that do not parse.
    let refused = &tally.wrongly_refused;
    assert!(refused.len() * 100 <= tally.valid, "refused:\n{}", list(refused));
    assert!(tally.cascades.is_empty(), "said more than once:\n{}", list(&tally.cascades));
}

fn list(scripts: &[String]) -> String {
    scripts.iter().fold(String::new(), |mut list, script| {
        let _ = writeln!(list, "{script}");
        list
    })
}

/// What came with PostgreSQL 16 and later.
const NEWER: &[&str] = &[
    "REPACK t",
    "ALTER TABLE t MERGE PARTITIONS (a, b) INTO c",
    "UPDATE t FOR PORTION OF p FROM '1' TO '2' SET a = 1",
    "SELECT a, count(*) FROM t GROUP BY ALL",
    "INSERT INTO t VALUES (1) ON CONFLICT (a) DO SELECT RETURNING *",
    "SELECT lag(a) IGNORE NULLS OVER (ORDER BY b) FROM t",
    "CREATE PUBLICATION p FOR ALL TABLES EXCEPT (TABLE a)",
    "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) VIRTUAL)",
    "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2))",
    "CREATE TABLE t (a int, CONSTRAINT n NOT NULL a)",
    "ALTER TABLE t ADD CONSTRAINT n NOT NULL a NOT VALID",
    "CREATE TABLE t (a int, PRIMARY KEY (a, b WITHOUT OVERLAPS))",
    "ALTER TABLE t ADD FOREIGN KEY (a, PERIOD b) REFERENCES u (a, PERIOD b)",
    "CREATE TABLE t (a int REFERENCES u NOT ENFORCED)",
    "ALTER TABLE t ALTER CONSTRAINT k NOT ENFORCED",
    "ALTER TABLE t ALTER CONSTRAINT k INHERIT",
    "UPDATE t SET a = 1 RETURNING WITH (OLD AS o) o.a",
    "VACUUM ONLY t",
    "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE RETURNING *",
    "MERGE INTO t USING u ON true WHEN NOT MATCHED BY SOURCE THEN DELETE",
    "SELECT * FROM json_table('[]', '$' COLUMNS (a int PATH '$.a')) j",
    "ALTER TABLE t ALTER a SET EXPRESSION AS (b + 1)",
    "ALTER TABLE t SET ACCESS METHOD DEFAULT",
    "SELECT now() AT LOCAL",
    "SELECT * FROM (SELECT 1)",
    "SELECT * FROM (VALUES (1))",
    "SELECT 0x1F",
    "SELECT 0b1",
    "SELECT 1_000",
    "SELECT a IS JSON",
    "SELECT a IS NOT JSON OBJECT",
    "SELECT json_array(SELECT 1)",
    "SELECT json_object('a': 1)",
    "SELECT json_objectagg(a VALUE b)",
    "CREATE STATISTICS ON a, b FROM t",
    "GRANT a TO b WITH INHERIT TRUE",
    "GRANT a TO b WITH ADMIN TRUE",
    "REVOKE INHERIT OPTION FOR a FROM b",
    "REINDEX DATABASE",
    "CREATE TABLE t (a text STORAGE external)",
    "ALTER TABLE t ALTER a SET STORAGE DEFAULT",
];

#[test]
fn what_is_said_to_be_newer_is_refused_by_an_older_server() {
    let mut judge = judge();
    for statement in NEWER {
        let (_, _, findings) = parse(statement, judge.version());
        let is_newer = findings.iter().any(|finding| finding.rule.id == "newer-server");
        let is_refused = matches!(judge.judge(statement), Verdict::Syntax { .. });
        assert_eq!(is_newer, is_refused, "{statement}");
        assert!(parse(statement, None).2.is_empty(), "{statement}");
    }
}
