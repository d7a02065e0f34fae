//! The text of the file.

use std::fmt;
use std::sync::Arc;

use super::{BAD_LOCK, Lock, Sealed, Sum};
use crate::checksum::Checksum;
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span, count};
use crate::version::Version;

const HEADER: &str = "\
# What is released, one line a migration: a build fails when it changes afterwards.
# `cargo migrate seal` writes this file. Merging it, keep the lines of both sides, in any order.
";

/// What a merge leaves where it does not know what to do.
const CONFLICT_MARKS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

/// Nothing: no `down.sql`, or no version before.
const NONE: &str = "-";

pub(super) fn write(lock: &Lock, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(HEADER)?;
    lock.sealed.iter().try_for_each(|sealed| {
        let after = sealed.after.as_ref().map_or(NONE, Version::as_str);
        let transaction = if sealed.run_in_transaction { "yes" } else { "no" };
        write!(f, "{} after={after} transaction={transaction}", sealed.name)?;
        write!(f, " up={}", sealed.up)?;
        match sealed.down {
            Some(down) => writeln!(f, " down={down}"),
            None => writeln!(f, " down={NONE}"),
        }
    })
}

impl fmt::Display for Sum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{:016x}", self.checksum, self.tokens)
    }
}

pub(super) fn parse(source: Arc<Source>) -> Lock {
    let mut lock = Lock::default();
    let mut start = 0;
    for line in source.text().split('\n') {
        let text = line.trim_end();
        if !text.is_empty() && !text.starts_with('#') {
            match (Line { text, start }).sealed() {
                Ok(sealed) => lock.sealed.push(sealed),
                Err(problem) => lock.findings.push(problem.finding(&source)),
            }
        }
        start += count(line.len()) + 1;
    }
    // The order is the lines' own, so that of equal versions the later line is the one to name.
    lock.sealed.sort_by(|a, b| a.version.cmp(&b.version));
    lock.sealed.dedup_by(|later, earlier| {
        if later.version != earlier.version {
            return false;
        }
        // Of two that differ in a comment, either will do.
        if !later.runs_the_same(earlier) {
            lock.findings.push(twice(&source, earlier, later));
        }
        true
    });
    lock.source = Some(source);
    lock
}

fn twice(source: &Arc<Source>, earlier: &Sealed, later: &Sealed) -> Diagnostic {
    let message = format!("version `{}` is sealed twice, and not as the same", later.version);
    Diagnostic::new(&BAD_LOCK, message)
        .at(source, later.span, "the second")
        .at(source, earlier.span, "the first")
        .note("a merge keeps the lines of both sides")
        .help("remove the line that is not true; `cargo migrate check` says whether the other is")
}

/// What is wrong with a line.
struct Problem {
    span: Span,
    message: String,
    label: &'static str,
    help: &'static str,
}

impl Problem {
    fn finding(self, source: &Arc<Source>) -> Diagnostic {
        Diagnostic::new(&BAD_LOCK, self.message).at(source, self.span, self.label).help(self.help)
    }
}

/// A line, and where it begins.
struct Line<'t> {
    text: &'t str,
    start: u32,
}

impl<'t> Line<'t> {
    fn sealed(&self) -> Result<Sealed, Problem> {
        if CONFLICT_MARKS.iter().any(|mark| self.text.starts_with(mark)) {
            return Err(Problem {
                span: self.span(0, self.text.len()),
                message: "a merge has left its marks".to_owned(),
                label: "",
                help: "remove the lines of marks, and keep the lines of both sides",
            });
        }
        // From behind: a name may hold spaces.
        let mut end = self.text.len();
        let down = self.field("down", &mut end, optional_sum)?;
        let up = self.field("up", &mut end, sum)?;
        let run_in_transaction = self.field("transaction", &mut end, yes_or_no)?;
        let after = self.field("after", &mut end, after)?;
        let name = self.text[..end].to_owned();
        let version = Version::of_directory(&name);
        let span = self.span(0, end);
        Ok(Sealed { name, version, after, run_in_transaction, up, down, span })
    }

    /// Takes ` key=value` off the end.
    fn field<T>(
        &self,
        key: &str,
        end: &mut usize,
        read: impl FnOnce(&'t str) -> Option<T>,
    ) -> Result<T, Problem> {
        let at = self.text[..*end].rfind(' ').unwrap_or(0);
        let field = self.text[at..*end].trim_start();
        let value = field.strip_prefix(key).and_then(|rest| rest.strip_prefix('='));
        let problem = || Problem {
            span: self.span(*end - field.len(), *end),
            message: format!("this line of `{}` is not understood", super::FILE),
            label: match key {
                "after" => "`after=` and a version, or `-`, is expected here",
                "transaction" => "`transaction=yes` or `transaction=no` is expected here",
                "up" => "`up=` and the checksums of `up.sql` are expected here",
                _ => "`down=` and the checksums of `down.sql`, or `-`, are expected here",
            },
            help: "take the file as it was committed, and let `cargo migrate seal` write it; or \
                   update `cargo-migrate`, if a newer one wrote this",
        };
        let value = value.filter(|_| at > 0).and_then(read).ok_or_else(problem)?;
        *end = at;
        Ok(value)
    }

    fn span(&self, from: usize, to: usize) -> Span {
        Span::new(self.start + count(from), self.start + count(to))
    }
}

fn sum(text: &str) -> Option<Sum> {
    let (checksum, tokens) = text.split_once(',')?;
    let is_hash = tokens.len() == 16 && tokens.bytes().all(|digit| digit.is_ascii_hexdigit());
    let tokens = is_hash.then(|| u64::from_str_radix(tokens, 16).ok())??;
    Some(Sum { checksum: Checksum::from_text(checksum)?, tokens })
}

#[expect(clippy::option_option, reason = "outer: unreadable; inner: there is none")]
fn optional_sum(text: &str) -> Option<Option<Sum>> {
    if text == NONE { Some(None) } else { sum(text).map(Some) }
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

#[expect(clippy::option_option, reason = "outer: unreadable; inner: there is none")]
fn after(text: &str) -> Option<Option<Version>> {
    match text {
        "" => None,
        NONE => Some(None),
        version => Some(Some(Version::normalised(version))),
    }
}
