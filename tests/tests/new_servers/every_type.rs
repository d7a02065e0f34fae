//! Every template with every type and modifier.

use std::fmt::Write as _;

use migrate_tests::server::{Mariadb, Postgres, Product, Server};

use super::{draft, there_and_back, try_draft};

/// The types, and a constant default for each.
const TYPES: [(&str, &str); 30] = [
    ("id", "-1"),
    ("string", "it's \\"),
    ("string(20)", "it's \\"),
    ("text", "it's \\"),
    ("int", "-1"),
    ("integer", "-1"),
    ("bigint", "-1"),
    ("smallint", "-1"),
    ("bool", "true"),
    ("boolean", "false"),
    ("float", "-1.5"),
    ("double", "-1e3"),
    ("decimal", "-1"),
    ("decimal(5)", "-1"),
    ("decimal(10,2)", "-1.50"),
    ("date", "2026-01-05"),
    ("time", "09:00:00"),
    ("datetime", "2026-01-05 09:00:00"),
    ("timestamp", "2026-01-05 09:00:00"),
    ("timestamptz", "2026-01-05 09:00:00+02:00"),
    ("uuid", "00000000-0000-4000-8000-000000000000"),
    ("json", "{\"a\": \"it's \\\\\"}"),
    ("blob", "x'00ff'"),
    ("binary", "x'00ff'"),
    ("bytes", "x''"),
    ("date", "now"),
    ("time", "now"),
    ("datetime", "now"),
    ("string", "now"),
    ("enum(draft|it's \\)", "it's \\"),
];

const TABLES: &str = "CREATE TABLE accounts (id BIGINT NOT NULL PRIMARY KEY);
    INSERT INTO accounts VALUES (1);";

/// What MySQL cannot do, and is told before.
fn is_refused<P: Product>(of: &str, modifiers: &str) -> bool {
    let indexed = ["index", "unique", "references"].iter().any(|word| modifiers.contains(word));
    P::DIALECT == "mysql" && (of == "decimal" || (of == "json" && indexed))
}

fn a_table_of_every_type_goes_and_comes_back<P: Product>(server: &Server<P>) {
    let database = server.database();
    database.sql(TABLES);
    for modifiers in ["", "!", ":index", "!:unique", ":unique:index", ":references(accounts)"] {
        let (mut create, mut drop) = (Vec::new(), Vec::new());
        for (at, (of, value)) in TYPES.into_iter().enumerate() {
            if modifiers.contains("references") && !matches!(of, "id" | "bigint") {
                continue;
            }
            let columns = [format!("a:{of}{modifiers}"), format!("b:{of}{modifiers}={value}")];
            let columns = [columns[0].as_str(), &columns[1]];
            let created = try_draft::<P>(&format!("create_things_{at}"), &columns);
            assert_eq!(created.is_err(), is_refused::<P>(of, modifiers), "{of}{modifiers}");
            create.extend(created);
            drop.extend(try_draft::<P>(&format!("drop_things_{at}"), &columns));
        }
        there_and_back(&database, TABLES, &create, &drop);
    }
}

fn columns_of_every_type_go_and_come_back<P: Product>(server: &Server<P>) {
    let database = server.database();
    let mut base = TABLES.to_owned();
    for at in 0..TYPES.len() {
        let users = draft::<P>(&format!("create_users_{at}"), &["email:text"]).up;
        let _ = write!(base, "{users} INSERT INTO users_{at} (email) VALUES ('a');");
    }
    database.sql(&base);
    for (modifiers, default) in [
        ("", ""),
        (":index", ""),
        (":unique", ""),
        ("", "=null"),
        ("", "="),
        ("!", "="),
        ("!:index", "="),
        ("!:unique", "="),
        (":references(accounts)", ""),
        ("!:references(accounts)", "=1"),
    ] {
        let (mut add, mut remove) = (Vec::new(), Vec::new());
        for (at, (of, value)) in TYPES.into_iter().enumerate() {
            if modifiers.contains("references") && !matches!(of, "id" | "bigint") {
                continue;
            }
            let value = if default == "=" { value } else { "" };
            let column = |name| format!("{name}:{of}{modifiers}{default}{value}");
            let columns = [column("a"), column("b")];
            let columns = [columns[0].as_str(), &columns[1]];
            let added = try_draft::<P>(&format!("add_a_and_b_to_users_{at}"), &columns);
            assert_eq!(added.is_err(), is_refused::<P>(of, modifiers), "{of}{modifiers}");
            add.extend(added);
            remove.extend(try_draft::<P>(&format!("remove_a_and_b_from_users_{at}"), &columns));
        }
        there_and_back(&database, &base, &add, &remove);
    }
}

fn indexes_and_renames_go_and_come_back<P: Product>(server: &Server<P>) {
    let database = server.database();
    let users = draft::<P>("create_users", &["email:string!", "name:string"]);
    database.sql(&users.up);
    for (columns, add, remove) in [
        (&["email"][..], "add_index_to_users", "remove_index_from_users"),
        (&["email", "name"], "create_index_on_users", "drop_index_on_users"),
        (&["email:unique"], "add_index_to_users", "drop_unique_index_from_users"),
        (&["name", "email"], "add_unique_index_to_users", "remove_unique_index_from_users"),
    ] {
        there_and_back(
            &database,
            &users.up,
            &[draft::<P>(add, columns)],
            &[draft::<P>(remove, columns)],
        );
    }
    for (there, back) in [
        ("rename_email_to_mail_in_users", "rename_mail_to_email_in_users"),
        ("rename_email_to_order_in_users", "rename_order_to_email_in_users"),
        ("rename_users_to_people", "rename_people_to_users"),
        ("rename_users_to_order", "rename_order_to_users"),
    ] {
        there_and_back(&database, &users.up, &[draft::<P>(there, &[])], &[draft::<P>(back, &[])]);
    }
}

fn keys_of_ones_own_go_and_come_back<P: Product>(server: &Server<P>) {
    let database = server.database();
    database.sql(TABLES);
    let keys = [
        "id:id",
        "id:int",
        "id:serial",
        "id:bigserial",
        "id:smallint",
        "id:text!:unique",
        "id:string(36)",
        "id:uuid",
        "id:uuid=random",
        "id:blob",
        "ID:int",
        "id:enum(a|b)",
        "id:bigint:references(accounts)",
        "id:bigint=7",
    ];
    let of = |verb: &str| {
        let drafts = keys
            .iter()
            .enumerate()
            .map(|(at, key)| draft::<P>(&format!("{verb}_things_{at}"), &[key, "a:int"]));
        drafts.collect::<Vec<_>>()
    };
    there_and_back(&database, TABLES, &of("create"), &of("drop"));
}

#[test]
fn a_table_of_every_type_goes_and_comes_back_on_postgres() {
    a_table_of_every_type_goes_and_comes_back(Postgres::shared());
}

#[test]
fn a_table_of_every_type_goes_and_comes_back_on_mariadb() {
    a_table_of_every_type_goes_and_comes_back(Mariadb::shared());
}

#[test]
fn columns_of_every_type_go_and_come_back_on_postgres() {
    columns_of_every_type_go_and_come_back(Postgres::shared());
}

#[test]
fn columns_of_every_type_go_and_come_back_on_mariadb() {
    columns_of_every_type_go_and_come_back(Mariadb::shared());
}

#[test]
fn indexes_and_renames_go_and_come_back_on_postgres() {
    indexes_and_renames_go_and_come_back(Postgres::shared());
}

#[test]
fn indexes_and_renames_go_and_come_back_on_mariadb() {
    indexes_and_renames_go_and_come_back(Mariadb::shared());
}

#[test]
fn keys_of_ones_own_go_and_come_back_on_postgres() {
    keys_of_ones_own_go_and_come_back(Postgres::shared());
}

#[test]
fn keys_of_ones_own_go_and_come_back_on_mariadb() {
    keys_of_ones_own_go_and_come_back(Mariadb::shared());
}
