//! Reading a file as text.

use std::fs;
use std::io::Read as _;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::render::is_direction_mark;
use crate::rule::{Rule, rule};
use crate::source::{Source, Span, count};

use super::scan::File;

static NOT_A_FILE: Rule = rule!("not-a-file", Forbid, "something that is not a regular file");
static OVERSIZED_FILE: Rule = rule!("oversized-file", Forbid, "a file too large to embed");
static NOT_UTF8: Rule = rule!("not-utf8", Forbid, "a file that is not UTF-8");
static BYTE_ORDER_MARK: Rule = rule!("byte-order-mark", Forbid, "a file with a byte order mark");
static NUL_BYTE: Rule = rule!("nul-byte", Forbid, "a file with a NUL byte");
static DIRECTION_MARK: Rule =
    rule!("direction-mark", Deny, "an invisible character that turns the direction of writing");

pub(super) static RULES: &[&Rule] =
    &[&NOT_A_FILE, &OVERSIZED_FILE, &NOT_UTF8, &BYTE_ORDER_MARK, &NUL_BYTE, &DIRECTION_MARK];

/// The largest file that is taken, in bytes.
pub const MAX_BYTES: u64 = 128 * 1024 * 1024;
/// Most files have less: they are read at once, without asking how long they are.
const USUAL_BYTES: usize = 4096;

/// The text of a file, line ends as `\n`; or nothing, and findings that say why.
pub(super) fn read(
    file: Option<&File>,
    findings: &mut Vec<Diagnostic>,
) -> Result<Option<Arc<Source>>, Error> {
    let Some(file) = file else { return Ok(None) };
    let failed = |error| Error::io("read", &file.shown, error);
    // Asked before opening, unless the directory has told: opening a pipe would wait for a writer.
    if !file.is_regular && !fs::metadata(&file.path).map_err(failed)?.is_file() {
        findings.push(not_a_file().at_path(&file.shown, ""));
        return Ok(None);
    }
    let mut open = fs::File::open(&file.path).map_err(failed)?;
    let mut bytes = Vec::with_capacity(USUAL_BYTES);
    (&mut open).take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        let about = open.metadata().map_err(failed)?;
        findings.push(oversized(about.len()).at_path(&file.shown, ""));
        return Ok(None);
    }
    bytes.shrink_to_fit();
    Ok(decode(bytes, file, findings))
}

fn not_a_file() -> Diagnostic {
    Diagnostic::new(&NOT_A_FILE, "this is not a regular file")
        .help("put a regular file here, or remove this")
}

fn oversized(bytes: u64) -> Diagnostic {
    let mib = |bytes: u64| bytes.div_ceil(1024 * 1024);
    Diagnostic::new(&OVERSIZED_FILE, format!("this file has {} MiB", mib(bytes)))
        .note(format!("at most {} MiB are taken", mib(MAX_BYTES)))
        .help("load large data outside migrations")
}

fn decode(bytes: Vec<u8>, file: &File, findings: &mut Vec<Diagnostic>) -> Option<Arc<Source>> {
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            findings.push(not_utf8(&error).at_path(&file.shown, ""));
            return None;
        }
    };
    let (marked, text) = match text.strip_prefix('\u{feff}') {
        Some(rest) => (true, rest.to_owned()),
        None => (false, text),
    };
    let text = if text.contains('\r') { text.replace("\r\n", "\n") } else { text };
    let source = Arc::new(Source::new(&file.shown, text));
    if marked {
        findings.push(
            Diagnostic::new(&BYTE_ORDER_MARK, "this file begins with a byte order mark")
                .at(&source, Span::new(0, 0), "")
                .help("save it as UTF-8 without BOM: PostgreSQL takes the mark for a part of the first word"),
        );
    }
    check_characters(&source, findings);
    Some(source)
}

fn not_utf8(error: &std::string::FromUtf8Error) -> Diagnostic {
    let at = error.utf8_error().valid_up_to();
    let bytes = error.as_bytes();
    let line = bytes[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
    let finding = Diagnostic::new(
        &NOT_UTF8,
        format!("this file is not valid UTF-8: byte {at} (0x{:02x}), in line {line}", bytes[at]),
    );
    if matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]) {
        return finding.help("it looks like UTF-16: save it as UTF-8");
    }
    finding.help("save it as UTF-8")
}

fn check_characters(source: &Arc<Source>, findings: &mut Vec<Diagnostic>) {
    let text = source.text();
    if let Some(at) = text.bytes().position(|byte| byte == 0) {
        findings.push(
            Diagnostic::new(&NUL_BYTE, format!("a NUL byte at offset {at}"))
                .at(source, Span::new(count(at), count(at + 1)), "here")
                .help("remove it: databases take a text to end there"),
        );
    }
    // All of them begin with this byte; most files do not hold it at all.
    if !text.as_bytes().contains(&0xe2) {
        return;
    }
    if let Some((at, mark)) = text.char_indices().find(|(_, c)| is_direction_mark(*c)) {
        let span = Span::new(count(at), count(at + mark.len_utf8()));
        findings.push(
            Diagnostic::new(
                &DIRECTION_MARK,
                format!(
                    "the invisible character U+{:04X} turns the direction of writing",
                    u32::from(mark)
                ),
            )
            .at(source, span, "behind this, a reader sees another order than the database")
            .help(format!("remove it; where data needs it, write `char(0x{:x})`", u32::from(mark))),
        );
    }
}
