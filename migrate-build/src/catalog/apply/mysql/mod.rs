//! MySQL and MariaDB: keys are a part of their table, names of tables are compared with their case,
//! and an `ALTER TABLE` does all that it says at once.

mod alter;
mod columns;
mod constraints;
mod demands;
mod draft;
mod foreign;
mod tables;
mod triggers;

use super::{Application, Key, Object, ProblemKind};
use crate::sql::schema::{Ident, Other, Path, Text, View, Word};
use crate::sql::{Change, Class, Name, Rows};

impl Application<'_> {
    pub(super) fn mysql(&mut self, change: &Change) {
        match change {
            Change::CreateTable { table, if_not_exists, definition, reads, or_replace } => {
                for read in reads {
                    self.reads(read);
                }
                self.make_table(table, (*if_not_exists, *or_replace), definition);
            }
            Change::CopyTable { table, if_not_exists, or_replace, from } => {
                self.copy_table(table, (*if_not_exists, *or_replace), from);
            }
            Change::CreateView { view, if_not_exists, definition, reads, or_replace } => {
                self.make_view(view, (*if_not_exists, *or_replace), definition, reads);
            }
            Change::CreateTrigger {
                trigger,
                if_not_exists,
                table,
                definition,
                beside,
                or_replace,
            } => {
                let flags = (*if_not_exists, *or_replace);
                self.make_trigger(trigger, flags, table, definition, beside.as_ref());
            }
            Change::CreateProgram { program, if_not_exists, or_replace, class, text } => {
                let (class, text) = (*class, text.clone());
                let object =
                    Object::Other(Other { class, text, owner: None, mentions: Vec::new() });
                self.make(program, (*if_not_exists, *or_replace), object);
            }
            Change::Drop { class, names, if_exists } => self.drop_all(*class, names, *if_exists),
            Change::AlterTable { table, if_exists, actions } => {
                self.alter_table(table, *if_exists, actions);
            }
            Change::RenameTables { if_exists, renames } => {
                for (from, to) in renames {
                    if from.name == to.name && self.catalog.table(&to.path()).is_some() {
                        let (is, name) = (Class::Table, to.path());
                        self.problem(to.span, ProblemKind::Duplicate { is, name });
                    }
                    self.rename_relation(from, to, *if_exists);
                }
            }
        }
    }

    /// Rows of a table with columns that no list names are not counted.
    pub(super) fn mysql_rows(&mut self, rows: &Rows) {
        let table = rows.target.as_ref().and_then(|target| self.catalog.table(&target.path()));
        let invisible = Text::new([Word::Name(Name::new("invisible"))]);
        let counts = table.is_some_and(|table| {
            let hides = |column: &crate::sql::schema::Column| {
                column.generated.is_some() || column.options.contains(&invisible)
            };
            !table.columns.iter().any(hides)
        });
        if counts || !rows.columns.is_empty() {
            self.rows(rows);
        } else {
            self.rows(&Rows { values: None, ..rows.clone() });
        }
    }

    fn make_view(
        &mut self,
        view: &Ident,
        (if_not_exists, or_replace): (bool, bool),
        definition: &View,
        reads: &[Ident],
    ) {
        let is_there = self.catalog.view(&view.path()).is_some();
        for read in reads {
            self.reads(read);
        }
        self.expect_clear(definition, view.span);
        let definition = View { seen: self.seen(definition), ..definition.clone() };
        if or_replace && is_there {
            let key = Key::relation(&view.path());
            self.put(key, Object::View(definition), view.span);
        } else {
            self.make(view, (if_not_exists, false), Object::View(definition));
        }
    }

    /// What a view's names stand for now, where that is not plain from them.
    fn seen(&self, view: &View) -> Vec<Text> {
        let has_star = view.text.words().iter().any(|word| word.says("*"));
        if !has_star && view.reads.len() < 2 {
            return Vec::new();
        }
        let read = view.reads.iter().filter_map(|path| self.catalog.get(&Key::relation(path)));
        let mut seen = Vec::new();
        for entry in read {
            match &entry.object {
                Object::Table(table) => {
                    let names = table.columns.iter().map(|column| Word::Name(column.name.clone()));
                    seen.push(Text::new(names));
                }
                Object::View(view) => {
                    seen.push(view.text.clone());
                    seen.extend(view.seen.iter().cloned());
                }
                _ => {}
            }
        }
        seen
    }

    /// Puts an object there, in the place of one of its kind if that is said.
    fn make(&mut self, ident: &Ident, (if_not_exists, or_replace): (bool, bool), object: Object) {
        let key = key(object.class(), &ident.path());
        let is_same = |there: &Object| there.class() == object.class();
        if or_replace && self.catalog.get(&key).is_some_and(|entry| is_same(&entry.object)) {
            self.put(key, object, ident.span);
        } else if key.of.is_none() {
            self.create(ident, if_not_exists, object);
        } else if self.catalog.get(&key).is_none() {
            self.put(key, object, ident.span);
        } else if !if_not_exists {
            let (is, name) = (object.class(), ident.path());
            self.problem(ident.span, ProblemKind::Duplicate { is, name });
        }
    }

    fn drop_all(&mut self, class: Class, names: &[Ident], if_exists: bool) {
        for (at, name) in names.iter().enumerate() {
            if class == Class::Table && names[..at].iter().any(|other| other.name == name.name) {
                self.problem(name.span, ProblemKind::Refused("it is named twice"));
                return;
            }
            if class == Class::Table && self.temporary.remove(&name.name) {
                continue;
            }
            let key = key(class, &name.path());
            let is = self.catalog.get(&key).map(|entry| entry.object.class());
            match is {
                None if if_exists => {
                    self.doubt();
                }
                None => self.unknown(class, name),
                Some(Class::Sequence) if class == Class::Table => self.catalog.set(key, None),
                Some(is) if is != class => {
                    if !if_exists {
                        self.problem(name.span, ProblemKind::OtherClass { name: name.path(), is });
                    }
                }
                Some(Class::Table) => self.drop_table(name),
                Some(Class::Trigger) => self.drop_trigger(&key),
                Some(_) => self.catalog.set(key, None),
            }
        }
    }
}

/// What an object is known by: a procedure and a function may be called alike.
fn key(class: Class, path: &Path) -> Key {
    match class {
        Class::Procedure | Class::Function => {
            Key::of(class, path).which(Name::new(&class.to_string()))
        }
        _ => Key::of(class, path),
    }
}
