//! Passwords where none may be: in what the command line prints, and in the files that it writes.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use crate::server::{AWKWARD_CANARY, CANARY, percent_encoded};

/// The passwords as they may turn up: as they are, and as URLs have them.
fn forms() -> [String; 3] {
    [CANARY.to_owned(), AWKWARD_CANARY.to_owned(), percent_encoded(AWKWARD_CANARY)]
}

/// The password that is in a text, if one is.
pub(super) fn in_text(text: &str) -> Option<String> {
    forms().into_iter().find(|form| text.contains(form))
}

/// The files below a directory that hold one, or have one in their name.
///
/// Others read them: had this process opened a database's file, closing it would give up the locks
/// that a test holds on it.
pub(super) fn in_files(directory: &Path) -> BTreeSet<String> {
    let mut grep = Command::new("grep");
    grep.args(["-r", "-l", "-a", "-F", "-s"]);
    let mut find = Command::new("find");
    find.args([".", "-false"]);
    for form in forms() {
        grep.args(["-e", &form]);
        find.args(["-o", "-name", &format!("*{form}*")]);
    }
    [grep.arg("."), &mut find]
        .into_iter()
        .flat_map(|command| {
            let output = command.current_dir(directory).output().expect("it starts");
            let found = String::from_utf8_lossy(&output.stdout).into_owned();
            found.lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect()
}
