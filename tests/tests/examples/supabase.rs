//! `examples/supabase`

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use migrate_tests::server::{CANARY, Database, PostgreSql, Postgres, USER};
use migrate_tests::{Invocation, Project, program, project};

use super::servers::{every_step_leaves_the_schema_on_record, migrations};
use super::{golden, programs, refusal_of, start_on, stdout_of};

const LAST: &str = "20250101000005_posts_user_fk";

fn directory() -> PathBuf {
    migrations("supabase/migrations")
}

#[test]
fn every_step_of_the_service_leaves_the_schema_on_record() {
    every_step_leaves_the_schema_on_record(Postgres::shared(), &directory(), "supabase");
}

/// A directory with the command line in it, by its own name.
fn command_line() -> &'static Path {
    static DIRECTORY: LazyLock<PathBuf> = LazyLock::new(|| {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bin");
        let link = directory.join("cargo-migrate");
        fs::create_dir_all(&directory).expect("a directory");
        // One of an earlier run may lead elsewhere.
        let _ = fs::remove_file(&link);
        symlink(program(), &link).expect("a link");
        directory
    });
    &DIRECTORY
}

/// A container: the command line on its `PATH`, and the parts of the address in its environment.
struct Container {
    files: Project,
    parts: [(&'static str, String); 5],
}

impl Container {
    fn new(database: &Database<PostgreSql>) -> Self {
        let files = project("app").without("Cargo.toml").without("src").without(".env").build();
        let text = |text: &str| text.to_owned();
        let parts = [
            ("DB_HOST", text("127.0.0.1")),
            ("DB_PORT", database.server().port().to_string()),
            ("DB_NAME", text(database.name())),
            ("DB_USER", text(USER)),
            ("DB_PASSWORD", text(CANARY)),
        ];
        Self { files, parts }
    }

    /// Its entrypoint, with this command.
    fn start(&self, command: &str) -> Invocation {
        let path = std::env::var("PATH").expect("a path");
        let entrypoint = directory().join("../entrypoint.sh");
        let invocation = self
            .files
            .shell(&format!("exec \"$ENTRYPOINT\" {command}"))
            .env("ENTRYPOINT", entrypoint)
            .env("SERVICE", &programs().supabase)
            .env("MIGRATIONS_DIR", directory())
            .env("PATH", format!("{}:{path}", command_line().display()));
        self.parts.iter().fold(invocation, |invocation, (name, value)| invocation.env(name, value))
    }
}

#[test]
fn four_replicas_start_at_once_and_one_migrates() {
    for _ in 0..3 {
        let database = Postgres::shared().database();
        let containers: Vec<Container> = (0..4).map(|_| Container::new(&database)).collect();
        let replicas: Vec<_> = containers
            .iter()
            .map(|container| container.start("\"$SERVICE\" list").start())
            .collect();
        for replica in replicas {
            let _ = replica.output().exits(0).never_shows(CANARY);
        }
        assert_eq!(database.schema(), golden("supabase", "postgres", LAST));
        let applied = "SELECT count(*), count(DISTINCT version) FROM __diesel_schema_migrations";
        assert_eq!(database.sql(applied), "5\t5\n");
        let batches = database.sql("SELECT DISTINCT batch FROM __migrate_history");
        assert_eq!(batches, "1\n", "one replica did it all");
    }
}

#[test]
fn the_service_starts_when_the_database_has_come_up() {
    let server = Postgres::start();
    let database = server.database();
    let container = Container::new(&database);
    server.stop_immediate();
    container.start("\"$SERVICE\" list").env("WAIT_TIMEOUT", "1").exits(5).never_shows(CANARY);
    let waiting = container.start("\"$SERVICE\" list").start();
    std::thread::sleep(std::time::Duration::from_millis(500));
    server.restart();
    let _ = waiting.output().exits(0);
    assert_eq!(database.schema(), golden("supabase", "postgres", LAST));
}

#[test]
fn the_service_does_not_start_when_a_migration_failed() {
    let database = Postgres::shared().database();
    database.sql("CREATE TABLE audit_logs (mine TEXT)");
    let output = Container::new(&database).start("echo started").exits(1);
    output.says("relation \"audit_logs\" already exists").never_shows("started");
}

#[test]
fn the_program_looks_and_changes_nothing() {
    let database = Postgres::shared().database();
    let url = database.url();
    let service = |arguments: &[&str]| start_on(&url, &programs().supabase, arguments);
    let refused = refusal_of(&service(&["list"]));
    assert!(refused.contains("5 migrations are pending"), "{refused}");
    assert_eq!(database.sql("SELECT count(*) FROM pg_class WHERE relname LIKE '\\_\\_%'"), "0\n");

    Container::new(&database).start("true").succeeds();
    stdout_of(&service(&["add", "ada@example.org", "+44"]));
    stdout_of(&service(&["add", "bob@example.org"]));
    stdout_of(&service(&["post", "ada@example.org", "It's \"noon\""]));
    assert_eq!(stdout_of(&service(&["list"])), "ada@example.org: It's \"noon\"\n");
    let audit = database.sql("SELECT actor_id, action, payload FROM audit_logs ORDER BY id");
    assert_eq!(
        audit,
        "1\tadd\t{\"phone\": true}\n2\tadd\t{\"phone\": false}\n1\tpost\t{\"title\": \"It's \\\"noon\\\"\"}\n"
    );
    let refused = refusal_of(&service(&["post", "eve@example.org", "Hello"]));
    assert!(refused.contains("there is no user eve@example.org"), "{refused}");
    let refused = refusal_of(&service(&["shout"]));
    assert!(refused.contains("usage: example-supabase"), "{refused}");

    // A newer release has migrated; the old replicas go on until they are replaced.
    database.sql("INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000000')");
    stdout_of(&service(&["list"]));
}

#[test]
fn a_batch_is_taken_back_as_one() {
    let database = Postgres::shared().database();
    let container = Container::new(&database);
    let migrate = |arguments: &str| {
        container
            .start(&format!(
                "cargo-migrate {arguments} --dir \"$MIGRATIONS_DIR\" --dialect postgres"
            ))
            .env("ENTRYPOINT", "env")
            .succeeds()
    };
    migrate("run -n 2");
    migrate("run");
    let after = |migration| golden("supabase", "postgres", migration);
    assert_eq!(database.schema(), after(LAST));
    let _ = migrate("revert --batch").prints("3 migrations reverted");
    assert_eq!(database.schema(), after("20250101000002_add_user_email_index"));
    migrate("revert --batch");
    assert_eq!(database.schema(), "");
}

#[test]
fn the_parts_of_the_address_may_stand_in_a_file() {
    let database = Postgres::shared().database();
    let container = Container::new(&database);
    let example = fs::read_to_string(directory().join("../.env.example")).expect("a file");
    let names: Vec<&str> = example
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| Some(line.split_once('=')?.0))
        .collect();
    assert_eq!(names, container.parts.each_ref().map(|(name, _)| *name));
    let lines = container.parts.iter().map(|(name, value)| format!("{name}={value}\n"));
    container.files.write(".env", lines.collect::<String>());
    let dir = directory();
    let arguments = ["run", "--dialect", "postgres", "--dir", dir.to_str().expect("a path")];
    container.files.migrate(arguments).succeeds();
    let line = "exec \"$SERVICE\" list";
    container.files.shell(line).env("SERVICE", &programs().supabase).succeeds();
}
