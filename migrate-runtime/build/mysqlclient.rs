//! The client library of MySQL or MariaDB, looked for as `mysqlclient-sys` does. That ends a build
//! by itself when it finds none; we say which packages there are, if we come first.

use std::fs;
use std::process::{Command, Stdio};

use crate::surroundings::{is_left_to_others, is_set, out_directory, stop, target_suffix};

const NOT_FOUND: [&str; 4] = [
    "the client library of MySQL or MariaDB was not found: the feature `mysql` links it",
    "to install it: Debian and Ubuntu `apt install libmariadb-dev`, Fedora \
     `dnf install mariadb-connector-c-devel`, Arch `pacman -S mariadb-libs`, Alpine \
     `apk add mariadb-connector-c-dev`",
    "on macOS: `brew install mariadb-connector-c`",
    "pkg-config, MYSQLCLIENT_LIB_DIR and mysql_config were asked for it; with \
     MIGRATE_SKIP_LIBRARY_CHECK=1 nothing is asked",
];

pub(super) fn check() {
    let variable = "MYSQLCLIENT_LIB_DIR";
    let is_told = is_set(variable) || is_set(&format!("{variable}_{}", target_suffix()));
    if is_left_to_others() || is_told || has_pkg_config() || has_mysql_config() || may_be_bundled()
    {
        return;
    }
    stop(&NOT_FOUND);
}

fn has_pkg_config() -> bool {
    let found = |name| pkg_config::Config::new().cargo_metadata(false).probe(name).is_ok();
    found("mysqlclient") || found("libmariadb")
}

fn has_mysql_config() -> bool {
    let mut command = Command::new("mysql_config");
    let status = command.arg("--libs").stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Whether somebody else may have it compiled, by a feature of `mysqlclient-sys`: unless the lock
/// file is found and knows of no such thing.
fn may_be_bundled() -> bool {
    let out = out_directory();
    let lock = out.ancestors().find_map(|path| fs::read_to_string(path.join("Cargo.lock")).ok());
    lock.is_none_or(|lock| lock.contains("\"mysqlclient-src\""))
}
