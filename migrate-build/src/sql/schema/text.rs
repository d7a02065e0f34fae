//! Expressions, queries and bodies, as far as a schema has to compare them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Name;

/// A text without what a database does not see: comments, white space, the case of what is not
/// quoted. Two that are equal mean the same; two that differ may.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Text(Vec<Word>);

/// A token of a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Word {
    /// A keyword or a name, folded.
    Name(Name),
    /// Everything else, as it is written.
    Other(String),
}

impl Text {
    /// A text from its words.
    #[must_use]
    pub fn new(words: impl IntoIterator<Item = Word>) -> Self {
        Self(words.into_iter().collect())
    }

    /// Its words.
    #[must_use]
    pub fn words(&self) -> &[Word] {
        &self.0
    }

    /// Whether a name occurs in it, which need not mean the object of that name.
    #[must_use]
    pub fn mentions(&self, name: &Name) -> bool {
        self.0.iter().any(|word| word.is(name))
    }

    /// The same with another name in the place of one.
    #[must_use]
    pub fn renamed(&self, from: &Name, to: &Name) -> Self {
        let word = |word: &Word| if word.is(from) { Word::Name(to.clone()) } else { word.clone() };
        Self(self.0.iter().map(word).collect())
    }
}

impl Word {
    fn is(&self, name: &Name) -> bool {
        matches!(self, Self::Name(word) if word == name)
    }
}

/// One line, as it could have been written.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut glued = true;
        for word in &self.0 {
            let text = match word {
                Word::Name(name) => name.as_str(),
                Word::Other(text) => text,
            };
            if !glued && !matches!(text, "," | ")" | "." | ";" | "(") {
                f.write_str(" ")?;
            }
            f.write_str(text)?;
            glued = matches!(text, "(" | ".");
        }
        Ok(())
    }
}
