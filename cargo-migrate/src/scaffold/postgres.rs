//! PostgreSQL (13 and newer: it must know `gen_random_uuid`).
//!
//! What takes a lock on a table with rows gives it back at once: indexes are built beside the
//! writes, and rows are not read while others wait.

use super::Error;
use super::change::{Change, Index, name};
use super::column::Column;
use super::dialect::{
    Dialect, alter_table, create_index, create_table, drop_table, indexes, is_among, is_word,
    new_indexes, quoted, quoted_list, refuse_random, rename_column, rename_table, typed,
};
use super::types::Type;
use super::value::Value;

/// PostgreSQL's SQL.
#[derive(Clone, Copy, Debug, Default)]
pub struct Postgres;

/// `NAMEDATALEN` - 1: names are cut behind so many bytes, in silence ("Identifiers and Key Words",
/// 4.1.1 of the manual).
const LONGEST_NAME: usize = 63;

const CONCURRENTLY: &str =
    "-- CONCURRENTLY: others write meanwhile. It runs in no transaction, see metadata.toml.\n";

const NOT_VALID: &str = "-- NOT VALID, then VALIDATE: others write while the rows are read.\n";

impl Dialect for Postgres {
    /// What is not quoted is folded to small letters.
    fn identifier(&self, name: &str) -> String {
        let folded = name.bytes().any(|byte| byte.is_ascii_uppercase());
        if is_word(name) && !folded && !is_among(RESERVED, name) {
            return name.to_owned();
        }
        format!("\"{}\"", name.replace('"', "\"\""))
    }

    fn connection(&self) -> &'static str {
        "PgConnection"
    }

    fn longest_name(&self) -> usize {
        LONGEST_NAME
    }

    /// `pg_class` can be made, and then every query finds the catalog's table instead.
    fn check_table(&self, name: &str) -> Result<(), Error> {
        if name.starts_with("pg_") {
            return Err(Error::usage(format!(
                "`{name}`: PostgreSQL keeps names in `pg_` for its catalog"
            )));
        }
        check_length(name)
    }

    fn check_column(&self, name: &str) -> Result<(), Error> {
        if SYSTEM_COLUMNS.contains(&name) {
            return Err(Error::usage(format!(
                "`{name}`: every table of PostgreSQL has that column"
            )));
        }
        check_length(name)
    }

    fn statements(&self, change: &Change) -> Result<Vec<String>, Error> {
        Ok(match change {
            Change::CreateTable { table, columns } => {
                let lines: Vec<String> = typed(columns)
                    .map(|(column, of)| match column.is_id() {
                        true => key(table, column, of),
                        false => line(table, column, of) + &references(column),
                    })
                    .collect();
                let mut statements = create_types(table, columns);
                statements.push(create_table(self, table, &lines, ""));
                let indexes = new_indexes(table, columns);
                statements.extend(indexes.map(|index| create_index(self, &index, "")));
                statements
            }
            Change::DropTable { table, columns } => {
                let mut statements = vec![drop_table(self, table)];
                statements.extend(drop_types(table, columns));
                statements
            }
            Change::AddColumns { table, columns } => add_columns(table, columns)?,
            // What belongs to a column goes with it, except its type.
            Change::DropColumns { table, columns } => {
                let names = columns.iter().map(|column| self.identifier(&column.name));
                let clauses: Vec<String> =
                    names.map(|name| format!("DROP COLUMN {name}")).collect();
                let mut statements = vec![alter_table(self, table, &clauses)];
                statements.extend(drop_types(table, columns));
                statements
            }
            Change::AddIndex(index) => vec![create_index_concurrently(index)],
            Change::DropIndex(index) => {
                let name = self.identifier(&index.name(self));
                vec![format!("{CONCURRENTLY}DROP INDEX CONCURRENTLY {name};")]
            }
            Change::RenameColumn { table, from, to } => vec![rename_column(self, table, from, to)],
            Change::RenameTable { from, to } => vec![rename_table(self, from, to)],
        })
    }

    /// Neither `CREATE INDEX CONCURRENTLY` nor `DROP INDEX CONCURRENTLY` can.
    fn in_transaction(&self, change: &Change) -> bool {
        match change {
            Change::AddIndex(_) | Change::DropIndex(_) => false,
            Change::AddColumns { table, columns } => indexes(table, columns).next().is_none(),
            _ => true,
        }
    }
}

fn check_length(name: &str) -> Result<(), Error> {
    if name.len() <= LONGEST_NAME {
        return Ok(());
    }
    Err(Error::usage(format!(
        "`{name}` has {} bytes: PostgreSQL would cut it behind {LONGEST_NAME}",
        name.len()
    )))
}

/// The columns in one statement, so that the table is locked once; then what has to read its rows,
/// piece by piece.
fn add_columns(table: &str, columns: &[Column]) -> Result<Vec<String>, Error> {
    let mut statements = create_types(table, columns);
    let mut clauses = Vec::new();
    for (column, of) in typed(columns) {
        refuse_random("PostgreSQL", table, column)?;
        let mut clause = format!("ADD COLUMN {}", line(table, column, of));
        if !column.has_value() {
            // Nothing to verify: every row has NULL.
            clause.push_str(&references(column));
        }
        clauses.push(clause);
    }
    statements.push(alter_table(&Postgres, table, &clauses));
    for column in columns.iter().filter(|column| column.references.is_some() && column.has_value())
    {
        let key = Postgres.identifier(&name(&Postgres, table, &column.name, "fkey"));
        let by = Postgres.identifier(&column.name);
        let references = references(column);
        let clause = format!("ADD CONSTRAINT {key} FOREIGN KEY ({by}){references} NOT VALID");
        statements.push(format!("{NOT_VALID}{}", alter_table(&Postgres, table, &[clause])));
        let clause = format!("VALIDATE CONSTRAINT {key}");
        statements.push(alter_table(&Postgres, table, &[clause]));
    }
    statements.extend(indexes(table, columns).map(|index| create_index_concurrently(&index)));
    Ok(statements)
}

fn create_index_concurrently(index: &Index) -> String {
    CONCURRENTLY.to_owned() + &create_index(&Postgres, index, "CONCURRENTLY ")
}

/// The name of the type that is made for an enum.
fn type_name(table: &str, column: &Column) -> String {
    Postgres.identifier(&name(&Postgres, table, &column.name, "enum"))
}

fn create_types(table: &str, columns: &[Column]) -> Vec<String> {
    let types = typed(columns).filter_map(|(column, of)| match of {
        Type::Enum(variants) => {
            let name = type_name(table, column);
            Some(format!("CREATE TYPE {name} AS ENUM ({});", quoted_list(variants)))
        }
        _ => None,
    });
    types.collect()
}

fn drop_types(table: &str, columns: &[Column]) -> impl Iterator<Item = String> {
    typed(columns)
        .filter(|(_, of)| matches!(of, Type::Enum(_)))
        .map(move |(column, _)| format!("DROP TYPE {};", type_name(table, column)))
}

/// The primary key. One that is a number counts by itself, unless it is another table's.
fn key(table: &str, column: &Column, of: &Type) -> String {
    let counts = of.is_integer() && column.default.is_none() && column.references.is_none();
    let identity = if counts { " GENERATED BY DEFAULT AS IDENTITY" } else { "" };
    let column = Column { not_null: false, ..column.clone() };
    format!("{}{identity} PRIMARY KEY{}", line(table, &column, of), references(&column))
}

/// A column without its foreign key.
fn line(table: &str, column: &Column, of: &Type) -> String {
    let mut line = format!("{} {}", Postgres.identifier(&column.name), declared(table, column, of));
    if column.not_null {
        line.push_str(" NOT NULL");
    }
    if let Some(value) = &column.default {
        line.push_str(" DEFAULT ");
        line.push_str(&literal(value, of));
    }
    line
}

fn references(column: &Column) -> String {
    let table = column.references.as_deref().map(|table| Postgres.identifier(table));
    table.map(|table| format!(" REFERENCES {table} (id)")).unwrap_or_default()
}

fn declared(table: &str, column: &Column, of: &Type) -> String {
    let name = match of {
        Type::String(None) | Type::Text => "TEXT",
        Type::String(Some(length)) => return format!("VARCHAR({length})"),
        Type::Id | Type::BigInt => "BIGINT",
        Type::Integer => "INTEGER",
        Type::SmallInt => "SMALLINT",
        Type::Bool => "BOOLEAN",
        Type::Float => "REAL",
        Type::Double => "DOUBLE PRECISION",
        Type::Decimal(None) => "NUMERIC",
        Type::Decimal(Some((digits, scale))) => return format!("NUMERIC({digits}, {scale})"),
        Type::Date => "DATE",
        Type::Time => "TIME",
        Type::Timestamp => "TIMESTAMP",
        Type::Timestamptz => "TIMESTAMPTZ",
        Type::Uuid => "UUID",
        Type::Json => "JSONB",
        Type::Blob => "BYTEA",
        Type::Enum(_) => return type_name(table, column),
    };
    name.to_owned()
}

fn literal(value: &Value, of: &Type) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(true) => "TRUE".to_owned(),
        Value::Bool(false) => "FALSE".to_owned(),
        Value::Number(digits) => digits.clone(),
        // Without its offset it would be the session's.
        Value::Text(text) if *of == Type::Timestamptz => format!("'{text}+00'"),
        Value::Text(text) => quoted(text),
        Value::Bytes(digits) => format!("'\\x{digits}'"),
        Value::Now => match of {
            Type::Date => "CURRENT_DATE".to_owned(),
            Type::Time => "LOCALTIME".to_owned(),
            _ => "CURRENT_TIMESTAMP".to_owned(),
        },
        Value::Random => "gen_random_uuid()".to_owned(),
    }
}

/// "System Columns", 5.5 of the manual.
const SYSTEM_COLUMNS: [&str; 6] = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

/// The words that are no names: of `pg_get_keywords()` those in the categories `R` and `T`. As in
/// PostgreSQL 15, `SYSTEM_USER`, which came with 16, and `EXCLUDE`: PostgreSQL would take it, but
/// tools that read its SQL expect the constraint.
const RESERVED: &str = "
    ALL ANALYSE ANALYZE AND ANY ARRAY AS ASC ASYMMETRIC AUTHORIZATION BINARY BOTH CASE CAST
    CHECK COLLATE COLLATION COLUMN CONCURRENTLY CONSTRAINT CREATE CROSS CURRENT_CATALOG
    CURRENT_DATE CURRENT_ROLE CURRENT_SCHEMA CURRENT_TIME CURRENT_TIMESTAMP CURRENT_USER DEFAULT
    DEFERRABLE DESC DISTINCT DO ELSE END EXCEPT EXCLUDE FALSE FETCH FOR FOREIGN FREEZE FROM FULL
    GRANT GROUP HAVING ILIKE IN INITIALLY INNER INTERSECT INTO IS ISNULL JOIN LATERAL LEADING
    LEFT LIKE LIMIT LOCALTIME LOCALTIMESTAMP NATURAL NOT NOTNULL NULL OFFSET ON ONLY OR ORDER
    OUTER OVERLAPS PLACING PRIMARY REFERENCES RETURNING RIGHT SELECT SESSION_USER SIMILAR SOME
    SYMMETRIC SYSTEM_USER TABLE TABLESAMPLE THEN TO TRAILING TRUE UNION UNIQUE USER USING
    VARIADIC VERBOSE WHEN WHERE WINDOW WITH
";
