//! Histories of migrations, made up: PostgreSQL runs them, the catalog follows them, and the two agree
//! after every statement; and what is said of a way back is so.
//!
//! Those of a test run are the same ones each time. `HISTORIES=20000` makes others, and as many.

mod change;
mod names;
mod schema;
mod write;

use migrate_build::catalog::Catalog;
use migrate_tests::corpus::{Engine, PostgresEngine, PostgresIntrospection};
use migrate_tests::histories::{self, Choices, Step, Subject};

use self::schema::Schema;

/// PostgreSQL, and what of its definitions has been read.
struct Postgres {
    engine: PostgresEngine,
    introspection: PostgresIntrospection,
}

impl Subject for Postgres {
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

    /// What the types of an expression come to is the server's to know, and so is what a query can
    /// name; what is there and what stands on it is the catalog's.
    fn may_be_taken(message: &str) -> bool {
        let is_named = ["relation", "type", "sequence", "index", "view", "table"]
            .iter()
            .any(|class| message.starts_with(&format!("{class} \"")));
        let is_known = is_named && message.ends_with("does not exist")
            || message.contains("already exists")
            || message.starts_with("cannot drop")
            || message.starts_with("cannot change name of view column")
            || message.starts_with("cannot change return type")
            || message.starts_with("cannot change data type of view column");
        !is_known
    }
}

#[test]
fn what_is_said_of_a_history_is_so() {
    histories::check(2_000, || {
        let (engine, introspection) = (PostgresEngine::new(), PostgresIntrospection::default());
        Postgres { engine, introspection }
    });
}
