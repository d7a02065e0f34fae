//! Histories of migrations, made up: MariaDB runs them, the catalog follows them, and the two agree
//! after every statement; and what is said of a way back is so.
//!
//! Those of a test run are the same ones each time, so that what fails was made so by the last
//! change. `HISTORIES=50000` makes others, and as many.
#![cfg(unix)]

mod schema;
mod write;

use cargo_migrate::live;
use migrate_build::catalog::Catalog;
use migrate_tests::corpus::{Engine, MariadbEngine};
use migrate_tests::histories::{self, Choices, Step, Subject};
use migrate_tests::twins;

use self::schema::Schema;

/// MariaDB.
struct Maria {
    engine: MariadbEngine,
}

impl Subject for Maria {
    type Schema = Schema;

    const WORDS: &'static [&'static str] =
        &["a", "b", "t", "u", "v", "INT", "TEXT", "", "id", "NULL", "UNIQUE", "FIRST"];

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
        let server = self.engine.server();
        let live = live::read(self.engine.connection(), server).expect("the schema can be read");
        twins::compare(catalog, &live)
    }
}

#[test]
fn what_is_said_of_a_history_is_so() {
    histories::check(2_000, || Maria { engine: MariadbEngine::new() });
}
