//! The tokens of MySQL and MariaDB, with their places.
//!
//! The rules are those of MySQL's manual, "Language Structure", tried on MariaDB 10.11, with
//! `ANSI_QUOTES` and `NO_BACKSLASH_ESCAPES` off.

use crate::server::ServerVersion;
use crate::source::{Span, count};
use crate::sql::token;

/// A token's kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or an unquoted identifier.
    Word,
    /// An unquoted word beside a dot: never a keyword there, `t.select`, `order.id`.
    Member,
    /// `` `…` ``
    Quoted,
    /// `'…'`, `"…"`
    String,
    /// `N'…'`
    National,
    /// `12`
    Integer,
    /// `1.5`, `1e3`
    Decimal,
    /// `0xff`, `x'ff'`, `0b1`, `b'1'`
    Bits,
    /// `@a`, `` @`a` ``, and the host of `user@host`.
    Variable,
    /// `@@`, before the name of a setting.
    System,
    /// `;`
    Semicolon,
    /// Any other character, or two or three that belong together.
    Operator,
    /// A number that is none: `1.5e`, `x'f'`.
    Bad,
    /// A quote without an end.
    Unclosed,
    /// `-- …`, `# …`, without the line end.
    LineComment,
    /// `/* … */`, and a conditional comment that the server passes over.
    BlockComment,
    /// `/* …` to the end of the text.
    OpenComment,
    /// `/*!50100`, `/*M!`: the server reads what follows.
    Open,
    /// The `*/` of [`Kind::Open`].
    Close,
}

/// A token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Span,
}

impl Token {
    /// Neither the mark of a conditional comment nor a comment.
    pub(super) fn is_code(self) -> bool {
        use Kind::{BlockComment, Close, LineComment, Open, OpenComment};
        !matches!(self.kind, LineComment | BlockComment | OpenComment | Open | Close)
    }

    /// As the other dialects see it.
    pub(super) fn shared(self) -> token::Token {
        let kind = match self.kind {
            Kind::Word | Kind::Member => token::Kind::Word,
            Kind::Quoted => token::Kind::Quoted,
            Kind::String | Kind::National | Kind::Unclosed => token::Kind::String,
            Kind::Integer | Kind::Decimal | Kind::Bits | Kind::Bad => token::Kind::Literal,
            Kind::Variable | Kind::System => token::Kind::Literal,
            Kind::Semicolon => token::Kind::Semicolon,
            Kind::Operator | Kind::Open | Kind::Close => token::Kind::Punctuation,
            Kind::LineComment => token::Kind::LineComment,
            Kind::BlockComment => token::Kind::BlockComment,
            Kind::OpenComment => token::Kind::OpenComment,
        };
        token::Token { kind, span: self.span }
    }
}

/// The tokens of a text for a server of this version. Never fails: what has no end ends with the
/// text.
pub(super) fn tokens(text: &str, version: Option<ServerVersion>) -> Tokens<'_> {
    Tokens { text: text.as_bytes(), at: 0, version, conditional: false, before: Before::Other }
}

pub(super) struct Tokens<'t> {
    text: &'t [u8],
    at: usize,
    version: Option<ServerVersion>,
    /// Inside a conditional comment.
    conditional: bool,
    before: Before,
}

/// What stands directly before a token.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// A name, no white space behind it.
    Name,
    /// A dot.
    Dot,
    /// `@@`
    System,
    Other,
}

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        let rest = &self.text[self.at..];
        let blank = rest.iter().position(|b| !matches!(b, b' ' | b'\t'..=b'\r'))?;
        let start = self.at + blank;
        if blank > 0 {
            self.before = Before::Other;
        }
        let (kind, len) = self.measure(&self.text[start..]);
        self.at = start + len;
        self.conditional = match kind {
            Kind::Open => true,
            Kind::Close => false,
            _ => self.conditional,
        };
        self.before = match kind {
            Kind::Word | Kind::Member | Kind::Quoted => Before::Name,
            Kind::Operator if self.text[start..self.at] == *b"." => Before::Dot,
            Kind::System => Before::System,
            _ => Before::Other,
        };
        Some(Token { kind, span: Span::new(count(start), count(self.at)) })
    }
}

impl Tokens<'_> {
    /// The kind and length of the token that a text, which is not empty, begins with.
    fn measure(&self, text: &[u8]) -> (Kind, usize) {
        match text {
            // MySQL takes `--` for two minus signs unless white space follows.
            [b'-', b'-', rest @ ..] if rest.first().is_none_or(|b| *b <= b' ') => {
                (Kind::LineComment, until(text, 2, b'\n'))
            }
            [b'#', ..] => (Kind::LineComment, until(text, 1, b'\n')),
            [b'*', b'/', ..] if self.conditional => (Kind::Close, 2),
            [b'/', b'*', rest @ ..] => self.block(text, rest),
            [b'\'' | b'"', ..] => string(text, 0, Kind::String),
            [b'`', ..] => quoted(text, 0, Kind::Quoted),
            [b';', ..] => (Kind::Semicolon, 1),
            [b'n' | b'N', b'\'', ..] if self.before != Before::Dot => {
                string(text, 1, Kind::National)
            }
            [b'x' | b'X' | b'b' | b'B', b'\'', ..] if self.before != Before::Dot => bits(text),
            [b'@', b'@', next, ..] if is_word(*next) || *next == b'`' => (Kind::System, 2),
            [b'@', b'`', ..] => quoted(text, 1, Kind::Variable),
            [b'@', b'\'' | b'"', ..] => string(text, 1, Kind::Variable),
            [b'@', next, ..] if is_word(*next) || *next == b'.' => {
                (Kind::Variable, 1 + run(&text[1..], |b| is_word(b) || b == b'.'))
            }
            [b'.', digit, ..] if digit.is_ascii_digit() && self.before != Before::Name => {
                fraction(text, 1)
            }
            [first, ..] if first.is_ascii_digit() && self.before != Before::Dot => number(text),
            [first, ..] if is_word(*first) => (self.word_kind(text), run(text, is_word)),
            _ => (Kind::Operator, operator(text)),
        }
    }

    fn word_kind(&self, text: &[u8]) -> Kind {
        let len = run(text, is_word);
        let names_follow = matches!(&text[len..], [b'.', next, ..] if is_word(*next));
        match self.before {
            Before::Dot => Kind::Member,
            // The scope of a setting, `@@global.x`, is a keyword.
            Before::System => Kind::Word,
            _ if names_follow => Kind::Member,
            _ => Kind::Word,
        }
    }

    /// `/*`, of whatever sort, and what follows it.
    fn block(&self, text: &[u8], rest: &[u8]) -> (Kind, usize) {
        let (mark, mariadb) = match rest {
            [b'!', ..] => (3, false),
            [b'M' | b'm', b'!', ..] => (4, true),
            _ => return comment(text),
        };
        let digits = run(&text[mark..], |b| b.is_ascii_digit());
        let digits = if digits < 5 { 0 } else { digits.min(6) };
        let wanted = text[mark..mark + digits].iter().fold(0, |n, b| n * 10 + u32::from(b - b'0'));
        if wanted < NEVER && self.version.is_none_or(|server| is_read(server, mariadb, wanted)) {
            (Kind::Open, mark + digits)
        } else {
            nested(text)
        }
    }
}

/// The version that no server will have: `mariadb-dump` begins with `/*M!999999\- … */`, which only
/// its client reads.
const NEVER: u32 = 990_000;

/// Whether a server reads what a conditional comment holds. MariaDB passes over those of MySQL's
/// later versions (its manual, "Comment Syntax").
fn is_read(server: ServerVersion, only_mariadb: bool, wanted: u32) -> bool {
    // The patch level is not known: a comment may want the latest.
    let newest = u32::from(server.major) * 10_000 + u32::from(server.minor) * 100 + 99;
    if server.mariadb {
        wanted <= newest && (only_mariadb || !(50_700..=99_999).contains(&wanted))
    } else {
        !only_mariadb && wanted <= newest
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$' || byte >= 0x80
}

/// How many bytes at the start are of a sort.
fn run(text: &[u8], is: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| !is(*byte)).unwrap_or(text.len())
}

fn until(text: &[u8], from: usize, end: u8) -> usize {
    text[from..].iter().position(|byte| *byte == end).map_or(text.len(), |at| from + at)
}

fn comment(text: &[u8]) -> (Kind, usize) {
    match text[2..].windows(2).position(|pair| pair == b"*/") {
        Some(at) => (Kind::BlockComment, at + 4),
        None => (Kind::OpenComment, text.len()),
    }
}

/// A conditional comment that is passed over: comments may stand in it.
fn nested(text: &[u8]) -> (Kind, usize) {
    let mut at = 2;
    loop {
        match &text[at..] {
            [] => return (Kind::OpenComment, at),
            [b'*', b'/', ..] => return (Kind::BlockComment, at + 2),
            inner @ [b'/', b'*', ..] => at += comment(inner).1,
            _ => at += 1,
        }
    }
}

/// From a quote on: a backslash takes the next byte with it, and a doubled quote stands for one.
fn string(text: &[u8], start: usize, kind: Kind) -> (Kind, usize) {
    let quote = text[start];
    let mut at = start + 1;
    while let Some(byte) = text.get(at) {
        at += match byte {
            b'\\' => 2,
            _ if *byte != quote => 1,
            _ if text.get(at + 1) == Some(&quote) => 2,
            _ => return (kind, at + 1),
        };
    }
    (Kind::Unclosed, text.len())
}

fn quoted(text: &[u8], start: usize, kind: Kind) -> (Kind, usize) {
    let mut at = start + 1;
    loop {
        let end = until(text, at, b'`');
        match text.get(end..) {
            None | Some([]) => return (Kind::Unclosed, text.len()),
            Some([_, b'`', ..]) => at = end + 2,
            Some(_) => return (kind, end + 1),
        }
    }
}

/// `x'ff'`, `b'1'`
fn bits(text: &[u8]) -> (Kind, usize) {
    let (kind, len) = string(text, 1, Kind::Bits);
    let digits = text.get(2..len - 1).unwrap_or_default();
    let fits = match text[0] {
        b'x' | b'X' => digits.len() % 2 == 0 && digits.iter().all(u8::is_ascii_hexdigit),
        _ => digits.iter().all(|b| matches!(b, b'0' | b'1')),
    };
    (if fits { kind } else { Kind::Bad }, len)
}

/// A number, or the identifier that digits begin: `1a`.
fn number(text: &[u8]) -> (Kind, usize) {
    let word = run(text, is_word);
    let digits = run(text, |b| b.is_ascii_digit());
    let bits = match text {
        // Only with a small letter: `0X1` is an identifier.
        [b'0', b'x', rest @ ..] => run(rest, |b| b.is_ascii_hexdigit()),
        [b'0', b'b', rest @ ..] => run(rest, |b| matches!(b, b'0' | b'1')),
        _ => 0,
    };
    if bits > 0 && bits + 2 == word {
        return (Kind::Bits, word);
    }
    match &text[digits..] {
        // The range of MariaDB's `FOR i IN 1..10`.
        [b'.', b'.', ..] => (Kind::Integer, digits),
        [b'.', ..] => fraction(text, digits + 1),
        [b'e' | b'E', rest @ ..] if exponent(rest) > 0 => {
            (Kind::Decimal, digits + 1 + exponent(rest))
        }
        _ if word > digits => (Kind::Word, word),
        _ => (Kind::Integer, digits),
    }
}

/// A number, from behind its dot on.
fn fraction(text: &[u8], start: usize) -> (Kind, usize) {
    let digits = start + run(&text[start..], |b| b.is_ascii_digit());
    match &text[digits..] {
        [b'e' | b'E', rest @ ..] => match exponent(rest) {
            0 => (Kind::Bad, digits + 1),
            len => (Kind::Decimal, digits + 1 + len),
        },
        _ => (Kind::Decimal, digits),
    }
}

fn exponent(text: &[u8]) -> usize {
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    match run(&text[sign..], |b| b.is_ascii_digit()) {
        0 => 0,
        digits => sign + digits,
    }
}

fn operator(text: &[u8]) -> usize {
    const LONG: &[&[u8]] = &[
        b"<=>", b"->>", b"->", b"<=", b">=", b"<>", b"!=", b"<<", b">>", b"&&", b"||", b":=",
        b"..", b"\\N",
    ];
    LONG.iter().find(|long| text.starts_with(long)).map_or(1, |long| long.len())
}

/// The text of a name without its quotes.
pub(super) fn unquote(written: &str) -> String {
    match written.strip_prefix('`') {
        Some(inner) => inner.strip_suffix('`').unwrap_or(inner).replace("``", "`"),
        None => written.to_owned(),
    }
}
