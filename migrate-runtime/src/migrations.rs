//! The set of migrations that a program carries.
//!
//! Everything here is plain data behind references. A program carries it packed, in a `static` or
//! `const` without a constructor that runs at start-up; it is taken apart when it is first asked
//! for. Statements arrive split and placed in their files: the host's parser did that when the
//! crate was compiled, and nothing here reads SQL.

use crate::code::Code;
use crate::packed::Packed;

/// Which database's SQL a set is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Dialect {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
    /// MySQL and MariaDB.
    Mysql,
}

/// An ordered, verified set of migrations: what `embed_migrations!` makes.
#[derive(Clone, Copy, Debug)]
pub struct Migrations<'a> {
    /// The SQL they are written in.
    pub dialect: Dialect,
    /// The directory they came from, as messages show it (`migrations`).
    pub directory: &'a str,
    /// The migrations, ascending by version.
    pub all: All<'a>,
}

/// The migrations of a set: a slice of [`Migration`]s, which it derefs to.
#[derive(Clone, Copy)]
pub struct All<'a>(Form<'a>);

#[derive(Clone, Copy)]
enum Form<'a> {
    Slice(&'a [Migration<'a>]),
    Packed(Packed),
}

/// One migration.
#[derive(Clone, Copy, Debug)]
pub struct Migration<'a> {
    /// The version as the ledger records it: dashes dropped (`20260105090000`).
    pub version: &'a str,
    /// The directory's name (`2026-01-05-090000_create_users`).
    pub name: &'a str,
    /// False when `metadata.toml` says `run_in_transaction = false`.
    pub run_in_transaction: bool,
    /// `up.sql`, or `up` of `migration.rs`.
    pub up: Script<'a>,
    /// `down.sql`, or `down` of `migration.rs`, or why there is none.
    pub down: Down<'a>,
}

/// The way back.
#[derive(Clone, Copy, Debug)]
pub enum Down<'a> {
    /// `down.sql`.
    Script(Script<'a>),
    /// There is none, on purpose: the reason that its author gave.
    Irreversible(&'a str),
}

/// One SQL file, split into statements; or a function in Rust, which is one statement.
#[derive(Clone, Copy, Debug)]
pub struct Script<'a> {
    /// The text as it was verified.
    pub sql: &'a str,
    /// What runs in the place of the text, where that is Rust.
    pub code: Option<Code>,
    /// SHA-256 over the text without carriage returns.
    pub checksum: Checksum,
    /// A hash over the tokens alone: equal when only comments or white space differ.
    pub tokens: u64,
    /// The statements, in the order of the file.
    pub statements: &'a [Statement],
    /// What those of its statements leave behind that no transaction protects.
    pub traces: &'a [Trace],
    /// What the script needs of foreign key enforcement (SQLite).
    pub foreign_keys: ForeignKeys,
    /// For a script that may delete rows (`DELETE`, `UPDATE`, `REPLACE`, `DROP TABLE`): every name
    /// that occurs in it, lower case, sorted. A table that is not among them must keep its rows.
    /// `None`: the script cannot delete rows, or the author allowed it to (`row-loss`).
    pub guard: Option<&'a [&'a str]>,
}

/// SHA-256 of a script.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Checksum(pub [u8; 32]);

/// One statement of a script: a range of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Byte offset of its first character.
    pub start: u32,
    /// Byte offset behind its last character, the semicolon left out.
    pub end: u32,
    /// Line of its first character, from 1.
    pub line: u32,
    /// Column of its first character, in characters, from 1.
    pub column: u32,
    /// How it gets on with transactions.
    pub mode: Mode,
}

/// How a statement gets on with transactions, and what a resumed run does about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// May run inside a transaction.
    Normal,
    /// Cannot run inside one (`VACUUM`), and may be repeated without harm.
    Alone,
    /// Cannot run inside one, or ends it (`CREATE INDEX CONCURRENTLY`; DDL in MySQL), and must not
    /// be repeated. Where a run died in it, its [`Trace`]s tell whether it is done.
    Once,
    /// Sets up the session (`PRAGMA`, `ATTACH`): lost with the connection, so a resumed run repeats
    /// it; not wrapped in a transaction.
    Session,
    /// Makes something that dies with the connection (`CREATE TEMP TABLE`): behind it, a run in
    /// another connection cannot go on.
    Temporary,
    /// Opens a transaction of the script's own.
    Begin,
    /// Closes it (`COMMIT`, `END`, `ROLLBACK`).
    Commit,
}

/// Something that a [`Mode::Once`] statement brings about or does away with, and that a look at the
/// database shows. When all of a statement's traces are there it has run, when none is it has not;
/// a statement without any cannot be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    /// Which statement of the script, from 0.
    pub statement: u32,
    /// What kind of object.
    pub object: Object,
    /// It exists once the statement has run; or does no longer.
    pub exists: bool,
    /// Where in the script its name stands, as it is written, quotes and schema included: the bytes
    /// from the first of these to before the second.
    pub name: (u32, u32),
    /// In the same way, the name of the table that it belongs to; empty where its own name is
    /// enough.
    pub table: (u32, u32),
}

/// A kind of object that a [`Trace`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Object {
    /// A table, or what shares its names: a view, a sequence.
    Relation,
    /// A column of a table.
    Column,
    /// An index. In PostgreSQL one that is not valid is not there.
    Index,
    /// A constraint of a table.
    Constraint,
    /// A trigger.
    Trigger,
    /// A procedure.
    Procedure,
    /// A function.
    Function,
    /// An event of MySQL's scheduler.
    Event,
    /// A database.
    Database,
}

/// What a script needs of SQLite's foreign key enforcement, which can only be switched between
/// transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ForeignKeys {
    /// It makes no difference (only creates, adds, or reads).
    Any,
    /// As the connection has it: the script changes rows or drops tables.
    Kept,
    /// Off: a table is rebuilt (created anew, copied, dropped, renamed), and with enforcement on
    /// the drop would delete the rows that refer to it. Checked before commit instead.
    Off,
}

impl Dialect {
    /// What the database is called.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::Mysql => "MySQL or MariaDB",
        }
    }
}

impl<'a> All<'a> {
    /// Of migrations that are there already.
    #[must_use]
    pub const fn of(migrations: &'a [Migration<'a>]) -> Self {
        Self(Form::Slice(migrations))
    }

    /// Of those that `embed_migrations!` has packed.
    #[doc(hidden)]
    #[must_use]
    pub const fn packed(packed: Packed) -> Self {
        Self(Form::Packed(packed))
    }

    /// As a slice.
    #[must_use]
    pub fn as_slice(&self) -> &'a [Migration<'a>] {
        match self.0 {
            Form::Slice(migrations) => migrations,
            Form::Packed(packed) => packed.unpack(),
        }
    }
}

impl<'a> std::ops::Deref for All<'a> {
    type Target = [Migration<'a>];

    fn deref(&self) -> &Self::Target {
        self.as_slice()
    }
}

impl<'a> IntoIterator for All<'a> {
    type Item = &'a Migration<'a>;
    type IntoIter = std::slice::Iter<'a, Migration<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.as_slice().iter()
    }
}

impl std::fmt::Debug for All<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.as_slice().fmt(f)
    }
}

impl<'a> Migrations<'a> {
    /// The migration with this version, dashes dropped.
    #[must_use]
    pub fn get(&self, version: &str) -> Option<&'a Migration<'a>> {
        let all = self.all.as_slice();
        let at = all.binary_search_by(|migration| migration.version.cmp(version)).ok()?;
        Some(&all[at])
    }
}

impl<'a> Script<'a> {
    /// The text of one of its statements.
    #[must_use]
    pub fn text(&self, statement: &Statement) -> &'a str {
        &self.sql[statement.start as usize..statement.end as usize]
    }
}

impl Mode {
    /// Every mode.
    pub(crate) const ALL: [Self; 7] = [
        Self::Normal,
        Self::Alone,
        Self::Once,
        Self::Session,
        Self::Temporary,
        Self::Begin,
        Self::Commit,
    ];

    /// The letter that stands for it wherever a script is written down. `migrate-build` writes the
    /// same.
    pub(crate) const fn letter(self) -> u8 {
        match self {
            Self::Normal => b'n',
            Self::Alone => b'a',
            Self::Once => b'o',
            Self::Session => b's',
            Self::Temporary => b't',
            Self::Begin => b'b',
            Self::Commit => b'c',
        }
    }

    pub(crate) fn of(letter: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.letter() == letter)
    }
}

impl Object {
    const ALL: [Self; 9] = [
        Self::Relation,
        Self::Column,
        Self::Index,
        Self::Constraint,
        Self::Trigger,
        Self::Procedure,
        Self::Function,
        Self::Event,
        Self::Database,
    ];

    /// What it is called.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Relation => "relation",
            Self::Column => "column",
            Self::Index => "index",
            Self::Constraint => "constraint",
            Self::Trigger => "trigger",
            Self::Procedure => "procedure",
            Self::Function => "function",
            Self::Event => "event",
            Self::Database => "database",
        }
    }

    /// The letter that stands for it wherever a script is written down. `migrate-build` writes the
    /// same.
    pub(crate) const fn letter(self) -> u8 {
        match self {
            Self::Relation => b'r',
            Self::Column => b'c',
            Self::Index => b'i',
            Self::Constraint => b'k',
            Self::Trigger => b't',
            Self::Procedure => b'p',
            Self::Function => b'f',
            Self::Event => b'e',
            Self::Database => b'd',
        }
    }

    pub(crate) fn of(letter: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|object| object.letter() == letter)
    }
}

impl Checksum {
    /// The form in which ledgers keep it: `v1:` and 64 hexadecimal digits.
    #[must_use]
    pub fn to_text(self) -> String {
        use std::fmt::Write as _;
        let mut text = String::with_capacity(67);
        text.push_str("v1:");
        for byte in self.0 {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }

    /// Reads that form back; `None` when the text is no checksum of a known kind.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("v1:")?.as_bytes();
        let mut bytes = [0; 32];
        if digits.len() != 2 * bytes.len() {
            return None;
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let high = char::from(pair[0]).to_digit(16)?;
            let low = char::from(pair[1]).to_digit(16)?;
            *byte = u8::try_from(high << 4 | low).ok()?;
        }
        Some(Self(bytes))
    }
}

impl std::fmt::Debug for Checksum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_text())
    }
}
