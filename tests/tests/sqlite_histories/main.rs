//! Histories of migrations, made up: SQLite runs them, the catalog follows them, and the two agree
//! after every statement; and what is said of a way back is so.
//!
//! The 2,000 of a test run are the same ones each time, so that what fails was made so by the last
//! change. `HISTORIES=50000` makes others, and as many.

mod schema;
mod write;

use migrate_build::catalog::Catalog;
use migrate_tests::corpus::{Engine, Introspection, SqliteEngine};
use migrate_tests::histories::{self, Choices, Step, Subject};

use self::schema::Schema;

/// SQLite, and what of its definitions has been read.
struct Sqlite {
    engine: SqliteEngine,
    introspection: Introspection,
}

impl Subject for Sqlite {
    type Schema = Schema;

    const WORDS: &'static [&'static str] = &["a", "b", "t", "u", "v", "INT", "TEXT", "", "id"];

    fn engine(&mut self) -> &mut dyn Engine {
        &mut self.engine
    }

    fn schema(&mut self) -> Schema {
        Schema::of(&mut self.engine)
    }

    fn step(choices: &mut Choices, schema: &Schema) -> Step {
        write::step(choices, schema)
    }

    fn made_again(schema: &Schema, now: &Schema) -> Vec<String> {
        schema.made_again(now)
    }

    fn compare(&mut self, catalog: &Catalog) -> Result<(), String> {
        self.introspection.compare(self.engine.definitions(), catalog)
    }
}

#[test]
fn what_is_said_of_a_history_is_so() {
    histories::check(2_000, || {
        let (engine, introspection) = (SqliteEngine::new(), Introspection::default());
        Sqlite { engine, introspection }
    });
}
