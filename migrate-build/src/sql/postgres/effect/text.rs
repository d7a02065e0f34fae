//! Expressions and names, as the catalog compares them.

use std::ops::Range;

use crate::sql::Name;
use crate::sql::cursor::Cursor;
use crate::sql::schema::{Part, Text, Word};
use crate::sql::token::Kind;

/// Schemas that say nothing before a name: everybody's, and the server's own.
const SILENT: [&str; 2] = ["public", "pg_catalog"];

/// What stands in a range, without what means nothing.
pub(super) fn text(cursor: &Cursor<'_>, range: Range<usize>) -> Text {
    let mut words: Vec<Word> = Vec::with_capacity(range.len());
    let mut at = range.start;
    while at < range.end {
        if cursor.is(at, ":") && cursor.is(at + 1, ":") {
            words.push(sign("::"));
            at += 2;
            continue;
        }
        if cursor.is(at + 1, ".") && SILENT.iter().any(|schema| cursor.is(at, schema)) {
            at += 2;
            continue;
        }
        words.push(match cursor.kind(at) {
            Some(Kind::Word | Kind::Quoted) => Word::Name(cursor.name(at).name),
            _ => Word::Other(cursor.written(at).to_owned()),
        });
        at += 1;
    }
    name_sequences(&mut words);
    Text::new(words)
}

/// `nextval('s'::regclass)` names a sequence, as `nextval(s)` would if it could be said so.
fn name_sequences(words: &mut Vec<Word>) {
    let mut at = 0;
    while at + 3 < words.len() {
        let is_call = is_name(&words[at], "nextval") && is_sign(&words[at + 1], "(");
        if let (true, Word::Other(literal)) = (is_call, &words[at + 2])
            && let Some(inner) = literal.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\''))
        {
            let end = if is_sign(&words[at + 3], "::") { at + 5 } else { at + 3 };
            let named = sequence(inner);
            words.splice(at + 2..end.min(words.len()), named);
        }
        at += 1;
    }
}

fn sequence(written: &str) -> Vec<Word> {
    let mut named: Vec<Word> = Vec::new();
    for token in super::super::lex::words(written) {
        let part = &written[token.span.range()];
        named.push(match token.kind {
            Kind::Word | Kind::Quoted => Word::Name(super::fold_name(part)),
            _ => sign(part),
        });
    }
    match &named[..] {
        [Word::Name(schema), _, _] if SILENT.contains(&schema.as_str()) => named.split_off(2),
        _ => named,
    }
}

pub(super) fn sign(text: &str) -> Word {
    Word::Other(text.to_owned())
}

pub(super) fn name(text: &str) -> Word {
    Word::Name(Name::folded(text))
}

pub(super) fn is_name(word: &Word, text: &str) -> bool {
    matches!(word, Word::Name(name) if name.as_str() == text)
}

pub(super) fn is_sign(word: &Word, text: &str) -> bool {
    matches!(word, Word::Other(sign) if sign == text)
}

/// A text of plain words.
pub(super) fn plain(words: &str) -> Text {
    Text::new(words.split_whitespace().map(name))
}

/// A range without the brackets around all of it.
pub(super) fn bare(cursor: &Cursor<'_>, mut range: Range<usize>) -> Range<usize> {
    while cursor.is(range.start, "(") {
        let mut inner = cursor.part(range.clone());
        let group = inner.take_group();
        if !inner.is_at_end() || group.is_empty() {
            break;
        }
        range = group;
    }
    range
}

/// An option of storage, whose value may be a string or not.
pub(super) fn storage(cursor: &Cursor<'_>, option: Range<usize>) -> Text {
    let words = text(cursor, option).words().to_vec().into_iter();
    Text::new(words.map(|word| match word {
        Word::Other(value) => Word::Other(value.trim_matches('\'').to_owned()),
        name => name,
    }))
}

/// A part of a key or an index, without what is meant without a word.
pub(super) fn part(cursor: &Cursor<'_>, range: Range<usize>) -> Part {
    let mut end = range.end;
    let mut nulls = Vec::new();
    let descends = |end: usize| cursor.is(end.wrapping_sub(1), "desc");
    if cursor.is(end.wrapping_sub(2), "nulls") {
        let is_default =
            if cursor.is(end - 1, "first") { descends(end - 2) } else { !descends(end - 2) };
        if !is_default {
            nulls = text(cursor, end - 2..end).words().to_vec();
        }
        end -= 2;
    }
    if cursor.is(end.wrapping_sub(1), "asc") && end - 1 > range.start {
        end -= 1;
    }
    let is_column = matches!(cursor.kind(range.start), Some(Kind::Word | Kind::Quoted))
        && !cursor.is(range.start + 1, "(")
        && !cursor.is(range.start + 1, ".");
    if is_column {
        let column = Some(cursor.name(range.start).name);
        let words = text(cursor, range.start..end).words().to_vec();
        return Part { text: Text::new(words.into_iter().chain(nulls)), column };
    }
    let mut behind = cursor.part(range.start..end);
    behind.take_until(&["collate", "desc"]);
    let whole = bare(cursor, range.start..behind.at());
    let words = text(cursor, whole.clone()).words().to_vec();
    let rest = text(cursor, behind.at()..end);
    let column = (whole.len() == 1).then(|| cursor.name(whole.start).name);
    let rest = rest.words().iter().cloned().chain(nulls);
    Part { text: Text::new(words.into_iter().chain(rest)), column }
}

pub(super) fn parts(cursor: &mut Cursor<'_>) -> Vec<Part> {
    let group = cursor.take_group();
    cursor.list(group).into_iter().map(|range| part(cursor, range)).collect()
}

pub(super) fn names(cursor: &mut Cursor<'_>) -> Vec<Name> {
    let group = cursor.take_group();
    cursor.list(group).into_iter().map(|part| cursor.name(part.start).name).collect()
}
