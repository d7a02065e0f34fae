//! Real crates, built by real cargo.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A crate that uses the library as its users do.
pub(crate) struct Krate {
    dir: TempDir,
    name: &'static str,
}

/// What cargo did.
pub(crate) struct Built {
    pub(crate) succeeded: bool,
    pub(crate) stderr: String,
}

const BUILD_SCRIPT: &str = "fn main() { migrate_build::verify(); }\n";

const MAIN: &str = r#"
use diesel::{Connection, SqliteConnection};
use migrate_runtime::{MigrationHarness, Migrations, Runner, embed_migrations};

static MIGRATIONS: Migrations = embed_migrations!();

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut conn = SqliteConnection::establish(":memory:")?;
    let outcome = Runner::new(&MIGRATIONS).run(&mut conn)?;
    println!("ours: {}", outcome.applied.len());
    let mut conn = SqliteConnection::establish(":memory:")?;
    println!("diesel: {}", conn.run_pending_migrations(MIGRATIONS)?.len());
    Ok(())
}
"#;

impl Krate {
    /// A crate with one migration; with a build script or without.
    pub(crate) fn new(name: &'static str, build_script: bool) -> Self {
        let dir = TempDir::new().expect("a temporary directory");
        let krate = Self { dir, name };
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace");
        let build = if build_script {
            format!(
                "[build-dependencies]\nmigrate-build = {{ path = {:?}, features = [\"sqlite\"] }}\n",
                root.join("migrate-build")
            )
        } else {
            String::new()
        };
        krate.write("Cargo.toml", &format!(
            "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             [package.metadata.migrate]\ndialect = \"sqlite\"\n\
             [dependencies]\ndiesel = {{ version = \"2.3\", default-features = false, features = [\"sqlite\"] }}\n\
             migrate-runtime = {{ path = {:?}, features = [\"sqlite-bundled\"] }}\n{build}\
             [profile.dev]\ndebug = false\n[workspace]\n",
            root.join("migrate-runtime"),
        ));
        // The workspace's own versions: nothing is looked up or compiled that is not there.
        fs::copy(root.join("Cargo.lock"), krate.path("Cargo.lock")).expect("the lock file");
        if build_script {
            krate.write("build.rs", BUILD_SCRIPT);
        }
        krate.write("src/main.rs", MAIN);
        krate.migration(
            "2026-01-01-000000_create_a",
            "CREATE TABLE a (x INTEGER);\n",
            "DROP TABLE a;\n",
        );
        krate
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.dir.path().join(below)
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a directory")).expect("made");
        fs::write(path, text).expect("written");
    }

    pub(crate) fn migration(&self, directory: &str, up: &str, down: &str) {
        self.write(&format!("migrations/{directory}/up.sql"), up);
        self.write(&format!("migrations/{directory}/down.sql"), down);
    }

    fn cargo(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO"))
            .args(arguments)
            .current_dir(self.dir.path())
            .env("CARGO_TARGET_DIR", target())
            .env_remove("RUSTFLAGS")
            .env("CARGO_TERM_COLOR", "never")
            .output()
            .expect("cargo starts")
    }

    pub(crate) fn build(&self) -> Built {
        // Cargo compares times of modification: a change in the same instant as a build is none.
        std::thread::sleep(std::time::Duration::from_millis(20));
        let output = self.cargo(&["build", "--offline", "--verbose"]);
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        Built { succeeded: output.status.success(), stderr }
    }

    /// Builds, and says how many migrations each runner applied.
    pub(crate) fn run(&self) -> String {
        let built = self.build();
        assert!(built.succeeded, "{}", built.said());
        let output = Command::new(target().join("debug").join(self.name)).output();
        let output = output.expect("the program starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Built {
    /// Whether the crate's build script ran.
    pub(crate) fn ran_build_script(&self) -> bool {
        self.stderr
            .lines()
            .any(|line| line.contains("Running") && line.ends_with("/build-script-build`"))
    }

    /// Whether the crate itself was compiled.
    pub(crate) fn compiled(&self, name: &str) -> bool {
        self.stderr.lines().any(|line| {
            line.contains("Running")
                && line.contains(&format!("--crate-name {}", name.replace('-', "_")))
        })
    }

    /// What cargo and rustc said of mistakes, without how they were called.
    pub(crate) fn errors(&self) -> String {
        // How rustc was called is behind this line.
        let before_calls = self.remarks().take_while(|line| *line != "Caused by:");
        before_calls.fold(String::new(), |text, line| text + line.trim_end() + "\n")
    }

    /// What they said of anything. Of a long line only the two ends: it is how rustc was called, and
    /// behind that, how it ended.
    pub(crate) fn said(&self) -> String {
        const END: usize = 200;
        self.remarks().fold(String::new(), |text, line| {
            let last = line.len().saturating_sub(END);
            match (line.get(..END), line.get(last..)) {
                (Some(first), Some(last)) if line.len() > 2 * END => {
                    format!("{text}{first} … {last}\n")
                }
                _ => format!("{text}{line}\n"),
            }
        })
    }

    /// The lines that do not say what cargo is about.
    fn remarks(&self) -> impl Iterator<Item = &str> {
        self.stderr.lines().filter(|line| {
            let line = line.trim_start();
            !["Blocking", "Fresh", "Dirty", "Compiling", "Running", "Finished"]
                .iter()
                .any(|w| line.starts_with(w))
        })
    }
}

/// Built crates share what they depend on, with each other and between runs of the tests.
fn target() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("crates")
}

/// The packages that a package of this workspace (or one that it depends on) links, by name:
/// macros and build scripts left out.
pub(crate) fn tree(package: &str, features: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--prefix", "none", "--edges", "normal,no-proc-macro"])
        .args(["--package", package, "--features", features])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
}
