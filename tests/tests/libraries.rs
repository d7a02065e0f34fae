//! A client library that is missing is said before anything is linked, with what to install; and a
//! build that would succeed is never stopped.
#![allow(clippy::unwrap_used, reason = "what a test helper cannot do fails the test")]

use std::env;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use snapbox::{assert_data_eq, str};
use tempfile::TempDir;

const LINKS: &str = "exec cc \"$@\"";
const LACKS_LIBPQ: &str =
    "case \"$*\" in *-lpq*) echo 'cannot find -lpq' >&2; exit 1;; esac\nexec cc \"$@\"";

/// A package with the build script of `migrate-runtime` and nothing of what that links, on a machine
/// that has a compiler, and of other programs what a test puts there.
struct Machine(TempDir);

impl Machine {
    fn new(linker: &str) -> Self {
        let machine = Self(tempfile::tempdir().unwrap());
        let script = checkout().join("migrate-runtime/build/main.rs");
        let manifest = format!(
            "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\nbuild = {script:?}\n\
             [features]\npostgres = [\"dep:pkg-config\"]\npostgres-bundled = [\"postgres\"]\n\
             mysql = [\"dep:pkg-config\"]\n\
             [build-dependencies]\npkg-config = {{ version = \"0.3\", optional = true }}\n[workspace]\n"
        );
        machine.write("Cargo.toml", &manifest);
        machine.write("src/main.rs", "fn main() {}\n");
        machine.write("bin/.keep", "");
        for program in ["as", "cc", "ld", "rustc", "sh"] {
            symlink(found(program), machine.path("bin").join(program)).unwrap();
        }
        machine.program("linker", linker);
        let linker = machine.path("bin/linker");
        machine
            .write(".cargo/config.toml", &format!("[target.'cfg(unix)']\nlinker = {linker:?}\n"));
        machine
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    fn write(&self, path: &str, text: &str) {
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::write(self.path(path), text).unwrap();
    }

    fn program(&self, name: &str, script: &str) {
        let path = self.path("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// Builds it with a feature and a variable; gives what stopped the build.
    fn builds(&self, feature: &str, variable: Option<(&str, &str)>) -> Result<(), String> {
        let output = Command::new(found("cargo"))
            .args(["build", "--offline", "--features", feature])
            .current_dir(self.0.path())
            .env("PATH", self.path("bin"))
            .env("CARGO_TARGET_DIR", self.path("target"))
            .env("CARGO_TERM_COLOR", "never")
            .env_remove("RUSTFLAGS")
            .envs(variable)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let errors = said.lines().filter_map(|line| line.strip_prefix("error: app@0.1.0: "));
        let errors: String = errors.map(|line| format!("{line}\n")).collect();
        assert_eq!(output.status.success(), errors.is_empty(), "{said}");
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

fn checkout() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A program on our own `PATH`.
fn found(program: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap();
    env::split_paths(&path).map(|path| path.join(program)).find(|path| path.exists()).unwrap()
}

#[test]
fn without_libpq_it_says_what_to_install() {
    let machine = Machine::new(LACKS_LIBPQ);
    assert_data_eq!(
        machine.builds("postgres", None).unwrap_err(),
        str![[r#"
PostgreSQL's client library, libpq, was not found: the feature `postgres` links it
to install it: Debian and Ubuntu `apt install libpq-dev`, Fedora `dnf install libpq-devel`, Arch `pacman -S postgresql-libs`, Alpine `apk add libpq-dev`
on macOS: `brew install libpq`, then `export PQ_LIB_DIR="$(brew --prefix libpq)/lib"`
or use the feature `postgres-bundled` instead of `postgres`: it compiles libpq and OpenSSL
PQ_LIB_DIR, pkg-config, pg_config and the linker were asked for it; with MIGRATE_SKIP_LIBRARY_CHECK=1 nothing is asked

"#]]
    );
    // Whoever brings it, or knows better, is let through.
    let elsewhere = machine.path("lib");
    fs::create_dir(&elsewhere).unwrap();
    machine.builds("postgres", Some(("PQ_LIB_DIR", elsewhere.to_str().unwrap()))).unwrap();
    machine.builds("postgres", Some(("MIGRATE_SKIP_LIBRARY_CHECK", "1"))).unwrap();
    machine.builds("postgres", Some(("DOCS_RS", "1"))).unwrap();
    machine.builds("postgres-bundled", None).unwrap();
    machine.builds("postgres", None).unwrap_err();
}

#[test]
fn libpq_that_is_found_in_any_way_is_enough() {
    // By the linker alone.
    Machine::new(LINKS).builds("postgres", None).unwrap();

    let by_pkg_config = Machine::new(LACKS_LIBPQ);
    by_pkg_config.program("pkg-config", "case \"$*\" in *libpq*) echo '-lpq';; *) exit 1;; esac");
    by_pkg_config.builds("postgres", None).unwrap();

    let linker = "case \"$*\" in *-lpq*/opt/pg/lib*|*/opt/pg/lib*-lpq*) exec cc -v;; *-lpq*) exit 1;; esac\nexec cc \"$@\"";
    let by_pg_config = Machine::new(linker);
    by_pg_config.builds("postgres", None).unwrap_err();
    by_pg_config.program("pg_config", "echo /opt/pg/lib");
    by_pg_config.write("src/lib.rs", "");
    by_pg_config.builds("postgres", Some(("MIGRATE_SKIP_LIBRARY_CHECK", "1"))).unwrap();
    by_pg_config.builds("postgres", None).unwrap();

    // Compiled by a feature of `pq-sys`, which this package knows nothing of.
    let bundled = Machine::new(LACKS_LIBPQ);
    fs::create_dir_all(bundled.path("target/debug/build/pq-src-0123456789abcdef")).unwrap();
    bundled.builds("postgres", None).unwrap();
}

#[test]
fn where_nothing_can_be_linked_at_all_the_linker_has_the_word() {
    // The build script itself is linked; what it tries is not.
    let machine = Machine::new("case \"$*\" in *probe*) exit 1;; esac\nexec cc \"$@\"");
    machine.builds("postgres", None).unwrap();
}

#[test]
fn without_mysql_s_library_it_says_what_to_install() {
    let machine = Machine::new(LINKS);
    assert_data_eq!(
        machine.builds("mysql", None).unwrap_err(),
        str![[r#"
the client library of MySQL or MariaDB was not found: the feature `mysql` links it
to install it: Debian and Ubuntu `apt install libmariadb-dev`, Fedora `dnf install mariadb-connector-c-devel`, Arch `pacman -S mariadb-libs`, Alpine `apk add mariadb-connector-c-dev`
on macOS: `brew install mariadb-connector-c`
pkg-config, MYSQLCLIENT_LIB_DIR and mysql_config were asked for it; with MIGRATE_SKIP_LIBRARY_CHECK=1 nothing is asked

"#]]
    );
    machine.builds("mysql", Some(("MYSQLCLIENT_LIB_DIR", "/opt/mysql/lib"))).unwrap();
    machine.builds("mysql", Some(("MIGRATE_SKIP_LIBRARY_CHECK", "1"))).unwrap();

    let by_pkg_config = Machine::new(LINKS);
    by_pkg_config
        .program("pkg-config", "case \"$*\" in *libmariadb*) echo '-lmariadb';; *) exit 1;; esac");
    by_pkg_config.builds("mysql", None).unwrap();

    let by_mysql_config = Machine::new(LINKS);
    by_mysql_config.program("mysql_config", "echo -lmariadb");
    by_mysql_config.builds("mysql", None).unwrap();

    let bundled = Machine::new(LINKS);
    bundled.write(
        "target/Cargo.lock",
        "[[package]]\nname = \"mysqlclient-src\"\nversion = \"0.2.0\"\n",
    );
    bundled.builds("mysql", None).unwrap();
}
