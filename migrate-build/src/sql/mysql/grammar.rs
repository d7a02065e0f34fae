//! The grammar of MySQL and MariaDB, ready to run.

use std::sync::{Arc, Mutex, PoisonError};

use super::lex::{Kind, Token};
use super::mark::Mark;
use super::peg::{self, Event, Failure, Program, Set, Symbol, Symbols};
use super::version::Need;
use super::words::{FUNCTIONS, LENIENT_FUNCTIONS, reserved};
use crate::server::ServerVersion;

const TEXT: &str = concat!(
    include_str!("grammar/statement.peg"),
    include_str!("grammar/expression.peg"),
    include_str!("grammar/query.peg"),
    include_str!("grammar/change.peg"),
    include_str!("grammar/table.peg"),
    include_str!("grammar/alter.peg"),
    include_str!("grammar/object.peg"),
    include_str!("grammar/program.peg"),
    include_str!("grammar/account.peg"),
    include_str!("grammar/server.peg"),
);

/// A grammar for servers that reserve the same words.
pub(super) struct Grammar {
    program: Program<Mark, Need>,
    symbols: Symbols,
    kinds: Kinds,
}

/// The symbols of tokens that are no keywords.
struct Kinds {
    name: Symbol,
    quoted: Symbol,
    string: Symbol,
    national: Symbol,
    integer: Symbol,
    decimal: Symbol,
    bits: Symbol,
    variable: Symbol,
    bad: Symbol,
    end: Symbol,
}

/// Grammars that were made, each for the servers of a version: making one takes longer than reading
/// a script.
static MADE: Mutex<Vec<(Option<ServerVersion>, Arc<Grammar>)>> = Mutex::new(Vec::new());

impl Grammar {
    /// The grammar for a server of this version.
    pub(super) fn of(version: Option<ServerVersion>) -> Arc<Self> {
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, grammar)) = made.iter().find(|(of, _)| *of == version) {
            return Arc::clone(grammar);
        }
        #[expect(clippy::expect_used, reason = "the text is this crate's own, and a test reads it")]
        let grammar = Arc::new(Self::make(version).expect("the grammar is one"));
        made.push((version, Arc::clone(&grammar)));
        grammar
    }

    fn make(version: Option<ServerVersion>) -> Result<Self, String> {
        let mut symbols = Symbols::default();
        let rules = peg::read(TEXT)?;
        symbols.intern_all(&rules);
        let mut reserved_words = Set::default();
        reserved(version).for_each(|word| reserved_words.insert(symbols.intern(word)));
        // A function's name stands for itself only before its bracket, and is no name there.
        let strict = FUNCTIONS.iter().filter(|word| !LENIENT_FUNCTIONS.contains(word));
        strict.for_each(|word| reserved_words.insert(symbols.intern(word)));
        let kinds = Kinds::new(&mut symbols);
        let mut classes = Classes::default();
        for (symbol, name) in symbols.all() {
            let is_word = name.starts_with(|c: char| c.is_ascii_uppercase() || c == '_');
            if symbol == kinds.name || symbol == kinds.quoted {
                classes.plain.insert(symbol);
            }
            if is_word || symbol == kinds.name || symbol == kinds.quoted {
                classes.word.insert(symbol);
                if !reserved_words.contains(symbol) && !name.starts_with('_') {
                    classes.ident.insert(symbol);
                }
            }
            if symbol != kinds.end && name != ";" {
                classes.token.insert(symbol);
            }
        }
        symbols.class("any_word", classes.word);
        symbols.class("ident", classes.ident);
        symbols.class("any_token", classes.token);
        symbols.class("plain_name", classes.plain);
        let program = Program::compile(&rules, &symbols, Mark::of, Need::of)?;
        Ok(Self { program, symbols, kinds })
    }

    /// What the grammar sees of tokens: comments left out, an end behind the last.
    pub(super) fn symbols(&self, tokens: &[Token], text: &str) -> Vec<Symbol> {
        let mut symbols: Vec<Symbol> =
            tokens.iter().map(|token| self.symbol(*token, text)).collect();
        symbols.push(self.kinds.end);
        symbols
    }

    fn symbol(&self, token: Token, text: &str) -> Symbol {
        let written = &text[token.span.range()];
        match token.kind {
            Kind::Word => self.word(written, text[token.span.end as usize..].starts_with('(')),
            Kind::Member => self.kinds.name,
            Kind::Quoted => self.kinds.quoted,
            Kind::String => self.kinds.string,
            Kind::National => self.kinds.national,
            Kind::Integer => self.kinds.integer,
            Kind::Decimal => self.kinds.decimal,
            Kind::Bits => self.kinds.bits,
            Kind::Variable => self.kinds.variable,
            _ => self.symbols.get(written).unwrap_or(self.kinds.bad),
        }
    }

    fn word(&self, written: &str, before_bracket: bool) -> Symbol {
        let upper = written.to_ascii_uppercase();
        let is_name = !before_bracket && FUNCTIONS.contains(&upper.as_str());
        self.symbols.get(&upper).filter(|_| !is_name).unwrap_or(self.kinds.name)
    }

    /// Reads a statement.
    ///
    /// # Errors
    /// When it is none.
    pub(super) fn read(&self, symbols: &[Symbol]) -> Result<Vec<Event<Mark, Need>>, Failure> {
        self.program.run("start", symbols)
    }

    /// Whether a set holds a keyword, an operator or a kind of token.
    pub(super) fn expects(&self, set: &Set, name: &str) -> bool {
        self.symbols.get(name).is_some_and(|symbol| set.contains(symbol))
    }

    /// The keyword or operator of a set that holds nothing else.
    pub(super) fn only(&self, set: &Set) -> Option<&str> {
        let mut names = self.symbols.all().filter(|(symbol, _)| set.contains(*symbol));
        let (_, name) = names.next()?;
        let is_written = !name.starts_with(|c: char| c.is_ascii_lowercase());
        (names.next().is_none() && is_written).then_some(name)
    }

    /// The keywords of a set.
    pub(super) fn keywords<'g>(&'g self, set: &'g Set) -> impl Iterator<Item = &'g str> {
        let is_keyword = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
        self.symbols
            .all()
            .filter(move |(symbol, name)| set.contains(*symbol) && is_keyword(name))
            .map(|(_, name)| name)
    }
}

/// Classes of tokens.
#[derive(Default)]
struct Classes {
    /// Words and names, reserved or not.
    word: Set,
    /// What can be a name.
    ident: Set,
    /// Names that are no keywords at all.
    plain: Set,
    /// Everything inside of a statement.
    token: Set,
}

impl Kinds {
    fn new(symbols: &mut Symbols) -> Self {
        let mut kind = |name: &str| {
            let symbol = symbols.intern(name);
            let mut set = Set::default();
            set.insert(symbol);
            symbols.class(name, set);
            symbol
        };
        Self {
            name: kind("name_"),
            quoted: kind("quoted"),
            string: kind("string"),
            national: kind("national"),
            integer: kind("integer"),
            decimal: kind("decimal"),
            bits: kind("bits"),
            variable: kind("variable"),
            bad: kind("bad"),
            end: kind("end"),
        }
    }
}
