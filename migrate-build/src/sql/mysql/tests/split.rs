//! Where statements end.

use crate::source::Span;
use crate::sql::mysql::lex::tokens;
use crate::sql::mysql::split::Splitter;

fn split(text: &str) -> Vec<&str> {
    let mut splitter = Splitter::default();
    let mut spans: Vec<Span> = tokens(text, None)
        .filter(|token| !token.shared().is_comment())
        .filter_map(|token| splitter.token(token, text))
        .collect();
    spans.extend(splitter.finish());
    spans.into_iter().map(|span| &text[span.range()]).collect()
}

/// That a text is one statement: what follows it is the next.
fn assert_one(statement: &str) {
    let text = format!("SELECT 1; {statement};\n-- c\nSELECT 2");
    assert_eq!(split(&text), ["SELECT 1", statement, "SELECT 2"], "{statement}");
}

#[test]
fn semicolons_in_quotes_and_comments_end_nothing() {
    assert_eq!(
        split("SELECT ';' /* ; */, `;`, \"\\\";\" # ;\n; -- ;\nSELECT 2;;"),
        ["SELECT ';' /* ; */, `;`, \"\\\";\"", "SELECT 2"]
    );
    assert_eq!(split(";;\n-- only words\n;"), Vec::<&str>::new());
}

#[test]
fn the_body_of_a_stored_program_is_its_own() {
    for body in [
        "BEGIN SELECT 1; SELECT 2; END",
        "BEGIN END",
        "l: BEGIN SELECT 1; END l",
        "BEGIN DECLARE x INT DEFAULT CASE 1 WHEN 1 THEN 2 END; BEGIN SELECT 1; END; END",
        "BEGIN IF a THEN SELECT 1; ELSEIF b THEN SELECT 2; ELSE BEGIN SELECT 3; END; END IF; END",
        "BEGIN CASE x WHEN 1 THEN SELECT 1; ELSE SELECT CASE WHEN 1 THEN 2 ELSE 3 END; END CASE; END",
        "BEGIN l: LOOP LEAVE l; END LOOP l; REPEAT SET x = 1; UNTIL x END REPEAT; END",
        "BEGIN WHILE x DO SET x = IF(x, 1, 2); END WHILE; END",
        "BEGIN FOR i IN 1..3 DO SELECT i; END FOR; END",
        "BEGIN DECLARE EXIT HANDLER FOR SQLEXCEPTION BEGIN ROLLBACK; END; SELECT 1; END",
        "BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND SET x = IF(1, 2, 3); SELECT 1; END",
        "BEGIN DECLARE CONTINUE HANDLER FOR NOT FOUND IF x THEN SELECT 1; END IF; SELECT 1; END",
        "BEGIN SELECT start, end FROM events; SELECT NEW.end, `end`; INSERT INTO t VALUES (1); END",
        "BEGIN IF CASE WHEN 1 THEN 2 END THEN SELECT 1; END IF; END",
        "IF x THEN SELECT 1; END IF",
        "SET @a = 1",
        "SELECT CASE 1 WHEN 1 THEN 2 END",
        "REPEAT SET x = 1; UNTIL CASE 1 WHEN 1 THEN 2 END END REPEAT",
    ] {
        assert_one(&format!("CREATE PROCEDURE p(IN a INT, b ENUM('x')) {body}"));
        assert_one(&format!("CREATE OR REPLACE DEFINER=`a`@`b` PROCEDURE p() COMMENT ';' {body}"));
        assert_one(&format!("CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW FOLLOWS q {body}"));
        assert_one(&format!("CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO {body}"));
        assert_one(&format!("ALTER EVENT e DO {body}"));
    }
}

#[test]
fn the_head_of_a_function_is_not_its_body() {
    for head in [
        "RETURNS INT",
        "RETURNS VARCHAR(9) CHARACTER SET utf8 COLLATE utf8_bin NOT DETERMINISTIC",
        "RETURNS SET('a', 'b') CHARSET utf8 READS SQL DATA SQL SECURITY INVOKER",
        "RETURNS DOUBLE PRECISION UNSIGNED NO SQL LANGUAGE SQL COMMENT 'BEGIN'",
    ] {
        assert_one(&format!("CREATE FUNCTION IF NOT EXISTS f(a INT) {head} RETURN IF(a, 1, 2)"));
        assert_one(&format!("CREATE FUNCTION f(a INT) {head} BEGIN SET a = 1; RETURN a; END"));
        assert_one(&format!("CREATE FUNCTION f(a INT) {head} IF a THEN RETURN 1; END IF"));
    }
    assert_one("CREATE FUNCTION f RETURNS STRING SONAME 'x'");
}

#[test]
fn blocks_stand_alone_in_mariadb() {
    assert_one("BEGIN NOT ATOMIC SELECT 1; SELECT 2; END");
    assert_one("IF x THEN SELECT 1; ELSE SELECT 2; END IF");
    assert_one("l: LOOP LEAVE l; END LOOP");
    assert_one("SET STATEMENT max_statement_time = 1 FOR BEGIN NOT ATOMIC SELECT 1; END");
    assert_eq!(split("BEGIN; SELECT 1; END"), ["BEGIN", "SELECT 1", "END"]);
}

#[test]
fn other_objects_are_no_stored_programs() {
    assert_eq!(split("CREATE TABLE event (a INT); SELECT 1; END").len(), 3);
    assert_eq!(split("ALTER TABLE t ADD trigger_ INT; BEGIN; SELECT 1").len(), 3);
    assert_eq!(split("CREATE VIEW v AS SELECT 1; BEGIN; SELECT 1").len(), 3);
}

#[test]
fn a_conditional_comment_belongs_to_its_statement() {
    let dumped = "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER r BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.a = 1; END */";
    assert_one(dumped);
    assert_one("/*!40101 SET NAMES utf8 */");
}
