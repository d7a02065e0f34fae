//! The words of a text, as far as brackets and commas take it apart.

use crate::sql::Name;
use crate::sql::schema::Word;

pub(super) fn name(word: &Word) -> Option<&Name> {
    match word {
        Word::Name(name) => Some(name),
        Word::Other(_) => None,
    }
}

/// Whether it is one of these names.
pub(super) fn is(word: &Word, these: &[&str]) -> bool {
    name(word).is_some_and(|name| these.contains(&name.as_str()))
}

/// The first place that is not within brackets and is so; the end if there is none.
pub(super) fn top_level(words: &[Word], is_it: impl Fn(usize) -> bool) -> usize {
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate() {
        if depth == 0 && is_it(at) {
            return at;
        }
        if word.says("(") || word.says("[") {
            depth += 1;
        } else if word.says(")") || word.says("]") {
            depth = depth.saturating_sub(1);
        }
    }
    words.len()
}

/// The place behind the bracket that closes the first word.
pub(super) fn behind_bracket(words: &[Word]) -> usize {
    top_level(words, |at| at > 0)
}

/// What stands between commas.
pub(super) fn items(mut words: &[Word]) -> Vec<&[Word]> {
    let mut items = Vec::new();
    loop {
        let (item, rest) = words.split_at(top_level(words, |at| words[at].says(",")));
        items.push(item);
        match rest {
            [_, rest @ ..] => words = rest,
            [] => return items,
        }
    }
}
