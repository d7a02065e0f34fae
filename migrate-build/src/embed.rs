//! A verified set as Rust: the expression that `embed_migrations!` expands to.

use std::fmt::Write as _;
use std::path::Path;

use crate::dialect::Dialect;
use crate::facts::{Facts, ForeignKeys, Mode};
use crate::source::Source;
use crate::verify::{Down, Migration, Report, Script};

/// The expression for a verified set. It names `migrate_runtime` as `__migrate`, which the macro
/// brings into scope.
#[must_use]
pub fn embedded(report: &Report) -> String {
    let sizes = report.migrations.iter().map(|migration| migration.up.source.text().len() * 3);
    let mut rust = String::with_capacity(1024 + sizes.sum::<usize>());
    let dialect = match report.dialect {
        Dialect::Sqlite => "Sqlite",
        Dialect::Postgres => "Postgres",
        Dialect::Mysql => "Mysql",
    };
    let _ = write!(rust, "__migrate::Migrations{{dialect:__migrate::Dialect::{dialect},directory:");
    literal(&mut rust, &report.shown.to_string_lossy());
    rust.push_str(",all:&[");
    for migration in &report.migrations {
        write_migration(&mut rust, migration);
        rust.push_str(",\n");
    }
    rust.push_str("]}");
    rust
}

fn write_migration(rust: &mut String, migration: &Migration) {
    rust.push_str("__migrate::Migration{version:");
    literal(rust, migration.version.as_str());
    rust.push_str(",name:");
    literal(rust, &migration.name);
    let _ = write!(rust, ",run_in_transaction:{},up:", migration.settings.run_in_transaction);
    write_script(rust, &migration.up);
    rust.push_str(",down:__migrate::Down::");
    match &migration.down {
        Down::Script(script) => {
            rust.push_str("Script(");
            write_script(rust, script);
        }
        Down::Irreversible(reason) => {
            rust.push_str("Irreversible(");
            literal(rust, reason);
        }
        // Only sets without findings are embedded, and this one is a finding.
        Down::Missing => {
            rust.push_str("Irreversible(");
            literal(rust, "there is no `down.sql`");
        }
    }
    rust.push_str(")}");
}

fn write_script(rust: &mut String, script: &Script) {
    rust.push_str("__migrate::Script{sql:");
    literal(rust, script.source.text());
    rust.push_str(",checksum:__migrate::Checksum(*b\"");
    for byte in script.checksum.0 {
        let _ = write!(rust, "\\x{byte:02x}");
    }
    let _ = write!(rust, "\"),tokens:{},statements:&[", script.facts.tokens);
    write_statements(rust, &script.facts, &script.source);
    let foreign_keys = match script.facts.foreign_keys {
        ForeignKeys::Any => "Any",
        ForeignKeys::Kept => "Kept",
        ForeignKeys::Off => "Off",
    };
    let _ = write!(rust, "],foreign_keys:__migrate::ForeignKeys::{foreign_keys},guard:");
    match &script.facts.guard {
        None => rust.push_str("None}"),
        Some(names) => {
            rust.push_str("Some(&[");
            for name in names {
                literal(rust, name);
                rust.push(',');
            }
            rust.push_str("])}");
        }
    }
}

fn write_statements(rust: &mut String, facts: &Facts, source: &Source) {
    for unit in &facts.statements {
        let at = source.location(unit.span.start);
        let _ = write!(
            rust,
            "__migrate::Statement{{start:{},end:{},line:{},column:{},mode:__migrate::Mode::{}}},",
            unit.span.start,
            unit.span.end,
            at.line,
            at.column,
            mode(unit.mode)
        );
    }
}

const fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Normal => "Normal",
        Mode::Alone => "Alone",
        Mode::Session => "Session",
        Mode::Temporary => "Temporary",
        Mode::Begin => "Begin",
        Mode::Commit => "Commit",
    }
}

/// A string literal: raw where it can be, which is quick to write and to read back.
fn literal(rust: &mut String, text: &str) {
    if text.contains('\r') || crate::render::escape(text).contains("\\u{202") {
        // Raw literals hold no carriage return, and rustc refuses direction marks in any.
        rust.push('"');
        rust.extend(text.escape_default());
        rust.push('"');
        return;
    }
    let hashes = "#".repeat(longest_run_of_hashes(text) + 1);
    rust.push('r');
    rust.push_str(&hashes);
    rust.push('"');
    rust.push_str(text);
    rust.push('"');
    rust.push_str(&hashes);
}

/// How many `#` stand behind a quote at most.
fn longest_run_of_hashes(text: &str) -> usize {
    let behind_quotes = text.split('"').skip(1);
    behind_quotes
        .map(|rest| rest.bytes().take_while(|byte| *byte == b'#').count())
        .max()
        .unwrap_or(0)
}

/// The variable in which a build script stamps a directory as verified: it names the file with the
/// embedded set, whose own name holds the checksum of that set.
#[must_use]
pub fn stamp_variable(dir: &Path) -> String {
    let checksum = crate::checksum::Checksum::of(&dir.to_string_lossy()).to_string();
    format!("CARGO_MIGRATE_VERIFIED_{}", checksum.get(3..19).unwrap_or_default().to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_hold_any_text() {
        let literal_of = |text| {
            let mut rust = String::new();
            literal(&mut rust, text);
            rust
        };
        assert_eq!(literal_of("a\"b"), "r#\"a\"b\"#");
        assert_eq!(literal_of("a\"##b"), "r###\"a\"##b\"###");
        assert_eq!(literal_of("a\rb"), "\"a\\rb\"");
        assert_eq!(literal_of("\u{202e}"), "\"\\u{202e}\"");
    }
}
