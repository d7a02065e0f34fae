use super::*;

fn file<'f>(version: &'f str, name: &'f str) -> File<'f> {
    File { version, name, text: "CREATE TABLE t (x);\n" }
}

fn rows_of(names: &[&str]) -> Vec<Row> {
    names.iter().map(|name| Row::of_file(name)).collect()
}

/// What became of it: `row=file`, with a mark behind what is in doubt.
fn matched(rows: &[Row], files: &[File<'_>]) -> (String, Matching) {
    let matching = Matching::of(rows, files);
    let mark = |matched: &Matched| if matched.doubt.is_some() { "?" } else { "" };
    let pairs = matching.matched.iter().map(|m| format!("{}={}{}", m.row, m.file, mark(m)));
    (pairs.collect::<Vec<_>>().join(" "), matching)
}

#[test]
fn the_same_version_and_name_are_the_same_however_they_are_written() {
    let rows = rows_of(&["20260105090000-create-users.js", "20260106_AddPhone.sql", "0003_x.ts"]);
    let files =
        [file("3", "x"), file("20260105090000", "create_users"), file("20260106", "addphone")];
    let (pairs, matching) = matched(&rows, &files);
    assert_eq!(pairs, "0=1 1=2 2=0");
    assert!(matching.is_certain());
}

#[test]
fn of_equal_versions_the_names_decide() {
    let rows = rows_of(&["20250723-b.js", "20250723-a.js", "20250723-c.js"]);
    let files = [file("2025072301", "b"), file("2025072302", "a"), file("2025072303", "c")];
    let (pairs, matching) = matched(&rows, &files);
    assert_eq!(pairs, "0=0 1=1 2=2");
    assert!(matching.is_certain());
}

#[test]
fn a_version_alone_is_enough_where_there_is_no_name() {
    let rows = [Row::of_version("1", "1"), Row::of_version("2", "2")];
    let files = [file("0001", "a"), file("0002", "b"), file("0003", "c")];
    let (pairs, matching) = matched(&rows, &files);
    assert_eq!(pairs, "0=0 1=1");
    assert_eq!((&*matching.pending, matching.is_certain()), (&[2][..], true));
}

#[test]
fn another_name_or_version_is_a_doubt() {
    let rows = rows_of(&["20250101_a.js", "20250102_b.js"]);
    let files = [file("20250101", "users"), file("20260303", "b")];
    let (pairs, matching) = matched(&rows, &files);
    assert_eq!(pairs, "0=0? 1=1?");
    let doubts: Vec<_> = matching.matched.iter().map(|m| m.doubt).collect();
    assert_eq!(doubts, [Some(Doubt::Name), Some(Doubt::Version)]);
}

#[test]
fn what_could_be_two_is_none() {
    let rows = rows_of(&["20250101_a.js", "20250102_a.js"]);
    let (pairs, matching) = matched(&rows, &[file("20260101", "a")]);
    assert_eq!((&*pairs, &*matching.only_in_table), ("", &[0, 1][..]));
    let rows = rows_of(&["20250101_x.js"]);
    let (pairs, _) = matched(&rows, &[file("20250101", "a"), file("20250101", "b")]);
    assert_eq!(pairs, "");
}

#[test]
fn what_is_only_on_disk_is_pending_or_stands_between() {
    let rows = rows_of(&["2_b.js", "9_gone.js"]);
    let files = [file("1", "a"), file("2", "b"), file("3", "c")];
    let (pairs, matching) = matched(&rows, &files);
    assert_eq!(pairs, "0=1");
    assert_eq!(matching.only_on_disk, [0]);
    assert_eq!(matching.pending, [2]);
    assert_eq!(matching.only_in_table, [1]);
    assert!(!matching.is_certain());
}

#[test]
fn a_last_version_stands_for_all_before_it() {
    let past = |up_to: &str| Past { up_to: Some(up_to.to_owned()), ..Past::default() };
    let files = [file("0001", "a"), file("0002", "b"), file("0010", "c")];
    let matched = |past| matched(&rows(&past, &files), &files);
    assert_eq!(matched(past("2")).0, "0=0 1=1");
    assert_eq!(matched(past("10")).0, "0=0 1=1 2=2");
    let (pairs, matching) = matched(past("5"));
    assert_eq!((&*pairs, &*matching.only_in_table), ("0=0 1=1", &[2][..]));
}

#[test]
fn batches_are_counted_anew_and_a_lone_row_is_one() {
    let row = |batch| Row { batch, ..Row::default() };
    let rows = [row(Some(7)), row(Some(7)), row(None), row(Some(9)), row(None)];
    assert_eq!(batches(&rows.iter().collect::<Vec<_>>()), [0, 0, 1, 2, 3]);
}
