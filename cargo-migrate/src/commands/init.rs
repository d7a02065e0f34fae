//! `cargo migrate init`

use std::env;
use std::path::Path;

use migrate_build::config::DEFAULT_URL_VARIABLE;
use migrate_build::seal as build;
use migrate_build::{Config, Dialect, Server, ServerVersion};
use serde_json::json;

use super::{ask, seal};
use crate::cli::{Init, Options};
use crate::database;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::init::{Change, Crate, Options as Wanted, Written, apply, cargo, plan};
use crate::project::{Project, find_manifest};
use crate::reporter::Reporter;

pub(super) fn run(
    options: &Options,
    args: &Init,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let manifest = find_manifest(options)?;
    let wanted = wanted(options, args, &manifest, reporter)?;
    let directory = options.dir.as_ref().map(|dir| dir.to_string_lossy());
    let krate = Crate::load(&manifest, directory.as_deref())?;
    let edits = plan(&krate, &wanted)?;
    let written = apply(&edits, &mut |arguments| {
        reporter.progress("Calling", &format!("cargo {}", arguments.join(" ")));
        cargo(arguments)
    })?;
    show(&written, reporter);
    if !edits.is_empty() {
        seal_old(options, reporter);
    }
    Ok(Exit::Success)
}

/// Seals the migrations that a crate brings along: they are released, and what is found in them is no
/// reason to build nothing. One that is set up already may have newcomers, so it is left alone.
fn seal_old(options: &Options, reporter: &mut Reporter) {
    let sealed = Project::resolve(options, &Environment::default()).and_then(|project| {
        let report = project.verify()?;
        match report.migrations.is_empty() || report.lock.is_there() {
            true => Ok(()),
            false => seal::seal(
                &project,
                build::Seal { with_findings: true, ..build::Seal::default() },
                true,
                reporter,
            ),
        }
    });
    if let Err(failure) = sealed {
        reporter.warning(&failure.message);
        for help in &failure.help {
            reporter.note(help);
        }
    }
}

fn show(written: &[Written], reporter: &Reporter) {
    let here = env::current_dir().unwrap_or_default();
    for one in written {
        let verb = match one.change {
            Change::Created => "created",
            Change::Changed => "changed",
        };
        let path = one.path.strip_prefix(&here).unwrap_or(&one.path);
        reporter.result(&format!("{verb} {}", path.display()));
        reporter
            .object(&json!({ "reason": "file", "event": verb, "path": path.to_string_lossy() }));
    }
    if written.is_empty() {
        reporter.result("everything is set up already");
    } else {
        reporter.note("`cargo migrate new create_users name:text!` makes the first migration");
    }
}

/// What the crate is to be set up for: as typed, as it says itself, or as somebody answers.
fn wanted(
    options: &Options,
    args: &Init,
    manifest: &Path,
    reporter: &Reporter,
) -> Result<Wanted, Failure> {
    // What is wrong with a configuration is said when it is extended.
    let config = Config::load(manifest).ok();
    let databases = config.as_ref().map_or(&[][..], |config| &config.databases);
    let known = databases.iter().find_map(|database| database.dialect);
    let may_ask = !args.yes && ask::is_possible();
    let url = url(options);
    let at_hand = url.as_deref().map_or(Dialect::Sqlite, Dialect::of_url);
    let dialect = match options.dialect.or(known) {
        Some(dialect) => dialect,
        None if may_ask => asked_dialect(at_hand, reporter)?,
        None => at_hand,
    };
    if !dialect.is_compiled_in() {
        return Err(database::not_compiled_in(dialect));
    }
    let said = databases.iter().find_map(|database| database.server_version);
    let given = options.server_version.or(said.filter(|_| known == Some(dialect)));
    let server_version = match dialect != Dialect::Sqlite && given.is_none() && may_ask {
        true => asked_version(dialect, url.as_deref(), reporter)?,
        false => given,
    };
    Server::new(dialect, server_version).map_err(Failure::usage)?;
    Ok(Wanted {
        dialect,
        server_version,
        local: args.crates.clone(),
        docker: args.docker,
        github: args.github,
    })
}

fn asked_dialect(at_hand: Dialect, reporter: &Reporter) -> Result<Dialect, Failure> {
    let names = Dialect::ALL.map(Dialect::name).join(", ");
    match ask::line(&format!("Which database: {names}? [{at_hand}]"), reporter).as_str() {
        "" => Ok(at_hand),
        answer => answer.parse().map_err(Failure::usage),
    }
}

/// Production may be older than the server that is at hand: that is shown, and not taken.
fn asked_version(
    dialect: Dialect,
    url: Option<&str>,
    reporter: &Reporter,
) -> Result<Option<ServerVersion>, Failure> {
    let example = if dialect == Dialect::Postgres { "`15`" } else { "`8.0` or `mariadb-10.11`" };
    let at_hand = url.filter(|url| Dialect::of_url(url) == dialect);
    let at_hand = at_hand.and_then(|url| database::at(url).ok()?.server_version());
    let answers = at_hand.map_or_else(String::new, |version| format!("; `{version}` answers now"));
    let title = dialect.title();
    let question = format!("The oldest {title} it has to run on, as {example}{answers}? [any]");
    match ask::line(&question, reporter).as_str() {
        "" | "any" => Ok(None),
        answer => answer.parse().map(Some).map_err(Failure::usage),
    }
}

/// The address of the database that is at hand, if one is.
fn url(options: &Options) -> Option<String> {
    let url = match &options.database_url {
        Some(url) => url.clone(),
        None => Environment::default().get(DEFAULT_URL_VARIABLE).ok()??,
    };
    Some(url.trim().to_owned())
}
