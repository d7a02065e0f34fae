//! A machine for grammars: parsing expressions, read from a text and run without recursion, so that
//! no script can exhaust the stack.
//!
//! The notation is that of `grammar/*.peg`. Words in capitals are keywords, quoted ones operators;
//! `a b` is a sequence, `a | b` the first that fits, `[a]` optional, `a*` any number, `a+` one or
//! more, `a ...` a list with commas, `&a` and `!a` look ahead. `<mark a>` reports where `a` stood,
//! `<mark>` that the place was passed; `{…}` what a server needs to know what follows. A rule ends
//! where the next line begins without white space.
//!
//! The machine is that of Medeiros and Ierusalimschy, "A Parsing Machine for PEGs" (2008).

mod compile;
mod first;
mod machine;
mod read;
#[cfg(test)]
mod tests;

pub(super) use compile::{Program, Symbols};
pub(super) use machine::{Event, Failure};
pub(super) use read::read;

/// What the grammar sees of a token.
pub(super) type Symbol = u16;

/// Symbols, as bits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Set(Vec<u64>);

impl Set {
    pub(super) fn insert(&mut self, symbol: Symbol) {
        let word = usize::from(symbol / 64);
        if self.0.len() <= word {
            self.0.resize(word + 1, 0);
        }
        self.0[word] |= 1 << (symbol % 64);
    }

    pub(super) fn contains(&self, symbol: Symbol) -> bool {
        let word = self.0.get(usize::from(symbol / 64)).copied().unwrap_or(0);
        word & (1 << (symbol % 64)) != 0
    }

    fn union(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(mine, theirs)| *mine |= theirs);
    }

    fn is_disjoint(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).all(|(mine, theirs)| mine & theirs == 0)
    }
}
