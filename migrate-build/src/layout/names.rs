//! The name of a migration's directory: `<version>_<name>`.

use crate::diagnostic::Diagnostic;
use crate::render::is_unprintable;
use crate::rule::{Rule, rule};
use crate::version::Version;

use super::scan::Found;

static BAD_NAME: Rule =
    rule!("bad-name", Forbid, "a directory name that not every system can show");
static EMPTY_VERSION: Rule = rule!("empty-version", Forbid, "a directory name without a version");
static LONG_VERSION: Rule =
    rule!("long-version", Forbid, "a version that does not fit into Diesel's ledger");

pub(super) static RULES: &[&Rule] = &[&BAD_NAME, &EMPTY_VERSION, &LONG_VERSION];

/// The name, if it can be one. Otherwise a finding says why not.
pub(super) fn check(found: &Found, findings: &mut Vec<Diagnostic>) -> Option<String> {
    let problem = match found.name.to_str() {
        None => Some(
            Diagnostic::new(&BAD_NAME, "this directory's name is not valid UTF-8")
                .help("rename the directory"),
        ),
        Some(name) => problem(name),
    };
    let Some(problem) = problem else { return found.name.to_str().map(str::to_owned) };
    findings.push(problem.at_path(&found.shown, ""));
    None
}

fn problem(name: &str) -> Option<Diagnostic> {
    if name.contains(is_unprintable) {
        let message = "this directory's name holds a character that cannot be seen";
        return Some(Diagnostic::new(&BAD_NAME, message).help("rename the directory"));
    }
    let version = Version::of_directory(name);
    if version.as_str().trim().is_empty() {
        let message = format!("`{name}` begins without a version");
        return Some(
            Diagnostic::new(&EMPTY_VERSION, message)
                .help("name it `<version>_<name>`; `cargo migrate new NAME` makes versions"),
        );
    }
    let chars = version.as_str().chars().count();
    (chars > Version::MAX_CHARS).then(|| {
        let message = format!("the version of `{name}` has {chars} characters");
        Diagnostic::new(&LONG_VERSION, message)
            .note(format!("Diesel's ledger holds {} characters", Version::MAX_CHARS))
            .help("put a `_` behind the version: `<version>_<name>`")
    })
}
