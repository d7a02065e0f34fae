//! What the names in a query, a body or an expression stand for, as far as its words tell.
//!
//! SQLite renames columns and tables in the text of views and triggers, and refuses to alter any
//! table while one of them names what is not there ("ALTER TABLE", sections 3 to 5).

mod ambiguity;
mod read;

use std::collections::HashSet;

pub(super) use ambiguity::Ambiguity;

use super::Catalog;
use super::object::{Key, Object};
use crate::sql::Name;
use crate::sql::schema::{Path, Text, Word};

/// The names of a text.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// For each query in it, the one around it.
    parents: Vec<Option<usize>>,
    pub(super) sources: Vec<Source>,
    pub(super) references: Vec<Reference>,
    /// What the text itself gives a name.
    locals: HashSet<Name>,
    /// The queries among these, which stand before tables of the same name.
    queries: HashSet<Name>,
    /// The columns that joins make one of.
    joined: HashSet<Name>,
    /// Where rows are from a query in brackets.
    bracketed: HashSet<usize>,
}

/// A table or view that rows are from.
#[derive(Debug)]
pub(super) struct Source {
    /// The query.
    scope: usize,
    /// What it is called there.
    pub(super) called: Name,
    /// What it is; nothing where it is a query, or a function.
    pub(super) path: Option<Path>,
    /// Its word; none for `NEW` and `OLD`.
    pub(super) at: Option<usize>,
}

/// A place where a column is named.
#[derive(Debug)]
pub(super) struct Reference {
    scope: usize,
    /// Its word.
    pub(super) at: usize,
    /// What stands before the dot, and its word.
    pub(super) qualifier: Option<(Name, usize)>,
    /// The column.
    pub(super) name: Name,
    /// It is in what is called the same: `abs(x) AS x`.
    is_aliased: bool,
    /// The table that is written, where it is a column of that by its place.
    pub(super) target: Option<Path>,
}

/// What a name stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meaning<'s> {
    /// A column of this table or view.
    Column(&'s Path),
    /// Something that the text itself defines.
    Local,
    /// A column of a query inside of the text, which names it.
    Passed,
    /// It cannot be told; it may be nothing.
    Unclear,
}

/// What is not there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Missing {
    /// A column, of this table where there is one.
    Column(Option<Path>),
    /// A table of this name.
    Qualifier(Name),
}

/// Every table has these, and what stands for truth is no column.
const ALWAYS: [&str; 5] = ["rowid", "oid", "_rowid_", "true", "false"];

impl Scope {
    /// Reads a text; a trigger's belongs to a table.
    pub(super) fn of(text: &Text, owner: Option<&Path>) -> Self {
        let mut scope = Self { parents: vec![None, Some(0)], ..Self::default() };
        if let Some(owner) = owner {
            for called in ["new", "old"] {
                let (called, path) = (Name::new(called), Some(owner.clone()));
                scope.sources.push(Source { scope: 0, called, path, at: None });
            }
        }
        read::read(text.words(), scope, owner)
    }

    /// The queries around one, from the inside.
    fn around(&self, scope: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(scope), |inner| self.parents[*inner])
    }

    /// What a reference stands for.
    pub(super) fn meaning<'s>(
        &'s self,
        reference: &'s Reference,
        catalog: &Catalog,
    ) -> Meaning<'s> {
        let name = &reference.name;
        if let Some(path) = &reference.target {
            return Meaning::Column(path);
        }
        if let Some((qualifier, _)) = &reference.qualifier {
            let Some(source) = self.source(reference.scope, qualifier) else {
                return if self.locals.contains(qualifier) {
                    self.passed(name)
                } else {
                    Meaning::Unclear
                };
            };
            let Some(path) = &source.path else { return self.passed(name) };
            return match columns(catalog, path) {
                Some(columns) if columns.contains(name) => Meaning::Column(path),
                Some(_) if is_always(name) => Meaning::Local,
                _ => Meaning::Unclear,
            };
        }
        let mut passes = false;
        for scope in self.around(reference.scope) {
            passes |= self.bracketed.contains(&scope);
            let mut found: Vec<&Path> = Vec::new();
            let here = self.sources.iter().filter(|source| source.scope == scope);
            for source in here.filter(|source| source.at.is_some()) {
                let Some(path) = &source.path else {
                    passes = true;
                    continue;
                };
                match columns(catalog, path) {
                    Some(columns) if columns.contains(name) => found.push(path),
                    Some(_) => {}
                    None => return Meaning::Unclear,
                }
            }
            match found[..] {
                [] => {}
                [one] if !passes && !self.locals.contains(name) => return Meaning::Column(one),
                [_, _, ..] if self.joined.contains(name) => return Meaning::Local,
                _ => return Meaning::Unclear,
            }
        }
        if self.locals.contains(name) && !reference.is_aliased || is_always(name) {
            return Meaning::Local;
        }
        if passes { self.passed(name) } else { Meaning::Unclear }
    }

    /// What a name stands for that is a column of a query inside.
    fn passed(&self, name: &Name) -> Meaning<'_> {
        let named = self.references.iter().filter(|reference| reference.name == *name).count();
        if named > 1 || self.locals.contains(name) { Meaning::Passed } else { Meaning::Unclear }
    }

    /// Whether a reference is certain to stand for nothing: wherever it stands in the text, and
    /// whatever its other names are.
    pub(super) fn missing(&self, reference: &Reference, catalog: &Catalog) -> Option<Missing> {
        let name = &reference.name;
        let is_given = |name: &Name| self.locals.contains(name) || self.joined.contains(name);
        if let Some((called, _)) = &reference.qualifier
            && !self.calls(called)
        {
            return Some(Missing::Qualifier(called.clone()));
        }
        let is_free = reference.qualifier.is_none();
        if !self.bracketed.is_empty()
            || reference.target.is_some()
            || is_free && is_given(name)
            || is_always(name)
        {
            return None;
        }
        let called = reference.qualifier.as_ref().map(|(called, _)| called);
        let is_meant = |source: &&Source| called.is_none_or(|called| source.called == *called);
        let mut table = None;
        for source in self.sources.iter().filter(is_meant) {
            let path = source.path.as_ref()?;
            if columns(catalog, path)?.contains(name) {
                return None;
            }
            table.get_or_insert_with(|| path.clone());
        }
        Some(Missing::Column(table))
    }

    /// What has a name, for a place.
    pub(super) fn source(&self, scope: usize, called: &Name) -> Option<&Source> {
        self.around(scope).find_map(|scope| {
            let mut here = self
                .sources
                .iter()
                .filter(|source| source.scope == scope && source.called == *called);
            let found = here.next()?;
            here.next().is_none().then_some(found)
        })
    }

    /// What stands before the dot of a reference.
    pub(super) fn qualified(&self, reference: &Reference) -> Option<&Source> {
        self.source(reference.scope, &reference.qualifier.as_ref()?.0)
    }

    /// Whether a table is among what a reference can mean.
    pub(super) fn sees(&self, reference: &Reference, path: &Path) -> bool {
        self.around(reference.scope).any(|scope| {
            let mut here = self.sources.iter().filter(|source| source.scope == scope);
            here.any(|source| source.path.as_ref() == Some(path))
        })
    }

    /// Whether the text gives this name to something.
    pub(super) fn calls(&self, name: &Name) -> bool {
        self.locals.contains(name) || self.sources.iter().any(|source| source.called == *name)
    }
}

/// Whether every table has it, or it is no column.
pub(super) fn is_always(name: &Name) -> bool {
    ALWAYS.contains(&name.as_str())
}

/// The columns of a table or view, where they are known.
pub(super) fn columns(catalog: &Catalog, path: &Path) -> Option<HashSet<Name>> {
    let of_table = |path: &Path| {
        let table = catalog.table(path).filter(|table| !table.is_opaque)?;
        Some(table.columns.iter().map(|column| column.name.clone()))
    };
    match &catalog.get(&Key::relation(path))?.object {
        Object::Table(_) => Some(of_table(path)?.collect()),
        Object::View(view) => {
            let (items, stars) = outputs(&view.text)?;
            let mut names: HashSet<Name> = items.into_iter().collect();
            if stars {
                for path in &view.reads {
                    names.extend(of_table(path)?);
                }
            }
            Some(names)
        }
        _ => None,
    }
}

/// The columns of a view by its text, and whether there are those of the tables besides.
fn outputs(text: &Text) -> Option<(Vec<Name>, bool)> {
    let words = text.words();
    let (mut depth, mut start) = (0_usize, None);
    let (mut items, mut stars) = (Vec::new(), false);
    let has_list = words.first().is_some_and(|word| word.says("("));
    for (at, word) in words.iter().enumerate() {
        let ends_item = depth == 0
            && start.is_some()
            && (word.says(",") || word.says("from") || word.says("union") || word.says("where"));
        if word.says("(") {
            depth += 1;
        } else if word.says(")") {
            depth = depth.saturating_sub(1);
        }
        if has_list {
            match word {
                Word::Name(name) => items.push(name.clone()),
                _ if depth == 0 => return Some((items, false)),
                Word::Other(_) => {}
            }
        } else if ends_item {
            match words.get(at - 1)? {
                Word::Name(name) => items.push(name.clone()),
                other => stars |= other.says("*"),
            }
            if !word.says(",") {
                return Some((items, stars));
            }
        } else if depth == 0 && start.is_none() && word.says("select") {
            start = Some(at);
        }
    }
    match words.last()? {
        Word::Name(name) if start.is_some() => items.push(name.clone()),
        _ => {}
    }
    start.map(|_| (items, stars))
}
