//! Applying to PostgreSQL, against `psql` and Diesel.

use std::fs;
use std::path::Path;
use std::process::Command;

use migrate_tests::server::{Database, PostgreSql, Postgres, USER};

use crate::measure::{Result, Run, in_turn, process};
use crate::migrations::Kinds;
use crate::table::Line;
use crate::{MANY, Places, migrations};

const ROUNDS: usize = 7;

pub(crate) fn measure(places: &Places) -> Result<Vec<Line>> {
    let work = places.work.join("postgres");
    let dir = work.join("migrations");
    migrations::write_kinds(&dir, MANY, Kinds::Postgres)?;
    let script = work.join("all.sql");
    fs::write(&script, migrations::script_of_many(&dir)?)?;
    let mut lines = Vec::new();
    for (kind, options) in
        [("", &["-cfsync=on", "-cfull_page_writes=on"][..]), (", not synced", &[])]
    {
        let server = Postgres::start_with(options);
        // A line in the log for each statement would be more work than many a statement.
        server.execute(&format!("ALTER ROLE {USER} SET log_statement = 'none'"));
        lines.extend(on(&server, kind, places, &dir, &script)?);
    }
    Ok(lines)
}

fn on(
    server: &Postgres,
    kind: &str,
    places: &Places,
    dir: &Path,
    script: &Path,
) -> Result<Vec<Line>> {
    let ours = |url: &str| tool(places, dir, url, "run");
    let psql = |url: &str| {
        let mut psql = Command::new("psql");
        psql.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]);
        psql.arg("--file").arg(script).arg(url);
        psql
    };
    let [run, shell] = in_turn(ROUNDS, [applied(server, ours), applied(server, psql)])?;
    let what = format!("`run` of 1,000 on PostgreSQL{kind}, against `psql`");
    let mut lines = vec![Line::ratio(&what, run, shell, 1.3)];
    if let Some(diesel) = &places.diesel {
        let theirs = |url: &str| run_of_diesel(diesel, dir, url);
        let [run, theirs] = in_turn(ROUNDS, [applied(server, ours), applied(server, theirs)])?;
        let what = format!("the same{kind}, against `diesel migration run`");
        lines.push(Line::ratio(&what, run, theirs, 1.0));
    }
    Ok(lines)
}

/// What this command takes on a database without anything in it.
fn applied<'r>(server: &'r Postgres, command: impl Fn(&str) -> Command + 'r) -> Run<'r> {
    Box::new(move || {
        let database: Database<PostgreSql> = server.database();
        process(&mut command(&database.url()))
    })
}

fn tool(places: &Places, dir: &Path, url: &str, command: &str) -> Command {
    let mut tool = Command::new(&places.tool);
    tool.arg("--dir").arg(dir).args(["--database-url", url, command]);
    tool
}

fn run_of_diesel(diesel: &Path, dir: &Path, url: &str) -> Command {
    let mut command = Command::new(diesel);
    command.args(["migration", "run", "--migration-dir"]).arg(dir);
    command.args(["--database-url", url]);
    // Without this it looks for a file to write Rust into.
    command.current_dir(dir);
    command
}
