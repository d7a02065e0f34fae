//! `ALTER TABLE`: columns.

use super::constraint::{is_about, names_column};
use super::create::{is_identity, is_unlogged};
use super::place::names_column_of;
use super::{Key, Object, ProblemKind, Session, comment_key};
use crate::catalog::Space;
use crate::source::Span;
use crate::sql::schema::{Column, Constraint, ConstraintKind, Ident, Path, Table, Text, Word};
use crate::sql::{Action, Class, Name};

impl Session<'_, '_> {
    pub(super) fn column_action(&mut self, path: &Path, action: &Action) {
        match action {
            Action::AddColumn { column, definition, constraints, if_not_exists } => {
                self.add_column(path, column, definition, constraints, *if_not_exists);
            }
            Action::DropColumn { column, if_exists, cascade } => {
                self.drop_column(path, column, *if_exists, *cascade);
            }
            Action::ColumnType { column, ty, collation, is_told } => {
                if *is_told || self.expect_cast(path, column, ty) {
                    self.change_type(path, column, ty, collation.as_ref());
                }
            }
            Action::Default(column, value) => {
                let its = self.app.catalog.table(path).and_then(|table| table.column(&column.name));
                let ty = its.map(|its| its.ty.clone()).unwrap_or_default();
                let value = value.as_ref().and_then(|value| self.settled_default(value, &ty));
                self.change(path, column, |its| {
                    if its.generated.is_some() || its.options.iter().any(is_identity) {
                        return Err("the server computes the column");
                    }
                    its.default = value;
                    Ok(())
                });
            }
            Action::NotNull(column, is_demanded) => {
                let is_key = !is_demanded && self.is_in_primary_key(path, &column.name);
                self.change(path, column, |its| {
                    if is_key || !is_demanded && its.options.iter().any(is_identity) {
                        return Err("a key or an identity is never `NULL`");
                    }
                    its.not_null = *is_demanded;
                    Ok(())
                });
            }
            Action::ColumnOption(column, option, text) => self.change(path, column, |its| {
                its.options.retain(|other| !other.to_string().starts_with(option));
                its.options.extend(text.clone());
                its.options.sort_by_key(ToString::to_string);
                Ok(())
            }),
            Action::DropExpression { column, if_exists } => self.change(path, column, |its| {
                if its.generated.take().is_none() && !if_exists {
                    return Err("the column is not computed");
                }
                Ok(())
            }),
            Action::Identity { column, given, is_one, if_exists } => {
                self.identity(path, column, given.as_ref(), *is_one, *if_exists);
            }
            _ => self.unclear("an action that is not followed"),
        }
    }

    fn change(
        &mut self,
        path: &Path,
        column: &Ident,
        change: impl FnOnce(&mut Column) -> Result<(), &'static str>,
    ) {
        let Some(mut table) = self.app.catalog.table(path).cloned() else { return };
        if !self.expect_column(path, &table, &column.name, column.span) {
            return;
        }
        let its = table.columns.iter_mut().find(|its| its.name == column.name);
        match its.map(change) {
            Some(Err(refused)) => self.problem(column.span, ProblemKind::Refused(refused)),
            _ => self.app.replace(&Key::relation(path), Object::Table(table)),
        }
    }

    fn is_in_primary_key(&self, path: &Path, column: &Name) -> bool {
        let table = self.app.catalog.table(path);
        table.is_some_and(|table| {
            table.constraints.iter().any(|constraint| {
                matches!(constraint.kind, ConstraintKind::PrimaryKey(_))
                    && is_about(constraint, column)
            })
        })
    }

    fn add_column(
        &mut self,
        path: &Path,
        ident: &Ident,
        column: &Column,
        constraints: &[Constraint],
        if_not_exists: bool,
    ) {
        let Some(table) = self.app.catalog.table(path) else { return };
        if table.column(&ident.name).is_some() {
            if !if_not_exists {
                let (table, column) = (path.clone(), ident.name.clone());
                self.problem(ident.span, ProblemKind::DuplicateColumn { table, column });
            }
            return;
        }
        let mut column = column.clone();
        let is_unlogged = is_unlogged(table);
        self.settle_column(path, &mut column, is_unlogged, ident.span);
        let Some(mut table) = self.app.catalog.table(path).cloned() else { return };
        table.columns.push(column);
        self.app.replace(&Key::relation(path), Object::Table(table));
        self.add_constraints(path, constraints.to_vec(), ident.span);
    }

    fn change_type(&mut self, path: &Path, column: &Ident, ty: &Text, collation: Option<&Name>) {
        let mut ty = ty.clone();
        self.settle_type(&mut ty, column.span);
        if let Some(by) = self.computed_by(path, &column.name) {
            let column_ = column.name.clone();
            return self.problem(column.span, ProblemKind::StillNamed { column: column_, by });
        }
        self.change_sequence(path, &column.name, &ty);
        self.change(path, column, |its| {
            its.ty = ty;
            its.collation = collation.cloned();
            // A default keeps its cast to the type before.
            Ok(())
        });
        self.coerce_all(path);
    }

    /// The sequence of an identity counts in the type of its column.
    fn change_sequence(&mut self, path: &Path, column: &Name, ty: &Text) {
        let table = self.app.catalog.table(path);
        let its = table.and_then(|table| table.column(column));
        if !its.is_some_and(|its| its.options.iter().any(is_identity)) {
            return;
        }
        for owned in self.app.catalog.owned_by(path) {
            if owned.space != Space::Relation || !self.is_sequence_of(&owned, column) {
                continue;
            }
            let Some(Object::Other(mut sequence)) =
                self.app.catalog.get(&owned).map(|entry| entry.object.clone())
            else {
                continue;
            };
            let word = |text: &str| Word::Name(Name::folded(text));
            let mut words = sequence.text.words().to_vec();
            words.truncate(words.iter().position(|it| *it == word("as")).unwrap_or(words.len()));
            let of = ty.to_string();
            if of != "bigint" {
                words.extend([word("as"), word(&of)]);
            }
            sequence.text = Text::new(words);
            self.app.replace(&owned, Object::Other(sequence));
        }
    }

    /// What keeps a column from changing its type.
    fn computed_by(&mut self, path: &Path, column: &Name) -> Option<String> {
        for (key, certain) in self.dependents_of_column(path, column) {
            if certain {
                return Some(self.said(&key));
            }
            self.unclear("a view may name the column");
        }
        let table = self.app.catalog.table(path)?;
        let by = table.columns.iter().find(|other| {
            other.generated.as_ref().is_some_and(|text| names_column(text, column))
        })?;
        Some(format!("the column `{}`", by.name.as_str()))
    }

    fn identity(
        &mut self,
        path: &Path,
        column: &Ident,
        given: Option<&Text>,
        is_one: bool,
        if_exists: bool,
    ) {
        let Some(table) = self.app.catalog.table(path).cloned() else { return };
        if !self.expect_column(path, &table, &column.name, column.span) {
            return;
        }
        let Some(its) = table.column(&column.name).cloned() else { return };
        let has = its.options.iter().any(is_identity);
        let refused = match (has, is_one) {
            (false, true) if if_exists => return,
            (false, true) => Some("the column is no identity"),
            (true, false) => Some("the column is an identity already"),
            (false, false) if !its.not_null => Some("an identity has to be `NOT NULL` before"),
            (false, false) if its.default.is_some() => Some("an identity has no default"),
            _ => None,
        };
        if let Some(refused) = refused {
            return self.problem(column.span, ProblemKind::Refused(refused));
        }
        if given.is_none() {
            let mut owned = self.app.catalog.owned_by(path);
            owned.retain(|owned| self.is_sequence_of(owned, &column.name));
            if owned.len() > 1 {
                return self.unclear(super::sequence::SEVERAL);
            }
            owned.into_iter().for_each(|owned| self.app.catalog.set(owned, None));
        }
        self.change(path, column, |its| {
            its.options.retain(|option| !is_identity(option));
            its.options.extend(given.cloned());
            its.options.sort_by_key(ToString::to_string);
            Ok(())
        });
        if !is_one
            && let Some(mut table) = self.app.catalog.table(path).cloned()
            && let Some(at) = table.columns.iter().position(|its| its.name == column.name)
        {
            let mut its = table.columns.remove(at);
            self.settle_column(path, &mut its, is_unlogged(&table), column.span);
            table.columns.insert(at, its);
            self.app.replace(&Key::relation(path), Object::Table(table));
        }
    }

    pub(super) fn is_sequence_of(&self, key: &Key, column: &Name) -> bool {
        match self.app.catalog.get(key).map(|entry| &entry.object) {
            Some(Object::Other(other)) => {
                other.owner.as_ref().is_some_and(|owner| owner.column.as_ref() == Some(column))
            }
            _ => false,
        }
    }

    fn drop_column(&mut self, path: &Path, ident: &Ident, if_exists: bool, cascade: bool) {
        let Some(table) = self.app.catalog.table(path).cloned() else { return };
        let column = &ident.name;
        if table.is_opaque {
            return self.unclear("the columns of the table are not known");
        }
        if table.column(column).is_none() {
            if !if_exists {
                self.expect_column(path, &table, column, ident.span);
            }
            return;
        }
        let parts_by = |option: &Text| {
            option.to_string().starts_with("partition by") && names_column(option, column)
        };
        if table.options.iter().any(parts_by) {
            return self
                .problem(ident.span, ProblemKind::Refused("the table is partitioned by it"));
        }
        self.drop_dependents(path, &table, ident, cascade);
        if !self.app.problems.is_empty() {
            return;
        }
        let about = |constraint: &&Constraint| is_about(constraint, column);
        let mut going: Vec<&Constraint> = table.constraints.iter().filter(about).collect();
        // A foreign key goes with its column, and so does not keep the key of the same table.
        going.sort_by_key(|one| !matches!(one.kind, ConstraintKind::ForeignKey(_)));
        for constraint in going {
            if let Some(name) = &constraint.name {
                self.remove_constraint(path, name, cascade, ident.span);
            }
        }
        // Its default goes with it, and so does not keep its sequence.
        let Some(mut left) = self.app.catalog.table(path).cloned() else { return };
        left.columns.retain(|other| other.name != *column);
        self.app.replace(&Key::relation(path), Object::Table(left));
        for owned in self.app.catalog.owned_by(path) {
            if self.is_sequence_of(&owned, column) || self.is_of_column(&owned, column) {
                self.remove_all(vec![owned], cascade, ident.span);
            }
        }
    }

    /// What does not go with a column by itself: views, policies, columns that are computed from it.
    fn drop_dependents(&mut self, path: &Path, table: &Table, ident: &Ident, cascade: bool) {
        let column = &ident.name;
        for (key, certain) in self.dependents_of_column(path, column) {
            if !certain {
                return self.unclear("a view may name the column");
            }
            if cascade {
                self.remove_all(vec![key], true, ident.span);
            } else {
                let (column, by) = (column.clone(), self.said(&key));
                return self.problem(ident.span, ProblemKind::StillNamed { column, by });
            }
        }
        let computed = table.columns.iter().filter(|other| {
            other.generated.as_ref().is_some_and(|text| names_column(text, column))
        });
        for other in computed {
            if cascade {
                let other = Ident { schema: None, name: other.name.clone(), span: ident.span };
                self.drop_column(path, &other, false, true);
            } else {
                let by = format!("the column `{}`", other.name.as_str());
                let column = column.clone();
                return self.problem(ident.span, ProblemKind::StillNamed { column, by });
            }
        }
    }

    /// Views, rules, policies and triggers that name a column, and whether that is certain.
    fn dependents_of_column(&self, path: &Path, column: &Name) -> Vec<(Key, bool)> {
        let mut found = Vec::new();
        for key in self.app.catalog.mentions_of(path) {
            let Some(entry) = self.app.catalog.get(&key) else { continue };
            match &entry.object {
                Object::View(view) => {
                    let is_star = view.text.words().windows(2).any(is_star);
                    match names_column_of(view, column, path) {
                        Some(certain) => found.push((key, certain && !is_star)),
                        None if is_star => found.push((key, false)),
                        None => {}
                    }
                }
                Object::Other(other)
                    if matches!(other.class, Class::Trigger | Class::Policy | Class::Rule)
                        && names_column(&other.text, column) =>
                {
                    let certain = other.owner.as_ref().is_some_and(|owner| owner.key.path == *path)
                        && other.class != Class::Rule;
                    found.push((key, certain));
                }
                _ => {}
            }
        }
        found
    }

    /// Whether an index, statistics or a comment is about a column.
    fn is_of_column(&self, key: &Key, column: &Name) -> bool {
        match self.app.catalog.get(key).map(|entry| &entry.object) {
            Some(Object::Index(index)) => {
                let mut texts = index
                    .parts
                    .iter()
                    .map(|part| &part.text)
                    .chain(&index.predicate)
                    .chain(&index.options);
                !index.is_of_constraint && texts.any(|text| names_column(text, column))
            }
            Some(Object::Other(other)) if other.class == Class::Statistics => {
                names_column(&other.text, column)
            }
            _ => false,
        }
    }

    /// What is said about a column has another key when the column has another name.
    pub(super) fn column_comment(path: &Path, column: &Name) -> Key {
        comment_key(&Key::relation(path), &format!("column {}", column.as_str()))
    }

    /// An object, as a sentence names it.
    pub(super) fn said(&self, key: &Key) -> String {
        let class = self.app.catalog.get(key).map(|entry| entry.object.class());
        class.map_or_else(String::new, |class| format!("the {class} `{}`", key.path))
    }

    pub(super) fn refuse_needed(&mut self, key: &Key, by: String, span: Span) {
        let Some(entry) = self.app.catalog.get(key) else { return };
        let (is, name) = (entry.object.class(), key.path.clone());
        self.problem(span, ProblemKind::StillNeeded { is, name, by });
    }
}

/// `SELECT *`, `t.*`; a product has an operand before it.
fn is_star(pair: &[Word]) -> bool {
    let star = matches!(&pair[1], Word::Other(star) if star == "*");
    let opens = match &pair[0] {
        Word::Name(name) => ["select", "all", "distinct"].contains(&name.as_str()),
        Word::Other(sign) => sign == "." || sign == ",",
    };
    star && opens
}
