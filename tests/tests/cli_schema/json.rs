//! The schema as JSON.

use std::collections::BTreeSet;

use migrate_build::schema::{Format, Schema, Settings};
use migrate_build::{Cache, Dialect};
use migrate_tests::migration_set::Set;
use serde_json::Value;
use snapbox::str;

use crate::app;

#[test]
fn programs_read_it_as_json() {
    let app = app();
    app.migrate(["schema", "--format", "json", "--at", "2026-01-05-090000"]).succeeds().stdout_is(
        str![[r#"
{
  "version": 1,
  "dialect": "sqlite",
  "tables": [
    {
      "schema": null,
      "name": "users",
      "columns": [
        {
          "name": "id",
          "type": "integer",
          "not_null": true,
          "default": null,
          "generated": null,
          "collation": null,
          "options": []
        },
        {
          "name": "name",
          "type": "text",
          "not_null": true,
          "default": null,
          "generated": null,
          "collation": null,
          "options": []
        }
      ],
      "primary_key": {
        "parts": [
          "id"
        ],
        "name": null,
        "rest": ""
      },
      "unique": [],
      "foreign_keys": [],
      "checks": [],
      "exclusions": [],
      "keys": [],
      "indexes": [],
      "parents": [],
      "options": []
    }
  ],
  "views": [],
  "triggers": [],
  "others": []
}

"#]],
    );
    let printed = app.migrate(["schema", "--format", "json"]).succeeds();
    let made = printed.stdout();
    app.write("schema.json", made.replace('\n', " "));
    app.migrate(["schema", "--check", "schema.json"]).succeeds();
    app.write("schema.json", made.replace("posts", "articles"));
    app.migrate(["schema", "--check", "schema.json"]).exits(1);
}

/// `docs/schema.md` names every field that there is, and no other.
#[test]
fn every_field_of_the_json_is_documented() {
    let set = Set::new().file(
        "1_all/up.sql",
        "-- migrate: irreversible reason=\"it is only looked at\"
         CREATE TYPE mood AS ENUM ('ok');
         CREATE TABLE users (id SERIAL PRIMARY KEY, name TEXT CHECK (name <> ''), UNIQUE (name));
         CREATE TABLE posts (id INTEGER REFERENCES users, EXCLUDE (id WITH =));
         CREATE INDEX ids ON posts (id) WHERE id > 3;
         CREATE VIEW names AS SELECT name FROM users;
         CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
         CREATE TRIGGER t AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION f();",
    );
    let report = set.report_for(Dialect::Postgres);
    let schema = Schema::behind(&report, &Cache::default()).expect("the parser is there");
    let text = schema.text(Format::Json, &Settings::default()).expect("all is known");
    let mut found = BTreeSet::new();
    fields(&serde_json::from_str(&text).expect("JSON"), &mut found);
    let page = include_str!("../../../docs/schema.md");
    let named = |field: &str| page.contains(&format!("`{field}`"));
    let missing: Vec<&String> = found.iter().filter(|field| !named(field)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for field in ["primary_key", "foreign_keys", "exclusions", "where", "materialized", "of"] {
        assert!(found.contains(field), "{field} in {text}");
    }
}

fn fields(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            found.extend(object.keys().cloned());
            object.values().for_each(|value| fields(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| fields(value, found)),
        _ => {}
    }
}
