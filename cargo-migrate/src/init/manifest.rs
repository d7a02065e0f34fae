//! `Cargo.toml`: what it says, and what it lacks.

use std::path::{Path, PathBuf};

use migrate_build::Dialect;
use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use super::{Error, Options};

/// The configuration's key for the migrations directory.
const DIRECTORY: &str = "dir";
const DEFAULT_DIRECTORY: &str = "migrations";

/// A manifest that was understood.
pub(super) struct Manifest<'a> {
    path: &'a Path,
    text: &'a str,
    document: DocumentMut,
}

impl<'a> Manifest<'a> {
    pub(super) fn parse(path: &'a Path, text: &'a str) -> Result<Self, Error> {
        match text.parse() {
            Ok(document) => Ok(Self { path, text, document }),
            Err(error) => {
                let (line, column) = place(text, error.span().map_or(0, |span| span.start));
                Err(Error::usage(format!(
                    "{}:{line}:{column}: {}",
                    path.display(),
                    error.message().trim().replace('\n', "; "),
                ))
                .with_help("nothing was changed; mend the file first"))
            }
        }
    }

    pub(super) fn has_workspace(text: &str) -> bool {
        text.parse::<DocumentMut>().is_ok_and(|document| document.contains_key("workspace"))
    }

    pub(super) fn is_workspace(&self) -> bool {
        self.document.contains_key("workspace")
    }

    /// `package.workspace`: where the workspace is.
    pub(super) fn workspace_directory(&self) -> Option<&str> {
        self.document.get("package")?.get("workspace")?.as_str()
    }

    /// The package's name.
    pub(super) fn name(&self) -> Result<&str, Error> {
        let name = self.package()?.get("name").and_then(Item::as_str);
        name.ok_or_else(|| {
            Error::failed(format!("`{}` does not say the package's name", self.path.display()))
        })
    }

    fn package(&self) -> Result<&dyn TableLike, Error> {
        self.document.get("package").and_then(Item::as_table_like).ok_or_else(|| {
            Error::usage(format!("`{}` is not the manifest of a package", self.path.display()))
                .with_help("choose one of the workspace's packages: `--package NAME`")
        })
    }

    /// The build script, relative to the manifest.
    pub(super) fn build_script(&self) -> Result<&str, Error> {
        match self.package()?.get("build") {
            None => Ok("build.rs"),
            Some(item) => match (item.as_str(), item.as_bool()) {
                (Some(path), _) => Ok(path),
                (_, Some(true)) => Ok("build.rs"),
                _ => Err(Error::usage(format!(
                    "`{}` says `build = {}`, so that no build script can check the migrations",
                    self.path.display(),
                    item.to_string().trim(),
                ))
                .with_help("remove that line, or name one script, as in `build = \"build.rs\"`")),
            },
        }
    }

    /// `[package.metadata.migrate]`
    fn config(&self) -> Option<&Item> {
        self.document.get("package")?.get("metadata")?.get("migrate")
    }

    /// Whether it speaks of several databases, each with a dialect and a directory of its own.
    pub(super) fn has_databases(&self) -> bool {
        self.config().is_some_and(|config| config.get("databases").is_some())
    }

    /// The migrations directory: the configured one, else the wanted one, else `migrations`.
    pub(super) fn directory(&self, wanted: Option<&str>) -> Result<String, Error> {
        self.package()?;
        let configured =
            self.config().and_then(|config| config.get(DIRECTORY)).and_then(Item::as_str);
        match (configured, wanted) {
            (Some(configured), Some(wanted)) if configured != wanted => {
                Err(self.contradiction(DIRECTORY, configured, wanted))
            }
            (Some(directory), _) | (None, Some(directory)) => Ok(directory.to_owned()),
            (None, None) => Ok(DEFAULT_DIRECTORY.to_owned()),
        }
    }

    /// The text with the configuration in it; `None` when it is there.
    pub(super) fn configured(
        &self,
        options: &Options,
        directory: &str,
    ) -> Result<Option<String>, Error> {
        if self.has_databases() {
            return Ok(None);
        }
        let version = options.server_version.map(|version| version.to_string());
        let mut wanted = vec![("dialect", options.dialect.name())];
        wanted.extend(version.as_deref().map(|version| ("server-version", version)));
        if directory != DEFAULT_DIRECTORY {
            wanted.push((DIRECTORY, directory));
        }
        let mut missing = Vec::new();
        for (key, wanted) in wanted {
            match self.config().and_then(|config| config.get(key)) {
                None => missing.push((key, wanted)),
                Some(item) if item.as_str() == Some(wanted) => {}
                Some(item) => {
                    let there = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
                    return Err(self.contradiction(key, there.trim(), wanted));
                }
            }
        }
        if missing.is_empty() {
            return Ok(None);
        }
        let mut document = self.document.clone();
        let written = insert(&mut document, &missing).map(|()| self.with_line_ends(&document));
        // Whatever way the file was laid out: cargo must be able to read what we leave.
        match written {
            Some(text) if text.parse::<DocumentMut>().is_ok() => Ok(Some(text)),
            _ => {
                let lines: Vec<String> =
                    missing.iter().map(|(key, value)| format!("`{key} = \"{value}\"`")).collect();
                Err(Error::usage(format!(
                    "`{}` is laid out in a way that cannot be extended",
                    self.path.display()
                ))
                .with_help(format!(
                    "under `[package.metadata.migrate]`, write {}",
                    lines.join(", ")
                )))
            }
        }
    }

    fn contradiction(&self, key: &str, there: &str, wanted: &str) -> Error {
        Error::usage(format!(
            "`{}` is set up with `{key} = \"{there}\"`, not with `{wanted}`",
            self.path.display()
        ))
        .with_help("change it there by hand if that is what you mean")
    }

    /// In the line ends that the file has.
    fn with_line_ends(&self, document: &DocumentMut) -> String {
        let text = document.to_string();
        match self.text.contains("\r\n") {
            true => text.replace("\r\n", "\n").replace('\n', "\r\n"),
            false => text,
        }
    }

    /// The calls of `cargo add` that are needed.
    pub(super) fn additions(
        &self,
        workspace: Option<&Manifest>,
        options: &Options,
    ) -> Vec<Vec<String>> {
        let dialect = options.dialect.name();
        let features = |section, name| self.features(workspace, section, name);
        let has = |features: &Option<Vec<String>>, feature: &str| {
            features.as_ref().is_some_and(|all| all.iter().any(|one| one == feature))
        };
        let mut additions = Vec::new();
        let diesel = features("dependencies", "diesel");
        if diesel.is_none() {
            additions.push(words(&["add", "diesel@2", "--features", dialect]));
        }
        // Who has chosen a driver has also chosen where its library comes from. Those of servers
        // take minutes to compile, or are under another licence.
        let bundled = format!("{dialect}-bundled");
        let is_bundled = options.dialect == Dialect::Sqlite && !has(&diesel, dialect);
        let feature = if is_bundled { &bundled } else { dialect };
        let runtime = features("dependencies", "migrate-runtime");
        if !has(&runtime, dialect) && !has(&runtime, &bundled) {
            let source = options.local.as_ref().filter(|_| runtime.is_none());
            additions.push(add("migrate-runtime", source, &["--features", feature]));
        }
        let build = features("build-dependencies", "migrate-build");
        if !has(&build, dialect) {
            let source = options.local.as_ref().filter(|_| build.is_none());
            additions.push(add("migrate-build", source, &["--build", "--features", dialect]));
        }
        additions
    }

    /// The features of a dependency; `None` when there is no such dependency.
    fn features(
        &self,
        workspace: Option<&Manifest>,
        section: &str,
        name: &str,
    ) -> Option<Vec<String>> {
        let mut tables = vec![self.document.get(section)];
        let targets = self.document.get("target").and_then(Item::as_table_like);
        tables.extend(
            targets.iter().flat_map(|all| all.iter()).map(|(_, target)| target.get(section)),
        );
        let mut found: Option<Vec<String>> = None;
        for (key, item) in
            tables.into_iter().flatten().filter_map(Item::as_table_like).flat_map(TableLike::iter)
        {
            // A package that is its own workspace inherits from itself.
            let inherited = item
                .get("workspace")
                .and_then(Item::as_bool)
                .filter(|inherits| *inherits)
                .and_then(|_| {
                    let root = workspace.map_or(&self.document, |manifest| &manifest.document);
                    root.get("workspace")?.get("dependencies")?.get(key)
                });
            let renamed = [Some(item), inherited]
                .into_iter()
                .flatten()
                .find_map(|item| item.get("package").and_then(Item::as_str));
            if renamed.unwrap_or(key) != name {
                continue;
            }
            let features = found.get_or_insert_default();
            for item in [Some(item), inherited].into_iter().flatten() {
                let listed = item.get("features").and_then(Item::as_array);
                let names = listed.iter().flat_map(|all| all.iter()).filter_map(|one| one.as_str());
                features.extend(names.map(str::to_owned));
            }
        }
        found
    }
}

fn insert(document: &mut DocumentMut, entries: &[(&str, &str)]) -> Option<()> {
    let package = document.get_mut("package")?.as_table_like_mut()?;
    let metadata = package.entry("metadata").or_insert_with(|| {
        // Without a header of its own: `[package.metadata.migrate]` says it all.
        let mut table = Table::new();
        table.set_implicit(true);
        Item::Table(table)
    });
    let migrate =
        metadata.as_table_like_mut()?.entry("migrate").or_insert(Item::Table(Table::new()));
    let migrate = migrate.as_table_like_mut()?;
    for (key, text) in entries {
        migrate.insert(key, value(*text));
    }
    Some(())
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn add(name: &str, local: Option<&PathBuf>, rest: &[&str]) -> Vec<String> {
    let mut arguments = words(&["add", name]);
    if let Some(local) = local {
        arguments.extend(["--path".to_owned(), local.join(name).display().to_string()]);
    }
    arguments.extend(words(rest));
    arguments
}

/// Line and column of a byte, both from 1.
fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (before.matches('\n').count() + 1, before[line_start..].chars().count() + 1)
}
