use std::sync::Arc;

use super::{FILE, Lock};
use crate::render::short;
use crate::source::Source;

fn parse(text: &str) -> Lock {
    Lock::parse(Arc::new(Source::new(FILE, text)))
}

fn sum(digit: char) -> String {
    format!("v1:{},{}", digit.to_string().repeat(64), digit.to_string().repeat(16))
}

fn line(name: &str, after: &str, digit: char) -> String {
    format!("{name} after={after} transaction=yes up={0} down={0}\n", sum(digit))
}

fn problems(text: &str) -> Vec<String> {
    parse(text).findings.iter().map(short).collect()
}

#[test]
fn what_is_written_is_what_was_read() {
    let text = line("1_a", "-", 'a')
        + &line("2_with a space", "1", 'b')
        + &format!("3_c after=2 transaction=no up={} down=-\n", sum('c'));
    let lock = parse(&text);
    assert!(lock.is_readable());
    assert_eq!(lock.sealed[1].name, "2_with a space");
    assert_eq!(lock.sealed[2].down, None);
    assert!(!lock.sealed[2].run_in_transaction);
    let written = lock.to_string();
    assert!(written.starts_with("# What is released") && written.ends_with(&text), "{written}");
    assert_eq!(parse(&written).to_string(), written);
    // A checkout on Windows.
    assert_eq!(parse(&written.replace('\n', "\r\n")).to_string(), written);
}

#[test]
fn lines_may_come_in_any_order_and_twice() {
    let (a, b) = (line("1_a", "-", 'a'), line("2_b", "1", 'b'));
    // On one branch, a comment was edited.
    let edited = b.replace("v1:b", "v1:c");
    let merged = parse(&format!("{b}{a}\n# of the other branch\n{b}{edited}"));
    assert!(merged.is_readable());
    assert_eq!(merged.to_string(), parse(&format!("{a}{b}")).to_string());
}

#[test]
fn a_version_that_is_sealed_as_two_things_is_named() {
    let text = line("1_a", "-", 'a') + &line("1_a", "-", 'b');
    assert_eq!(
        problems(&text),
        ["migrations.lock:2:1: error[bad-lock]: version `1` is sealed twice, and not as the same"]
    );
}

#[test]
fn a_line_that_is_not_understood_is_named_with_its_place() {
    let good = line("1_a", "-", 'a');
    let place = |text: &str| {
        let problems = problems(text);
        let [problem] = problems.as_slice() else { panic!("one problem: {problems:?}") };
        problem.split(": error").next().unwrap().to_owned()
    };
    for (damaged, expected) in [
        ("<<<<<<< HEAD\n".to_owned() + &good, "migrations.lock:1:1"),
        (good.clone() + "=======\n", "migrations.lock:2:1"),
        ("x\n".to_owned(), "migrations.lock:1:1"),
        (good.replace("after=", "aftr="), "migrations.lock:1:5"),
        (good.replace("transaction=yes", "transaction=maybe"), "migrations.lock:1:13"),
        (good.replacen("v1:", "v2:", 1), "migrations.lock:1:29"),
        (good.replacen("aaaa", "aaag", 1), "migrations.lock:1:29"),
        (good.trim_end().strip_suffix('a').unwrap().to_owned(), "migrations.lock:1:117"),
        (good.trim_end().to_owned() + " more=1\n", "migrations.lock:1:207"),
        (good.replace("1_a ", ""), "migrations.lock:1:1"),
    ] {
        assert_eq!(place(&damaged), expected, "{damaged}");
    }
    // Whatever a file holds, it is read to the end.
    for end in 0..good.len() {
        let _ = parse(&good[..end]);
    }
}
