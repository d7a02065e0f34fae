//! Words: which are reserved, and which name functions only before a bracket.

use crate::server::ServerVersion;

/// Reserved by every MySQL since 5.7 and every MariaDB since 10.2 (MySQL's manual, "Keywords and
/// Reserved Words"; MariaDB 10.11 was asked for each word that it knows).
#[rustfmt::skip]
const RESERVED: &[&str] = &[
    "ACCESSIBLE", "ADD", "ALL", "ALTER", "ANALYZE", "AND", "AS", "ASC", "ASENSITIVE", "BEFORE",
    "BETWEEN", "BIGINT", "BINARY", "BLOB", "BOTH", "BY", "CALL", "CASCADE", "CASE", "CHANGE",
    "CHAR", "CHARACTER", "CHECK", "COLLATE", "COLUMN", "CONDITION", "CONSTRAINT", "CONTINUE",
    "CONVERT", "CREATE", "CROSS", "CURRENT_DATE", "CURRENT_TIME", "CURRENT_TIMESTAMP",
    "CURRENT_USER", "CURSOR", "DATABASES", "DAY_HOUR", "DAY_MICROSECOND", "DAY_MINUTE",
    "DAY_SECOND", "DEC", "DECIMAL", "DECLARE", "DEFAULT", "DELAYED", "DELETE", "DESC", "DESCRIBE",
    "DETERMINISTIC", "DISTINCT", "DISTINCTROW", "DIV", "DOUBLE", "DROP", "DUAL", "EACH", "ELSE",
    "ELSEIF", "ENCLOSED", "ESCAPED", "EXISTS", "EXIT", "EXPLAIN", "FALSE", "FETCH", "FLOAT",
    "FLOAT4", "FLOAT8", "FOR", "FORCE", "FOREIGN", "FROM", "FULLTEXT", "GRANT", "GROUP", "HAVING",
    "HIGH_PRIORITY", "HOUR_MICROSECOND", "HOUR_MINUTE", "HOUR_SECOND", "IF", "IGNORE", "IN",
    "INDEX", "INFILE", "INNER", "INOUT", "INSENSITIVE", "INSERT", "INT", "INT1", "INT2", "INT3",
    "INT4", "INT8", "INTEGER", "INTERVAL", "INTO", "IS", "ITERATE", "JOIN", "KEY", "KEYS", "KILL",
    "LEADING", "LEAVE", "LEFT", "LIKE", "LIMIT", "LINEAR", "LINES", "LOAD", "LOCALTIME",
    "LOCALTIMESTAMP", "LOCK", "LONG", "LONGBLOB", "LONGTEXT", "LOOP", "LOW_PRIORITY",
    "MASTER_SSL_VERIFY_SERVER_CERT", "MATCH", "MAXVALUE", "MEDIUMBLOB", "MEDIUMINT", "MEDIUMTEXT",
    "MIDDLEINT", "MINUTE_MICROSECOND", "MINUTE_SECOND", "MOD", "MODIFIES", "NATURAL", "NOT",
    "NO_WRITE_TO_BINLOG", "NULL", "NUMERIC", "ON", "OPTIMIZE", "OPTIONALLY", "OR", "ORDER", "OUT",
    "OUTER", "OUTFILE", "PARTITION", "PRECISION", "PRIMARY", "PROCEDURE", "PURGE", "RANGE", "READ",
    "READS", "READ_WRITE", "REAL", "REFERENCES", "REGEXP", "RELEASE", "RENAME", "REPEAT",
    "REPLACE", "REQUIRE", "RESIGNAL", "RESTRICT", "RETURN", "REVOKE", "RIGHT", "RLIKE", "SCHEMAS",
    "SECOND_MICROSECOND", "SELECT", "SENSITIVE", "SEPARATOR", "SET", "SHOW", "SIGNAL", "SMALLINT",
    "SPATIAL", "SPECIFIC", "SQL", "SQLEXCEPTION", "SQLSTATE", "SQLWARNING", "SQL_BIG_RESULT",
    "SQL_CALC_FOUND_ROWS", "SQL_SMALL_RESULT", "SSL", "STARTING", "STRAIGHT_JOIN", "TABLE",
    "TERMINATED", "THEN", "TINYBLOB", "TINYINT", "TINYTEXT", "TO", "TRAILING", "TRIGGER", "TRUE",
    "UNDO", "UNION", "UNIQUE", "UNLOCK", "UNSIGNED", "UPDATE", "USAGE", "USE", "USING", "UTC_DATE",
    "UTC_TIME", "UTC_TIMESTAMP", "VALUES", "VARBINARY", "VARCHAR", "VARCHARACTER", "VARYING",
    "WHEN", "WHERE", "WHILE", "WITH", "WRITE", "XOR", "YEAR_MONTH", "ZEROFILL",
];

/// Reserved by one of the two, or since a version: MySQL's, MariaDB's; (0, 0) is every one that is
/// still maintained.
#[rustfmt::skip]
const RESERVED_SINCE: &[(&str, Since, Since)] = &[
    ("CUBE", Some((8, 0)), None), ("CUME_DIST", Some((8, 0)), None),
    ("CURRENT_ROLE", None, Some((0, 0))), ("DATABASE", Some((0, 0)), None),
    ("DELETE_DOMAIN_ID", None, Some((10, 2))), ("DENSE_RANK", Some((8, 0)), None),
    ("DO_DOMAIN_IDS", None, Some((0, 0))), ("EMPTY", Some((8, 0)), None),
    ("EXCEPT", Some((8, 0)), Some((10, 3))), ("FIRST_VALUE", Some((8, 0)), None),
    ("FUNCTION", Some((8, 0)), None), ("GENERATED", Some((0, 0)), None),
    ("GET", Some((0, 0)), None), ("GROUPING", Some((8, 0)), None),
    ("GROUPS", Some((8, 0)), None), ("IGNORE_DOMAIN_IDS", None, Some((0, 0))),
    ("INTERSECT", Some((8, 1)), Some((10, 3))), ("IO_AFTER_GTIDS", Some((0, 0)), None),
    ("IO_BEFORE_GTIDS", Some((0, 0)), None), ("JSON_TABLE", Some((8, 0)), None),
    ("LAG", Some((8, 0)), None), ("LAST_VALUE", Some((8, 0)), None),
    ("LATERAL", Some((8, 0)), None), ("LEAD", Some((8, 0)), None),
    ("MANUAL", Some((8, 4)), None), ("MASTER_BIND", Some((0, 0)), None),
    ("NTH_VALUE", Some((8, 0)), None), ("NTILE", Some((8, 0)), None), ("OF", Some((8, 0)), None),
    ("OPTION", Some((0, 0)), None), ("OFFSET", None, Some((10, 6))), ("OPTIMIZER_COSTS", Some((0, 0)), None),
    ("OVER", Some((8, 0)), Some((10, 2))), ("PAGE_CHECKSUM", None, Some((0, 0))),
    ("PARALLEL", Some((8, 4)), None), ("PARSE_VCOL_EXPR", None, Some((0, 0))),
    ("PERCENT_RANK", Some((8, 0)), None), ("PORTION", None, Some((10, 4))),
    ("QUALIFY", Some((8, 4)), None), ("RANK", Some((8, 0)), None),
    ("RECURSIVE", Some((8, 0)), Some((10, 2))), ("REF_SYSTEM_ID", None, Some((0, 0))),
    ("RETURNING", None, Some((0, 0))), ("ROW", Some((8, 0)), None),
    ("ROWS", Some((8, 0)), Some((10, 2))), ("ROW_NUMBER", Some((8, 0)), Some((10, 7))),
    ("SCHEMA", Some((0, 0)), None), ("STATS_AUTO_RECALC", None, Some((0, 0))),
    ("STATS_PERSISTENT", None, Some((0, 0))), ("STATS_SAMPLE_PAGES", None, Some((0, 0))),
    ("STORED", Some((0, 0)), None), ("SYSTEM", Some((8, 0)), None),
    ("TABLESAMPLE", Some((8, 4)), None), ("VIRTUAL", Some((0, 0)), None),
    ("WINDOW", Some((8, 0)), None),
];

type Since = Option<(u16, u16)>;

/// Functions whose bracket must follow directly: with a space between, the word is a name (MySQL's
/// manual, "Function Name Parsing and Resolution").
#[rustfmt::skip]
pub(super) const FUNCTIONS: &[&str] = &[
    "ADDDATE", "BIT_AND", "BIT_OR", "BIT_XOR", "CAST", "COUNT", "CURDATE", "CURTIME", "DATE_ADD",
    "DATE_SUB", "EXTRACT", "GROUP_CONCAT", "JSON_ARRAYAGG", "JSON_OBJECTAGG", "MAX", "MID", "MIN",
    "NOW", "POSITION", "SESSION_USER", "STD", "STDDEV", "STDDEV_POP", "STDDEV_SAMP", "SUBDATE",
    "SUBSTR", "SUBSTRING", "SUM", "SYSDATE", "SYSTEM_USER", "TRIM", "VARIANCE", "VAR_POP",
    "VAR_SAMP",
];

/// Of these, those that MariaDB takes for names before a bracket too, where only a name can stand.
pub(super) const LENIENT_FUNCTIONS: &[&str] =
    &["ADDDATE", "SESSION_USER", "SUBDATE", "SYSDATE", "SYSTEM_USER"];

/// The words that are reserved on a server; when none is given, those that are on all.
pub(super) fn reserved(server: Option<ServerVersion>) -> impl Iterator<Item = &'static str> {
    let since = move |(word, mysql, mariadb): &(&'static str, Since, Since)| {
        let is_reserved = match server {
            Some(server) => {
                let since = if server.mariadb { mariadb } else { mysql };
                since.is_some_and(|since| (server.major, server.minor) >= since)
            }
            // Few write for a server that was superseded years ago.
            None => mysql.is_some() && mariadb.is_some(),
        };
        is_reserved.then_some(*word)
    };
    RESERVED.iter().copied().chain(RESERVED_SINCE.iter().filter_map(since))
}
