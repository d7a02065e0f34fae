//! Statements that are nested deeper than anybody writes: whatever is said of them, nothing aborts,
//! and nothing floods the screen.

use std::thread;

use migrate_build::{Dialect, Report};
use migrate_tests::migration_set::shown;

use crate::report_for;

/// Far less than the two megabytes of a thread, and so of rustc's when a macro runs.
const SMALL_STACK: usize = 512 * 1024;

fn report_of(dialect: Dialect, up: &str) -> Report {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(SMALL_STACK);
        let verify = thread.spawn_scoped(scope, || report_for(dialect, up));
        verify.expect("a new thread").join().expect("no panic")
    })
}

/// In every dialect.
fn assert_survived(up: &str) {
    for dialect in Dialect::ALL {
        let report = report_of(dialect, up);
        let expected = ["syntax", "too-deep"];
        let ids = report.findings.iter().map(|found| found.rule.id);
        assert!(
            ids.clone().all(|id| expected.contains(&id)),
            "{dialect}: {:?}",
            ids.collect::<Vec<_>>()
        );
        assert!(shown(&report).len() < 4_000, "{dialect}: {} bytes", shown(&report).len());
    }
}

#[test]
fn brackets() {
    for depth in [20_000, 100_000] {
        assert_survived(&format!("SELECT {}1{};\n", "(".repeat(depth), ")".repeat(depth)));
    }
}

#[test]
fn brackets_without_an_end_are_an_error() {
    for dialect in Dialect::ALL {
        let report = report_of(dialect, &format!("SELECT {}", "(".repeat(100_000)));
        assert!(report.fails(), "{dialect}");
        assert!(shown(&report).len() < 4_000, "{dialect}");
    }
}

#[test]
fn brackets_in_a_constraint() {
    let check = format!("{}a{}", "(".repeat(20_000), ")".repeat(20_000));
    assert_survived(&format!("CREATE TABLE t (a INTEGER CHECK ({check}));\n"));
}

#[test]
fn chains_of_operators() {
    assert_survived(&format!("DELETE FROM t WHERE id = 0{};\n", " OR id = 1".repeat(100_000)));
    assert_survived(&format!("SELECT {}1;\n", "NOT ".repeat(100_000)));
    assert_survived(&format!("SELECT {}1;\n", "- ".repeat(100_000)));
}

#[test]
fn subqueries() {
    let open = "(SELECT * FROM ".repeat(20_000);
    assert_survived(&format!("SELECT * FROM {open}t{};\n", ")".repeat(20_000)));
}

#[test]
fn unions_joins_and_rows() {
    assert_survived(&format!("SELECT 1{};\n", " UNION SELECT 1".repeat(20_000)));
    assert_survived(&format!("SELECT * FROM t{};\n", " JOIN t".repeat(20_000)));
    assert_survived(&format!("INSERT INTO t VALUES (1){};\n", ", (1)".repeat(20_000)));
}

#[test]
fn cases() {
    let open = "CASE WHEN 1 THEN ".repeat(20_000);
    assert_survived(&format!("SELECT {open}1{};\n", " END".repeat(20_000)));
}

#[test]
fn arrays_calls_and_bodies() {
    for text in [
        format!("SELECT ARRAY{}1{};\n", "[".repeat(20_000), "]".repeat(20_000)),
        format!("SELECT {}1{};\n", "f(".repeat(20_000), ")".repeat(20_000)),
        format!("SELECT 'a'{};\n", " || 'a'".repeat(20_000)),
        format!("SELECT a{};\n", "::int".repeat(20_000)),
        format!("DO $$ {} END $$;\n", "BEGIN ".repeat(20_000)),
        format!("DO $$ BEGIN {} END $$;\n", "IF a THEN ".repeat(20_000)),
        format!("DO $$ BEGIN x := {}1{}; END $$;\n", "(".repeat(20_000), ")".repeat(20_000)),
        format!(
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT {}1{} $$;\n",
            "(".repeat(20_000),
            ")".repeat(20_000)
        ),
    ] {
        let report = report_of(Dialect::Postgres, &text);
        assert!(shown(&report).len() < 4_000, "{} bytes", shown(&report).len());
    }
}
