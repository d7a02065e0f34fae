//! From a grammar's text to expressions.

use std::collections::HashMap;

/// A parsing expression.
#[derive(Debug)]
pub(in super::super) enum Expr<'t> {
    /// A keyword, in capitals, or an operator.
    Terminal(&'t str),
    /// A rule, or a class of tokens.
    Name(&'t str),
    Sequence(Vec<Self>),
    Choice(Vec<Self>),
    Optional(Box<Self>),
    /// Any number.
    Repeat(Box<Self>),
    /// One or more.
    Many(Box<Self>),
    /// One or more, commas between.
    List(Box<Self>),
    Ahead(Box<Self>),
    Not(Box<Self>),
    Mark(&'t str, Option<Box<Self>>),
    Need(&'t str),
}

/// The rules of a grammar, by their names.
pub(in super::super) type Rules<'t> = HashMap<&'t str, Expr<'t>>;

/// Reads a grammar.
///
/// # Errors
/// The place where it does not fit the notation.
pub(in super::super) fn read(text: &str) -> Result<Rules<'_>, String> {
    let mut rules = Rules::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| !c.is_whitespace()) {
        rest = &rest[start..];
        let end = rule_end(rest);
        let (rule, behind) = rest.split_at(end);
        rest = behind;
        if rule.starts_with('#') {
            continue;
        }
        let fail = || format!("in the rule `{}`", rule.lines().next().unwrap_or_default());
        let (name, body) = rule.split_once('=').ok_or_else(fail)?;
        let mut reader = Reader { tokens: tokens(body), at: 0 };
        let expr = reader.choice().filter(|_| reader.at == reader.tokens.len()).ok_or_else(fail)?;
        if rules.insert(name.trim(), expr).is_some() {
            return Err(format!("two rules `{}`", name.trim()));
        }
    }
    Ok(rules)
}

/// A rule ends before the next line that begins without white space.
fn rule_end(text: &str) -> usize {
    text.char_indices()
        .zip(text.chars().skip(1))
        .find(|((_, c), next)| *c == '\n' && !next.is_whitespace())
        .map_or(text.len(), |((at, _), _)| at + 1)
}

fn tokens(body: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = body.trim_start();
    while let Some(first) = rest.chars().next() {
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
        let len = match first {
            '\'' => rest[1..].find('\'').map_or(rest.len(), |end| end + 2),
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '{' => rest.find('}').map_or(rest.len(), |end| end + 1),
            '<' => rest.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(rest.len()),
            '.' => rest.find(|c| c != '.').unwrap_or(rest.len()),
            _ if is_name(first) => rest.find(|c| !is_name(c)).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        let (token, behind) = rest.split_at(len);
        if first != '#' {
            tokens.push(token);
        }
        rest = behind.trim_start();
    }
    tokens
}

struct Reader<'t> {
    tokens: Vec<&'t str>,
    at: usize,
}

impl<'t> Reader<'t> {
    fn take(&mut self, token: &str) -> bool {
        let is = self.tokens.get(self.at) == Some(&token);
        self.at += usize::from(is);
        is
    }

    fn choice(&mut self) -> Option<Expr<'t>> {
        let mut alternatives = vec![self.sequence()?];
        while self.take("|") {
            alternatives.push(self.sequence()?);
        }
        Some(single(alternatives, Expr::Choice))
    }

    fn sequence(&mut self) -> Option<Expr<'t>> {
        let mut items = Vec::new();
        while let Some(token) = self.tokens.get(self.at)
            && !matches!(*token, "|" | ")" | "]" | ">")
        {
            items.push(self.item()?);
        }
        Some(single(items, Expr::Sequence))
    }

    fn item(&mut self) -> Option<Expr<'t>> {
        let item = self.prefixed()?;
        Some(if self.take("*") {
            Expr::Repeat(Box::new(item))
        } else if self.take("+") {
            Expr::Many(Box::new(item))
        } else if self.take("...") {
            Expr::List(Box::new(item))
        } else {
            item
        })
    }

    fn prefixed(&mut self) -> Option<Expr<'t>> {
        let token = *self.tokens.get(self.at)?;
        self.at += 1;
        let closed =
            |expr: Option<Expr<'t>>, reader: &mut Self, close| expr.filter(|_| reader.take(close));
        match token {
            "&" => Some(Expr::Ahead(Box::new(self.prefixed()?))),
            "!" => Some(Expr::Not(Box::new(self.prefixed()?))),
            "(" => {
                let inner = self.choice();
                closed(inner, self, ")")
            }
            "[" => {
                let inner = self.choice().map(|inner| Expr::Optional(Box::new(inner)));
                closed(inner, self, "]")
            }
            _ if token.starts_with('<') => {
                let inner = self.sequence();
                let inner = closed(inner, self, ">")?;
                let is_empty = matches!(&inner, Expr::Sequence(items) if items.is_empty());
                Some(Expr::Mark(&token[1..], (!is_empty).then(|| Box::new(inner))))
            }
            _ if token.starts_with('{') => Some(Expr::Need(token[1..].strip_suffix('}')?)),
            _ if token.starts_with('\'') => Some(Expr::Terminal(token[1..].strip_suffix('\'')?)),
            _ if token.starts_with(|c: char| c.is_ascii_lowercase()) => Some(Expr::Name(token)),
            _ if token.starts_with(|c: char| c.is_ascii_uppercase() || c == '_') => {
                Some(Expr::Terminal(token))
            }
            _ => None,
        }
    }
}

fn single<'t>(mut items: Vec<Expr<'t>>, make: fn(Vec<Expr<'t>>) -> Expr<'t>) -> Expr<'t> {
    match items.pop() {
        Some(only) if items.is_empty() => only,
        last => {
            items.extend(last);
            make(items)
        }
    }
}
