//! What cargo tells a build script, and what it is told.
#![cfg_attr(
    not(any(feature = "mysql", all(feature = "postgres", not(feature = "postgres-bundled")))),
    allow(dead_code)
)]

use std::env;
use std::path::PathBuf;

/// Set to anything, nothing is looked for.
const SKIP: &str = "MIGRATE_SKIP_LIBRARY_CHECK";

/// Tells cargo something.
#[expect(clippy::disallowed_macros, reason = "standard output is how a build script speaks")]
pub(crate) fn say(directive: &str) {
    println!("cargo::{directive}");
}

/// Ends the build with these lines.
pub(crate) fn stop(lines: &[&str]) {
    for line in lines {
        say(&format!("error={line}"));
    }
}

/// Whether the check is for others to make: documentation is not linked, and with MSVC vcpkg may
/// know more than we do.
pub(crate) fn is_left_to_others() -> bool {
    is_set(SKIP) || is_set("DOCS_RS") || target().ends_with("-msvc")
}

/// Whether a variable is set; cargo runs this again when it changes.
pub(crate) fn is_set(variable: &str) -> bool {
    say(&format!("rerun-if-env-changed={variable}"));
    env::var_os(variable).is_some()
}

/// What is compiled for.
pub(crate) fn target() -> String {
    env::var("TARGET").unwrap_or_default()
}

/// The same as the names of variables end.
pub(crate) fn target_suffix() -> String {
    target().to_uppercase().replace('-', "_")
}

/// Where files may be put.
pub(crate) fn out_directory() -> PathBuf {
    env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default()
}
