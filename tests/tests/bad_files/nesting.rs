//! Statements that are nested deeper than anybody writes: whatever is said of them, nothing aborts,
//! and nothing floods the screen.

use std::thread;

use migrate_build::Report;

use migrate_tests::migration_set::{Set, shown};

/// Far less than the two megabytes of a thread, and so of rustc's when a macro runs.
const SMALL_STACK: usize = 512 * 1024;

fn report_of(up: String) -> Report {
    let verify = move || {
        let set = Set::new().file("1_a/up.sql", up).file("1_a/down.sql", "SELECT 1;\n");
        set.report()
    };
    let thread = thread::Builder::new().stack_size(SMALL_STACK).spawn(verify);
    thread.expect("a new thread").join().expect("no panic")
}

fn assert_survived(up: String) {
    let report = report_of(up);
    let expected = ["syntax", "too-deep"];
    assert!(report.findings.iter().all(|found| expected.contains(&found.rule.id)));
    assert!(shown(&report).len() < 4_000, "{} bytes", shown(&report).len());
}

#[test]
fn brackets() {
    for depth in [20_000, 100_000] {
        assert_survived(format!("SELECT {}1{};\n", "(".repeat(depth), ")".repeat(depth)));
    }
}

#[test]
fn brackets_without_an_end_are_an_error() {
    let report = report_of(format!("SELECT {}", "(".repeat(100_000)));
    assert!(report.fails());
    assert!(shown(&report).len() < 4_000);
}

#[test]
fn brackets_in_a_constraint() {
    let check = format!("{}a{}", "(".repeat(20_000), ")".repeat(20_000));
    assert_survived(format!("CREATE TABLE t (a INTEGER CHECK ({check}));\n"));
}

#[test]
fn chains_of_operators() {
    assert_survived(format!("DELETE FROM t WHERE id = 0{};\n", " OR id = 1".repeat(100_000)));
    assert_survived(format!("SELECT {}1;\n", "NOT ".repeat(100_000)));
    assert_survived(format!("SELECT {}1;\n", "- ".repeat(100_000)));
}

#[test]
fn subqueries() {
    let open = "(SELECT * FROM ".repeat(20_000);
    assert_survived(format!("SELECT * FROM {open}t{};\n", ")".repeat(20_000)));
}

#[test]
fn unions_joins_and_rows() {
    assert_survived(format!("SELECT 1{};\n", " UNION SELECT 1".repeat(20_000)));
    assert_survived(format!("SELECT * FROM t{};\n", " JOIN t".repeat(20_000)));
    assert_survived(format!("INSERT INTO t VALUES (1){};\n", ", (1)".repeat(20_000)));
}

#[test]
fn cases() {
    let open = "CASE WHEN 1 THEN ".repeat(20_000);
    assert_survived(format!("SELECT {open}1{};\n", " END".repeat(20_000)));
}
