//! Expressions, queries and bodies, as far as a schema has to compare them.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use super::Name;

/// A text without what a database does not see: comments, white space, the case of what is not
/// quoted. Two that are equal mean the same; two that differ may.
#[derive(Clone, Debug, Default, Eq, Serialize, Deserialize)]
pub struct Text {
    words: Vec<Word>,
    /// What is in quotes somewhere, where that makes a difference to what a database does with it
    /// later; not compared.
    quoted: Vec<Name>,
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.words == other.words
    }
}

impl Hash for Text {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.words.hash(state);
    }
}

/// A token of a [`Text`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Word {
    /// A name, or a keyword where it cannot be told from one; folded.
    Name(Name),
    /// Everything else, as it is written; keywords in lower case.
    Other(String),
}

impl Text {
    /// A text from its words.
    #[must_use]
    pub fn new(words: impl IntoIterator<Item = Word>) -> Self {
        Self { words: words.into_iter().collect(), quoted: Vec::new() }
    }

    /// The text of something of which it is not known what has become of it.
    #[must_use]
    pub fn unclear() -> Self {
        Self::new([Word::Other(String::new())])
    }

    /// Whether it is not known.
    #[must_use]
    pub fn is_unclear(&self) -> bool {
        matches!(&self.words[..], [Word::Other(word)] if word.is_empty())
    }

    /// This and another behind it.
    #[must_use]
    pub fn followed_by(mut self, other: Self) -> Self {
        self.words.extend(other.words);
        self.quoted.extend(other.quoted);
        self
    }

    /// The same where these are in quotes.
    #[must_use]
    pub fn with_quoted(mut self, names: impl IntoIterator<Item = Name>) -> Self {
        self.quoted.extend(names);
        self
    }

    /// Whether a name is in quotes somewhere.
    #[must_use]
    pub fn quotes(&self, name: &Name) -> bool {
        self.quoted.contains(name)
    }

    /// The same with another name in these places; what was in quotes is so again.
    #[must_use]
    pub fn with_names_at(&self, places: &[usize], to: &Name) -> Self {
        let mut text = self.clone();
        for at in places {
            if let Word::Name(from) = &text.words[*at]
                && text.quoted.contains(from)
                && !text.quoted.contains(to)
            {
                text.quoted.push(to.clone());
            }
            text.words[*at] = Word::Name(to.clone());
        }
        text
    }

    /// Its words.
    #[must_use]
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// Whether a name occurs in it, which need not mean the object of that name.
    #[must_use]
    pub fn mentions(&self, name: &Name) -> bool {
        self.words.iter().any(|word| word.is(name))
    }

    /// The same with another name in the place of one.
    #[must_use]
    pub fn renamed(&self, from: &Name, to: &Name) -> Self {
        let word = |word: &Word| if word.is(from) { Word::Name(to.clone()) } else { word.clone() };
        Self { words: self.words.iter().map(word).collect(), quoted: self.quoted.clone() }
    }
}

impl Word {
    /// Whether it is this keyword or sign.
    #[must_use]
    pub fn says(&self, sign: &str) -> bool {
        matches!(self, Self::Other(word) if word == sign)
    }

    fn is(&self, name: &Name) -> bool {
        matches!(self, Self::Name(word) if word == name)
    }
}

/// Signs that are one operator when they stand together.
const OPERATORS: [(&str, &str); 18] = [
    (">", "="),
    ("<", "="),
    ("!", "="),
    ("=", "="),
    ("<", ">"),
    ("|", "|"),
    ("&", "&"),
    ("<", "<"),
    (">", ">"),
    ("-", ">"),
    (":", ":"),
    ("@", ">"),
    ("<", "@"),
    ("#", ">"),
    ("?", "|"),
    ("?", "&"),
    ("~", "*"),
    ("!", "~"),
];

impl Text {
    /// One line, as it could have been written, with names as they are told.
    pub(crate) fn written(&self, called: impl Fn(&Name) -> String) -> String {
        let mut line = String::new();
        let mut glued = true;
        for word in &self.words {
            let text = match word {
                Word::Name(name) => called(name),
                Word::Other(text) => text.clone(),
            };
            let is_sign =
                OPERATORS.iter().any(|(one, other)| line.ends_with(one) && text == *other);
            if !glued && !is_sign && !matches!(&*text, "," | ")" | "." | ";" | "(") {
                line.push(' ');
            }
            glued = matches!(&*text, "(" | ".");
            line.push_str(&text);
        }
        line
    }
}

/// One line, as it could have been written.
impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written(|name| name.as_str().to_owned()))
    }
}
