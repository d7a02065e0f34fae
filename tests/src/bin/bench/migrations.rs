//! A history of migrations as applications have them: small files, some of every kind.

use std::fs;
use std::path::{Path, PathBuf};

use crate::measure::Result;

/// What a history is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kinds {
    /// Everything; every eighth migration rebuilds a table, which takes a transaction of its own.
    All,
    /// No rebuild: all of them run in one transaction.
    WithoutRebuilds,
    /// What PostgreSQL has in their place: no rebuild, and a second index for the trigger.
    Postgres,
    /// What MySQL has: no rebuild, no partial index, and texts of a length.
    Mysql,
}

/// Writes `count` migrations of all kinds into an empty directory. They apply one after the other,
/// and take back.
pub(crate) fn write(dir: &Path, count: usize) -> Result<()> {
    write_kinds(dir, count, Kinds::All)
}

/// The same of the kinds that are asked for.
pub(crate) fn write_kinds(dir: &Path, count: usize, kinds: Kinds) -> Result<()> {
    if dir.exists() {
        fs::remove_dir_all(dir)?;
    }
    for at in 0..count {
        write_files(dir, at, kinds)?;
    }
    Ok(())
}

/// Writes the migration with this number; returns its directory.
pub(crate) fn write_one(dir: &Path, at: usize) -> Result<PathBuf> {
    write_files(dir, at, Kinds::All)
}

fn write_files(dir: &Path, at: usize, kinds: Kinds) -> Result<PathBuf> {
    let (name, up, down) = migration(at, kinds);
    // One an hour from the beginning of 2024 on: the dates need not be ones of the calendar.
    let (days, hour) = (at / 24, at % 24);
    let (months, day) = (days / 28, days % 28 + 1);
    let (year, month) = (2024 + months / 12, months % 12 + 1);
    let dir = dir.join(format!("{year}-{month:02}-{day:02}-{hour:02}0000_{name}"));
    fs::create_dir_all(&dir)?;
    fs::write(dir.join("up.sql"), up)?;
    fs::write(dir.join("down.sql"), down)?;
    Ok(dir)
}

/// All scripts, in the order in which `cat` gets them.
pub(crate) fn files(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut dirs: Vec<PathBuf> =
        fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
    dirs.sort();
    Ok(dirs.iter().flat_map(|dir| [dir.join("up.sql"), dir.join("down.sql")]).collect())
}

/// What all `up.sql` together are, in one transaction.
pub(crate) fn one_script(dir: &Path) -> Result<String> {
    Ok(format!("BEGIN;\n{}COMMIT;\n", ups(dir)?.concat()))
}

/// The same, in one transaction each.
pub(crate) fn script_of_many(dir: &Path) -> Result<String> {
    let each = |up: String| format!("BEGIN;\n{up}COMMIT;\n");
    Ok(ups(dir)?.into_iter().map(each).collect())
}

fn ups(dir: &Path) -> Result<Vec<String>> {
    let files = files(dir)?;
    let ups = files.iter().filter(|file| file.ends_with("up.sql"));
    ups.map(|file| Ok(fs::read_to_string(file)?)).collect()
}

/// Eight migrations make up the life of two tables; then the next two begin.
const LIFE: usize = 8;

fn migration(at: usize, kinds: Kinds) -> (String, String, String) {
    let n = at / LIFE;
    let (name, up, down) = match at % LIFE {
        0 => (
            format!("create_customers_{n}"),
            format!(
                "-- Everyone who has ever bought something.\n\
                 CREATE TABLE customers_{n} (\n    id INTEGER PRIMARY KEY NOT NULL,\n    \
                 name TEXT NOT NULL,\n    email VARCHAR(255) NOT NULL,\n    \
                 balance DECIMAL(10, 2) NOT NULL DEFAULT 0,\n    \
                 created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP\n);\n\n\
                 CREATE UNIQUE INDEX customers_{n}_email ON customers_{n} (email);\n\n\
                 INSERT INTO customers_{n} (name, email) VALUES\n    \
                 ('Nobody', 'nobody@example.com'),\n    ('Bill O''Neil', 'bill@example.com');\n"
            ),
            format!("DROP INDEX customers_{n}_email;\nDROP TABLE customers_{n};\n"),
        ),
        1 => (
            format!("add_phone_to_customers_{n}"),
            format!("ALTER TABLE customers_{n} ADD COLUMN phone TEXT;\n"),
            format!("ALTER TABLE customers_{n} DROP COLUMN phone;\n"),
        ),
        2 => (
            format!("create_orders_{n}"),
            format!(
                "CREATE TABLE orders_{n} (\n    id INTEGER PRIMARY KEY NOT NULL,\n    \
                 customer_id INTEGER NOT NULL REFERENCES customers_{n} (id) ON DELETE CASCADE,\n    \
                 state TEXT NOT NULL DEFAULT 'open',\n    total INTEGER\n);\n\n\
                 CREATE INDEX orders_{n}_customer_id ON orders_{n} (customer_id);\n"
            ),
            format!("DROP INDEX orders_{n}_customer_id;\nDROP TABLE orders_{n};\n"),
        ),
        3 if kinds == Kinds::Postgres => (
            format!("log_payments_{n}"),
            format!(
                "CREATE TABLE payments_{n} (id INTEGER PRIMARY KEY, paid_by INTEGER NOT NULL, \
                 amount INTEGER NOT NULL);\n\n\
                 CREATE INDEX payments_{n}_paid_by ON payments_{n} (paid_by);\n"
            ),
            format!("DROP INDEX payments_{n}_paid_by;\nDROP TABLE payments_{n};\n"),
        ),
        3 => (
            format!("log_payments_{n}"),
            format!(
                "CREATE TABLE payments_{n} (id INTEGER PRIMARY KEY, paid_by INTEGER NOT NULL, \
                 amount INTEGER NOT NULL);\n\n\
                 CREATE TRIGGER payments_{n}_balance AFTER INSERT ON payments_{n}\nBEGIN\n    \
                 UPDATE customers_{n} SET balance = balance + NEW.amount WHERE id = NEW.paid_by;\n\
                 END;\n"
            ),
            format!("DROP TRIGGER payments_{n}_balance;\nDROP TABLE payments_{n};\n"),
        ),
        4 => (
            format!("fill_phones_{n}"),
            format!(
                "UPDATE customers_{n}\nSET phone = '+1 555 0100'\nWHERE phone IS NULL AND name <> \
                 'Nobody'; -- asked for by support\n"
            ),
            format!("UPDATE customers_{n} SET phone = NULL WHERE phone = '+1 555 0100';\n"),
        ),
        5 => (
            format!("view_debtors_{n}"),
            format!(
                "CREATE VIEW debtors_{n} AS\nSELECT c.id, c.name, -c.balance AS debt\n\
                 FROM customers_{n} AS c\nWHERE c.balance < 0\nORDER BY debt DESC;\n"
            ),
            format!("DROP VIEW debtors_{n};\n"),
        ),
        6 if kinds != Kinds::All => (
            format!("add_note_to_orders_{n}"),
            format!("ALTER TABLE orders_{n} ADD COLUMN note TEXT NOT NULL DEFAULT '';\n"),
            format!("ALTER TABLE orders_{n} DROP COLUMN note;\n"),
        ),
        6 => (
            format!("require_totals_{n}"),
            rebuild(n, "total INTEGER NOT NULL CHECK (total >= 0)", "coalesce(total, 0)"),
            rebuild(n, "total INTEGER", "total"),
        ),
        _ => (
            format!("index_orders_{n}_by_state"),
            format!(
                "CREATE INDEX orders_{n}_state ON orders_{n} (state, total DESC) WHERE state <> \
                 'done';\n"
            ),
            format!("DROP INDEX orders_{n}_state;\n"),
        ),
    };
    match kinds {
        Kinds::All | Kinds::WithoutRebuilds => (name, up, down),
        Kinds::Postgres => {
            let up = up.replace("INTEGER PRIMARY KEY NOT NULL", "SERIAL PRIMARY KEY");
            (name, up.replace("DATETIME", "TIMESTAMP"), down)
        }
        Kinds::Mysql => (name, in_mysql(&up), in_mysql(&down)),
    }
}

/// The same as MySQL writes it. An index goes with its table.
fn in_mysql(script: &str) -> String {
    let script = script
        .replace(" TEXT", " VARCHAR(255)")
        .replace(" WHERE state <> 'done'", "")
        .replace("\nBEGIN\n", "\nFOR EACH ROW\n")
        .replace("END;\n", "");
    let drops_table = script.contains("DROP TABLE");
    let lines = script.lines().filter(|line| !(drops_table && line.starts_with("DROP INDEX")));
    let on_table = |line: &str| match line.strip_suffix("_state;") {
        Some(start) if line.starts_with("DROP INDEX") => {
            let table = start.trim_start_matches("DROP INDEX ");
            format!("{start}_state ON {table};\n")
        }
        _ => format!("{line}\n"),
    };
    lines.map(on_table).collect()
}

/// SQLite's way to change a column: a new table takes the old one's place.
fn rebuild(n: usize, total: &str, value: &str) -> String {
    format!(
        "CREATE TABLE orders_{n}_new (\n    id INTEGER PRIMARY KEY NOT NULL,\n    \
         customer_id INTEGER NOT NULL REFERENCES customers_{n} (id) ON DELETE CASCADE,\n    \
         state TEXT NOT NULL DEFAULT 'open',\n    {total}\n);\n\
         INSERT INTO orders_{n}_new (id, customer_id, state, total)\n\
         SELECT id, customer_id, state, {value} FROM orders_{n};\n\
         DROP TABLE orders_{n};\n\
         ALTER TABLE orders_{n}_new RENAME TO orders_{n};\n\
         CREATE INDEX orders_{n}_customer_id ON orders_{n} (customer_id);\n"
    )
}
