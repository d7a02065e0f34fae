//! Asking, where somebody can be asked: standard input and standard error are a terminal.

use std::io::{IsTerminal as _, stderr, stdin};

use crate::failure::Failure;
use crate::reporter::Reporter;

/// Whether somebody can be asked.
pub(crate) fn is_possible() -> bool {
    stdin().is_terminal() && stderr().is_terminal()
}

/// The answer to a question: one line, without the blanks around it.
pub(crate) fn line(question: &str, reporter: &Reporter) -> String {
    reporter.question(&format!("{question} "));
    let mut answer = String::new();
    // Who cannot be understood has answered nothing.
    let _ = stdin().read_line(&mut answer);
    answer.trim().to_owned()
}

/// Asks whether what cannot be undone is meant; `yes` is an answer given beforehand.
///
/// # Errors
/// When it is not meant, or nobody can be asked.
pub(crate) fn whether(what: &str, yes: bool, reporter: &Reporter) -> Result<(), Failure> {
    if yes {
        return Ok(());
    }
    if !is_possible() {
        return Err(Failure::usage(format!("{what}: not without a yes"))
            .help("there is no terminal to ask on; `--yes` says it beforehand"));
    }
    let answer = line(&format!("{what}. Go on? [y/N]"), reporter).to_lowercase();
    let is_yes = ["y", "yes"].contains(&answer.as_str());
    is_yes.then_some(()).ok_or_else(|| Failure::new("nothing was done"))
}
