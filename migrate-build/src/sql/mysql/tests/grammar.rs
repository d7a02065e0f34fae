//! What is a statement, as MariaDB 10.11 said when it was asked to prepare it.

use super::read_for;

fn findings(text: &str) -> Vec<String> {
    read_for(text, None).1.into_iter().map(|finding| finding.message).collect()
}

#[test]
fn what_mariadb_reads_is_read() {
    for text in [
        // A dump begins so; only the program that restores it reads the comment.
        "/*M!999999\\- enable the sandbox mode */\nSELECT 1",
        "/*!999999\\- enable the sandbox mode */ SELECT 1 + /*!00000 2 */",
        "CREATE TABLE t (t.a INT, b mariadb_schema.date NOT NULL)",
        "CREATE TABLE t (a NVARCHAR(9) COMPRESSED, b JSON COLLATE utf8mb4_bin)",
        "ALTER TABLE t ADD t.a INT, DROP t.b, MODIFY t.c INT, CHANGE t.d t.e INT",
        "ALTER TABLE t DROP FOREIGN KEY t.a",
        "ALTER TABLE t REPAIR PARTITION p EXTENDED",
        "CREATE FULLTEXT INDEX i ON t (a) WITH PARSER p COMMENT 'c'",
        "CREATE OR REPLACE UNIQUE INDEX i USING BTREE ON t (a) USING HASH",
        "CREATE SEQUENCE s INCREMENT 1 CACHE 5 ENGINE = InnoDB",
        "CREATE OR REPLACE AGGREGATE FUNCTION f RETURNS STRING SONAME 'f.so'",
        "CREATE DEFINER = CURRENT_ROLE() PROCEDURE d.p() SELECT 1",
        "BEGIN NOT ATOMIC BEGIN END; SELECT 1 INTO rec.a; END",
        "SET STATEMENT max_statement_time = 1 FOR BEGIN NOT ATOMIC SELECT 1; END",
        "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = @a, MYSQL_ERRNO = 5, TABLE_NAME = @@b",
        "DELETE HISTORY FROM t BEFORE SYSTEM_TIME TIMESTAMP '2020-01-01'",
        "UPDATE t FOR PORTION OF p FROM 1 TO 2 AS x SET a = 1",
        "WITH RECURSIVE x AS (SELECT 1) CYCLE a RESTRICT SELECT 1",
        "SET TRANSACTION READ ONLY, ISOLATION LEVEL SERIALIZABLE",
        "SELECT @@global.hot.key_buffer_size, @@`version`, @@session.'autocommit'",
        "SELECT _utf8mb4'a' 'b', N'c' 'd', a.b.c(1)",
        "SELECT UNIQUE a, LAST_VALUE(1, 2), PASSWORD(a), VALUE(a) FROM t",
        "SELECT SUM(a) OVER (ORDER BY a ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) FROM t",
        "DELETE d.t.*, u FROM t, u",
        "COMMIT AND CHAIN NO RELEASE",
        "GRANT BACKUP_ADMIN ON *.* TO u",
        "FLUSH HOSTS, ENGINE LOGS",
        "SHOW SLAVE 'a' STATUS",
        "SHOW BINLOG EVENTS IN 'x' FROM 1 LIMIT 2",
        "SHOW PLUGINS SONAME LIKE 'a%'",
        "CACHE INDEX t PARTITION (p) IN hot",
    ] {
        assert_eq!(findings(text), [""; 0], "{text}");
    }
}

#[test]
fn what_mariadb_does_not_read_is_refused() {
    for text in [
        // Blocks that hold nothing.
        "BEGIN NOT ATOMIC IF 1 THEN END IF; END",
        "BEGIN NOT ATOMIC LOOP END LOOP; END",
        "BEGIN NOT ATOMIC CASE 1 WHEN 1 THEN SELECT 1; ELSE END CASE; END",
        // Words that are names, but not of everything.
        "BEGIN NOT ATOMIC comment: BEGIN END; END",
        "SELECT NO(1)",
        "SELECT id FROM t AS window",
        "CREATE ROLE CURRENT_USER",
        "SELECT @@table",
        "SELECT PASSWORD()",
        "SELECT VALUE(1)",
        "SELECT LAST_VALUE()",
        "SELECT SUM(a) OVER (ORDER BY a ROWS a PRECEDING) FROM t",
        "GRANT REPLICATION ON *.* TO u",
        "GRANT PROCES ON *.* TO u",
        "SHOW EVENST",
        "FLUSH TALBES",
        // Where a name has fewer parts, or none.
        "DROP TRIGGER .t",
        "DELETE t, .u FROM t",
        "SET sys.a.b = 1",
        "SELECT @@global version",
        "SELECT @@ version",
        "SELECT @@--\nversion",
        "ALTER TABLE t RENAME COLUMN t.a TO b",
        // What belongs to others of its sort.
        "CREATE INDEX i ON t (a) WITH PARSER p",
        "CREATE FULLTEXT INDEX i USING BTREE ON t (a)",
        "CREATE TABLE t (a INT, SPATIAL KEY i (a) WITH PARSER p)",
        "CREATE TABLE t (a INT COMPRESSED)",
        "CREATE TABLE t (a CHAR(3) COMPRESSED)",
        "CREATE TABLE t (a JSON CHARACTER SET utf8mb4)",
        "ALTER TABLE t OPTIMIZE PARTITION p EXTENDED",
        "ALTER TABLE t DISCARD TABLESPACE, ADD a INT",
        "ALTER TABLE t ADD a INT, DISCARD TABLESPACE",
        "CREATE DEFINER = a FUNCTION f RETURNS STRING SONAME 'f.so'",
        "CREATE SEQUENCE s RESTART",
        "CREATE SEQUENCE s ENGINE = InnoDB CACHE 5",
        "DELETE FROM t LIMIT 1 ROWS EXAMINED 5",
        "UPDATE t SET a = 1 LIMIT 1, 2",
        "DELETE HISTORY FROM t WHERE a = 1",
        "WITH x AS (SELECT 1) CYCLE a RESTRICT SELECT 1",
        "DECLARE UNDO HANDLER FOR SQLEXCEPTION SELECT 1",
        "SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = 1 + 1",
        "GET DIAGNOSTICS CONDITION -1 @a = CLASS_ORIGIN",
        "COMMIT AND CHAIN RELEASE",
        "SET TRANSACTION READ ONLY, READ WRITE",
        "SELECT 1 'a' N'b'",
        "EXPLAIN EXTENDED EXTENDED SELECT 1",
        "SHOW PROFILE MEMMORY",
        "BACKUP STAGE LOCK",
    ] {
        assert_eq!(findings(text).len(), 1, "{text}");
    }
}
