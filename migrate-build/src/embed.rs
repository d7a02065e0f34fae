//! A verified set as a program carries it: all texts in one constant, all numbers in another.
//!
//! As Rust values, a thousand migrations would cost the compiler seconds, and the program a
//! relocation for every text. `migrate-runtime` takes the constants apart, once, when it is asked
//! for the set.

use std::fmt::Write as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use crate::checksum::Checksum;
use crate::dialect::Dialect;
use crate::facts::Facts;
use crate::rust;
use crate::source::Source;
use crate::verify::{Down, Migration, Report, Script};

/// A packed set.
#[derive(Debug)]
pub struct Embedded {
    /// The texts, one behind the other, in the order in which the table asks for them.
    pub text: String,
    /// The numbers.
    pub table: Vec<u8>,
    dialect: &'static str,
    directory: String,
    /// The files with code, with what the table asks of each, in its order.
    code: Vec<Code>,
}

/// A migration in Rust.
#[derive(Debug)]
struct Code {
    /// Where the file is, whole.
    path: String,
    has_down: bool,
}

impl Embedded {
    /// Packs a verified set, which was read from this directory. A compiler finds the code of its
    /// migrations there.
    #[must_use]
    pub fn new(report: &Report, directory: &Path) -> Self {
        let code = report.migrations.iter().filter(|migration| migration.up.is_rust());
        let code = code.map(|migration| Code {
            path: directory.join(&migration.name).join(rust::FILE).to_string_lossy().into_owned(),
            has_down: matches!(migration.down, Down::Script(_)),
        });
        let mut packer = Packer::default();
        packer.number(report.migrations.len());
        for migration in &report.migrations {
            packer.migration(migration);
        }
        Self {
            text: packer.text,
            table: packer.table,
            dialect: match report.server.dialect {
                Dialect::Sqlite => "Sqlite",
                Dialect::Postgres => "Postgres",
                Dialect::Mysql => "Mysql",
            },
            directory: report.shown.to_string_lossy().into_owned(),
            code: code.collect(),
        }
    }

    /// The expression for the set, given expressions for the text and for the table. It names
    /// `migrate_runtime` as `__migrate`, which the macro brings into scope.
    #[must_use]
    pub fn expression(&self, text: &str, table: &str) -> String {
        format!(
            "__migrate::Migrations{{dialect:__migrate::Dialect::{},directory:{},\
             all:__migrate::All::packed(__migrate::__packed_v2({text},{table},{}))}}",
            self.dialect,
            literal(&self.directory),
            self.functions(),
        )
    }

    /// A table of the functions of all migrations in Rust: each file is a module, from which both are
    /// called on the connection of the set's database.
    fn functions(&self) -> String {
        if self.code.is_empty() {
            return "&[]".to_owned();
        }
        let (mut modules, mut functions) = (String::new(), String::new());
        for (at, Code { path, has_down }) in self.code.iter().enumerate() {
            // Writing to a String cannot fail.
            let _ = write!(modules, "#[allow(unreachable_pub)]#[path={}]mod m{at};", literal(path));
            for way in ["up"].into_iter().chain(has_down.then_some("down")) {
                let _ = write!(
                    functions,
                    "__migrate::Code::{}(|c|__migrate::__done(m{at}::{way}(c))),",
                    self.dialect
                );
            }
        }
        format!("{{{modules}&[{functions}]}}")
    }

    /// A hash over everything in it, in hexadecimal digits.
    #[must_use]
    pub fn digest(&self) -> String {
        let mut hasher = Sha256::new();
        hasher.update(self.expression("", ""));
        // What the lengths of the two parts are, the table tells.
        hasher.update(&self.table);
        hasher.update(&self.text);
        Checksum(hasher.finalize().into()).to_string().split_off("v1:".len())
    }

    /// The expression with everything in it.
    #[must_use]
    pub fn literals(&self) -> String {
        let table: String =
            self.table.iter().flat_map(|byte| byte.escape_ascii()).map(char::from).collect();
        self.expression(&literal(&self.text), &format!("b\"{table}\""))
    }
}

#[derive(Default)]
struct Packer {
    text: String,
    table: Vec<u8>,
}

impl Packer {
    fn migration(&mut self, migration: &Migration) {
        self.text(migration.version.as_str());
        self.text(&migration.name);
        self.table.push(if migration.settings.run_in_transaction { b't' } else { b'n' });
        self.script(&migration.up);
        match &migration.down {
            Down::Script(script) => {
                self.table.push(b'd');
                self.script(script);
            }
            Down::Irreversible(reason) => {
                self.table.push(b'i');
                self.text(reason);
            }
            // Only sets without findings are embedded, and this one is a finding.
            Down::Missing => {
                self.table.push(b'i');
                self.text("there is no `down.sql`");
            }
        }
    }

    fn script(&mut self, script: &Script) {
        self.text(script.source.text());
        self.table.push(if script.is_rust() { b'c' } else { b's' });
        self.table.extend_from_slice(&script.checksum.0);
        self.table.extend_from_slice(&script.facts.tokens.to_le_bytes());
        self.letter(script.facts.foreign_keys.letter());
        match &script.facts.guard {
            None => self.table.push(b'-'),
            Some(names) => {
                self.table.push(b'+');
                self.number(names.len());
                for name in names {
                    self.text(name);
                }
            }
        }
        self.statements(&script.facts, &script.source);
        self.traces(&script.facts);
    }

    /// Offsets and lines as distances from the statement before.
    fn statements(&mut self, facts: &Facts, source: &Source) {
        self.number(facts.statements.len());
        let (mut behind, mut last_line) = (0, 1);
        for unit in &facts.statements {
            let at = source.location(unit.span.start);
            self.small(unit.span.start - behind);
            self.small(unit.span.end - unit.span.start);
            self.small(at.line - last_line);
            self.small(at.column);
            self.letter(unit.mode.letter());
            (behind, last_line) = (unit.span.end, at.line);
        }
    }

    /// Names as ranges of the script's text.
    fn traces(&mut self, facts: &Facts) {
        self.number(facts.traces.len());
        for (statement, trace) in &facts.traces {
            self.small(*statement);
            self.letter(trace.object.letter());
            self.table.push(if trace.exists { b'+' } else { b'-' });
            for span in [trace.name, trace.table.unwrap_or_default()] {
                self.small(span.start);
                self.small(span.end - span.start);
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.number(text.len());
        self.text.push_str(text);
    }

    fn letter(&mut self, letter: char) {
        self.table.push(u8::try_from(letter).unwrap_or(b'?'));
    }

    fn number(&mut self, number: usize) {
        self.small(crate::source::count(number));
    }

    /// Seven bits a byte, the low ones first; the eighth says that more come.
    fn small(&mut self, mut number: u32) {
        while let Ok(more) = u8::try_from(number & 0x7f)
            && number > 0x7f
        {
            self.table.push(more | 0x80);
            number >>= 7;
        }
        self.table.extend(u8::try_from(number));
    }
}

/// A string literal: raw where it can be, which is quick to write and to read back.
fn literal(text: &str) -> String {
    if text.contains('\r') || crate::render::escape(text).contains("\\u{202") {
        // Raw literals hold no carriage return, and rustc refuses direction marks in any.
        return format!("\"{}\"", text.escape_default());
    }
    let hashes = "#".repeat(longest_run_of_hashes(text) + 1);
    format!("r{hashes}\"{text}\"{hashes}")
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
    let checksum = Checksum::of(&dir.to_string_lossy()).to_string();
    format!("CARGO_MIGRATE_VERIFIED_{}", checksum.get(3..19).unwrap_or_default().to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_hold_any_text() {
        assert_eq!(literal("a\"b"), "r#\"a\"b\"#");
        assert_eq!(literal("a\"##b"), "r###\"a\"##b\"###");
        assert_eq!(literal("a\rb"), "\"a\\rb\"");
        assert_eq!(literal("\u{202e}"), "\"\\u{202e}\"");
    }

    #[test]
    fn numbers_take_the_bytes_they_need() {
        let packed = |number| {
            let mut packer = Packer::default();
            packer.small(number);
            packer.table
        };
        assert_eq!(packed(0), [0]);
        assert_eq!(packed(127), [127]);
        assert_eq!(packed(128), [0x80, 1]);
        assert_eq!(packed(u32::MAX), [0xff, 0xff, 0xff, 0xff, 0x0f]);
    }
}
