//! Statements about rows: the names in them.

use super::{Key, Object, ProblemKind, Session};
use crate::catalog::Space;
use crate::sql::schema::{Ident, Text, Word};
use crate::sql::{Class, Name, Named, Rows};

/// Words in a function's body behind which the schema may change.
const CHANGING: [&str; 9] =
    ["execute", "create", "alter", "drop", "grant", "revoke", "comment", "call", "perform"];

impl Session<'_, '_> {
    pub(super) fn rows(&mut self, rows: &Rows) {
        rows.reads.iter().for_each(|read| self.reads(read));
        for call in &rows.calls {
            if self.may_change(call) {
                return self.unclear("a function that it calls may change the schema");
            }
        }
        for stranger in &rows.strangers {
            let refused = "no table that the statement is about is called so, or has it";
            self.problem(stranger.span, ProblemKind::Refused(refused));
        }
        for (about, column) in &rows.named {
            // A function of a row can be called as if it were a column.
            let function = self.path(Space::Routine, column);
            let is_function = self.app.catalog.several(Space::Routine, &function).next().is_some();
            let path = self.relation(about);
            if let Some(table) = self.app.catalog.table(&path).cloned()
                && !is_function
                && !self.is_temporary(about)
            {
                self.expect_column(&path, &table, &column.name, column.span);
            }
        }
        let Some(target) = &rows.target else { return };
        if self.is_temporary(target) {
            return;
        }
        self.reads(target);
        let path = self.relation(target);
        let Some(table) = self.app.catalog.table(&path).cloned() else { return };
        let mut all_known = !table.is_opaque;
        for column in &rows.columns {
            all_known &= self.expect_column(&path, &table, &column.name, column.span);
        }
        let Some(values) = rows.values else { return };
        let columns =
            if rows.columns.is_empty() { table.columns.len() } else { rows.columns.len() };
        // Columns at the end may be left out, where none is named.
        let fits = values == columns || rows.columns.is_empty() && values < columns;
        if all_known && !fits {
            self.problem(target.span, ProblemKind::ValueCount { columns, values });
        }
    }

    /// Whether a function of the schema may change the schema.
    fn may_change(&self, call: &Ident) -> bool {
        let path = self.path(Space::Routine, call);
        self.app.catalog.several(Space::Routine, &path).any(|key: &Key| {
            match self.app.catalog.get(key).map(|entry| &entry.object) {
                Some(Object::Other(other)) => other.text.words().iter().any(
                    |word| matches!(word, Word::Name(name) if CHANGING.contains(&name.as_str())),
                ),
                _ => false,
            }
        })
    }

    /// What `diesel_manage_updated_at` does, where the function is still Diesel's.
    pub(super) fn manage_updated_at(&mut self, function: &Ident, table: &Ident) {
        const MADE: &str = "create trigger set_updated_at before update on %s \
             for each row execute procedure diesel_set_updated_at()";
        let path = self.path(Space::Routine, function);
        let mut made = self.app.catalog.several(Space::Routine, &path).cloned();
        let (only, more) = (made.next(), made.next());
        drop(made);
        let Some(key) = only.filter(|_| more.is_none()) else {
            return self.unknown(Class::Function, function);
        };
        let makes = |word: &Word| match word {
            Word::Other(literal) => {
                let words: Vec<&str> = literal.trim_matches('\'').split_whitespace().collect();
                words.join(" ").eq_ignore_ascii_case(MADE)
            }
            Word::Name(_) => false,
        };
        let is_diesels = match self.app.catalog.get(&key).map(|entry| &entry.object) {
            Some(Object::Other(other)) => other.text.words().iter().any(makes),
            _ => false,
        };
        if !is_diesels {
            return self.unclear("a function that it calls may change the schema");
        }
        let called =
            |name: &str| Ident { schema: None, name: Name::folded(name), span: table.span };
        let ident = called("set_updated_at");
        let name = Named { ident, table: Some(table.clone()), arguments: None };
        let words = ["before", "update", "row"].map(|word| Word::Name(Name::folded(word)));
        let mentions = [(Class::Function, called("diesel_set_updated_at"))];
        self.create_other(Class::Trigger, &name, (false, false), &Text::new(words), &mentions);
    }

    /// Looks for a table or view that is read; that it is not there is a problem.
    pub(super) fn reads(&mut self, ident: &Ident) {
        if Self::is_own(ident) || self.is_temporary(ident) {
            return;
        }
        let path = self.relation(ident);
        match self.app.catalog.get(&Key::relation(&path)).map(|entry| entry.object.class()) {
            Some(Class::Index) => {
                let (name, is) = (path, Class::Index);
                self.problem(ident.span, ProblemKind::OtherClass { name, is });
            }
            Some(_) => {}
            None if self.app.catalog.opaque().is_some() => {}
            None => self.unknown(Class::Table, ident),
        }
    }
}
