//! `-- migrate: …`, in Rust `// migrate: …`: what an author tells the verifier, with a reason.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::rule::{Rule, rule};
use crate::source::{Source, Span, count};
use crate::suggest::did_you_mean;

static BAD_DIRECTIVE: Rule =
    rule!("bad-directive", Forbid, "a `-- migrate:` that is not understood");

pub(crate) static RULES: &[&Rule] = &[&BAD_DIRECTIVE];

/// A directive of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// What it says.
    pub kind: DirectiveKind,
    /// Why: never empty.
    pub reason: String,
    /// The comment that holds it.
    pub span: Span,
}

/// What a directive says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DirectiveKind {
    /// There is no way back, on purpose.
    Irreversible,
    /// A rule does not hold here: for the statement behind or around it.
    Allow(String),
    /// `down.sql` undoes `up.sql`, by the author's word.
    AssumeReversible,
    /// What cannot be read changes rows and leaves the schema alone, by the author's word.
    AssumeRowsOnly,
}

const KINDS: [&str; 3] = ["irreversible", "allow", "assume"];
const MARK: &str = "migrate:";

/// The directive in a line comment, if it is one. `span` covers the comment with its dashes or slashes.
pub(crate) fn parse(
    source: &Arc<Source>,
    span: Span,
    findings: &mut Vec<Diagnostic>,
) -> Option<Directive> {
    let comment = source.slice(span);
    let body = comment.trim_start_matches(['-', '/']).trim();
    let body = body.strip_prefix(MARK)?.trim();
    match parse_body(body) {
        Ok((kind, reason)) => Some(Directive { kind, reason, span }),
        Err(problem) => {
            let end = span.start + count(comment.trim_end().len());
            let mark = if comment.starts_with('/') { "//" } else { "--" };
            findings.push(
                Diagnostic::new(&BAD_DIRECTIVE, problem)
                    .at(source, Span::new(span.start, end), "")
                    .help(format!("write `{mark} migrate: irreversible reason=\"…\"`, `{mark} migrate: allow(RULE) reason=\"…\"`, `{mark} migrate: assume(reversible) reason=\"…\"` or `{mark} migrate: assume(rows-only) reason=\"…\"`")),
            );
            None
        }
    }
}

fn parse_body(body: &str) -> Result<(DirectiveKind, String), String> {
    let word_end = body.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_'));
    let (word, rest) = body.split_at(word_end.unwrap_or(body.len()));
    let (kind, rest) = match word {
        "irreversible" => (DirectiveKind::Irreversible, rest),
        "allow" => {
            let (rule, rest) = in_brackets(rest).ok_or("`allow` needs a rule in parentheses")?;
            (DirectiveKind::Allow(rule.to_owned()), rest)
        }
        "assume" => match in_brackets(rest) {
            Some(("reversible", rest)) => (DirectiveKind::AssumeReversible, rest),
            Some(("rows-only", rest)) => (DirectiveKind::AssumeRowsOnly, rest),
            _ => {
                return Err("`assume` needs `reversible` or `rows-only` in parentheses".to_owned());
            }
        },
        "" => return Err("this directive says nothing".to_owned()),
        _ => return Err(format!("there is no directive `{word}`{}", did_you_mean(word, KINDS))),
    };
    let reason = parse_reason(rest.trim())?;
    Ok((kind, reason))
}

/// What stands in parentheses, and what behind them.
fn in_brackets(text: &str) -> Option<(&str, &str)> {
    let (inner, rest) = text.trim_start().strip_prefix('(')?.split_once(')')?;
    Some((inner.trim(), rest))
}

fn parse_reason(text: &str) -> Result<String, String> {
    let missing = || "this directive needs a reason: reason=\"…\"".to_owned();
    let value = text.strip_prefix("reason").ok_or_else(missing)?.trim_start();
    let quoted = value.strip_prefix('=').map(str::trim_start).and_then(|v| v.strip_prefix('"'));
    let (reason, behind) = unquote(quoted.ok_or_else(missing)?)?;
    if reason.trim().is_empty() {
        return Err("the reason of this directive is empty".to_owned());
    }
    if !behind.trim().is_empty() {
        return Err(format!("`{}` stands behind the reason", behind.trim()));
    }
    Ok(reason)
}

/// The text up to the closing quote, `\"` and `\\` resolved, and what stands behind.
fn unquote(text: &str) -> Result<(String, &str), String> {
    let mut reason = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((reason, &text[at + 1..])),
            '\\' => reason.extend(chars.next().map(|(_, escaped)| escaped)),
            _ => reason.push(c),
        }
    }
    Err("the reason's closing quote is missing".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse_text(comment: &str) -> (Option<Directive>, Vec<Diagnostic>) {
        let source = Arc::new(Source::new("up.sql", comment));
        let mut findings = Vec::new();
        let directive = parse(&source, Span::new(0, count(comment.len())), &mut findings);
        (directive, findings)
    }

    #[test]
    fn a_directive_has_a_kind_and_a_reason() {
        let (directive, findings) =
            parse_text(r#"-- migrate: irreversible reason="rows \"gone\" \\ ok""#);
        let directive = directive.expect("it is one");
        assert_eq!(directive.kind, DirectiveKind::Irreversible);
        assert_eq!(directive.reason, r#"rows "gone" \ ok"#);
        assert!(findings.is_empty());
        let (directive, _) = parse_text("--migrate: allow( row-loss ) reason = \"asked for\"");
        assert_eq!(directive.expect("it is one").kind, DirectiveKind::Allow("row-loss".to_owned()));
    }

    #[test]
    fn other_comments_are_left_alone() {
        let (directive, findings) = parse_text("-- we migrate: later");
        assert!(directive.is_none() && findings.is_empty());
    }

    #[test]
    fn every_mistake_has_its_message() {
        for (comment, message) in [
            ("-- migrate:", "this directive says nothing"),
            (
                "-- migrate: ireversible reason=\"x\"",
                "there is no directive `ireversible`; did you mean `irreversible`?",
            ),
            ("-- migrate: irreversible", "this directive needs a reason: reason=\"…\""),
            ("-- migrate: irreversible reason=x", "this directive needs a reason: reason=\"…\""),
            ("-- migrate: irreversible reason=\"\"", "the reason of this directive is empty"),
            ("-- migrate: irreversible reason=\"x", "the reason's closing quote is missing"),
            ("-- migrate: irreversible reason=\"x\" y", "`y` stands behind the reason"),
            ("-- migrate: allow reason=\"x\"", "`allow` needs a rule in parentheses"),
            (
                "-- migrate: assume(fine) reason=\"x\"",
                "`assume` needs `reversible` or `rows-only` in parentheses",
            ),
        ] {
            let (directive, findings) = parse_text(comment);
            assert_eq!(directive, None, "{comment}");
            assert_eq!(findings.len(), 1, "{comment}");
            assert_eq!(findings[0].message, message);
        }
    }
}
