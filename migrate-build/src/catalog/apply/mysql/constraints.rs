//! What an `ALTER TABLE` does to keys, foreign keys and checks.

use super::columns::Columns;
use super::draft::{Draft, check_prefix, is_index, is_primary, is_unnamed_check, parts_of_mut};
use crate::source::Span;
use crate::sql::schema::{Constraint, ConstraintKind, Table, Text, Word};
use crate::sql::{Name, TableChange, Wanted};

/// Takes away what the actions say.
pub(super) fn drop_constraints(draft: &mut Draft, actions: &[&TableChange]) {
    for action in actions {
        let TableChange::DropConstraint { name, wanted, if_exists } = action else { continue };
        let matches = |constraint: &Constraint| {
            let called = constraint.name.as_ref() == Some(&name.name);
            let is_check = matches!(constraint.kind, ConstraintKind::Check(_));
            let is_foreign = matches!(constraint.kind, ConstraintKind::ForeignKey(_));
            let primary = is_primary(constraint);
            let unique = matches!(constraint.kind, ConstraintKind::Unique(_));
            match wanted {
                Wanted::PrimaryKey => primary,
                Wanted::Index => {
                    called && is_index(constraint) || primary && name.name.as_str() == "primary"
                }
                Wanted::ForeignKey => called && is_foreign,
                Wanted::Check => called && is_check,
                Wanted::Any => called && (is_check || is_foreign || unique),
            }
        };
        match draft.table.constraints.iter().position(matches) {
            Some(at) if *wanted == Wanted::Any && hides_hash(draft, at) => {
                draft.unclear.get_or_insert(HIDDEN);
            }
            Some(at) => {
                let gone = draft.table.constraints.remove(at);
                if is_index(&gone) {
                    draft.table.implied.retain(|name| Some(name) != gone.name.as_ref());
                }
            }
            None if *if_exists => {}
            None if name.name.as_str().starts_with(&check_prefix(&draft.path)) => {
                draft.unclear.get_or_insert("how a check is called depends on the server");
            }
            None => draft.refuse(name.span, "there is no constraint or index of this name"),
        }
    }
}

const HIDDEN: &str = "`DROP CONSTRAINT` may find nothing beside a unique key that is a hash: \
                      `DROP FOREIGN KEY` and `DROP INDEX` do";

/// Whether it is a hash, or a foreign key beside one. `DROP CONSTRAINT` of MariaDB 10.11 does not find
/// the one, and leaves the other without a word (measured).
fn hides_hash(draft: &Draft, at: usize) -> bool {
    let constraints = &draft.table.constraints;
    let is_hash =
        |one: &Constraint| matches!(one.kind, ConstraintKind::Unique(_)) && !draft.is_sized(one);
    match constraints[at].kind {
        ConstraintKind::ForeignKey(_) => constraints.iter().any(is_hash),
        _ => is_hash(&constraints[at]),
    }
}

/// What becomes of constraints when their columns have other names or go.
pub(super) fn carry_over(draft: &mut Draft, columns: &Columns, span: Span) {
    let (mut refused, mut unclear) = (None, None);
    let now = |name: &Name| columns.fate.get(name).cloned().unwrap_or_else(|| Some(name.clone()));
    let renamed = renamed(columns);
    let gone: Vec<&Name> =
        columns.fate.iter().filter(|(_, to)| to.is_none()).map(|(from, _)| from).collect();
    let computed = columns.all.iter().filter_map(|column| column.generated.as_ref());
    if computed.into_iter().any(|text| gone.iter().any(|name| text.mentions(name))) {
        refused = Some("another column is computed from it");
    }
    let mut constraints = Vec::new();
    for mut constraint in std::mem::take(&mut draft.table.constraints) {
        let is_unique =
            is_primary(&constraint) || matches!(constraint.kind, ConstraintKind::Unique(_));
        if let Some(parts) = parts_of_mut(&mut constraint) {
            let count = parts.len();
            parts.retain(|part| part.column.as_ref().is_none_or(|name| now(name).is_some()));
            for part in parts.iter_mut() {
                if let Some(name) = part.column.clone()
                    && let Some(to) = now(&name)
                {
                    part.text = part.text.renamed(&name, &to);
                    part.column = Some(to);
                }
            }
            if parts.is_empty() {
                let gone = constraint.name.as_ref();
                draft.table.implied.retain(|name| Some(name) != gone);
                continue;
            }
            if is_unique && parts.len() < count {
                match draft.mariadb {
                    Some(true) => {
                        refused = Some("a unique key of several columns needs the column")
                    }
                    Some(false) => {}
                    None => unclear = Some("not every server drops a column of such a key"),
                }
            }
        }
        match &mut constraint.kind {
            ConstraintKind::ForeignKey(key) => {
                for name in &mut key.columns {
                    match now(name) {
                        Some(to) => *name = to,
                        None => refused = Some("a foreign key needs the column"),
                    }
                }
                if key.table == draft.path {
                    for name in &mut key.target {
                        match now(name) {
                            Some(to) => *name = to,
                            None => refused = Some("a foreign key needs the column"),
                        }
                    }
                }
            }
            ConstraintKind::Check(text) => {
                let goes = |name: &&&Name| text.mentions(name) || constraint.rest.mentions(name);
                if gone.iter().any(|name| goes(&name)) {
                    let mut kept = columns.fate.iter().filter(|(_, to)| to.is_some());
                    let is_needed = match constraint.rest.words() {
                        [] => kept.any(|(name, _)| text.mentions(name)),
                        _ => kept.any(|(name, _)| constraint.rest.mentions(name)),
                    };
                    if is_needed {
                        refused = Some("a check needs the column");
                    }
                    continue;
                }
                *text = renamed_at_once(text, &renamed);
                constraint.rest = renamed_at_once(&constraint.rest, &renamed);
            }
            _ => {}
        }
        constraints.push(constraint);
    }
    draft.table.constraints = constraints;
    draft.unclear = draft.unclear.or(unclear);
    if let Some(why) = refused {
        draft.refuse(span, why);
    }
}

/// Columns that are computed as before follow those that they are computed from.
pub(super) fn rename_in_computed(table: &mut Table, old: &Table, columns: &Columns) {
    let renamed = renamed(columns);
    for column in &mut table.columns {
        let before = old.columns.iter().map(|column| column.generated.as_ref());
        if let Some(text) = &mut column.generated
            && before.flatten().any(|other| other == text)
        {
            *text = renamed_at_once(text, &renamed);
        }
    }
}

fn renamed(columns: &Columns) -> Vec<(&Name, &Name)> {
    let kept = columns.fate.iter().filter_map(|(from, to)| Some((from, to.as_ref()?)));
    kept.filter(|(from, to)| from != to).collect()
}

/// Names may be exchanged for each other.
fn renamed_at_once(text: &Text, renamed: &[(&Name, &Name)]) -> Text {
    Text::new(text.words().iter().map(|word| match word {
        Word::Name(name) => match renamed.iter().find(|(from, _)| *from == name) {
            Some((_, to)) => Word::Name((*to).clone()),
            None => word.clone(),
        },
        Word::Other(_) => word.clone(),
    }))
}

/// Adds what the actions say.
pub(super) fn add_constraints(draft: &mut Draft, actions: &[&TableChange]) {
    for action in actions {
        match action {
            TableChange::AddColumn { column, constraints, .. } => {
                for constraint in constraints {
                    draft.add(constraint, column.span);
                }
            }
            TableChange::ChangeColumn { column, definition, constraints, .. } => {
                // The checks of the column are those that are said now.
                draft.table.constraints.retain(|constraint| {
                    !matches!(constraint.kind, ConstraintKind::Check(_))
                        || !constraint.rest.mentions(&definition.name)
                });
                for constraint in constraints {
                    draft.add(constraint, column.span);
                }
            }
            TableChange::AddConstraint { span, constraint, .. }
                if !is_unnamed_check(constraint) =>
            {
                draft.add(constraint, *span);
            }
            _ => {}
        }
    }
    for action in actions {
        if let TableChange::AddConstraint { span, constraint, .. } = action
            && is_unnamed_check(constraint)
        {
            draft.add(constraint, *span);
        }
    }
}

/// All at once: names may be exchanged.
pub(super) fn rename_indexes(draft: &mut Draft, actions: &[&TableChange]) {
    let mut renamed: Vec<(&Name, &Name)> = Vec::new();
    for action in actions {
        let TableChange::RenameIndex { index, to, if_exists } = action else { continue };
        if draft.has_key(&index.name) {
            renamed.push((&index.name, &to.name));
        } else if !if_exists {
            draft.refuse(index.span, "there is no index of this name");
        }
    }
    let now = |name: &mut Name| {
        if let Some((_, to)) = renamed.iter().find(|(from, _)| *from == name) {
            name.clone_from(to);
        }
    };
    let indexes = draft.table.constraints.iter_mut().filter(|constraint| is_index(constraint));
    indexes.filter_map(|constraint| constraint.name.as_mut()).for_each(now);
    // What somebody calls by a name is no index that the server made by itself (measured).
    draft.table.implied.retain(|name| renamed.iter().all(|(from, _)| *from != name));
    for action in actions {
        let TableChange::RenameIndex { to, .. } = action else { continue };
        let is_it = |one: &&Constraint| is_index(one) && one.name.as_ref() == Some(&to.name);
        if draft.table.constraints.iter().filter(is_it).count() > 1 {
            draft.refuse(to.span, "there is an index of this name");
        }
    }
}
