//! The statements that a way back lacks: drafted from what is different, and tried on the catalog, so
//! that only what is certain is said.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::difference::{Difference, DifferenceKind, PartDifference, differences};
use crate::catalog::{Application, Catalog, Change, Entry, Key, Mark, Object};
use crate::dialect::Dialect;
use crate::source::Source;
use crate::sql::schema::{Column, Constraint, ConstraintKind, Path};
use crate::sql::{self, Name};
use crate::write::Writer;

/// What `down.sql` lacks so that a difference goes away, and no other comes; one statement a line.
pub(super) fn certain(
    catalog: &mut Catalog,
    before: Mark,
    difference: &Difference,
) -> Option<String> {
    let now = catalog.mark();
    let drafts = drafts(catalog, before, difference);
    drafts.into_iter().find(|draft| {
        let is_mended = mends(catalog, before, difference, draft);
        catalog.rewind(now);
        is_mended
    })
}

fn mends(catalog: &mut Catalog, before: Mark, difference: &Difference, draft: &str) -> bool {
    let keys = |found: &[Difference]| -> BTreeSet<Key> {
        let wrong = found.iter().filter(|one| !one.kind.is_note());
        wrong.map(|one| one.key.clone()).collect()
    };
    let mut left = keys(&differences(catalog, before));
    if !apply(catalog, draft) {
        return false;
    }
    let found = differences(catalog, before);
    let is_renamed = |one: &Difference| matches!(one.kind, DifferenceKind::Renamed(_));
    if is_renamed(difference) {
        // What has its name again may differ in something else.
        return keys(&found).is_subset(&left)
            && !found.iter().any(|one| one.key == difference.key && is_renamed(one));
    }
    left.remove(&difference.key);
    keys(&found).is_subset(&left)
}

/// Whether a script can be read and applied without a doubt.
pub(super) fn apply(catalog: &mut Catalog, script: &str) -> bool {
    let Ok(parser) = sql::parser(catalog.dialect()) else { return false };
    let source = Arc::new(Source::new("down.sql", script));
    let mut findings = Vec::new();
    let parsed = parser.parse(&source, None, &mut findings);
    if !findings.is_empty() || parsed.statements.len() != parsed.count {
        return false;
    }
    let mut application = Application::new(catalog, &source);
    parsed.statements.iter().all(|statement| {
        application.statement(statement).is_empty() && application.take_unclear().is_none()
    })
}

/// What may be the statement, the likeliest first.
fn drafts(catalog: &Catalog, before: Mark, difference: &Difference) -> Vec<String> {
    let write = Writer { dialect: catalog.dialect() };
    let key = &difference.key;
    match &difference.kind {
        DifferenceKind::Stays(entry) => drops(write, key, entry),
        DifferenceKind::Gone(entry) => vec![made_again(catalog, before, key, entry)],
        DifferenceKind::Renamed(to) => renames(write, &key.path, to),
        DifferenceKind::Redefined(entry) => {
            let again = made_again(catalog, before, key, entry);
            let drops = drops(write, key, entry);
            std::iter::once(again.clone())
                .chain(drops.into_iter().map(|drop| format!("{drop}\n{again}")))
                .collect()
        }
        DifferenceKind::Table(parts) => {
            let rebuilt = rebuilds(catalog, before, key);
            alters(write, &key.path, parts).into_iter().chain(rebuilt).collect()
        }
        DifferenceKind::Unclear(_) => Vec::new(),
    }
}

fn drops(write: Writer, key: &Key, entry: &Entry) -> Vec<String> {
    let class = entry.object.class().to_string().to_ascii_uppercase();
    let name = write.path(&key.path);
    let mut drafts = vec![format!("DROP {class} {name};")];
    if let Some(of) = &key.of {
        drafts.push(format!("DROP {class} {name}({});", of.as_str()));
    }
    if let Some(owner) = entry.object.owner() {
        drafts.push(format!("DROP {class} {name} ON {};", write.path(&owner.path)));
    }
    drafts
}

fn renames(write: Writer, from: &Path, to: &Path) -> Vec<String> {
    let (to, from) = (write.path(to), write.name(&from.name));
    ["TABLE", "INDEX", "VIEW", "SEQUENCE", "TYPE"]
        .map(|class| format!("ALTER {class} {to} RENAME TO {from};"))
        .to_vec()
}

/// What made an object, and those that went with it.
fn made_again(catalog: &Catalog, before: Mark, key: &Key, entry: &Entry) -> String {
    let text = |entry: &Entry| format!("{};", entry.source.slice(entry.statement));
    let mut script = vec![text(entry)];
    let goes_along = |change: &&Change| {
        let owner = change.before.as_ref().and_then(|entry| entry.object.owner());
        owner.as_ref() == Some(key) && catalog.get(&change.key).is_none()
    };
    for change in catalog.changes_since(before).iter().filter(goes_along) {
        let texts = change.before.as_deref().map(text);
        script.extend(texts.filter(|text| !script.contains(text)));
    }
    script.join("\n")
}

/// With a column goes and comes what it alone is in; else constraints go before columns, and come
/// behind them.
fn alters(write: Writer, table: &Path, parts: &[PartDifference]) -> Vec<String> {
    let table = write.path(table);
    let rank = |part: &PartDifference| match part {
        PartDifference::ConstraintStays(_) => 0,
        PartDifference::ConstraintGone(_) => 2,
        _ => 1,
    };
    let script = |parts: Vec<&PartDifference>| {
        let statements =
            parts.iter().map(|part| format!("ALTER TABLE {table} {};", alter(write, part)));
        statements.collect::<Vec<_>>().join("\n")
    };
    let mut sorted: Vec<&PartDifference> = parts.iter().collect();
    sorted.sort_by_key(|part| rank(part));
    let columns = sorted.iter().copied().filter(|part| rank(part) == 1).collect();
    vec![script(columns), script(sorted)]
}

/// A new table in the place of the one that is there, with its rows: SQLite's way to change what
/// `ALTER TABLE` does not ("ALTER TABLE", section 7).
fn rebuilds(catalog: &Catalog, before: Mark, key: &Key) -> Option<String> {
    let write = Writer { dialect: catalog.dialect() };
    let mut changes = catalog.changes_since(before).iter();
    let old = changes.find(|change| change.key == *key)?.before.as_ref()?;
    let (Object::Table(old), Some(new)) = (&old.object, catalog.table(&key.path)) else {
        return None;
    };
    let is_kept =
        |column: &&Column| new.column(&column.name).is_some_and(|c| c.generated.is_none());
    let (kept, gone): (Vec<&Column>, Vec<&Column>) = old.columns.iter().partition(is_kept);
    let is_empty_allowed = |column: &&Column| {
        !column.not_null || column.default.is_some() || column.generated.is_some()
    };
    if catalog.dialect() != Dialect::Sqlite || kept.is_empty() || !gone.iter().all(is_empty_allowed)
    {
        return None;
    }
    let table = write.path(&key.path);
    let new_name = Name::folded(format!("new_{}", key.path.name.as_str()));
    let new_table = write.name(&new_name);
    let columns = kept.iter().filter(|column| column.generated.is_none());
    let columns = columns.map(|column| write.name(&column.name)).collect::<Vec<_>>().join(", ");
    let mut script = vec![
        format!("CREATE TABLE {new_table} {};", write.table(old)),
        format!("INSERT INTO {new_table} ({columns}) SELECT {columns} FROM {table};"),
        format!("DROP TABLE {table};"),
        format!("ALTER TABLE {new_table} RENAME TO {table};"),
    ];
    let owned = catalog.owned_by(&key.path).into_iter().filter_map(|key| catalog.get(&key));
    script.extend(owned.map(|entry| format!("{};", entry.source.slice(entry.statement))));
    Some(script.join("\n"))
}

fn alter(write: Writer, part: &PartDifference) -> String {
    match part {
        PartDifference::ColumnStays(name) => format!("DROP COLUMN {}", write.name(name)),
        PartDifference::ColumnGone(column) => format!("ADD COLUMN {}", write.column(column)),
        PartDifference::ColumnDiffers(column, what) => differs(write, column, what),
        PartDifference::ConstraintStays(constraint) => drop_constraint(write, constraint),
        PartDifference::ConstraintGone(constraint) => {
            format!("ADD {}", write.constraint(constraint))
        }
        // There is no statement for these.
        PartDifference::Options | PartDifference::Order => String::new(),
    }
}

fn differs(write: Writer, column: &Column, what: &[&str]) -> String {
    if write.dialect == Dialect::Mysql {
        return format!("MODIFY COLUMN {}", write.column(column));
    }
    let name = write.name(&column.name);
    let actions = what.iter().map(|what| match (*what, &column.default) {
        ("type", _) => format!("ALTER COLUMN {name} TYPE {}", column.ty),
        ("default", Some(default)) => format!("ALTER COLUMN {name} SET DEFAULT {default}"),
        ("default", None) => format!("ALTER COLUMN {name} DROP DEFAULT"),
        _ if column.not_null => format!("ALTER COLUMN {name} SET NOT NULL"),
        _ => format!("ALTER COLUMN {name} DROP NOT NULL"),
    });
    actions.collect::<Vec<_>>().join(", ")
}

fn drop_constraint(write: Writer, constraint: &Constraint) -> String {
    let name = constraint.name.as_ref().map(|name| write.name(name)).unwrap_or_default();
    if write.dialect != Dialect::Mysql {
        return format!("DROP CONSTRAINT {name}");
    }
    match constraint.kind {
        ConstraintKind::PrimaryKey(_) => "DROP PRIMARY KEY".to_owned(),
        ConstraintKind::ForeignKey(_) => format!("DROP FOREIGN KEY {name}"),
        ConstraintKind::Check(_) => format!("DROP CONSTRAINT {name}"),
        _ => format!("DROP INDEX {name}"),
    }
}
