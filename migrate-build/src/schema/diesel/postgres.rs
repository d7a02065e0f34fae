//! PostgreSQL's tables, as Diesel finds them in `information_schema` and `pg_constraint`.

use heck::ToUpperCamelCase as _;

use super::super::{UNKNOWN_SCHEMA, unknown};
use super::model::{Column, Reference, TableName, Tables, Type};
use super::settings::{Docs, Settings};
use crate::catalog::{Catalog, Entry, INTERNAL_TYPES, Key, Object, Space, is_own_type};
use crate::diagnostic::Diagnostic;
use crate::sql::schema::{self, ConstraintKind, Path, Table, Word};
use crate::sql::{Class, Name};

/// The schema that everybody uses.
const PUBLIC: &str = "public";

/// Extensions that make no tables.
const WITHOUT_TABLES: [&str; 28] = [
    "amcheck",
    "autoinc",
    "bloom",
    "btree_gin",
    "btree_gist",
    "citext",
    "cube",
    "dict_int",
    "earthdistance",
    "fuzzystrmatch",
    "hstore",
    "insert_username",
    "intarray",
    "isn",
    "ltree",
    "moddatetime",
    "pg_stat_statements",
    "pg_trgm",
    "pgcrypto",
    "pgrowlocks",
    "plpgsql",
    "postgres_fdw",
    "seg",
    "tablefunc",
    "tcn",
    "unaccent",
    "uuid-ossp",
    "vector",
];

/// The types of which a length is told.
const WITH_LENGTH: [&str; 4] = ["varchar", "bpchar", "bit", "varbit"];

pub(super) struct Postgres<'c> {
    catalog: &'c Catalog,
    settings: &'c Settings,
    /// The schema whose tables are shown.
    schema: &'c str,
}

/// A type as a column or a domain names it.
struct Named {
    path: Path,
    /// The first number behind it.
    number: Option<u64>,
    is_array: bool,
    /// How many words it takes.
    len: usize,
}

impl<'c> Postgres<'c> {
    /// The tables of a catalog, unless it does not tell all of them.
    pub(super) fn new(
        catalog: &'c Catalog,
        settings: &'c Settings,
    ) -> Result<Self, Box<Diagnostic>> {
        for path in catalog.names_of(Class::Extension) {
            let name = path.name.as_str();
            if let Some(entry) = catalog.get(&Key::new(Space::Extension, path))
                && !WITHOUT_TABLES.contains(&name)
            {
                let why = format!("what the extension `{name}` makes is not known");
                return Err(Box::new(unknown(entry, why)));
            }
        }
        let schema = settings.schema.as_deref().unwrap_or(PUBLIC);
        Ok(Self { catalog, settings, schema })
    }

    fn path(name: &TableName) -> Path {
        Path {
            schema: name.schema.as_deref().map(Name::folded),
            name: Name::folded(name.sql.as_str()),
        }
    }

    fn entry(&self, name: &TableName) -> Option<&'c Entry> {
        self.catalog.get(&Key::relation(&Self::path(name))).map(AsRef::as_ref)
    }

    fn table(&self, name: &TableName) -> Option<&'c Table> {
        self.catalog.table(&Self::path(name))
    }

    /// Whether a table is in the schema that is shown.
    fn is_shown(&self, path: &Path) -> bool {
        path.schema.as_ref().map_or(PUBLIC, Name::as_str) == self.schema
    }

    fn name(path: &Path) -> TableName {
        TableName::new(path.schema.as_ref().map(Name::as_str), path.name.as_str())
    }

    fn column(
        &self,
        entry: &Entry,
        name: &TableName,
        column: &schema::Column,
    ) -> Result<Column, Box<Diagnostic>> {
        let sql = column.name.as_str().to_owned();
        let named = named(column.ty.words()).ok_or_else(|| {
            let why = format!("the type `{}` of `{}.{sql}` is not known", column.ty, name.full());
            Box::new(unknown(entry, why))
        })?;
        let mut ty = self.ty(&named);
        let mut is_not_null = column.not_null;
        if let Some(words) = self.domain(&named)
            && !named.is_array
        {
            let Some(base) = self::named(words) else {
                let why = format!("what the domain `{}` stands for is not known", named.path);
                return Err(Box::new(unknown(entry, why)));
            };
            is_not_null |= demands_value(&words[base.len..]);
            if !self.settings.domains.iter().any(|domain| domain.is_match(&ty.sql)) {
                ty = self.ty(&base);
            }
            ty.max_length = self.ty(&base).max_length;
        }
        ty.is_nullable = !is_not_null;
        let comment = self.said(entry, name, Some(&column.name))?;
        Ok(Column { sql, ty, comment })
    }

    /// What a domain says, if it is one.
    fn domain(&self, named: &Named) -> Option<&'c [Word]> {
        let entry = self.catalog.find(Class::Domain, &named.path)?;
        match &entry.object {
            Object::Other(other) => Some(other.text.words()),
            _ => None,
        }
    }

    fn ty(&self, named: &Named) -> Type {
        let name = named.path.name.as_str();
        let is_own = named.path.schema.is_none()
            && is_own_type(name)
            && self.catalog.get(&Key::new(Space::Type, &named.path)).is_none();
        let schema = if is_own {
            Some("pg_catalog".to_owned())
        } else {
            named.path.schema.as_ref().map(|schema| schema.as_str().to_owned())
        };
        let internal = INTERNAL_TYPES.iter().find(|(called, _)| is_own && *called == name);
        let sql = internal.map_or(name, |(_, internal)| internal).to_owned();
        let has_length = is_own && !named.is_array && WITH_LENGTH.contains(&&*sql);
        Type {
            rust: sql.to_upper_camel_case(),
            schema,
            sql,
            is_array: named.is_array,
            max_length: named.number.filter(|_| has_length),
            ..Type::default()
        }
    }

    /// The comment on a table, or on a column of it.
    fn said(
        &self,
        entry: &Entry,
        name: &TableName,
        column: Option<&Name>,
    ) -> Result<Option<String>, Box<Diagnostic>> {
        if self.settings.docs == Docs::None {
            return Ok(None);
        }
        let path = Self::path(name);
        let comments = self.catalog.several(Space::Comment, &path);
        for key in comments {
            let Some(Object::Other(other)) = self.catalog.get(key).map(|entry| &entry.object)
            else {
                continue;
            };
            let of = key.of.as_ref().map_or("", Name::as_str);
            let is_about = other.owner.as_ref().is_some_and(|owner| {
                owner.key == Key::relation(&path) && owner.column.as_ref() == column
            });
            if !is_about || column.is_none() && of.trim_end() != "relation" {
                continue;
            }
            return match other.text.words() {
                [Word::Other(text)] if text.starts_with('\'') => {
                    Ok(Some(text.trim_matches('\'').replace("''", "'")))
                }
                _ => {
                    let why = format!("what is said about `{}` is no plain text", name.full());
                    Err(Box::new(unknown(entry, why)))
                }
            };
        }
        Ok(None)
    }
}

impl Tables for Postgres<'_> {
    fn names(&self) -> Vec<TableName> {
        let shown = self.catalog.objects().filter_map(|(key, object)| match object {
            Object::Table(_) if self.is_shown(&key.path) => Some(Self::name(&key.path)),
            _ => None,
        });
        let mut names: Vec<TableName> = shown.filter(|name| !name.sql.starts_with("__")).collect();
        names.sort();
        names
    }

    fn primary_key(&self, name: &TableName) -> Vec<String> {
        let constraints = self.table(name).map(|table| &table.constraints[..]).unwrap_or_default();
        let key = constraints.iter().find_map(|constraint| match &constraint.kind {
            ConstraintKind::PrimaryKey(parts) => Some(parts),
            _ => None,
        });
        let columns = key.into_iter().flatten().filter_map(|part| part.column.as_ref());
        columns.map(|column| column.as_str().to_owned()).collect()
    }

    fn columns(&self, name: &TableName) -> Result<Vec<Column>, Box<Diagnostic>> {
        let (Some(entry), Some(table)) = (self.entry(name), self.table(name)) else {
            return Ok(Vec::new());
        };
        if table.is_opaque {
            let why = format!("the columns of `{}` are those of a query", name.full());
            return Err(Box::new(unknown(entry, why)));
        }
        table.columns.iter().map(|column| self.column(entry, name, column)).collect()
    }

    fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        for child in self.names() {
            let constraints = self.table(&child).map(|table| &table.constraints[..]);
            for constraint in constraints.unwrap_or_default() {
                let ConstraintKind::ForeignKey(key) = &constraint.kind else { continue };
                if !self.is_shown(&key.table) {
                    continue;
                }
                let parent = Self::name(&key.table);
                let texts = |names: &[Name]| -> Vec<String> {
                    names.iter().map(|name| name.as_str().to_owned()).collect()
                };
                let target = match texts(&key.target) {
                    none if none.is_empty() => self.primary_key(&parent),
                    target => target,
                };
                let (child, columns) = (child.clone(), texts(&key.columns));
                references.push(Reference { child, parent, columns, target });
            }
        }
        references
    }

    fn comment(&self, name: &TableName) -> Result<Option<String>, Box<Diagnostic>> {
        match self.entry(name) {
            Some(entry) => self.said(entry, name, None),
            None => Err(Box::new(Diagnostic::new(&UNKNOWN_SCHEMA, "the table is not known"))),
        }
    }
}

/// The type at the beginning of these words.
fn named(words: &[Word]) -> Option<Named> {
    let (path, mut len) = match words {
        [Word::Name(schema), Word::Other(dot), Word::Name(name), ..] if dot == "." => {
            (Path { schema: Some(schema.clone()), name: name.clone() }, 3)
        }
        [Word::Name(name), ..] => (Path { schema: None, name: name.clone() }, 1),
        _ => return None,
    };
    let mut number = None;
    if words.get(len).is_some_and(|word| word.says("(")) {
        if let Some(Word::Other(digits)) = words.get(len + 1) {
            number = digits.parse().ok();
        }
        len += words[len..].iter().position(|word| word.says(")"))? + 1;
    }
    let is_array = words.get(len).is_some_and(|word| word.says("[]"));
    Some(Named { path, number, is_array, len: len + usize::from(is_array) })
}

/// Whether a domain's words say `NOT NULL`.
fn demands_value(words: &[Word]) -> bool {
    let mut depth = 0;
    let is_name =
        |word: &Word, text: &str| matches!(word, Word::Name(name) if name.as_str() == text);
    words.windows(2).any(|pair| {
        depth += i32::from(pair[0].says("(")) - i32::from(pair[0].says(")"));
        depth == 0 && is_name(&pair[0], "not") && is_name(&pair[1], "null")
    })
}
