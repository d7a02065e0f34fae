//! MariaDB itself decides: where statements end, and which of them are statements at all.
#![cfg(unix)]

use std::fmt::Write as _;
use std::sync::Arc;

use diesel::connection::SimpleConnection as _;
use migrate_build::sql::{self, Parsed, Parser};
use migrate_build::{Diagnostic, Dialect, Source};
use migrate_tests::mutants::{
    Judge as _, MariaDbJudge, Tally, Verdict, mutants, own_seeds, sample,
};
use migrate_tests::server::Mariadb;
use proptest::prelude::*;

fn parser() -> &'static dyn Parser {
    sql::parser(Dialect::Mysql).expect("it is compiled in")
}

fn parse(text: &str) -> (Arc<Source>, Parsed, Vec<Diagnostic>) {
    let source = Arc::new(Source::new("up.sql", text));
    let mut findings = Vec::new();
    let parsed = parser().parse(&source, None, &mut findings);
    (source, parsed, findings)
}

const BASE: &str = "
    CREATE TABLE base (a INT PRIMARY KEY AUTO_INCREMENT, b TEXT);
    CREATE TABLE log (n INT);
";

/// Scripts that are hard to take apart. `{n}` is another number each time.
const PIECES: &[&str] = &[
    "CREATE TABLE t{n} (a INT DEFAULT 1 COMMENT 'it''s; \\'fine\\';', `c;d` TEXT)",
    "CREATE TABLE `t``;{n}` (a ENUM(\"x;\", 'y\"')) COMMENT \";\"",
    "CREATE TRIGGER `r;{n}` BEFORE INSERT ON base FOR EACH ROW BEGIN
       SET NEW.b = CASE WHEN NEW.b = 'END;' THEN ';' ELSE NEW.b END;
       IF NEW.b IS NULL THEN INSERT INTO log VALUES (1); ELSEIF NEW.b = '' THEN
         SET NEW.b = IF(NEW.a > 1, ';', 'END'); # END;
       END IF; -- END;
     END",
    "CREATE TRIGGER u{n} AFTER UPDATE ON base FOR EACH ROW INSERT INTO log VALUES (IF(1, 2, 3))",
    "CREATE PROCEDURE p{n}(IN a INT, OUT b ENUM('x;', ')')) COMMENT 'BEGIN' READS SQL DATA
     main: BEGIN
       DECLARE done, i INT DEFAULT CASE 1 WHEN 1 THEN 0 END;
       DECLARE c CURSOR FOR SELECT CASE a WHEN 1 THEN 2 ELSE 3 END FROM base;
       DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = IF(done, 1, 1);
       DECLARE EXIT HANDLER FOR SQLEXCEPTION, SQLSTATE '45000' BEGIN ROLLBACK; RESIGNAL; END;
       OPEN c;
       l: LOOP FETCH c INTO i; IF done THEN LEAVE l; END IF; ITERATE l; END LOOP l;
       CLOSE c;
       WHILE i < 3 DO SET i = i + 1; END WHILE;
       REPEAT SET i = i - 1; UNTIL CASE WHEN i < 0 THEN 1 ELSE i = 0 END END REPEAT;
       CASE i WHEN 0 THEN BEGIN END; WHEN 1 THEN SELECT 1; ELSE SELECT 2; END CASE;
       CASE WHEN i = 0 THEN BEGIN SELECT `end`, x.begin FROM (SELECT 1 AS `end`, 2 AS `begin`) x; END; END CASE;
       BEGIN NOT ATOMIC SELECT 1; END;
       FOR k IN 1..3 DO SELECT k; END FOR;
     END main",
    "CREATE PROCEDURE q{n}() SELECT 'BEGIN;'",
    "CREATE PROCEDURE i{n}() IF 1 THEN SELECT 1; ELSE SELECT 2; END IF",
    "CREATE FUNCTION f{n}(a INT) RETURNS VARCHAR(10) CHARACTER SET utf8mb4 DETERMINISTIC
       RETURN CASE a WHEN 1 THEN ';' ELSE 'END' END",
    "CREATE FUNCTION g{n}() RETURNS SET('a', 'b;') NO SQL BEGIN DECLARE x INT; SET x = 1; RETURN x; END",
    "CREATE EVENT e{n} ON SCHEDULE EVERY 1 DAY DISABLE COMMENT 'DO' DO BEGIN DELETE FROM log; DELETE FROM base WHERE a < 0; END",
    "CREATE DEFINER=CURRENT_USER() /* PROCEDURE */ VIEW v{n} AS SELECT 'it''s; fine' /* ; */ AS x",
    "/*!50003 CREATE*/ /*!50017 DEFINER=CURRENT_USER*/ /*!50003 TRIGGER w{n} BEFORE DELETE ON base FOR EACH ROW BEGIN SET @x = 1; END */",
    "/*M!100100 INSERT INTO base (b) VALUES (';') */",
    "INSERT INTO base (b) VALUES ('a;b'), (\"it's;\"), (x'3b'), ('--'), ('/*'), ('ä;\\\\'), (N';')",
    "UPDATE base SET b = CASE WHEN a > {n} THEN ';' ELSE 'END' END",
    "SELECT 1--1, 2 - -1, 1e+5, 0x1F, .5, @a, @`b;`, @'c;', base.a, base . b FROM base",
    "SET @a = ';', @b = 'END'",
    "BEGIN; INSERT INTO base (b) VALUES ('{n}'); COMMIT",
    "BEGIN NOT ATOMIC DECLARE x INT; SET x = 1; INSERT INTO log VALUES (x); END",
    "IF 1 THEN INSERT INTO log VALUES (1); END IF",
    "ALTER TABLE base COMMENT = '/* ; */', ALGORITHM = INPLACE",
    "",
];

const SEPARATORS: &[&str] =
    &[";", ";\n", "; ;", ";;;", "; -- one; two\n", ";/* ; */", " ;\r\n", "\n;\n", "; # it's;\n"];

prop_compose! {
    fn script()(
        parts in prop::collection::vec((0..PIECES.len(), 0..SEPARATORS.len()), 1..12),
    ) -> (String, usize) {
        let mut script = String::new();
        let mut count = 0;
        for (number, (piece, separator)) in parts.iter().enumerate() {
            let piece = PIECES[*piece];
            script.push_str(&piece.replace("{n}", &(number + 1).to_string()));
            script.push_str(SEPARATORS[*separator]);
            count += if piece.starts_with("BEGIN;") { 3 } else { usize::from(!piece.is_empty()) };
        }
        (script, count)
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn statements_one_by_one_are_statements((script, count) in script()) {
        let (source, parsed, findings) = parse(&script);
        prop_assert!(findings.is_empty(), "{script}\n{:?}", findings[0].message);
        prop_assert_eq!((parsed.count, parsed.statements.len()), (count, count), "{}", script);
        let database = Mariadb::shared().database();
        let mut connection = database.connect();
        connection.batch_execute(BASE).expect("the tables are right");
        for statement in &parsed.statements {
            let text = source.slice(statement.span);
            let done = connection.batch_execute(text).map_err(|error| format!("{text}: {error}"));
            prop_assert_eq!(done, Ok(()));
        }
    }
}

fn list(scripts: &[String]) -> String {
    scripts.iter().take(20).fold(String::new(), |mut list, script| {
        let _ = writeln!(list, "{script}");
        list
    })
}

/// So many mutants of each statement; `cargo run -p migrate-tests --bin mutants` takes all of them.
const OF_EACH: usize = 150;

#[test]
fn right_statements_are_right() {
    let mut judge = MariaDbJudge::new(Mariadb::shared());
    for statement in own_seeds(Dialect::Mysql, parser()) {
        assert_eq!(parse(&statement).2.len(), 0, "{statement}");
        let judged = judge.judge(&statement);
        assert!(!matches!(judged, Verdict::Syntax { .. }), "{statement}: {judged:?}");
    }
}

#[test]
#[expect(clippy::disallowed_macros, reason = "the numbers are for whoever runs the test")]
fn the_grammar_is_that_of_mariadb() {
    let mut tally = Tally::default();
    let mut judge = MariaDbJudge::new(Mariadb::shared());
    let seeds = own_seeds(Dialect::Mysql, parser());
    for mutant in seeds.iter().flat_map(|seed| sample(mutants(parser(), seed), OF_EACH)) {
        tally.judge(&mut judge, parser(), &mutant);
    }
    println!("{tally}");
    assert!(tally.valid > 500 && tally.syntax > 5_000, "too few mutants to tell anything");
    // What only MySQL reads is no mistake, as long as nobody says that the server is MariaDB.
    let few = tally.syntax / 200;
    assert!(tally.let_through.len() < few, "let through:\n{}", list(&tally.let_through));
    // MariaDB reads an option of any name, and refuses it when the engine does not know it.
    tally.wrongly_refused.retain(|case| !case.contains("there is no option"));
    assert!(tally.wrongly_refused.is_empty(), "refused:\n{}", list(&tally.wrongly_refused));
}
