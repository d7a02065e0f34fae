//! What is to be done, in words.

use migrate_runtime::{Goal, Redo, Target, Undo};

/// What is to be done, as `migrate_runtime::cli` reads it.
pub(crate) fn words(goal: Goal<'_>) -> Vec<String> {
    let (verb, option) = match goal {
        Goal::Run(target) => match target {
            Target::All => ("run", None),
            Target::Count(count) => ("run", Some(format!("--number={count}"))),
            Target::Version(version) => ("run", Some(format!("--to={version}"))),
        },
        Goal::Revert(undo) => match undo {
            Undo::Count(count) => ("revert", Some(format!("--number={count}"))),
            Undo::To(version) => ("revert", Some(format!("--to={version}"))),
            Undo::Batch => ("revert", Some("--batch".to_owned())),
            Undo::All => ("revert", Some("--all".to_owned())),
        },
        Goal::Redo(Redo::Count(count)) => ("redo", Some(format!("--number={count}"))),
        Goal::Redo(Redo::All) => ("redo", Some("--all".to_owned())),
    };
    ["handover".to_owned(), verb.to_owned()].into_iter().chain(option).collect()
}
