//! SQLite (3.35 and newer: it must know `DROP COLUMN`).

use super::Error;
use super::change::{Change, Index};
use super::column::Column;
use super::dialect::{
    Dialect, alter_table, create_index, create_table, drop_table, indexes, is_among, is_word,
    new_indexes, quoted, quoted_list, rename_column, rename_table, typed,
};
use super::types::Type;
use super::value::Value;

/// SQLite's SQL.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sqlite;

impl Dialect for Sqlite {
    fn identifier(&self, name: &str) -> String {
        if is_word(name) && !is_among(KEYWORDS, name) {
            return name.to_owned();
        }
        format!("\"{}\"", name.replace('"', "\"\""))
    }

    fn connection(&self) -> &'static str {
        "SqliteConnection"
    }

    fn longest_name(&self) -> usize {
        usize::MAX
    }

    fn check_table(&self, name: &str) -> Result<(), Error> {
        match name.get(..7) {
            Some(start) if start.eq_ignore_ascii_case("sqlite_") => {
                Err(Error::usage(format!("`{name}`: SQLite keeps names in `sqlite_` for itself")))
            }
            _ => Ok(()),
        }
    }

    fn check_column(&self, _: &str) -> Result<(), Error> {
        Ok(())
    }

    fn statements(&self, change: &Change) -> Result<Vec<String>, Error> {
        Ok(match change {
            Change::CreateTable { table, columns } => {
                let lines: Vec<String> = typed(columns)
                    .map(|(column, of)| line(column, of, column.is_id()))
                    .collect::<Result<_, _>>()?;
                let mut statements = vec![create_table(self, table, &lines, "")];
                let indexes = new_indexes(table, columns);
                statements.extend(indexes.map(|index| create_index(self, &index, "")));
                statements
            }
            Change::DropTable { table, .. } => vec![drop_table(self, table)],
            Change::AddColumns { table, columns } => {
                let mut statements = Vec::new();
                for (column, of) in typed(columns) {
                    check_added(table, column)?;
                    let clause = format!("ADD COLUMN {}", line(column, of, false)?);
                    statements.push(alter_table(self, table, &[clause]));
                }
                let indexes = indexes(table, columns);
                statements.extend(indexes.map(|index| create_index(self, &index, "")));
                statements
            }
            // An index goes before its column, or the column stays.
            Change::DropColumns { table, columns } => {
                let indexes = indexes(table, columns).rev().map(|index| self.drop_index(&index));
                let columns = columns.iter().rev().map(|column| {
                    let clause = format!("DROP COLUMN {}", self.identifier(&column.name));
                    alter_table(self, table, &[clause])
                });
                indexes.chain(columns).collect()
            }
            Change::AddIndex(index) => vec![create_index(self, index, "")],
            Change::DropIndex(index) => vec![self.drop_index(index)],
            Change::RenameColumn { table, from, to } => vec![rename_column(self, table, from, to)],
            Change::RenameTable { from, to } => vec![rename_table(self, from, to)],
        })
    }

    fn in_transaction(&self, _: &Change) -> bool {
        true
    }
}

impl Sqlite {
    fn drop_index(self, index: &Index) -> String {
        format!("DROP INDEX {};", self.identifier(&index.name(&self)))
    }
}

/// A column, as `CREATE TABLE` and `ADD COLUMN` have it.
fn line(column: &Column, of: &Type, is_key: bool) -> Result<String, Error> {
    let mut line = Sqlite.identifier(&column.name);
    line.push(' ');
    match is_key {
        // Only this spelling is the row id, numbered by itself; `BIGINT PRIMARY KEY` is not.
        true if of.is_integer() => line.push_str("INTEGER PRIMARY KEY NOT NULL"),
        true => line.push_str(&format!("{} PRIMARY KEY NOT NULL", declared(of))),
        false => line.push_str(&declared(of)),
    }
    if column.not_null && !is_key {
        line.push_str(" NOT NULL");
    }
    if let Some(value) = &column.default {
        line.push_str(&format!(" DEFAULT {}", literal(value, column, of)?));
    }
    if let Type::Enum(variants) = of {
        let name = Sqlite.identifier(&column.name);
        line.push_str(&format!(" CHECK ({name} IN ({}))", quoted_list(variants)));
    }
    if let Some(table) = &column.references {
        line.push_str(&format!(" REFERENCES {} (id)", Sqlite.identifier(table)));
    }
    Ok(line)
}

/// The names matter twice: SQLite takes a column's affinity from them, and Diesel its Rust type.
fn declared(of: &Type) -> String {
    let name = match of {
        // `JSON` and `UUID` would have numeric affinity, which turns `1e3` into `1000.0`.
        Type::String(None) | Type::Text | Type::Uuid | Type::Json | Type::Enum(_) => "TEXT",
        Type::String(Some(length)) => return format!("VARCHAR({length})"),
        Type::Id | Type::Integer => "INTEGER",
        Type::BigInt => "BIGINT",
        Type::SmallInt => "SMALLINT",
        Type::Bool => "BOOLEAN",
        Type::Float => "FLOAT",
        Type::Double => "DOUBLE",
        Type::Decimal(None) => "DECIMAL",
        Type::Decimal(Some((digits, scale))) => return format!("DECIMAL({digits}, {scale})"),
        Type::Date => "DATE",
        Type::Time => "TIME",
        Type::Timestamp | Type::Timestamptz => "TIMESTAMP",
        Type::Blob => "BLOB",
    };
    name.to_owned()
}

fn literal(value: &Value, column: &Column, of: &Type) -> Result<String, Error> {
    Ok(match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(true) => "TRUE".to_owned(),
        Value::Bool(false) => "FALSE".to_owned(),
        Value::Number(digits) => digits.clone(),
        Value::Text(text) => quoted(text),
        Value::Bytes(digits) => format!("x'{digits}'"),
        Value::Now => match of {
            Type::Date => "CURRENT_DATE".to_owned(),
            Type::Time => "CURRENT_TIME".to_owned(),
            _ => "CURRENT_TIMESTAMP".to_owned(),
        },
        Value::Random => {
            let message = format!("column `{}`: SQLite makes no UUIDs", column.name);
            return Err(Error::usage(message)
                .with_help("leave out the default, and give one with each row"));
        }
    })
}

/// Whether `ALTER TABLE … ADD COLUMN` takes this column, also when the table holds rows.
fn check_added(table: &str, column: &Column) -> Result<(), Error> {
    let name = &column.name;
    let fail = |why: &str| {
        Error::usage(format!("SQLite cannot add `{name}` to a `{table}` with rows: {why}"))
    };
    if column.references.is_some() && (column.has_value() || column.not_null) {
        let why = "a column with REFERENCES may have no default but NULL";
        return Err(fail(why)
            .with_help("leave out `!` and the default, or rebuild the table in SQL of your own"));
    }
    if column.default == Some(Value::Now) {
        let why = "the default of an added column must be constant, and `now` is not";
        return Err(fail(why).with_help(
            "leave out the default, give a fixed moment, or rebuild the table in SQL of your own",
        ));
    }
    Ok(())
}

/// Every word SQLite's parser knows, and the two that it reads as numbers.
const KEYWORDS: &str = "
    ABORT ACTION ADD AFTER ALL ALTER ALWAYS ANALYZE AND AS ASC ATTACH AUTOINCREMENT BEFORE BEGIN
    BETWEEN BY CASCADE CASE CAST CHECK COLLATE COLUMN COMMIT CONFLICT CONSTRAINT CREATE CROSS
    CURRENT CURRENT_DATE CURRENT_TIME CURRENT_TIMESTAMP DATABASE DEFAULT DEFERRABLE DEFERRED
    DELETE DESC DETACH DISTINCT DO DROP EACH ELSE END ESCAPE EXCEPT EXCLUDE EXCLUSIVE EXISTS
    EXPLAIN FAIL FALSE FILTER FIRST FOLLOWING FOR FOREIGN FROM FULL GENERATED GLOB GROUP GROUPS
    HAVING IF IGNORE IMMEDIATE IN INDEX INDEXED INITIALLY INNER INSERT INSTEAD INTERSECT INTO IS
    ISNULL JOIN KEY LAST LEFT LIKE LIMIT MATCH MATERIALIZED NATURAL NO NOT NOTHING NOTNULL NULL
    NULLS OF OFFSET ON OR ORDER OTHERS OUTER OVER PARTITION PLAN PRAGMA PRECEDING PRIMARY QUERY
    RAISE RANGE RECURSIVE REFERENCES REGEXP REINDEX RELEASE RENAME REPLACE RESTRICT RETURNING
    RIGHT ROLLBACK ROW ROWS SAVEPOINT SELECT SET TABLE TEMP TEMPORARY THEN TIES TO TRANSACTION
    TRIGGER TRUE UNBOUNDED UNION UNIQUE UPDATE USING VACUUM VALUES VIEW VIRTUAL WHEN WHERE
    WINDOW WITH WITHOUT
";

#[cfg(test)]
mod tests {
    use super::{Dialect, Sqlite};

    #[test]
    fn only_what_needs_quotes_is_quoted() {
        for (name, written) in [
            ("users", "users"),
            ("Users", "Users"),
            ("_x1", "_x1"),
            ("order", "\"order\""),
            ("Group", "\"Group\""),
            ("true", "\"true\""),
            ("1st", "\"1st\""),
            ("first name", "\"first name\""),
            ("größe", "\"größe\""),
            ("a\"b", "\"a\"\"b\""),
            ("a; DROP TABLE b", "\"a; DROP TABLE b\""),
        ] {
            assert_eq!(Sqlite.identifier(name), written);
        }
    }
}
