//! `cargo migrate drift`

mod doubt;

use migrate_build::compare::{Comparison, Deviation, DeviationKind, Expected, drifted};
use migrate_build::sql::Class;
use migrate_build::sql::schema::Path;
use migrate_build::{Dialect, Report, Server};
use migrate_runtime::History;
use serde_json::{Value, json};

use super::{deviation, failure};
use crate::cli::Options;
use crate::database;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::project::Project;
use crate::reporter::Reporter;

use doubt::Doubts;

pub(super) fn run(options: &Options, reporter: &mut Reporter) -> Result<Exit, Failure> {
    let environment = Environment::default();
    let project = Project::resolve(options, &environment)?;
    let address = database::resolve(options, &environment, &project)?;
    let report = project.verify()?;
    let mut connection = address.open_or_empty()?;
    let history = connection.history().map_err(|error| failure(error, &*address))?;
    let version = address.server_version().or(project.server.version);
    let server = Server { version, ..project.server };
    let live = connection.live(server)?;
    let expected = expected(&report, &history, server)?;
    let mut comparison = Comparison::of_expected(expected.catalog(), &live);
    let elsewhere = leave_out_foreign_schemas(&expected, &mut comparison);
    let mut doubts = Doubts::of(&report, &history)?;
    doubts.about(&expected, &live, &comparison);
    for deviation in &comparison.deviations {
        let finding = drifted(&expected, deviation);
        reporter.finding(&match deviation.kind {
            DeviationKind::Additional if !doubts.are_none() => {
                finding.note("it may come from what is not known: see the warnings")
            }
            _ => finding,
        });
        let mut object = json!({ "reason": "drift" });
        if let (Value::Object(object), Value::Object(fields)) =
            (&mut object, deviation::object(deviation))
        {
            object.extend(fields);
        }
        reporter.object(&object);
    }
    doubts.show(reporter);
    beside(server, &comparison, &elsewhere, reporter);
    let applied = history.applied().len();
    Ok(conclude(applied, comparison.deviations.len(), &doubts, reporter))
}

/// The schema that the applied migrations make, in the order in which they were applied.
fn expected(report: &Report, history: &History, server: Server) -> Result<Expected, Failure> {
    let mut expected = Expected::new(server);
    for applied in history.applied() {
        let mut migrations = report.migrations.iter();
        if let Some(migration) = migrations.find(|one| one.version.as_str() == applied.version) {
            expected.apply(&migration.up.source)?;
        }
    }
    Ok(expected)
}

/// Platforms keep schemas of their own beside an application's: what is in one that no migration makes
/// is none of theirs. The names of these schemas.
fn leave_out_foreign_schemas(expected: &Expected, comparison: &mut Comparison) -> Vec<String> {
    let mut foreign: Vec<String> = Vec::new();
    comparison.deviations.retain(|deviation| {
        let Deviation { kind: DeviationKind::Additional, key: Some(key), .. } = deviation else {
            return true;
        };
        let schema = match &key.path.schema {
            Some(schema) => schema,
            None if deviation.class == Class::Schema.to_string() => &key.path.name,
            None => return true,
        };
        let path = Path { schema: None, name: schema.clone() };
        let is_ours = expected.catalog().find(Class::Schema, &path).is_some();
        if !is_ours && !foreign.iter().any(|known| known == schema.as_str()) {
            foreign.push(schema.as_str().to_owned());
        }
        is_ours
    });
    foreign
}

/// What is no drift, and worth knowing.
fn beside(server: Server, comparison: &Comparison, elsewhere: &[String], reporter: &Reporter) {
    for key in &comparison.reordered {
        let table = &key.path;
        reporter.note(&format!(
            "the columns of `{table}` stand in another order, which no name depends on"
        ));
    }
    if !elsewhere.is_empty() {
        let schemas: Vec<String> = elsewhere.iter().map(|name| format!("`{name}`")).collect();
        let schemas = schemas.join(", ");
        reporter.note(&format!("not looked at, as no migration makes these schemas: {schemas}"));
    }
    if server.dialect != Dialect::Sqlite {
        let title = server.title();
        reporter.note(&format!(
            "{title} writes expressions, queries and bodies in its own way: that they are there is \
             compared, what they say is not"
        ));
    }
}

/// What is known in the end; how the command ends.
fn conclude(applied: usize, differences: usize, doubts: &Doubts, reporter: &mut Reporter) -> Exit {
    let is_certain = doubts.are_none();
    let drift = match (differences, is_certain) {
        (0, false) => None,
        (0, true) => Some(false),
        _ => Some(true),
    };
    reporter.summarise("applied", applied);
    reporter.summarise("differences", differences);
    reporter.summarise("drift", drift);
    reporter.summarise("not_known", doubts.texts());
    let migrations = if applied == 1 { "migration makes" } else { "migrations make" };
    let counted = match differences {
        1 => "1 difference".to_owned(),
        n => format!("{n} differences"),
    };
    reporter.result(&match (differences, is_certain) {
        (0, true) if applied == 0 => {
            "no drift: no migration is applied, and the database is empty".to_owned()
        }
        (0, true) => {
            format!("no drift: the database is what its {applied} applied {migrations}")
        }
        (0, false) => "it is not known whether there is drift: nothing differs of what can be \
                       compared"
            .to_owned(),
        (_, true) => {
            format!("drift: {counted} from what the {applied} applied {migrations}")
        }
        (_, false) => format!(
            "drift, or what is not known: {counted} from what the {applied} applied {migrations}"
        ),
    });
    if differences > 0 || doubts.are_about_files() { Exit::Failure } else { Exit::Success }
}
