//! Where statements end.
//!
//! At a semicolon; but those in the body of a stored program are the body's, which ends at the `END`
//! of its outermost block. The `mysql` program needs `DELIMITER` for that, the server does not.

use super::lex::{Kind, Token};
use crate::source::Span;

/// Splits tokens (comments left out) into statements.
#[derive(Default)]
pub(super) struct Splitter {
    state: State,
    start: Option<u32>,
    end: u32,
}

#[derive(Default)]
enum State {
    #[default]
    Start,
    /// Behind `SET`, and behind `SET STATEMENT`, up to the statement that the settings are for.
    Set,
    Settings,
    /// Behind `CREATE` or `ALTER`: is it a stored program?
    Definition,
    /// Behind `BEGIN`: a transaction's, unless `NOT ATOMIC` follows.
    Begin,
    /// Behind the first word of a statement that may be a label, and behind its colon.
    Word,
    /// In a statement that ends at a semicolon.
    Plain,
    /// In what comes before the body of a stored program.
    Head(Head),
    /// In the body of a stored program.
    Body(Body),
}

impl Splitter {
    /// Whether the next token begins a statement.
    pub(super) fn is_between(&self) -> bool {
        self.start.is_none()
    }

    /// Takes the next token. When it ends a statement, the statement's text.
    pub(super) fn token(&mut self, token: Token, text: &str) -> Option<Span> {
        let inside = matches!(&self.state, State::Body(body) if body.is_open());
        if token.kind == Kind::Semicolon && !inside {
            return self.finish();
        }
        self.start.get_or_insert(token.span.start);
        self.end = token.span.end;
        if token.is_code() {
            self.step(token, &text[token.span.range()]);
        }
        None
    }

    /// The statement that the end of the text leaves open.
    pub(super) fn finish(&mut self) -> Option<Span> {
        self.state = State::Start;
        self.start.take().map(|start| Span::new(start, self.end))
    }

    fn step(&mut self, token: Token, written: &str) {
        let word = Word::of(token, written);
        self.state = match std::mem::take(&mut self.state) {
            State::Start if word.is("create") || word.is("alter") => State::Definition,
            State::Start if word.is("set") => State::Set,
            State::Set if word.is("statement") => State::Settings,
            State::Settings if word.is("for") => State::Start,
            State::Settings => State::Settings,
            State::Start if word.is("begin") => State::Begin,
            State::Start if word.is_any(BLOCKS) => Body::starting_with(word),
            State::Start if word.is_name() => State::Word,
            State::Definition if word.is_any(PROGRAMS) => State::Head(Head::of(word)),
            State::Definition if !word.is_any(OTHER_OBJECTS) => State::Definition,
            State::Begin if word.is("not") => Body::starting_with(Word::BEGIN),
            State::Word if word.text == ":" => State::Body(Body::default()),
            State::Head(mut head) => {
                if head.takes(word) {
                    State::Head(head)
                } else {
                    Body::starting_with(word)
                }
            }
            State::Body(mut body) => {
                body.step(word);
                State::Body(body)
            }
            _ => State::Plain,
        };
    }
}

/// What defines a stored program.
const PROGRAMS: &[&str] = &["procedure", "function", "trigger", "event"];

/// What else is created or altered: the search for a stored program ends here.
const OTHER_OBJECTS: &[&str] = &[
    "table",
    "view",
    "index",
    "database",
    "schema",
    "user",
    "role",
    "server",
    "sequence",
    "unique",
    "fulltext",
    "spatial",
    "temporary",
    "tablespace",
    "logfile",
    "resource",
];

/// What begins a block.
const BLOCKS: &[&str] = &["begin", "if", "case", "loop", "while", "repeat", "for"];

/// A token as the splitter sees it.
#[derive(Clone, Copy)]
struct Word<'t> {
    text: &'t str,
    kind: Kind,
}

impl<'t> Word<'t> {
    const BEGIN: Self = Self { text: "begin", kind: Kind::Word };

    fn of(token: Token, text: &'t str) -> Self {
        Self { text, kind: token.kind }
    }

    fn is(self, keyword: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    fn is_any(self, keywords: &[&str]) -> bool {
        keywords.iter().any(|keyword| self.is(keyword))
    }

    fn is_name(self) -> bool {
        matches!(self.kind, Kind::Word | Kind::Quoted)
    }
}

/// What stands before a stored program's body.
enum Head {
    /// Of a trigger: up to `FOR EACH ROW`, and an order behind it.
    Trigger { row: bool, follows: bool },
    /// Of an event: up to `DO`.
    Event { action: bool },
    /// Of a routine: its parameters, its type, its characteristics.
    Routine { brackets: u32, parameters: bool, words: Words },
}

/// What words of a routine's head mean comes from the word before.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Words {
    /// Characteristics.
    Free,
    /// The next word belongs to the last one, whatever it is.
    Value,
    /// Words of a type may follow.
    Type,
}

/// Words of a type that stand behind its name.
const TYPE_WORDS: &[&str] = &[
    "unsigned",
    "signed",
    "zerofill",
    "binary",
    "ascii",
    "unicode",
    "byte",
    "precision",
    "varying",
    "character",
    "char",
    "varchar",
    "varbinary",
];

/// Words of characteristics that another word follows, or that stand alone.
const PAIRS: &[&str] = &["comment", "language", "contains", "reads", "modifies", "security", "no"];
const SINGLES: &[&str] = &["not", "deterministic", "sql", "data"];

impl Head {
    fn of(word: Word<'_>) -> Self {
        if word.is("trigger") {
            Self::Trigger { row: false, follows: false }
        } else if word.is("event") {
            Self::Event { action: false }
        } else {
            Self::Routine { brackets: 0, parameters: false, words: Words::Free }
        }
    }

    /// Whether a token still belongs to the head.
    fn takes(&mut self, word: Word<'_>) -> bool {
        match self {
            Self::Trigger { row, follows } => {
                let order = *row && word.is_any(&["follows", "precedes"]);
                let takes = !*row || order || *follows;
                *follows = order;
                *row |= word.is("row");
                takes
            }
            Self::Event { action } => {
                let takes = !*action;
                *action |= word.is("do");
                takes
            }
            Self::Routine { brackets, parameters, words } => {
                match word.text {
                    "(" => *brackets += 1,
                    ")" => {
                        *brackets = brackets.saturating_sub(1);
                        *parameters |= *brackets == 0;
                    }
                    _ if *brackets > 0 || !*parameters => {}
                    _ => return words.take(word),
                }
                true
            }
        }
    }
}

impl Words {
    fn take(&mut self, word: Word<'_>) -> bool {
        *self = match *self {
            Self::Value => Self::Type,
            // `SET` begins a body too: it is the type's only behind `CHARACTER`.
            Self::Free if word.is("set") => return false,
            _ if word.is_any(&["returns", "charset", "collate", "set"]) => Self::Value,
            Self::Type if word.is_any(TYPE_WORDS) => Self::Type,
            _ if word.is_any(PAIRS) => Self::Value,
            _ if word.is_any(SINGLES) => Self::Free,
            _ => return false,
        };
        true
    }
}

/// The body of a stored program, or of a block on its own.
#[derive(Default)]
struct Body {
    /// How many blocks are open.
    blocks: u32,
    /// How many `CASE` expressions are open.
    cases: u32,
    at: At,
}

/// Where in a body a token stands.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum At {
    /// Where a statement may begin.
    #[default]
    Start,
    /// Behind a name where a statement may begin: a label, if a colon follows.
    Name,
    /// In the condition of a loop, up to `DO`.
    Loop,
    /// In the conditions of a handler, up to its statement.
    Handler,
    /// In `UNTIL …`, up to `END`.
    Until,
    /// Behind `END`.
    End,
    /// In `DECLARE`.
    Declare,
    Inside,
}

impl Body {
    fn starting_with(word: Word<'_>) -> State {
        let mut body = Self::default();
        body.step(word);
        State::Body(body)
    }

    /// Whether a semicolon here is the body's own.
    fn is_open(&self) -> bool {
        self.blocks > 0
    }

    fn step(&mut self, word: Word<'_>) {
        if word.kind == Kind::Semicolon {
            (self.at, self.cases) = (At::Start, 0);
            return;
        }
        self.at = match self.at {
            At::Start => self.begin(word),
            At::Name if word.text == ":" => At::Start,
            // `END IF`, `END label`: the next statement comes behind a semicolon.
            At::End => At::End,
            At::Declare if word.is("handler") => At::Handler,
            At::Handler if word.is_any(BLOCKS) && !word.is("for") => self.begin(word),
            At::Handler
                if word.is_any(&["set", "select", "insert", "update", "delete", "call"]) =>
            {
                At::Inside
            }
            At::Until if word.is("end") && self.cases == 0 => self.end(),
            At::Loop if word.is("do") && self.cases == 0 => At::Start,
            at => self.inside(word, at),
        };
    }

    /// Takes a token where a statement may begin.
    fn begin(&mut self, word: Word<'_>) -> At {
        if word.is("end") {
            return self.end();
        }
        if word.is_any(BLOCKS) {
            self.blocks += 1;
            return match word {
                _ if word.is_any(&["begin", "loop", "repeat"]) => At::Start,
                _ if word.is_any(&["while", "for"]) => At::Loop,
                _ => At::Inside,
            };
        }
        match word {
            // Behind `BEGIN`.
            _ if word.is_any(&["not", "atomic", "else"]) => At::Start,
            _ if word.is("declare") => At::Declare,
            _ if word.is("until") => At::Until,
            _ if word.is_name() => At::Name,
            _ => At::Inside,
        }
    }

    fn end(&mut self) -> At {
        self.blocks = self.blocks.saturating_sub(1);
        At::End
    }

    fn inside(&mut self, word: Word<'_>, at: At) -> At {
        if word.is("case") {
            self.cases += 1;
        } else if self.cases > 0 && word.is("end") {
            self.cases -= 1;
        } else if self.cases == 0 && word.is_any(&["then", "else"]) {
            return At::Start;
        }
        if at == At::Name { At::Inside } else { at }
    }
}
