//! From what the grammar reports to our statements.

use std::collections::HashSet;

use super::effect;
use super::lex::{Token, unquote};
use super::mark::Mark;
use super::peg::Event;
use super::version::Need;
use crate::server::ServerVersion;
use crate::source::Span;
use crate::sql::{Column, Effect, Mode, Name, Object, Statement, StatementKind, Trace};

/// A statement that was read: its tokens, and what the grammar reports of them.
pub(super) struct Read<'r> {
    pub(super) span: Span,
    /// Its text, and places in it.
    pub(super) text: &'r str,
    pub(super) tokens: &'r [Token],
    pub(super) events: &'r [Event<Mark, Need>],
}

/// What was reported, put together.
#[derive(Default)]
struct Seen {
    marks: Vec<Mark>,
    parts: usize,
    tables: Vec<Span>,
    to: Option<Span>,
    columns: Vec<Column>,
    traces: Vec<(Object, bool, Span)>,
}

impl Read<'_> {
    /// What the statement needs of a server, and the place where it does.
    pub(super) fn needs(&self) -> impl Iterator<Item = (Need, Span)> {
        self.events.iter().filter_map(|event| match event {
            Event::Need(need, at) => Some((*need, self.place(*at, at + 1))),
            _ => None,
        })
    }

    /// The names of options that only some engine knows, and of privileges that only some plugin.
    pub(super) fn plugged_in(&self) -> impl Iterator<Item = (Mark, Span)> {
        self.events.iter().filter_map(|event| match event {
            Event::Open(mark @ (Mark::Option | Mark::Privilege), at) => {
                Some((*mark, self.place(*at, at + 1)))
            }
            _ => None,
        })
    }

    /// Whether the grammar knows of such statements only that they exist.
    pub(super) fn is_unknown(&self) -> bool {
        self.events.iter().any(|event| matches!(event, Event::Mark(Mark::Unknown, _)))
    }

    /// What it means.
    pub(super) fn lower(&self, version: Option<ServerVersion>) -> Statement {
        let seen = self.see();
        let mode = seen.mode();
        let kind = seen.kind(self);
        let traces = if mode == Mode::Once { seen.traces(self) } else { Vec::new() };
        let effect = if self.is_unknown() {
            Effect::Opaque("nothing is known of its grammar")
        } else {
            effect::effect(self.text, self.span.start, self.tokens, &kind, version)
        };
        Statement { span: self.span, kind, mode, traces, effect }
    }

    fn see(&self) -> Seen {
        let mut seen = Seen::default();
        let mut open: Vec<usize> = Vec::new();
        let mut inner = 0_u32;
        for event in self.events {
            match *event {
                Event::Open(Mark::Inner, _) => inner += 1,
                Event::Close(Mark::Inner, _) => inner -= 1,
                _ if inner > 0 => {}
                Event::Open(_, at) => open.push(at),
                Event::Close(mark, end) => {
                    if let Some(start) = open.pop() {
                        seen.span(self, mark, start, end);
                    }
                }
                Event::Mark(Mark::Part, _) => seen.parts += 1,
                Event::Mark(mark, _) => seen.marks.push(mark),
                Event::Need(..) => {}
            }
        }
        seen
    }

    /// The place of some tokens in the file.
    fn place(&self, start: usize, end: usize) -> Span {
        let within = match (self.tokens.get(start), end.checked_sub(1)) {
            (Some(first), Some(last)) if last >= start => {
                let last = self.tokens.get(last).unwrap_or(first);
                Span::new(first.span.start, last.span.end)
            }
            _ => Span::new(self.span.end - self.span.start, self.span.end - self.span.start),
        };
        Span::new(self.span.start + within.start, self.span.start + within.end)
    }

    fn written(&self, place: Span) -> &str {
        let within = Span::new(place.start - self.span.start, place.end - self.span.start);
        self.text.get(within.range()).unwrap_or_default()
    }

    /// A name as the server compares it, its schema left out. The case of tables counts on some
    /// systems; none has two whose names differ in nothing else by intention.
    fn name(&self, place: Span) -> Name {
        Name::new(&unquote(last_part(self.written(place))))
    }
}

/// What stands behind the last dot of a name outside of quotes.
fn last_part(written: &str) -> &str {
    let mut quoted = false;
    let mut start = 0;
    for (at, c) in written.char_indices() {
        match c {
            '`' => quoted = !quoted,
            '.' if !quoted => start = at + 1,
            _ => {}
        }
    }
    written[start..].trim()
}

impl Seen {
    fn span(&mut self, read: &Read<'_>, mark: Mark, start: usize, end: usize) {
        let place = read.place(start, end);
        match mark {
            Mark::Table => self.tables.push(place),
            Mark::To => self.to = Some(place),
            Mark::Column => {
                let written = read.written(place).to_owned();
                self.columns.push(Column { written, type_words: Vec::new() });
            }
            Mark::Type => {
                let words = read.tokens[start..end].iter();
                let words = words.map(|token| read.text[token.span.range()].to_owned());
                if let Some(column) = self.columns.last_mut() {
                    column.type_words = words.collect();
                }
            }
            Mark::Gone(object) => self.traces.push((object, false, place)),
            Mark::There(object) => self.traces.push((object, true, place)),
            Mark::Renames => {
                let names = self.traces.iter().rev().take(2).map(|(_, _, place)| *place);
                let names: Vec<Name> = names.map(|place| read.name(place)).collect();
                if matches!(names.as_slice(), [after, before] if after == before) {
                    self.traces.truncate(self.traces.len() - 2);
                } else {
                    self.marks.push(Mark::Once);
                }
            }
            _ => {}
        }
    }

    fn has(&self, mark: Mark) -> bool {
        self.marks.contains(&mark)
    }

    fn mode(&self) -> Mode {
        [
            (Mark::Temporary, Mode::Temporary),
            (Mark::Once, Mode::Once),
            (Mark::Session, Mode::Session),
            (Mark::Alone, Mode::Alone),
            (Mark::Begin, Mode::Begin),
            (Mark::Commit, Mode::Commit),
        ]
        .into_iter()
        .find(|(mark, _)| self.has(*mark) && !(*mark == Mark::Once && self.has(Mark::Again)))
        .map_or(Mode::Normal, |(_, mode)| mode)
    }

    fn kind(&self, read: &Read<'_>) -> StatementKind {
        let temporary = self.has(Mark::Temporary);
        let table = || self.tables.first().map_or_else(|| Name::new(""), |at| read.name(*at));
        let first = self.marks.iter().find_map(|mark| {
            Some(match mark {
                Mark::CreateTable => StatementKind::CreateTable {
                    table: table(),
                    temporary,
                    columns: self.columns.clone(),
                },
                Mark::DropTable => StatementKind::DropTable {
                    tables: self.tables.iter().map(|at| read.name(*at)).collect(),
                },
                Mark::AlterTable => self.alter(read),
                Mark::Rename if self.tables.len() == 1 => {
                    StatementKind::RenameTable { table: table(), to: read.name(self.to?) }
                }
                Mark::Rename => StatementKind::AlterTable,
                Mark::Create => StatementKind::Create { temporary },
                Mark::Alter => StatementKind::Alter,
                Mark::Drop => StatementKind::Drop,
                Mark::Insert => StatementKind::Insert { replaces: self.has(Mark::Replace) },
                Mark::Replace => StatementKind::Insert { replaces: true },
                Mark::Update => StatementKind::Update,
                Mark::Delete => StatementKind::Delete,
                Mark::Truncate => StatementKind::Truncate,
                Mark::Select => StatementKind::Select,
                Mark::Savepoint => StatementKind::Savepoint,
                Mark::Begin => StatementKind::Begin,
                Mark::Commit => StatementKind::EndTransaction,
                Mark::Maintenance => StatementKind::Maintenance,
                Mark::Code => StatementKind::Code,
                Mark::Session => StatementKind::Session,
                Mark::Other => StatementKind::Other,
                _ => return None,
            })
        });
        first.unwrap_or(StatementKind::Other)
    }

    fn alter(&self, read: &Read<'_>) -> StatementKind {
        match (self.parts, self.tables.first(), self.to, self.columns.first()) {
            (1, Some(table), Some(to), _) => {
                StatementKind::RenameTable { table: read.name(*table), to: read.name(to) }
            }
            (1, _, _, Some(column)) if self.has(Mark::AddColumn) => {
                StatementKind::AddColumn { column: column.clone() }
            }
            _ => StatementKind::AlterTable,
        }
    }

    /// The traces, in the order of the text. What one part takes away and another brings back shows
    /// nothing.
    fn traces(&self, read: &Read<'_>) -> Vec<Trace> {
        let mut traces = self.traces.clone();
        let alters = self.has(Mark::AlterTable);
        if let (true, Some(table), Some(_)) = (alters, self.tables.first(), self.to) {
            traces.push((Object::Relation, false, *table));
        }
        let name = |place: &Span| folded(read.written(*place));
        let all: HashSet<(Object, bool, String)> =
            traces.iter().map(|(object, exists, place)| (*object, *exists, name(place))).collect();
        let shows = |(object, exists, place): &&(Object, bool, Span)| {
            !all.contains(&(*object, !exists, name(place)))
        };
        let table_of = |object, exists| match object {
            // Once the statement has run, the table has its new name.
            Object::Column | Object::Index | Object::Constraint if exists => {
                self.to.filter(|_| alters).or(self.tables.first().copied())
            }
            Object::Column | Object::Index | Object::Constraint => self.tables.first().copied(),
            _ => None,
        };
        traces
            .iter()
            .filter(shows)
            .map(|(object, exists, name)| Trace {
                object: *object,
                exists: *exists,
                name: *name,
                table: table_of(*object, *exists),
            })
            .collect()
    }
}

/// A name with its schema, as the server compares it.
fn folded(written: &str) -> String {
    written.replace('`', "").to_ascii_lowercase()
}
