//! The definition of a table: columns, constraints, options.

use std::ops::Range;

use super::others::sequence_options;
use super::text::{bare, is_name, is_sign, name, names, parts, plain, sign, storage, text};
use super::ty::ty;
use crate::sql::Name;
use crate::sql::cursor::Cursor;
use crate::sql::schema::{
    Column, Constraint, ConstraintKind, ForeignKey, Ident, Part, Table, Text, Word,
};

/// What ends the type of a column, or its default.
pub(super) const BEHIND_TYPE: [&str; 17] = [
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
    "storage",
    "compression",
    "deferrable",
    "initially",
    "using",
    ",",
    ")",
];

/// Passes the columns and constraints of a table; false when there is something among them that is
/// not followed.
pub(super) fn body(cursor: &mut Cursor<'_>, table: &mut Table) -> bool {
    let body = cursor.take_group();
    for range in cursor.list(body) {
        let mut inner = cursor.part(range);
        if inner.is_next("like") {
            return false;
        }
        if begins_constraint(&inner) {
            let Some((constraint, index)) = table_constraint(&mut inner) else { return false };
            if index.is_some() {
                return false;
            }
            table.constraints.push(constraint);
        } else {
            let (_, column, constraints) = column(&mut inner);
            table.columns.push(column);
            table.constraints.extend(constraints);
        }
    }
    true
}

pub(super) fn begins_constraint(cursor: &Cursor<'_>) -> bool {
    cursor.is_next_of(&["constraint", "primary", "unique", "check", "foreign", "exclude"])
}

/// A column with its constraints.
pub(super) fn column(cursor: &mut Cursor<'_>) -> (Ident, Column, Vec<Constraint>) {
    let ident = cursor.take_name();
    let declared = cursor.take_until(&BEHIND_TYPE);
    let mut column = Column {
        name: ident.name.clone(),
        ty: ty(cursor, declared),
        not_null: false,
        default: None,
        generated: None,
        collation: None,
        options: Vec::new(),
    };
    let mut constraints: Vec<Constraint> = Vec::new();
    let mut called = None;
    while !cursor.is_at_end() && !cursor.is_next(",") {
        if cursor.eat(&["constraint"]) {
            called = Some(cursor.take_name().name);
        } else if let Some(kind) = key_or_check(cursor, &column.name) {
            let rest = rest(cursor);
            constraints.push(Constraint { name: called.take(), kind, rest, column: None });
        } else {
            property(cursor, &mut column);
            called = None;
        }
    }
    column.options.sort_by_key(ToString::to_string);
    (ident, column, constraints)
}

/// A constraint behind a column.
fn key_or_check(cursor: &mut Cursor<'_>, column: &Name) -> Option<ConstraintKind> {
    let one = || {
        let text = Text::new([Word::Name(column.clone())]);
        vec![Part { text, column: Some(column.clone()) }]
    };
    if cursor.eat(&["primary", "key"]) {
        Some(ConstraintKind::PrimaryKey(one()))
    } else if cursor.eat(&["unique"]) {
        Some(ConstraintKind::Unique(one()))
    } else if cursor.eat(&["check"]) {
        Some(ConstraintKind::Check(check(cursor)))
    } else if cursor.eat(&["references"]) {
        Some(ConstraintKind::ForeignKey(reference(cursor, vec![column.clone()])))
    } else {
        None
    }
}

pub(super) fn check(cursor: &mut Cursor<'_>) -> Text {
    let expression = cursor.take_group();
    text(cursor, bare(cursor, expression))
}

/// What a column is besides; passes at least one word.
fn property(cursor: &mut Cursor<'_>, column: &mut Column) {
    if cursor.eat(&["not", "null"]) {
        column.not_null = true;
    } else if cursor.eat(&["default"]) {
        let value = take_default(cursor);
        column.default = Some(default(cursor, value));
    } else if cursor.eat(&["collate"]) {
        column.collation = collation(cursor);
    } else if cursor.eat(&["generated"]) {
        if let Some(given) = identity(cursor) {
            column.not_null = true;
            column.options.push(given);
        } else {
            cursor.take_until(&["("]);
            column.generated = Some(check(cursor));
            cursor.eat(&["stored"]);
        }
    } else if cursor.is_next_of(&["storage", "compression"]) {
        let start = cursor.at();
        cursor.skip();
        cursor.skip();
        column.options.push(text(cursor, start..cursor.at()));
    } else {
        cursor.skip();
    }
}

/// Behind `GENERATED`: how an identity is given; none when it is an expression.
pub(super) fn identity(cursor: &mut Cursor<'_>) -> Option<Text> {
    let always = cursor.is_next("always");
    if !cursor.eat(&["always", "as", "identity"])
        && !cursor.eat(&["by", "default", "as", "identity"])
    {
        return None;
    }
    let mut words = plain(if always { "identity always" } else { "identity default" });
    if cursor.is_next("(") {
        let group = cursor.take_group();
        let options = sequence_options(&mut cursor.part(group)).unwrap_or_default();
        words = Text::new(words.words().iter().chain(options.words()).cloned());
    }
    Some(words)
}

pub(super) fn collation(cursor: &mut Cursor<'_>) -> Option<Name> {
    let (schema, name) = cursor.take_qualified();
    let is_own = schema.is_none_or(|schema| ["pg_catalog", "public"].contains(&schema.as_str()));
    (is_own && name.name.as_str() != "default").then_some(name.name)
}

/// Passes a default.
pub(super) fn take_default(cursor: &mut Cursor<'_>) -> Range<usize> {
    let start = cursor.at();
    loop {
        let behind_cast = cursor.at();
        if cursor.is_next("case") {
            cursor.take_until(&["end"]);
            cursor.skip();
        } else if cursor.is_next("(") {
            cursor.take_group();
        } else {
            cursor.skip();
        }
        if behind_cast > start && cursor.is(behind_cast, "is") {
            // `IS NOT NULL`, `IS NULL`.
            cursor.eat(&["not"]);
            cursor.skip();
        }
        if cursor.is_at_end() || cursor.is_next_of(&BEHIND_TYPE) {
            return start..cursor.at();
        }
    }
}

/// A default, without brackets; `NULL` without its casts.
pub(super) fn default(cursor: &Cursor<'_>, range: Range<usize>) -> Text {
    let value = text(cursor, bare(cursor, range));
    match value.words() {
        [null, cast, ..] if is_name(null, "null") && is_sign(cast, "::") => {
            Text::new([null.clone()])
        }
        _ => value,
    }
}

/// A constraint of the table, and the index that it takes over.
pub(super) fn table_constraint(cursor: &mut Cursor<'_>) -> Option<(Constraint, Option<Ident>)> {
    let name = cursor.eat(&["constraint"]).then(|| cursor.take_name().name);
    let mut index = None;
    let kind = if cursor.eat(&["primary", "key"]) {
        if cursor.eat(&["using", "index"]) {
            index = Some(cursor.take_name());
            ConstraintKind::PrimaryKey(Vec::new())
        } else {
            ConstraintKind::PrimaryKey(parts(cursor))
        }
    } else if cursor.eat(&["unique"]) {
        if cursor.eat(&["using", "index"]) {
            index = Some(cursor.take_name());
            ConstraintKind::Unique(Vec::new())
        } else {
            let distinct = nulls(cursor);
            let kind = ConstraintKind::Unique(parts(cursor));
            let mut rest = rest(cursor).words().to_vec();
            rest.extend(distinct);
            return Some((Constraint { name, kind, rest: Text::new(rest), column: None }, None));
        }
    } else if cursor.eat(&["check"]) {
        ConstraintKind::Check(check(cursor))
    } else if cursor.eat(&["foreign", "key"]) {
        let columns = names(cursor);
        cursor.eat(&["references"]);
        ConstraintKind::ForeignKey(reference(cursor, columns))
    } else if cursor.eat(&["exclude"]) {
        let method = cursor.eat(&["using"]).then(|| cursor.take_name().name);
        let parts = parts(cursor);
        let method = method.filter(|name| name.as_str() != "btree");
        let using = method.into_iter().flat_map(|method| [self::name("using"), Word::Name(method)]);
        let rest = Text::new(using.chain(rest(cursor).words().iter().cloned()));
        let kind = ConstraintKind::Exclude(parts);
        return Some((Constraint { name, kind, rest, column: None }, None));
    } else {
        return None;
    };
    let rest = rest(cursor);
    Some((Constraint { name, kind, rest, column: None }, index))
}

pub(super) fn nulls(cursor: &mut Cursor<'_>) -> Vec<Word> {
    if cursor.eat(&["nulls", "not", "distinct"]) {
        return plain("nulls not distinct").words().to_vec();
    }
    cursor.eat(&["nulls", "distinct"]);
    Vec::new()
}

/// Behind `REFERENCES`.
fn reference(cursor: &mut Cursor<'_>, columns: Vec<Name>) -> ForeignKey {
    let (schema, ident) = cursor.take_qualified();
    let table = Ident { schema, ..ident }.path();
    let target = if cursor.is_next("(") { names(cursor) } else { Vec::new() };
    let mut parts = ["", "", ""].map(str::to_owned);
    loop {
        let (slot, prefix) = if cursor.eat(&["on", "delete"]) {
            (1, "on delete")
        } else if cursor.eat(&["on", "update"]) {
            (2, "on update")
        } else if cursor.eat(&["match"]) {
            (0, "match")
        } else {
            break;
        };
        let start = cursor.at();
        let two = cursor.is_next_of(&["set", "no"]);
        cursor.skip();
        if two {
            cursor.skip();
        }
        if cursor.is_next("(") {
            cursor.take_group();
        }
        let said = text(cursor, start..cursor.at()).to_string();
        if said != "no action" && said != "simple" {
            parts[slot] = format!("{prefix} {said}");
        }
    }
    ForeignKey { columns, table, target, actions: plain(&parts.join(" ")) }
}

/// What may stand behind a constraint, without what is meant without a word.
pub(super) fn rest(cursor: &mut Cursor<'_>) -> Text {
    let (mut deferrable, mut deferred) = (false, false);
    let mut words = Vec::new();
    loop {
        let start = cursor.at();
        if cursor.eat(&["not", "deferrable"]) || cursor.eat(&["initially", "immediate"]) {
        } else if cursor.eat(&["deferrable"]) {
            deferrable = true;
        } else if cursor.eat(&["initially", "deferred"]) {
            (deferrable, deferred) = (true, true);
        } else if cursor.eat(&["not", "valid"]) || cursor.eat(&["no", "inherit"]) {
            words.extend(text(cursor, start..cursor.at()).words().iter().cloned());
        } else if cursor.is_next("nulls") {
            words.extend(nulls(cursor));
        } else if cursor.eat(&["include"]) || cursor.eat(&["with"]) {
            cursor.take_group();
            words.extend(storage(cursor, start..cursor.at()).words().iter().cloned());
        } else if cursor.eat(&["where"]) {
            let group = cursor.take_group();
            words.extend([name("where"), sign("(")]);
            words.extend(text(cursor, bare(cursor, group)).words().iter().cloned());
            words.push(sign(")"));
        } else if cursor.eat(&["using", "index", "tablespace"]) {
            cursor.skip();
        } else {
            break;
        }
    }
    if deferrable {
        words.push(name("deferrable"));
    }
    if deferred {
        words.extend([name("initially"), name("deferred")]);
    }
    Text::new(words)
}
