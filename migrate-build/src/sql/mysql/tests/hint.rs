//! What is said of mistakes.

use super::{finding_for, read_for};

#[test]
fn mistakes_are_found_where_they_are() {
    for (text, place, meant) in [
        ("CREATE TABEL t (a INT)", "TABEL", Some("did you mean `TABLE` instead of `TABEL`?")),
        ("SELEC 1", "SELEC", Some("did you mean `SELECT` instead of `SELEC`?")),
        ("CREATE TABLE t (a INT NOT NUL)", "NUL", Some("did you mean `NULL` instead of `NUL`?")),
        (
            "CREATE TABLE t (a INT AUTOINCREMENT)",
            "AUTOINCREMENT",
            Some("did you mean `AUTO_INCREMENT` instead of `AUTOINCREMENT`?"),
        ),
        ("CREATE TABLE t (a INT,)", ")", Some("is the comma before `)` one too many?")),
        ("INSERT INTO t VALUES (1", "1", Some("is a `)` missing?")),
        ("SELECT 1\nSELECT 2", "SELECT", Some("is a `;` missing before `SELECT`?")),
        (
            "CREATE TABLE order (a INT)",
            "order",
            Some("`order` is a reserved word: as a name, put backticks around it"),
        ),
        (
            "INSERT INTO t VALUES ('it's me')",
            "s",
            Some("a quote inside a string is written twice: `''`"),
        ),
        ("SELECT 'a", "'a", Some("a quote inside a string is written twice: `''`")),
        ("SELECT x'f'", "x'f'", Some("its digits come in pairs: `x'0F'`")),
        ("SELECT b'2'", "b'2'", Some("its digits are `0` and `1`")),
        ("SELECT 1.5e", "1.5e", Some("digits are missing behind the `e`")),
        (
            "CREATE TABLE t (a INT) ENGIN=InnoDB",
            "ENGIN",
            Some("did you mean `ENGINE` instead of `ENGIN`?"),
        ),
        ("--split\nDROP TABLE t", "-", Some("`--` begins a comment only with a space behind it")),
        ("DROP INDEX i", "i", Some("`ON` is missing")),
        ("ALTER TABLE t RENAME COLUMN a b", "b", Some("is `TO` missing before `b`?")),
        ("GRANT SELCT ON t TO u", "t", Some("did you mean `SELECT` instead of `SELCT`?")),
        ("DELETE FORM t", "t", Some("did you mean `FROM` instead of `FORM`?")),
        (
            "CREATE TABLE \"t\" (a INT)",
            "\"t\"",
            Some("text in `\"` is a string here: put backticks around a name"),
        ),
        (
            "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2 END",
            "D",
            Some("is an `END` missing, or the `;` before it?"),
        ),
        ("CREATE TABLE t (a VARCHAR)", ")", Some("`VARCHAR` needs a length: `VARCHAR(255)`")),
        ("SELECT 1 LIMIT 5,", ",", None),
        ("CREATE TABLE t (a STRING)", "STRING", None),
        ("SELECT COUNT (*) FROM t", "*", Some("no space may stand between `COUNT` and `(`")),
    ] {
        let (found, message, help) = finding_for(text, None);
        assert_eq!((found.as_str(), help.as_deref()), (place, meant), "{text}: {message}");
    }
}

#[test]
fn the_end_of_a_body_that_was_not_seen_is_no_second_mistake() {
    let trigger = "CREATE TRIGGER r BEFORE INSERT ON t FOR EACH ROW";
    for text in [
        format!("{trigger} BEGN SET NEW.a = 1; SET NEW.b = 2; END; SELECT 1;"),
        "CREATE PROCEDURE p BEGIN SELECT 1; END; SELECT 1;".to_owned(),
    ] {
        assert_eq!(read_for(&text, None).1.len(), 1, "{text}");
    }
    assert_eq!(read_for("SELECT 1; END;", None).1.len(), 1);
}

#[test]
fn commands_of_the_mysql_program_are_no_sql() {
    for (text, help) in [
        ("DELIMITER //\nCREATE PROCEDURE p() BEGIN END //\nDELIMITER ;", "leave it out"),
        ("source other.sql", "a migration holds its statements itself"),
        ("\\. other.sql", "a migration holds its statements itself"),
        ("SELECT 1\\G", "write `;`"),
        ("CREATE PROCEDURE p() BEGIN END //", "write `;`"),
        ("CREATE PROCEDURE p() BEGIN END $$", "write `;`"),
        ("CREATE PROCEDURE p() BEGIN SELECT 1; END$$", "write `;`"),
    ] {
        let (_, _, found) = finding_for(text, None);
        assert!(found.as_ref().is_some_and(|found| found.contains(help)), "{text}: {found:?}");
    }
}

#[test]
fn a_comment_without_an_end_is_one_finding() {
    for text in ["SELECT 1; /* x", "SELECT 1 /*! + 1", "/*!50100 SELECT 1", "/*! SELECT 1 /* x"] {
        let (_, message, _) = finding_for(text, None);
        assert_eq!(message, "this comment has no end", "{text}");
    }
}

#[test]
fn a_semicolon_inside_of_a_conditional_comment_is_one_finding() {
    let (place, message, help) = finding_for("/*!40101 SET NAMES utf8; */;\nSELECT 1;", None);
    assert_eq!(
        (place.as_str(), help.as_deref()),
        (";", Some("write it behind the `*/`")),
        "{message}"
    );
}
