//! Columns that can be those of several tables.

use super::{Reference, Scope, columns, is_always};
use crate::catalog::{Catalog, ProblemKind};
use crate::dialect::Dialect;
use crate::sql::schema::{Path, Text, Word};
use crate::sql::{Name, is_keyword};

/// A column that can be one of two tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::catalog) struct Ambiguity {
    /// The word of the text that names it.
    pub(in crate::catalog) at: usize,
    pub(in crate::catalog) column: Name,
    /// What the query calls the tables.
    pub(in crate::catalog) tables: [Name; 2],
}

impl Ambiguity {
    /// The first in a query or a trigger of a table; only what is certain to be one. Behind `GROUP BY`
    /// and `ORDER BY` a name can be one that the query gives.
    pub(in crate::catalog) fn find(
        text: &Text,
        owner: Option<&Path>,
        catalog: &Catalog,
    ) -> Option<Self> {
        // Servers' words are all names.
        let text = match catalog.dialect() {
            Dialect::Sqlite => text.clone(),
            Dialect::Postgres | Dialect::Mysql => Text::new(text.words().iter().map(keyword)),
        };
        Self::among(&Scope::of(&text, owner), &text, catalog)
    }

    /// The same of a text whose names have been read.
    pub(in crate::catalog) fn among(scope: &Scope, text: &Text, catalog: &Catalog) -> Option<Self> {
        let words = text.words();
        let says = |at: usize, word: &str| words.get(at).is_some_and(|found| found.says(word));
        let is_natural =
            |word: &Word| matches!(word, Word::Name(name) if name.as_str() == "natural");
        let joins_by_itself = words.iter().any(|word| word.says("natural") || is_natural(word));
        let chooses = (0..words.len()).any(|at| says(at, "distinct") && says(at + 1, "on"));
        if joins_by_itself || chooses || text.is_unclear() {
            return None;
        }
        let end = words.iter().position(|word| word.says("group") || word.says("order"));
        let end = end.unwrap_or(words.len());
        let is_literal =
            |at: usize| matches!(words.get(at), Some(Word::Other(text)) if text.starts_with('\''));
        let is_type = |at: usize| at > 0 && says(at - 1, "::") || is_literal(at + 1);
        let named = scope.references.iter();
        named.filter(|one| one.at < end && !is_type(one.at)).find_map(|reference| {
            let tables = scope.claimants(reference, catalog)?;
            Some(Self { at: reference.at, column: reference.name.clone(), tables })
        })
    }
}

impl Ambiguity {
    /// What is wrong.
    pub(in crate::catalog) fn problem(self) -> ProblemKind {
        ProblemKind::Ambiguous { column: self.column, tables: self.tables }
    }
}

fn keyword(word: &Word) -> Word {
    match word {
        Word::Name(name) if is_keyword(name.as_str()) => Word::Other(name.as_str().to_owned()),
        word => word.clone(),
    }
}

impl Scope {
    /// The first two tables that a name without one can be a column of.
    fn claimants(&self, reference: &Reference, catalog: &Catalog) -> Option<[Name; 2]> {
        let name = &reference.name;
        if reference.qualifier.is_some()
            || reference.target.is_some()
            || self.locals.contains(name)
            || self.joined.contains(name)
            || is_always(name)
        {
            return None;
        }
        for scope in self.around(reference.scope) {
            let here = self.sources.iter().filter(|one| one.scope == scope && one.at.is_some());
            let mut having = here.filter(|source| {
                let columns = source.path.as_ref().and_then(|path| columns(catalog, path));
                columns.is_some_and(|columns| columns.contains(name))
            });
            match (having.next(), having.next()) {
                (None, _) => {}
                (Some(_), None) => return None,
                (Some(one), Some(other)) => {
                    return Some([one.called.clone(), other.called.clone()]);
                }
            }
        }
        None
    }
}
