//! A whole build script.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cache::Cache;
use crate::config::{Config, Database};
use crate::diagnostic::Diagnostic;
use crate::embed::{Embedded, stamp_variable};
use crate::error::Error;
use crate::layout::Directory;
use crate::render::Human;
use crate::schema::Watched;
use crate::verify::{Report, verify_directory};

/// Verifies the package's migrations, as its build script.
///
/// Findings become cargo's errors and warnings, and an error fails the build. The script runs again
/// when a file in the migrations directory changes, comes or goes, or a manifest or the configured
/// schema file changes, and at no other time. What was verified is left for `embed_migrations!`.
pub fn verify() {
    let mut cargo = Cargo::default();
    if let Err(error) = verify_package(&mut cargo) {
        cargo.message("error", &error.to_string());
    }
    cargo.print();
}

/// What is said to cargo.
#[derive(Default)]
struct Cargo(String);

impl Cargo {
    fn directive(&mut self, key: &str, value: &str) {
        self.0.push_str("cargo::");
        self.0.push_str(key);
        self.0.push('=');
        self.0.push_str(value);
        self.0.push('\n');
    }

    /// An error or warning; cargo takes one line at a time, and puts its own prefix before each.
    fn message(&mut self, level: &str, text: &str) {
        for line in text.lines() {
            self.directive(level, line);
        }
    }

    fn finding(&mut self, finding: &Diagnostic) {
        let level = if finding.level.fails() { "error" } else { "warning" };
        let rendered = Human::new(false).render(finding);
        // Cargo says the level itself.
        self.message(level, rendered.strip_prefix(level).unwrap_or(&rendered));
        self.directive(level, "");
    }

    fn rerun_if_changed(&mut self, path: &Path) {
        self.directive("rerun-if-changed", &path.display().to_string());
    }

    #[expect(clippy::disallowed_macros, reason = "standard output is how a build script speaks")]
    fn print(&self) {
        print!("{}", self.0);
    }
}

fn verify_package(cargo: &mut Cargo) -> Result<(), Error> {
    let package = variable("CARGO_MANIFEST_DIR")?;
    let out = variable("OUT_DIR")?;
    let manifest = package.join("Cargo.toml");
    cargo.rerun_if_changed(&manifest);
    let config = Config::load(&manifest)?;
    if config.root != package {
        cargo.rerun_if_changed(&config.root.join("Cargo.toml"));
    }
    for database in &config.databases {
        // Cargo looks at the directory and all below it: also at what is new there, or gone.
        cargo.rerun_if_changed(&database.dir);
        verify_database(cargo, &config, database, &out)?;
    }
    Ok(())
}

fn verify_database(
    cargo: &mut Cargo,
    config: &Config,
    database: &Database,
    out: &Path,
) -> Result<(), Error> {
    let server = database.require_server(&config.manifest)?;
    let directory = Directory::load(&database.dir, &config.shown(&database.dir))?;
    let stem = stamp_variable(&database.dir).to_lowercase();
    let cache_file = out.join(format!("{stem}.facts"));
    let catalog_file = out.join(format!("{stem}.catalog"));
    let mut cache = Cache::from_text(
        &fs::read_to_string(&cache_file).unwrap_or_default(),
        &fs::read(&catalog_file).unwrap_or_default(),
    );
    let mut report = verify_directory(directory, server, &config.levels, &mut cache)?;
    if let Some(watched) = Watched::of(config, database)? {
        cargo.rerun_if_changed(&watched.path);
        if let Some(path) = &watched.settings.path {
            cargo.rerun_if_changed(path);
        }
        watched.check(config, &mut report, &cache)?;
    }
    if let Some(text) = cache.to_text() {
        write(&cache_file, &text)?;
        write(&catalog_file, cache.catalog())?;
    }
    for finding in &report.findings {
        cargo.finding(finding);
    }
    if !report.fails() {
        stamp(cargo, database, &report, out, &stem)?;
    }
    Ok(())
}

/// Leaves the embedded set for the macro, and tells it where.
fn stamp(
    cargo: &mut Cargo,
    database: &Database,
    report: &Report,
    out: &Path,
    stem: &str,
) -> Result<(), Error> {
    let set = Embedded::new(report, &database.dir);
    let stem_of_set = format!("{stem}-{}", set.digest());
    let file = out.join(format!("{stem_of_set}.rs"));
    if !file.exists() {
        remove_older(out, stem);
        write(&out.join(format!("{stem_of_set}.text")), &set.text)?;
        write(&out.join(format!("{stem_of_set}.table")), &set.table)?;
        let text = format!("::core::include_str!(\"{stem_of_set}.text\")");
        let table = format!("::core::include_bytes!(\"{stem_of_set}.table\")");
        write(&file, set.expression(&text, &table))?;
    }
    cargo.directive("rustc-env", &format!("{}={}", stamp_variable(&database.dir), file.display()));
    Ok(())
}

/// Sets of earlier builds; one that cannot be removed does no harm.
fn remove_older(out: &Path, stem: &str) {
    for entry in fs::read_dir(out).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(&format!("{stem}-")) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<(), Error> {
    fs::write(path, content).map_err(|error| Error::io("write", path, error))
}

fn variable(name: &str) -> Result<PathBuf, Error> {
    env::var_os(name).map(PathBuf::from).ok_or_else(|| Error::Config {
        place: name.to_owned(),
        message: "is not set: this runs as a build script, called by cargo".to_owned(),
    })
}
