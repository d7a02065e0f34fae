//! What can be asked for, and what is said when it cannot.

use super::{USERS, draft, irreversible, there_and_back};
use crate::scaffold::{Intent, Request, Sqlite, read};

#[test]
fn a_removal_needs_the_way_back_or_a_reason() {
    for (name, columns, way) in [
        (
            "remove_phone_from_users",
            &[][..],
            "`cargo migrate new remove_phone_from_users phone:text`",
        ),
        (
            "drop_phone_from_users",
            &["phone"],
            "`cargo migrate new drop_phone_from_users phone:text`",
        ),
        ("drop_users", &[], "`cargo migrate new drop_users id:integer name:text!`"),
    ] {
        let error = draft(name, columns).unwrap_err().to_string();
        assert!(error.starts_with("nothing says how to bring `"), "{error}");
        assert!(error.contains(way), "{error}");
        let reason = format!("`cargo migrate new {name} --irreversible \"reason\"`");
        assert!(error.contains(&reason), "{error}");
    }
    let directive = "-- migrate: irreversible reason=\"it is over\"\n";
    for (name, columns, up) in [
        (
            "remove_a_and_b_from_users",
            &[][..],
            "ALTER TABLE users DROP COLUMN b;\nALTER TABLE users DROP COLUMN a;\n",
        ),
        (
            "remove_a_from_users",
            &["a:index"],
            "DROP INDEX users_a_idx;\nALTER TABLE users DROP COLUMN a;\n",
        ),
        ("remove_a_from_users", &["a:text!"], "ALTER TABLE users DROP COLUMN a;\n"),
        ("drop_users", &[], "DROP TABLE users;\n"),
        ("backfill", &[], migrate_templates::UP),
    ] {
        let draft = irreversible(name, columns).unwrap();
        assert_eq!(draft.up, format!("{directive}{up}"), "{name}");
        assert_eq!(draft.down, None, "{name}");
    }
}

#[test]
fn a_reason_is_one_line_and_keeps_its_quotes() {
    let of = |reason| {
        Request { name: "x", irreversible: Some(reason), ..Request::default() }.draft(&Sqlite)
    };
    let up = of(r#" the "old" C:\ drive "#).unwrap().up;
    assert!(
        up.starts_with("-- migrate: irreversible reason=\"the \\\"old\\\" C:\\\\ drive\"\n"),
        "{up}"
    );
    for (reason, why) in [("", "is empty"), (" ", "is empty"), ("a\nDROP TABLE b;", "a line break")]
    {
        let error = of(reason).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn what_the_name_and_the_columns_disagree_about_is_said() {
    for (name, columns, why) in [
        ("add_phone_to_users", &[][..], "nothing says of which type `phone` is"),
        ("add_phone_to_users", &["phone"], "cargo migrate new add_phone_to_users phone:text"),
        ("create_users", &["a", "b:int", "c"], "of which type `a`, `c` is"),
        (
            "add_phone_to_users",
            &["fax:text"],
            "names the columns `phone` of `users`, but given are `fax`",
        ),
        ("add_phone_to_users", &["phone:text", "fax:text"], "but given are `phone`, `fax`"),
        ("remove_phone_from_users", &["fax:text"], "but given are `fax`"),
        ("create_users", &["a:int", "A:text"], "column `A` is given twice"),
        ("backfill_phones", &["a:int"], "does not say what to do with columns"),
        ("rename_a_to_b", &["a:int"], "does not say what to do with columns"),
        ("rename_a_to_a_in_b", &[], "renames `a` to itself"),
        ("rename_a_to_a", &[], "renames `a` to itself"),
        ("add_index_to_users", &[], "which columns of `users` it indexes"),
        ("add_index_to_users", &["a:text"], "an index takes names alone"),
        ("remove_index_from_users", &["a:references(b)"], "an index takes names alone"),
        ("create_sqlite_master", &[], "SQLite keeps names in `sqlite_` for itself"),
        ("rename_a_to_sqlite_a", &[], "SQLite keeps names in `sqlite_` for itself"),
        ("create_users", &["a:int:references(sqlite_x)"], "SQLite keeps names"),
        ("create_a/b", &[], "path separator"),
    ] {
        let error = draft(name, columns).unwrap_err().to_string();
        assert!(error.contains(why), "{name}: {error}");
    }
    let error = irreversible("drop_users", &["a:int"]).unwrap_err().to_string();
    assert!(error.contains("leave out the one or the other"), "{error}");
    // These agree, however they are written.
    for (name, columns) in [
        ("add_terms_and_conditions_to_users", &["terms_and_conditions:bool"][..]),
        ("add_a_and_b_to_users", &["b:int", "a:int"]),
        ("AddPhoneNumberToUsers", &["phoneNumber:text"]),
    ] {
        there_and_back(USERS, &draft(name, columns).unwrap());
    }
}

#[test]
fn sql_from_a_file_is_taken_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("x.sql");
    std::fs::write(&file, "\u{feff}CREATE VIEW v AS\r\nSELECT 1;").unwrap();
    let text = read(&file).unwrap();
    let request = Request { name: "remove_a_from_b", from: Some(&text), ..Request::default() };
    let draft = request.draft(&Sqlite).unwrap();
    assert_eq!(draft.up, "CREATE VIEW v AS\r\nSELECT 1;");
    assert_eq!(draft.down.as_deref(), Some(migrate_templates::DOWN));
    assert_eq!(draft.intent, Intent::Blank);

    let draft = Request { irreversible: Some("r"), ..request.clone() }.draft(&Sqlite).unwrap();
    assert!(draft.up.ends_with("reason=\"r\"\nCREATE VIEW v AS\r\nSELECT 1;"), "{}", draft.up);
    assert_eq!(draft.down, None);

    let columns = ["a:int".to_owned()];
    let error = Request { columns: &columns, ..request }.draft(&Sqlite).unwrap_err().to_string();
    assert!(error.contains("`--from` brings the SQL"), "{error}");

    std::fs::write(&file, b"SELECT '\xff'").unwrap();
    let error = read(&file).unwrap_err().to_string();
    assert!(error.contains("is not UTF-8 from byte 8 on"), "{error}");
    std::fs::write(&file, " \n").unwrap();
    assert!(read(&file).unwrap_err().to_string().contains("is empty"));
    let error = read(&directory.path().join("none")).unwrap_err().to_string();
    assert!(error.starts_with("could not read `"), "{error}");
}

#[test]
fn a_name_has_the_room_that_its_version_leaves() {
    let name = |length| "a".repeat(length);
    assert!(draft(&name(237), &[]).is_ok());
    let error = draft(&name(238), &[]).unwrap_err().to_string();
    assert!(error.contains("has 238 bytes, and a directory's name has room for 237"), "{error}");
    let long = name(240);
    let of = |version| Request { name: &long, version: Some(version), ..Request::default() };
    assert_eq!(of("0042").draft(&Sqlite).unwrap().version.as_deref(), Some("0042"));
    assert!(of("2026-01-05-090000").draft(&Sqlite).is_err());
    assert!(of("1_2").draft(&Sqlite).unwrap_err().to_string().contains("`_` ends a version"));
}
