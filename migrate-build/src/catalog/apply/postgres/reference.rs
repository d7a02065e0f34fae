//! What foreign keys refer to.

use super::{Key, Object, ProblemKind, Session};
use crate::catalog::Mismatch;
use crate::source::Span;
use crate::sql::schema::{ConstraintKind, ForeignKey, Ident, Path, Table, Text, Word};
use crate::sql::{Class, Name};

/// For each type that a key can have, those of the columns that can refer to it: all pairs of the
/// server's types, tried on PostgreSQL 15.
const REFERENCES: &str = include_str!("references.txt");

impl Session<'_, '_> {
    /// What a foreign key refers to: the table has to be there, with a key over these columns, and
    /// their types have to be comparable.
    pub(super) fn settle_reference(
        &mut self,
        path: &Path,
        own: &Table,
        key: &mut ForeignKey,
        span: Span,
    ) -> bool {
        let (schema, name) = (key.table.schema.clone(), key.table.name.clone());
        let ident = Ident { schema, name, span };
        let Some((target, made)) = self.expect_table(&ident) else { return false };
        key.table = target.clone();
        let made = if target == *path { own.clone() } else { made };
        if made.is_opaque {
            return true;
        }
        if key.target.is_empty() {
            let primary = made.constraints.iter().find_map(|other| match &other.kind {
                ConstraintKind::PrimaryKey(parts) => Some(parts),
                _ => None,
            });
            let Some(parts) = primary else {
                return self.mismatch(key, Mismatch::NoPrimaryKey, span);
            };
            key.target = parts.iter().filter_map(|part| part.column.clone()).collect();
        }
        let columns = key.target.clone();
        if !columns.iter().all(|name| self.expect_column(&target, &made, name, span)) {
            return false;
        }
        if columns.len() != key.columns.len() {
            return self.mismatch(key, Mismatch::Count, span);
        }
        if self.keys_over(&target, &columns).is_empty() {
            return self.mismatch(key, Mismatch::NoKey, span);
        }
        match self.other_types(own, &made, key) {
            Some(why) => self.mismatch(key, why, span),
            None => true,
        }
    }

    fn mismatch(&mut self, key: &ForeignKey, why: Mismatch, span: Span) -> bool {
        self.problem(span, ProblemKind::Reference { key: Box::new(key.clone()), why });
        false
    }

    /// The first two types that the server does not compare, as far as both are known.
    fn other_types(&self, own: &Table, target: &Table, key: &ForeignKey) -> Option<Mismatch> {
        key.columns.iter().zip(&key.target).find_map(|(own_name, other_name)| {
            let (own, other) = (&own.column(own_name)?.ty, &target.column(other_name)?.ty);
            self.differ(own, other)
                .then(|| Mismatch::Types { own: own.clone(), other: other.clone() })
        })
    }

    /// Whether a column of one type cannot refer to one of another.
    fn differ(&self, own: &Text, other: &Text) -> bool {
        let (Some(own), Some(other)) = (base(own), base(other)) else { return false };
        if own == other {
            return false;
        }
        let taken = REFERENCES.lines().find_map(|line| {
            let (key, taken) = line.split_once(": ")?;
            (key == other.as_str()).then_some(taken)
        });
        let is_enum = |name: &Name| self.is_enum(name);
        match taken {
            Some(taken) if is_compared(own) => taken.split(", ").all(|one| one != own.as_str()),
            Some(_) => is_enum(own),
            None => is_enum(other) && (is_compared(own) || is_enum(own)),
        }
    }

    fn is_enum(&self, name: &Name) -> bool {
        let path = Path { schema: None, name: name.clone() };
        let made = self.app.catalog.find(Class::Type, &path).map(|entry| &entry.object);
        let is_first = |word: &Word| matches!(word, Word::Name(name) if name.as_str() == "enum");
        matches!(made, Some(Object::Other(made)) if made.text.words().first().is_some_and(is_first))
    }

    /// The unique indexes of a table over just these columns.
    pub(super) fn keys_over(&self, table: &Path, columns: &[Name]) -> Vec<Key> {
        let mut keys = self.app.catalog.owned_by(table);
        keys.retain(|key| match self.app.catalog.get(key).map(|entry| &entry.object) {
            Some(Object::Index(index)) => {
                let over: Vec<&Name> =
                    index.parts.iter().filter_map(|part| part.column.as_ref()).collect();
                index.unique
                    && index.predicate.is_none()
                    && over.len() == index.parts.len()
                    && over.len() == columns.len()
                    && columns.iter().all(|column| over.contains(&column))
            }
            _ => false,
        });
        keys
    }
}

/// Whether it can be told what the type compares with.
fn is_compared(name: &Name) -> bool {
    REFERENCES.lines().any(|line| line.split([':', ',']).any(|one| one.trim() == name.as_str()))
}

/// A type without its length; nothing for an array, and for one of a schema.
fn base(ty: &Text) -> Option<&Name> {
    match ty.words() {
        [Word::Name(name), rest @ ..] => {
            let is_plain = !rest.iter().any(|word| word.says("[") || word.says("."));
            is_plain.then_some(name)
        }
        _ => None,
    }
}
