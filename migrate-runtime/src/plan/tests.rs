use super::*;
use crate::history::{Cell, Ledger};
use crate::migrations::{All, Checksum, Down, ForeignKeys, Script, Statement};
use crate::outcome::Named;
use crate::status::{Note, State};
use crate::step::Direction;
use crate::stored::StoredDown;
use Goal::{Redo as RedoGoal, Revert, Run};

const STATEMENT: Statement = Statement { start: 0, end: 8, line: 1, column: 1, mode: Mode::Normal };

fn script(hash: u8) -> Script<'static> {
    Script {
        code: None,
        sql: "SELECT 1;",
        checksum: Checksum([hash; 32]),
        tokens: u64::from(hash),
        statements: &[STATEMENT],
        traces: &[],
        foreign_keys: ForeignKeys::Any,
        guard: None,
    }
}

fn migration(version: u8) -> Migration<'static> {
    Migration {
        version: format!("{version:02}").leak(),
        name: format!("{version:02}_m").leak(),
        run_in_transaction: true,
        up: script(version),
        down: Down::Script(script(100 + version)),
    }
}

fn set(all: Vec<Migration<'static>>) -> Migrations<'static> {
    Migrations { dialect: Dialect::Sqlite, directory: "migrations", all: All::of(all.leak()) }
}

fn of(versions: impl IntoIterator<Item = u8>) -> Migrations<'static> {
    set(versions.into_iter().map(migration).collect())
}

fn cell(text: impl ToString) -> Cell {
    Some(text.to_string())
}

/// Applied by us: version, batch; in the order given.
fn history(applied: &[(u8, i64)]) -> History {
    let rows = applied.iter().zip(1..).map(|((version, batch), order)| {
        let m = migration(*version);
        let Down::Script(script) = m.down else { panic!("all have one") };
        let down = StoredDown::encode(&script, true);
        vec![
            cell(m.version),
            cell("2026-01-01 00:00:00.5"),
            cell("2026-01-01 00:00:00.5"),
            cell(m.name),
            cell(batch),
            cell(order),
            cell(m.up.checksum.to_text()),
            cell(format!("{:x}", m.up.tokens)),
            cell(&down.sql),
            cell(&down.map),
            cell(0),
            cell(0),
            cell("test"),
        ]
    });
    from_rows(rows.collect())
}

fn from_rows(applied: Vec<Vec<Cell>>) -> History {
    History::from_ledger(Ledger { applied, ..Ledger::default() }).unwrap()
}

fn diesel_row(version: u8) -> Vec<Cell> {
    let mut row = vec![cell(format!("{version:02}")), cell("2026-06-01 00:00:00")];
    row.resize(13, None);
    row
}

fn plan(set: &Migrations<'static>, history: &History, goal: Goal<'_>) -> Result<String, PlanError> {
    let plan = Plan::new(set, history, goal, false)?;
    let word = |step: &Step<'_>| match step.direction() {
        Direction::Up => format!("+{}", step.version()),
        Direction::Down => format!("-{}", step.version()),
    };
    Ok(plan.steps.iter().map(word).collect::<Vec<_>>().join(" "))
}

fn names(versions: &[u8]) -> Vec<Named> {
    versions.iter().map(|version| Named::from(&migration(*version))).collect()
}

#[test]
fn a_run_goes_as_far_as_it_is_told() {
    let set = of(1..=4);
    let history = history(&[(1, 1)]);
    let planned = |target| plan(&set, &history, Run(target)).unwrap();
    assert_eq!(planned(Target::All), "+02 +03 +04");
    assert_eq!(planned(Target::Count(2)), "+02 +03");
    assert_eq!(planned(Target::Count(0)), "");
    assert_eq!(planned(Target::Version("03")), "+02 +03");
    assert_eq!(planned(Target::Version("0-3")), "+02 +03");
    assert_eq!(planned(Target::Version("03_m")), "+02 +03");
    assert_eq!(planned(Target::Version("03_m/")), "+02 +03");
    assert_eq!(planned(Target::Version("01")), "");
}

#[test]
fn an_unknown_target_is_an_error_with_the_near_ones() {
    let set = of([1, 2, 3, 11]);
    let history = history(&[]);
    for given in ["12", "03_other", "x", ""] {
        let error = plan(&set, &history, Run(Target::Version(given))).unwrap_err();
        let PlanError::Unknown { given: said, near } = error else { panic!("{error}") };
        assert_eq!(said, given);
        assert!(near.len() <= 3, "{near:?}");
    }
    let error = plan(&set, &history, Run(Target::Version("0"))).unwrap_err().to_string();
    assert_eq!(error, "no migration is called `0`; did you mean `01_m`, `02_m`, `03_m`?");
    let error = plan(&set, &history, Run(Target::Version("11_n"))).unwrap_err().to_string();
    assert_eq!(error, "no migration is called `11_n`; did you mean `11_m`, `01_m`?");
    let error = plan(&set, &history, Run(Target::Version("12"))).unwrap_err().to_string();
    assert_eq!(error, "no migration is called `12`");
    let error = plan(&set, &history, Revert(Undo::To("77777"))).unwrap_err().to_string();
    assert_eq!(error, "no migration is called `77777`");
}

#[test]
fn a_revert_follows_the_order_of_application() {
    let set = of(1..=4);
    let history = history(&[(1, 1), (3, 1), (2, 2), (4, 2)]);
    let planned = |undo| plan(&set, &history, Revert(undo)).unwrap();
    assert_eq!(planned(Undo::Count(1)), "-04");
    assert_eq!(planned(Undo::Count(3)), "-04 -02 -03");
    assert_eq!(planned(Undo::Count(99)), "-04 -02 -03 -01");
    assert_eq!(planned(Undo::All), "-04 -02 -03 -01");
    assert_eq!(planned(Undo::Batch), "-04 -02");
    assert_eq!(planned(Undo::To("03")), "-04 -02");
}

#[test]
fn what_diesel_applied_is_reverted_one_at_a_time() {
    let set = of(1..=2);
    let history = from_rows(vec![diesel_row(1), diesel_row(2)]);
    assert_eq!(plan(&set, &history, Revert(Undo::Batch)).unwrap(), "-02");
    assert_eq!(plan(&set, &History::default(), Revert(Undo::Batch)).unwrap(), "");
}

#[test]
fn a_revert_down_to_something_pending_is_an_error() {
    let error = plan(&of(1..=2), &history(&[(1, 1)]), Revert(Undo::To("02"))).unwrap_err();
    assert_eq!(error, PlanError::NotApplied { given: "02".into() });
}

#[test]
fn redo_goes_down_and_up_again() {
    let set = of(1..=3);
    let history = history(&[(1, 1), (3, 1), (2, 2)]);
    assert_eq!(plan(&set, &history, RedoGoal(Redo::Count(2))).unwrap(), "-02 -03 +02 +03");
    assert_eq!(plan(&set, &history, RedoGoal(Redo::All)).unwrap(), "-02 -03 -01 +01 +02 +03");
    let gone = plan(&of([1, 3]), &history, RedoGoal(Redo::Count(1))).unwrap_err();
    assert_eq!(gone, PlanError::Gone(names(&[2])));
}

#[test]
fn an_edited_migration_stops_a_run_but_not_its_own_redo() {
    let mut edited = migration(2);
    edited.up = script(77);
    let set = set(vec![migration(1), edited, migration(3)]);
    let history = history(&[(1, 1), (2, 1)]);
    let error = plan(&set, &history, Run(Target::All)).unwrap_err();
    assert_eq!(error, PlanError::Edited(names(&[2])));
    assert_eq!(history.status(&set)[1].state, State::Modified);
    assert_eq!(plan(&set, &history, RedoGoal(Redo::Count(1))).unwrap(), "-02 +02");
}

#[test]
fn an_edited_comment_is_a_note() {
    let mut commented = migration(1);
    commented.up.checksum = Checksum([77; 32]);
    let set = set(vec![commented]);
    let history = history(&[(1, 1)]);
    assert_eq!(plan(&set, &history, Run(Target::All)).unwrap(), "");
    let status = history.status(&set);
    assert_eq!(
        (status[0].state, &status[0].notes[..]),
        (State::Applied, &[Note::CommentsEdited][..])
    );
}

#[test]
fn a_mended_down_is_a_note() {
    let mut mended = migration(1);
    mended.down = Down::Script(script(77));
    let set = set(vec![mended]);
    let history = history(&[(1, 1)]);
    assert_eq!(history.status(&set)[0].notes, [Note::DownEdited]);
    assert_eq!(plan(&set, &history, Revert(Undo::All)).unwrap(), "-01");
}

#[test]
fn an_unknown_checksum_is_a_note() {
    let history = from_rows(vec![diesel_row(1)]);
    assert_eq!(history.status(&of([1]))[0].notes, [Note::ChecksumUnknown]);
    assert_eq!(plan(&of(1..=2), &history, Run(Target::All)).unwrap(), "+02");
}

#[test]
fn a_migration_that_left_the_set_stops_a_run_and_is_reverted_from_the_ledger() {
    let set = of([1, 3]);
    let history = history(&[(1, 1), (2, 1)]);
    let error = plan(&set, &history, Run(Target::All)).unwrap_err();
    assert_eq!(error, PlanError::Missing(names(&[2])));
    assert_eq!(history.status(&set)[1].state, State::Missing);
    let reverted = Plan::new(&set, &history, Revert(Undo::Count(1)), false).unwrap();
    let Step::Stored { migration, script } = &reverted.steps[0] else { panic!("not stored") };
    assert_eq!(migration.name, "02_m");
    assert_eq!(script.statements, [STATEMENT]);
}

#[test]
fn a_migration_that_left_the_set_without_a_stored_down_cannot_be_reverted() {
    let history = from_rows(vec![diesel_row(1)]);
    let error = plan(&of([]), &history, Revert(Undo::All)).unwrap_err();
    assert_eq!(error, PlanError::NoDown(Named { version: "01".into(), name: "01".into() }));
}

#[test]
fn a_program_older_than_its_database_says_so() {
    let error =
        plan(&of(1..=2), &history(&[(1, 1), (2, 1), (3, 2)]), Run(Target::All)).unwrap_err();
    assert_eq!(error, PlanError::Ahead(names(&[3])));
}

#[test]
fn a_late_migration_needs_leave() {
    let set = of(1..=3);
    let history = history(&[(1, 1), (3, 1)]);
    let error = plan(&set, &history, Run(Target::All)).unwrap_err();
    assert_eq!(error, PlanError::OutOfOrder { pending: names(&[2]), newest: "03".into() });
    assert_eq!(history.status(&set)[1].state, State::OutOfOrder);
    let allowed = Plan::new(&set, &history, Run(Target::All), true).unwrap();
    assert_eq!(allowed.steps[0].version(), "02");
}

#[test]
fn an_irreversible_migration_gives_its_reason_and_nothing_is_planned() {
    let mut last = migration(1);
    last.down = Down::Irreversible("rows are dropped");
    let set = set(vec![last, migration(2)]);
    let error = plan(&set, &history(&[(1, 1), (2, 1)]), Revert(Undo::All)).unwrap_err();
    let PlanError::Irreversible { migration, reason } = error else { panic!("{error}") };
    assert_eq!((migration.name.as_str(), reason.as_str()), ("01_m", "rows are dropped"));
}

#[test]
fn a_script_in_a_transaction_must_not_end_it() {
    for mode in [Mode::Begin, Mode::Commit, Mode::Alone] {
        let mut wrong = migration(1);
        wrong.up.statements = vec![STATEMENT, Statement { line: 7, mode, ..STATEMENT }].leak();
        let error = plan(&set(vec![wrong]), &history(&[]), Run(Target::All)).unwrap_err();
        let PlanError::NotInTransaction(place) = error else { panic!("{error}") };
        assert_eq!((place.path.as_str(), place.line), ("migrations/01_m/up.sql", 7));
    }
}

#[test]
fn a_damaged_stored_down_stops_its_revert_only() {
    let mut history_rows = history(&[(1, 1), (2, 1)]);
    assert!(plan(&of([2]), &history_rows, Revert(Undo::All)).is_ok());
    let mut row = diesel_row(1);
    row[2] = row[1].clone();
    for (at, text) in [(3, "01_m"), (4, "1"), (5, "1"), (8, "SELECT 1;"), (9, "junk")] {
        row[at] = cell(text);
    }
    row[10] = cell(0);
    row[11] = cell(0);
    history_rows = from_rows(vec![row]);
    let error = plan(&of([2]), &history_rows, Revert(Undo::All)).unwrap_err();
    assert!(matches!(error, PlanError::Ledger(_)), "{error}");
    assert_eq!(plan(&of([1, 2]), &history_rows, Run(Target::All)).unwrap(), "+02");
}
