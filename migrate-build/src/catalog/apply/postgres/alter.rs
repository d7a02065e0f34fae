//! `ALTER`: several actions at once, in the server's order.

use super::constraint::key_parts;
use super::create::sign;
use super::{Key, Object, ProblemKind, Session};
use crate::catalog::Space;
use crate::source::Span;
use crate::sql::schema::{Constraint, ConstraintKind, Ident, Other, Path, Text, Word};
use crate::sql::{Action, Class, Name, Named};

impl Session<'_, '_> {
    pub(super) fn alter(
        &mut self,
        class: Class,
        name: &Named,
        if_exists: bool,
        actions: &[Action],
    ) {
        if class == Class::Table && self.is_temporary(&name.ident) {
            for action in actions {
                if let Action::Rename(to) = action {
                    self.app.rename_temporary(&name.ident.name, &to.name);
                }
            }
            return;
        }
        let Some(key) = self.altered(class, name, if_exists, actions) else { return };
        if class == Class::Table && !self.is_followed(&key.path, actions) {
            return self.unclear("changes of tables that inherit are not followed");
        }
        let mut ordered: Vec<&Action> = actions.iter().collect();
        ordered.sort_by_key(|action| pass(action));
        for action in ordered {
            self.action(class, &key, action, name.ident.span);
        }
    }

    /// What `ALTER` is about: `ALTER TABLE` renames views, indexes and sequences, too.
    fn altered(
        &mut self,
        class: Class,
        name: &Named,
        if_exists: bool,
        actions: &[Action],
    ) -> Option<Key> {
        let moves = |action: &Action| {
            matches!(action, Action::Rename(_) | Action::SetSchema(_) | Action::RenameColumn(..))
        };
        if matches!(class, Class::Table | Class::View | Class::Index | Class::Sequence)
            && actions.iter().all(moves)
        {
            let key = Key::relation(&self.relation(&name.ident));
            if self.app.catalog.get(&key).is_some() {
                return Some(key);
            }
        }
        self.expect(class, name, if_exists)
    }

    /// Whether nothing of this goes over to other tables.
    fn is_followed(&self, path: &Path, actions: &[Action]) -> bool {
        let alone = |action: &Action| {
            matches!(
                action,
                Action::Rename(_)
                    | Action::Set(..)
                    | Action::Default(..)
                    | Action::Inherit(_)
                    | Action::AttachPartition(..)
            )
        };
        let inherits = self.app.catalog.table(path).is_some_and(|table| !table.parents.is_empty());
        !inherits && !self.has_heirs(path) || actions.iter().all(alone)
    }

    fn action(&mut self, class: Class, key: &Key, action: &Action, span: Span) {
        let path = &key.path;
        match action {
            Action::Rename(to) => self.rename(class, key, to),
            Action::SetSchema(to) => self.set_schema(key, to),
            Action::RenameColumn(from, to) => self.rename_column(path, from, to),
            Action::RenameConstraint(from, to) => self.rename_constraint(path, from, to),
            Action::AddConstraint { place, constraint, index } => {
                self.add_constraint(path, constraint.clone(), index.as_ref(), place.span);
            }
            Action::DropConstraint { name, if_exists, cascade } => {
                self.drop_constraint(path, name, *if_exists, *cascade);
            }
            Action::ValidateConstraint(name) => self.change_constraint(path, name, |rest| {
                let words = rest.words();
                let valid = words
                    .windows(2)
                    .position(|pair| pair[0] == word("not") && pair[1] == word("valid"));
                match valid {
                    Some(at) => Text::new(words[..at].iter().chain(&words[at + 2..]).cloned()),
                    None => rest.clone(),
                }
            }),
            Action::AlterConstraint(name, said) => {
                self.change_constraint(path, name, |_| said.clone());
            }
            Action::Set(property, text) => self.set_property(path, property, text.as_ref()),
            Action::AddValue { place, value, if_not_exists, beside } => {
                self.add_value(key, place, value, *if_not_exists, beside.as_ref());
            }
            Action::RenameValue(place, from, to) => self.rename_value(key, place, from, to),
            Action::OwnedBy(owner) => self.own(key, owner.as_ref(), span),
            Action::Inherit(parent) => self.come_to_inherit(path, parent, None),
            Action::AttachPartition(partition, bound) => {
                if let Some((child, _)) = self.expect_table(partition) {
                    let parent = Ident {
                        schema: path.schema.clone(),
                        name: path.name.clone(),
                        span: partition.span,
                    };
                    self.come_to_inherit(&child, &parent, Some(bound));
                }
            }
            Action::NoInherit(_) => self.unclear("tables that inherit no more are not followed"),
            _ => self.column_action(path, action),
        }
    }

    fn change_constraint(&mut self, path: &Path, name: &Ident, change: impl Fn(&Text) -> Text) {
        let Some(mut table) = self.app.catalog.table(path).cloned() else { return };
        if !self.expect_constraint(&table, name, false) {
            return;
        }
        for constraint in &mut table.constraints {
            if constraint.name.as_ref() == Some(&name.name) {
                constraint.rest = change(&constraint.rest);
            }
        }
        self.app.replace(&Key::relation(path), Object::Table(table));
    }

    fn drop_constraint(&mut self, path: &Path, name: &Ident, if_exists: bool, cascade: bool) {
        let Some(table) = self.app.catalog.table(path).cloned() else { return };
        if self.expect_constraint(&table, name, if_exists) {
            self.remove_constraint(path, &name.name, cascade, name.span);
        }
    }

    /// Takes a constraint away, with its index and what is said about it.
    pub(super) fn remove_constraint(
        &mut self,
        path: &Path,
        name: &Name,
        cascade: bool,
        span: Span,
    ) {
        let Some(mut table) = self.app.catalog.table(path).cloned() else { return };
        let is_it = |constraint: &Constraint| constraint.name.as_ref() == Some(name);
        let Some(at) = table.constraints.iter().position(is_it) else { return };
        let constraint = table.constraints.remove(at);
        self.app.replace(&Key::relation(path), Object::Table(table));
        let said =
            super::comment_key(&Key::relation(path), &format!("constraint {}", name.as_str()));
        if self.app.catalog.get(&said).is_some() {
            self.app.catalog.set(said, None);
        }
        if !key_parts(&constraint.kind).is_empty() {
            let index = Path { schema: path.schema.clone(), name: name.clone() };
            self.remove_index(&Key::relation(&index), cascade, span);
        }
    }

    fn come_to_inherit(&mut self, path: &Path, parent: &Ident, bound: Option<&Text>) {
        let Some((of, whole)) = self.expect_table(parent) else { return };
        let Some(mut table) = self.app.catalog.table(path).cloned() else { return };
        let is_plain = whole.constraints.is_empty() && self.app.catalog.owned_by(&of).is_empty();
        let has_all = whole.columns.iter().all(|column| {
            table
                .column(&column.name)
                .is_some_and(|own| own.ty == column.ty && own.not_null >= column.not_null)
        });
        if !is_plain || !has_all {
            return self.unclear("what a table takes from its parent is not followed");
        }
        table.parents.push(of);
        table.options.extend(bound.cloned());
        table.options.sort_by_key(ToString::to_string);
        self.app.replace(&Key::relation(path), Object::Table(table));
    }

    fn set_property(&mut self, path: &Path, property: &str, text: Option<&Text>) {
        let Some(mut table) = self.app.catalog.table(path).cloned() else { return };
        table.options.retain(|option| !option.to_string().starts_with(property));
        table.options.extend(text.cloned());
        table.options.sort_by_key(ToString::to_string);
        self.app.replace(&Key::relation(path), Object::Table(table));
        if property == "unlogged" {
            self.log_sequences(path, text.is_some());
        }
    }

    fn values(&mut self, key: &Key, place: &Ident) -> Option<Other> {
        match self.app.catalog.get(key).map(|entry| entry.object.clone()) {
            Some(Object::Other(made)) if made.text.words().first() == Some(&word("enum")) => {
                Some(made)
            }
            _ => {
                self.problem(place.span, ProblemKind::Refused("it is not an enum"));
                None
            }
        }
    }

    fn add_value(
        &mut self,
        key: &Key,
        place: &Ident,
        value: &str,
        if_not_exists: bool,
        beside: Option<&(bool, String)>,
    ) {
        let Some(mut made) = self.values(key, place) else { return };
        let mut words = made.text.words().to_vec();
        if words.contains(&sign(value)) {
            if !if_not_exists {
                self.problem(place.span, ProblemKind::Refused("it has this value already"));
            }
            return;
        }
        let at = match beside {
            None => words.len(),
            Some((before, other)) => match words.iter().position(|word| *word == sign(other)) {
                Some(at) => at + usize::from(!before),
                None => {
                    let refused = "it does not have the value that the new one stands beside";
                    return self.problem(place.span, ProblemKind::Refused(refused));
                }
            },
        };
        words.insert(at, sign(value));
        made.text = Text::new(words);
        self.app.replace(key, Object::Other(made));
    }

    fn rename_value(&mut self, key: &Key, place: &Ident, from: &str, to: &str) {
        let Some(mut made) = self.values(key, place) else { return };
        let mut words = made.text.words().to_vec();
        if words.contains(&sign(to)) {
            return self.problem(place.span, ProblemKind::Refused("it has this value already"));
        }
        let Some(at) = words.iter().position(|word| *word == sign(from)) else {
            return self.problem(place.span, ProblemKind::Refused("it does not have this value"));
        };
        words[at] = sign(to);
        made.text = Text::new(words);
        self.app.replace(key, Object::Other(made));
    }

    fn set_schema(&mut self, key: &Key, to: &Ident) {
        self.expect_schema(&to.name, to.span);
        if Self::schema(&to.name) == key.path.schema {
            return;
        }
        if !matches!(key.space, Space::Relation | Space::Type) {
            return self.unclear("objects of this kind that change their schema are not followed");
        }
        if self.is_owned_sequence(key) {
            let refused = "a sequence is in the schema of the table that it belongs to";
            return self.problem(to.span, ProblemKind::Refused(refused));
        }
        let mut moved = vec![key.clone()];
        // Indexes and sequences stay with their table.
        moved.extend(
            self.app
                .catalog
                .owned_by(&key.path)
                .into_iter()
                .filter(|owned| key.space == Space::Relation && owned.space == Space::Relation),
        );
        for from in moved {
            let mut into = from.clone();
            into.path.schema = Self::schema(&to.name);
            if !self.can_move(&from, &into, to.span) {
                return;
            }
            self.move_object(from, into);
        }
    }
}

/// The pass in which the server carries an action out (`AlterTablePass`).
fn pass(action: &Action) -> u8 {
    match action {
        Action::DropColumn { .. }
        | Action::DropConstraint { .. }
        | Action::DropExpression { .. }
        | Action::Default(_, None)
        | Action::NotNull(_, false)
        | Action::Identity { given: None, .. } => 0,
        Action::ColumnType { .. } => 1,
        Action::AddColumn { .. } => 2,
        Action::NotNull(_, true) | Action::Identity { is_one: true, .. } => 3,
        Action::AddConstraint { constraint, .. } => match constraint.kind {
            ConstraintKind::PrimaryKey(_) | ConstraintKind::Unique(_) => 4,
            _ => 5,
        },
        Action::Default(_, Some(_)) | Action::Identity { .. } => 5,
        _ => 6,
    }
}

pub(super) fn word(text: &str) -> Word {
    Word::Name(Name::folded(text))
}
