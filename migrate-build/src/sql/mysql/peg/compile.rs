//! From expressions to a program of the machine.

use std::collections::HashMap;

use super::read::{Expr, Rules, read};
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
    classes: HashMap<String, Set>,
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

    /// Names a class of tokens.
    pub(in super::super) fn class(&mut self, name: &str, set: Set) {
        self.classes.insert(name.to_owned(), set);
    }
}

/// Makes every terminal of a grammar a symbol, so that classes can be told before it is compiled.
///
/// # Errors
/// The place where the text is no grammar.
pub(in super::super) fn intern_all(text: &str, symbols: &mut Symbols) -> Result<(), String> {
    fn visit(expr: &Expr<'_>, symbols: &mut Symbols) {
        match expr {
            Expr::Terminal(name) => {
                symbols.intern(name);
            }
            Expr::Sequence(items) | Expr::Choice(items) => {
                items.iter().for_each(|item| visit(item, symbols));
            }
            Expr::List(inner) => {
                symbols.intern(",");
                visit(inner, symbols);
            }
            Expr::Optional(inner)
            | Expr::Repeat(inner)
            | Expr::Many(inner)
            | Expr::Ahead(inner)
            | Expr::Not(inner)
            | Expr::Mark(_, Some(inner)) => visit(inner, symbols),
            Expr::Name(_) | Expr::Mark(_, None) | Expr::Need(_) => {}
        }
    }
    read(text)?.values().for_each(|expr| visit(expr, symbols));
    Ok(())
}

impl<M, N> Program<M, N> {
    /// Compiles a grammar.
    ///
    /// # Errors
    /// The place where the text is no grammar, and names that are neither rules nor classes.
    pub(in super::super) fn compile(
        text: &str,
        symbols: &Symbols,
        mark: impl Fn(&str) -> Option<M>,
        need: impl Fn(&str) -> Option<N>,
    ) -> Result<Self, String> {
        let rules = read(text)?;
        let mut names: Vec<&str> = rules.keys().copied().collect();
        names.sort_unstable();
        let firsts = firsts(&rules, &names, symbols)?;
        let program = Self {
            ops: Vec::new(),
            sets: Vec::new(),
            marks: Vec::new(),
            needs: Vec::new(),
            entries: HashMap::new(),
        };
        let mut compiler = Compiler { program, symbols, firsts, mark, need, calls: Vec::new() };
        for name in names {
            let at = compiler.here();
            compiler.program.entries.insert(name.to_owned(), at);
            compiler.emit(&rules[name])?;
            compiler.program.ops.push(Op::End);
        }
        let Compiler { mut program, calls, .. } = compiler;
        for (at, name) in calls {
            program.ops[at] = Op::Call(program.entries[name]);
        }
        Ok(program)
    }

    /// Where a rule begins.
    pub(super) fn entry(&self, rule: &str) -> Option<u32> {
        self.entries.get(rule).copied()
    }
}

/// What an expression may begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct First {
    set: Set,
    /// It may take nothing.
    nullable: bool,
}

type Firsts<'t> = HashMap<&'t str, First>;

fn firsts<'t>(
    rules: &Rules<'t>,
    names: &[&'t str],
    symbols: &Symbols,
) -> Result<Firsts<'t>, String> {
    let mut firsts: Firsts<'t> = names.iter().map(|name| (*name, First::default())).collect();
    let mut changed = true;
    while changed {
        changed = false;
        for name in names {
            let first = first(&rules[name], symbols, &firsts)?;
            if firsts[name] != first {
                firsts.insert(name, first);
                changed = true;
            }
        }
    }
    Ok(firsts)
}

fn first(expr: &Expr<'_>, symbols: &Symbols, firsts: &Firsts<'_>) -> Result<First, String> {
    let empty = First { set: Set::default(), nullable: true };
    Ok(match expr {
        Expr::Terminal(_) | Expr::Name(_) => match terminal(expr, symbols) {
            Some(set) => First { set, nullable: false },
            None => match expr {
                Expr::Name(name) if firsts.contains_key(name) => firsts[name].clone(),
                _ => return Err(format!("no rule {expr:?}")),
            },
        },
        Expr::Sequence(items) => {
            let mut all = empty;
            for item in items.iter() {
                if !all.nullable {
                    // Names that do not exist are still to be found.
                    first(item, symbols, firsts)?;
                    continue;
                }
                let next = first(item, symbols, firsts)?;
                all.set.union(&next.set);
                all.nullable = next.nullable;
            }
            all
        }
        Expr::Choice(items) => {
            let mut all = First::default();
            for item in items {
                let next = first(item, symbols, firsts)?;
                all.set.union(&next.set);
                all.nullable |= next.nullable;
            }
            all
        }
        Expr::Optional(inner) | Expr::Repeat(inner) => {
            First { nullable: true, ..first(inner, symbols, firsts)? }
        }
        Expr::Many(inner) | Expr::List(inner) | Expr::Mark(_, Some(inner)) => {
            first(inner, symbols, firsts)?
        }
        Expr::Ahead(inner) | Expr::Not(inner) => {
            first(inner, symbols, firsts)?;
            empty
        }
        Expr::Mark(_, None) | Expr::Need(_) => empty,
    })
}

/// The tokens that an expression takes, if it takes exactly one of a set.
fn terminal(expr: &Expr<'_>, symbols: &Symbols) -> Option<Set> {
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

struct Compiler<'c, 't, M, N, ToMark, ToNeed> {
    program: Program<M, N>,
    symbols: &'c Symbols,
    firsts: Firsts<'t>,
    mark: ToMark,
    need: ToNeed,
    /// Calls whose rules are not compiled yet.
    calls: Vec<(usize, &'c str)>,
}

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
        let known = self.program.sets.iter().position(|other| *other == set);
        let index = known.unwrap_or_else(|| {
            self.program.sets.push(set);
            self.program.sets.len() - 1
        });
        u16::try_from(index).unwrap_or(u16::MAX)
    }

    fn first(&self, expr: &Expr<'_>) -> Result<First, String> {
        first(expr, self.symbols, &self.firsts)
    }

    fn emit(&mut self, expr: &Expr<'t>) -> Result<(), String> {
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
                self.repeat(Some(Expr::Terminal(",")), inner)?;
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
    fn maybe(&mut self, expr: &Expr<'t>) -> Result<(Option<usize>, usize), String> {
        let first = self.first(expr)?;
        let test = (!first.nullable).then(|| {
            let set = self.set(first.set);
            self.push(Op::Test(set, LATER))
        });
        Ok((test, self.push(Op::Choose(LATER))))
    }

    fn repeat(&mut self, separator: Option<Expr<'t>>, inner: &Expr<'t>) -> Result<(), String> {
        let start = self.here();
        if self.first(inner)?.nullable {
            return Err(format!("endless: {inner:?}"));
        }
        let (test, choose) = self.maybe(separator.as_ref().unwrap_or(inner))?;
        if let Some(separator) = &separator {
            self.emit(separator)?;
        }
        self.emit(inner)?;
        self.push(Op::Commit(start));
        [choose].into_iter().chain(test).for_each(|at| self.land(at));
        Ok(())
    }

    fn choice(&mut self, items: &[Expr<'t>]) -> Result<(), String> {
        let mut ends = Vec::new();
        for (at, item) in items.iter().enumerate() {
            let rest = &items[at + 1..];
            if rest.is_empty() {
                self.emit(item)?;
                continue;
            }
            let first = self.first(item)?;
            let mut others = First::default();
            for other in rest {
                let next = self.first(other)?;
                others.set.union(&next.set);
                others.nullable |= next.nullable;
            }
            // When no other alternative can begin with the token, there is nothing to go back to.
            let decides = !first.nullable && !others.nullable && first.set.is_disjoint(&others.set);
            let test = (!first.nullable).then(|| {
                let set = self.set(first.set.clone());
                self.push(Op::Test(set, LATER))
            });
            let choose = (!decides).then(|| self.push(Op::Choose(LATER)));
            self.emit(item)?;
            ends.push(self.push(if decides { Op::Jump(LATER) } else { Op::Commit(LATER) }));
            choose.into_iter().chain(test).for_each(|at| self.land(at));
        }
        ends.into_iter().for_each(|end| self.land(end));
        Ok(())
    }
}
