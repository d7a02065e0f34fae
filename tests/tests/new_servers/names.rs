//! Names that need quotes, or are too long.

use migrate_tests::server::{Database, MariaDb, Mariadb, PostgreSql, Postgres, Product, Server};

use super::{check, dialect, draft, refusal, schema, there_and_back, way_back};

/// Every word that the server's own grammar knows, whatever it means, as a table and as a column.
fn every_keyword_can_be_a_name<P: Product>(database: &Database<P>, keywords: &str) {
    let keywords = database.sql(keywords);
    let drafts: Vec<_> = keywords
        .lines()
        .filter(|word| word.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_'))
        .map(|word| draft::<P>(&format!("create_{word}_table"), &[&format!("{word}:int:index")]))
        .collect();
    assert!(drafts.len() > 400, "{} keywords", drafts.len());
    there_and_back(database, "", &drafts, &[]);
}

#[test]
fn every_keyword_of_postgres_can_be_a_name() {
    every_keyword_can_be_a_name(
        &Postgres::shared().database(),
        "SELECT word FROM pg_get_keywords()",
    );
}

#[test]
fn every_keyword_of_mariadb_can_be_a_name() {
    every_keyword_can_be_a_name(
        &Mariadb::shared().database(),
        "SELECT lower(word) FROM information_schema.keywords",
    );
}

#[test]
fn only_what_needs_quotes_has_them() {
    let keywords = Postgres::shared().database().sql("SELECT word, catcode FROM pg_get_keywords()");
    for line in keywords.lines() {
        let (word, category) = line.split_once('\t').expect("two columns");
        let quoted = dialect::<PostgreSql>().identifier(word) != word;
        assert_eq!(quoted, matches!(category, "R" | "T") || word == "exclude", "{word}");
    }
    for (name, in_postgres, in_mysql) in [
        ("users", "users", "users"),
        ("_x1", "_x1", "_x1"),
        ("Users", "\"Users\"", "Users"),
        ("rank", "rank", "`rank`"),
        ("1st", "\"1st\"", "`1st`"),
        ("größe", "\"größe\"", "`größe`"),
    ] {
        assert_eq!(dialect::<PostgreSql>().identifier(name), in_postgres);
        assert_eq!(dialect::<MariaDb>().identifier(name), in_mysql);
    }
}

#[test]
fn no_name_and_no_text_gets_out_of_its_quotes() {
    names_and_texts_arrive(
        Postgres::shared(),
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'things'
         AND ordinal_position = 2",
    );
    names_and_texts_arrive(
        Mariadb::shared(),
        "SELECT column_name FROM information_schema.columns WHERE table_schema = database()
         AND table_name = 'things' AND ordinal_position = 2",
    );
}

fn names_and_texts_arrive<P: Product>(server: &Server<P>, column: &str) {
    let database = server.database();
    for word in [
        "camelCase",
        "UPPER",
        "1st",
        "two words",
        "größe",
        "日本",
        "a\"b",
        "a`b",
        "a'b",
        "it''s",
        "[a]",
        "a\\b\\'c",
        "\\",
        "a; DROP TABLE users; --",
        "a /* b */",
        "# a",
        "%s $1 ?",
        "$$",
        "x'00'y",
    ] {
        // A text may not begin with a quote, and the grammar of columns ends at `(` and `:`.
        let column_of = format!("{word}:string={word}");
        let create = draft::<P>("create_things", &[&column_of]);
        check::<P>("", std::slice::from_ref(&create));
        database.sql(&create.up);
        assert_eq!(raw(&database.sql(column)), word);
        database.sql("INSERT INTO things (id) VALUES (1)");
        let name = dialect::<P>().identifier(word);
        assert_eq!(raw(&database.sql(&format!("SELECT {name} FROM things"))), word, "the default");
        database.sql(way_back(&create));
    }
    assert_eq!(schema(&database), "");
}

/// A value as it was stored: `mariadb` doubles the backslashes that it prints.
fn raw(printed: &str) -> String {
    let printed = printed.strip_suffix('\n').unwrap_or(printed);
    printed.replace("\\\\", "\\")
}

fn long_names_are_cut_and_found_again<P: Product>(server: &Server<P>) {
    let database = server.database();
    let table = "a_table_whose_name_alone_is_almost_as_long_as_a_name_may_be";
    let parent = format!("one_with_a_parent:id:references({table})");
    let create = draft::<P>(
        &format!("create_{table}"),
        &[
            "a_column_with_a_long_name:string:index",
            "a_column_with_a_long_name_too:string:unique",
            "a_column_with_a_long_name_as_well:enum(a|b)",
            &parent,
        ],
    );
    there_and_back(&database, "", std::slice::from_ref(&create), &[]);
    database.sql(&create.up);
    let both = ["a_column_with_a_long_name", "a_column_with_a_long_name_too"];
    let add = draft::<P>(&format!("add_index_to_{table}"), &both);
    let remove = draft::<P>(&format!("remove_index_from_{table}"), &both);
    there_and_back(&database, &create.up, &[add], &[remove]);
    let remove = draft::<P>(&format!("remove_index_from_{table}"), &both[..1]);
    let whole = schema(&database);
    database.sql(&remove.up);
    database.sql(way_back(&remove));
    assert_eq!(schema(&database), whole);
    let remove = draft::<P>(&format!("remove_one_with_a_parent_from_{table}"), &[&parent]);
    database.sql(&remove.up);
    database.sql(way_back(&remove));
    assert_eq!(schema(&database), whole);
}

#[test]
fn long_names_are_cut_and_found_again_on_postgres() {
    long_names_are_cut_and_found_again(Postgres::shared());
}

#[test]
fn long_names_are_cut_and_found_again_on_mariadb() {
    long_names_are_cut_and_found_again(Mariadb::shared());
}

#[test]
fn names_that_cannot_be_are_refused_before_they_are_written() {
    let long = "n".repeat(64);
    let longer = "n".repeat(65);
    for (name, column, why) in [
        ("create_pg_class", "a:int", "PostgreSQL keeps names in `pg_` for its catalog"),
        ("create_users", "ctid:int", "every table of PostgreSQL has that column"),
        ("create_users", &format!("{long}:int"), "has 64 bytes: PostgreSQL would cut it"),
        ("create_users", "a:id:references(pg_class)", "for its catalog"),
        ("rename_a_to_xmin_in_b", "", "every table of PostgreSQL has that column"),
        ("add_index_to_pg_class", "a", "for its catalog"),
    ] {
        let columns: Vec<&str> = [column].into_iter().filter(|column| !column.is_empty()).collect();
        let error = refusal::<PostgreSql>(name, &columns);
        assert!(error.contains(why), "{error}");
    }
    for (name, column, why) in [
        ("create_users", &*format!("{longer}:int"), "has 65 characters: MySQL has room for 64"),
        ("create_users", "DB_Row_Id:int", "every table of InnoDB has that column"),
        ("create_users", "🦀:int", "MySQL has no `🦀` in names"),
    ] {
        let error = refusal::<MariaDb>(name, &[column]);
        assert!(error.contains(why), "{error}");
    }
    let mariadb = Mariadb::shared().database();
    for column in ["DB_ROW_ID", "`🦀`", &longer] {
        assert!(mariadb.try_sql(&format!("CREATE TABLE t ({column} INT)")).is_err(), "{column}");
    }
    assert!(mariadb.try_sql(&format!("CREATE TABLE t ({long} INT)")).is_ok());
}
