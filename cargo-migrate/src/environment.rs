//! Variables of the environment and of `.env`.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::env::VarError;
use std::path::Path;
use std::{env, fs};

use crate::failure::Failure;
use crate::project::shown;

/// The environment, with what `.env` adds to it. `.env` never overrides what is set, and is read
/// when a variable is asked for that is not: who needs none does not mind a broken one.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    file: OnceCell<HashMap<String, String>>,
}

impl Environment {
    /// The value of a variable; nothing when it is not set, or empty.
    ///
    /// # Errors
    /// When the value is not UTF-8, or `.env` cannot be read. The message holds nothing of its
    /// contents.
    pub(crate) fn get(&self, name: &str) -> Result<Option<String>, Failure> {
        let value = match env::var(name) {
            Ok(value) => Some(value),
            Err(VarError::NotPresent) => self.file()?.get(name).cloned(),
            Err(VarError::NotUnicode(_)) => {
                return Err(Failure::usage(format!("the variable `{name}` is not valid UTF-8")));
            }
        };
        Ok(value.filter(|value| !value.is_empty()))
    }

    fn file(&self) -> Result<&HashMap<String, String>, Failure> {
        if let Some(file) = self.file.get() {
            return Ok(file);
        }
        let file = read()?;
        Ok(self.file.get_or_init(|| file))
    }
}

/// Reads the `.env` here, or in the nearest directory above that has one.
fn read() -> Result<HashMap<String, String>, Failure> {
    let here = env::current_dir().unwrap_or_default();
    let Some(path) = here.ancestors().map(|dir| dir.join(".env")).find(|path| path.is_file())
    else {
        return Ok(HashMap::new());
    };
    let shown = &shown(&path);
    let text = fs::read_to_string(&path)
        .map_err(|error| Failure::usage(format!("cannot read `{}`: {error}", shown.display())))?;
    dotenvy::from_read_iter(text.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| broken(shown, &text, &error))
}

/// What is wrong with `.env`. The parser's own message would show the line, and lines hold secrets.
fn broken(shown: &Path, text: &str, error: &dotenvy::Error) -> Failure {
    let line = match error {
        dotenvy::Error::LineParse(line, _) => {
            let first = line.lines().next().unwrap_or_default();
            // Of some mistakes only the rest of the line is told.
            text.lines().position(|line| line.ends_with(first))
        }
        _ => None,
    };
    let line = line.map_or_else(String::new, |line| format!(":{}", line + 1));
    Failure::usage(format!("`{}{line}` is not NAME=VALUE", shown.display()))
        .help("put values with spaces or quotes into quotes")
}
