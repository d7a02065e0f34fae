//! Configured levels of rules.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::rule::Level;
use crate::suggest::did_you_mean;

/// The levels that a configuration sets, by rule.
#[derive(Clone, Debug, Default)]
pub struct Levels(BTreeMap<&'static str, Level>);

impl Levels {
    /// Sets the level of a rule.
    ///
    /// # Errors
    /// When there is no such rule or level, or the rule's level cannot be changed: what to say.
    pub fn set(&mut self, id: &str, level: &str) -> Result<(), String> {
        let rule = crate::rules::find(id).ok_or_else(|| {
            let ids = crate::rules::all().filter(|rule| rule.level != Level::Forbid);
            format!("there is no rule `{id}`{}", did_you_mean(id, ids.map(|rule| rule.id)))
        })?;
        if rule.level == Level::Forbid {
            return Err(format!("the level of `{id}` cannot be changed: it is always wrong"));
        }
        if *rule == crate::check::ROW_LOSS {
            return Err(format!(
                "`{id}` is allowed script by script: `-- migrate: allow({id}) reason=\"…\"`"
            ));
        }
        self.0.insert(rule.id, level.parse()?);
        Ok(())
    }

    /// Takes over what others set.
    pub(crate) fn extend(&mut self, others: Self) {
        self.0.extend(others.0);
    }

    /// Sets the levels of findings, and drops those that are allowed.
    pub(crate) fn apply(&self, findings: &mut Vec<Diagnostic>) {
        for finding in findings.iter_mut() {
            if let Some(level) = self.0.get(finding.rule.id) {
                finding.level = *level;
            }
        }
        findings.retain(|finding| finding.level > Level::Allow);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_a_matter_of_judgement_can_be_set() {
        let mut levels = Levels::default();
        assert_eq!(levels.set("unknown-type", "warn"), Ok(()));
        let error = levels.set("duplicate-version", "allow").expect_err("it is always wrong");
        assert!(error.contains("cannot be changed"), "{error}");
        let error = levels.set("row-loss", "allow").expect_err("no one knows what for");
        assert!(error.contains("script by script"), "{error}");
        let error = levels.set("unknown-typ", "warn").expect_err("there is none");
        assert_eq!(error, "there is no rule `unknown-typ`; did you mean `unknown-type`?");
        let error = levels.set("unknown-type", "dney").expect_err("there is none");
        assert!(error.starts_with("unknown level `dney`; did you mean `deny`?"), "{error}");
    }
}
