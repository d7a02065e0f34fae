//! Casts. A call can be one: `date(made)` is `made` where that is a date (`ParseFuncOrColumn` in PostgreSQL's
//! source).

use super::create::sign;
use super::{ProblemKind, Session};
use crate::catalog::Space;
use crate::catalog::mentions::type_at;
use crate::catalog::object::{Key, Object};
use crate::sql::schema::{ConstraintKind, Ident, Index, Part, Path, Table, Text, Word};
use crate::sql::{Class, Name};

/// The names in `pg_type` of types that the standard calls by others.
pub(crate) const INTERNAL_TYPES: [(&str, &str); 13] = [
    ("integer", "int4"),
    ("smallint", "int2"),
    ("bigint", "int8"),
    ("real", "float4"),
    ("double precision", "float8"),
    ("boolean", "bool"),
    ("character varying", "varchar"),
    ("character", "bpchar"),
    ("bit varying", "varbit"),
    ("timestamp with time zone", "timestamptz"),
    ("timestamp without time zone", "timestamp"),
    ("time with time zone", "timetz"),
    ("time without time zone", "time"),
];

/// Types that become no others by themselves than those of their own row and texts (`pg_cast`).
const KINDS: [&[&str]; 5] = [
    &["smallint", "integer", "bigint", "real", "double precision", "numeric"],
    &["boolean"],
    &["uuid"],
    &["json", "jsonb"],
    &["date", "timestamp with time zone", "timestamp without time zone"],
];

const TEXTS: [&str; 3] = ["text", "character varying", "character"];

impl Session<'_, '_> {
    /// Whether the values of a column can become those of a type by themselves; else that is a problem.
    pub(super) fn expect_cast(&mut self, path: &Path, column: &Ident, to: &Text) -> bool {
        let table = self.app.catalog.table(path);
        let Some(from) = table.and_then(|table| table.column(&column.name)) else { return true };
        let kind = |ty: &Text| {
            let Some(Word::Name(name)) = ty.words().first() else { return None };
            let is_in = |these: &[&str]| these.contains(&name.as_str());
            let kind = KINDS.iter().position(|kind| is_in(kind));
            let is_array = ty.words().last() == Some(&sign("[]"));
            Some((kind.or(is_in(&TEXTS).then_some(KINDS.len()))?, is_array))
        };
        let (Some(from), Some(to)) = (kind(&from.ty), kind(to)) else { return true };
        // Everything becomes a text, and the values of an array what they would be alone.
        if from == to || to.0 == KINDS.len() && (from.1 || !to.1) {
            return true;
        }
        let refused =
            "its values do not become values of this type by themselves: say how, with `USING`";
        self.problem(column.span, ProblemKind::Refused(refused));
        false
    }

    /// The text as the server reads it.
    pub(super) fn coerced(&self, text: &Text, table: &Table) -> Text {
        let words = text.words();
        if !words.contains(&sign("(")) {
            return text.clone();
        }
        let mut read = Vec::with_capacity(words.len());
        let mut at = 0;
        while let Some(word) = words.get(at) {
            match &words[at..] {
                [Word::Name(call), open, Word::Name(column), close, ..]
                    if *open == sign("(")
                        && *close == sign(")")
                        && read.last() != Some(&sign("."))
                        && self.is_cast(call, column, table) =>
                {
                    read.push(words[at + 2].clone());
                    at += 4;
                }
                _ => {
                    read.push(word.clone());
                    at += 1;
                }
            }
        }
        Text::new(read)
    }

    fn is_cast(&self, call: &Name, column: &Name, table: &Table) -> bool {
        let Some(column) = table.column(column) else { return false };
        let Some(Word::Name(ty)) = column.ty.words().first() else { return false };
        let known = INTERNAL_TYPES.iter().find(|(ty_, _)| *ty_ == ty.as_str());
        let is_array = column.ty.words().last() == Some(&sign("[]"));
        let function = Path { schema: None, name: call.clone() };
        !is_array
            && column.ty.words().get(1) != Some(&sign("."))
            && known.map_or(ty.as_str(), |(_, name)| name) == call.as_str()
            && self.app.catalog.several(Space::Routine, &function).next().is_none()
    }

    pub(super) fn coerce_index(&self, index: &mut Index, table: &Table) {
        for part in index.parts.iter_mut().filter(|part| part.column.is_none()) {
            let text = self.coerced(&part.text, table);
            let column = match text.words() {
                [Word::Name(name), rest @ ..] if text != part.text && is_behind(rest) => {
                    Some(name.clone())
                }
                _ => None,
            };
            *part = Part { text, column };
        }
        if let Some(predicate) = &mut index.predicate {
            *predicate = self.coerced(predicate, table);
        }
    }

    /// Reads again what is said about a table of which a column has another type now.
    pub(super) fn coerce_all(&mut self, path: &Path) {
        let Some(mut table) = self.app.catalog.table(path).cloned() else { return };
        let read = table.clone();
        for constraint in &mut table.constraints {
            if let ConstraintKind::Check(text) = &mut constraint.kind {
                *text = self.coerced(text, &read);
            }
        }
        self.replace_changed(Key::relation(path), Object::Table(table));
        for key in self.app.catalog.owned_by(path) {
            let Some(Object::Index(mut index)) =
                self.app.catalog.get(&key).map(|entry| entry.object.clone())
            else {
                continue;
            };
            self.coerce_index(&mut index, &read);
            self.replace_changed(key, Object::Index(index));
        }
    }

    fn replace_changed(&mut self, key: Key, object: Object) {
        if self.app.catalog.get(&key).is_some_and(|entry| entry.object != object) {
            self.app.replace(&key, object);
        }
    }

    /// The default that a column of this type has. `NULL` is what there is without one, even where the
    /// server keeps it; but it takes the place of a domain's own.
    pub(super) fn settled_default(&self, default: &Text, ty: &Text) -> Option<Text> {
        let default = uncast(default, ty.words());
        (default.to_string() != "null" || self.is_domain(ty)).then_some(default)
    }

    fn is_domain(&self, ty: &Text) -> bool {
        let path = type_at(ty.words());
        let path = path.filter(|path| super::path_words(path) == ty.words());
        let entry = path.and_then(|path| self.app.catalog.get(&Key::new(Space::Type, &path)));
        entry.is_some_and(
            |entry| matches!(&entry.object, Object::Other(it) if it.class == Class::Domain),
        )
    }
}

/// A constant's cast to the type that it becomes anyway says nothing. The length of a type is another cast
/// to the server, and stays.
pub(super) fn uncast(default: &Text, ty: &[Word]) -> Text {
    let [constant @ Word::Other(_), cast, to @ ..] = default.words() else {
        return default.clone();
    };
    let plain: Vec<Word> = ty.iter().take_while(|word| **word != sign("(")).cloned().collect();
    let plain = Text::new(plain).to_string();
    let called = match &*plain {
        // Without a length, these are of one character, and of one bit.
        "character" => "bpchar",
        "bit" => return default.clone(),
        plain => plain,
    };
    let is_same = *cast == sign("::") && Text::new(to.iter().cloned()).to_string() == called;
    if is_same { Text::new([constant.clone()]) } else { default.clone() }
}

/// Whether this stands behind a column in a key, and not in an expression.
fn is_behind(rest: &[Word]) -> bool {
    match rest.first() {
        None => true,
        Some(Word::Name(name)) => ["collate", "desc", "nulls"].contains(&name.as_str()),
        Some(Word::Other(_)) => false,
    }
}
