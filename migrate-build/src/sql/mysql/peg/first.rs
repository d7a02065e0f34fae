//! What expressions begin with: so one look at a token tells which alternatives need no try.

use std::collections::HashMap;

use super::Set;
use super::compile::Symbols;
use super::read::{Expr, Rules};

/// What an expression may begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct First {
    pub(super) set: Set,
    /// It may take nothing.
    pub(super) nullable: bool,
}

impl First {
    /// With what another alternative may begin with.
    pub(super) fn or(&mut self, other: &Self) {
        self.set.union(&other.set);
        self.nullable |= other.nullable;
    }
}

/// What the rules of a grammar begin with, found out when it is asked for.
pub(super) struct Firsts<'c, 't> {
    rules: &'c Rules<'t>,
    symbols: &'c Symbols,
    /// Nothing, while it is being found out.
    known: HashMap<&'c str, Option<First>>,
}

impl<'c, 't> Firsts<'c, 't> {
    pub(super) fn new(rules: &'c Rules<'t>, symbols: &'c Symbols) -> Self {
        Self { rules, symbols, known: HashMap::new() }
    }

    /// What an expression begins with.
    ///
    /// # Errors
    /// When it begins with a rule that is none, or that begins with itself.
    pub(super) fn of(&mut self, expr: &'c Expr<'t>) -> Result<First, String> {
        if let Some(set) = terminal(expr, self.symbols) {
            return Ok(First { set, nullable: false });
        }
        let empty = First { set: Set::default(), nullable: true };
        Ok(match expr {
            Expr::Terminal(name) => return Err(format!("no symbol `{name}`")),
            Expr::Name(name) => self.of_rule(name)?,
            Expr::Sequence(items) => {
                let mut all = empty;
                for item in items {
                    if !all.nullable {
                        break;
                    }
                    let next = self.of(item)?;
                    all.set.union(&next.set);
                    all.nullable = next.nullable;
                }
                all
            }
            Expr::Choice(items) => {
                let mut all = First::default();
                for item in items {
                    all.or(&self.of(item)?);
                }
                all
            }
            Expr::Optional(inner) | Expr::Repeat(inner) => {
                First { nullable: true, ..self.of(inner)? }
            }
            Expr::Many(inner) | Expr::List(inner) | Expr::Mark(_, Some(inner)) => self.of(inner)?,
            Expr::Ahead(_) | Expr::Not(_) | Expr::Mark(_, None) | Expr::Need(_) => empty,
        })
    }

    /// What a rule begins with.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub(super) fn of_rule(&mut self, name: &'c str) -> Result<First, String> {
        if let Some(known) = self.known.get(name) {
            return known.clone().ok_or_else(|| format!("`{name}` begins with itself"));
        }
        let rule = self.rules.get(name).ok_or_else(|| format!("no rule `{name}`"))?;
        self.known.insert(name, None);
        let first = self.of(rule)?;
        self.known.insert(name, Some(first.clone()));
        Ok(first)
    }
}

/// The tokens that an expression takes, if it takes exactly one of a set.
pub(super) fn terminal(expr: &Expr<'_>, symbols: &Symbols) -> Option<Set> {
    match expr {
        Expr::Terminal(name) => {
            let mut set = Set::default();
            set.insert(symbols.get(name)?);
            Some(set)
        }
        Expr::Name(name) => symbols.classes.get(*name).cloned(),
        Expr::Choice(items) => {
            let mut all = Set::default();
            for item in items {
                all.union(&terminal(item, symbols)?);
            }
            Some(all)
        }
        _ => None,
    }
}
