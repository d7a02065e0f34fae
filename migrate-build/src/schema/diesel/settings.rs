//! `[print_schema]` of a `diesel.toml`.

use std::fs;
use std::path::{Path, PathBuf};

use regex_lite::Regex;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::error::Error;
use crate::source::{Source, count};
use crate::suggest::did_you_mean;

/// The file in which Diesel's command line is configured.
pub(crate) const DIESEL_TOML: &str = "diesel.toml";

const KEYS: &[&str] = &[
    "file",
    "with_docs",
    "allow_tables_to_appear_in_same_query_config",
    "filter",
    "column_sorting",
    "schema",
    "import_types",
    "generate_missing_sql_type_definitions",
    "except_custom_type_definitions",
    "custom_type_derives",
    "sqlite_integer_primary_key_is_bigint",
    "pg_domains_as_custom_types",
];

/// What Diesel would take into account, and this does not.
const NOT_FOLLOWED: &[&str] = &["patch_file"];

/// How the tables are printed.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Where they are printed to, if that is configured.
    pub file: Option<PathBuf>,
    /// The `diesel.toml` that was read, if there is one.
    pub path: Option<PathBuf>,
    pub(super) docs: Docs,
    pub(super) same_query: SameQuery,
    pub(super) filter: Filter,
    pub(super) sort_columns: bool,
    pub(super) schema: Option<String>,
    pub(super) import_types: Option<Vec<String>>,
    pub(super) no_type_definitions: bool,
    pub(super) except_types: Vec<Regex>,
    pub(super) derives: Vec<String>,
    pub(super) big_row_ids: bool,
    pub(super) domains: Vec<Regex>,
}

/// What is said about tables and columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Docs {
    #[default]
    None,
    /// The database's comments.
    Comments,
    /// The database's comments, or what can be said of anything.
    Always,
}

/// Which tables `allow_tables_to_appear_in_same_query!` names together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum SameQuery {
    #[default]
    All,
    /// Those that refer to each other.
    Related,
    None,
}

/// Which tables are printed.
#[derive(Clone, Debug, Default)]
pub(super) enum Filter {
    #[default]
    All,
    Only(Vec<Regex>),
    Except(Vec<Regex>),
}

impl Filter {
    pub(super) fn takes(&self, table: &str) -> bool {
        let is_named = |patterns: &[Regex]| patterns.iter().any(|regex| regex.is_match(table));
        match self {
            Self::All => true,
            Self::Only(patterns) => is_named(patterns),
            Self::Except(patterns) => !is_named(patterns),
        }
    }
}

impl Settings {
    /// Reads the nearest `diesel.toml` in a directory or above, up to the root; without one,
    /// everything is as it is by default.
    ///
    /// # Errors
    /// When it cannot be read, is not TOML, or its `[print_schema]` holds what Diesel does not know
    /// or what is not followed here.
    pub fn nearest(directory: &Path, root: &Path) -> Result<Self, Error> {
        let above = directory.ancestors().take_while(|above| above.starts_with(root));
        let Some(path) = above.map(|above| above.join(DIESEL_TOML)).find(|path| path.is_file())
        else {
            return Ok(Self::default());
        };
        let text = fs::read_to_string(&path).map_err(|error| Error::io("read", &path, error))?;
        let source = Source::new(&path, text);
        let mut settings = Reader { source: &source }.settings()?;
        let base = path.parent().unwrap_or(Path::new(""));
        settings.file = settings.file.map(|file| base.join(file));
        settings.path = Some(path);
        Ok(settings)
    }
}

struct Reader<'s> {
    source: &'s Source,
}

type Value<'v> = Spanned<DeValue<'v>>;

impl Reader<'_> {
    fn settings(&self) -> Result<Settings, Error> {
        let mut settings = Settings::default();
        let table = DeTable::parse(self.source.text())
            .map_err(|error| self.error(error.span().unwrap_or_default().start, error.message()))?;
        let Some(section) = table.get_ref().get("print_schema") else { return Ok(settings) };
        for (key, value) in self.table("print_schema", section)? {
            let name = key.get_ref().as_ref();
            if NOT_FOLLOWED.contains(&name) || value.get_ref().is_table() && name != "filter" {
                let message = format!("`{name}` in `[print_schema]` is not followed");
                return Err(self.error(key.span().start, message));
            }
            if !KEYS.contains(&name) {
                let hint = did_you_mean(name, KEYS.iter().copied());
                let message = format!("`[print_schema]` has no key `{name}`{hint}");
                return Err(self.error(key.span().start, message));
            }
            self.set(&mut settings, name, value)?;
        }
        Ok(settings)
    }

    fn set(&self, settings: &mut Settings, name: &str, value: &Value<'_>) -> Result<(), Error> {
        match name {
            "file" => settings.file = Some(self.text(name, value)?.into()),
            "with_docs" => settings.docs = self.docs(value)?,
            "filter" => settings.filter = self.filter(value)?,
            "column_sorting" => {
                let of = [("ordinal_position", false), ("name", true)];
                settings.sort_columns = self.one_of(name, value, &of)?;
            }
            "allow_tables_to_appear_in_same_query_config" => {
                let of = [
                    ("all_tables", SameQuery::All),
                    ("fk_related_tables", SameQuery::Related),
                    ("none", SameQuery::None),
                ];
                settings.same_query = self.one_of(name, value, &of)?;
            }
            "schema" => settings.schema = Some(self.text(name, value)?),
            "import_types" => settings.import_types = Some(self.texts(name, value)?),
            "generate_missing_sql_type_definitions" => {
                settings.no_type_definitions = !self.truth(name, value)?;
            }
            "except_custom_type_definitions" => {
                settings.except_types = self.patterns(name, value)?
            }
            "custom_type_derives" => settings.derives = self.texts(name, value)?,
            "sqlite_integer_primary_key_is_bigint" => {
                settings.big_row_ids = self.truth(name, value)?;
            }
            _ => settings.domains = self.patterns(name, value)?,
        }
        Ok(())
    }

    fn docs(&self, value: &Value<'_>) -> Result<Docs, Error> {
        match value.get_ref().as_bool() {
            Some(true) => Ok(Docs::Always),
            Some(false) => Ok(Docs::None),
            None => {
                let of = [
                    ("database-comments-fallback-to-auto-generated-doc-comment", Docs::Always),
                    ("only-database-comments", Docs::Comments),
                    ("no-doc-comments", Docs::None),
                ];
                self.one_of("with_docs", value, &of)
            }
        }
    }

    fn filter(&self, value: &Value<'_>) -> Result<Filter, Error> {
        let table = self.table("filter", value)?;
        let mut filter = Filter::All;
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let patterns = |value| self.patterns(name, value);
            filter = match name {
                _ if table.len() > 1 => {
                    let message = "`filter` takes `only_tables` or `except_tables`";
                    return Err(self.error(key.span().start, message));
                }
                "only_tables" => Filter::Only(patterns(value)?),
                "except_tables" => Filter::Except(patterns(value)?),
                _ => {
                    let hint = did_you_mean(name, ["only_tables", "except_tables"]);
                    let message = format!("`filter` has no key `{name}`{hint}");
                    return Err(self.error(key.span().start, message));
                }
            };
        }
        Ok(filter)
    }

    fn patterns(&self, name: &str, value: &Value<'_>) -> Result<Vec<Regex>, Error> {
        let texts = self.texts(name, value)?.into_iter();
        let patterns = texts.map(|text| Regex::new(&text));
        patterns.collect::<Result<_, _>>().map_err(|error| {
            let message = format!("`{name}` holds no regular expression: {error}");
            self.error(value.span().start, message)
        })
    }

    fn texts(&self, name: &str, value: &Value<'_>) -> Result<Vec<String>, Error> {
        let texts = value.get_ref().as_array().map(|list| {
            let texts = list.iter().map(|text| text.get_ref().as_str().map(str::to_owned));
            texts.collect::<Option<Vec<String>>>()
        });
        texts.flatten().ok_or_else(|| self.must_be(name, value, "a list of texts"))
    }

    fn text(&self, name: &str, value: &Value<'_>) -> Result<String, Error> {
        let text = value.get_ref().as_str().filter(|text| !text.is_empty());
        text.map(str::to_owned).ok_or_else(|| self.must_be(name, value, "a text that is not empty"))
    }

    fn truth(&self, name: &str, value: &Value<'_>) -> Result<bool, Error> {
        value.get_ref().as_bool().ok_or_else(|| self.must_be(name, value, "`true` or `false`"))
    }

    fn one_of<T: Copy>(&self, name: &str, value: &Value<'_>, of: &[(&str, T)]) -> Result<T, Error> {
        let given = value.get_ref().as_str();
        let found = of.iter().find(|(text, _)| given == Some(text));
        found.map(|(_, meant)| *meant).ok_or_else(|| {
            let texts: Vec<&str> = of.iter().map(|(text, _)| *text).collect();
            self.must_be(name, value, &format!("one of `{}`", texts.join("`, `")))
        })
    }

    fn table<'v, 't>(&self, name: &str, value: &'v Value<'t>) -> Result<&'v DeTable<'t>, Error> {
        value.get_ref().as_table().ok_or_else(|| self.must_be(name, value, "a table"))
    }

    fn must_be(&self, name: &str, value: &Value<'_>, what: &str) -> Error {
        self.error(value.span().start, format!("`{name}` must be {what}"))
    }

    fn error(&self, at: usize, message: impl Into<String>) -> Error {
        let location = self.source.location(count(at));
        let path = self.source.path().display();
        let place = format!("{path}:{}:{}", location.line, location.column);
        Error::Config { place, message: message.into() }
    }
}
