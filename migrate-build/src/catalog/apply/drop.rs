//! `DROP`.

use super::{Application, Key, ProblemKind};
use crate::sql::Class;
use crate::sql::schema::Ident;

impl Application<'_> {
    pub(super) fn drop(&mut self, class: Class, ident: &Ident, if_exists: bool) {
        let is_part = matches!(class, Class::Index | Class::Trigger);
        if is_part && self.temporary_parts.remove(&ident.name).is_some() {
            return;
        }
        if !is_part && self.temporary.remove(&ident.name) {
            self.temporary_parts.retain(|_, table| *table != ident.name);
            return;
        }
        let path = self.path(ident);
        let key = Key::of(class, &path);
        match self.catalog.get(&key) {
            None if if_exists => {
                self.doubt();
            }
            None => self.unknown(class, ident),
            Some(entry) if entry.object.class() != class => {
                let is = entry.object.class();
                // SQLite looks for a table among tables and views, for an index among indexes.
                if if_exists && (class == Class::Index || is == Class::Index) {
                    return;
                }
                self.problem(ident.span, ProblemKind::OtherClass { name: path, is });
            }
            Some(_) => {
                for owned in self.catalog.owned_by(&path) {
                    if matches!(class, Class::Table | Class::View) {
                        self.catalog.set(owned, None);
                    }
                }
                self.catalog.set(key, None);
            }
        }
    }
}
