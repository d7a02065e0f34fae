//! What there is.
use super::connect::{Connect, Target, Work};
use super::report::{self, Failure};
use crate::escape::Escaped;
use crate::history::History;
use crate::migrations::Migrations;
use crate::runner::{read_patiently, refuse_dialect};
use crate::status::{State, Status};

/// Shows every migration and its state.
pub(super) fn main(migrations: &Migrations<'static>, target: Target) -> Result<(), Failure> {
    let history = target.that_is_only_read().open(Read(migrations))?;
    let all = history.status(migrations);
    let mut text = String::new();
    for Status { migration, state, .. } in &all {
        text.push_str(&format!("{:<12} {}\n", word(*state), Escaped(&migration.name)));
    }
    let count = |of: State| all.iter().filter(|status| status.state == of).count();
    let states = ALL.map(|state| (count(state), word(state)));
    let counted = states.iter().filter(|(count, _)| *count > 0);
    let counted: Vec<String> = counted.map(|(count, word)| format!("{count} {word}")).collect();
    match counted.as_slice() {
        [] => text.push_str("no migrations"),
        counted => text.push_str(&counted.join(", ")),
    }
    report::result(&text);
    Ok(())
}

struct Read<'r>(&'r Migrations<'static>);

impl Work for Read<'_> {
    type Done = History;

    fn with<C: Connect>(self, conn: &mut C, _: &Target) -> Result<History, Failure> {
        refuse_dialect::<C>(self.0)?;
        Ok(read_patiently(conn)?)
    }
}

const ALL: [State; 7] = [
    State::Applied,
    State::Baselined,
    State::Modified,
    State::Missing,
    State::Unfinished,
    State::OutOfOrder,
    State::Pending,
];

const fn word(state: State) -> &'static str {
    match state {
        State::Applied => "applied",
        State::Baselined => "baselined",
        State::Modified => "modified",
        State::Missing => "missing",
        State::Unfinished => "unfinished",
        State::OutOfOrder => "out-of-order",
        State::Pending => "pending",
    }
}
