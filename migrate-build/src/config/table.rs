//! The keys under `metadata.migrate`.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::environment::Environment;
use super::manifest::Manifest;
use super::parts::UrlParts;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::levels::Levels;
use crate::server::ServerVersion;
use crate::suggest::did_you_mean;

/// What one table sets.
#[derive(Clone, Debug, Default)]
pub(super) struct Section {
    pub(super) dir: Option<String>,
    pub(super) dialect: Option<Dialect>,
    pub(super) server_version: Option<PlacedVersion>,
    pub(super) url_env: Option<String>,
    pub(super) url_parts: Option<UrlParts>,
    pub(super) schema: Option<Asked>,
    pub(super) levels: Levels,
    pub(super) backup: Option<String>,
    pub(super) runner: Option<String>,
    pub(super) environments: Vec<Environment>,
    pub(super) databases: Vec<(String, Section)>,
}

/// A schema file that is asked for.
#[derive(Clone, Debug)]
pub(super) enum Asked {
    /// `true`
    OfDiesel,
    Path(String),
}

/// A server's version, and where it stands: whether it fits is known when the dialect is.
#[derive(Clone, Debug)]
pub(super) struct PlacedVersion {
    pub(super) version: ServerVersion,
    pub(super) place: String,
}

const KEYS: &[&str] = &[
    "dir",
    "dialect",
    "server-version",
    "url-env",
    "url-parts",
    "schema",
    "lints",
    "backup",
    "runner",
    "environments",
    "databases",
];
const DATABASE_KEYS: &[&str] = &[
    "dir",
    "dialect",
    "server-version",
    "url-env",
    "url-parts",
    "schema",
    "backup",
    "runner",
    "environments",
];
const WORKSPACE_KEYS: &[&str] = &[
    "dir",
    "dialect",
    "server-version",
    "url-env",
    "url-parts",
    "lints",
    "backup",
    "environments",
];
const ENVIRONMENT_KEYS: &[&str] = &["url-env", "protected", "backup"];
const PART_KEYS: &[&str] = &["host", "port", "name", "user", "password"];

impl Section {
    /// `[<owner>.metadata.migrate]`, if it is there.
    pub(super) fn read(manifest: &Manifest<'_>, owner: &str) -> Result<Option<Self>, Error> {
        let keys = if owner == "package" { KEYS } else { WORKSPACE_KEYS };
        let path = format!("{owner}.metadata.migrate");
        let Some(value) = manifest.section(&[owner, "metadata", "migrate"]) else {
            return Ok(None);
        };
        Reader { manifest, path }.section(value, keys).map(Some)
    }
}

/// Reads one table; knows where it stands, for messages.
struct Reader<'r> {
    manifest: &'r Manifest<'r>,
    path: String,
}

impl Reader<'_> {
    fn section(&self, value: &Spanned<DeValue<'_>>, keys: &[&str]) -> Result<Section, Error> {
        let mut section = Section::default();
        for (key, value) in self.table(value)? {
            let name = self.known(key, keys)?;
            match name {
                "dir" => section.dir = Some(self.string(name, value)?),
                "url-env" => section.url_env = Some(self.string(name, value)?),
                "dialect" => section.dialect = Some(self.dialect(value)?),
                "server-version" => section.server_version = Some(self.server_version(value)?),
                "url-parts" => section.url_parts = Some(self.url_parts(value)?),
                "schema" => section.schema = self.schema(value)?,
                "lints" => self.lints(value, &mut section.levels)?,
                "backup" => section.backup = Some(self.string(name, value)?),
                "runner" => section.runner = Some(self.string(name, value)?),
                "environments" => section.environments = self.environments(value)?,
                _ => section.databases = self.databases(value)?,
            }
        }
        for (is_there, key) in
            [(section.dir.is_some(), "dir"), (section.schema.is_some(), "schema")]
        {
            if !section.databases.is_empty() && is_there {
                let message = format!(
                    "`{key}` stands beside `databases`: give each database its own `{key}`"
                );
                return Err(self.manifest.error(value.span().start, message));
            }
        }
        Ok(section)
    }

    /// A key's name, if it is one of these.
    fn known<'k>(&self, key: &'k Spanned<DeString<'_>>, keys: &[&str]) -> Result<&'k str, Error> {
        let name = key.get_ref().as_ref();
        if keys.contains(&name) {
            return Ok(name);
        }
        let hint = did_you_mean(name, keys.iter().copied());
        let known = keys.join("`, `");
        let message = format!("`[{}]` has no key `{name}`{hint}; it has `{known}`", self.path);
        Err(self.manifest.error(key.span().start, message))
    }

    fn table<'v, 't>(&self, value: &'v Spanned<DeValue<'t>>) -> Result<&'v DeTable<'t>, Error> {
        value.get_ref().as_table().ok_or_else(|| {
            self.manifest.error(value.span().start, format!("`{}` must be a table", self.path))
        })
    }

    fn string(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<String, Error> {
        match value.get_ref().as_str() {
            Some(text) if !text.is_empty() => Ok(text.to_owned()),
            _ => {
                let message = format!("`{key}` must be a text that is not empty");
                Err(self.manifest.error(value.span().start, message))
            }
        }
    }

    fn dialect(&self, value: &Spanned<DeValue<'_>>) -> Result<Dialect, Error> {
        let text = self.string("dialect", value)?;
        text.parse().map_err(|message: String| self.manifest.error(value.span().start, message))
    }

    fn schema(&self, value: &Spanned<DeValue<'_>>) -> Result<Option<Asked>, Error> {
        match (value.get_ref().as_bool(), value.get_ref().as_str()) {
            (Some(is_asked), _) => Ok(is_asked.then_some(Asked::OfDiesel)),
            (_, Some(path)) if !path.is_empty() => Ok(Some(Asked::Path(path.to_owned()))),
            _ => {
                let message = "`schema` is the path of a file, or `true` for that of `diesel.toml`";
                Err(self.manifest.error(value.span().start, message))
            }
        }
    }

    fn server_version(&self, value: &Spanned<DeValue<'_>>) -> Result<PlacedVersion, Error> {
        let at = value.span().start;
        // `10.10` without quotes would be `10.1`.
        if let DeValue::Integer(_) | DeValue::Float(_) = value.get_ref() {
            let message = "`server-version` is a text: `15`, `8.0` or `mariadb-10.11`, in quotes";
            return Err(self.manifest.error(at, message));
        }
        let text = self.string("server-version", value)?;
        let version = text.parse().map_err(|message: String| self.manifest.error(at, message))?;
        Ok(PlacedVersion { version, place: self.manifest.place(at) })
    }

    fn url_parts(&self, value: &Spanned<DeValue<'_>>) -> Result<UrlParts, Error> {
        let reader = Reader { manifest: self.manifest, path: format!("{}.url-parts", self.path) };
        let mut parts = UrlParts::default();
        for (key, value) in reader.table(value)? {
            let name = reader.known(key, PART_KEYS)?;
            let variable = reader.string(name, value)?;
            match name {
                "host" => parts.host = variable,
                "port" => parts.port = variable,
                "name" => parts.name = variable,
                "user" => parts.user = variable,
                _ => parts.password = variable,
            }
        }
        Ok(parts)
    }

    fn lints(&self, value: &Spanned<DeValue<'_>>, levels: &mut Levels) -> Result<(), Error> {
        let reader = Reader { manifest: self.manifest, path: format!("{}.lints", self.path) };
        for (rule, level) in reader.table(value)? {
            let text = reader.string(rule.get_ref(), level)?;
            levels
                .set(rule.get_ref(), &text)
                .map_err(|message| self.manifest.error(rule.span().start, message))?;
        }
        Ok(())
    }

    fn environments(&self, value: &Spanned<DeValue<'_>>) -> Result<Vec<Environment>, Error> {
        let path = format!("{}.environments", self.path);
        let all = Reader { manifest: self.manifest, path: path.clone() };
        let read = |(name, value): (&Spanned<DeString<'_>>, _)| {
            let name = name.get_ref();
            Reader { manifest: self.manifest, path: format!("{path}.{name}") }
                .environment(name, value)
        };
        all.table(value)?.iter().map(read).collect()
    }

    fn environment(&self, name: &str, value: &Spanned<DeValue<'_>>) -> Result<Environment, Error> {
        let mut environment = Environment { name: name.to_owned(), ..Environment::default() };
        for (key, value) in self.table(value)? {
            match self.known(key, ENVIRONMENT_KEYS)? {
                "url-env" => environment.url_env = Some(self.string("url-env", value)?),
                "backup" => environment.backup = Some(self.string("backup", value)?),
                _ => {
                    let said = value.get_ref().as_bool().ok_or_else(|| {
                        let message = "`protected` is `true` or `false`";
                        self.manifest.error(value.span().start, message)
                    });
                    environment.protected = said?;
                }
            }
        }
        Ok(environment)
    }

    fn databases(&self, value: &Spanned<DeValue<'_>>) -> Result<Vec<(String, Section)>, Error> {
        let path = format!("{}.databases", self.path);
        let mut databases = Vec::new();
        for (name, value) in
            (Reader { manifest: self.manifest, path: path.clone() }).table(value)?
        {
            let reader =
                Reader { manifest: self.manifest, path: format!("{path}.{}", name.get_ref()) };
            let section = reader.section(value, DATABASE_KEYS)?;
            if section.dir.is_none() {
                let message = format!("`[{}]` needs a `dir`", reader.path);
                return Err(self.manifest.error(name.span().start, message));
            }
            databases.push((name.get_ref().to_string(), section));
        }
        Ok(databases)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_a_row_on_the_page_about_them() {
        let page = include_str!("../../../docs/configuration.md");
        for key in KEYS.iter().chain(ENVIRONMENT_KEYS) {
            assert!(page.contains(&format!("\n| `{key}` |")), "{key}");
        }
    }
}
