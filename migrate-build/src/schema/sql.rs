//! Statements by which an empty database gets the schema.
//!
//! Each is tried on a catalog before it is printed: the text that made an object, where the object is
//! still what that text says, else one that is written from the object. So what is printed makes the
//! same schema, or nothing is printed.

use std::sync::Arc;

use super::{Schema, unknown};
use crate::catalog::{Application, Catalog, Entry, Key, Object};
use crate::diagnostic::Diagnostic;
use crate::server::ServerVersion;
use crate::source::Source;
use crate::sql::schema::{Constraint, ConstraintKind, Other, Table, Text, Word};
use crate::sql::{self, Class, Parser};
use crate::write::Writer;

/// Writes a schema.
pub(super) fn text(schema: &Schema) -> Result<String, Box<Diagnostic>> {
    if let Some(why) = schema.unknown() {
        return Err(Box::new(why.clone()));
    }
    let catalog = &schema.catalog;
    let Ok(parser) = sql::parser(catalog.dialect()) else { return Ok(String::new()) };
    let version = schema.server.version;
    let made = Catalog::new(catalog.dialect()).on(version);
    let mut maker = Maker { wanted: catalog, made, parser, version, statements: Vec::new() };
    maker.make_all()?;
    Ok(maker.statements.iter().map(|statement| format!("{statement};\n")).collect())
}

struct Maker<'w> {
    wanted: &'w Catalog,
    /// What the statements so far make.
    made: Catalog,
    parser: &'static dyn Parser,
    version: Option<ServerVersion>,
    statements: Vec<String>,
}

impl Maker<'_> {
    /// Makes what can be made until nothing is left: first in the order in which it was made first.
    fn make_all(&mut self) -> Result<(), Box<Diagnostic>> {
        let mut left: Vec<(&Key, &Arc<Entry>)> = self.wanted.entries().collect();
        let version = |entry: &Entry| (entry.source.path().to_owned(), entry.statement.start);
        left.sort_by_cached_key(|(key, entry)| (version(entry), (*key).clone()));
        while !left.is_empty() {
            let before = left.len();
            left.retain(|(key, entry)| !self.is_made(key) && !self.make(key, entry));
            if left.len() == before && !self.make_circle(&left) {
                let is_alone = |(_, entry): &&(&Key, &Arc<Entry>)| entry.object.owner().is_none();
                let (key, entry) = *left.iter().find(is_alone).unwrap_or(&left[0]);
                let class = entry.object.class();
                let why = format!("the {class} `{}` cannot be written for certain", key.path);
                return Err(Box::new(unknown(entry, why)));
            }
        }
        // What one statement made, another may have changed.
        let changed = self.wanted.entries().find(|(key, _)| !self.is_made(key));
        let stays = self.made.entries().find(|(key, _)| self.wanted.get(key).is_none());
        match changed.or(stays) {
            None => Ok(()),
            Some((key, entry)) => {
                let why = format!("`{}` cannot be written for certain", key.path);
                Err(Box::new(unknown(entry, why)))
            }
        }
    }

    /// Whether something is there as it should be.
    fn is_made(&self, key: &Key) -> bool {
        match (self.made.get(key), self.wanted.get(key)) {
            (Some(made), Some(wanted)) => is_same(&made.object, &wanted.object),
            _ => false,
        }
    }

    /// Makes an object by the first statements that do.
    fn make(&mut self, key: &Key, entry: &Entry) -> bool {
        let original = entry.source.slice(entry.statement).trim().to_owned();
        let mut drafts = vec![vec![original]];
        drafts.extend(self.written(key, &entry.object));
        drafts.into_iter().any(|draft| self.take(&draft, &[key]))
    }

    fn written(&self, key: &Key, object: &Object) -> Option<Vec<String>> {
        let write = Writer { dialect: self.wanted.dialect() };
        let name = write.path(&key.path);
        match object {
            Object::Table(table) => Some(self.table(key, table)),
            Object::Index(index) => {
                let unique = if index.unique { "UNIQUE " } else { "" };
                let name = write.name(&key.path.name);
                Some(vec![format!("CREATE {unique}INDEX {name} ON {}", write.index(index))])
            }
            Object::Other(Other { class: Class::Type, text, .. }) if is_enum(text) => {
                let labels: Vec<String> =
                    text.words()[1..].iter().filter_map(label).map(str::to_owned).collect();
                Some(vec![format!("CREATE TYPE {name} AS ENUM ({})", labels.join(", "))])
            }
            Object::Other(Other { class: class @ (Class::Type | Class::Domain), text, .. }) => {
                let class = class.to_string().to_ascii_uppercase();
                Some(vec![format!("CREATE {class} {name} AS {text}")])
            }
            Object::Other(Other { class: Class::Sequence, text, owner: None, .. }) => {
                Some(vec![sequence(&name, text)])
            }
            _ => None,
        }
    }

    /// A table, and the sequences that are its columns' own.
    fn table(&self, key: &Key, table: &Table) -> Vec<String> {
        let write = Writer { dialect: self.wanted.dialect() };
        let name = write.path(&key.path);
        let (mut before, mut behind) = (Vec::new(), Vec::new());
        for owned in self.wanted.owned_by(&key.path) {
            let Some(Object::Other(Other { class: Class::Sequence, text, owner, .. })) =
                self.wanted.get(&owned).map(|entry| &entry.object)
            else {
                continue;
            };
            let column = owner.as_ref().and_then(|owner| owner.column.as_ref());
            let Some(column) = column.and_then(|name| table.column(name)) else { continue };
            // The server makes that of an identity.
            if column.default.is_none() {
                continue;
            }
            let path = write.path(&owned.path);
            before.push(sequence(&path, text));
            let column = write.name(&column.name);
            behind.push(format!("ALTER SEQUENCE {path} OWNED BY {name}.{column}"));
        }
        before.push(format!("CREATE TABLE {name} {}", write.table(table)));
        before.append(&mut behind);
        before
    }

    /// Tables that refer to each other get their foreign keys when all are there.
    fn make_circle(&mut self, left: &[(&Key, &Arc<Entry>)]) -> bool {
        let write = Writer { dialect: self.wanted.dialect() };
        let (mut keys, mut makes, mut alters) = (Vec::new(), Vec::new(), Vec::new());
        for (key, entry) in left {
            let Object::Table(table) = &entry.object else { continue };
            let is_foreign = |one: &&Constraint| matches!(one.kind, ConstraintKind::ForeignKey(_));
            let (foreign, own): (Vec<&Constraint>, Vec<&Constraint>) =
                table.constraints.iter().partition(is_foreign);
            let constraints = own.into_iter().cloned().collect();
            makes.extend(self.table(key, &Table { constraints, ..table.clone() }));
            let name = write.path(&key.path);
            let add = |one| format!("ALTER TABLE {name} ADD {}", write.constraint(one));
            alters.extend(foreign.into_iter().map(add));
            keys.push(*key);
        }
        makes.append(&mut alters);
        !keys.is_empty() && self.take(&makes, &keys)
    }

    /// Takes statements if they can be applied, these are there then, and all that has changed is as
    /// it should be.
    fn take(&mut self, drafts: &[String], keys: &[&Key]) -> bool {
        let mark = self.made.mark();
        let is_right = drafts.iter().all(|draft| self.apply(draft))
            && keys.iter().all(|key| self.is_made(key))
            && self.made.changes_since(mark).iter().all(|change| self.is_made(&change.key));
        if is_right {
            self.statements.extend_from_slice(drafts);
        } else {
            self.made.rewind(mark);
        }
        is_right
    }

    fn apply(&mut self, draft: &str) -> bool {
        let source = Arc::new(Source::new("schema.sql", draft));
        let mut findings = Vec::new();
        let parsed = self.parser.parse(&source, self.version, &mut findings);
        if !findings.is_empty() || parsed.statements.len() != 1 || parsed.count != 1 {
            return false;
        }
        let mut application = Application::new(&mut self.made, &source);
        let problems = application.statement(&parsed.statements[0]);
        problems.is_empty() && application.take_unclear().is_none()
    }
}

fn sequence(name: &str, text: &Text) -> String {
    let counts = text.to_string();
    let (unlogged, counts) = match counts.strip_prefix("unlogged") {
        Some(counts) => ("UNLOGGED ", counts.trim_start()),
        None => ("", &*counts),
    };
    format!("CREATE {unlogged}SEQUENCE {name} {counts}").trim_end().to_owned()
}

fn is_enum(text: &Text) -> bool {
    matches!(text.words().first(), Some(Word::Name(name)) if name.as_str() == "enum")
}

fn label(word: &Word) -> Option<&str> {
    match word {
        Word::Other(text) if text.starts_with('\'') => Some(text),
        _ => None,
    }
}

/// Whether two are the same, down to the letters of their columns; of what is not known, nobody can
/// say so.
fn is_same(made: &Object, wanted: &Object) -> bool {
    let letters = |object: &Object| -> Vec<String> {
        let Object::Table(table) = object else { return Vec::new() };
        table.columns.iter().map(|column| column.name.written().to_owned()).collect()
    };
    made == wanted && !wanted.is_unclear() && letters(made) == letters(wanted)
}
