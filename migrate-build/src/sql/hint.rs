//! Syntax errors as people need them: the place, what stands there, what was meant.

use std::borrow::Cow;
use std::sync::Arc;

use super::syntax;
use super::token::{Kind, Token};
use crate::diagnostic::Diagnostic;
use crate::source::{Source, Span, count};
use crate::suggest::nearest;

/// What a dialect's hints are made of.
pub(super) struct Grammar {
    /// The database's name.
    pub(super) title: &'static str,
    /// Its keywords, but for rare ones: what a misspelt word may have been.
    pub(super) keywords: &'static [&'static str],
    /// Reserved words that are not among the keywords.
    pub(super) reserved: Cow<'static, [&'static str]>,
    /// Keywords that begin a statement.
    pub(super) statement_words: &'static [&'static str],
    /// What stands around a name that is a reserved word.
    pub(super) quote: char,
    /// The tokens of a text.
    pub(super) tokens: fn(&str) -> Vec<Token>,
}

/// What stands behind a list.
const AFTER_LISTS: &[&str] = &[")", "FROM", "GROUP", "LIMIT", "ORDER", "VALUES", "WHERE"];

/// What a name is likely to stand behind.
const NAME_INTRODUCERS: &[&str] = &[
    "(", ",", ".", "ADD", "COLUMN", "EXISTS", "FROM", "INDEX", "INTO", "JOIN", "ON", "RENAME",
    "TABLE", "TO", "TRIGGER", "UPDATE", "VIEW",
];

/// The finding for a line that only a shell understands: these words begin none of SQL's
/// statements.
pub(super) fn client_command(source: &Arc<Source>, statement: Span) -> Option<Diagnostic> {
    let word = source.slice(statement).split_whitespace().next()?;
    let help = if word.eq_ignore_ascii_case("delimiter") {
        "`DELIMITER` is a command of the `mysql` program, not SQL: leave it out, statements are split where the grammar ends them"
    } else if word.starts_with('\\') {
        "lines that begin with `\\` are commands of `psql`, not SQL: leave them out"
    } else if word.starts_with('.') {
        "lines that begin with `.` are commands of the `sqlite3` shell, not SQL: leave them out"
    } else {
        return None;
    };
    let line = source.location(statement.start).line;
    let end = source.line_span(line).end.min(statement.end);
    let line = Span::new(statement.start, end);
    Some(syntax(source, line, "this is not SQL", "").help(help))
}

impl Grammar {
    /// The finding for the token at a place, which does not fit.
    pub(super) fn unexpected(&self, source: &Arc<Source>, statement: Span, at: u32) -> Diagnostic {
        let text = source.slice(statement);
        let all = self.words(text);
        let within = at.saturating_sub(statement.start);
        let index = all.iter().position(|token| token.span.end > within);
        let Some(index) = index else { return self.unfinished(source, statement) };
        let word = |token: &Token| &text[token.span.range()];
        let place = |token: &Token| {
            Span::new(statement.start + token.span.start, statement.start + token.span.end)
        };
        let found = &all[index];
        let finding = syntax(
            source,
            place(found),
            format!("syntax error near `{}`", shorten(&source.shown(place(found)))),
            format!("{} does not expect this here", self.title),
        );
        match self.suggestion(text, &all, index) {
            Some(Suggestion::Help(help)) => finding.help(help),
            Some(Suggestion::Word(suspect, meant)) => finding
                .help(format!("did you mean `{meant}` instead of `{}`?", word(suspect)))
                .fix(source, place(suspect), meant),
            None => finding,
        }
    }

    /// The finding for a statement that ends too early.
    pub(super) fn unfinished(&self, source: &Arc<Source>, statement: Span) -> Diagnostic {
        let text = source.slice(statement);
        let last = text.chars().next_back().map_or(0, |c| count(c.len_utf8()));
        let end = Span::new(statement.end.saturating_sub(last), statement.end);
        let finding =
            syntax(source, end, "this statement is not finished", "more is expected here");
        if is_open(text, &self.words(text)) { finding.help("is a `)` missing?") } else { finding }
    }

    fn words(&self, text: &str) -> Vec<Token> {
        let mut tokens = (self.tokens)(text);
        tokens.retain(|token| !token.is_comment());
        tokens
    }

    /// Judges the token that does not fit by what stands around it.
    fn suggestion<'t>(&self, text: &str, all: &'t [Token], index: usize) -> Option<Suggestion<'t>> {
        let found = &text[all[index].span.range()];
        if let Some(space) = found.chars().find(|c| is_odd_space(*c)) {
            let code = u32::from(space);
            return Some(Suggestion::Help(format!(
                "the invisible character U+{code:04X} stands here: replace it by a space"
            )));
        }
        let around = || self.beside(text, all, index).map(Suggestion::Help);
        let misspelt = || self.misspelt(text, all, index);
        // What is doubtless right tells more than a word that resembles another.
        let is_certain = all[index].kind != Kind::Word || self.is_keyword(found);
        if is_certain { around().or_else(misspelt) } else { misspelt().or_else(around) }
    }

    /// A misspelt keyword is taken for a name: the parser stumbles over it, or over what follows.
    fn misspelt<'t>(&self, text: &str, all: &'t [Token], index: usize) -> Option<Suggestion<'t>> {
        all[index.saturating_sub(2)..=index].iter().rev().find_map(|suspect| {
            let word = Some(&text[suspect.span.range()]).filter(|_| suspect.kind == Kind::Word);
            Some(Suggestion::Word(suspect, self.keyword(word?)?))
        })
    }

    /// What is missing, or too much, between a token that does not fit and the one before it.
    fn beside(&self, text: &str, all: &[Token], index: usize) -> Option<String> {
        let word = |token: &Token| &text[token.span.range()];
        let before = index.checked_sub(1).map(|at| &all[at])?;
        let (found, is_word) = (word(&all[index]), all[index].kind == Kind::Word);
        let between = |at: usize| &text[all[at - 1].span.end as usize..all[at].span.start as usize];
        let new_line = between(index).contains('\n');
        if before.kind == Kind::String && is_word && between(index).is_empty() {
            Some("a quote inside a string is written twice: `''`".to_owned())
        } else if word(before) == "," && is_one_of(found, AFTER_LISTS) {
            Some(format!("is the comma before `{found}` one too many?"))
        } else if new_line && is_one_of(found, self.statement_words) {
            Some(format!("is a `;` missing before `{found}`?"))
        } else if new_line && is_word && word(before) != "," && is_open(text, &all[..index]) {
            Some(format!("is a comma missing before `{found}`?"))
        } else if let Some(name) = self.reserved(text, all, index) {
            Some(self.quoting(name))
        } else if index > 1
            && between(index - 1).contains('\n')
            && is_one_of(word(before), self.statement_words)
        {
            // `SELECT 1 SELECT` names a column.
            Some(format!("is a `;` missing before `{}`?", word(before)))
        } else {
            None
        }
    }

    /// A keyword where a name is to stand: the token that does not fit, or one before it that may
    /// begin something else as well, as `CHECK` does.
    fn reserved<'t>(&self, text: &'t str, all: &[Token], index: usize) -> Option<&'t str> {
        let word = |at: usize| all.get(at).map_or("", |token| &text[token.span.range()]);
        let before = |by: usize| index.checked_sub(by);
        let is_named = |at: &usize| {
            self.is_keyword(word(*at))
                && at.checked_sub(1).is_some_and(|at| is_one_of(word(at), NAME_INTRODUCERS))
        };
        // A name and a type, and no more: `(index INT)`.
        let is_column = |at: &usize| {
            let ends = |at| matches!(word(at), "," | ")");
            is_named(at) && matches!(word(at - 1), "," | "(") && ends(at + 2)
        };
        let column = [before(1), before(2)].into_iter().flatten().find(is_column);
        let named = || [Some(index), before(1)].into_iter().flatten().find(is_named);
        column.or_else(named).map(word)
    }

    /// How to name something by a reserved word.
    pub(super) fn quoting(&self, word: &str) -> String {
        let advice = match self.quote {
            '`' => "put backticks around it".to_owned(),
            quote => format!("write `{quote}{word}{quote}`"),
        };
        format!("`{word}` is a reserved word: as a name, {advice}")
    }

    fn is_keyword(&self, word: &str) -> bool {
        is_one_of(word, self.keywords) || is_one_of(word, &self.reserved)
    }

    /// The keyword that a word is near to. Short words and names are near to some keyword by
    /// chance, so they have to be nearer.
    fn keyword(&self, word: &str) -> Option<&'static str> {
        if self.is_keyword(word) {
            return None;
        }
        let meant = nearest(word, self.keywords.iter().copied())?;
        let distance = strsim::damerau_levenshtein(&word.to_ascii_uppercase(), meant);
        let is_near = distance <= 1 && word.len().max(meant.len()) > 3;
        (is_near || meant.len() > 5).then_some(meant)
    }
}

/// What was probably meant.
enum Suggestion<'t> {
    Help(String),
    /// A keyword instead of a word.
    Word(&'t Token, &'static str),
}

/// Whether more brackets are opened than closed.
fn is_open(text: &str, tokens: &[Token]) -> bool {
    let mut depth = 0_i64;
    for token in tokens.iter().filter(|token| token.kind == Kind::Punctuation) {
        depth += match &text[token.span.range()] {
            "(" => 1,
            ")" => -1,
            _ => 0,
        };
    }
    depth > 0
}

/// White space to people, but not to databases.
fn is_odd_space(c: char) -> bool {
    (c.is_whitespace() && !c.is_ascii())
        || matches!(c, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}')
}

pub(super) fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|other| other.eq_ignore_ascii_case(word))
}

fn shorten(text: &str) -> String {
    let mut chars = text.chars();
    let short: String = chars.by_ref().take(40).collect();
    if chars.next().is_some() { format!("{short}…") } else { short }
}
