//! Deep trees in linear time.
//!
//! The trees are `rowan`'s, which looks for an equal one each time a small node is made. With nodes
//! that hold each other by the thousand, that takes quadratic time. A node of more than three parts
//! is not looked for, nor is what holds it: so comments are put between the tokens.

use super::lex::{dollar_tag, words};
use super::stack::Nesting;
use crate::source::count;
use crate::sql::token::{Kind, Token};

/// White space, a comment, white space: three parts.
const GAP: &str = " /**/ ";

/// A text with gaps between its tokens, and where these come from.
pub(super) struct Spread {
    pub(super) text: String,
    /// Where tokens begin: in the new text, and in the old.
    starts: Vec<(u32, u32)>,
}

/// Spreads a statement; its comments are left out.
pub(super) fn spread(text: &str) -> Spread {
    let mut spread = Spread { text: String::with_capacity(text.len() * 4), starts: Vec::new() };
    let mut before: Option<Token> = None;
    for token in words(text) {
        if let Some(before) = before {
            let between = &text[before.span.end as usize..token.span.start as usize];
            if before.kind == Kind::String && token.kind == Kind::String {
                // Two texts are one when a line ends between them.
                spread.text.push(if between.contains('\n') { '\n' } else { ' ' });
            } else if !(between.is_empty() && is_sign(before, text) && is_sign(token, text)) {
                spread.text.push_str(GAP);
            }
        }
        spread.starts.push((count(spread.text.len()), token.span.start));
        push_token(&mut spread.text, token, &text[token.span.range()]);
        before = Some(token);
    }
    spread
}

/// Code in a text is read too, and cannot be spread there: what holds itself by the thousand is left
/// out.
fn push_token(text: &mut String, token: Token, written: &str) {
    const MOST: usize = 2000;
    let quote = dollar_tag(written).map_or(1, str::len);
    let body = written.len().checked_sub(quote).and_then(|end| written.get(quote..end));
    let is_deep = |body: &&str| {
        let mut nesting = Nesting::default();
        words(body).for_each(|token| nesting.token(token, body));
        nesting.finish() > MOST
    };
    match body.filter(|body| token.kind == Kind::String && body.len() > MOST).filter(is_deep) {
        Some(body) => {
            text.push_str(&written[..quote]);
            text.extend(std::iter::repeat_n(' ', body.len()));
            text.push_str(&written[quote + body.len()..]);
        }
        None => text.push_str(written),
    }
}

/// Signs that touch are one operator.
fn is_sign(token: Token, text: &str) -> bool {
    let is_bracket = |sign: &str| ["(", ")", "[", "]", ",", "."].contains(&sign);
    token.kind == Kind::Punctuation && !is_bracket(&text[token.span.range()])
}

impl Spread {
    /// The place in the old text.
    pub(super) fn original(&self, at: u32) -> u32 {
        let token = self.starts.partition_point(|(start, _)| *start <= at);
        let Some((new, old)) = token.checked_sub(1).and_then(|token| self.starts.get(token)) else {
            return at;
        };
        let next = self.starts.get(token).map_or(u32::MAX, |(_, old)| *old);
        (old + (at - new)).min(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_and_texts_keep_together() {
        let text = "a::int>=-1 -- c\n||'x'\n'y'";
        let spread = spread(text);
        assert_eq!(spread.text, "a /**/ :: /**/ int /**/ >=- /**/ 1 /**/ || /**/ 'x'\n'y'");
    }

    #[test]
    fn code_that_is_too_deep_is_left_out() {
        let deep = format!("AS $f$ SELECT {}1{} $f$", "(".repeat(2500), ")".repeat(2500));
        let spread = spread(&deep);
        assert_eq!(spread.text.trim_start_matches("AS /**/ $f$").trim(), "$f$");
        assert_eq!(spread.text.len(), deep.len() + "/**/ ".len());
    }

    #[test]
    fn places_are_found_again() {
        let text = "SELECT  f(abc)";
        let spread = spread(text);
        for word in ["SELECT", "f", "(", "abc", ")"] {
            let new = spread.text.find(word).expect("it is there");
            let old = text.find(word).expect("it is there");
            assert_eq!(spread.original(count(new)) as usize, old, "{word}");
        }
        let end = count(spread.text.len());
        assert_eq!(spread.original(end) as usize, text.len());
        assert_eq!(spread.original(8), 8, "between two words");
    }
}
