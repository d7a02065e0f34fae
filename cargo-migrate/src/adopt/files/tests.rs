use super::*;

fn found(files: &[(&str, &str)]) -> Vec<Found> {
    files.iter().map(|(name, text)| Found { name: (*name).into(), text: (*text).into() }).collect()
}

/// `version name up down`, with `!` behind what runs outside of a transaction.
fn converted(layout: Layout, files: &[(&str, &str)]) -> Vec<String> {
    let Layout::Sql(convert) = layout else { panic!("{layout:?}") };
    let shown = |one: Converted| {
        let mark = if one.in_transaction { "" } else { "!" };
        let down = one.down.unwrap_or_else(|| "-".to_owned());
        format!("{} {} {} {}{mark}", one.version, one.name, one.up.trim(), down.trim())
    };
    convert(found(files)).unwrap().into_iter().map(shown).collect()
}

fn refusal(layout: Layout, files: &[(&str, &str)]) -> String {
    let Layout::Sql(convert) = layout else { panic!("{layout:?}") };
    convert(found(files)).unwrap_err().message
}

#[test]
fn sqlx_has_one_file_or_two() {
    let files = [
        ("1_users.sql", "a;"),
        ("2_posts.down.sql", "c;"),
        ("2_posts.up.sql", "b;"),
        ("3_tags.sql", "-- no-transaction\nd;"),
        ("README.md", ""),
    ];
    assert_eq!(
        converted(SQLX, &files),
        ["1 users a; -", "2 posts b; c;", "3 tags -- no-transaction\nd; -!"]
    );
    assert_eq!(
        refusal(SQLX, &[("2_posts.down.sql", "c;")]),
        "`2_posts.down.sql` has no file for the way forward"
    );
}

#[test]
fn golang_migrate_has_two() {
    let files = [("000001_a.down.sql", "b;"), ("000001_a.up.sql", "a;"), ("000002_b.sql", "x;")];
    assert_eq!(converted(GOLANG_MIGRATE, &files), ["000001 a a; b;"]);
}

#[test]
fn refinery_has_no_way_back() {
    let files = [("V10__b_c.sql", "b;"), ("V1__a.sql", "a;"), ("lib.rs", "")];
    assert_eq!(converted(REFINERY, &files), ["10 b_c b; -", "1 a a; -"]);
    assert_eq!(
        refusal(REFINERY, &[("V2__x.rs", "")]),
        "`V2__x.rs` is a program: only SQL files can be converted"
    );
}

#[test]
fn flyway_s_versions_have_dots() {
    let files = [("U1_1__a.sql", "b;"), ("V1_1__a.sql", "a;"), ("V1.2__b.sql", "c;")];
    assert_eq!(converted(FLYWAY, &files), ["1.1 a a; b;", "1.2 b c; -"]);
    assert_eq!(
        refusal(FLYWAY, &[("R__views.sql", "")]),
        "`R__views.sql` is repeatable: there is no such thing here"
    );
}

#[test]
fn goose_tells_both_ways_apart_by_comments() {
    let text = "-- a word\n-- +goose Up\n-- +goose StatementBegin\na;\n-- +goose StatementEnd\n\n-- +goose Down\nb;\n";
    let outside = "-- +goose NO TRANSACTION\n-- +goose Up\nc;\n-- +goose Down\n";
    assert_eq!(
        converted(GOOSE, &[("00001_x.sql", text), ("00002_y.sql", outside)]),
        ["00001 x a; b;", "00002 y c; -!"]
    );
    assert_eq!(
        refusal(GOOSE, &[("1_x.sql", "-- +goose Up\n-- +goose ENVSUB ON\n")]),
        "1_x.sql:2: there is nothing here like `-- +goose ENVSUB ON`"
    );
    assert_eq!(
        refusal(GOOSE, &[("1_x.sql", "CREATE TABLE t (x);\n")]),
        "`1_x.sql` does not say where the way forward begins"
    );
    assert_eq!(
        refusal(GOOSE, &[("1_x.go", "")]),
        "`1_x.go` is a program: only SQL files can be converted"
    );
}

#[test]
fn dbmate_says_of_each_way_whether_it_has_a_transaction() {
    let plain = "-- migrate:up\na;\n\n-- migrate:down\nb;\n";
    let outside = "-- migrate:up transaction:false\nc;\n-- migrate:down\nd;\n";
    assert_eq!(
        converted(DBMATE, &[("1_x.sql", plain), ("2_y.sql", outside)]),
        ["1 x a; b;", "2 y c; d;!"]
    );
    assert_eq!(
        refusal(DBMATE, &[("1_x.sql", "-- migrate:up tx:no\n")]),
        "1_x.sql:1: there is nothing here like `-- migrate:up tx:no`"
    );
}

#[test]
fn stamps_are_in_the_order_of_bytes_what_numbers_were() {
    for (versions, expected) in [
        (&["1", "2", "10"][..], &["0001", "0002", "0010"][..]),
        (&["20250723", "20250723", "20250724"], &["2025072301", "2025072302", "20250724"]),
        (&["1", "1.2", "1.10", "2"], &["0001", "0001.02", "0001.10", "0002"]),
        (&["00001", "20260105090000"], &["00000000000001", "20260105090000"]),
        (&["00001", "00010"], &["00001", "00010"]),
        (&["1", "12345"], &["000001", "012345"]),
    ] {
        let stamps = stamp::stamps(versions);
        assert_eq!(stamps, expected);
        assert!(stamps.is_sorted());
        assert!(versions.is_sorted_by(|a, b| stamp::order(a, b).is_le()), "{versions:?}");
    }
}

#[test]
fn what_has_no_way_back_says_so_and_is_known_again_without_that_line() {
    let file = Found { name: "V1__Make Users.sql".into(), text: "a;\n".into() };
    let converted = Converted { stamp: "01".into(), ..Converted::of(file, "1", "Make Users") };
    assert_eq!(converted.directory(), "01_make_users");
    let draft = converted.draft("refinery");
    assert_eq!(
        draft.up,
        "-- migrate: irreversible reason=\"taken over from refinery, which had no way back\"\na;\n"
    );
    assert_eq!((unmarked(&draft.up), unmarked("a;\n"), draft.down), (Some("a;\n"), None, None));
}
