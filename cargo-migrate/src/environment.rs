//! Variables of the environment and of `.env`.

use std::collections::HashMap;
use std::env;
use std::env::VarError;

use crate::failure::Failure;

/// The environment, with what `.env` adds to it. `.env` never overrides what is set.
#[derive(Debug, Default)]
pub(crate) struct Environment {
    file: HashMap<String, String>,
}

impl Environment {
    /// Reads the `.env` here, or in the nearest directory above that has one.
    ///
    /// # Errors
    /// When there is one that cannot be read. The message holds nothing of its contents.
    pub(crate) fn load() -> Result<Self, Failure> {
        let path = match dotenvy::dotenv_iter() {
            Ok(lines) => {
                return Ok(Self { file: lines.collect::<Result<_, _>>().map_err(|e| broken(&e))? });
            }
            Err(dotenvy::Error::Io(error)) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => Some(broken(&error)),
        };
        path.map_or_else(|| Ok(Self::default()), Err)
    }

    /// The value of a variable; nothing when it is not set, or empty.
    ///
    /// # Errors
    /// When the value is not UTF-8.
    pub(crate) fn get(&self, name: &str) -> Result<Option<String>, Failure> {
        let value = match env::var(name) {
            Ok(value) => Some(value),
            Err(VarError::NotPresent) => self.file.get(name).cloned(),
            Err(VarError::NotUnicode(_)) => {
                return Err(Failure::usage(format!("the variable `{name}` is not valid UTF-8")));
            }
        };
        Ok(value.filter(|value| !value.is_empty()))
    }
}

/// What is wrong with `.env`. The parser's own message would show the line, and lines hold secrets.
fn broken(error: &dotenvy::Error) -> Failure {
    match error {
        dotenvy::Error::Io(error) => Failure::usage(format!("cannot read `.env`: {error}")),
        _ => Failure::usage("`.env` has a line that is not NAME=VALUE")
            .help("put values with spaces or quotes into quotes"),
    }
}
