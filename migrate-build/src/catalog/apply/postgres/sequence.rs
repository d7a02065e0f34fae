//! Sequences: whose they are, and how they are kept.

use super::alter::word;
use super::create::is_identity;
use super::{Key, Object, ProblemKind, Session};
use crate::catalog::Space;
use crate::source::Span;
use crate::sql::Class;
use crate::sql::schema::{Ident, Other, Owner, Path, Text};

pub(super) const SEVERAL: &str = "which of the sequences of a column its identity counts with";

impl Session<'_, '_> {
    /// `ALTER SEQUENCE … OWNED BY`.
    pub(super) fn own(&mut self, key: &Key, owner: Option<&(Ident, Ident)>, span: Span) {
        let Some(Object::Other(mut made)) =
            self.app.catalog.get(key).map(|entry| entry.object.clone())
        else {
            return;
        };
        match self.is_of_identity(key) {
            Some(false) => {}
            Some(true) => {
                let refused = "an identity counts with the sequence: it belongs to its column";
                return self.problem(span, ProblemKind::Refused(refused));
            }
            None => return self.unclear(SEVERAL),
        }
        made.owner = None;
        if let Some((table, column)) = owner {
            let Some((path, its)) = self.expect_table(table) else { return };
            if !self.expect_column(&path, &its, &column.name, column.span) {
                return;
            }
            let column = Some(column.name.clone());
            made.owner = Some(Owner { key: Key::relation(&path), column });
        }
        self.app.replace(key, Object::Other(made));
    }

    fn owner_of(&self, key: &Key) -> Option<&Owner> {
        match &self.app.catalog.get(key)?.object {
            Object::Other(Other { class: Class::Sequence, owner, .. }) => owner.as_ref(),
            _ => None,
        }
    }

    pub(super) fn is_owned_sequence(&self, key: &Key) -> bool {
        self.owner_of(key).is_some()
    }

    /// Whether an identity counts with a sequence; none when that cannot be told.
    pub(super) fn is_of_identity(&self, key: &Key) -> Option<bool> {
        let Some(Owner { key: table, column: Some(column) }) = self.owner_of(key) else {
            return Some(false);
        };
        let its = self.app.catalog.table(&table.path).and_then(|table| table.column(column));
        if !its.is_some_and(|its| its.options.iter().any(is_identity)) {
            return Some(false);
        }
        let owned = self.app.catalog.owned_by(&table.path);
        let is_one =
            |owned: &&Key| owned.space == Space::Relation && self.is_sequence_of(owned, column);
        (owned.iter().filter(is_one).count() == 1).then_some(true)
    }

    /// How a sequence counts, and that it is not logged, which sequences can be since PostgreSQL 15.
    pub(super) fn logged(&self, counts: Text, is_unlogged: bool) -> Text {
        if is_unlogged && self.app.catalog.version().is_none_or(|server| server.major >= 15) {
            Text::new([word("unlogged")]).followed_by(counts)
        } else {
            counts
        }
    }

    /// Has the sequences of a table be logged as that is.
    pub(super) fn log_sequences(&mut self, path: &Path, is_unlogged: bool) {
        for key in self.app.catalog.owned_by(path) {
            let Some(Object::Other(mut sequence)) =
                self.app.catalog.get(&key).map(|entry| entry.object.clone())
            else {
                continue;
            };
            if sequence.class == Class::Sequence {
                let words = sequence.text.words().iter().filter(|it| **it != word("unlogged"));
                sequence.text = self.logged(Text::new(words.cloned()), is_unlogged);
                self.app.replace(&key, Object::Other(sequence));
            }
        }
    }
}
