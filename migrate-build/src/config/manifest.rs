//! A `Cargo.toml`, and the workspace it belongs to.

use std::fs;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::dialect::Dialect;
use crate::error::Error;
use crate::source::{Source, count};

/// A manifest's text and table.
pub(super) struct Manifest<'t> {
    source: &'t Source,
    table: DeTable<'t>,
}

/// Reads a manifest's text.
pub(super) fn read(path: &Path) -> Result<Source, Error> {
    let text = fs::read_to_string(path).map_err(|error| Error::io("read", path, error))?;
    Ok(Source::new(path, text))
}

impl<'t> Manifest<'t> {
    pub(super) fn parse(source: &'t Source) -> Result<Self, Error> {
        match DeTable::parse(source.text()) {
            Ok(table) => Ok(Self { source, table: table.into_inner() }),
            Err(error) => {
                let at = error.span().unwrap_or_default().start;
                let place = place(source, at);
                Err(Error::Config { place, message: error.message().to_owned() })
            }
        }
    }

    pub(super) fn directory(&self) -> &Path {
        self.source.path().parent().unwrap_or(Path::new(""))
    }

    /// A table by its path of keys.
    pub(super) fn section(&self, keys: &[&str]) -> Option<&Spanned<DeValue<'t>>> {
        let (first, rest) = keys.split_first()?;
        let mut value = self.table.get(*first)?;
        for key in rest {
            value = value.get_ref().as_table()?.get(*key)?;
        }
        Some(value)
    }

    /// An error at a byte of this manifest.
    pub(super) fn error(&self, at: usize, message: impl Into<String>) -> Error {
        Error::Config { place: self.place(at), message: message.into() }
    }

    /// A byte of this manifest, as messages name it.
    pub(super) fn place(&self, at: usize) -> String {
        place(self.source, at)
    }

    /// The manifest of the workspace: this one, the one that `package.workspace` names, or the
    /// nearest above that has a `[workspace]`.
    pub(super) fn workspace(&self) -> Option<PathBuf> {
        if self.table.contains_key("workspace") {
            return Some(self.source.path().to_owned());
        }
        let named =
            self.section(&["package", "workspace"]).and_then(|path| path.get_ref().as_str());
        if let Some(path) = named {
            return Some(self.directory().join(path).join("Cargo.toml"));
        }
        let above = self.directory().ancestors().skip(1).map(|dir| dir.join("Cargo.toml"));
        above.filter(|path| path.is_file()).find(|path| has_workspace(path))
    }

    /// The dialect whose backend the package asks of `diesel`, if it asks for exactly one.
    pub(super) fn diesel_dialect(&self, workspace: Option<&Manifest<'_>>) -> Option<Dialect> {
        let own = self.section(&["dependencies", "diesel"]);
        let inherits = own.is_some_and(|dependency| {
            let table = dependency.get_ref().as_table();
            table.and_then(|t| t.get("workspace")).and_then(|w| w.get_ref().as_bool()) == Some(true)
        });
        let mut asked_for = own.map(features).unwrap_or_default();
        if inherits {
            let shared = workspace.map(|w| w.section(&["workspace", "dependencies", "diesel"]));
            asked_for.extend(shared.flatten().map(features).unwrap_or_default());
        }
        let asked =
            |dialect: &Dialect| asked_for.iter().any(|feature| feature.starts_with(dialect.name()));
        let mut dialects = Dialect::ALL.into_iter().filter(asked);
        dialects.next().filter(|_| dialects.next().is_none())
    }
}

fn features(dependency: &Spanned<DeValue<'_>>) -> Vec<String> {
    let list = dependency.get_ref().as_table().and_then(|table| table.get("features"));
    let list = list.and_then(|features| features.get_ref().as_array());
    list.into_iter()
        .flatten()
        .filter_map(|feature| Some(feature.get_ref().as_str()?.to_owned()))
        .collect()
}

/// A broken manifest far above is nobody's business here.
fn has_workspace(path: &Path) -> bool {
    read(path).is_ok_and(|source| {
        Manifest::parse(&source).is_ok_and(|manifest| manifest.table.contains_key("workspace"))
    })
}

fn place(source: &Source, at: usize) -> String {
    let at = source.location(count(at));
    format!("{}:{}:{}", source.path().display(), at.line, at.column)
}
