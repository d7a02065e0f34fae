//! A catalog as bytes: what a build script leaves for the next time.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::object::{Entry, Key, Object};
use super::store::Catalog;
use crate::dialect::Dialect;
use crate::source::{Source, Span};

/// An object, and where it was made: in the script of this number.
#[derive(Serialize, Deserialize)]
struct Kept<O> {
    key: Key,
    object: O,
    script: u32,
    span: Span,
    statement: Span,
}

impl Catalog {
    /// The objects as bytes; nothing when something may be there that is not among them. Scripts are
    /// known by their paths.
    #[must_use]
    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        if self.opaque().is_some() || self.has_lingering() {
            return None;
        }
        let mut scripts: HashMap<&str, u32> = HashMap::new();
        let mut paths = Vec::new();
        let mut kept = Vec::new();
        for (key, entry) in self.entries() {
            let path = entry.source.path().to_str()?;
            let script = *scripts.entry(path).or_insert_with(|| {
                paths.push(path);
                u32::try_from(paths.len() - 1).unwrap_or(u32::MAX)
            });
            let (key, object) = (key.clone(), &entry.object);
            let (span, statement) = (entry.span, entry.statement);
            kept.push(Kept { key, object, script, span, statement });
        }
        postcard::to_allocvec(&(self.dialect(), paths, kept)).ok()
    }

    /// The catalog from its bytes, if they are one, and the scripts are there that made it.
    #[must_use]
    pub fn from_bytes(bytes: &[u8], script: impl Fn(&str) -> Option<Arc<Source>>) -> Option<Self> {
        type Bytes = (Dialect, Vec<String>, Vec<Kept<Object>>);
        let (dialect, paths, kept): Bytes = postcard::from_bytes(bytes).ok()?;
        let scripts: Vec<Arc<Source>> =
            paths.iter().map(|path| script(path)).collect::<Option<_>>()?;
        let mut catalog = Self::new(dialect);
        for Kept { key, object, script, span, statement } in kept {
            let source = Arc::clone(scripts.get(usize::try_from(script).ok()?)?);
            catalog.set(key, Some(Arc::new(Entry { object, source, span, statement })));
        }
        catalog.settle();
        Some(catalog)
    }
}

#[cfg(all(test, feature = "sqlite"))]
mod tests {
    use super::*;
    use crate::catalog::Application;
    use crate::sql;

    fn made() -> (Catalog, Arc<Source>) {
        let source = Arc::new(Source::new(
            "1_a/up.sql",
            "CREATE TABLE a (id INTEGER PRIMARY KEY, b TEXT NOT NULL DEFAULT 'x' CHECK (b <> ''));
             CREATE INDEX i ON a (b DESC) WHERE b > 'y'; CREATE VIEW v AS SELECT * FROM a;
             CREATE TRIGGER t AFTER INSERT ON a BEGIN DELETE FROM a; END;",
        ));
        let parser = sql::parser(Dialect::Sqlite).expect("it is compiled in");
        let parsed = parser.parse(&source, None, &mut Vec::new());
        let mut catalog = Catalog::default();
        assert_eq!(Application::new(&mut catalog, &source).script(&parsed.statements), []);
        (catalog, source)
    }

    #[test]
    fn what_was_kept_is_the_same_again() {
        let (catalog, source) = made();
        let bytes = catalog.to_bytes().expect("all is known");
        let find = |path: &str| (path == "1_a/up.sql").then(|| Arc::clone(&source));
        let again = Catalog::from_bytes(&bytes, find).expect("it is one");
        assert!(again.objects().eq(catalog.objects()));
        let spans = |catalog: &Catalog| -> Vec<Span> {
            catalog.entries().map(|(_, entry)| entry.span).collect()
        };
        assert_eq!(spans(&again), spans(&catalog));
    }

    #[test]
    fn damaged_bytes_and_lost_scripts_make_no_catalog() {
        let (catalog, source) = made();
        let bytes = catalog.to_bytes().expect("all is known");
        assert!(Catalog::from_bytes(&bytes, |_| None).is_none());
        for end in 0..bytes.len() {
            let cut = Catalog::from_bytes(&bytes[..end], |_| Some(Arc::clone(&source)));
            assert!(cut.is_none(), "cut at {end}");
        }
    }

    #[test]
    fn what_is_not_known_whole_is_not_kept() {
        let (mut catalog, _) = made();
        catalog.blur("something was attached");
        assert_eq!(catalog.to_bytes(), None);
    }
}
