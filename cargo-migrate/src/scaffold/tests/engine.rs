//! Up, down and up again, for every template, type and modifier.

use diesel::connection::SimpleConnection;

use super::{USERS, database, draft, lines, schema, there_and_back};
use crate::scaffold::{Dialect, Request, Sqlite};

/// The types, and a constant default for each.
const TYPES: [(&str, &str); 29] = [
    ("id", "-1"),
    ("string", "it's"),
    ("string(20)", "it's"),
    ("text", "it's"),
    ("int", "-1"),
    ("integer", "-1"),
    ("bigint", "-1"),
    ("smallint", "-1"),
    ("bool", "true"),
    ("boolean", "true"),
    ("float", "-1"),
    ("double", "-1"),
    ("decimal", "-1"),
    ("decimal(5)", "-1"),
    ("decimal(10,2)", "-1"),
    ("date", "2026-01-05"),
    ("time", "09:00:00"),
    ("datetime", "2026-01-05 09:00:00"),
    ("timestamp", "2026-01-05 09:00:00"),
    ("timestamptz", "2026-01-05 09:00:00"),
    ("uuid", "00000000-0000-4000-8000-000000000000"),
    ("json", "{}"),
    ("blob", "x'00ff'"),
    ("binary", "x'00ff'"),
    ("bytes", "x'00ff'"),
    ("enum(a)", "a"),
    ("enum(draft|sent)", "sent"),
    ("enum(it's|a b)", "it's"),
    ("ENUM(A|a)", "A"),
];

#[test]
fn a_table_of_every_type_and_modifier_goes_and_comes_back() {
    for (of, constant) in TYPES {
        for rest in ["", "!", ":index", "!:unique", ":unique:index", "!:references(accounts)"] {
            let columns = [&format!("a:{of}{rest}"), &format!("b:{of}{rest}={constant}")];
            let columns = columns.map(String::as_str);
            there_and_back(USERS, &draft("create_things", &columns).unwrap());
            let before = format!("{USERS}{}", draft("create_things", &columns).unwrap().up);
            there_and_back(&before, &draft("drop_things", &columns).unwrap());
        }
    }
}

#[test]
fn a_column_of_every_type_and_modifier_goes_and_comes_back() {
    for (of, constant) in TYPES {
        for rest in [
            String::new(),
            ":index".to_owned(),
            ":unique".to_owned(),
            ":references(accounts)".to_owned(),
            ":index:references(accounts)".to_owned(),
            "=null".to_owned(),
            format!("={constant}"),
            format!("!={constant}"),
            format!("!:unique={constant}"),
        ] {
            let columns = [&*format!("a:{of}{rest}"), &format!("b:{of}{rest}")];
            let added = draft("add_a_and_b_to_users", &columns).unwrap();
            there_and_back(USERS, &added);
            let before = format!("{USERS}{}", added.up);
            there_and_back(&before, &draft("remove_a_and_b_from_users", &columns).unwrap());
        }
    }
}

#[test]
fn indexes_and_renames_go_and_come_back() {
    for (name, columns) in [
        ("add_index_to_users", &["email"][..]),
        ("add_index_to_users", &["email", "id"]),
        ("add_index_to_users", &["email:unique"]),
        ("add_unique_index_to_users", &["email"]),
        ("rename_email_to_mail_in_users", &[]),
        ("rename_email_to_order_in_users", &[]),
        ("rename_users_to_people", &[]),
        ("rename_users_to_order", &[]),
    ] {
        there_and_back(USERS, &draft(name, columns).unwrap());
    }
    for (add, drop) in [
        ("add_index_to_users", "remove_index_from_users"),
        ("add_unique_index_to_users", "drop_unique_index_from_users"),
    ] {
        let before = format!("{USERS}{}", draft(add, &["email"]).unwrap().up);
        there_and_back(&before, &draft(drop, &["email"]).unwrap());
    }
}

#[test]
fn the_sql_reads_like_written_by_hand() {
    let table = draft(
        "CreatePosts",
        &[
            "title:string!",
            "user_id:int!:index:references(users)",
            "slug:text!:unique",
            "at:datetime!=now",
        ],
    )
    .unwrap();
    assert_eq!(
        table.up,
        "CREATE TABLE posts (\n    \
             id INTEGER PRIMARY KEY NOT NULL,\n    \
             title TEXT NOT NULL,\n    \
             user_id INTEGER NOT NULL REFERENCES users (id),\n    \
             slug TEXT NOT NULL,\n    \
             at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP\n\
         );\n\
         CREATE INDEX posts_user_id_idx ON posts (user_id);\n\
         CREATE UNIQUE INDEX posts_slug_key ON posts (slug);\n"
    );
    assert_eq!(table.down.as_deref(), Some("DROP TABLE posts;\n"));
    assert_eq!(table.name, "create_posts");

    let columns = draft("add_a_and_b_to_users", &["a:text:unique", "b:int!=0"]).unwrap();
    assert_eq!(
        columns.up,
        "ALTER TABLE users ADD COLUMN a TEXT;\n\
         ALTER TABLE users ADD COLUMN b INTEGER NOT NULL DEFAULT 0;\n\
         CREATE UNIQUE INDEX users_a_key ON users (a);\n"
    );
    assert_eq!(
        columns.down.as_deref(),
        Some(
            "DROP INDEX users_a_key;\n\
             ALTER TABLE users DROP COLUMN b;\n\
             ALTER TABLE users DROP COLUMN a;\n"
        )
    );
    let index = draft("add_index_to_users", &["email", "name"]).unwrap();
    assert_eq!(index.up, "CREATE INDEX users_email_name_idx ON users (email, name);\n");
    assert_eq!(index.down.as_deref(), Some("DROP INDEX users_email_name_idx;\n"));
}

#[test]
fn an_id_of_ones_own_is_the_key() {
    for (column, line) in [
        ("id:uuid", "id TEXT PRIMARY KEY NOT NULL"),
        ("ID:uuid!:unique", "ID TEXT PRIMARY KEY NOT NULL"),
        ("id:bigint", "id INTEGER PRIMARY KEY NOT NULL"),
        ("id:int:references(accounts)", "id INTEGER PRIMARY KEY NOT NULL REFERENCES accounts (id)"),
    ] {
        let draft = draft("create_things", &[column, "a:text"]).unwrap();
        let up = format!("CREATE TABLE things (\n    {line},\n    a TEXT\n);\n");
        assert_eq!(draft.up, up, "{column}");
        there_and_back(USERS, &draft);
    }
}

#[test]
fn defaults_arrive_in_the_rows() {
    let columns = [
        "a:int!=-7",
        "b:text!=it's",
        "c:bool!=true",
        "d:blob!=x'00ff'",
        "e:date!=now",
        "f:time!=now",
        "g:datetime!=now",
        "h:text=null",
        "i:decimal(10,2)!=1.50",
        "j:json!={}",
    ];
    let mut connection = database(&draft("create_things", &columns).unwrap().up);
    connection.batch_execute("INSERT INTO things DEFAULT VALUES").unwrap();
    let row = "SELECT quote(a) || quote(b) || quote(c) || quote(d) || quote(h) || quote(i)
        || quote(j) || (e = current_date) || length(f) || length(g) AS line FROM things";
    assert_eq!(lines(&mut connection, row), ["-7'it''s'1X'00FF'NULL1.5'{}'1819"]);
}

#[test]
fn what_sqlite_would_refuse_is_refused_before_it_is_written() {
    for (column, why) in [
        ("a:text!", "a NOT NULL column needs a default"),
        ("a:datetime=now", "must be constant"),
        ("a:date!=now", "must be constant"),
        ("a:int:references(accounts)=1", "no default but NULL"),
        ("a:int!:references(accounts)=1", "no default but NULL"),
        ("a:int!:references(accounts)", "no default but NULL"),
    ] {
        let error = draft("add_a_to_users", &[column]).unwrap_err().to_string();
        assert!(error.contains(why), "{column}: {error}");
        // The way back of a removal adds the column again.
        let error = draft("remove_a_from_users", &[column]).unwrap_err().to_string();
        assert!(error.contains(why) && error.contains("--irreversible"), "{column}: {error}");
        // And SQLite does refuse it.
        let table = draft("create_things", &[column]).unwrap().up;
        let definition = table.lines().nth(2).unwrap();
        let sql = format!("ALTER TABLE users ADD COLUMN {definition}");
        assert!(database(USERS).batch_execute(&sql).is_err(), "{sql}");
    }
}

/// Names and texts out of the worst of characters, always the same ones.
fn nasty(count: usize) -> Vec<String> {
    let pieces = [
        "a",
        "B",
        "_",
        "1",
        "\"",
        "'",
        "`",
        "[",
        "]",
        ";",
        "--",
        "/*",
        "*/",
        "%",
        "$x",
        "?",
        "@y",
        "\\",
        " ",
        ",",
        ".",
        "é",
        "日",
        "\u{200d}",
        "SELECT",
        "x'00'",
        "DROP TABLE users",
    ];
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    (0..count).map(|_| (0..=next(6)).map(|_| pieces[next(pieces.len())]).collect()).collect()
}

#[test]
fn no_name_and_no_text_gets_out_of_its_quotes() {
    let mut tried = 0;
    for word in nasty(2000) {
        let word = format!("n{word}");
        let quoted = Sqlite.identifier(&word);
        let mut connection = database(USERS);
        let columns = [format!("{word}:text:index={word}")];
        let request = Request { name: "create_things", columns: &columns, ..Request::default() };
        // `n'` at the end of a text, `(` in a name: not for the grammar.
        let Ok(draft) = request.draft(&Sqlite) else { continue };
        tried += 1;
        connection.batch_execute(&draft.up).unwrap_or_else(|e| panic!("{e}\n{}", draft.up));
        let columns = "SELECT name AS line FROM pragma_table_info('things') WHERE cid = 1";
        assert_eq!(lines(&mut connection, columns), [word.trim_end()], "{}", draft.up);
        connection.batch_execute("INSERT INTO things DEFAULT VALUES").unwrap();
        let value = format!("SELECT {} AS line FROM things", Sqlite.identifier(word.trim_end()));
        assert_eq!(lines(&mut connection, &value), [word.trim_end()], "{quoted}");
        connection.batch_execute(draft.down.as_deref().unwrap()).unwrap();
        assert_eq!(schema(&mut connection), schema(&mut database(USERS)));
    }
    assert!(tried > 1500, "only {tried} words made it through the grammar");
}

#[test]
fn every_keyword_can_be_a_column_and_a_table() {
    for word in
        ["abort", "order", "group", "index", "table", "to", "values", "true", "materialized"]
    {
        let columns = [format!("{word}:int:index")];
        let name = format!("create_{word}");
        let request = Request { name: &name, columns: &columns, ..Request::default() };
        there_and_back("", &request.draft(&Sqlite).unwrap());
    }
}
