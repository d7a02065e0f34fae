//! Names that change, and what follows them.

use super::super::alter::{rename_in_table, with_column_renamed};
use super::constraint::names_column;
use super::{Key, Object, ProblemKind, Session, comment_key, path_words};
use crate::catalog::Space;
use crate::source::Span;
use crate::sql::schema::{Ident, Owner, Path, Text, Word};
use crate::sql::{Class, Name};

impl Session<'_, '_> {
    pub(super) fn rename(&mut self, class: Class, key: &Key, to: &Ident) {
        let mut into = key.clone();
        into.path.name = to.name.clone();
        if matches!(class, Class::Schema | Class::Extension) {
            return self.unclear("a schema with another name is not followed");
        }
        if !self.can_move(key, &into, to.span) {
            return;
        }
        if key.space == Space::Type && self.has_signature(key)
            || key.space == Space::Routine && self.is_overloaded(key)
        {
            return self.unclear("functions that are known by what is renamed are not followed");
        }
        let index = match self.app.catalog.get(key).map(|entry| &entry.object) {
            Some(Object::Index(index)) if index.is_of_constraint => Some(index.table.clone()),
            _ => None,
        };
        match index {
            Some(table) => {
                let from = Ident { schema: None, name: key.path.name.clone(), span: to.span };
                self.rename_constraint(&table, &from, to);
            }
            None => self.move_object(key.clone(), into),
        }
    }

    /// Whether an object can have another key. The rows of a table are of a type that is called as it
    /// is.
    pub(super) fn can_move(&mut self, key: &Key, into: &Key, span: Span) -> bool {
        let type_key = Key::new(Space::Type, &into.path);
        match key.space {
            Space::Relation if self.has_rows_of(&key.path) => {
                self.is_free(into, false, span) && self.is_free(&type_key, false, span)
            }
            Space::Type if self.has_rows_of(&into.path) => {
                self.is_free(&Key::relation(&into.path), false, span)
            }
            _ => self.is_free(into, false, span),
        }
    }

    fn has_signature(&self, key: &Key) -> bool {
        self.app.catalog.mentions_of_key(key).iter().any(|key| key.space == Space::Routine)
    }

    fn is_overloaded(&self, key: &Key) -> bool {
        self.app.catalog.several(Space::Routine, &key.path).count() > 1
    }

    /// Gives an object another key; what names it names it by that then.
    pub(super) fn move_object(&mut self, from: Key, to: Key) {
        let mut moves = vec![(from, to)];
        while let Some((from, to)) = moves.pop() {
            let Some(entry) = self.app.catalog.get(&from).cloned() else { continue };
            let mut naming = self.app.catalog.mentions_of_key(&from);
            if from.space == Space::Routine {
                naming.extend(
                    self.app.catalog.mentions_of_key(&Key::new(Space::Routine, &from.path)),
                );
            }
            self.app.catalog.set(from.clone(), None);
            self.app.catalog.set(to.clone(), Some(entry));
            for other in naming {
                let other = if other == from { to.clone() } else { other };
                let Some(entry) = self.app.catalog.get(&other) else { continue };
                let mut renamed = renamed(&entry.object, &from, &to);
                if let Object::View(view) = &entry.object
                    && from.space == Space::Relation
                    && from.path.name != to.path.name
                {
                    renamed = renamed.with_text(self.with_read_of(view, &from.path, &to.path));
                }
                let rekeyed = rekeyed(&other, &renamed);
                self.app.replace(&other, renamed);
                if rekeyed != other {
                    moves.push((other, rekeyed));
                }
            }
        }
    }

    pub(super) fn rename_column(&mut self, path: &Path, from: &Ident, to: &Ident) {
        let key = Key::relation(path);
        let Some(Object::Table(mut table)) =
            self.app.catalog.get(&key).map(|entry| entry.object.clone())
        else {
            return self.unclear("columns of a view with another name are not followed");
        };
        if !self.expect_column(path, &table, &from.name, from.span) || table.is_opaque {
            return;
        }
        if table.column(&to.name).is_some() {
            let (table, column) = (path.clone(), to.name.clone());
            return self.problem(to.span, ProblemKind::DuplicateColumn { table, column });
        }
        rename_in_table(&mut table, &from.name, &to.name, Text::renamed);
        self.app.replace(&key, Object::Table(table));
        for other in self.app.catalog.mentions_of(path) {
            let Some(entry) = self.app.catalog.get(&other) else { continue };
            let mut object =
                with_column_renamed(&entry.object, path, &from.name, &to.name, Text::renamed);
            match &entry.object {
                Object::View(view) => {
                    object =
                        object.with_text(self.with_column_of(view, path, &from.name, &to.name));
                }
                Object::Trigger(trigger) => {
                    object = object.with_text(trigger.text.renamed(&from.name, &to.name));
                }
                _ => {}
            }
            if let Object::Other(made) = &mut object {
                let column = made.owner.as_mut().and_then(|owner| owner.column.as_mut());
                if let Some(column) = column.filter(|column| **column == from.name) {
                    column.clone_from(&to.name);
                }
                let class = made.class;
                if matches!(class, Class::Trigger | Class::Policy | Class::Statistics | Class::Rule)
                    && names_column(&made.text, &from.name)
                {
                    made.text = made.text.renamed(&from.name, &to.name);
                }
            }
            self.app.replace(&other, object);
        }
        let said = Self::column_comment(path, &from.name);
        self.move_object(said, Self::column_comment(path, &to.name));
    }

    pub(super) fn rename_constraint(&mut self, path: &Path, from: &Ident, to: &Ident) {
        let Some(mut table) = self.app.catalog.table(path).cloned() else { return };
        if !self.expect_constraint(&table, from, false) {
            return;
        }
        let is = |name: &Name| table.constraints.iter().any(|it| it.name.as_ref() == Some(name));
        if is(&to.name) {
            let constraint = to.name.clone();
            return self.problem(to.span, ProblemKind::DuplicateConstraint { constraint });
        }
        let mut has_index = false;
        for constraint in &mut table.constraints {
            if constraint.name.as_ref() == Some(&from.name) {
                constraint.name = Some(to.name.clone());
                has_index = !super::constraint::key_parts(&constraint.kind).is_empty();
            }
        }
        self.app.replace(&Key::relation(path), Object::Table(table));
        let index =
            |name: &Name| Key::relation(&Path { schema: path.schema.clone(), name: name.clone() });
        if has_index && self.is_free(&index(&to.name), false, to.span) {
            self.move_object(index(&from.name), index(&to.name));
        }
        let said = |name: &Name| {
            comment_key(&Key::relation(path), &format!("constraint {}", name.as_str()))
        };
        self.move_object(said(&from.name), said(&to.name));
    }
}

/// What an object is known by whose owner may have another name now.
fn rekeyed(key: &Key, object: &Object) -> Key {
    let Some(owner) = object.owner() else { return key.clone() };
    match key.space {
        Space::Trigger | Space::Policy | Space::Rule => {
            super::owned_key(key.space, &owner.path, &key.path.name)
        }
        Space::Comment => {
            let said = key.of.as_ref().map_or("", Name::as_str);
            // The part that it is about stands behind the owner's.
            let part = ["column ", "constraint "].iter().find_map(|part| said.find(part));
            comment_key(&owner, part.map_or("", |at| &said[at..]))
        }
        _ => key.clone(),
    }
}

fn renamed(object: &Object, from: &Key, to: &Key) -> Object {
    let mut object = match from.space {
        Space::Relation => object.with_table_renamed(&from.path, &to.path),
        _ => object.clone(),
    };
    let text = |text: &mut Text| *text = with_path_renamed(text, from, to);
    match &mut object {
        Object::Table(table) => {
            for parent in &mut table.parents {
                if *parent == from.path {
                    parent.clone_from(&to.path);
                }
            }
            for column in &mut table.columns {
                let is_of = crate::catalog::mentions::type_at(column.ty.words()).as_ref()
                    == Some(&from.path);
                if matches!(from.space, Space::Type | Space::Relation) && is_of {
                    let behind = path_words(&from.path).len();
                    let rest = column.ty.words()[behind..].iter().cloned();
                    column.ty = Text::new(path_words(&to.path).into_iter().chain(rest));
                }
                column.default.iter_mut().chain(&mut column.generated).for_each(text);
            }
            for constraint in &mut table.constraints {
                if let crate::sql::schema::ConstraintKind::Check(check) = &mut constraint.kind {
                    text(check);
                }
            }
        }
        Object::Index(index) => {
            index.parts.iter_mut().for_each(|part| text(&mut part.text));
            index.predicate.iter_mut().for_each(text);
        }
        Object::View(view) => text(&mut view.text),
        Object::Other(other) => {
            if let Some(Owner { key, .. }) = &mut other.owner
                && key == from
            {
                *key = to.clone();
            }
            let family = Key::new(from.space, &from.path);
            for key in &mut other.mentions {
                if key == from {
                    *key = to.clone();
                } else if *key == family {
                    *key = Key::new(to.space, &to.path);
                }
            }
            if matches!(other.class, Class::Rule | Class::Domain) {
                text(&mut other.text);
            }
            let (old, new) = (path_words(&from.path), path_words(&to.path));
            if other.class == Class::Domain
                && from.space == Space::Type
                && let Some(behind) = other.text.words().strip_prefix(&old[..])
            {
                other.text = Text::new(new.iter().chain(behind).cloned());
            }
        }
        Object::Trigger(_) => {}
    }
    object
}

/// A text in which a function, a type or a sequence has another name.
fn with_path_renamed(text: &Text, from: &Key, to: &Key) -> Text {
    let (old, new) = (path_words(&from.path), path_words(&to.path));
    let words = text.words();
    let sign =
        |at: Option<&Word>, sign: &str| matches!(at, Some(Word::Other(other)) if other == sign);
    let mut renamed = Vec::with_capacity(words.len());
    let mut at = 0;
    while at < words.len() {
        let behind = at + old.len();
        let before = at.checked_sub(1).and_then(|before| words.get(before));
        let is_it = words[at..].starts_with(&old)
            && !sign(before, ".")
            && match from.space {
                Space::Routine => sign(words.get(behind), "("),
                Space::Type => sign(before, "::"),
                _ => {
                    let call = at.checked_sub(2).and_then(|before| words.get(before));
                    matches!(call, Some(Word::Name(name)) if name.as_str() == "nextval")
                }
            };
        if is_it {
            renamed.extend(new.iter().cloned());
            at = behind;
        } else {
            renamed.push(words[at].clone());
            at += 1;
        }
    }
    Text::new(renamed)
}
