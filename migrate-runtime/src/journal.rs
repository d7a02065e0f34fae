//! The journal of a migration that runs outside of a transaction: how far it came, and whether it
//! may go on from there.
use std::ops::Range;

use crate::error::Damaged;
use crate::history::Cell;
use crate::migrations::{Mode, Statement};
use crate::step::{Direction, Step};

/// The columns of `__migrate_journal`.
pub(crate) const COLUMNS: [&str; 10] = [
    "version",
    "direction",
    "name",
    "next",
    "started",
    "total",
    "done",
    "batch",
    "runner",
    "started_at",
];

/// A migration that a run began outside of a transaction and did not end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// The version.
    pub version: String,
    /// The directory's name.
    pub name: String,
    /// Which way it was going.
    pub direction: Direction,
    /// How many of its statements are done.
    pub next: usize,
    /// Whether the one behind them was sent, and may have run: one that must not be repeated.
    pub started: bool,
    /// How many statements it had.
    pub total: usize,
    /// The number under which the ledger will group it.
    pub batch: i64,
    /// When it was started, in milliseconds since 1970.
    pub started_at: i64,
    /// A hash of the statements that are done, and of the one that was sent.
    pub(crate) done: u64,
    /// Who runs it, or ran it.
    pub(crate) runner: String,
}

impl Unfinished {
    /// The process that runs it or died over it.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.runner.split('@').next()?.parse().ok()
    }
}

pub(crate) fn read(cells: Vec<Cell>) -> Result<Unfinished, Damaged> {
    let mut texts = COLUMNS
        .iter()
        .zip(cells)
        .map(|(column, cell)| cell.ok_or_else(|| damaged(column, "is missing")));
    let mut next = || texts.next().unwrap_or_else(|| Err(damaged("version", "is missing")));
    let version = next()?;
    let direction = match next()?.as_str() {
        "up" => Direction::Up,
        "down" => Direction::Down,
        _ => return Err(damaged("direction", "is neither `up` nor `down`")),
    };
    Ok(Unfinished {
        version,
        direction,
        name: next()?,
        next: parsed(&next()?, "next")?,
        started: match next()?.as_str() {
            "0" => false,
            "1" => true,
            _ => return Err(damaged("started", "is neither 0 nor 1")),
        },
        total: parsed(&next()?, "total")?,
        done: u64::from_str_radix(&next()?, 16).map_err(|_| damaged("done", "is no hash"))?,
        batch: parsed(&next()?, "batch")?,
        runner: next()?,
        started_at: parsed(&next()?, "started_at")?,
    })
}

fn parsed<T: std::str::FromStr>(text: &str, column: &'static str) -> Result<T, Damaged> {
    text.parse().map_err(|_| damaged(column, "is not a whole number"))
}

fn damaged(column: &'static str, problem: &str) -> Damaged {
    Damaged::new("__migrate_journal", column, problem)
}

/// A part of a script that is done whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) statements: Range<usize>,
    pub(crate) kind: UnitKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnitKind {
    /// One statement, wrapped in a transaction together with its line in the journal.
    Wrapped,
    /// One statement that cannot be wrapped, and may be repeated without harm.
    Bare(Mode),
    /// One statement that cannot be wrapped, and must not be repeated.
    Once,
    /// A transaction of the script's own; `commits` when it does not end in `ROLLBACK`.
    Group { commits: bool },
    /// A transaction that the script opens and never closes.
    Open,
}

impl Unit {
    /// Whether, once done, it must not be done again.
    fn lasts(&self) -> bool {
        matches!(self.kind, UnitKind::Wrapped | UnitKind::Once | UnitKind::Group { commits: true })
    }
}

/// Splits a script, from one of its statements on, into units.
pub(crate) fn units(step: &Step<'_>, from: usize) -> Vec<Unit> {
    let statements = step.statements();
    let mut units = Vec::new();
    let mut at = from;
    while at < statements.len() {
        let unit = match statements[at].mode {
            Mode::Normal => Unit { statements: at..at + 1, kind: UnitKind::Wrapped },
            Mode::Once => Unit { statements: at..at + 1, kind: UnitKind::Once },
            Mode::Begin => group(step, at),
            mode => Unit { statements: at..at + 1, kind: UnitKind::Bare(mode) },
        };
        at = unit.statements.end;
        units.push(unit);
    }
    units
}

fn group(step: &Step<'_>, from: usize) -> Unit {
    let statements = step.statements();
    match statements[from..].iter().position(|statement| statement.mode == Mode::Commit) {
        Some(length) => {
            let end = from + length;
            let text = step.text(&statements[end]);
            let rolls_back = text.get(..8).is_some_and(|t| t.eq_ignore_ascii_case("rollback"));
            Unit { statements: from..end + 1, kind: UnitKind::Group { commits: !rolls_back } }
        }
        None => Unit { statements: from..statements.len(), kind: UnitKind::Open },
    }
}

/// Whether something was done by the first `done` statements that cannot be repeated.
pub(crate) fn has_lasting(step: &Step<'_>, done: usize) -> bool {
    units(step, 0).iter().any(|unit| unit.statements.end <= done && unit.lasts())
}

/// Where and how an interrupted script goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Resume {
    /// From this statement, after repeating those others, which set up the session.
    From { next: usize, repeat: Vec<usize> },
    /// Not at all: this statement made something that died with the connection.
    Lost(usize),
    /// Not at all: what is done no longer stands in the file.
    Changed,
}

impl Resume {
    pub(crate) fn of(unfinished: &Unfinished, step: &Step<'_>) -> Self {
        let next = unfinished.next;
        let statements = step.statements();
        let is_of =
            |count: usize| count <= statements.len() && hash_of(step, count) == unfinished.done;
        // Whoever looked by hand took the mark away and left the hash.
        let is_unchanged = !unfinished.started && is_of(next) || is_of(next.saturating_add(1));
        if !is_unchanged {
            return Self::Changed;
        }
        if !unfinished.started && !has_lasting(step, next) {
            return Self::From { next: 0, repeat: Vec::new() };
        }
        let is_temporary = |statement: &Statement| statement.mode == Mode::Temporary;
        if let Some(lost) = statements[..next].iter().position(is_temporary) {
            return Self::Lost(lost);
        }
        let sets_up = |unit: &Unit| unit.kind == UnitKind::Bare(Mode::Session);
        let repeat = units(step, 0)
            .iter()
            .filter(|unit| unit.statements.end <= next && sets_up(unit))
            .map(|unit| unit.statements.start)
            .collect();
        Self::From { next, repeat }
    }
}

/// The hash of a script's first statements.
pub(crate) fn hash_of(step: &Step<'_>, statements: usize) -> u64 {
    step.statements()[..statements]
        .iter()
        .fold(Prefix::default(), |prefix, s| prefix.and(step, s))
        .0
}

/// A running hash of statements (FNV-1a): it has to notice an edit, not an attack. Carriage
/// returns do not count, as in every other checksum.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prefix(pub(crate) u64);

impl Default for Prefix {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Prefix {
    pub(crate) fn and(self, step: &Step<'_>, statement: &Statement) -> Self {
        let bytes = step.text(statement).bytes().filter(|byte| *byte != b'\r');
        // A byte that UTF-8 never has ends each statement.
        Self(bytes.chain([0xff]).fold(self.0, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations::{Checksum, ForeignKeys};
    use crate::outcome::Named;
    use crate::stored::StoredScript;

    fn step(parts: &[(&str, Mode)]) -> Step<'static> {
        let mut sql = String::new();
        let statements = parts
            .iter()
            .map(|(text, mode)| {
                let start = sql.len() as u32;
                sql.push_str(text);
                let end = sql.len() as u32;
                sql.push_str(";\n");
                Statement { start, end, line: 1, column: 1, mode: *mode }
            })
            .collect();
        Step::Stored {
            migration: Named { version: "1".into(), name: "1_a".into() },
            script: StoredScript {
                sql,
                checksum: Checksum([0; 32]),
                tokens: 0,
                statements,
                traces: Vec::new(),
                foreign_keys: ForeignKeys::Any,
                guard: None,
                run_in_transaction: false,
            },
        }
    }

    fn stopped(step: &Step<'_>, next: usize) -> Unfinished {
        Unfinished {
            version: "1".into(),
            name: "1_a".into(),
            direction: Direction::Up,
            next,
            started: false,
            total: step.statements().len(),
            batch: 1,
            started_at: 0,
            done: hash_of(step, next),
            runner: "77@1".into(),
        }
    }

    const MIXED: [(&str, Mode); 8] = [
        ("PRAGMA x", Mode::Session),
        ("CREATE TABLE a (b)", Mode::Normal),
        ("VACUUM", Mode::Alone),
        ("BEGIN", Mode::Begin),
        ("PRAGMA y", Mode::Session),
        ("INSERT INTO a VALUES (1)", Mode::Normal),
        ("COMMIT", Mode::Commit),
        ("DROP TABLE a", Mode::Normal),
    ];

    #[test]
    fn a_script_falls_into_units() {
        let kinds: Vec<_> =
            units(&step(&MIXED), 0).into_iter().map(|u| (u.statements, u.kind)).collect();
        assert_eq!(
            kinds,
            [
                (0..1, UnitKind::Bare(Mode::Session)),
                (1..2, UnitKind::Wrapped),
                (2..3, UnitKind::Bare(Mode::Alone)),
                (3..7, UnitKind::Group { commits: true }),
                (7..8, UnitKind::Wrapped),
            ]
        );
    }

    #[test]
    fn a_transaction_that_is_rolled_back_leaves_nothing_and_an_open_one_is_seen() {
        let rolled = step(&[("begin", Mode::Begin), ("Rollback", Mode::Commit)]);
        assert_eq!(units(&rolled, 0)[0].kind, UnitKind::Group { commits: false });
        assert!(!has_lasting(&rolled, 2));
        let open = step(&[("BEGIN", Mode::Begin), ("DELETE FROM a", Mode::Normal)]);
        assert_eq!(units(&open, 0), [Unit { statements: 0..2, kind: UnitKind::Open }]);
    }

    #[test]
    fn a_resumed_script_sets_up_its_session_again_and_goes_on() {
        let script = step(&MIXED);
        let resume = Resume::of(&stopped(&script, 7), &script);
        // The pragma inside the script's own transaction is done with it.
        assert_eq!(resume, Resume::From { next: 7, repeat: vec![0] });
    }

    #[test]
    fn where_nothing_lasts_it_starts_from_the_top() {
        let script = step(&[
            ("CREATE TEMP TABLE t (a)", Mode::Temporary),
            ("VACUUM", Mode::Alone),
            ("CREATE TABLE b (c)", Mode::Normal),
        ]);
        let resume = Resume::of(&stopped(&script, 2), &script);
        assert_eq!(resume, Resume::From { next: 0, repeat: vec![] });
        assert_eq!(Resume::of(&stopped(&script, 3), &script), Resume::Lost(0));
    }

    #[test]
    fn a_statement_that_was_sent_must_stay_as_it_was_until_it_is_known_whether_it_ran() {
        let index = |name| [("CREATE INDEX CONCURRENTLY ", Mode::Once), (name, Mode::Session)];
        let script = step(&index("a"));
        assert_eq!(units(&script, 0)[0].kind, UnitKind::Once);
        let sent = Unfinished { started: true, done: hash_of(&script, 1), ..stopped(&script, 0) };
        assert_eq!(Resume::of(&sent, &script), Resume::From { next: 0, repeat: vec![] });
        let changed = step(&[("CREATE INDEX", Mode::Once)]);
        assert_eq!(Resume::of(&sent, &changed), Resume::Changed);
        let taken_back = Unfinished { started: false, ..sent.clone() };
        assert_eq!(Resume::of(&taken_back, &script), Resume::From { next: 0, repeat: vec![] });
        let done_by_hand = Unfinished { next: 1, ..taken_back };
        assert_eq!(Resume::of(&done_by_hand, &script), Resume::From { next: 1, repeat: vec![] });
        // Sent behind the end: somebody else wrote there.
        let behind = Unfinished { next: usize::MAX, ..sent };
        assert_eq!(Resume::of(&behind, &script), Resume::Changed);
        assert!(has_lasting(&script, 1), "what is done once stays");
    }

    #[test]
    fn a_mended_rest_is_welcome_and_a_changed_beginning_is_not() {
        let script = step(&MIXED);
        let unfinished = stopped(&script, 2);
        let mut mended = MIXED;
        mended[2].0 = "ANALYZE";
        let resume = Resume::of(&unfinished, &step(&mended));
        assert_eq!(resume, Resume::From { next: 2, repeat: vec![0] });
        let mut changed = MIXED;
        changed[1].0 = "CREATE TABLE a (c)";
        assert_eq!(Resume::of(&unfinished, &step(&changed)), Resume::Changed);
        assert_eq!(Resume::of(&unfinished, &step(&MIXED[..1])), Resume::Changed);
    }

    #[test]
    fn statements_do_not_run_together_in_the_hash() {
        let one = step(&[("ab", Mode::Normal), ("c", Mode::Normal)]);
        let other = step(&[("a", Mode::Normal), ("bc", Mode::Normal)]);
        assert_ne!(hash_of(&one, 2), hash_of(&other, 2));
        let windows = step(&[("a\r\nb", Mode::Normal)]);
        let unix = step(&[("a\nb", Mode::Normal)]);
        assert_eq!(hash_of(&windows, 1), hash_of(&unix, 1));
    }

    #[test]
    fn a_damaged_row_is_named_by_its_column() {
        let good = ["1", "up", "1_a", "2", "1", "3", "ff", "1", "77@1", "0"];
        let cells = |texts: [&str; 10]| texts.map(|t| Some(t.to_owned())).to_vec();
        let row = read(cells(good)).unwrap();
        assert_eq!((row.next, row.total, row.done, row.pid()), (2, 3, 255, Some(77)));
        assert!(row.started);
        for (at, value) in
            [(1, "left"), (3, "-1"), (4, "2"), (5, "x"), (6, "x"), (7, "x"), (9, "x")]
        {
            let mut texts = good;
            texts[at] = value;
            let problem = read(cells(texts)).unwrap_err().to_string();
            assert!(problem.contains(&format!("`{}`", COLUMNS[at])), "{problem}");
        }
        assert!(read(vec![Some("1".to_owned()), None]).is_err());
        assert!(read(Vec::new()).is_err());
    }
}
