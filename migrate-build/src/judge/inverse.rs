//! Ways back, written from what `up.sql` does to the schema.

use std::cmp::Reverse;
use std::path::PathBuf;

use super::difference::{Difference, DifferenceKind, PartDifference, differences};
use super::loss::renames;
use super::mend::{apply, certain};
use super::{Extent, Judge, Script, reversal};
use crate::catalog::{Catalog, Mark};
use crate::check::Role;
use crate::error::Error;
use crate::layout::{Directory, Entry};
use crate::rust;
use crate::script;
use crate::server::Server;
use crate::sql::{self, Effect, Name, Statement};
use crate::write::Writer;

/// A way back, drafted.
#[derive(Debug)]
pub struct Draft {
    /// The migration's directory, as the project names it.
    pub name: String,
    /// Where its `down.sql` belongs.
    pub path: PathBuf,
    /// There is one.
    pub is_there: bool,
    /// It is written in Rust, and so has none.
    pub is_rust: bool,
    /// What undoes `up.sql`, each statement certain, in their order.
    pub statements: Vec<String>,
    /// What they do not undo, or why that is not known.
    pub left: Vec<String>,
    /// What data `up.sql` loses, and nothing brings back.
    pub lost: Vec<String>,
}

impl Draft {
    /// Drafts the way back of a migration, or of the last one; nothing when there is none of this
    /// version.
    ///
    /// # Errors
    /// When the dialect's parser is not compiled in.
    pub fn of(
        directory: &Directory,
        server: Server,
        version: Option<&str>,
    ) -> Result<Option<Self>, Error> {
        let parser = sql::parser(server.dialect)?;
        let is_meant = |entry: &Entry| version.is_none_or(|meant| entry.version.as_str() == meant);
        let Some(last) = directory.entries.iter().rposition(is_meant) else { return Ok(None) };
        let mut judge = Judge::behind(Catalog::new(server.dialect).on(server.version));
        let mut before = judge.mark();
        let (mut left, mut lost, mut renamed) = (Vec::new(), Vec::new(), Vec::new());
        for entry in &directory.entries[..=last] {
            before = judge.mark();
            let mut findings = Vec::new();
            let parsed = script::parse(parser, server, &entry.up, Role::Up, &mut findings);
            let extent = Extent::of(&parsed, &findings);
            let outcome = judge.apply(&Script {
                source: &entry.up,
                statements: &parsed.statements,
                extent,
                assumed: None,
            });
            lost = outcome.lost;
            renamed = all_renames(&parsed.statements);
            left.clear();
            left.extend(outcome.opaque.map(|(_, why)| why.to_owned()));
            if extent != Extent::Whole || !outcome.problems.is_empty() {
                left.push("`up.sql` cannot be applied: see `cargo migrate check`".to_owned());
            }
        }
        let entry = &directory.entries[last];
        let (statements, rest) = inverse(&mut judge.catalog, before, &renamed);
        left.extend(rest.iter().filter(|one| !one.kind.is_note()).map(reversal::in_short));
        Ok(Some(Self {
            name: entry.name.clone(),
            path: directory.path.join(&entry.name).join("down.sql"),
            is_there: entry.down.is_some() || entry.down_refused,
            is_rust: rust::is_rust(&entry.up),
            statements,
            left,
            lost,
        }))
    }
}

/// What undoes everything since a moment, as far as it is certain, and what it leaves. Columns that
/// were renamed get their names back; as if made anew, they would lose their values.
fn inverse(
    catalog: &mut Catalog,
    before: Mark,
    renamed: &[(Name, Name)],
) -> (Vec<String>, Vec<Difference>) {
    let mut statements = Vec::new();
    loop {
        let mut left = differences(catalog, before);
        // What was done last is undone first.
        left.sort_by_key(|difference| Reverse(first_change(catalog, before, difference)));
        let done = name_back(catalog, &left, renamed).or_else(|| {
            left.iter().find_map(|difference| {
                let statement = certain(catalog, before, difference)?;
                apply(catalog, &statement).then_some(statement)
            })
        });
        match done {
            Some(statement) => statements.push(statement),
            None => return (statements, left),
        }
    }
}

/// Gives a renamed column its name back, if there is one; a new one of that name goes first.
fn name_back(
    catalog: &mut Catalog,
    left: &[Difference],
    renamed: &[(Name, Name)],
) -> Option<String> {
    let write = Writer { dialect: catalog.dialect() };
    left.iter().find_map(|difference| {
        let DifferenceKind::Table(parts) = &difference.kind else { return None };
        let table = catalog.table(&difference.key.path)?;
        let is_now = |to: &Name| {
            parts.iter().any(|part| matches!(part, PartDifference::ColumnStays(name) if name == to))
        };
        let (from, to) = renamed.iter().find(|(_, to)| is_now(to))?;
        let alter = format!("ALTER TABLE {}", write.path(&difference.key.path));
        let rename = format!("{alter} RENAME COLUMN {} TO {};", write.name(to), write.name(from));
        let script = match table.column(from) {
            Some(_) => format!("{alter} DROP COLUMN {};\n{rename}", write.name(from)),
            None => rename,
        };
        let now = catalog.mark();
        let is_done = apply(catalog, &script);
        if !is_done {
            catalog.rewind(now);
        }
        is_done.then_some(script)
    })
}

/// What the columns were called before a script, and are called behind it.
fn all_renames(statements: &[Statement]) -> Vec<(Name, Name)> {
    let mut all: Vec<(Name, Name)> = Vec::new();
    let ddl = statements.iter().filter_map(|statement| match &statement.effect {
        Effect::Schema(ddl) => Some(ddl),
        _ => None,
    });
    for (from, to) in ddl.flat_map(|ddl| renames(ddl)) {
        match all.iter_mut().find(|(_, now)| *now == from) {
            Some((_, now)) => *now = to,
            None => all.push((from, to)),
        }
    }
    all.retain(|(from, to)| from != to);
    all
}

fn first_change(catalog: &Catalog, before: Mark, difference: &Difference) -> Option<usize> {
    catalog.changes_since(before).iter().position(|change| change.key == difference.key)
}
