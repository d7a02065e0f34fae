use super::*;

fn cell(text: &str) -> Cell {
    Some(text.to_owned())
}

fn diesel_row(version: &str, run_on: &str) -> Vec<Cell> {
    let mut cells = vec![cell(version), cell(run_on)];
    cells.resize(2 + HISTORY_COLUMNS.len(), None);
    cells
}

fn our_row(version: &str, run_on: &str, order: &str) -> Vec<Cell> {
    let checksum = Checksum([1; 32]).to_text();
    [version, run_on, run_on, "name", "3", order, &checksum, "ff", "DROP", "map", "5", "6", "tool"]
        .map(cell)
        .to_vec()
}

fn history(applied: Vec<Vec<Cell>>) -> Result<History, Damaged> {
    History::from_ledger(Ledger { applied, ..Ledger::default() })
}

fn versions(history: &History) -> Vec<&str> {
    history.applied().iter().map(|applied| applied.version.as_str()).collect()
}

#[test]
fn our_row_is_read_whole() {
    let history = history(vec![our_row("1", "2026-01-01 00:00:00.123", "9")]).unwrap();
    let applied = history.get("1").unwrap();
    let record = applied.record.as_ref().unwrap();
    assert_eq!(applied.name(), "name");
    assert_eq!((record.batch, record.order), (3, 9));
    assert_eq!(record.checksum, Some(Checksum([1; 32])));
    assert_eq!(record.tokens, Some(255));
    assert_eq!(record.down.as_ref().unwrap().sql, "DROP");
    assert_eq!((record.started_at, record.duration_ms), (5, 6));
}

#[test]
fn what_diesel_applied_has_no_record() {
    let history = history(vec![diesel_row("1", "2026-01-01 00:00:00")]).unwrap();
    assert_eq!(history.get("1").unwrap().record, None);
    assert_eq!(history.get("1").unwrap().name(), "1");
}

#[test]
fn a_record_of_an_earlier_application_is_stale() {
    let mut row = our_row("1", "2026-01-01 00:00:00.123", "1");
    row[1] = cell("2026-02-02 00:00:00");
    assert_eq!(history(vec![row]).unwrap().get("1").unwrap().record, None);
}

#[test]
fn ours_stand_in_the_order_we_gave_whatever_the_clock_said() {
    let rows = vec![
        our_row("1", "2026-01-03 00:00:00.000", "2"),
        our_row("2", "2026-01-01 00:00:00.000", "3"),
        our_row("3", "2026-01-02 00:00:00.000", "1"),
    ];
    assert_eq!(versions(&history(rows).unwrap()), ["3", "1", "2"]);
}

#[test]
fn diesels_rows_stand_behind_what_was_there_before_them() {
    let rows = vec![
        diesel_row("0", "2025-01-01 00:00:00"),
        our_row("1", "2026-01-01 00:00:00.500", "1"),
        diesel_row("2", "2026-01-02 00:00:00"),
        our_row("3", "2026-01-03 00:00:00.500", "2"),
        diesel_row("4", "2026-01-04 00:00:00"),
    ];
    let mut shuffled = rows.clone();
    shuffled.reverse();
    assert_eq!(versions(&history(rows).unwrap()), ["0", "1", "2", "3", "4"]);
    assert_eq!(versions(&history(shuffled).unwrap()), ["0", "1", "2", "3", "4"]);
}

#[test]
fn within_one_second_the_version_decides() {
    let ours_second =
        vec![our_row("2", "2026-01-01 00:00:00.900", "1"), diesel_row("1", "2026-01-01 00:00:00")];
    assert_eq!(versions(&history(ours_second).unwrap()), ["1", "2"]);
    let ours_first =
        vec![our_row("1", "2026-01-01 00:00:00.900", "1"), diesel_row("2", "2026-01-01 00:00:00")];
    assert_eq!(versions(&history(ours_first).unwrap()), ["1", "2"]);
}

#[test]
fn numbers_go_on_behind_stale_rows() {
    let ledger = Ledger { greatest: [cell("41"), cell("6")], ..Ledger::default() };
    let history = History::from_ledger(ledger).unwrap();
    assert_eq!((history.next_order(), history.next_batch()), (42, 7));
    assert_eq!((History::default().next_order(), History::default().next_batch()), (1, 1));
}

#[test]
fn every_column_of_a_wrong_kind_is_named() {
    let good = || our_row("1", "2026-01-01 00:00:00.123", "9");
    // (place in the row, what stands there, the column that the message must name)
    let wrong: [(usize, Cell, &str); 14] = [
        (0, cell("\u{fffd}"), "version"),
        (1, cell("\u{fffd}"), "run_on"),
        (3, None, "name"),
        (3, cell("\u{fffd}"), "name"),
        (4, cell("many"), "batch"),
        (4, None, "batch"),
        (5, cell("1.5"), "ord"),
        (5, cell("99999999999999999999"), "ord"),
        (6, cell("v9:00"), "checksum"),
        (6, cell(&format!("v1:{}", "g".repeat(64))), "checksum"),
        (7, cell("no hash"), "tokens"),
        (10, None, "started_at"),
        (11, cell("long"), "duration_ms"),
        (12, cell("\u{fffd}"), "tool"),
    ];
    for (at, value, column) in wrong {
        let mut row = good();
        row[at] = value;
        let problem = history(vec![row]).unwrap_err().to_string();
        assert!(problem.contains(&format!("`{column}`")), "{problem}");
    }
    let short = history(vec![vec![cell("1")]]).unwrap();
    assert_eq!(short.get("1").unwrap().record, None);
}

#[test]
fn a_version_recorded_twice_is_said() {
    let rows = vec![diesel_row("1", "2026-01-01 00:00:00"), diesel_row("1", "2026-01-01 00:00:00")];
    assert!(history(rows).unwrap_err().to_string().contains("`1` twice"));
}
