//! What differs and may be the same to a MySQL server: it writes queries and expressions in its own
//! way, and says at a column which character set it has only where that is not the table's.

use std::collections::BTreeSet;

use crate::catalog::Object;
use crate::sql::Name;
use crate::sql::schema::{ConstraintKind, Path, Table, Text, View, Word};

const COLLATION: &str =
    "the character set before is that of the database, or its default collation";
const EXPRESSION: &str = "it comes back in other words, which may mean the same";
const STAR: &str = "what it reads has other columns now, and the server keeps which ones it meant";

/// Of two objects that are not certain to differ, why it cannot be told.
pub(super) fn unclear(old: &Object, new: &Object) -> Option<&'static str> {
    match (old, new) {
        (Object::View(old), Object::View(new)) => views(old, new),
        (Object::Table(old), Object::Table(new)) if old != new => {
            let mut liked = new.clone();
            let why = alike(old, &mut liked);
            why.filter(|_| is_same_but_for_order(old, &liked))
        }
        _ => None,
    }
}

fn views(old: &View, new: &View) -> Option<&'static str> {
    if old == new {
        (old.seen != new.seen).then_some(STAR)
    } else {
        // The server writes columns in full, and more than that.
        let strings = |view: &View| -> BTreeSet<String> {
            let words = view.text.words().iter();
            let strings = words.filter_map(|word| match word {
                Word::Other(text) if text.starts_with('\'') => Some(text.clone()),
                _ => None,
            });
            strings.collect()
        };
        let reads = |view: &View| -> BTreeSet<Path> { view.reads.iter().cloned().collect() };
        (strings(old) == strings(new) && reads(old) == reads(new)).then_some(EXPRESSION)
    }
}

fn is_same_but_for_order(old: &Table, new: &Table) -> bool {
    let mut sorted = new.clone();
    sorted.columns.sort_by_key(|column| old.columns.iter().position(|one| one.name == column.name));
    *old == sorted
}

/// Gives a table what another one has, wherever the two may be the same there; why.
fn alike(old: &Table, new: &mut Table) -> Option<&'static str> {
    let mut why = None;
    let mut settle = |reason| {
        why.get_or_insert(reason);
    };
    for column in &mut new.columns {
        let Some(before) = old.column(&column.name) else { continue };
        if column.collation != before.collation
            && may_be_same_collation(before.collation.as_ref(), column.collation.as_ref())
        {
            column.collation.clone_from(&before.collation);
            settle(COLLATION);
        }
        let texts =
            [(&before.default, &mut column.default), (&before.generated, &mut column.generated)];
        for (old, new) in texts {
            if let (Some(old), Some(new)) = (old, new)
                && old != new
                && is_expression(old)
                && is_expression(new)
                && may_be_same(old, new)
            {
                new.clone_from(old);
                settle(EXPRESSION);
            }
        }
    }
    if old.options != new.options {
        let (before, now) = (collation_of(old), collation_of(new));
        if before != now && may_be_same_collation(before.as_ref(), now.as_ref()) {
            new.options.retain(|option| !is_collation(option));
            new.options.extend(old.options.iter().filter(|option| is_collation(option)).cloned());
            new.options.sort_by_key(ToString::to_string);
            settle(COLLATION);
        }
    }
    for constraint in &mut new.constraints {
        if old.constraints.contains(constraint) {
            continue;
        }
        let ConstraintKind::Check(text) = &mut constraint.kind else { continue };
        let mut others = old.constraints.iter().filter_map(|other| match &other.kind {
            ConstraintKind::Check(text) if other.name == constraint.name => Some(text),
            _ => None,
        });
        if let Some(other) = others.find(|other| may_be_same(other, text)) {
            text.clone_from(other);
            settle(EXPRESSION);
        }
    }
    why
}

fn is_collation(option: &Text) -> bool {
    option.words().first() == Some(&Word::Name(Name::new("collate")))
}

fn collation_of(table: &Table) -> Option<Name> {
    let found = table.options.iter().find(|option| is_collation(option))?;
    match found.words() {
        [_, Word::Name(name)] => Some(name.clone()),
        _ => None,
    }
}

/// Which of two collations it is that are not written in full, only the server knows: the database's,
/// and the default one of some character sets.
fn may_be_same_collation(old: Option<&Name>, new: Option<&Name>) -> bool {
    let (Some(old), Some(new)) = (old, new) else { return true };
    let charset = |name: &Name| name.as_str().split('_').next().unwrap_or_default().to_owned();
    let is_short = |name: &Name| name.as_str() == charset(name);
    let is_binary = |name: &Name| name.as_str() == "_bin";
    let (a, b) = (charset(old), charset(new));
    is_binary(old) && new.as_str().ends_with("_bin")
        || is_binary(new) && old.as_str().ends_with("_bin")
        || a == b && (is_short(old) || is_short(new))
}

/// Whether the server writes it in its own way.
fn is_expression(text: &Text) -> bool {
    text.words().len() > 1
}

/// Whether two expressions may be one to the server, which writes names in full, knows
/// functions by several names, and leaves brackets out.
fn may_be_same(old: &Text, new: &Text) -> bool {
    let (a, b) = (Outline::of(old), Outline::of(new));
    a.literals == b.literals && a.names == b.names && (a.negates || b.negates || a.signs == b.signs)
}

/// What of a text the server does not change.
#[derive(Default)]
struct Outline<'t> {
    literals: BTreeSet<&'t str>,
    names: BTreeSet<&'t Name>,
    signs: BTreeSet<&'t str>,
    negates: bool,
}

impl<'t> Outline<'t> {
    fn of(text: &'t Text) -> Self {
        let mut outline = Self::default();
        let words = text.words();
        for (at, word) in words.iter().enumerate() {
            let is_before = |sign: &str| words.get(at + 1).is_some_and(|next| next.says(sign));
            match word {
                Word::Name(name) if name.as_str() == "not" => outline.negates = true,
                Word::Name(name) if is_keyword(name) || is_before("(") || is_before(".") => {}
                Word::Name(name) => {
                    outline.names.insert(name);
                }
                Word::Other(word) => match word.as_str() {
                    "!" => outline.negates = true,
                    "!=" => {
                        outline.signs.insert("<>");
                    }
                    "<" | ">" | "<=" | ">=" | "=" | "<>" | "<=>" | "+" | "*" | "/" | "%" => {
                        outline.signs.insert(word);
                    }
                    _ if word.starts_with(|c: char| c == '\'' || c.is_ascii_digit()) => {
                        outline.literals.insert(word);
                    }
                    _ => {}
                },
            }
        }
        outline
    }
}

/// What stands in queries and expressions and names nothing, as far as the server may leave it out or
/// write it in another way.
fn is_keyword(name: &Name) -> bool {
    const WORDS: [&str; 24] = [
        "as",
        "asc",
        "all",
        "and",
        "or",
        "xor",
        "is",
        "null",
        "true",
        "false",
        "unknown",
        "inner",
        "cross",
        "join",
        "on",
        "using",
        "outer",
        "current_timestamp",
        "localtime",
        "localtimestamp",
        "current_date",
        "current_time",
        "mod",
        "div",
    ];
    WORDS.contains(&name.as_str())
}
