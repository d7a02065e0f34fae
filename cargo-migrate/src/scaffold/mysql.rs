//! MySQL (8.0.16 and newer: it must know CHECK) and MariaDB (10.6 and newer).
//!
//! Every change is one statement: a second one that fails would leave the first behind.

use super::Error;
use super::change::{Change, Index, name};
use super::column::Column;
use super::dialect::{
    Dialect, alter_table, create_index, create_table, drop_table, indexes, is_among, is_word,
    new_indexes, refuse_random, rename_column, rename_table, typed,
};
use super::types::Type;
use super::value::Value;

/// MySQL's SQL.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mysql;

/// Of tables, columns, indexes and constraints, in characters ("Identifier Length Limits", 11.2.1
/// of the manual).
const LONGEST_NAME: usize = 64;

/// What an index of InnoDB has room for: 3072 bytes, and a character of utf8mb4 has four.
const LONGEST_INDEXED: u16 = 768;

/// A row has 65535 bytes.
const LONGEST_STRING: u16 = 16383;

/// Digits in all, and digits behind the point, of `DECIMAL`.
const LARGEST_DECIMAL: (u16, u16) = (65, 30);

/// Measured on MariaDB 10.11: with `foreign_key_checks` it takes `ALGORITHM=COPY` and no other.
const COPIES: &str = "-- A foreign key copies the table: others cannot write meanwhile.\n";

const OPTIONS: &str = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";

impl Dialect for Mysql {
    fn identifier(&self, name: &str) -> String {
        if is_word(name) && !is_among(RESERVED, name) {
            return name.to_owned();
        }
        format!("`{}`", name.replace('`', "``"))
    }

    fn connection(&self) -> &'static str {
        "MysqlConnection"
    }

    fn longest_name(&self) -> usize {
        LONGEST_NAME
    }

    fn check_table(&self, name: &str) -> Result<(), Error> {
        check_name(name)
    }

    fn check_column(&self, name: &str) -> Result<(), Error> {
        if is_among(SYSTEM_COLUMNS, name) {
            return Err(Error::usage(format!("`{name}`: every table of InnoDB has that column")));
        }
        check_name(name)
    }

    fn statements(&self, change: &Change) -> Result<Vec<String>, Error> {
        let statement = match change {
            Change::CreateTable { table, columns } => {
                let mut lines = Vec::new();
                for (column, of) in typed(columns) {
                    lines.push(line(column, of, column.is_id())?);
                }
                lines.extend(new_indexes(table, columns).map(|index| index_clause(&index)));
                lines.extend(columns.iter().filter_map(|column| foreign_key(table, column)));
                create_table(self, table, &lines, OPTIONS)
            }
            Change::DropTable { table, .. } => drop_table(self, table),
            Change::AddColumns { table, columns } => {
                let mut clauses = Vec::new();
                for (column, of) in typed(columns) {
                    refuse_random("MySQL", table, column)?;
                    clauses.push(format!("COLUMN {}", line(column, of, false)?));
                }
                clauses.extend(indexes(table, columns).map(|index| index_clause(&index)));
                let keys: Vec<String> =
                    columns.iter().filter_map(|column| foreign_key(table, column)).collect();
                let comment = if keys.is_empty() { "" } else { COPIES };
                clauses.extend(keys);
                clauses.iter_mut().for_each(|clause| clause.insert_str(0, "ADD "));
                comment.to_owned() + &alter_table(self, table, &clauses)
            }
            // The index of a column goes with it, the foreign key does not.
            Change::DropColumns { table, columns } => {
                let keys = columns.iter().filter(|column| column.references.is_some());
                let mut clauses: Vec<String> = keys
                    .map(|column| format!("DROP FOREIGN KEY {}", key_name(table, column)))
                    .collect();
                let names = columns.iter().map(|column| self.identifier(&column.name));
                clauses.extend(names.map(|name| format!("DROP COLUMN {name}")));
                alter_table(self, table, &clauses)
            }
            Change::AddIndex(index) => create_index(self, index, ""),
            Change::DropIndex(index) => {
                let name = self.identifier(&index.name(self));
                format!("DROP INDEX {name} ON {};", self.identifier(&index.table))
            }
            Change::RenameColumn { table, from, to } => rename_column(self, table, from, to),
            Change::RenameTable { from, to } => rename_table(self, from, to),
        };
        Ok(vec![statement])
    }

    /// It makes no difference: each statement commits by itself.
    fn in_transaction(&self, _: &Change) -> bool {
        true
    }
}

/// "Schema Object Names", 11.2 of the manual.
fn check_name(name: &str) -> Result<(), Error> {
    let length = name.chars().count();
    if length > LONGEST_NAME {
        return Err(Error::usage(format!(
            "`{name}` has {length} characters: MySQL has room for {LONGEST_NAME}"
        )));
    }
    match name.chars().find(|c| *c > '\u{ffff}') {
        Some(c) => Err(Error::usage(format!("`{name}`: MySQL has no `{c}` in names"))),
        None => Ok(()),
    }
}

fn index_clause(index: &Index) -> String {
    let columns: Vec<String> = index.columns.iter().map(|name| Mysql.identifier(name)).collect();
    let unique = if index.unique { "UNIQUE " } else { "" };
    let name = Mysql.identifier(&index.name(&Mysql));
    format!("{unique}KEY {name} ({})", columns.join(", "))
}

/// A constraint of the table: MySQL before 9 passes over `REFERENCES` in a column.
fn foreign_key(table: &str, column: &Column) -> Option<String> {
    let references = Mysql.identifier(column.references.as_deref()?);
    let (key, by) = (key_name(table, column), Mysql.identifier(&column.name));
    Some(format!("CONSTRAINT {key} FOREIGN KEY ({by}) REFERENCES {references} (id)"))
}

fn key_name(table: &str, column: &Column) -> String {
    Mysql.identifier(&name(&Mysql, table, &column.name, "fkey"))
}

/// A column without its indexes and its foreign key.
fn line(column: &Column, of: &Type, is_key: bool) -> Result<String, Error> {
    let name = Mysql.identifier(&column.name);
    let mut line = format!("{name} {}", declared(column, of, is_key)?);
    if column.not_null || is_key {
        line.push_str(" NOT NULL");
    }
    if let Some(value) = &column.default {
        line.push_str(" DEFAULT ");
        line.push_str(&literal(value, of));
    }
    if is_key {
        // A key that is a number counts by itself, unless it is another table's.
        let counts = of.is_integer() && column.default.is_none() && column.references.is_none();
        line.push_str(if counts { " AUTO_INCREMENT PRIMARY KEY" } else { " PRIMARY KEY" });
    }
    if let Type::Enum(variants) = of {
        let variants: Vec<String> = variants.iter().map(|variant| quoted(variant)).collect();
        line.push_str(&format!(" CHECK ({name} IN ({}))", variants.join(", ")));
    }
    Ok(line)
}

fn declared(column: &Column, of: &Type, is_key: bool) -> Result<String, Error> {
    let fail = |why: String| Err(Error::usage(format!("column `{}`: {why}", column.name)));
    let indexed = is_key || column.unique || column.index || column.references.is_some();
    // No index has a whole `TEXT` or `BLOB` in it, and neither has a plain default.
    let short = indexed || column.has_value();
    let name = match of {
        Type::Id | Type::BigInt => "BIGINT",
        Type::String(None) | Type::Enum(_) => "VARCHAR(255)",
        Type::String(Some(length)) if indexed && *length > LONGEST_INDEXED => {
            return fail(format!("an index of MySQL has room for {LONGEST_INDEXED} characters"));
        }
        Type::String(Some(length)) if *length > LONGEST_STRING => {
            return fail(format!("a `string` of MySQL has at most {LONGEST_STRING} characters"));
        }
        Type::String(Some(length)) => return Ok(format!("VARCHAR({length})")),
        Type::Text if short => "VARCHAR(255)",
        Type::Text => "TEXT",
        Type::Integer => "INT",
        Type::SmallInt => "SMALLINT",
        Type::Bool => "BOOLEAN",
        Type::Float => "FLOAT",
        Type::Double => "DOUBLE",
        Type::Decimal(None) => {
            return fail(
                "`decimal` without a size keeps no digit behind the point in MySQL".into(),
            )
            .map_err(|error| error.with_help("give it one, as in `decimal(10,2)`"));
        }
        Type::Decimal(Some((digits, scale))) => {
            if *digits > LARGEST_DECIMAL.0 || *scale > LARGEST_DECIMAL.1 {
                let (digits, scale) = LARGEST_DECIMAL;
                return fail(format!(
                    "a `decimal` of MySQL has at most {digits} digits, {scale} of them behind the \
                     point"
                ));
            }
            return Ok(format!("DECIMAL({digits}, {scale})"));
        }
        Type::Date => "DATE",
        Type::Time => "TIME(6)",
        // `TIMESTAMP` ends in the year 2038.
        Type::Timestamp | Type::Timestamptz => "DATETIME(6)",
        Type::Uuid => "CHAR(36)",
        Type::Json if indexed => return fail("MySQL has no index of JSON".into()),
        Type::Json => "JSON",
        Type::Blob if short => "VARBINARY(255)",
        Type::Blob => "BLOB",
    };
    Ok(name.to_owned())
}

fn literal(value: &Value, of: &Type) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(true) => "TRUE".to_owned(),
        Value::Bool(false) => "FALSE".to_owned(),
        Value::Number(digits) => digits.clone(),
        Value::Text(text) if *of == Type::Json => format!("({})", quoted(text)),
        Value::Text(text) => quoted(text),
        Value::Bytes(digits) => format!("x'{digits}'"),
        Value::Now => match of {
            Type::Timestamp | Type::Timestamptz => "CURRENT_TIMESTAMP(6)".to_owned(),
            Type::Date => "(CURRENT_DATE)".to_owned(),
            Type::Time => "(CURRENT_TIME(6))".to_owned(),
            _ => "(CURRENT_TIMESTAMP)".to_owned(),
        },
        Value::Random => "(UUID())".to_owned(),
    }
}

/// In a text of MySQL's, a backslash begins an escape.
fn quoted(text: &str) -> String {
    super::dialect::quoted(&text.replace('\\', "\\\\"))
}

/// InnoDB's own.
const SYSTEM_COLUMNS: &str = "DB_ROW_ID DB_TRX_ID DB_ROLL_PTR";

/// The words that are no names, in MySQL 9.4 ("Keywords and Reserved Words", 11.3 of the manual) or
/// in MariaDB 10.11 (of `information_schema.keywords` those that it takes for no table).
const RESERVED: &str = "
    ACCESSIBLE ADD ALL ALTER ANALYZE AND AS ASC ASENSITIVE BEFORE BETWEEN BIGINT BINARY BLOB
    BOTH BY CALL CASCADE CASE CHANGE CHAR CHARACTER CHECK COLLATE COLUMN CONDITION CONSTRAINT
    CONTINUE CONVERT CREATE CROSS CUBE CUME_DIST CURRENT_DATE CURRENT_ROLE CURRENT_TIME
    CURRENT_TIMESTAMP CURRENT_USER CURSOR DATABASE DATABASES DAY_HOUR DAY_MICROSECOND DAY_MINUTE
    DAY_SECOND DEC DECIMAL DECLARE DEFAULT DELAYED DELETE DELETE_DOMAIN_ID DENSE_RANK DESC
    DESCRIBE DETERMINISTIC DISTINCT DISTINCTROW DIV DOUBLE DO_DOMAIN_IDS DROP DUAL EACH ELSE
    ELSEIF EMPTY ENCLOSED ESCAPED EXCEPT EXISTS EXIT EXPLAIN EXTERNAL FALSE FETCH FIRST_VALUE
    FLOAT FLOAT4 FLOAT8 FOR FORCE FOREIGN FROM FULL FULLTEXT FUNCTION GENERATED GET GRANT GROUP
    GROUPING GROUPS HAVING HIGH_PRIORITY HOUR_MICROSECOND HOUR_MINUTE HOUR_SECOND IF IGNORE
    IGNORE_DOMAIN_IDS IN INDEX INFILE INNER INOUT INSENSITIVE INSERT INT INT1 INT2 INT3 INT4
    INT8 INTEGER INTERSECT INTERVAL INTO IO_AFTER_GTIDS IO_BEFORE_GTIDS IS ITERATE JOIN
    JSON_TABLE KEY KEYS KILL LAG LAST_VALUE LATERAL LEAD LEADING LEAVE LEFT LIBRARY LIKE LIMIT
    LINEAR LINES LOAD LOCALTIME LOCALTIMESTAMP LOCK LONG LONGBLOB LONGTEXT LOOP LOW_PRIORITY
    MANUAL MASTER_BIND MASTER_DEMOTE_TO_REPLICA MASTER_DEMOTE_TO_SLAVE
    MASTER_SSL_VERIFY_SERVER_CERT MATCH MAXVALUE MEDIUMBLOB MEDIUMINT MEDIUMTEXT MIDDLEINT
    MINUTE_MICROSECOND MINUTE_SECOND MOD MODIFIES NATURAL NOT NO_WRITE_TO_BINLOG NTH_VALUE NTILE
    NULL NUMERIC OF OFFSET ON OPTIMIZE OPTIMIZER_COSTS OPTION OPTIONALLY OR ORDER OUT OUTER
    OUTFILE OVER PAGE_CHECKSUM PARALLEL PARSE_VCOL_EXPR PARTITION PERCENT_RANK PORTION PRECISION
    PRIMARY PROCEDURE PURGE QUALIFY RANGE RANK READ READS READ_WRITE REAL RECURSIVE REFERENCES
    REF_SYSTEM_ID REGEXP RELEASE RENAME REPEAT REPLACE REQUIRE RESIGNAL RESTRICT RETURN
    RETURNING REVOKE RIGHT RLIKE ROW ROWS ROW_NUMBER SCHEMA SCHEMAS SECOND_MICROSECOND SELECT
    SENSITIVE SEPARATOR SET SHOW SIGNAL SMALLINT SPATIAL SPECIFIC SQL SQLEXCEPTION SQLSTATE
    SQLWARNING SQL_BIG_RESULT SQL_CALC_FOUND_ROWS SQL_SMALL_RESULT SSL STARTING
    STATS_AUTO_RECALC STATS_PERSISTENT STATS_SAMPLE_PAGES STORED STRAIGHT_JOIN SYSTEM TABLE
    TABLESAMPLE TERMINATED THEN TINYBLOB TINYINT TINYTEXT TO TRAILING TRIGGER TRUE UNDO UNION
    UNIQUE UNLOCK UNSIGNED UPDATE USAGE USE USING UTC_DATE UTC_TIME UTC_TIMESTAMP VALUES
    VARBINARY VARCHAR VARCHARACTER VARYING VIRTUAL WHEN WHERE WHILE WINDOW WITH WRITE XOR
    YEAR_MONTH ZEROFILL
";
