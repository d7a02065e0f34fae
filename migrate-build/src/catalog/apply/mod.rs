//! Statements applied to a catalog, one file for each kind.

mod alter;
mod create;
mod drop;
mod mysql;
mod postgres;
mod rows;
mod sound;
mod texts;

pub(crate) use postgres::{INTERNAL_TYPES, is_own_type};

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::object::{Entry, Key, Object};
use super::problem::{Problem, ProblemKind};
use super::scope::Ambiguity;
use super::store::{Catalog, Cause};
use crate::dialect::Dialect;
use crate::source::{Source, Span};
use crate::sql::schema::{Ident, Path, View};
use crate::sql::{Class, Ddl, Effect, Name, Statement, StatementKind, TableAction};
use crate::suggest::nearest;

/// A script on its way into a catalog.
#[derive(Debug)]
pub struct Application<'a> {
    catalog: &'a mut Catalog,
    source: &'a Arc<Source>,
    /// The statement that is being applied.
    statement: Span,
    /// What the script has made for its connection alone.
    temporary: HashSet<Name>,
    /// The indexes and triggers of such tables (SQLite), with their tables.
    temporary_parts: HashMap<Name, Name>,
    problems: Vec<Problem>,
    /// Why it is not known what the statement did.
    unclear: Option<&'static str>,
    /// Where names without a schema are looked for, and made in the first.
    search_path: Vec<Name>,
    /// SQLite's `PRAGMA legacy_alter_table`.
    legacy_alter_table: bool,
}

/// Why it is not known what a statement did that names what is not known.
const MAY_BE_THERE: &str = "it names what a statement before it may have made that is not followed";

impl<'a> Application<'a> {
    /// Begins a script.
    pub fn new(catalog: &'a mut Catalog, source: &'a Arc<Source>) -> Self {
        Self {
            catalog,
            source,
            statement: Span::default(),
            temporary: HashSet::new(),
            temporary_parts: HashMap::new(),
            problems: Vec::new(),
            unclear: None,
            search_path: vec![Name::folded("public")],
            legacy_alter_table: false,
        }
    }

    /// Applies a script; what was wrong with it. What cannot be applied is passed over, and what is
    /// behind it is applied all the same.
    #[must_use]
    pub fn script(mut self, statements: &[Statement]) -> Vec<Problem> {
        statements.iter().flat_map(|statement| self.statement(statement)).collect()
    }

    /// Applies the next statement; what was wrong with it.
    #[must_use]
    pub fn statement(&mut self, statement: &Statement) -> Vec<Problem> {
        self.catalog.attribute(Cause { source: Arc::clone(self.source), span: statement.span });
        self.statement = statement.span;
        match &statement.effect {
            Effect::None => self.pragma(statement),
            Effect::Schema(ddl) => self.ddl(ddl),
            Effect::Temporary(name) => {
                self.temporary.insert(name.clone());
            }
            Effect::DropTemporary { names, if_exists } => {
                let are_there = names.iter().filter(|name| self.temporary.remove(name)).count();
                if are_there < names.len() && !if_exists {
                    self.unclear = Some("it drops a temporary table that is not made here");
                }
            }
            Effect::Rows(rows) if self.catalog.dialect() == Dialect::Postgres => {
                postgres::rows(self, rows);
            }
            Effect::Rows(rows) if self.catalog.dialect() == Dialect::Mysql => self.mysql_rows(rows),
            Effect::Rows(rows) => self.rows(rows),
            Effect::Opaque(reason) => self.unclear(reason),
        }
        std::mem::take(&mut self.problems)
    }

    /// Why it is not known what the last statement did to the schema, if it is not.
    pub fn take_unclear(&mut self) -> Option<&'static str> {
        self.unclear.take()
    }

    /// The names of the temporary tables that there are, and of what belongs to them.
    pub(crate) fn temporary(&self) -> Vec<Name> {
        self.temporary.iter().chain(self.temporary_parts.keys()).cloned().collect()
    }

    /// What has become of the catalog so far.
    pub fn catalog(&mut self) -> &mut Catalog {
        self.catalog
    }

    fn ddl(&mut self, ddl: &Ddl) {
        if self.catalog.dialect() == Dialect::Postgres {
            return postgres::ddl(self, ddl);
        }
        if let Ddl::Mysql(change) = ddl {
            return self.mysql(change);
        }
        match ddl {
            Ddl::CreateTable { table, if_not_exists, definition, reads } => {
                self.create_table(table, *if_not_exists, definition, reads);
            }
            Ddl::CreateIndex { index, if_not_exists, table, columns, definition } => {
                self.create_index(index, *if_not_exists, table, columns, definition);
            }
            Ddl::CreateView { view, if_not_exists, definition, .. } => {
                self.create(view, *if_not_exists, Object::View(definition.clone()));
            }
            Ddl::CreateTrigger { trigger, if_not_exists, table, definition } => {
                self.create_trigger(trigger, *if_not_exists, table, definition);
            }
            Ddl::Drop { class, name, if_exists } => self.drop(*class, name, *if_exists),
            Ddl::AlterTable { table, action } => self.alter(table, action),
            // Of other dialects.
            _ => self.unclear("it is not followed in this dialect"),
        }
    }

    fn alter(&mut self, table: &Ident, action: &TableAction) {
        if self.temporary.contains(&table.name) {
            if let TableAction::Rename { to } = action {
                self.rename_temporary(&table.name, &to.name);
            }
            return;
        }
        let Some(Object::Table(_)) = self.expect(Class::Table, table) else { return };
        match action {
            TableAction::Rename { to } => self.rename_table(table, to),
            TableAction::RenameColumn { column, to } => self.rename_column(table, column, to),
            TableAction::AddColumn { column, definition, constraints } => {
                self.add_column(table, column, definition, constraints);
            }
            TableAction::DropColumn { column } => self.drop_column(table, column),
        }
    }

    /// Gives a temporary table another name, if this is one: what it hid can be seen again.
    fn rename_temporary(&mut self, from: &Name, to: &Name) -> bool {
        let is_one = self.temporary.remove(from);
        if is_one {
            self.temporary.insert(to.clone());
            for table in self.temporary_parts.values_mut().filter(|table| *table == from) {
                table.clone_from(to);
            }
        }
        is_one
    }

    /// What a name stands for here.
    #[expect(clippy::unused_self, reason = "elsewhere a name depends on the session")]
    fn path(&self, ident: &Ident) -> Path {
        ident.path()
    }

    /// What has this name, if it is of this class; else that is a problem.
    fn expect(&mut self, class: Class, ident: &Ident) -> Option<Object> {
        match self.catalog.get(&Key::of(class, &self.path(ident))) {
            Some(entry) if entry.object.class() == class => Some(entry.object.clone()),
            Some(entry) => {
                let is = entry.object.class();
                self.problem(ident.span, ProblemKind::OtherClass { name: self.path(ident), is });
                None
            }
            None => {
                self.unknown(class, ident);
                None
            }
        }
    }

    fn pragma(&mut self, statement: &Statement) {
        if let StatementKind::Pragma { name, sets: true } = &statement.kind
            && name == "legacy_alter_table"
        {
            let text = self.source.slice(statement.span).to_ascii_lowercase();
            self.legacy_alter_table = ["on", "1", "true", "yes"]
                .iter()
                .any(|value| text.trim_end_matches([')', ' ']).ends_with(value));
        }
    }

    /// What is not there may have been made by what is not followed.
    fn doubt(&mut self) -> bool {
        let doubt = self.catalog.opaque().is_some();
        if doubt {
            self.unclear = Some(MAY_BE_THERE);
        }
        doubt
    }

    /// What the statement does is not known from here on.
    fn unclear(&mut self, reason: &'static str) {
        self.unclear = Some(reason);
        self.catalog.blur(reason);
    }

    fn unknown(&mut self, class: Class, ident: &Ident) {
        if self.doubt() {
            return;
        }
        let name = self.path(ident);
        let names: BTreeMap<String, &Path> =
            self.catalog.names_of(class).map(|path| (path.to_string(), path)).collect();
        let near = nearest(&name.to_string(), names.keys().map(String::as_str));
        let near = near.and_then(|near| names.get(near).copied().cloned());
        self.problem(ident.span, ProblemKind::Unknown { class, name, near });
    }

    fn problem(&mut self, span: Span, kind: ProblemKind) {
        // What MySQL's programs do, which are not read, they do to tables that are known, too.
        if self.catalog.dialect() == Dialect::Mysql && self.doubt() {
            return;
        }
        self.problems.push(Problem { span, kind });
    }

    /// What the query of a view names is the column of one table; else servers refuse it.
    fn expect_clear(&mut self, view: &View, span: Span) {
        if view.reads.iter().all(|read| read.schema.is_none())
            && let Some(found) = Ambiguity::find(&view.text, None, self.catalog)
        {
            self.problem(span, found.problem());
        }
    }

    fn put(&mut self, key: Key, object: Object, span: Span) {
        let statement = self.statement;
        let entry = Entry { object, source: Arc::clone(self.source), span, statement };
        self.catalog.set(key, Some(Arc::new(entry)));
    }

    /// Puts another object in the place of one; it was made where that was.
    fn replace(&mut self, key: &Key, object: Object) {
        if let Some(entry) = self.catalog.get(key) {
            if entry.object == object {
                return;
            }
            let entry = Entry { object, ..Entry::clone(entry) };
            self.catalog.set(key.clone(), Some(Arc::new(entry)));
        }
    }
}
