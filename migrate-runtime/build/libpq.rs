//! PostgreSQL's client library, looked for as `pq-sys` does. It takes the linker's word for what it
//! does not find itself; so do we.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::surroundings::{is_left_to_others, is_set, out_directory, stop, target, target_suffix};

const NOT_FOUND: [&str; 5] = [
    "PostgreSQL's client library, libpq, was not found: the feature `postgres` links it",
    "to install it: Debian and Ubuntu `apt install libpq-dev`, Fedora `dnf install libpq-devel`, \
     Arch `pacman -S postgresql-libs`, Alpine `apk add libpq-dev`",
    "on macOS: `brew install libpq`, then `export PQ_LIB_DIR=\"$(brew --prefix libpq)/lib\"`",
    "or use the feature `postgres-bundled` instead of `postgres`: it compiles libpq and OpenSSL",
    "PQ_LIB_DIR, pkg-config, pg_config and the linker were asked for it; with \
     MIGRATE_SKIP_LIBRARY_CHECK=1 nothing is asked",
];

pub(super) fn check() {
    let is_told = is_set("PQ_LIB_DIR") || is_set(&format!("PQ_LIB_DIR_{}", target_suffix()));
    if is_left_to_others() || is_told || has_pkg_config() || is_bundled() {
        return;
    }
    let directory = directory_of_server();
    // Where not even nothing can be linked, nothing is learnt.
    if !links(Some(directory.as_deref())) && links(None) {
        stop(&NOT_FOUND);
    }
}

fn has_pkg_config() -> bool {
    pkg_config::Config::new().cargo_metadata(false).probe("libpq").is_ok()
}

/// Whether somebody else has it compiled, by a feature of `pq-sys`: then that was done before this
/// runs. What an earlier build has left only makes us leave the word to the linker.
fn is_bundled() -> bool {
    let out = out_directory();
    let builds = out.ancestors().find(|path| path.ends_with("build"));
    let entries = builds.and_then(|builds| fs::read_dir(builds).ok()).into_iter().flatten();
    entries.flatten().any(|entry| entry.file_name().to_string_lossy().starts_with("pq-src"))
}

/// Where the server's own tool says that libraries are.
fn directory_of_server() -> Option<PathBuf> {
    let variable = format!("PG_CONFIG_{}", target_suffix());
    let program = is_set(&variable).then(|| env::var_os(variable)).flatten();
    let program = program.unwrap_or_else(|| "pg_config".into());
    let output = Command::new(program).arg("--libdir").output().ok()?;
    let directory = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| PathBuf::from(directory.trim()))
}

/// Whether a program can be linked with libpq, found by the linker or in a directory; or, without
/// it, whether one can be linked at all.
fn links(libpq: Option<Option<&Path>>) -> bool {
    let source = out_directory().join("probe.rs");
    if fs::write(&source, "fn main() {}").is_err() {
        return false;
    }
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--crate-type=bin", "--target", &target()]);
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        rustc.arg("-C").arg(format!("linker={}", linker.to_string_lossy()));
    }
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    rustc.args(flags.split('\x1f').filter(|flag| !flag.is_empty()));
    if let Some(directory) = libpq {
        rustc.arg("-lpq");
        if let Some(directory) = directory {
            rustc.arg("-L").arg(directory);
        }
    }
    rustc.arg("-o").arg(out_directory().join("probe")).arg(source);
    let status = rustc.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}
