//! What is scaffolded, tried on SQLite itself: up, down and up again.

use diesel::connection::SimpleConnection;
use diesel::sql_types::Text;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};

use super::{Dialect, Draft, Error, Intent, Request, Sqlite, read};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

fn lines(connection: &mut SqliteConnection, query: &str) -> Vec<String> {
    let lines: Vec<Line> = diesel::sql_query(query).load(connection).unwrap();
    lines.into_iter().map(|row| row.line).collect()
}

/// The whole schema, except for white space and for the order of columns, which a column that goes
/// and comes back cannot keep.
fn schema(connection: &mut SqliteConnection) -> Vec<String> {
    lines(
        connection,
        "SELECT * FROM (
            SELECT m.type || ' ' || m.name || ' on ' || m.tbl_name || ': '
                || CASE m.type WHEN 'table' THEN '' ELSE coalesce(m.sql, '') END AS line
            FROM sqlite_master m
            UNION ALL
            SELECT 'column ' || m.name || '.' || c.name || ' ' || c.type || ' '
                || c.\"notnull\" || ' ' || coalesce(c.dflt_value, '-') || ' ' || c.pk
            FROM sqlite_master m, pragma_table_xinfo(m.name) c WHERE m.type = 'table'
            UNION ALL
            SELECT 'key ' || m.name || '.' || f.\"from\" || ' ' || f.\"table\" || '.' || f.\"to\"
            FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'
        ) ORDER BY line",
    )
}

fn database(sql: &str) -> SqliteConnection {
    let mut connection = SqliteConnection::establish(":memory:").unwrap();
    connection.batch_execute("PRAGMA foreign_keys = ON").unwrap();
    connection.batch_execute(sql).unwrap();
    connection
}

fn draft(name: &str, columns: &[&str]) -> Result<Draft, Error> {
    let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
    Request { name, columns: &columns, ..Request::default() }.draft(&Sqlite)
}

fn irreversible(name: &str, columns: &[&str]) -> Result<Draft, Error> {
    let columns: Vec<String> = columns.iter().map(|column| (*column).to_owned()).collect();
    Request { name, columns: &columns, irreversible: Some("it is over"), ..Request::default() }
        .draft(&Sqlite)
}

/// Up, down, up: each up makes the same, and down leaves what was there before.
fn there_and_back(before: &str, draft: &Draft) -> Vec<String> {
    let mut connection = database(before);
    let down = draft.down.as_deref().unwrap();
    let mut run = |sql: &str| {
        connection.batch_execute(sql).unwrap_or_else(|error| panic!("{error}\n{sql}"));
        schema(&mut connection)
    };
    let empty = run("");
    let up = run(&draft.up);
    assert_ne!(up, empty, "{}", draft.up);
    assert_eq!(run(down), empty, "{}\n{down}", draft.up);
    assert_eq!(run(&draft.up), up);
    up
}

const TYPES: [&str; 21] = [
    "string",
    "text",
    "int",
    "integer",
    "bigint",
    "smallint",
    "bool",
    "boolean",
    "float",
    "double",
    "decimal",
    "decimal(5)",
    "decimal(10,2)",
    "date",
    "time",
    "datetime",
    "timestamp",
    "uuid",
    "json",
    "blob",
    "binary",
];

/// A constant default for each type.
fn constant(of: &str) -> &'static str {
    match of {
        "bool" | "boolean" => "true",
        "date" | "time" | "datetime" | "timestamp" => "2026-01-05 09:00:00",
        "blob" | "binary" => "x'00ff'",
        "string" | "text" | "uuid" | "json" => "it's",
        _ => "-1",
    }
}

/// A table with rows, which is where SQLite is strict about what it adds.
const USERS: &str = "CREATE TABLE accounts (id INTEGER PRIMARY KEY NOT NULL);
    CREATE TABLE users (
        id INTEGER PRIMARY KEY NOT NULL,
        email TEXT NOT NULL
    );
    INSERT INTO accounts VALUES (1);
    INSERT INTO users VALUES (1, 'a@example.org');";

#[test]
fn a_table_of_every_type_and_modifier_goes_and_comes_back() {
    for of in TYPES {
        for rest in ["", "!", ":index", "!:unique", ":unique:index", "!:references(accounts)"] {
            let constant = constant(of);
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
    for of in TYPES {
        let constant = constant(of);
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
        "\u{202e}",
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
