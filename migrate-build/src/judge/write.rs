//! Parts of a schema as statements would write them.

use crate::dialect::Dialect;
use crate::sql::schema::{Column, Constraint, ConstraintKind, Part, Path, Table};
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
        let text = name.as_str();
        let is_plain =
            text.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'_');
        if is_plain && self.is_free(text) {
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
        let columns = table.columns.iter().map(|column| self.column(column));
        let constraints = table.constraints.iter().map(|constraint| self.constraint(constraint));
        let body: Vec<String> = columns.chain(constraints).collect();
        let options: Vec<String> =
            table.options.iter().map(|option| option.to_string().to_ascii_uppercase()).collect();
        format!("(\n    {}\n) {}", body.join(",\n    "), options.join(", ")).trim_end().to_owned()
    }

    pub(crate) fn column(self, column: &Column) -> String {
        let mut words = vec![self.name(&column.name)];
        let ty = column.ty.to_string();
        if !ty.is_empty() {
            words.push(ty.to_ascii_uppercase());
        }
        if let Some(collation) = &column.collation {
            words.push(format!("COLLATE {}", collation.as_str()));
        }
        if column.not_null {
            words.push("NOT NULL".to_owned());
        }
        if let Some(default) = &column.default {
            words.push(format!("DEFAULT {default}"));
        }
        if let Some(computed) = &column.generated {
            words.push(format!("GENERATED ALWAYS AS ({computed})"));
        }
        words.extend(column.options.iter().map(|option| option.to_string().to_ascii_uppercase()));
        words.join(" ")
    }

    pub(crate) fn constraint(self, constraint: &Constraint) -> String {
        let name = constraint.name.as_ref().map(|name| format!("CONSTRAINT {} ", self.name(name)));
        let name = name.unwrap_or_default();
        let parts = |parts: &[Part]| {
            parts.iter().map(|part| part.text.to_string()).collect::<Vec<_>>().join(", ")
        };
        let rest = constraint.rest.to_string();
        let kind = match &constraint.kind {
            ConstraintKind::PrimaryKey(columns) => format!("PRIMARY KEY ({})", parts(columns)),
            ConstraintKind::Unique(columns) => format!("UNIQUE ({})", parts(columns)),
            ConstraintKind::Check(text) => format!("CHECK ({text})"),
            ConstraintKind::Index(columns) => {
                let name = constraint.name.as_ref().map(|name| self.name(name));
                return format!("INDEX {} ({})", name.unwrap_or_default(), parts(columns));
            }
            ConstraintKind::Exclude(elements) => format!("EXCLUDE ({})", parts(elements)),
            ConstraintKind::ForeignKey(key) => {
                let names = |names: &[Name]| {
                    names.iter().map(|name| self.name(name)).collect::<Vec<_>>().join(", ")
                };
                let target = match names(&key.target) {
                    none if none.is_empty() => none,
                    target => format!(" ({target})"),
                };
                let (columns, table) = (names(&key.columns), self.path(&key.table));
                format!("FOREIGN KEY ({columns}) REFERENCES {table}{target} {}", key.actions)
            }
        };
        format!("{name}{kind} {rest}").trim_end().to_owned()
    }
}
