//! `cargo migrate explain`

use migrate_build::{rules, suggest};
use serde_json::json;

use crate::cli::Explain;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::reporter::Reporter;

pub(super) fn run(args: &Explain, reporter: &mut Reporter) -> Result<Exit, Failure> {
    let Some(id) = &args.rule else {
        let width = rules::all().map(|rule| rule.id.len()).max().unwrap_or_default();
        for rule in rules::all() {
            let level = rule.level.to_string();
            reporter.result(&format!("{:width$} {level:7} {}", rule.id, rule.summary));
            reporter.object(&json!({
                "reason": "rule", "id": rule.id, "level": rule.level.to_string(), "summary": rule.summary,
            }));
        }
        return Ok(Exit::Success);
    };
    let rule = rules::find(id).ok_or_else(|| {
        let hint = suggest::did_you_mean(id, rules::all().map(|rule| rule.id));
        Failure::usage(format!("there is no rule `{id}`{hint}"))
            .help("`cargo migrate explain --list` shows all")
    })?;
    reporter.result(rule.explanation.trim_end());
    reporter.object(&json!({
        "reason": "rule", "id": rule.id, "level": rule.level.to_string(), "summary": rule.summary,
        "explanation": rule.explanation,
    }));
    Ok(Exit::Success)
}
