//! A table in the making: the names that the server gives, and the indexes that come and go by
//! themselves.

use super::tables::{is_by_itself, is_plain};
use crate::catalog::problem::ProblemKind;
use crate::server::ServerVersion;
use crate::source::Span;
use crate::sql::schema::{
    Column, Constraint, ConstraintKind, ForeignKey, Part, Path, Table, Text, Word,
};
use crate::sql::{Class, Name};
use crate::suggest::nearest;

/// A table, and what is wrong with it.
pub(super) struct Draft {
    pub(super) path: Path,
    pub(super) table: Table,
    /// The highest number that a foreign key's given name has.
    highest: u32,
    pub(super) problems: Vec<(Span, ProblemKind)>,
    /// Why it is not known what it comes to.
    pub(super) unclear: Option<&'static str>,
    /// The server is MariaDB, or is not; none when nothing is known of it.
    pub(super) mariadb: Option<bool>,
}

impl Draft {
    /// One that goes on from a table.
    pub(super) fn new(path: Path, table: Table, version: Option<ServerVersion>) -> Self {
        let prefix = number_prefix(&path);
        let number = |constraint: &Constraint| {
            let name = constraint.name.as_ref()?.as_str();
            let is_key = matches!(constraint.kind, ConstraintKind::ForeignKey(_));
            name.strip_prefix(&prefix)?.parse().ok().filter(|_| is_key)
        };
        let highest = table.constraints.iter().filter_map(number).max().unwrap_or(0);
        let mariadb = version.map(|version| version.mariadb);
        Self { path, table, highest, problems: Vec::new(), unclear: None, mariadb }
    }

    pub(super) fn refuse(&mut self, span: Span, why: &'static str) {
        self.problems.push((span, ProblemKind::Refused(why)));
    }

    /// Whether there is such a column; else that is a problem.
    pub(super) fn expects(&mut self, column: &Name, span: Span) -> bool {
        if self.table.is_opaque || self.table.column(column).is_some() {
            return true;
        }
        let names = self.table.columns.iter().map(|column| column.name.as_str());
        let near = nearest(column.as_str(), names).map(Name::folded);
        let (table, column) = (self.path.clone(), column.clone());
        self.problems.push((span, ProblemKind::UnknownColumn { table, column, near }));
        false
    }

    /// Adds a constraint, as a statement defines it.
    pub(super) fn add(&mut self, constraint: &Constraint, span: Span) {
        match &constraint.kind {
            ConstraintKind::PrimaryKey(parts) => self.add_primary_key(constraint, parts, span),
            ConstraintKind::Unique(parts) | ConstraintKind::Index(parts) => {
                self.add_key(constraint, parts, span);
            }
            ConstraintKind::ForeignKey(key) => self.add_foreign_key(constraint, key, span),
            ConstraintKind::Check(_) => self.add_check(constraint, span),
            // PostgreSQL's.
            ConstraintKind::Exclude(_) => {}
        }
    }

    fn add_primary_key(&mut self, constraint: &Constraint, parts: &[Part], span: Span) {
        if self.table.constraints.iter().any(is_primary) {
            self.refuse(span, "the table has a primary key");
            return;
        }
        if !self.expect_parts(parts, span) {
            return;
        }
        for column in &mut self.table.columns {
            column.not_null |= parts.iter().any(|part| part.column.as_ref() == Some(&column.name));
        }
        self.release(parts);
        self.table.constraints.push(constraint.clone());
    }

    fn add_key(&mut self, constraint: &Constraint, parts: &[Part], span: Span) {
        if !self.expect_parts(parts, span) {
            return;
        }
        if is_said_ordered(constraint) {
            self.release(parts);
        }
        let name = match &constraint.name {
            Some(name) if self.has_key(name) => {
                let name = Path { schema: None, name: name.clone() };
                let kind = ProblemKind::Duplicate { is: Class::Index, name };
                self.problems.push((span, kind));
                return;
            }
            Some(name) => name.clone(),
            None => self.free_key_name(parts),
        };
        self.table.constraints.push(Constraint { name: Some(name), ..constraint.clone() });
    }

    /// The server makes an index for it, unless there is one that serves.
    fn add_foreign_key(&mut self, constraint: &Constraint, key: &ForeignKey, span: Span) {
        if !key.columns.iter().all(|column| self.expects(column, span)) {
            return;
        }
        if !is_plain(&self.table) {
            self.add_implied(constraint, key, span);
            return;
        }
        let name = constraint.name.clone().unwrap_or_else(|| {
            self.highest += 1;
            Name::folded(format!("{}{}", number_prefix(&self.path), self.highest))
        });
        let is_there = |other: &Constraint| {
            other.name.as_ref() == Some(&name)
                && matches!(other.kind, ConstraintKind::ForeignKey(_))
        };
        if self.table.constraints.iter().any(is_there) {
            self.refuse(span, "there is a foreign key of this name");
            return;
        }
        self.add_implied(constraint, key, span);
        let (kind, rest) = (constraint.kind.clone(), Text::default());
        self.table.constraints.push(Constraint { name: Some(name), kind, rest, column: None });
    }

    fn add_implied(&mut self, constraint: &Constraint, key: &ForeignKey, span: Span) {
        let part = |column: &Name| Part {
            text: Text::new([Word::Name(column.clone())]),
            column: Some(column.clone()),
        };
        let parts: Vec<Part> = key.columns.iter().map(part).collect();
        if !self.are_sized(&parts) {
            // A unique key of the same columns is a hash, and does not always serve it.
            self.leave_size_open();
        }
        let serves = |other: &Constraint| {
            let is_implied =
                other.name.as_ref().is_some_and(|name| self.table.implied.contains(name));
            // Of two that the server makes, the later one stays.
            parts_of(other).is_some_and(|theirs| {
                begins(theirs, &parts)
                    && is_said_ordered(other)
                    && (!is_implied || theirs.len() > parts.len())
            })
        };
        if self.table.constraints.iter().any(serves) {
            return;
        }
        self.release(&parts);
        let wanted = match constraint.rest.words() {
            [Word::Name(name)] if self.has_key(name) => {
                let name = Path { schema: None, name: name.clone() };
                let kind = ProblemKind::Duplicate { is: Class::Index, name };
                self.problems.push((span, kind));
                return;
            }
            [Word::Name(name)] => Some(name.clone()),
            _ => None,
        };
        let name = wanted.unwrap_or_else(|| self.free_key_name(&parts));
        self.table.implied.push(name.clone());
        let kind = ConstraintKind::Index(parts);
        self.table.constraints.push(Constraint {
            name: Some(name),
            kind,
            rest: Text::default(),
            column: None,
        });
    }

    /// Takes away the indexes that the server made by itself and that one of these parts makes
    /// superfluous.
    fn release(&mut self, parts: &[Part]) {
        let implied = &mut self.table.implied;
        self.table.constraints.retain(|constraint| {
            let at = implied.iter().position(|name| constraint.name.as_ref() == Some(name));
            let (Some(at), ConstraintKind::Index(theirs)) = (at, &constraint.kind) else {
                return true;
            };
            let goes = begins(parts, theirs);
            if goes {
                implied.remove(at);
            }
            !goes
        });
    }

    fn add_check(&mut self, constraint: &Constraint, span: Span) {
        // One that goes with its column has no name.
        if constraint.rest.words().is_empty() {
            let name = constraint.name.clone().unwrap_or_else(|| self.free_check_name());
            if self.has_check(&name) {
                self.refuse(span, "there is a constraint of this name");
                return;
            }
            self.table.constraints.push(Constraint { name: Some(name), ..constraint.clone() });
        } else {
            self.table.constraints.push(constraint.clone());
        }
    }

    pub(super) fn has_check(&self, name: &Name) -> bool {
        let is_it = |other: &Constraint| {
            matches!(other.kind, ConstraintKind::Check(_)) && other.name.as_ref() == Some(name)
        };
        self.table.constraints.iter().any(is_it)
    }

    fn free_check_name(&self) -> Name {
        let prefix = match self.mariadb {
            Some(false) => check_prefix(&self.path),
            _ => "CONSTRAINT_".to_owned(),
        };
        let names = (1..).map(|n: u32| Name::new(&format!("{prefix}{n}")));
        names.into_iter().find(|name| !self.has_check(name)).unwrap_or_else(|| Name::new(""))
    }

    pub(super) fn has_key(&self, name: &Name) -> bool {
        self.table
            .constraints
            .iter()
            .any(|other| is_index(other) && other.name.as_ref() == Some(name))
    }

    /// A key without a name is called like its first column.
    fn free_key_name(&self, parts: &[Part]) -> Name {
        let first = parts.first().and_then(|part| part.column.clone());
        let first = first.unwrap_or_else(|| Name::new("functional_index"));
        let numbered = (2..).map(|n: u32| Name::folded(format!("{}_{n}", first.as_str())));
        let names = std::iter::once(first.clone()).chain(numbered);
        let is_free = |name: &Name| name.as_str() != "primary" && !self.has_key(name);
        names.into_iter().find(is_free).unwrap_or(first)
    }

    fn expect_parts(&mut self, parts: &[Part], span: Span) -> bool {
        let columns: Vec<Name> = parts.iter().filter_map(|part| part.column.clone()).collect();
        let twice = columns.iter().enumerate().find(|(at, name)| columns[..*at].contains(name));
        if let Some((_, column)) = twice {
            let (table, column) = (self.path.clone(), column.clone());
            self.problems.push((span, ProblemKind::DuplicateColumn { table, column }));
            return false;
        }
        columns.iter().all(|column| self.expects(column, span))
    }

    /// What holds for every table.
    pub(super) fn finish(&mut self, span: Span) {
        if self.table.is_opaque {
            return;
        }
        if hides_key(&self.table) {
            self.unclear.get_or_insert(HASHED);
            self.table.is_opaque = true;
            return;
        }
        let columns = &self.table.columns;
        if columns.is_empty() {
            self.refuse(span, "a table has at least one column");
            return;
        }
        let counts = Text::new([Word::Name(Name::new("auto_increment"))]);
        let counted: Vec<&Column> =
            columns.iter().filter(|column| column.options.contains(&counts)).collect();
        // `MyISAM` and `Aria` count for each beginning of the key, too.
        let depth = if is_by_itself(&self.table) { usize::MAX } else { 1 };
        let leads = |column: &Column| {
            let keys = self.table.constraints.iter().filter(|constraint| is_ordered(constraint));
            let mut parts = keys.filter_map(parts_of).flat_map(|parts| parts.iter().take(depth));
            parts.any(|part| part.column.as_ref() == Some(&column.name))
        };
        if counted.len() > 1 || counted.iter().any(|column| !leads(column)) {
            self.refuse(
                span,
                "there can be one `AUTO_INCREMENT` column only, and a key begins with it",
            );
        }
        self.whole_columns();
        self.expect_sound(span);
    }

    /// So much of a column that it is all of it needs no number.
    fn whole_columns(&mut self) {
        let Table { columns, constraints, .. } = &mut self.table;
        for constraint in constraints {
            let of_words = !is_ordered(constraint);
            let Some(parts) = parts_of_mut(constraint) else { continue };
            for part in parts {
                let column =
                    columns.iter().find(|column| Some(&column.name) == part.column.as_ref());
                let (Some(column), [name, Word::Other(open), Word::Other(len), close, rest @ ..]) =
                    (column, part.text.words())
                else {
                    continue;
                };
                let whole = match column.ty.words() {
                    [Word::Name(ty), ..] if !has_beginning(ty) => true,
                    [_, Word::Other(_), Word::Other(size), ..] => {
                        size.parse::<u64>().ok() <= len.parse::<u64>().ok()
                    }
                    _ => false,
                };
                let is_length = open == "(" && matches!(close, Word::Other(close) if close == ")");
                if is_length && (whole || of_words) {
                    part.text = Text::new([name.clone()].into_iter().chain(rest.iter().cloned()));
                }
            }
        }
    }
}

/// Whether a key can hold the beginning of such a column; of all others it holds the whole.
fn has_beginning(ty: &Name) -> bool {
    let strings = ["char", "text", "binary", "blob", "json"];
    let shapes = ["point", "linestring", "polygon", "geometry", "collection"];
    strings.iter().chain(&shapes).any(|ending| ty.as_str().ends_with(ending))
}

/// What foreign keys' given names begin with.
pub(super) fn number_prefix(path: &Path) -> String {
    format!("{}_ibfk_", path.name.as_str().to_lowercase())
}

/// What MySQL's names of checks begin with; MariaDB has others.
pub(super) fn check_prefix(path: &Path) -> String {
    format!("{}_chk_", path.name.as_str().to_lowercase())
}

pub(super) fn is_primary(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::PrimaryKey(_))
}

/// Whether it is a check that gets a name, one that no other of the statement has.
pub(super) fn is_unnamed_check(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::Check(_)) && constraint.name.is_none()
}

/// Whether it is an index with a name.
pub(super) fn is_index(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::Unique(_) | ConstraintKind::Index(_))
}

/// Whether it has an order, which foreign keys need: not one of words or places.
pub(super) fn is_ordered(constraint: &Constraint) -> bool {
    !constraint.rest.mentions(&Name::new("fulltext"))
        && !constraint.rest.mentions(&Name::new("spatial"))
}

/// Whether the server counts on its order; one that is said to be a hash has one in `InnoDB` all the
/// same.
fn is_said_ordered(constraint: &Constraint) -> bool {
    is_ordered(constraint) && !constraint.rest.mentions(&Name::new("hash"))
}

/// Which index serves the foreign key then, and which the server makes besides, is not followed.
const HASHED: &str = "an index that is said to be a hash is on the columns of a foreign key";

/// Whether an index that is said to be a hash may serve a foreign key of the table.
fn hides_key(table: &Table) -> bool {
    let hashed = |column: &Name| {
        table.constraints.iter().filter(|one| is_index(one) && !is_said_ordered(one)).any(|index| {
            let first = parts_of(index).and_then(<[_]>::first);
            is_ordered(index) && first.is_some_and(|part| part.column.as_ref() == Some(column))
        })
    };
    super::foreign::keys(table).filter_map(|key| key.columns.first()).any(hashed)
}

/// Whether parts begin with others, in whatever direction.
fn begins(parts: &[Part], others: &[Part]) -> bool {
    let is_same = |(one, other): (&Part, &Part)| upwards(one) == upwards(other);
    parts.len() >= others.len() && parts.iter().zip(others).all(is_same)
}

/// A part without its direction, which makes no difference to foreign keys.
pub(super) fn upwards(part: &Part) -> &[Word] {
    let words = part.text.words();
    let desc = Word::Name(Name::new("desc"));
    words.split_last().filter(|(last, _)| **last == desc).map_or(words, |(_, before)| before)
}

/// The parts of a key or an index.
pub(super) fn parts_of(constraint: &Constraint) -> Option<&[Part]> {
    match &constraint.kind {
        ConstraintKind::PrimaryKey(parts)
        | ConstraintKind::Unique(parts)
        | ConstraintKind::Index(parts) => Some(parts),
        ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_) | ConstraintKind::Exclude(_) => {
            None
        }
    }
}

pub(super) fn parts_of_mut(constraint: &mut Constraint) -> Option<&mut Vec<Part>> {
    match &mut constraint.kind {
        ConstraintKind::PrimaryKey(parts)
        | ConstraintKind::Unique(parts)
        | ConstraintKind::Index(parts) => Some(parts),
        ConstraintKind::Check(_) | ConstraintKind::ForeignKey(_) | ConstraintKind::Exclude(_) => {
            None
        }
    }
}
