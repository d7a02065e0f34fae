//! From expressions to a program of the machine.

use std::collections::HashMap;

use super::first::{First, Firsts, terminal};
use super::read::{Expr, Rules};
use super::{Set, Symbol};

/// One step of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Op {
    /// Takes a token of a set, or fails.
    Take(u16),
    /// Goes elsewhere unless the token at hand is of a set.
    Test(u16, u32),
    /// On failure goes on elsewhere, from here.
    Choose(u32),
    /// The same, and what does not fit until then is not worth telling: it only looks ahead.
    Look(u32),
    /// Forgets the last choice, and goes elsewhere.
    Commit(u32),
    /// Goes back to where the last choice was made, forgets it, and goes elsewhere.
    Return(u32),
    /// Forgets the last choice, and fails.
    FailTwice,
    /// Fails.
    Fail,
    Jump(u32),
    Call(u32),
    End,
    Open(u16),
    Close(u16),
    Mark(u16),
    Need(u16),
}

/// A grammar that can be run. `Mark`s and `Need`s are made from their texts.
#[derive(Debug)]
pub(in super::super) struct Program<M, N> {
    pub(super) ops: Vec<Op>,
    pub(super) sets: Vec<Set>,
    pub(super) marks: Vec<M>,
    pub(super) needs: Vec<N>,
    entries: HashMap<String, u32>,
}

/// Terminals and classes of tokens, by their names.
#[derive(Debug, Default)]
pub(in super::super) struct Symbols {
    numbers: HashMap<String, Symbol>,
    names: Vec<String>,
    pub(super) classes: HashMap<String, Set>,
}

impl Symbols {
    /// The symbol of a keyword, in capitals, of an operator, or of a kind of token.
    pub(in super::super) fn intern(&mut self, name: &str) -> Symbol {
        if let Some(symbol) = self.numbers.get(name) {
            return *symbol;
        }
        // A grammar has some hundred words.
        let symbol = Symbol::try_from(self.names.len()).unwrap_or(Symbol::MAX);
        self.numbers.insert(name.to_owned(), symbol);
        self.names.push(name.to_owned());
        symbol
    }

    pub(in super::super) fn get(&self, name: &str) -> Option<Symbol> {
        self.numbers.get(name).copied()
    }

    /// Every symbol with its name.
    pub(in super::super) fn all(&self) -> impl Iterator<Item = (Symbol, &str)> {
        (0..).zip(self.names.iter().map(String::as_str))
    }

    /// Makes every terminal of a grammar a symbol, so that classes can be told before it is compiled.
    pub(in super::super) fn intern_all(&mut self, rules: &Rules<'_>) {
        rules.values().for_each(|expr| self.intern_those_of(expr));
    }

    fn intern_those_of(&mut self, expr: &Expr<'_>) {
        match expr {
            Expr::Terminal(name) => {
                self.intern(name);
            }
            Expr::Sequence(items) | Expr::Choice(items) => {
                items.iter().for_each(|item| self.intern_those_of(item));
            }
            Expr::List(inner) => {
                self.intern(",");
                self.intern_those_of(inner);
            }
            Expr::Optional(inner)
            | Expr::Repeat(inner)
            | Expr::Many(inner)
            | Expr::Ahead(inner)
            | Expr::Not(inner)
            | Expr::Mark(_, Some(inner)) => self.intern_those_of(inner),
            Expr::Name(_) | Expr::Mark(_, None) | Expr::Need(_) => {}
        }
    }

    /// Names a class of tokens.
    pub(in super::super) fn class(&mut self, name: &str, set: Set) {
        self.classes.insert(name.to_owned(), set);
    }
}

impl<M, N> Program<M, N> {
    /// Compiles a grammar.
    ///
    /// # Errors
    /// Names that are neither rules nor classes, and what is without end.
    pub(in super::super) fn compile(
        rules: &Rules<'_>,
        symbols: &Symbols,
        mark: impl Fn(&str) -> Option<M>,
        need: impl Fn(&str) -> Option<N>,
    ) -> Result<Self, String> {
        let mut names: Vec<&str> = rules.keys().copied().collect();
        names.sort_unstable();
        let program = Self {
            ops: Vec::new(),
            sets: Vec::new(),
            marks: Vec::new(),
            needs: Vec::new(),
            entries: HashMap::new(),
        };
        let firsts = Firsts::new(rules, symbols);
        let (known, calls) = (HashMap::new(), Vec::new());
        let mut compiler = Compiler { program, symbols, firsts, mark, need, known, calls };
        for name in names {
            let at = compiler.here();
            compiler.program.entries.insert(name.to_owned(), at);
            compiler.firsts.of_rule(name)?;
            compiler.emit(&rules[name])?;
            compiler.program.ops.push(Op::End);
        }
        let Compiler { mut program, calls, .. } = compiler;
        for (at, name) in calls {
            let entry = program.entry(name).ok_or_else(|| format!("no rule `{name}`"))?;
            program.ops[at] = Op::Call(entry);
        }
        Ok(program)
    }

    /// Where a rule begins.
    pub(super) fn entry(&self, rule: &str) -> Option<u32> {
        self.entries.get(rule).copied()
    }
}

struct Compiler<'c, 't, M, N, ToMark, ToNeed> {
    program: Program<M, N>,
    symbols: &'c Symbols,
    firsts: Firsts<'c, 't>,
    mark: ToMark,
    need: ToNeed,
    /// The sets that the program has.
    known: HashMap<Set, u16>,
    /// Calls whose rules are not compiled yet.
    calls: Vec<(usize, &'c str)>,
}

/// What stands between the items of a list.
static COMMA: Expr<'static> = Expr::Terminal(",");

/// Filled in later.
const LATER: u32 = u32::MAX;

impl<'c, 't: 'c, M, N, ToMark, ToNeed> Compiler<'c, 't, M, N, ToMark, ToNeed>
where
    ToMark: Fn(&str) -> Option<M>,
    ToNeed: Fn(&str) -> Option<N>,
{
    fn here(&self) -> u32 {
        u32::try_from(self.program.ops.len()).unwrap_or(LATER)
    }

    fn push(&mut self, op: Op) -> usize {
        self.program.ops.push(op);
        self.program.ops.len() - 1
    }

    /// Lets a step that goes elsewhere go to what comes next.
    fn land(&mut self, at: usize) {
        let here = self.here();
        match &mut self.program.ops[at] {
            Op::Test(_, to)
            | Op::Choose(to)
            | Op::Look(to)
            | Op::Commit(to)
            | Op::Return(to)
            | Op::Jump(to) => {
                *to = here;
            }
            _ => {}
        }
    }

    fn set(&mut self, set: Set) -> u16 {
        let next = u16::try_from(self.program.sets.len()).unwrap_or(u16::MAX);
        *self.known.entry(set).or_insert_with_key(|set| {
            self.program.sets.push(set.clone());
            next
        })
    }

    fn emit(&mut self, expr: &'c Expr<'t>) -> Result<(), String> {
        if let Some(set) = terminal(expr, self.symbols) {
            let set = self.set(set);
            self.push(Op::Take(set));
            return Ok(());
        }
        match expr {
            Expr::Terminal(name) => return Err(format!("no symbol `{name}`")),
            Expr::Name(name) => {
                let at = self.push(Op::Fail);
                self.calls.push((at, name));
            }
            Expr::Sequence(items) => items.iter().try_for_each(|item| self.emit(item))?,
            Expr::Choice(items) => self.choice(items)?,
            Expr::Optional(inner) => {
                let (test, choose) = self.maybe(inner)?;
                self.emit(inner)?;
                let commit = self.push(Op::Commit(LATER));
                [commit, choose].into_iter().chain(test).for_each(|at| self.land(at));
            }
            Expr::Repeat(inner) => self.repeat(None, inner)?,
            Expr::Many(inner) => {
                self.emit(inner)?;
                self.repeat(None, inner)?;
            }
            Expr::List(inner) => {
                self.emit(inner)?;
                self.repeat(Some(&COMMA), inner)?;
            }
            Expr::Ahead(inner) => {
                let choose = self.push(Op::Look(LATER));
                self.emit(inner)?;
                let back = self.push(Op::Return(LATER));
                self.land(choose);
                self.push(Op::Fail);
                self.land(back);
            }
            Expr::Not(inner) => {
                let choose = self.push(Op::Look(LATER));
                self.emit(inner)?;
                self.push(Op::FailTwice);
                self.land(choose);
            }
            Expr::Mark(text, inner) => {
                let mark = (self.mark)(text).ok_or_else(|| format!("no mark `{text}`"))?;
                self.program.marks.push(mark);
                let index = u16::try_from(self.program.marks.len() - 1).unwrap_or(u16::MAX);
                match inner {
                    Some(inner) => {
                        self.push(Op::Open(index));
                        self.emit(inner)?;
                        self.push(Op::Close(index));
                    }
                    None => {
                        self.push(Op::Mark(index));
                    }
                }
            }
            Expr::Need(text) => {
                let need = (self.need)(text).ok_or_else(|| format!("no need `{text}`"))?;
                self.program.needs.push(need);
                let index = u16::try_from(self.program.needs.len() - 1).unwrap_or(u16::MAX);
                self.push(Op::Need(index));
            }
        }
        Ok(())
    }

    /// The way around an expression, for a token that it cannot begin with, and for its failure.
    fn maybe(&mut self, expr: &'c Expr<'t>) -> Result<(Option<usize>, usize), String> {
        let first = self.firsts.of(expr)?;
        let test = (!first.nullable).then(|| {
            let set = self.set(first.set);
            self.push(Op::Test(set, LATER))
        });
        Ok((test, self.push(Op::Choose(LATER))))
    }

    fn repeat(
        &mut self,
        separator: Option<&'c Expr<'t>>,
        inner: &'c Expr<'t>,
    ) -> Result<(), String> {
        let start = self.here();
        if self.firsts.of(inner)?.nullable {
            return Err(format!("endless: {inner:?}"));
        }
        let (test, choose) = self.maybe(separator.unwrap_or(inner))?;
        if let Some(separator) = separator {
            self.emit(separator)?;
        }
        self.emit(inner)?;
        self.push(Op::Commit(start));
        [choose].into_iter().chain(test).for_each(|at| self.land(at));
        Ok(())
    }

    fn choice(&mut self, items: &'c [Expr<'t>]) -> Result<(), String> {
        let firsts =
            items.iter().map(|item| self.firsts.of(item)).collect::<Result<Vec<_>, _>>()?;
        // Of each alternative: what those behind it begin with.
        let mut behind = First::default();
        let mut others: Vec<First> = Vec::new();
        for first in firsts.iter().rev() {
            others.push(behind.clone());
            behind.or(first);
        }
        let mut ends = Vec::new();
        for ((item, first), others) in items.iter().zip(firsts).zip(others.into_iter().rev()) {
            // When no other alternative can begin with the token, there is nothing to go back to.
            let decides = !first.nullable && !others.nullable && first.set.is_disjoint(&others.set);
            let is_last = others == First::default();
            let test = (!first.nullable && !is_last).then(|| {
                let set = self.set(first.set);
                self.push(Op::Test(set, LATER))
            });
            let choose = (!decides && !is_last).then(|| self.push(Op::Choose(LATER)));
            self.emit(item)?;
            if !is_last {
                ends.push(self.push(if decides { Op::Jump(LATER) } else { Op::Commit(LATER) }));
            }
            choose.into_iter().chain(test).for_each(|at| self.land(at));
        }
        ends.into_iter().for_each(|end| self.land(end));
        Ok(())
    }
}
