//! Parts of a schema as statements would write them.

use crate::dialect::Dialect;
use crate::sql::schema::{
    Column, Constraint, ConstraintKind, Index, Part, Path, Table, Text, Word,
};
use crate::sql::{self, Name};

/// Writes a dialect's SQL.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writer {
    pub(crate) dialect: Dialect,
}

impl Writer {
    pub(crate) fn path(self, path: &Path) -> String {
        let schema = path.schema.as_ref().map(|schema| self.name(schema) + ".");
        schema.unwrap_or_default() + &self.name(&path.name)
    }

    /// A name, in quotes where it needs them.
    pub(crate) fn name(self, name: &Name) -> String {
        let text = name.written();
        if text.bytes().all(is_plain) && self.is_free(text) {
            return text.to_owned();
        }
        let quote = if self.dialect == Dialect::Mysql { "`" } else { "\"" };
        format!("{quote}{}{quote}", text.replace(quote, &quote.repeat(2)))
    }

    /// Whether a word can be a name as it is.
    fn is_free(self, word: &str) -> bool {
        let Ok(parser) = sql::parser(self.dialect) else { return false };
        let text = format!("ALTER TABLE {word} ADD COLUMN {word} INTEGER");
        let source = std::sync::Arc::new(crate::source::Source::new("", text));
        let mut findings = Vec::new();
        parser.parse(&source, None, &mut findings);
        findings.is_empty()
    }

    /// What stands behind the name in `CREATE TABLE`.
    pub(crate) fn table(self, table: &Table) -> String {
        let (behind, own): (Vec<&Constraint>, Vec<&Constraint>) =
            table.constraints.iter().partition(|constraint| self.is_behind(constraint));
        let columns = table.columns.iter().map(|column| {
            let is_its =
                |one: &&&Constraint| one.column.as_ref().or(checked(one)) == Some(&column.name);
            let keys = behind.iter().filter(is_its).map(|one| self.said_behind(one));
            std::iter::once(self.column(column)).chain(keys).collect::<Vec<_>>().join(" ")
        });
        let constraints = own.iter().map(|constraint| self.constraint(constraint));
        let body: Vec<String> = columns.chain(constraints).collect();
        let options: Vec<String> = table.options.iter().map(|text| self.option(text)).collect();
        format!("(\n    {}\n) {}", body.join(",\n    "), options.join(", ")).trim_end().to_owned()
    }

    /// Whether a constraint can only be said behind its column: SQLite's `AUTOINCREMENT`, and its
    /// `DESC`, which makes a key that is no row id; a check of MariaDB's that goes with its column.
    fn is_behind(self, constraint: &Constraint) -> bool {
        if self.dialect == Dialect::Mysql {
            return checked(constraint).is_some();
        }
        let ConstraintKind::PrimaryKey(parts) = &constraint.kind else { return false };
        let says_more = !constraint.rest.words().is_empty()
            || parts.iter().any(|part| part.text.words().len() > 1);
        self.dialect == Dialect::Sqlite && constraint.column.is_some() && says_more
    }

    fn said_behind(self, constraint: &Constraint) -> String {
        if let ConstraintKind::Check(text) = &constraint.kind {
            return format!("CHECK ({})", self.text(text));
        }
        let name = constraint.name.as_ref().map(|name| format!("CONSTRAINT {} ", self.name(name)));
        let ConstraintKind::PrimaryKey(parts) = &constraint.kind else { return String::new() };
        let order = parts.iter().flat_map(|part| part.text.words().get(1..).unwrap_or_default());
        let order = Text::new(order.cloned()).followed_by(constraint.rest.clone());
        format!("{}PRIMARY KEY {order}", name.unwrap_or_default())
    }

    pub(crate) fn column(self, column: &Column) -> String {
        let mut words = vec![self.name(&column.name)];
        let ty = self.text(&column.ty);
        if !ty.is_empty() {
            let is_quoted = ty.contains(['"', '`', '\'']);
            words.push(if is_quoted { ty } else { ty.to_ascii_uppercase() });
        }
        words.extend(column.collation.as_ref().map(|name| self.collation(name)));
        if column.not_null {
            words.push("NOT NULL".to_owned());
        }
        if let Some(default) = &column.default {
            words.push(format!("DEFAULT {}", self.text(default)));
        }
        if let Some(computed) = &column.generated {
            // MySQL says how it is kept behind the brackets.
            let (last, rest) = computed.words().split_last().unzip();
            let is_kept = self.dialect == Dialect::Mysql
                && matches!(last, Some(Word::Name(name)) if name.as_str() == "stored");
            words.push(match rest.filter(|_| is_kept) {
                Some(rest) => {
                    let expression = Text::new(rest.iter().cloned());
                    format!("GENERATED ALWAYS AS ({}) STORED", self.text(&expression))
                }
                None => format!("GENERATED ALWAYS AS ({})", self.text(computed)),
            });
        }
        words.extend(column.options.iter().map(option));
        words.join(" ")
    }

    /// In MySQL, a character set stands for its default collation, and `_bin` for the column's own.
    fn collation(self, name: &Name) -> String {
        match name.as_str() {
            "_bin" => "BINARY".to_owned(),
            set if self.dialect == Dialect::Mysql && set != "binary" && !set.contains('_') => {
                format!("CHARACTER SET {set}")
            }
            collation => format!("COLLATE {collation}"),
        }
    }

    /// A property of a table.
    fn option(self, text: &Text) -> String {
        match text.words() {
            [Word::Name(collate), Word::Name(name)] if collate.as_str() == "collate" => {
                self.collation(name)
            }
            _ => option(text),
        }
    }

    pub(crate) fn constraint(self, constraint: &Constraint) -> String {
        let name = constraint.name.as_ref().map(|name| format!("CONSTRAINT {} ", self.name(name)));
        let name = name.unwrap_or_default();
        let parts = |parts: &[Part]| {
            parts.iter().map(|part| self.part(part)).collect::<Vec<_>>().join(", ")
        };
        let (before, rest) = self.around_key(constraint);
        let kind = match &constraint.kind {
            ConstraintKind::PrimaryKey(columns) => format!("PRIMARY KEY ({})", parts(columns)),
            ConstraintKind::Unique(columns) => format!("UNIQUE {before}({})", parts(columns)),
            ConstraintKind::Check(text) => format!("CHECK ({})", self.text(text)),
            ConstraintKind::Index(columns) => {
                let name = constraint.name.as_ref().map(|name| self.name(name));
                let name = name.unwrap_or_default();
                let (sort, options) = match constraint.rest.words() {
                    [Word::Name(sort), options @ ..]
                        if matches!(sort.as_str(), "fulltext" | "spatial") =>
                    {
                        (sort.as_str().to_ascii_uppercase() + " ", options)
                    }
                    options => (String::new(), options),
                };
                let options = Text::new(options.iter().cloned());
                let said = format!("{sort}INDEX {name} ({}) {options}", parts(columns));
                return said.trim_end().to_owned();
            }
            ConstraintKind::Exclude(elements) => format!("EXCLUDE {before}({})", parts(elements)),
            ConstraintKind::ForeignKey(key) => {
                let names = |names: &[Name]| {
                    names.iter().map(|name| self.name(name)).collect::<Vec<_>>().join(", ")
                };
                let target = match names(&key.target) {
                    none if none.is_empty() => none,
                    target => format!(" ({target})"),
                };
                let (columns, table) = (names(&key.columns), self.path(&key.table));
                if self.dialect == Dialect::Mysql {
                    // What is kept besides is the name of its index.
                    let actions = &key.actions;
                    let said =
                        format!("FOREIGN KEY ({columns}) REFERENCES {table}{target} {actions}");
                    return format!("{name}{said}").trim_end().to_owned();
                }
                format!("FOREIGN KEY ({columns}) REFERENCES {table}{target} {}", key.actions)
            }
        };
        format!("{name}{kind} {rest}").trim_end().to_owned()
    }

    /// What is said before the columns of a key and behind them: PostgreSQL wants some of it before.
    fn around_key(self, constraint: &Constraint) -> (String, String) {
        let mut behind = constraint.rest.words().to_vec();
        if self.dialect != Dialect::Postgres {
            return (String::new(), constraint.rest.to_string());
        }
        let is = |at: usize, name: &str| matches!(behind.get(at), Some(Word::Name(word)) if word.as_str() == name);
        let distinct = (0..behind.len()).find(|at| is(*at, "nulls") && is(at + 2, "distinct"));
        let before: Vec<Word> = match distinct {
            Some(at) => behind.drain(at..at + 3).collect(),
            None if is(0, "using") => behind.drain(..2).collect(),
            None => return (String::new(), constraint.rest.to_string()),
        };
        (format!("{} ", Text::new(before)), Text::new(behind).to_string())
    }

    /// What stands behind `CREATE [UNIQUE] INDEX NAME ON`.
    pub(crate) fn index(self, index: &Index) -> String {
        let parts: Vec<String> = index.parts.iter().map(|part| self.part(part)).collect();
        let predicate = index.predicate.as_ref().map(|text| format!(" WHERE {}", self.text(text)));
        let predicate = predicate.unwrap_or_default();
        format!("{} ({}){predicate}", self.path(&index.table), parts.join(", "))
    }

    /// A part of a key or an index.
    pub(crate) fn part(self, part: &Part) -> String {
        match (&part.column, part.text.words()) {
            (Some(column), [Word::Name(name), ..]) if name == column => {
                let behind = Text::new(part.text.words()[1..].iter().cloned());
                format!("{} {behind}", self.name(column)).trim_end().to_owned()
            }
            _ => self.text(&part.text),
        }
    }

    /// A text, where what was in quotes is so again.
    pub(crate) fn text(self, text: &Text) -> String {
        // PostgreSQL's sequences are named in a text.
        if let [Word::Name(call), Word::Other(open), named @ .., Word::Other(_)] = text.words()
            && call.as_str() == "nextval"
            && open == "("
        {
            let name = |word: &Word| match word {
                Word::Name(name) => self.name(name),
                Word::Other(dot) => dot.clone(),
            };
            let named: String = named.iter().map(name).collect();
            return format!("nextval('{}'::regclass)", named.replace('\'', "''"));
        }
        text.written(
            |name| {
                if text.quotes(name) { self.name(name) } else { name.as_str().to_owned() }
            },
        )
    }
}

/// The column that a check of MariaDB's goes with.
fn checked(constraint: &Constraint) -> Option<&Name> {
    match (&constraint.kind, constraint.rest.words()) {
        (ConstraintKind::Check(_), [Word::Name(column)]) => Some(column),
        _ => None,
    }
}

/// A property; in capitals, where that says the same.
fn option(text: &Text) -> String {
    let written = text.to_string();
    if written.contains(['"', '`', '\'']) { written } else { written.to_ascii_uppercase() }
}

fn is_plain(c: u8) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_'
}
