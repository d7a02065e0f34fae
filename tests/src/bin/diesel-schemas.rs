//! Asks Diesel's command line what it prints for the schemas in `fixtures/diesel`, each made in a
//! database of its own, and compares it with the files beside them.
//!
//! ```text
//! cargo install diesel_cli --version 2.3.14 --no-default-features --features sqlite,postgres,mysql --root DIR
//! cargo run -p migrate-tests --bin diesel-schemas -- --diesel DIR/bin/diesel
//! cargo run -p migrate-tests --bin diesel-schemas -- --diesel DIR/bin/diesel --write
//! ```

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use clap::Parser as _;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, SqliteConnection};
use migrate_build::Dialect;
use migrate_tests::diesel_schemas::Case;
use migrate_tests::server::{Mariadb, Postgres};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Asks Diesel's command line for the schemas in `fixtures/diesel`.
#[derive(clap::Parser)]
struct Arguments {
    /// Diesel's command line.
    #[arg(long)]
    diesel: PathBuf,
    /// Only for these databases.
    #[arg(long)]
    dialect: Vec<Dialect>,
    /// Take what it prints for what is expected.
    #[arg(long)]
    write: bool,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut is_right = true;
    let is_meant =
        |case: &Case| arguments.dialect.is_empty() || arguments.dialect.contains(&case.dialect);
    for case in Case::all().into_iter().filter(is_meant) {
        let said = match compare(&arguments, &case) {
            Ok(said) => said.to_owned(),
            Err(error) => {
                is_right = false;
                error.to_string()
            }
        };
        let _ = writeln!(std::io::stdout(), "{}: {said}", case.name());
    }
    if is_right { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn compare(arguments: &Arguments, case: &Case) -> Result<&'static str> {
    let printed = printed(&arguments.diesel, case)?;
    if fs::read_to_string(case.schema()).is_ok_and(|schema| schema == printed) {
        return Ok("the same");
    }
    if !arguments.write {
        return Err("Diesel prints something else".into());
    }
    fs::write(case.schema(), printed)?;
    Ok("written")
}

/// What Diesel prints.
fn printed(diesel: &Path, case: &Case) -> Result<String> {
    let place = tempfile::tempdir()?;
    let ups: Vec<String> = case.migrations().into_iter().map(|(_, up)| up).collect();
    match case.dialect {
        Dialect::Sqlite => {
            let path = place.path().join("a.db");
            let url = path.to_string_lossy();
            let mut connection = SqliteConnection::establish(&url)?;
            ups.iter().try_for_each(|up| connection.batch_execute(up))?;
            print_schema(diesel, case, place.path(), &url)
        }
        Dialect::Postgres => {
            let database = Postgres::shared().database();
            ups.iter().for_each(|up| drop(database.sql(up)));
            print_schema(diesel, case, place.path(), &database.url())
        }
        Dialect::Mysql => {
            let database = Mariadb::shared().database();
            ups.iter().for_each(|up| drop(database.sql(up)));
            print_schema(diesel, case, place.path(), &database.url())
        }
    }
}

fn print_schema(diesel: &Path, case: &Case, place: &Path, url: &str) -> Result<String> {
    let config = case.config().unwrap_or_else(|| place.join("none.toml"));
    let output = Command::new(diesel)
        .args(["print-schema", "--database-url", url, "--config-file"])
        .arg(config)
        .current_dir(place)
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
