//! `examples/chat`

use migrate_runtime::{Migrations, embed_migrations};

use super::sqlite::{applied, database, every_step_leaves_the_schema_on_record, schema};
use super::{golden, programs, start, stdout_of, text};

#[allow(deprecated, reason = "the macro warns that no build script checks this directory")]
static CHAT: Migrations = embed_migrations!("../examples/chat/migrations");

#[test]
fn every_step_of_the_chat_leaves_the_schema_on_record() {
    every_step_leaves_the_schema_on_record("chat", &CHAT);
}

#[test]
fn the_chat_migrates_itself_and_keeps_what_is_said() {
    let chat = &programs().chat;
    let directory = tempfile::tempdir().expect("a directory");
    let here = directory.path();

    let first = start(chat, here, &["join", "ada@example.org", "Ada"]);
    stdout_of(&first);
    let said: Vec<String> = text(&first.stderr).lines().map(str::to_owned).collect();
    assert_eq!(
        said,
        ["applied 20251206141541_create_chat_table", "applied 20251207065348_alter_chat_table"]
    );
    for words in ["Soup?", "It's \"noon\""] {
        let said = start(chat, here, &["say", "ada@example.org", "lunch", words]);
        stdout_of(&said);
        assert_eq!(text(&said.stderr), "", "only the first start has something to apply");
    }
    let list = stdout_of(&start(chat, here, &["list"]));
    assert_eq!(list, "[lunch] Ada: Soup?\n[lunch] Ada: It's \"noon\"\n");

    let mut conn = database(&directory, "chat.db");
    assert_eq!(schema(&mut conn), golden("chat", "sqlite", "20251207065348_alter_chat_table"));
    assert_eq!(applied(&mut conn), ["20251206141541", "20251207065348"]);
}

#[test]
fn the_chat_says_what_is_wrong_and_fails() {
    let directory = tempfile::tempdir().expect("a directory");
    for (words, message) in [
        (&["say", "bob@example.org", "lunch", "Soup?"][..], "nobody has joined as bob@example.org"),
        (&["shout"], "usage: example-chat"),
    ] {
        let output = start(&programs().chat, directory.path(), words);
        assert_eq!(output.status.code(), Some(1));
        assert!(text(&output.stderr).contains(message), "{}", text(&output.stderr));
    }
}
