//! What a server demands of a table as a whole.

use super::draft::{Draft, is_ordered, is_primary, parts_of};
use super::foreign::keys;
use super::tables::is_text;
use crate::source::Span;
use crate::sql::Name;
use crate::sql::schema::{Column, Constraint, ConstraintKind, ForeignKey, Part, Text, Word};

impl Draft {
    /// Says what is not as MariaDB demands it; MySQL differs in some of it.
    pub(super) fn expect_sound(&mut self, span: Span) {
        if !self.problems.is_empty() {
            return;
        }
        let demands = [
            Self::computed,
            Self::counted,
            Self::set_by_keys,
            Self::nulls,
            Self::named,
            Self::primary,
            Self::invisible,
            Self::words,
        ];
        let found = demands.iter().find_map(|demand| demand(self));
        match (found, self.mariadb) {
            (Some(why), Some(true)) => self.refuse(span, why),
            (Some(why), None) => self.unclear = self.unclear.or(Some(why)),
            _ => {}
        }
        let defaults = self.table.columns.iter().filter_map(|column| column.default.as_ref());
        if self.table.expressions().chain(defaults).any(|text| self.may_name_others(text)) {
            let why = "an expression may name what is no column of the table";
            self.unclear = self.unclear.or(Some(why));
        }
        self.size(span);
    }

    /// A key needs to know how much of a long text is in it: MariaDB takes as much as there is room
    /// for, and for a unique one a hash of all of it; MySQL refuses.
    fn size(&mut self, span: Span) {
        let hash = Text::new(["using", "hash"].map(|word| Word::Name(Name::new(word))));
        for at in 0..self.table.constraints.len() {
            let constraint = &self.table.constraints[at];
            if self.is_sized(constraint) {
                continue;
            }
            let is_unique = matches!(constraint.kind, ConstraintKind::Unique(_));
            if self.mariadb == Some(false) || is_primary(constraint) {
                self.refuse(span, "a key of a long text says how much of it is in it");
            } else if self.mariadb.is_some() && is_unique {
                let constraint = &mut self.table.constraints[at];
                if !constraint.rest.mentions(&Name::new("using")) {
                    constraint.rest = hash.clone().followed_by(constraint.rest.clone());
                }
            } else {
                self.leave_size_open();
            }
        }
    }

    /// Notes that there is an index of which the size is not known.
    pub(super) fn leave_size_open(&mut self) {
        let why = "how much of a long text is in an index depends on the server";
        self.unclear = self.unclear.or(Some(why));
        self.table.is_opaque |= self.mariadb.is_some();
    }

    /// Of each unique key MariaDB says anew whether it is a hash when it alters a table: one that need not
    /// be is none any more, whatever was said before (measured).
    pub(super) fn forget_hashes(&mut self) {
        for constraint in &mut self.table.constraints {
            let words = constraint.rest.words();
            let hash = words.windows(2).position(|pair| {
                matches!(pair, [Word::Name(using), Word::Name(hash)]
                    if using.as_str() == "using" && hash.as_str() == "hash")
            });
            let (Some(at), ConstraintKind::Unique(_)) = (hash, &constraint.kind) else { continue };
            match self.mariadb {
                Some(true) => {
                    let left = words[..at].iter().chain(&words[at + 2..]).cloned();
                    constraint.rest = Text::new(left);
                }
                Some(false) => {}
                None => {
                    let why = "whether a unique key stays a hash depends on the server";
                    self.unclear = self.unclear.or(Some(why));
                }
            }
        }
    }

    /// A column is computed from others, and from computed ones only behind them.
    fn computed(&self) -> Option<&'static str> {
        let columns = &self.table.columns;
        let wrong = columns.iter().enumerate().any(|(at, column)| {
            let Some(text) = &column.generated else { return false };
            let not_yet = columns[at..].iter().filter(|other| other.generated.is_some());
            not_yet.into_iter().any(|other| text.mentions(&other.name))
        });
        wrong.then_some("a column is computed from one that is computed behind it")
    }

    /// What is counted has no value yet when others are computed and kept, or checked.
    fn counted(&self) -> Option<&'static str> {
        let columns = || self.table.columns.iter();
        let counted = || columns().filter(|column| has(column, "auto_increment"));
        if counted().any(|column| column.default.is_some()) {
            return Some("an `AUTO_INCREMENT` column has no default");
        }
        let mut texts = self.kept_expressions();
        let in_keys = |column: &&Column| {
            let parts = self.table.constraints.iter().filter_map(parts_of).flatten();
            parts.into_iter().any(|part| part.column.as_ref() == Some(&column.name))
        };
        texts.extend(columns().filter(in_keys).filter_map(|column| column.generated.as_ref()));
        let is_named = counted().any(|one| texts.iter().any(|text| text.mentions(&one.name)));
        is_named.then_some("an `AUTO_INCREMENT` column is in an expression of the table")
    }

    /// Whether a word of an expression is neither a column nor known to be something else.
    fn may_name_others(&self, text: &Text) -> bool {
        let words = text.words();
        let is = |at: usize, sign: &str| words.get(at).is_some_and(|word| word.says(sign));
        words.iter().enumerate().any(|(at, word)| {
            let Word::Name(name) = word else { return false };
            let is_qualified = is(at + 1, ".") || is(at + 1, "(") || at > 0 && is(at - 1, ".");
            !is_qualified
                && self.table.column(name).is_none()
                && !NO_COLUMNS.contains(&name.as_str())
        })
    }

    /// The checks, and what columns are computed from and keep.
    fn kept_expressions(&self) -> Vec<&Text> {
        let stored = Word::Name(Name::new("stored"));
        let kept = |text: &&Text| text.words().last() == Some(&stored);
        let computed = self.table.columns.iter().filter_map(|column| column.generated.as_ref());
        let checked = self.table.constraints.iter().filter_map(|one| match &one.kind {
            ConstraintKind::Check(text) => Some(text),
            _ => None,
        });
        computed.filter(kept).chain(checked).collect()
    }

    /// A foreign key changes no column that others are computed from and kept, or checked.
    fn set_by_keys(&self) -> Option<&'static str> {
        let texts = self.kept_expressions();
        let is_wrong = keys(&self.table)
            .filter(|key| sets(key))
            .any(|key| key.columns.iter().any(|name| texts.iter().any(|text| text.mentions(name))));
        is_wrong.then_some("a foreign key sets a column that is in an expression of the table")
    }

    /// A check of the table is not called as a foreign key or a unique one is.
    fn named(&self) -> Option<&'static str> {
        let constraints = &self.table.constraints;
        let is_named = |kind: fn(&ConstraintKind) -> bool, name: &Name| {
            constraints.iter().any(|one| kind(&one.kind) && one.name.as_ref() == Some(name))
        };
        let checks = constraints
            .iter()
            .filter(|one| matches!(one.kind, ConstraintKind::Check(_)))
            .filter_map(|one| one.name.as_ref());
        let is_other = |kind: &ConstraintKind| {
            matches!(kind, ConstraintKind::Unique(_) | ConstraintKind::ForeignKey(_))
        };
        let is_wrong = checks.into_iter().any(|name| is_named(is_other, name));
        is_wrong.then_some("a check is called as another constraint is")
    }

    fn primary(&self) -> Option<&'static str> {
        let key = self.table.constraints.iter().find(|constraint| is_primary(constraint))?;
        let mut columns = parts_of(key)?.iter().filter_map(|part| part.column.as_ref());
        let is_computed = |name| self.table.column(name).is_some_and(|one| one.generated.is_some());
        columns.any(is_computed).then_some("a primary key is not about computed columns")
    }

    /// What a foreign key sets to `NULL` can be.
    fn nulls(&self) -> Option<&'static str> {
        let null = Name::new("null");
        let mut set = keys(&self.table).filter(|key| key.actions.mentions(&null));
        let is_wrong = set.any(|key| {
            let mut columns = key.columns.iter().filter_map(|name| self.table.column(name));
            columns.any(|column| column.not_null)
        });
        is_wrong.then_some("a foreign key sets a column to `NULL` that cannot be")
    }

    /// A row that does not name a column must have a value for it.
    fn invisible(&self) -> Option<&'static str> {
        if self.table.columns.iter().all(|column| has(column, "invisible")) {
            return Some("a table has at least one column that is visible");
        }
        let wrong = self.table.columns.iter().any(|column| {
            has(column, "invisible")
                && column.not_null
                && column.default.is_none()
                && column.generated.is_none()
                && !has(column, "auto_increment")
        });
        wrong.then_some("an invisible column that is `NOT NULL` needs a default")
    }

    /// An index of words is about texts.
    fn words(&self) -> Option<&'static str> {
        let fulltext = Name::new("fulltext");
        let indexes = self.table.constraints.iter().filter(|one| one.rest.mentions(&fulltext));
        let mut columns = indexes
            .flat_map(|index| parts_of(index).unwrap_or_default())
            .filter_map(|part| self.table.column(part.column.as_ref()?));
        let holds_words = |column: &Column| is_text(column) && !is_one(column, &["enum", "set"]);
        (!columns.all(holds_words)).then_some("a `FULLTEXT` index is about texts alone")
    }

    /// Whether it is known how much of each column is in a key.
    pub(super) fn is_sized(&self, constraint: &Constraint) -> bool {
        matches!(constraint.kind, ConstraintKind::ForeignKey(_))
            || !is_ordered(constraint)
            || self.are_sized(parts_of(constraint).unwrap_or_default())
    }

    /// Whether of each part it is known how much of it is in the key.
    pub(super) fn are_sized(&self, parts: &[Part]) -> bool {
        let long = [
            "tinytext",
            "text",
            "mediumtext",
            "longtext",
            "tinyblob",
            "blob",
            "mediumblob",
            "longblob",
            "json",
        ];
        parts.iter().all(|part| {
            let column = part.column.as_ref().and_then(|name| self.table.column(name));
            let has_length = part.text.words().get(1).is_some_and(|word| word.says("("));
            has_length || column.is_none_or(|column| !is_one(column, &long))
        })
    }
}

/// Whether a foreign key writes into its own columns.
fn sets(key: &ForeignKey) -> bool {
    let text = key.actions.to_string();
    text.contains("null") || text.contains("update cascade")
}

fn has(column: &Column, word: &str) -> bool {
    column.options.contains(&Text::new([Word::Name(Name::new(word))]))
}

fn is_one(column: &Column, types: &[&str]) -> bool {
    matches!(column.ty.words().first(), Some(Word::Name(name)) if types.contains(&name.as_str()))
}

/// What stands in expressions beside columns and functions, in most of them.
const NO_COLUMNS: [&str; 68] = [
    "and",
    "or",
    "xor",
    "not",
    "is",
    "null",
    "true",
    "false",
    "unknown",
    "in",
    "between",
    "like",
    "rlike",
    "regexp",
    "escape",
    "case",
    "when",
    "then",
    "else",
    "end",
    "div",
    "mod",
    "binary",
    "interval",
    "day",
    "hour",
    "minute",
    "second",
    "month",
    "year",
    "week",
    "quarter",
    "microsecond",
    "as",
    "signed",
    "unsigned",
    "integer",
    "char",
    "date",
    "time",
    "datetime",
    "decimal",
    "double",
    "float",
    "json",
    "using",
    "utf8mb4",
    "utf8mb3",
    "utf8",
    "latin1",
    "ascii",
    "collate",
    "utf8mb4_bin",
    "both",
    "leading",
    "trailing",
    "from",
    "for",
    "stored",
    "current_timestamp",
    "current_date",
    "current_time",
    "current_user",
    "localtime",
    "localtimestamp",
    "utc_date",
    "utc_time",
    "utc_timestamp",
];
