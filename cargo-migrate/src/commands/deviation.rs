//! What two schemas do not agree on, as programs read it.

use migrate_build::compare::{Deviation, DeviationKind};
use serde_json::{Value, json};

/// An object for a deviation.
pub(super) fn object(deviation: &Deviation) -> Value {
    let Deviation { class, name, kind, .. } = deviation;
    let (kind, parts) = match kind {
        DeviationKind::Missing => ("missing", &[][..]),
        DeviationKind::Additional => ("additional", &[][..]),
        DeviationKind::Differs(parts) => ("differs", &parts[..]),
    };
    let parts: Vec<Value> = parts
        .iter()
        .map(|part| json!({ "part": part.part, "expected": part.expected, "found": part.found }))
        .collect();
    json!({ "kind": kind, "class": class, "name": name, "parts": parts })
}
