//! The schema as JSON, for programs: `docs/schema.md` says what each field means.

use serde_json::{Value, json};

use super::{Schema, unknown};
use crate::catalog::{Catalog, Entry, Key, Object};
use crate::diagnostic::Diagnostic;
use crate::sql::schema::{
    Column, Constraint, ConstraintKind, Other, Part, Path, Table, Text, Trigger,
};
use crate::sql::{Class, Name};
use crate::write::Writer;

/// Writes a schema.
pub(super) fn text(schema: &Schema) -> Result<String, Box<Diagnostic>> {
    if let Some(why) = schema.unknown() {
        return Err(Box::new(why.clone()));
    }
    let catalog = &schema.catalog;
    let writer = Json { write: Writer { dialect: catalog.dialect() }, catalog };
    let (mut tables, mut views, mut triggers, mut others) = (vec![], vec![], vec![], vec![]);
    for (key, entry) in catalog.entries() {
        match &entry.object {
            Object::Table(table) => tables.push(writer.table(key, entry, table)?),
            // They stand with their tables.
            Object::Index(_) => {}
            Object::View(view) => views.push(json!({
                "schema": writer.schema(&key.path),
                "name": key.path.name.written(),
                "materialized": view.is_materialized,
                "reads": view.reads.iter().map(|path| writer.reference(path)).collect::<Vec<_>>(),
                "text": writer.write.text(&view.text),
            })),
            Object::Trigger(Trigger { table, text, .. }) => {
                triggers.push(writer.trigger(key, table, text));
            }
            Object::Other(Other { class: Class::Trigger, owner: Some(owner), text, .. }) => {
                triggers.push(writer.trigger(key, &owner.key.path, text));
            }
            Object::Other(other) => others.push(json!({
                "kind": other.class.to_string(),
                "schema": writer.schema(&key.path),
                "name": key.path.name.written(),
                "of": other.owner.as_ref().map(|owner| json!({
                    "table": writer.reference(&owner.key.path),
                    "column": owner.column.as_ref().map(Name::written),
                })),
                "text": writer.write.text(&other.text),
            })),
        }
    }
    let whole = json!({
        "version": 1,
        "dialect": catalog.dialect().name(),
        "tables": tables,
        "views": views,
        "triggers": triggers,
        "others": others,
    });
    Ok(format!("{whole:#}\n"))
}

struct Json<'c> {
    write: Writer,
    catalog: &'c Catalog,
}

impl Json<'_> {
    fn schema(&self, path: &Path) -> Value {
        path.schema.as_ref().map(Name::written).into()
    }

    fn reference(&self, path: &Path) -> Value {
        json!({ "schema": self.schema(path), "name": path.name.written() })
    }

    fn text(&self, text: Option<&Text>) -> Value {
        text.map(|text| self.write.text(text)).into()
    }

    fn parts(&self, parts: &[Part]) -> Vec<String> {
        parts.iter().map(|part| self.write.part(part)).collect()
    }

    fn table(&self, key: &Key, entry: &Entry, table: &Table) -> Result<Value, Box<Diagnostic>> {
        if table.is_opaque {
            let why = format!("the columns of `{}` are not known", key.path);
            return Err(Box::new(unknown(entry, why)));
        }
        let constraints = |wanted: fn(&ConstraintKind) -> bool| -> Vec<Value> {
            let mut found: Vec<&Constraint> =
                table.constraints.iter().filter(|one| wanted(&one.kind)).collect();
            // Their order means nothing.
            found.sort_by_cached_key(|one| self.write.constraint(one));
            found.into_iter().map(|one| self.constraint(one)).collect()
        };
        let indexes = self.catalog.owned_by(&key.path);
        let indexes = indexes.iter().filter_map(|key| Some((key, self.catalog.get(key)?)));
        let indexes = indexes.filter_map(|(key, entry)| match &entry.object {
            // Those behind a key are said with it.
            Object::Index(index) if !index.is_of_constraint => Some(json!({
                "name": key.path.name.written(),
                "unique": index.unique,
                "parts": self.parts(&index.parts),
                "where": self.text(index.predicate.as_ref()),
                "options": texts(&index.options),
            })),
            _ => None,
        });
        Ok(json!({
            "schema": self.schema(&key.path),
            "name": key.path.name.written(),
            "columns": table.columns.iter().map(|column| self.column(column)).collect::<Vec<_>>(),
            "primary_key": constraints(|kind| matches!(kind, ConstraintKind::PrimaryKey(_))).pop(),
            "unique": constraints(|kind| matches!(kind, ConstraintKind::Unique(_))),
            "foreign_keys": constraints(|kind| matches!(kind, ConstraintKind::ForeignKey(_))),
            "checks": constraints(|kind| matches!(kind, ConstraintKind::Check(_))),
            "exclusions": constraints(|kind| matches!(kind, ConstraintKind::Exclude(_))),
            "keys": constraints(|kind| matches!(kind, ConstraintKind::Index(_))),
            "indexes": indexes.collect::<Vec<_>>(),
            "parents": table.parents.iter().map(|path| self.reference(path)).collect::<Vec<_>>(),
            "options": texts(&table.options),
        }))
    }

    fn trigger(&self, key: &Key, table: &Path, text: &Text) -> Value {
        json!({
            "schema": self.schema(&key.path),
            "name": key.path.name.written(),
            "table": self.reference(table),
            "text": self.write.text(text),
        })
    }

    fn column(&self, column: &Column) -> Value {
        json!({
            "name": column.name.written(),
            "type": self.write.text(&column.ty),
            "not_null": column.not_null,
            "default": self.text(column.default.as_ref()),
            "generated": self.text(column.generated.as_ref()),
            "collation": column.collation.as_ref().map(Name::written),
            "options": texts(&column.options),
        })
    }

    fn constraint(&self, constraint: &Constraint) -> Value {
        let mut value = match &constraint.kind {
            ConstraintKind::PrimaryKey(parts)
            | ConstraintKind::Unique(parts)
            | ConstraintKind::Index(parts)
            | ConstraintKind::Exclude(parts) => json!({ "parts": self.parts(parts) }),
            ConstraintKind::Check(text) => json!({ "expression": self.write.text(text) }),
            ConstraintKind::ForeignKey(key) => json!({
                "columns": key.columns.iter().map(Name::written).collect::<Vec<_>>(),
                "references": {
                    "table": self.reference(&key.table),
                    "columns": key.target.iter().map(Name::written).collect::<Vec<_>>(),
                },
                "actions": key.actions.to_string(),
            }),
        };
        value["name"] = constraint.name.as_ref().map(Name::written).into();
        value["rest"] = constraint.rest.to_string().into();
        value
    }
}

fn texts(texts: &[Text]) -> Vec<String> {
    texts.iter().map(Text::to_string).collect()
}
