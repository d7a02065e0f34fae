//! Backups by a command, and a run that does not begin without one.

use migrate_tests::server::{Database, Product, Server};
use migrate_tests::{Project, project};

use crate::on_both;

on_both!(
    a_run_is_backed_up_first_and_the_ledger_says_where,
    without_a_backup_nothing_is_changed,
    a_protected_database_is_backed_up_unasked,
    a_server_s_backup_is_not_restored,
);

/// The command that copies a database, as one writes it.
fn dump<P: Product>() -> &'static str {
    match P::DIALECT {
        "postgres" => "pg_dump --format=custom",
        _ => "mariadb-dump --host={host} --port={port} --user={user} {database}",
    }
}

fn app<P: Product>(database: &Database<P>, backup: &str) -> Project {
    let manifest = format!(
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         [package.metadata.migrate]\ndialect = \"{}\"\nbackup = '{backup}'\n\
         [package.metadata.migrate.environments.production]\n\
         protected = true\n",
        P::DIALECT
    );
    let url = database.url();
    let variables = format!("DATABASE_URL='{url}'\n");
    project("app").cargo_toml(&manifest).file(".env", variables).table("1_users", "users").build()
}

fn noted<P: Product>(database: &Database<P>) -> String {
    database
        .sql("SELECT name FROM __migrate_history WHERE version LIKE 'backup %' ORDER BY version;")
}

fn backups(app: &Project) -> Vec<String> {
    app.entries().into_iter().filter(|name| name.contains("backup")).collect()
}

fn a_run_is_backed_up_first_and_the_ledger_says_where<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = app(&database, dump::<P>());
    app.migrate(["run", "--backup=first.dump"]).succeeds().says("Backed up first.dump (");
    assert_eq!(noted(&database), "first.dump\n");
    database.execute("INSERT INTO users VALUES (1, 'Ada')");
    app.table("2_posts", "posts");
    app.migrate(["run", "--backup"]).succeeds();
    let second = backups(&app);
    assert!(second.len() == 1 && second[0].starts_with(database.name()), "{second:?}");
    let copy = String::from_utf8_lossy(&app.bytes(&second[0])).into_owned();
    let (beginning, has_posts) = match P::DIALECT {
        "postgres" => ("PGDMP", copy.contains("posts")),
        _ => ("/*", copy.contains("CREATE TABLE `posts`")),
    };
    assert!(copy.starts_with(beginning) && copy.contains("Ada") | (beginning == "PGDMP"), "{copy}");
    assert!(!has_posts, "it is of before");
    assert_eq!(noted(&database).lines().count(), 2);
    // Where there is nothing to do, nothing is copied.
    app.migrate(["run", "--backup"]).succeeds().prints("nothing to apply");
    assert_eq!(backups(&app).len(), 1);
    // A note is no migration.
    app.migrate(["status"]).succeeds().prints("2 applied");
    app.migrate(["revert", "--all"]).succeeds().prints("2 migrations reverted");
    let json = app.migrate(["run", "--backup", "--message-format=json"]).succeeds().json();
    assert!(json.iter().any(|line| line["reason"] == "backup"), "{json:?}");
}

fn without_a_backup_nothing_is_changed<P: Product>(server: &Server<P>) {
    let database = server.database();
    let tables = match P::DIALECT {
        "postgres" => "SELECT count(*) FROM pg_tables WHERE schemaname = 'public';",
        _ => "SELECT count(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE();",
    };
    let failing = "sh -c \"echo $PGPASSWORD$MYSQL_PWD is my password >&2; exit 3\"";
    for (command, code, said) in [
        ("false", 1, "error: nothing was run: the backup command `false` failed: exit status: 1"),
        (failing, 1, "= note: *** is my password"),
        ("pg_dmp", 1, "the backup command `pg_dmp` cannot be started: "),
        ("true {file}", 1, "the backup command `true` ended well, and left nothing in `"),
        ("dump {fiel}", 2, "has no `{fiel}` to fill in; did you mean `file`?"),
        ("dump \"", 2, "a quote is not closed"),
    ] {
        let app = app(&database, command);
        app.migrate(["run", "--backup"]).exits(code).says(said);
        assert_eq!(database.sql(tables), "0\n", "{command}");
        assert!(backups(&app).is_empty(), "{command}: {:?}", backups(&app));
    }
    let app = app(&database, dump::<P>());
    app.write("taken", "");
    app.migrate(["run", "--backup=taken"]).exits(1).says("nothing is overwritten");
    assert_eq!(database.sql(tables), "0\n");
    // A command that keeps the copy elsewhere is believed.
    app.migrate(["run", "--backup"]).succeeds();
}

fn a_protected_database_is_backed_up_unasked<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = app(&database, "true");
    app.migrate(["run", "-e", "production", "--no-backup"])
        .exits(2)
        .says("this run goes without a backup in the protected environment `production`");
    app.migrate(["run", "-e", "production"]).succeeds().says("Backed up kept by `true`");
    assert_eq!(noted(&database), "kept by `true`\n");
    app.table("2_posts", "posts");
    let confirmed = ["--no-backup", "--yes", "--confirm", "production"];
    app.migrate([&["run", "-e", "production"], &confirmed[..]].concat()).succeeds();
    assert_eq!(noted(&database), "kept by `true`\n");
    app.table("3_tags", "tags");
    let text = app.read("Cargo.toml").replace("backup = 'true'\n", "");
    app.write("Cargo.toml", text);
    app.migrate(["run", "-e", "production"])
        .exits(2)
        .says("error: nothing was run: no command is configured that backs the database up")
        .says("`--no-backup` does without");
    let revert = ["revert", "-e", "production", "--yes", "--confirm", "production"];
    app.migrate(revert).exits(2).says("no command is configured that backs the database up");
    app.migrate(["status"]).succeeds().prints("2 applied, 1 pending");
    app.migrate([&revert[..], &["--no-backup"]].concat()).succeeds();
    app.migrate(["status"]).succeeds().prints("1 applied, 2 pending");
}

fn a_server_s_backup_is_not_restored<P: Product>(server: &Server<P>) {
    let database = server.database();
    let app = app(&database, "true");
    app.migrate(["restore", "--yes"])
        .exits(2)
        .says("only SQLite's backups are restored by this command");
}
