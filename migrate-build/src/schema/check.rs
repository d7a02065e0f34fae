//! A package's own schema file, where it is to be what its migrations make.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Format, STALE_SCHEMA, Schema, Settings, compare};
use crate::cache::Cache;
use crate::config::{Config, Database, SchemaFile};
use crate::diagnostic::Diagnostic;
use crate::error::Error;
use crate::source::Source;
use crate::verify::Report;

/// A file that is to say what the migrations make.
#[derive(Debug)]
pub struct Watched {
    /// Where it is.
    pub path: PathBuf,
    /// As messages show it.
    pub shown: PathBuf,
    format: Format,
    /// How it is printed.
    pub settings: Settings,
    /// The command that writes it again.
    renew: String,
}

impl Watched {
    /// The file that is configured for a database, if one is.
    ///
    /// # Errors
    /// When `diesel.toml` cannot be used, or names no file where it is asked for one, or a file is of
    /// no known format.
    pub fn of(config: &Config, database: &Database) -> Result<Option<Self>, Error> {
        let Some(file) = &database.schema else { return Ok(None) };
        let settings = Settings::nearest(&database.dir, &config.root)?;
        let unusable = |message: String| Error::Config {
            place: config.shown(&config.manifest).display().to_string(),
            message,
        };
        let path = match file {
            SchemaFile::Path(path) => path.clone(),
            SchemaFile::OfDiesel => settings.file.clone().ok_or_else(|| {
                unusable(
                    "`schema = true` asks for the `file` in `[print_schema]` of `diesel.toml`, and \
                     there is none\nhelp: write `schema = \"src/schema.rs\"`"
                        .to_owned(),
                )
            })?,
        };
        let format = Format::of_file(&path).ok_or_else(|| {
            let shown = config.shown(&path);
            unusable(format!("`schema` names `{}`, which is of no known format", shown.display()))
        })?;
        let shown = config.shown(&path);
        let dir = match &database.name {
            Some(_) => format!(" --dir {}", config.shown(&database.dir).display()),
            None => String::new(),
        };
        let renew = format!("cargo migrate schema{dir} --format {format} > {}", shown.display());
        Ok(Some(Self { path, shown, format, settings, renew }))
    }

    /// Adds to a report what the file says that the migrations do not make. Where something else is
    /// wrong with them, that comes first.
    ///
    /// # Errors
    /// When the file is there and cannot be read, or the dialect's parser is not compiled in.
    pub fn check(&self, config: &Config, report: &mut Report, cache: &Cache) -> Result<(), Error> {
        if report.fails() {
            return Ok(());
        }
        let schema = Schema::behind(report, cache)?;
        let mut findings: Vec<Diagnostic> = match schema.text(self.format, &self.settings) {
            Ok(made) => stale(self.format, &self.path, &self.shown, &made, &self.renew)?,
            Err(unknown) => Some(*unknown),
        }
        .into_iter()
        .collect();
        config.levels.apply(&mut findings);
        report.findings.append(&mut findings);
        Ok(())
    }
}

/// What a file says that the migrations do not make.
///
/// # Errors
/// When it is there and cannot be read.
pub fn stale(
    format: Format,
    path: &Path,
    shown: &Path,
    made: &str,
    renew: &str,
) -> Result<Option<Diagnostic>, Error> {
    if !path.exists() {
        let message = format!("there is no `{}`", shown.display());
        let finding = Diagnostic::new(&STALE_SCHEMA, message).at_path(shown, "");
        return Ok(Some(finding.help(format!("`{renew}` writes it"))));
    }
    let text = fs::read_to_string(path).map_err(|error| Error::io("read", shown, error))?;
    let text = text.replace('\r', "");
    let Some(lines) = compare::difference(format, &text, made) else { return Ok(None) };
    let message = format!("`{}` is not what the migrations make", shown.display());
    let source = Arc::new(Source::new(shown, text));
    let finding = Diagnostic::new(&STALE_SCHEMA, message);
    let finding = finding.at(&source, lines.span, "it differs from here on");
    let finding = lines.shown.into_iter().fold(finding, Diagnostic::note);
    Ok(Some(finding.help(format!("`{renew}` writes it again"))))
}
