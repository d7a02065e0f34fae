//! `cargo migrate adopt`

mod choose;
mod convert;
mod show;

use std::time::Duration;

use migrate_build::{Dialect, Report};
use migrate_runtime::{Backend, Error, History, Migrations, Outcome, Past, Runner};

use super::{ask, failure};
use crate::adopt::files::Converted;
use crate::adopt::matching::{self, File, Matching};
use crate::adopt::{Place, Row, Tool, read};
use crate::cli::{Adopt, Consent, Options};
use crate::database::{self, Address, Connection};
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::protection::Protection;
use crate::reporter::Reporter;
use crate::set::with_set;
use crate::signal::stop_flag;

use show::Listing;

pub(super) fn run(
    options: &Options,
    args: &Adopt,
    reporter: &mut Reporter,
) -> Result<Exit, Failure> {
    let environment = Environment::default();
    let project = Project::resolve(options, &environment)?;
    let converted = convert::files(args, &project, reporter)?;
    if args.files.is_some()
        && (args.dry_run || !is_database_given(options, &environment, &project)?)
    {
        return Ok(convert::without_history(args.dry_run, reporter));
    }
    let address = database::resolve(options, &environment, &project)?;
    let protection = Protection::of(options, &environment, &project, &*address)?;
    let report = project.verify()?;
    let mut connection = address.open_or_empty()?;
    let history = connection.history().map_err(|error| failure(error, &*address))?;
    refuse_unfinished(&history)?;
    if args.files.is_some() && !choose::is_there(args, &mut connection, &project)? {
        return Ok(convert::without_history(false, reporter));
    }
    let (tool, place) = choose::tool(args, &mut connection, &project, &history)?;
    let past = tool.past(read(&mut connection, project.server.dialect, tool, &place)?)?;
    for note in &past.notes {
        reporter.note(note);
    }
    if let Some(warning) = choose::lock(&mut connection, &project, tool, &place)? {
        reporter.warning(&warning);
    }
    let files = files(&report, &converted);
    let rows = matching::rows(&past, &files);
    let matching = Matching::of(&rows, &files);
    let report = &report;
    let adoption = Adoption { tool, place, report, rows, matching, history: &history, protection };
    adoption.settle(args, &*address, &mut connection, reporter)
}

/// What is to be taken over.
struct Adoption<'a> {
    tool: &'static Tool,
    place: Place,
    report: &'a Report,
    rows: Vec<Row>,
    matching: Matching,
    history: &'a History,
    protection: Option<Protection>,
}

impl Adoption<'_> {
    fn settle(
        &self,
        args: &Adopt,
        address: &dyn Address,
        connection: &mut Connection,
        reporter: &mut Reporter,
    ) -> Result<Exit, Failure> {
        let listing = Listing::of(self);
        listing.show(reporter);
        let due = self.due();
        if due.is_empty() {
            listing.finish(0, reporter);
            return self.nothing_due(reporter);
        }
        if !self.matching.is_certain() && !args.yes {
            let refused = self.ask_for(due.len(), args.dry_run, reporter);
            if refused.is_err() {
                listing.finish(0, reporter);
            }
            refused?;
        }
        if args.dry_run {
            listing.finish(0, reporter);
            reporter.note(&format!("{} to take over; nothing was changed", due.len()));
            return Ok(Exit::Success);
        }
        if let Some(protection) = &self.protection {
            let consent = Consent { yes: args.yes, confirm: args.confirm.clone() };
            protection.confirm("a history is taken over", &consent, reporter)?;
        }
        let outcome = with_set(self.report, |migrations| {
            let recorded: Result<Result<Outcome, Error>, Failure> = database::on!(connection, connection => {
                self.record(&mut **connection, migrations, &due, args.lock_timeout, reporter)
            });
            recorded?.map_err(|error| failure(error, address))
        })?;
        let count = outcome.applied.len();
        listing.finish(count, reporter);
        let noun = if count == 1 { "migration" } else { "migrations" };
        reporter.result(&format!("{count} {noun} of {} taken over", self.tool.title));
        if !self.tool.is_diesel() {
            let (title, place) = (self.tool.title, &self.place);
            reporter.note(&format!(
                "`{place}` is as it was; a migration may drop it once nobody uses {title} any more"
            ));
        }
        Ok(Exit::Success)
    }

    /// All that matches is recorded already; or nothing matches at all.
    fn nothing_due(&self, reporter: &Reporter) -> Result<Exit, Failure> {
        if self.matching.matched.is_empty() && !self.rows.is_empty() {
            let message =
                format!("nothing was taken over: no row of `{}` matches a file", self.place);
            return Err(Failure::new(message).help(
                "`--dir DIR` names another directory; `--files DIR` converts the tool's files",
            ));
        }
        reporter.result("nothing to take over: what matches is in the ledger already");
        Ok(Exit::Success)
    }

    /// What matches, and has no record yet; in the order in which it was applied.
    fn due(&self) -> Vec<(usize, &Row)> {
        let is_due = |file: usize| {
            let version = self.report.migrations[file].version.as_str();
            self.history.get(version).is_none_or(|applied| applied.record.is_none())
        };
        let matched = self.matching.matched.iter().filter(|matched| is_due(matched.file));
        matched.map(|matched| (matched.file, &self.rows[matched.row])).collect()
    }

    /// Asks whether what matches is to be taken, though not all does.
    fn ask_for(&self, due: usize, dry_run: bool, reporter: &Reporter) -> Result<(), Failure> {
        if !dry_run && ask::is_possible() {
            let what =
                format!("{due} of {} will be taken over, the others will not", self.rows.len());
            return ask::whether(&what, false, reporter);
        }
        Err(Failure::new("nothing was taken over: the history and the files do not match")
            .help("bring them together, or take what matches with `--yes`"))
    }

    fn record<C: Backend>(
        &self,
        connection: &mut C,
        migrations: &Migrations<'_>,
        due: &[(usize, &Row)],
        lock_timeout: u64,
        reporter: &Reporter,
    ) -> Result<Result<Outcome, Error>, Failure> {
        let rows: Vec<&Row> = due.iter().map(|(_, row)| *row).collect();
        let batches = matching::batches(&rows);
        let past: Vec<Past<'_>> = due
            .iter()
            .zip(batches)
            .map(|((file, row), batch)| Past {
                version: self.report.migrations[*file].version.as_str(),
                batch,
                applied_at: row.applied_at,
                took: row.took,
            })
            .collect();
        let stop = stop_flag()?;
        let mut observer = reporter.steps();
        Ok(Runner::new(migrations)
            .lock_timeout(Duration::from_secs(lock_timeout))
            .cancel_on(&stop)
            .observer(&mut observer)
            .record(connection, &past, self.tool.name))
    }
}

/// The migrations on disk; what was converted, as its tool knew it.
fn files<'a>(report: &'a Report, converted: &'a [Converted]) -> Vec<File<'a>> {
    let mut files = Vec::with_capacity(report.migrations.len());
    for migration in &report.migrations {
        let before = converted.iter().find(|one| one.directory() == migration.name);
        files.push(before.map_or_else(
            || File {
                version: migration.version.as_str(),
                name: migration.name.split_once('_').map_or("", |(_, name)| name),
                text: migration.up.source.text(),
            },
            Converted::before,
        ));
    }
    files
}

/// Files can be converted without a database.
fn is_database_given(
    options: &Options,
    environment: &Environment,
    project: &Project,
) -> Result<bool, Failure> {
    if options.database_url.is_some() || environment.get(&project.url_env)?.is_some() {
        return Ok(true);
    }
    match &project.url_parts {
        Some(parts) if project.server.dialect != Dialect::Sqlite => {
            Ok(environment.get(&parts.name)?.is_some())
        }
        _ => Ok(false),
    }
}

/// What stands half way belongs to a runner of ours: whether it is applied, nobody else can say.
fn refuse_unfinished(history: &History) -> Result<(), Failure> {
    let Some(unfinished) = history.unfinished().first() else { return Ok(()) };
    Err(Failure::new(format!("nothing was taken over: {} stands half way", unfinished.name))
        .help("`cargo migrate status` says where; `cargo migrate run` finishes it"))
}
