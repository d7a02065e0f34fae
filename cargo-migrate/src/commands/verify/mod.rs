//! `cargo migrate verify`

mod engine;
mod ruling;
mod show;

use std::env;

use migrate_build::catalog::Live;
use migrate_build::compare::{Comparison, Deviation, Expected};
use migrate_build::suggest::did_you_mean;
use migrate_build::{Dialect, Down, Migration, Report, Server, Version};
use migrate_runtime::Migrations;

use super::check;
use crate::cli::{Options, Verify};
use crate::database::{self, Address};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::handover::Recipe;
use crate::project::Project;
use crate::reporter::Reporter;
use crate::set::{has_code, with_set};
use crate::signal::stop_flag;

use engine::Engine;
use ruling::{Ruling, Tried, When};
use show::Shown;

pub(super) fn run(
    options: &Options,
    args: &Verify,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let environment = Environment::default();
    let project = Project::resolve(options, &environment)?;
    let report = project.verify()?;
    let address = match project.server.dialect {
        // In memory another program would find nothing.
        Dialect::Sqlite if has_code(&report) => {
            database::at(&env::temp_dir().join("migrate_verify").to_string_lossy())?
        }
        Dialect::Sqlite => database::at(":memory:")?,
        _ => database::resolve(options, &environment, &project)?,
    };
    if report.is_unfit() {
        check::show_findings(&report, reporter);
        return Err(Failure::new("nothing was tried: the migrations have findings"));
    }
    let meant = meant(&report, args)?;
    let last = meant.iter().rposition(|is_meant| *is_meant).map_or(0, |at| at + 1);
    let stop = stop_flag()?;
    let server = server(&*address, project.server);
    let recipe = has_code(&report).then(|| Recipe::of(&project, options)).flatten();
    let mut engine = Engine::start(&*address, server, recipe, &stop)?;
    let schema = Some(engine.live()?);
    let mut shown = Shown::new(&report, server, reporter);
    let tried = with_set(&report, |migrations| {
        let expected = Expected::new(server);
        let mut trial = Trial { engine: &mut engine, migrations, expected, schema, agrees: true };
        for (migration, is_meant) in report.migrations[..last].iter().zip(&meant) {
            if let Some(tried) = trial.migration(migration, *is_meant)? {
                shown.tried(&tried);
            }
        }
        Ok(())
    });
    tried.and_then(|()| engine.stop())?;
    Ok(shown.finish())
}

/// The server that answers, as far as it says what it is; the files' own else.
fn server(address: &dyn Address, files: Server) -> Server {
    Server { version: address.server_version().or(files.version), ..files }
}

/// Of each migration, whether it is to be tried.
fn meant(report: &Report, args: &Verify) -> Result<Vec<bool>, Failure> {
    let mut meant = vec![args.versions.is_empty(); report.migrations.len()];
    for typed in &args.versions {
        let version = Version::normalised(typed);
        let at = report.migrations.iter().position(|migration| migration.version == version);
        let at = at.ok_or_else(|| {
            let versions = report.migrations.iter().map(|migration| migration.version.as_str());
            let hint = did_you_mean(version.as_str(), versions);
            Failure::usage(format!("there is no migration `{typed}`{hint}"))
        })?;
        meant[at] = true;
    }
    Ok(meant)
}

/// All migrations, one after another, on an engine.
struct Trial<'t, 'e> {
    engine: &'t mut Engine<'e>,
    migrations: &'t Migrations<'t>,
    /// What the files say of the schema so far.
    expected: Expected,
    /// What the engine says of it; nothing once it has refused an `up.sql`.
    schema: Option<Live>,
    /// The two were the same so far. Once they are not, nothing that follows says more.
    agrees: bool,
}

impl Trial<'_, '_> {
    /// Applies a migration, and tries its way back if that is asked for.
    fn migration<'m>(
        &mut self,
        migration: &'m Migration,
        is_meant: bool,
    ) -> Result<Option<Tried<'m>>, Failure> {
        let tried = |ruling, disagreement| Ok(Some(Tried { migration, ruling, disagreement }));
        let Some(before) = self.schema.take() else {
            return tried(Ruling::NotTried, Vec::new());
        };
        if let Err(failed) = self.engine.up(self.migrations, migration.version.as_str())? {
            return tried(Ruling::Refused(When::Up, Box::new(failed)), Vec::new());
        }
        let after = self.engine.live()?;
        self.expected.apply(&migration.up.source)?;
        let disagreement = self.disagreement(&after);
        let ruling = match &migration.down {
            _ if !is_meant => None,
            Down::Irreversible(reason) => Some(Ruling::Irreversible(reason.clone())),
            _ => Some(self.way_back(migration, &before, &after)?),
        };
        self.schema = Some(after);
        match ruling {
            Some(ruling) => tried(ruling, disagreement),
            None => Ok(None),
        }
    }

    /// Goes back and forth again. At the end the migration is applied.
    fn way_back(
        &mut self,
        migration: &Migration,
        before: &Live,
        after: &Live,
    ) -> Result<Ruling, Failure> {
        let ruling = self.back_and_forth(migration, before, after)?;
        if !matches!(ruling, Ruling::Holds) {
            self.engine.renew(self.migrations, migration.version.as_str())?;
        }
        Ok(ruling)
    }

    fn back_and_forth(
        &mut self,
        migration: &Migration,
        before: &Live,
        after: &Live,
    ) -> Result<Ruling, Failure> {
        if let Err(failed) = self.engine.down(self.migrations)? {
            return Ok(Ruling::Refused(When::Down, Box::new(failed)));
        }
        let left = Comparison::of_live(before, &self.engine.live()?).deviations;
        if !left.is_empty() {
            return Ok(Ruling::Leaves(left));
        }
        if let Err(failed) = self.engine.up(self.migrations, migration.version.as_str())? {
            return Ok(Ruling::Refused(When::UpAgain, Box::new(failed)));
        }
        let other = Comparison::of_live(after, &self.engine.live()?).deviations;
        Ok(if other.is_empty() { Ruling::Holds } else { Ruling::Otherwise(other) })
    }

    /// What the simulated schema says otherwise than the database; nothing once a statement was not
    /// followed.
    fn disagreement(&mut self, live: &Live) -> Vec<Deviation> {
        if !self.agrees || !self.expected.not_followed.is_empty() {
            return Vec::new();
        }
        let deviations = Comparison::of_expected(self.expected.catalog(), live).deviations;
        self.agrees = deviations.is_empty();
        deviations
    }
}
