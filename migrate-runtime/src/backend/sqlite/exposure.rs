//! Which tables lose rows when others do.
//!
//! Without being named, a table loses rows only by a cascade that its own definition asks for, or
//! by a trigger that names it. So from the tables that a script names this follows references and
//! triggers to those that its work can reach, and a guard costs nothing where nothing can happen.

use diesel::prelude::*;
use diesel::sql_types::Text;

use crate::backend::LEDGER;
use crate::backend::words::has_name;

/// Tables, views and triggers.
pub(super) const SCHEMA: &str = "
SELECT type AS kind, name, tbl_name AS owner, lower(sql) AS sql FROM main.sqlite_master
WHERE type IN ('table', 'view', 'trigger')
UNION ALL
SELECT type, name, tbl_name, lower(sql) FROM sqlite_temp_master WHERE type = 'trigger'";

/// One of them: a row of [`SCHEMA`].
#[derive(QueryableByName)]
pub(super) struct Definition {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    name: String,
    /// What a trigger belongs to.
    #[diesel(sql_type = Text)]
    owner: String,
    /// In lower case.
    #[diesel(sql_type = Text)]
    sql: String,
}

/// The tables that may lose rows when a script changes what `is_named` claims, the latter left
/// out. `None`: no table can, whatever changes.
pub(super) fn tables(
    schema: &[Definition],
    is_named: &dyn Fn(&str) -> bool,
) -> Option<Vec<String>> {
    let (triggers, relations): (Vec<_>, Vec<_>) =
        schema.iter().partition(|definition| definition.kind == "trigger");
    let relations: Vec<Relation<'_>> = relations.into_iter().map(Relation::new).collect();
    if triggers.is_empty() && !relations.iter().any(|relation| relation.cascades) {
        return None;
    }
    let states = reached(&relations, &triggers, is_named);
    let is_at_risk = |(relation, state): &(&Relation<'_>, State)| {
        *state == State::Exposed
            && relation.holds_rows
            && !is_named(relation.name)
            && !relations.iter().any(|other| other.is_virtual && relation.is_behind(other))
    };
    let exposed = relations.iter().zip(states).filter(is_at_risk);
    Some(exposed.map(|(relation, _)| relation.name.to_owned()).collect())
}

/// How far the work reaches, for each of the relations.
fn reached(
    relations: &[Relation<'_>],
    triggers: &[&Definition],
    is_named: &dyn Fn(&str) -> bool,
) -> Vec<State> {
    let mut reach = Reach { states: vec![State::Untouched; relations.len()], waiting: Vec::new() };
    for (at, relation) in relations.iter().enumerate() {
        if is_named(relation.name) {
            reach.to(at, State::Touched);
        }
    }
    while let Some(from) = reach.waiting.pop() {
        let from = &relations[from];
        for (at, relation) in relations.iter().enumerate() {
            if relation.refers && from.is_mentioned_in(relation.sql) {
                reach.to(at, if relation.cascades { State::Exposed } else { State::Touched });
            }
        }
        let fired = triggers.iter().filter(|trigger| trigger.owner.eq_ignore_ascii_case(from.name));
        for trigger in fired {
            for (at, relation) in relations.iter().enumerate() {
                if relation.is_mentioned_in(&trigger.sql) {
                    reach.to(at, State::Exposed);
                }
            }
        }
    }
    reach.states
}

/// What SQLite's own virtual tables (full-text, R-tree) append to their names for the tables
/// behind them, whose rows are theirs.
const SHADOWS: [&str; 11] = [
    "_data",
    "_idx",
    "_content",
    "_docsize",
    "_config",
    "_segments",
    "_segdir",
    "_stat",
    "_node",
    "_rowid",
    "_parent",
];

/// How far a script's work reaches, ascending.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Untouched,
    /// Its rows may change: what hangs on it is reached too.
    Touched,
    /// Its rows may go.
    Exposed,
}

struct Reach {
    states: Vec<State>,
    /// Touched, and not followed yet.
    waiting: Vec<usize>,
}

impl Reach {
    fn to(&mut self, at: usize, state: State) {
        if self.states[at] == State::Untouched {
            self.waiting.push(at);
        }
        self.states[at] = self.states[at].max(state);
    }
}

/// A table or view.
struct Relation<'d> {
    name: &'d str,
    lower_name: String,
    sql: &'d str,
    refers: bool,
    cascades: bool,
    is_virtual: bool,
    /// A table whose rows are somebody's own: not a view, the engine's, the ledger's, or a virtual
    /// table.
    holds_rows: bool,
}

impl<'d> Relation<'d> {
    fn new(definition: &'d Definition) -> Self {
        let Definition { kind, name, sql, .. } = definition;
        let lower_name = name.to_ascii_lowercase();
        let is_virtual = sql.starts_with("create virtual table");
        let is_ledger = LEDGER.contains(&name.as_str());
        Self {
            name,
            sql,
            refers: kind == "table" && sql.contains("references"),
            cascades: sql.contains("cascade"),
            is_virtual,
            holds_rows: kind == "table"
                && !is_virtual
                && !is_ledger
                && !lower_name.starts_with("sqlite_"),
            lower_name,
        }
    }

    /// Whether a text, in lower case, holds the name as a whole word.
    fn is_mentioned_in(&self, sql: &str) -> bool {
        has_name(sql, &self.lower_name)
    }

    /// Whether it is one of the tables in which a full-text or R-tree table keeps its rows.
    fn is_behind(&self, other: &Self) -> bool {
        let ending = self.name.strip_prefix(other.name);
        ending.is_some_and(|ending| SHADOWS.contains(&ending))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exposed(schema: &[(&str, &str, &str, &str)], named: &[&str]) -> Option<Vec<String>> {
        let schema: Vec<Definition> = schema
            .iter()
            .map(|(kind, name, owner, sql)| Definition {
                kind: (*kind).to_owned(),
                name: (*name).to_owned(),
                owner: (*owner).to_owned(),
                sql: sql.to_ascii_lowercase(),
            })
            .collect();
        tables(&schema, &|name| named.iter().any(|named| named.eq_ignore_ascii_case(name)))
    }

    const FAMILY: [(&str, &str, &str, &str); 5] = [
        ("table", "Root", "Root", "CREATE TABLE Root (id)"),
        ("table", "child", "child", "CREATE TABLE child (r REFERENCES root ON DELETE CASCADE)"),
        (
            "table",
            "middle",
            "middle",
            "CREATE TABLE middle (r REFERENCES [root] ON DELETE SET NULL)",
        ),
        (
            "trigger",
            "t",
            "middle",
            "CREATE TRIGGER t AFTER UPDATE ON middle BEGIN DELETE FROM log; END",
        ),
        ("table", "log", "log", "CREATE TABLE log (x)"),
    ];

    #[test]
    fn cascades_and_triggers_are_followed_from_what_is_named() {
        assert_eq!(exposed(&FAMILY, &["root"]).unwrap(), ["child", "middle", "log"]);
        assert_eq!(exposed(&FAMILY, &["middle"]).unwrap(), ["log"]);
        assert_eq!(exposed(&FAMILY, &["root", "log", "middle"]).unwrap(), ["child"]);
        assert_eq!(exposed(&FAMILY, &["log"]).unwrap(), [""; 0]);
    }

    #[test]
    fn a_schema_without_cascade_and_trigger_exposes_nothing() {
        let schema = [FAMILY[0], ("table", "c", "c", "CREATE TABLE c (r REFERENCES root)")];
        assert_eq!(exposed(&schema, &["root"]), None);
    }

    #[test]
    fn a_part_of_a_word_is_no_name_and_a_quote_may_hide_one() {
        let trigger = "CREATE TRIGGER t AFTER DELETE ON root BEGIN DELETE FROM log_old; END";
        let schema = [
            FAMILY[0],
            ("trigger", "t", "root", trigger),
            ("table", "log", "log", "CREATE TABLE log (x)"),
            ("table", "log_old", "log_old", "CREATE TABLE log_old (x)"),
            ("table", "it's", "it's", "CREATE TABLE \"it's\" (x)"),
        ];
        assert_eq!(exposed(&schema, &["root"]).unwrap(), ["log_old", "it's"]);
    }

    #[test]
    fn a_view_passes_on_what_its_triggers_do() {
        let schema = [
            FAMILY[4],
            ("view", "v", "v", "CREATE VIEW v AS SELECT 1"),
            (
                "trigger",
                "t",
                "v",
                "CREATE TRIGGER t INSTEAD OF DELETE ON v BEGIN DELETE FROM log; END",
            ),
        ];
        assert_eq!(exposed(&schema, &["v"]).unwrap(), ["log"]);
    }
}
