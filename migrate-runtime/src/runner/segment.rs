//! How much of a plan fits into one transaction.
use crate::migrations::ForeignKeys;
use crate::step::Step;

/// The beginning of a plan that runs in one transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// How many steps.
    pub(super) length: usize,
    /// Whether foreign keys are to be off meanwhile.
    pub(super) foreign_keys_off: bool,
}

impl Segment {
    /// The first segment; `None` when the plan is empty or begins outside of a transaction.
    ///
    /// Enforcement can be switched between transactions only, so where it is on, a step that needs
    /// it off and one that needs it kept never share one: what a migration does must not depend on
    /// its company.
    pub(super) fn first(steps: &[Step<'_>], enforced: bool) -> Option<Self> {
        let mut needed = ForeignKeys::Any;
        let mut length = 0;
        for step in steps.iter().take_while(|step| step.is_inside()) {
            match (needed, step.foreign_keys()) {
                (ForeignKeys::Kept, ForeignKeys::Off) | (ForeignKeys::Off, ForeignKeys::Kept)
                    if enforced =>
                {
                    break;
                }
                (_, ForeignKeys::Any) => {}
                (_, needs) => needed = needs,
            }
            length += 1;
        }
        let foreign_keys_off = enforced && needed == ForeignKeys::Off;
        (length > 0).then_some(Self { length, foreign_keys_off })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrations::{Checksum, Down, Migration, Script};
    use ForeignKeys::{Any, Kept, Off};

    fn segments(kinds: &[(ForeignKeys, bool)], enforced: bool) -> Vec<(usize, bool)> {
        let migrations: Vec<Migration<'_>> = kinds
            .iter()
            .map(|(foreign_keys, run_in_transaction)| Migration {
                version: "1",
                name: "1_a",
                run_in_transaction: *run_in_transaction,
                up: Script {
                    code: None,
                    sql: "",
                    checksum: Checksum([0; 32]),
                    tokens: 0,
                    statements: &[],
                    traces: &[],
                    foreign_keys: *foreign_keys,
                    guard: None,
                },
                down: Down::Irreversible("test"),
            })
            .collect();
        let steps: Vec<Step<'_>> = migrations.iter().map(Step::Up).collect();
        let mut rest = &steps[..];
        let mut found = Vec::new();
        while !rest.is_empty() {
            let (length, off) = Segment::first(rest, enforced)
                .map_or((0, false), |segment| (segment.length, segment.foreign_keys_off));
            found.push((length, off));
            rest = &rest[length.max(1)..];
        }
        found
    }

    #[test]
    fn everything_goes_into_one_transaction_where_it_can() {
        assert_eq!(segments(&[(Any, true), (Kept, true), (Any, true)], true), [(3, false)]);
        assert_eq!(segments(&[(Any, true), (Off, true), (Any, true)], true), [(3, true)]);
    }

    #[test]
    fn a_rebuild_and_a_change_of_rows_never_share_one() {
        let kinds = [(Kept, true), (Any, true), (Off, true), (Any, true), (Kept, true)];
        assert_eq!(segments(&kinds, true), [(2, false), (2, true), (1, false)]);
        // Where enforcement is off anyway there is nothing to switch.
        assert_eq!(segments(&kinds, false), [(5, false)]);
    }

    #[test]
    fn a_step_outside_of_transactions_stands_alone() {
        let kinds = [(Any, true), (Any, false), (Any, true)];
        assert_eq!(segments(&kinds, true), [(1, false), (0, false), (1, false)]);
    }
}
