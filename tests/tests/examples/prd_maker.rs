//! `examples/prd-maker`

use migrate_tests::server::Postgres;

use super::servers::{every_step_leaves_the_schema_on_record, migrate, migrations};
use super::{golden, programs, refusal_of, start_on, stdout_of, text};

#[test]
fn every_step_of_the_prd_maker_leaves_the_schema_on_record() {
    let migrations = migrations("prd-maker/migrations");
    every_step_leaves_the_schema_on_record(Postgres::shared(), &migrations, "prd");
}

#[test]
fn the_prd_maker_keeps_an_interview() {
    let database = Postgres::shared().database();
    let url = database.url();
    let prd_maker = |arguments: &[&str]| start_on(&url, &programs().prd_maker, arguments);

    let first = prd_maker(&["start", "Ada"]);
    let session = stdout_of(&first);
    let session = session.trim_end();
    assert_eq!(text(&first.stderr).lines().count(), 4, "{}", text(&first.stderr));
    for (role, words) in [("assistant", "What is it for?"), ("user", "It's for cooks.")] {
        assert_eq!(stdout_of(&prd_maker(&["say", session, role, words])), "");
    }
    stdout_of(&prd_maker(&["mark", session, "completed"]));
    assert_eq!(
        stdout_of(&prd_maker(&["show", session])),
        "Ada (completed)\nassistant: What is it for?\nuser: It's for cooks.\n"
    );
    let about = database.sql("SELECT metadata FROM conversation_messages ORDER BY created_at");
    assert_eq!(about, "{\"words\": 4}\n{\"words\": 3}\n");

    let nobody = "00000000-0000-4000-8000-000000000000";
    for (arguments, message) in [
        (&["show", nobody][..], "there is no such session"),
        (&["mark", nobody, "active"], "there is no such session"),
        (&["mark", session, "lost"], "usage: example-prd-maker"),
        (&["say", session, "judge", "Hm"], "usage: example-prd-maker"),
        (&["start"], "usage: example-prd-maker"),
    ] {
        let refused = refusal_of(&prd_maker(arguments));
        assert!(refused.contains(message), "{refused}");
    }
    let last = "20250723000003_create_conversation_messages";
    assert_eq!(database.schema(), golden("prd", "postgres", last));
}

#[test]
fn no_enum_of_the_prd_maker_is_left_behind() {
    let database = Postgres::shared().database();
    let migrations = migrations("prd-maker/migrations");
    let enums = || database.sql("SELECT typname FROM pg_type WHERE typtype = 'e' ORDER BY 1");
    migrate(&database, &migrations, &["run"]);
    assert_eq!(enums(), "enum_conversation_messages_role\nenum_user_sessions_status\n");
    migrate(&database, &migrations, &["revert", "--to", "20250722000000"]);
    assert_eq!(enums(), "");
}
