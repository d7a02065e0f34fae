//! All rules there are.

use crate::rule::Rule;

/// Every rule, in the order of the checks.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    let groups =
        crate::layout::RULES.iter().chain(crate::check::RULES).chain(crate::judge::RULES).copied();
    let groups = groups.chain([crate::sql::directive::RULES, crate::sql::RULES]);
    let groups = groups.chain(crate::schema::RULES.iter().copied()).chain([crate::lock::RULES]);
    groups.chain(crate::seal::RULES.iter().copied()).flatten().copied()
}

/// The rule with this id.
#[must_use]
pub fn find(id: &str) -> Option<&'static Rule> {
    all().find(|rule| rule.id == id)
}

/// Whether a rule is about files, their names and their order, or about what is sealed: not about what
/// one migration says.
#[must_use]
pub fn is_about_files(rule: &Rule) -> bool {
    let groups = crate::layout::RULES.iter().chain(crate::seal::RULES).copied();
    groups.chain([crate::lock::RULES]).flatten().any(|other| *other == rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_is_registered_once_and_explained() {
        let ids: Vec<&str> = all().map(|rule| rule.id).collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "a rule is registered twice");
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
        let explained: BTreeSet<String> = std::fs::read_dir(folder)
            .expect("the folder of explanations")
            .map(|entry| entry.expect("its entry").file_name().to_string_lossy().into_owned())
            .collect();
        let expected: BTreeSet<String> = unique.iter().map(|id| format!("{id}.md")).collect();
        assert_eq!(explained, expected, "explanations and the registry differ");
    }

    #[test]
    fn explanations_say_what_is_wrong_and_what_to_do() {
        for rule in all() {
            assert!(rule.explanation.contains("## What to do"), "{}: what to do?", rule.id);
            assert!(rule.explanation.len() > 120, "{}: too short", rule.id);
        }
    }
}
