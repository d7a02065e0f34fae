//! Whose history is meant.

use migrate_runtime::History;

use crate::adopt::{self, Place, TOOLS, Tool};
use crate::cli::Adopt;
use crate::database::Connection;
use crate::failure::Failure;
use crate::project::Project;

/// Whether the table of the tool that is named is there.
pub(super) fn is_there(
    args: &Adopt,
    connection: &mut Connection,
    project: &Project,
) -> Result<bool, Failure> {
    let tool = adopt::named(args.from.as_deref().unwrap_or_default())?;
    adopt::present(connection, project.server.dialect, tool, &place(args, tool))
}

/// Where its table is.
fn place(args: &Adopt, tool: &Tool) -> Place {
    Place::new(args.table.as_deref().unwrap_or(tool.table))
}

/// The tool that is named, or the only one whose table is there.
pub(super) fn tool(
    args: &Adopt,
    connection: &mut Connection,
    project: &Project,
    history: &History,
) -> Result<(&'static Tool, Place), Failure> {
    let dialect = project.server.dialect;
    let Some(name) = &args.from else {
        return only(connection, project, history).map(|tool| (tool, Place::new(tool.table)));
    };
    let tool = adopt::named(name)?;
    let place = place(args, tool);
    if adopt::present(connection, dialect, tool, &place)? {
        return Ok((tool, place));
    }
    let others = found(connection, project, history)?;
    let failure = Failure::new(format!("the database has no table `{place}` of {}", tool.title));
    let failure = match names(&others).as_slice() {
        [] => failure,
        names => failure.note(format!("it has one of {}", names.join(" and one of "))),
    };
    Err(failure.help("`--table NAME` says where it is when it bears another name"))
}

fn only(
    connection: &mut Connection,
    project: &Project,
    history: &History,
) -> Result<&'static Tool, Failure> {
    match found(connection, project, history)?.as_slice() {
        [tool] => Ok(tool),
        [] => {
            let mut tables: Vec<String> =
                TOOLS.iter().map(|tool| format!("`{}`", tool.table)).collect();
            tables.sort_unstable();
            tables.dedup();
            Err(Failure::new("the database has no table in which another tool keeps its history")
                .note(format!("looked for {}", tables.join(", ")))
                .help("`--from TOOL --table NAME` says where it is when it bears another name"))
        }
        several => {
            let choices: Vec<String> =
                several.iter().map(|tool| format!("`--from {}`", tool.name)).collect();
            let tables: Vec<String> =
                several.iter().map(|tool| format!("`{}` of {}", tool.table, tool.title)).collect();
            Err(Failure::usage("the database has the tables of several tools: say which")
                .note(format!("it has {}", tables.join(" and ")))
                .help(format!("one of {}", choices.join(", "))))
        }
    }
}

/// The tools whose tables are there. Diesel's is our ledger: it counts while something in it has no
/// record of ours.
fn found(
    connection: &mut Connection,
    project: &Project,
    history: &History,
) -> Result<Vec<&'static Tool>, Failure> {
    let is_unrecorded = history.applied().iter().any(|applied| applied.record.is_none());
    let mut found = Vec::new();
    for tool in TOOLS.iter().copied().filter(|tool| !tool.is_diesel() || is_unrecorded) {
        if adopt::present(connection, project.server.dialect, tool, &Place::new(tool.table))? {
            found.push(tool);
        }
    }
    Ok(found)
}

fn names(tools: &[&Tool]) -> Vec<&'static str> {
    tools.iter().map(|tool| tool.title).collect()
}

/// What is to be said of a lock that a run of the tool left behind, or holds.
pub(super) fn lock(
    connection: &mut Connection,
    project: &Project,
    tool: &Tool,
    place: &Place,
) -> Result<Option<String>, Failure> {
    let is_locked = adopt::is_locked(connection, project.server.dialect, tool, place)?;
    Ok(is_locked.then(|| {
        let title = tool.title;
        format!(
            "{title}'s lock is taken (`{}`): a run of {title} is at work, or was cut off; what it \
             applies now is not in its table yet",
            place.beside(tool.lock.unwrap_or_default())
        )
    }))
}
