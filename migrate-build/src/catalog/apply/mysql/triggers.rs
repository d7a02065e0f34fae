//! Triggers: those of a table that fire at the same time do so one after the other, and the server
//! counts them (`information_schema.TRIGGERS.ACTION_ORDER`).

use super::Application;
use crate::catalog::{Key, Object, ProblemKind};
use crate::sql::schema::{Ident, Trigger, Word};
use crate::sql::{Beside, Class, Name};

impl Application<'_> {
    pub(super) fn make_trigger(
        &mut self,
        ident: &Ident,
        (if_not_exists, or_replace): (bool, bool),
        table: &Ident,
        definition: &Trigger,
        beside: Option<&Beside>,
    ) {
        if self.temporary.contains(&table.name) {
            let why = "a temporary table has no triggers";
            return self.problem(table.span, ProblemKind::Refused(why));
        }
        if self.expect(Class::Table, table).is_none() {
            return;
        }
        self.expect_rows(definition, ident);
        let key = Key::of(Class::Trigger, &ident.path());
        if let Some(entry) = self.catalog.get(&key) {
            let is_here = entry.object.owner() == Some(Key::relation(&definition.table));
            if if_not_exists {
                return;
            }
            if !or_replace || !is_here {
                let (is, name) = (Class::Trigger, ident.path());
                return self.problem(ident.span, ProblemKind::Duplicate { is, name });
            }
            self.drop_trigger(&key);
        }
        let siblings = self.siblings(definition);
        let mut place = siblings.len() + 1;
        if let Some(Beside { trigger, is_behind }) = beside {
            let other = siblings.iter().find(|(key, _)| key.path == trigger.path());
            match other {
                Some((_, other)) => place = other.place + usize::from(*is_behind),
                None => return self.unknown(Class::Trigger, trigger),
            }
        }
        for (key, mut other) in siblings {
            other.place += usize::from(other.place >= place);
            self.replace(&key, Object::Trigger(other));
        }
        let made = Trigger { place, ..definition.clone() };
        self.put(key, Object::Trigger(made), ident.span);
    }

    /// Whether the rows that a trigger names are there when it fires, and have such columns.
    fn expect_rows(&mut self, trigger: &Trigger, ident: &Ident) {
        let event = when(trigger).last();
        let is_on = |word: &str| event == Some(&Word::Name(Name::new(word)));
        let Some(table) = self.catalog.table(&trigger.table).cloned() else { return };
        for words in trigger.text.words().windows(3) {
            let [Word::Name(row), dot, Word::Name(column)] = words else { continue };
            let row = row.as_str();
            if !dot.says(".") || row != "old" && row != "new" {
                continue;
            }
            if row == "old" && is_on("insert") || row == "new" && is_on("delete") {
                let why =
                    "what is inserted was not there before, and what is deleted is not behind";
                return self.problem(ident.span, ProblemKind::Refused(why));
            }
            if table.column(column).is_none() && !table.is_opaque {
                let (table, column) = (trigger.table.clone(), column.clone());
                let kind = ProblemKind::UnknownColumn { table, column, near: None };
                return self.problem(ident.span, kind);
            }
        }
    }

    /// Drops a trigger that is there; those behind it move up.
    pub(super) fn drop_trigger(&mut self, key: &Key) {
        let Some(Object::Trigger(gone)) = self.catalog.get(key).map(|entry| entry.object.clone())
        else {
            return;
        };
        self.catalog.set(key.clone(), None);
        for (key, mut other) in self.siblings(&gone) {
            other.place -= usize::from(other.place > gone.place);
            self.replace(&key, Object::Trigger(other));
        }
    }

    /// The triggers of a table that fire when this one does.
    fn siblings(&self, trigger: &Trigger) -> Vec<(Key, Trigger)> {
        let owned = self.catalog.owned_by(&trigger.table).into_iter();
        let found = owned.filter_map(|key| match &self.catalog.get(&key)?.object {
            Object::Trigger(other) if when(other) == when(trigger) => Some((key, other.clone())),
            _ => None,
        });
        found.collect()
    }
}

/// `BEFORE INSERT` and the like, which its text begins with.
fn when(trigger: &Trigger) -> &[Word] {
    let words = trigger.text.words();
    &words[..words.len().min(2)]
}
