//! The columns of a table that is altered: what becomes of each, and where the new ones go.

use std::collections::{HashMap, HashSet};

use super::draft::Draft;
use super::tables::{inherit, is_text};
use crate::catalog::problem::ProblemKind;
use crate::source::Span;
use crate::sql::schema::literal::{self, Sort};
use crate::sql::schema::{Column, Ident, Text, Word};
use crate::sql::{Name, Place, TableChange};

/// What becomes of the columns that a table has.
#[derive(Default)]
pub(super) struct Columns {
    /// In their order.
    pub(super) all: Vec<Column>,
    /// What each is called then; none for one that goes.
    pub(super) fate: HashMap<Name, Option<Name>>,
}

/// Does what the actions say of columns.
pub(super) fn altered(
    draft: &mut Draft,
    actions: &[&TableChange],
    collation: Option<&Name>,
) -> Columns {
    let mut columns = Columns::default();
    for column in &draft.table.columns {
        let kept = fate(column, actions, collation);
        let name = kept.as_ref().map(|(column, _)| column.name.clone());
        columns.fate.insert(column.name.clone(), name);
        columns.all.extend(kept.filter(|(_, moves)| !moves).map(|(column, _)| column));
    }
    for action in actions {
        match action {
            TableChange::AddColumn { column, definition, place, .. } => {
                insert(draft, &mut columns.all, column, definition, place.as_ref(), collation);
            }
            TableChange::ChangeColumn { column, definition, place: Some(place), .. } => {
                insert(draft, &mut columns.all, column, definition, Some(place), collation);
            }
            _ => {}
        }
    }
    if actions.iter().any(|action| depends(draft, action)) {
        draft.unclear = draft.unclear.or(Some("what becomes of the default depends on the server"));
        draft.table.is_opaque = true;
    }
    if is_dropped_and_changed(actions) {
        draft.unclear = draft.unclear.or(Some("a column is dropped and changed at once"));
        draft.table.is_opaque = true;
        return columns;
    }
    for (at, column) in columns.all.iter().enumerate() {
        if columns.all[..at].iter().any(|other| other.name == column.name) {
            let (table, column) = (draft.path.clone(), column.name.clone());
            draft.problems.push((span_of(actions), ProblemKind::DuplicateColumn { table, column }));
        }
    }
    columns
}

/// A place to show for what is wrong with the whole.
pub(super) fn span_of(actions: &[&TableChange]) -> Span {
    let spans = actions.iter().map(|action| match action {
        TableChange::AddColumn { column, .. }
        | TableChange::ChangeColumn { column, .. }
        | TableChange::RenameColumn { column, .. }
        | TableChange::SetDefault { column, .. }
        | TableChange::DropColumn { column, .. } => column.span,
        TableChange::AddConstraint { span, .. } => *span,
        TableChange::DropConstraint { name, .. } => name.span,
        TableChange::RenameIndex { index, .. } => index.span,
        TableChange::Rename { to } => to.span,
        _ => Span::default(),
    });
    spans.into_iter().find(|span| *span != Span::default()).unwrap_or_default()
}

/// What a column is then, and whether it goes elsewhere.
fn fate(
    column: &Column,
    actions: &[&TableChange],
    collation: Option<&Name>,
) -> Option<(Column, bool)> {
    let is_it = |ident: &Ident| ident.name == column.name;
    let mut kept = column.clone();
    let mut moves = false;
    for action in actions {
        match action {
            TableChange::DropColumn { column, .. } if is_it(column) => return None,
            TableChange::ChangeColumn { column, definition, place, .. } if is_it(column) => {
                kept = definition.clone();
                inherit(&mut kept, collation);
                moves = place.is_some();
            }
            TableChange::RenameColumn { column, to, .. } if is_it(column) => {
                kept.name.clone_from(&to.name);
            }
            TableChange::SetDefault { column, default, .. } if is_it(column) => {
                let default = default.as_ref().map(|value| of_type(value, &kept.ty));
                if !stays(&kept, default.as_ref()) {
                    kept.default = default;
                }
            }
            _ => {}
        }
    }
    Some((kept, moves))
}

/// MariaDB refuses that, unless another column that it adds has the new name (measured).
fn is_dropped_and_changed(actions: &[&TableChange]) -> bool {
    let dropped = actions.iter().filter_map(|action| match action {
        TableChange::DropColumn { column, .. } => Some(&column.name),
        _ => None,
    });
    let dropped: HashSet<&Name> = dropped.collect();
    actions.iter().any(|action| match action {
        TableChange::ChangeColumn { column, .. } | TableChange::RenameColumn { column, .. } => {
            dropped.contains(&column.name)
        }
        _ => false,
    })
}

/// Whether what a new default comes to is not known.
fn depends(draft: &Draft, action: &TableChange) -> bool {
    let TableChange::SetDefault { column, default, .. } = action else { return false };
    let Some(column) = draft.table.column(&column.name) else { return false };
    let counts = Text::new([Word::Name(Name::new("auto_increment"))]);
    let is_counted = column.options.contains(&counts) && default.is_some();
    let is_left = stays(column, default.as_ref());
    is_left && draft.mariadb != Some(true) || is_counted && !is_left
}

/// Whether MariaDB leaves the default as it is, without a word (measured): the current time stays
/// where no other value is said, and what is counted or computed gets no value.
fn stays(column: &Column, default: Option<&Text>) -> bool {
    let is_now = |text: &Text| text.to_string().starts_with("current_timestamp");
    match default {
        _ if column.generated.is_some() => true,
        None => column.default.as_ref().is_some_and(is_now),
        Some(value) => {
            let counts = Text::new([Word::Name(Name::new("auto_increment"))]);
            column.options.contains(&counts) && value.words().len() == 1
        }
    }
}

/// A default in the form of a type.
fn of_type(value: &Text, ty: &Text) -> Text {
    match value.words() {
        [Word::Other(text)] if text.starts_with('\'') => {
            literal::default(&literal::unquoted(text), Sort::of(ty))
        }
        _ => value.clone(),
    }
}

fn insert(
    draft: &mut Draft,
    columns: &mut Vec<Column>,
    ident: &Ident,
    definition: &Column,
    place: Option<&Place>,
    collation: Option<&Name>,
) {
    let mut column = definition.clone();
    inherit(&mut column, collation);
    let at = match place {
        None => columns.len(),
        Some(Place::First) => 0,
        Some(Place::After(other)) => {
            let Some(at) = columns.iter().position(|column| column.name == other.name) else {
                let (table, column) = (draft.path.clone(), other.name.clone());
                let kind = ProblemKind::UnknownColumn { table, column, near: None };
                draft.problems.push((ident.span, kind));
                return;
            };
            at + 1
        }
    };
    columns.insert(at, column);
}

/// Gives all texts a collation. Those that are not sure to fit any more get a larger type; says
/// whether all of it is known.
pub(super) fn convert(columns: &mut [Column], to: &Name) -> bool {
    let mut is_known = true;
    for column in columns {
        is_known &= column.ty.words() != [Word::Name(Name::new("json"))];
        if !is_text(column) {
            continue;
        }
        let before = column.collation.replace(to.clone());
        let larger = larger(&column.ty);
        match before {
            Some(before) if bytes(&before) < bytes(to) => column.ty = larger,
            None if bytes(to) > 1 => is_known &= column.ty == larger,
            _ => {}
        }
    }
    is_known
}

fn larger(ty: &Text) -> Text {
    let next = [("tinytext", "text"), ("text", "mediumtext"), ("mediumtext", "longtext")];
    let is = |name: &str| ty.words() == [Word::Name(Name::new(name))];
    match next.iter().find(|(name, _)| is(name)) {
        Some((_, larger)) => Text::new([Word::Name(Name::new(larger))]),
        None => ty.clone(),
    }
}

/// How many bytes a character may have (the manual's "Supported Character Sets").
fn bytes(collation: &Name) -> u8 {
    match charset(collation) {
        "utf8mb4" | "utf16" | "utf16le" | "utf32" | "gb18030" => 4,
        "utf8mb3" | "ujis" | "eucjpms" => 3,
        "ucs2" | "big5" | "gbk" | "gb2312" | "euckr" | "sjis" | "cp932" => 2,
        _ => 1,
    }
}

fn charset(collation: &Name) -> &str {
    collation.as_str().split('_').next().unwrap_or_default()
}
