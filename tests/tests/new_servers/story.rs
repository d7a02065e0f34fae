//! From `new` to `run` and back, by the command line.

use migrate_tests::project;
use migrate_tests::server::{Mariadb, Postgres, Product, Server};

/// Every template once, in an order that makes sense.
const NEW: [&[&str]; 11] = [
    &["create_users", "email:text!:unique", "name:string(80)"],
    &[
        "create_order",
        "user:id!:references(users)",
        "state:enum(new|paid)!=new",
        "at:datetime!=now",
    ],
    &["add_parent_to_users", "parent:id:references(users)"],
    &["add_phone_and_tier_to_users", "phone:text:index", "tier:enum(basic|gold)!=basic"],
    &["add_owner_to_users", "owner:id:references(users)=1"],
    &["add_index_to_order", "user", "at"],
    &["remove_index_from_order", "user", "at"],
    &["rename_name_to_full_name_in_users"],
    &["remove_tier_from_users", "tier:enum(basic|gold)!=basic"],
    &["drop_order", "user:id!:references(users)", "state:enum(new|paid)!=new", "at:datetime!=now"],
    &["rename_users_to_people"],
];

fn what_new_writes_is_run_and_taken_back<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = project("app").without("Cargo.toml").build();
    let url = database.url();
    let place = ["--dir", "migrations", "--dialect", P::DIALECT, "--database-url", &url];
    let migrate = |arguments: &[&str]| app.migrate([arguments, &place].concat()).succeeds();
    for arguments in NEW {
        migrate(&[&["new"], arguments].concat());
    }
    let _ = migrate(&["check"]).stderr_is("");
    // One that is added with a default refers to a row that is there.
    migrate(&["run", "-n", "1"]);
    database.sql("INSERT INTO users (id, email) VALUES (1, 'ada@example.org')");
    migrate(&["run"]);
    let all = database.schema();
    let _ = migrate(&["revert", "-n", "10"]);
    assert_eq!(database.sql("SELECT email FROM users"), "ada@example.org\n");
    migrate(&["run"]);
    assert_eq!(database.schema(), all);
    migrate(&["revert", "--all"]);
    assert_eq!(database.schema(), "");
}

#[test]
fn what_new_writes_is_run_and_taken_back_on_postgres() {
    what_new_writes_is_run_and_taken_back(Postgres::shared());
}

#[test]
fn what_new_writes_is_run_and_taken_back_on_mariadb() {
    what_new_writes_is_run_and_taken_back(Mariadb::shared());
}
