//! Protected environments on servers.

use migrate_tests::project;
use migrate_tests::server::{Product, Server};

use crate::on_both;

on_both!(a_second_way_to_the_same_database_is_no_way_around);

fn a_second_way_to_the_same_database_is_no_way_around<P: Product>(server: &Server<P>) {
    let database = server.database();
    let url = database.url();
    let dialect = P::DIALECT;
    let manifest = format!(
        "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\
         [package.metadata.migrate]\ndialect = \"{dialect}\"\n\
         [package.metadata.migrate.environments.production]\n\
         url-env = \"PROD_DATABASE_URL\"\nprotected = true\nbackup = \"true\"\n"
    );
    let app = project("app")
        .cargo_toml(&manifest)
        .file(".env", format!("PROD_DATABASE_URL='{url}'\n"))
        .table("1_users", "users")
        .build();
    app.migrate(["run", "-e", "production"]).succeeds();
    let again = |from: &str, to: &str| {
        let other = url.replacen(from, to, 1);
        assert_ne!(other, url);
        other
    };
    let parameter = match dialect {
        "postgres" => "?application_name=x",
        _ => "?ssl_mode=disabled",
    };
    for other in [
        again("127.0.0.1", "localhost"),
        again("127.0.0.1", "LOCALHOST"),
        again("127.0.0.1", "127.0.0.2"),
        again("127.0.0.1", "[::1]"),
        format!("{url}{parameter}"),
        database.awkward_url(),
        url.clone(),
    ] {
        app.migrate(["revert", "--yes"])
            .env("DATABASE_URL", &other)
            .exits(2)
            .says("error: migrations are reverted in the protected environment `production`");
        app.migrate(["reset", "--yes"]).env("DATABASE_URL", &other).exits(2);
    }
    app.migrate(["status", "-e", "production"]).succeeds().prints("1 applied");
    // One that cannot be read lets nothing pass.
    app.migrate(["revert"])
        .env("DATABASE_URL", &url)
        .env("PROD_DATABASE_URL", format!("{dialect}://db:port/app"))
        .exits(2)
        .says("so says `PROD_DATABASE_URL`, of the environment `production`");
    // One beside it is free.
    let beside = server.database();
    app.migrate(["run"]).env("DATABASE_URL", beside.url()).succeeds();
    app.migrate(["revert"]).env("DATABASE_URL", beside.url()).succeeds();
    let confirmed = ["revert", "-e", "production", "--yes", "--confirm", "production"];
    app.migrate(confirmed).succeeds();
}
