//! Where the database is: URLs of every form, and their parts.

use migrate_tests::server::{
    AWKWARD_CANARY, AWKWARD_USER, CANARY, Database, Product, Server, USER,
};
use migrate_tests::{Project, server_project};
use snapbox::str;

use crate::{app, on_both};

on_both!(
    urls_of_every_form_name_the_same_database,
    the_parts_of_a_url_are_joined,
    a_url_goes_before_its_parts,
    parts_may_have_other_names,
    parts_that_do_not_make_an_address_are_told,
    what_is_no_url_is_told,
);

/// A project without an address, whose database has one migration.
fn applied<P: Product>(database: &Database<P>) -> Project {
    let project = app(database).table("1_users", "users").build();
    project.migrate(["run"]).succeeds();
    project.remove(".env");
    project
}

fn socket<P: Product>(database: &Database<P>) -> String {
    let directory = database.server().directory().display();
    match P::DIALECT {
        "postgres" => directory.to_string(),
        _ => format!("{directory}/socket"),
    }
}

fn urls_of_every_form_name_the_same_database<P: Product>(server: &Server<P>) {
    let database = server.database();
    let project = applied(&database);
    let (name, port, socket) = (database.name(), server.port(), socket(&database));
    let encoded = socket.replace('/', "%2F");
    let urls = match P::DIALECT {
        "postgres" => vec![
            database.url().replace("postgres://", "postgresql://"),
            format!("postgres://{USER}@{encoded}:{port}/{name}"),
            format!("postgres:///{name}?host={socket}&port={port}&user={USER}"),
            format!("postgres://{USER}@127.0.0.1:{port}/{name}?password={CANARY}&sslmode=prefer"),
            format!("postgres://127.0.0.1:1,127.0.0.1:{port}/{name}?user={USER}&password={CANARY}"),
            format!("{}?options=-c%20statement_timeout%3D1min&application_name=x", database.url()),
        ],
        _ => vec![
            database.url().replace("mysql://", "mariadb://"),
            // Not the default socket of the machine.
            database.url().replace("127.0.0.1", "localhost"),
            format!("mysql://{USER}:{CANARY}@localhost/{name}?unix_socket={socket}"),
            format!("mysql://{USER}:{CANARY}@{encoded}/{name}"),
            format!("{}?ssl-mode=preferred", database.url()),
        ],
    };
    for url in urls.iter().chain([
        &database.url(),
        &database.awkward_url(),
        &format!(" {}\n", database.url()),
    ]) {
        project.migrate(["status", "--database-url", url]).succeeds().prints("1 applied");
    }
}

fn the_parts_of_a_url_are_joined<P: Product>(server: &Server<P>) {
    let database = server.database();
    let project = applied(&database);
    let parts = |host: &str, user: &str, password: &str| {
        format!(
            "DB_HOST={host}\nDB_PORT={}\nDB_NAME={}\nDB_USER='{user}'\nDB_PASSWORD='{password}'\n",
            server.port(),
            database.name(),
        )
    };
    for env in [
        parts("127.0.0.1", USER, CANARY),
        parts("127.0.0.1", AWKWARD_USER, AWKWARD_CANARY),
        parts(&socket(&database), USER, CANARY),
    ] {
        project.write(".env", env);
        project.migrate(["status"]).succeeds().prints("1 applied");
    }
    // The environment goes before the file, variable by variable.
    project.migrate(["status"]).env("DB_NAME", "t_gone").exits(1).says("`t_gone` on");
}

fn a_url_goes_before_its_parts<P: Product>(server: &Server<P>) {
    let database = server.database();
    let project = applied(&database);
    project.write(".env", format!("DATABASE_URL='{}'\n", database.url()));
    let wrong = |invocation: migrate_tests::Invocation| {
        invocation.env("DB_HOST", "gone.invalid").env("DB_NAME", "gone")
    };
    wrong(project.migrate(["status"])).succeeds().prints("1 applied");
    project.remove(".env");
    wrong(project.migrate(["status", "--database-url", &database.url()])).succeeds();
    wrong(project.migrate(["status"])).exits(1).says("`gone` on gone.invalid: no server answers");
}

fn parts_may_have_other_names<P: Product>(server: &Server<P>) {
    let database = server.database();
    let project = applied(&database);
    let configured = |lines: &str| {
        let manifest = format!(
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\n[package.metadata.migrate]\ndialect = \"{}\"\n{lines}\n",
            P::DIALECT
        );
        project.write("Cargo.toml", manifest);
    };
    let status = || {
        project
            .migrate(["status"])
            .env("APP_DB_HOST", "127.0.0.1")
            .env("APP_DB_PORT", server.port().to_string())
            .env("APP_DB", database.name())
            .env("DB_USER", USER)
            .env("APP_DB_SECRET", CANARY)
    };
    configured(
        "url-parts = { host = \"APP_DB_HOST\", port = \"APP_DB_PORT\", name = \"APP_DB\", password = \"APP_DB_SECRET\" }",
    );
    status().succeeds().prints("1 applied");
    // Who has another variable for the URL does not get the parts of another database.
    configured("url-env = \"OTHER_URL\"");
    let refused =
        project.migrate(["status"]).env("DB_HOST", "127.0.0.1").env("DB_NAME", database.name());
    refused.exits(2).stderr_is(str![[r#"
error: no database is given
  = help: set `OTHER_URL` in the environment or in `.env`, or give `--database-url`

"#]]);
}

fn parts_that_do_not_make_an_address_are_told<P: Product>(server: &Server<P>) {
    let database = server.database();
    let project = applied(&database);
    project.migrate(["run"]).exits(2).stderr_is(str![[r#"
error: no database is given
  = help: set `DATABASE_URL` in the environment or in `.env`, or its parts `DB_NAME`, `DB_HOST`, `DB_PORT`, `DB_USER` and `DB_PASSWORD`, or give `--database-url`

"#]]);
    project.migrate(["run"]).env("DB_HOST", "127.0.0.1").exits(2).stderr_is(str![[r#"
error: `DB_HOST` is set, and `DB_NAME` is not: the database has no name
  = help: set it in the environment or in `.env`, or give `--database-url`

"#]]);
    for port in ["many", "0", "65536", "-1"] {
        project.migrate(["run"]).env("DB_NAME", "app").env("DB_PORT", port).exits(2).stderr_is(
            str![[r#"
error: `DB_PORT` is no number from 1 to 65535

"#]],
        );
    }
}

fn what_is_no_url_is_told<P: Product>(server: &Server<P>) {
    let app = server_project(P::DIALECT, &server.url("x")).table("1_users", "users").build();
    let scheme = P::DIALECT;
    for (rest, problem) in [
        (format!("://me:{CANARY}#@db/app"), "holds a `#`"),
        (format!("://me:a@{CANARY}@db/app"), "holds several `@`"),
        (
            format!("://me:{CANARY}%@db/app"),
            "holds a `%` that two hexadecimal digits do not follow",
        ),
        (format!("://me:{CANARY}@db:many/app"), "has a port that is no number from 1 to 65535"),
        (format!(":me:{CANARY}@db/app"), "has no `//` behind"),
        (format!("://me:pw@db/app?{CANARY}=1"), "has a parameter that"),
    ] {
        for format in ["human", "short", "json"] {
            let url = format!("{scheme}{rest}");
            let arguments = ["run", "-v", "--message-format", format];
            let refused =
                app.migrate(arguments).env("DATABASE_URL", &url).env("RUST_BACKTRACE", "full");
            refused.exits(2).says(problem);
            // Typed in the wrong place.
            app.migrate(["run", &url]).exits(2);
        }
    }
}
