//! What definitions name, as far as it is in a text.

use super::object::{Key, Space};
use crate::sql::Name;
use crate::sql::schema::{ConstraintKind, Path, Table, Text, Word};

/// What a table names: other tables, types, sequences, functions.
pub(crate) fn of_table(table: &Table, keys: &mut Vec<Key>) {
    keys.extend(table.parents.iter().map(Key::relation));
    for column in &table.columns {
        keys.extend(type_at(column.ty.words()).map(|path| Key::new(Space::Type, &path)));
        let texts = column.default.iter().chain(&column.generated);
        texts.for_each(|text| of_text(text, keys));
    }
    for constraint in &table.constraints {
        keys.extend(constraint.name.as_ref().map(constraint_name));
        match &constraint.kind {
            ConstraintKind::ForeignKey(key) => keys.push(Key::relation(&key.table)),
            ConstraintKind::Check(text) => of_text(text, keys),
            ConstraintKind::Exclude(parts) => {
                parts.iter().for_each(|part| of_text(&part.text, keys));
            }
            ConstraintKind::PrimaryKey(_)
            | ConstraintKind::Unique(_)
            | ConstraintKind::Index(_) => {}
        }
    }
}

/// What stands for a constraint's name, in whatever schema.
pub(crate) fn constraint_name(name: &Name) -> Key {
    Key::new(Space::Constraint, &Path { schema: None, name: name.clone() })
}

/// The functions that a text calls, without their arguments; the types that it casts to; the
/// sequences that it draws from.
pub(crate) fn of_text(text: &Text, keys: &mut Vec<Key>) {
    let words = text.words();
    for (at, word) in words.iter().enumerate() {
        match word {
            Word::Other(sign) if sign == "(" && at > 0 => {
                if let Some((_, path)) = name_before(&words[..at]) {
                    if path.name.as_str() == "nextval" {
                        let drawn = type_at(&words[at + 1..]);
                        keys.extend(drawn.map(|path| Key::relation(&path)));
                    } else {
                        keys.push(Key::new(Space::Routine, &path));
                    }
                }
            }
            Word::Other(sign) if sign == "::" => {
                let ty = type_at(&words[at + 1..]);
                keys.extend(ty.map(|path| Key::new(Space::Type, &path)));
            }
            _ => {}
        }
    }
}

/// Everything that may be a table in a text of SQLite's with a `WITH`: what is defined there can be
/// called as a table that is named in another place.
pub(crate) fn of_queries(text: &Text, keys: &mut Vec<Key>) {
    if text.words().iter().any(|word| word.says("with")) {
        keys.extend(text.words().iter().filter_map(|word| match word {
            Word::Name(name) => Some(Key::relation(&Path { schema: None, name: name.clone() })),
            Word::Other(_) => None,
        }));
    }
}

/// The name that ends a text, and how many words it is.
fn name_before(words: &[Word]) -> Option<(usize, Path)> {
    match words {
        [.., Word::Name(schema), Word::Other(dot), Word::Name(name)] if dot == "." => {
            Some((3, Path { schema: Some(schema.clone()), name: name.clone() }))
        }
        [.., Word::Name(name)] => Some((1, Path { schema: None, name: name.clone() })),
        _ => None,
    }
}

/// The name that a text begins with, which may have a schema.
pub(crate) fn type_at(words: &[Word]) -> Option<Path> {
    let path = |schema: Option<&Name>, name: &Name| {
        Some(Path { schema: schema.cloned(), name: name.clone() })
    };
    match words {
        [Word::Name(schema), Word::Other(dot), Word::Name(name), ..] if dot == "." => {
            path(Some(schema), name)
        }
        [Word::Name(name), ..] => path(None, name),
        _ => None,
    }
}
