//! The published schema of the JSON lines, which every line that a test reads is held to.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

const SCHEMA: &str = include_str!("../../../docs/messages.schema.json");

/// Whether a line is as the schema says; and that it says nothing which the schema does not.
#[track_caller]
pub(super) fn validate(line: &Value) {
    static VALIDATOR: OnceLock<Validator> = OnceLock::new();
    let validator = VALIDATOR.get_or_init(|| {
        jsonschema::validator_for(&closed(SCHEMA)).expect("the schema is a schema")
    });
    let problems: Vec<String> = validator
        .iter_errors(line)
        .map(|error| format!("{}: {error}", error.instance_path))
        .collect();
    assert!(problems.is_empty(), "docs/messages.schema.json: {problems:?}\n{line}");
}

/// The schema, under which nothing is allowed that it does not describe; of a summary, anything is.
fn closed(schema: &str) -> Value {
    let mut schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    let definitions = schema["$defs"].as_object_mut().expect("it has definitions");
    for (name, definition) in definitions {
        if name != "summary" {
            definition["additionalProperties"] = false.into();
        }
    }
    schema
}
