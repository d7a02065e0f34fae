//! The definition of a table: columns, constraints, options.

use std::collections::HashMap;
use std::ops::Range;

use super::super::lex::unquote;
use crate::sql::cursor::Cursor;
use crate::sql::schema::{
    Column, Constraint, ConstraintKind, ForeignKey, Ident, Part, Table, Text, Word,
};
use crate::sql::{Name, token::Kind};

/// What ends the type of a column.
const BEHIND_TYPE: [&str; 11] = [
    "constraint",
    "primary",
    "not",
    "null",
    "unique",
    "check",
    "default",
    "collate",
    "references",
    "generated",
    "as",
];

/// Behind the name of a table: all of its definition.
pub(super) fn table(cursor: &mut Cursor<'_>) -> Table {
    let mut table = Table::default();
    let body = cursor.take_group();
    let whole = cursor.part(body.clone());
    let mut inner = cursor.part(body);
    while !inner.is_at_end() {
        if inner.is_next_of(&["constraint", "primary", "unique", "check", "foreign"]) {
            table.constraints.extend(table_constraint(&mut inner));
        } else {
            let (_, column, constraints) = column(&mut inner);
            table.columns.push(column);
            table.constraints.extend(constraints);
        }
        inner.eat(&[","]);
    }
    take_for_texts(&mut table, &whole);
    for option in cursor.list(cursor.rest()) {
        table.options.push(cursor.text(option));
    }
    table.options.sort_by_key(ToString::to_string);
    table
}

/// In double quotes stands a text, where no column is called so; SQLite itself writes it as one when
/// it writes the definition again.
fn take_for_texts(table: &mut Table, body: &Cursor<'_>) {
    let quoted = body.rest().filter(|at| body.written(*at).starts_with('"'));
    let quoted = quoted.map(|at| (body.name(at).name, unquote(body.written(at))));
    let texts: HashMap<Name, String> =
        quoted.filter(|(name, _)| table.column(name).is_none()).collect();
    if texts.is_empty() {
        return;
    }
    let as_text = |text: &mut Text| {
        let words = text.words().iter().map(|word| match word {
            Word::Name(name) if texts.contains_key(name) => {
                Word::Other(format!("'{}'", texts[name].replace('\'', "''")))
            }
            other => other.clone(),
        });
        *text = Text::new(words.collect::<Vec<_>>());
    };
    table.expressions_mut().for_each(as_text);
    table.quoted = texts.into_keys().collect();
    table.quoted.sort();
}

/// A column with its constraints.
pub(super) fn column(cursor: &mut Cursor<'_>) -> (Ident, Column, Vec<Constraint>) {
    let ident = cursor.take_name();
    let stops: Vec<&str> = BEHIND_TYPE.iter().copied().chain([",", ")"]).collect();
    let ty = cursor.take_until(&stops);
    let mut column = Column {
        name: ident.name.clone(),
        ty: cursor.text(ty),
        not_null: false,
        default: None,
        generated: None,
        collation: None,
        options: Vec::new(),
    };
    let mut constraints = Vec::new();
    let mut name = None;
    while !cursor.is_at_end() && !cursor.is_next(",") {
        if cursor.eat(&["constraint"]) {
            name = Some(cursor.take_name().name);
            continue;
        }
        if let Some(kind) = key_or_check(cursor, &column.name) {
            let rest = rest(cursor);
            let column = Some(column.name.clone());
            constraints.push(Constraint { name: name.take(), kind, rest, column });
        } else {
            property(cursor, &mut column);
            name = None;
        }
    }
    (ident, column, constraints)
}

/// A constraint behind a column.
fn key_or_check(cursor: &mut Cursor<'_>, column: &Name) -> Option<ConstraintKind> {
    let one = |text| vec![Part { text, column: Some(column.clone()) }];
    let column_text = || Text::new([Word::Name(column.clone())]);
    if cursor.eat(&["primary", "key"]) {
        let order = cursor.eat(&["desc"]).then(|| Word::Other("desc".to_owned()));
        cursor.eat(&["asc"]);
        let text = Text::new([Word::Name(column.clone())].into_iter().chain(order));
        return Some(ConstraintKind::PrimaryKey(one(text)));
    }
    if cursor.eat(&["unique"]) {
        return Some(ConstraintKind::Unique(one(column_text())));
    }
    if cursor.eat(&["check"]) {
        let expression = cursor.take_group();
        return Some(ConstraintKind::Check(cursor.text(expression)));
    }
    if cursor.eat(&["references"]) {
        return Some(ConstraintKind::ForeignKey(reference(cursor, vec![column.clone()])));
    }
    None
}

/// What a column is besides; passes at least one word.
fn property(cursor: &mut Cursor<'_>, column: &mut Column) {
    if cursor.eat(&["not", "null"]) {
        column.not_null = true;
        rest(cursor);
    } else if cursor.eat(&["default"]) {
        let value = if cursor.is_next("(") {
            cursor.take_group()
        } else {
            let start = cursor.at();
            if cursor.is_next_of(&["+", "-"]) {
                cursor.skip();
            }
            cursor.skip();
            start..cursor.at()
        };
        column.default = Some(cursor.text(value));
    } else if cursor.eat(&["collate"]) {
        column.collation = Some(cursor.take_name().name);
    } else if cursor.eat(&["generated", "always", "as"]) || cursor.eat(&["as"]) {
        let expression = cursor.take_group();
        let stored = cursor.eat(&["stored"]);
        cursor.eat(&["virtual"]);
        let mut words = cursor.text(expression).words().to_vec();
        if stored {
            words.push(Word::Other("stored".to_owned()));
        }
        column.generated = Some(Text::new(words));
    } else {
        cursor.skip();
    }
}

/// A constraint of the table.
fn table_constraint(cursor: &mut Cursor<'_>) -> Option<Constraint> {
    let name = cursor.eat(&["constraint"]).then(|| cursor.take_name().name);
    let kind = if cursor.eat(&["primary", "key"]) {
        ConstraintKind::PrimaryKey(parts(cursor))
    } else if cursor.eat(&["unique"]) {
        ConstraintKind::Unique(parts(cursor))
    } else if cursor.eat(&["check"]) {
        let expression = cursor.take_group();
        ConstraintKind::Check(cursor.text(expression))
    } else if cursor.eat(&["foreign", "key"]) {
        let columns = cursor.take_group();
        let columns = names(cursor, columns);
        cursor.eat(&["references"]);
        ConstraintKind::ForeignKey(reference(cursor, columns))
    } else {
        // A name alone, which SQLite takes.
        return None;
    };
    let rest = rest(cursor);
    Some(Constraint { name, kind, rest, column: None })
}

/// Behind `REFERENCES`.
fn reference(cursor: &mut Cursor<'_>, columns: Vec<Name>) -> ForeignKey {
    let table = cursor.take_name().path();
    let target = if cursor.is_next("(") {
        let group = cursor.take_group();
        names(cursor, group)
    } else {
        Vec::new()
    };
    let start = cursor.at();
    loop {
        if cursor.eat(&["on", "delete"]) || cursor.eat(&["on", "update"]) {
            // `SET NULL`, `SET DEFAULT`, `NO ACTION`, or one word.
            let two = cursor.is_next_of(&["set", "no"]);
            cursor.skip();
            if two {
                cursor.skip();
            }
        } else if cursor.eat(&["match"]) {
            cursor.skip();
        } else {
            break;
        }
    }
    ForeignKey { columns, table, target, actions: cursor.text(start..cursor.at()) }
}

/// What may stand behind a constraint.
fn rest(cursor: &mut Cursor<'_>) -> Text {
    let start = cursor.at();
    loop {
        if cursor.eat(&["on", "conflict"]) || cursor.eat(&["initially"]) {
            cursor.skip();
        } else if !(cursor.eat(&["autoincrement"])
            || cursor.eat(&["not", "deferrable"])
            || cursor.eat(&["deferrable"]))
        {
            return cursor.text(start..cursor.at());
        }
    }
}

fn parts(cursor: &mut Cursor<'_>) -> Vec<Part> {
    let group = cursor.take_group();
    cursor.list(group).into_iter().map(|range| part(cursor, range)).collect()
}

/// A part of a key or an index.
pub(super) fn part(cursor: &Cursor<'_>, range: Range<usize>) -> Part {
    let behind = range.start + 1;
    let is_column = cursor.is_name(range.start)
        && cursor.kind(range.start) != Some(Kind::String)
        && (behind == range.end
            || ["collate", "asc", "desc"].iter().any(|word| cursor.is(behind, word)));
    let column = is_column.then(|| cursor.name(range.start).name);
    // `ASC` is what is meant without a word.
    let end = if cursor.is(range.end - 1, "asc") && behind < range.end {
        range.end - 1
    } else {
        range.end
    };
    Part { text: cursor.text(range.start..end), column }
}

fn names(cursor: &Cursor<'_>, range: Range<usize>) -> Vec<Name> {
    cursor.list(range).into_iter().map(|part| cursor.name(part.start).name).collect()
}
