//! Schemas as SQL, comparable: what the products' own tools write, without what says nothing of the
//! schema.

use std::process::Command;

/// What a tool wrote: the lines that are kept.
pub(super) fn kept(tool: &mut Command, keep: impl Fn(&str) -> bool) -> String {
    let output = tool.output().unwrap_or_else(|error| panic!("{tool:?}: {error}"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{tool:?}: {errors}");
    // MariaDB writes bytes that are a column's default as they are.
    let text = String::from_utf8_lossy(&output.stdout);
    let lines = text.lines().filter(|line| !line.is_empty() && keep(line));
    lines.map(|line| format!("{line}\n")).collect()
}
