//! What is known of a script once it is read: what gets embedded, and what a cache keeps.

use crate::dialect::Dialect;
use crate::source::Span;
use crate::sql::{Mode, Parsed, Statement, StatementKind, Trace};

/// What a runner needs to know of a script.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The statements.
    pub statements: Vec<Unit>,
    /// What statements that no transaction protects leave behind, each with the number of its
    /// statement, counted from 0, in their order.
    pub traces: Vec<(u32, Trace)>,
    /// A hash over the tokens.
    pub tokens: u64,
    /// What it needs of foreign key enforcement.
    pub foreign_keys: ForeignKeys,
    /// The names in a script that may delete rows. See [`Facts::of`].
    pub guard: Option<Vec<String>>,
    /// Why there is no way back, where the script says that there is none.
    pub irreversible: Option<String>,
    /// Why it is undone, where the script says that it is and nothing can tell.
    pub assumed: Option<String>,
    /// What is allowed in it, of rules that need to know the migrations before.
    pub allows: Vec<Allow>,
}

/// An `allow` of a rule that needs to know the migrations before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allow {
    /// The rule's id.
    pub rule: &'static str,
    /// The comment.
    pub directive: Span,
    /// The statement that it is about.
    pub scope: Option<Span>,
}

/// A statement's place and how it gets on with transactions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// Its text, the semicolon left out.
    pub span: Span,
    /// How it gets on with transactions.
    pub mode: Mode,
}

/// What a script needs of foreign key enforcement, where it can only be switched between
/// transactions (SQLite).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForeignKeys {
    /// It makes no difference.
    #[default]
    Any,
    /// As the connection has it.
    Kept,
    /// Off: a table is rebuilt, and with enforcement on `DROP TABLE` would first delete its rows,
    /// and so those that refer to them (SQLite's documentation, "Foreign Key Support", section 5).
    Off,
}

impl ForeignKeys {
    /// Every need, in the order of the letters of [`ForeignKeys::letter`].
    pub(crate) const ALL: [Self; 3] = [Self::Any, Self::Kept, Self::Off];

    /// One letter for caches.
    pub(crate) const fn letter(self) -> char {
        match self {
            Self::Any => 'y',
            Self::Kept => 'k',
            Self::Off => 'o',
        }
    }

    fn of(dialect: Dialect, statements: &[Statement]) -> Self {
        if dialect != Dialect::Sqlite {
            return Self::Any;
        }
        if statements.iter().any(|statement| is_rebuild_drop(statement, statements)) {
            return Self::Off;
        }
        let touches = |statement: &Statement| {
            matches!(
                statement.kind,
                StatementKind::Insert { .. }
                    | StatementKind::Update
                    | StatementKind::Delete
                    | StatementKind::DropTable { .. }
                    | StatementKind::AddColumn { .. }
                    | StatementKind::Code
            )
        };
        if statements.iter().any(touches) { Self::Kept } else { Self::Any }
    }
}

/// A `DROP TABLE` whose table is there again at the end.
fn is_rebuild_drop(statement: &Statement, all: &[Statement]) -> bool {
    let StatementKind::DropTable { tables: dropped } = &statement.kind else { return false };
    all.iter().any(|other| match &other.kind {
        StatementKind::CreateTable { table, .. } => dropped.contains(table),
        StatementKind::RenameTable { to, .. } => dropped.contains(to),
        _ => false,
    })
}

impl Facts {
    /// The facts of a script. `names` is asked when the script may delete rows, and no directive
    /// allows it to: for every name in it, because tables that it does not name must keep theirs.
    #[must_use]
    pub fn of(
        dialect: Dialect,
        parsed: &Parsed,
        row_loss_allowed: bool,
        names: impl FnOnce() -> Vec<String>,
    ) -> Self {
        let statements = &parsed.statements;
        let guarded = !row_loss_allowed
            && (may_delete_rows(dialect, statements) || !parsed.unread.is_empty());
        // Where a sealed script holds what could not be read, the database is to say what it is.
        let unread = parsed.unread.iter().map(|span| (*span, Mode::Normal, [].as_slice()));
        let mut all: Vec<(Span, Mode, &[Trace])> = statements
            .iter()
            .map(|statement| (statement.span, statement.mode, statement.traces.as_slice()))
            .chain(unread)
            .collect();
        all.sort_by_key(|(span, ..)| span.start);
        Self {
            statements: all
                .iter()
                .map(|(span, mode, _)| Unit { span: *span, mode: *mode })
                .collect(),
            traces: (0..)
                .zip(&all)
                .flat_map(|(at, (.., traces))| traces.iter().map(move |trace| (at, *trace)))
                .collect(),
            tokens: parsed.tokens,
            foreign_keys: ForeignKeys::of(dialect, statements),
            guard: guarded.then(names),
            ..Self::default()
        }
    }
}

/// Whether a script may delete rows, of its own tables or, by cascade, trigger or routine, of
/// others. Dropping a table does on SQLite alone, where it first deletes the rows; and only a server
/// has functions that do, which every query may call.
pub(crate) fn may_delete_rows(dialect: Dialect, statements: &[Statement]) -> bool {
    let is_server = dialect != Dialect::Sqlite;
    statements.iter().any(|statement| match statement.kind {
        StatementKind::Delete
        | StatementKind::Truncate
        | StatementKind::Update
        | StatementKind::Insert { replaces: true }
        | StatementKind::Code => true,
        StatementKind::DropTable { .. } => !is_server,
        StatementKind::Select => is_server,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::{Effect, Name};

    #[test]
    fn what_may_delete_rows_depends_on_the_database() {
        let may = |dialect, kind: StatementKind| {
            let (span, mode) = (Span::new(0, 1), Mode::Normal);
            let (traces, effect) = (Vec::new(), Effect::None);
            may_delete_rows(dialect, &[Statement { span, kind, mode, traces, effect }])
        };
        let drop = || StatementKind::DropTable { tables: vec![Name::new("t")] };
        for dialect in Dialect::ALL {
            let is_server = dialect != Dialect::Sqlite;
            assert!(may(dialect, StatementKind::Delete), "{dialect}");
            assert!(may(dialect, StatementKind::Code), "{dialect}");
            assert!(!may(dialect, StatementKind::Insert { replaces: false }), "{dialect}");
            assert_eq!(may(dialect, drop()), !is_server, "{dialect}");
            assert_eq!(may(dialect, StatementKind::Select), is_server, "{dialect}");
        }
    }
}
