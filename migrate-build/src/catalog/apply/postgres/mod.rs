//! Statements as PostgreSQL carries them out: names are looked for along the search path, the server
//! gives names of its own, and what depends on what is known.

mod alter;
mod coerced;
mod columns;
mod constraint;
mod create;
mod domain;
mod drop;
mod naming;
mod place;
mod reference;
mod rename;
mod routine;
mod rows;
mod sequence;
mod view;
mod words;

pub(crate) use coerced::INTERNAL_TYPES;

use super::{Application, Key, Object, ProblemKind};
use crate::catalog::Space;
use crate::source::Span;
use crate::sql::schema::{Ident, Path, Table, Text, Word};
use crate::sql::{Class, Ddl, Name, Named, Rows};
use crate::suggest::nearest;

/// Types that every database has, by the names that the server gives them.
const TYPES: &str = include_str!("types.txt");

/// A statement at work.
struct Session<'s, 'a> {
    app: &'s mut Application<'a>,
}

pub(super) fn ddl(app: &mut Application<'_>, ddl: &Ddl) {
    let mark = app.catalog.mark();
    Session { app }.ddl(ddl);
    // A statement is carried out as a whole, or not at all.
    if !app.problems.is_empty() {
        app.catalog.rewind(mark);
    }
}

pub(super) fn rows(app: &mut Application<'_>, rows: &Rows) {
    Session { app }.rows(rows);
}

impl Session<'_, '_> {
    fn ddl(&mut self, ddl: &Ddl) {
        match ddl {
            Ddl::CreateTable { table, if_not_exists, definition, reads } => {
                self.create_table(table, *if_not_exists, definition, reads);
            }
            Ddl::CreateIndex { index, if_not_exists, table, definition, .. } => {
                self.create_index(index, *if_not_exists, table, definition);
            }
            Ddl::CreateView { view, if_not_exists, or_replace, definition, reads } => {
                self.create_view(view, *if_not_exists, *or_replace, definition, reads);
            }
            Ddl::Create { class, name, if_not_exists, or_replace, text, mentions } => {
                let is_kept = (*if_not_exists, *or_replace);
                self.create_other(*class, name, is_kept, text, mentions);
            }
            Ddl::DropAll { class, names, if_exists, cascade } => {
                self.drop(*class, names, *if_exists, *cascade);
            }
            Ddl::Alter { class, name, if_exists, actions } => {
                self.alter(*class, name, *if_exists, actions);
            }
            Ddl::Comment { class, name, part, text } => {
                self.comment(*class, name, part.as_ref(), text.as_ref());
            }
            Ddl::ManageUpdatedAt { function, table } => self.manage_updated_at(function, table),
            Ddl::SearchPath(path) => {
                let named = path.iter().filter(|schema| schema.as_str() != "$user");
                self.app.search_path = named.cloned().collect();
            }
            _ => self.unclear("it is not followed in this dialect"),
        }
    }

    fn unclear(&mut self, reason: &'static str) {
        self.app.unclear(reason);
    }

    fn problem(&mut self, span: Span, kind: ProblemKind) {
        self.app.problem(span, kind);
    }

    /// Everybody's schema goes without a name.
    fn schema(name: &Name) -> Option<Name> {
        (name.as_str() != "public").then(|| name.clone())
    }

    /// Where something new of this name is made.
    fn new_path(&mut self, ident: &Ident) -> Path {
        let first = self.app.search_path.first();
        let schema = ident.schema.as_ref().or(first).and_then(Self::schema);
        if let Some(schema) = &schema {
            self.expect_schema(schema, ident.span);
        }
        Path { schema, name: ident.name.clone() }
    }

    fn expect_schema(&mut self, schema: &Name, span: Span) {
        let path = Path { schema: None, name: schema.clone() };
        let is_own = ["public", "pg_catalog", "information_schema"].contains(&schema.as_str());
        if !is_own && self.app.catalog.get(&Key::new(Space::Schema, &path)).is_none() {
            let ident = Ident { schema: None, name: schema.clone(), span };
            self.unknown(Class::Schema, &ident);
        }
    }

    /// What a name stands for.
    fn path(&self, space: Space, ident: &Ident) -> Path {
        let at = |schema: &Name| Path { schema: Self::schema(schema), name: ident.name.clone() };
        if matches!(space, Space::Schema | Space::Extension | Space::Publication) {
            return Path { schema: None, name: ident.name.clone() };
        }
        if let Some(schema) = &ident.schema {
            return at(schema);
        }
        let mut paths = self.app.search_path.iter().map(at);
        let found =
            paths.clone().find(|path| self.app.catalog.several(space, path).next().is_some());
        found.or_else(|| paths.next()).unwrap_or_else(|| ident.path())
    }

    fn relation(&self, ident: &Ident) -> Path {
        self.path(Space::Relation, ident)
    }

    /// Whether a relation is the server's own.
    fn is_own(ident: &Ident) -> bool {
        let schema = ident.schema.as_ref().map(Name::as_str);
        matches!(schema, Some("pg_catalog" | "information_schema" | "pg_temp"))
            || schema.is_none() && ident.name.as_str().starts_with("pg_")
    }

    fn is_temporary(&self, ident: &Ident) -> bool {
        ident.schema.as_ref().is_none_or(|schema| schema.as_str() == "pg_temp")
            && self.app.temporary.contains(&ident.name)
    }

    fn unknown(&mut self, class: Class, ident: &Ident) {
        // An extension may have made it; those that are known make no tables.
        let may_be_made = self.app.catalog.names_of(Class::Extension).any(|path| match class {
            Class::Type | Class::Function => true,
            Class::Table | Class::View => !drop::is_known(&path.name),
            _ => false,
        });
        if may_be_made {
            return;
        }
        self.app.unknown(class, ident);
    }

    /// The table of a name; else that is a problem.
    fn expect_table(&mut self, ident: &Ident) -> Option<(Path, Table)> {
        let path = self.relation(ident);
        match self.app.catalog.get(&Key::relation(&path)).map(|entry| &entry.object) {
            Some(Object::Table(table)) => Some((path, table.clone())),
            Some(other) => {
                let is = other.class();
                self.problem(ident.span, ProblemKind::OtherClass { name: path, is });
                None
            }
            None => {
                self.unknown(Class::Table, ident);
                None
            }
        }
    }

    /// The key of something that has to be there; else that is a problem, unless it need not be.
    fn expect(&mut self, class: Class, name: &Named, if_exists: bool) -> Option<Key> {
        let key = self.key(class, name)?;
        match self.app.catalog.get(&key).map(|entry| entry.object.class()) {
            Some(is) if is == class || is_alike(class, is) => Some(key),
            Some(is) => {
                let name_ = key.path;
                self.problem(name.ident.span, ProblemKind::OtherClass { name: name_, is });
                None
            }
            None if if_exists => None,
            None => {
                self.app.unknown(class, &name.ident);
                None
            }
        }
    }

    /// What a name stands for, which need not be there; none where nothing can be.
    fn key(&mut self, class: Class, name: &Named) -> Option<Key> {
        let space = class.space();
        if let Some(table) = &name.table {
            let table = self.relation(table);
            return Some(owned_key(space, &table, &name.ident.name));
        }
        let path = self.path(space, &name.ident);
        if space != Space::Routine {
            return Some(Key::new(space, &path));
        }
        if let Some(arguments) = &name.arguments {
            return Some(Key::new(space, &path).which(arguments.clone()));
        }
        let found: Vec<Key> = self.app.catalog.several(space, &path).cloned().collect();
        match &found[..] {
            [only] => Some(only.clone()),
            [] => Some(Key::new(space, &path).which(Name::default())),
            [..] => {
                let refused = "several have this name: their arguments have to be given";
                self.problem(name.ident.span, ProblemKind::Refused(refused));
                None
            }
        }
    }

    /// Whether a table has a column; else that is a problem.
    fn expect_column(&mut self, path: &Path, table: &Table, name: &Name, span: Span) -> bool {
        const OWN: [&str; 6] = ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"];
        if table.is_opaque || table.column(name).is_some() || OWN.contains(&name.as_str()) {
            return true;
        }
        let names = table.columns.iter().map(|column| column.name.as_str());
        let near = nearest(name.as_str(), names).map(Name::folded);
        let (table, column) = (path.clone(), name.clone());
        self.problem(span, ProblemKind::UnknownColumn { table, column, near });
        false
    }

    /// The type that a column is of, where it is one of the catalog's, and by its full name.
    fn settle_type(&mut self, ty: &mut Text, span: Span) {
        let Some(path) = crate::catalog::mentions::type_at(ty.words()) else { return };
        if path.schema.is_none() && is_own_type(path.name.as_str()) {
            return;
        }
        let ident = Ident { schema: path.schema.clone(), name: path.name, span };
        let found = self.path(Space::Type, &ident);
        if self.app.catalog.get(&Key::new(Space::Type, &found)).is_none() {
            let is_row = self.app.catalog.table(&self.relation(&ident)).is_some();
            if !is_row {
                self.unknown(Class::Type, &ident);
            }
        }
        let behind = if ident.schema.is_some() { 3 } else { 1 };
        let mut words = path_words(&found);
        words.extend(ty.words()[behind..].iter().cloned());
        *ty = Text::new(words);
    }
}

/// Whether what is there can be meant where this class is written.
fn is_alike(class: Class, is: Class) -> bool {
    match class {
        Class::Type => is == Class::Domain,
        _ => false,
    }
}

pub(crate) fn is_own_type(name: &str) -> bool {
    TYPES.lines().any(|own| own == name)
}

fn path_words(path: &Path) -> Vec<Word> {
    let dot = Word::Other(".".to_owned());
    let schema = path.schema.iter().flat_map(|schema| [Word::Name(schema.clone()), dot.clone()]);
    schema.chain([Word::Name(path.name.clone())]).collect()
}

/// The key of what has its name from its table.
fn owned_key(space: Space, table: &Path, name: &Name) -> Key {
    let path = Path { schema: table.schema.clone(), name: name.clone() };
    match space {
        Space::Statistics => Key::new(space, &path),
        _ => Key::new(space, &path).which(table.name.clone()),
    }
}

/// The key of what is said about an object, or about a part of it.
fn comment_key(of: &Key, part: &str) -> Key {
    let which = of.of.as_ref().map_or("", Name::as_str);
    let said = format!("{:?} {which} {part}", of.space).to_lowercase();
    Key::new(Space::Comment, &of.path).which(Name::folded(said))
}
