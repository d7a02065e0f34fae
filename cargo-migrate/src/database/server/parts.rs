//! An address from its parts: `DB_HOST`, `DB_PORT`, `DB_NAME`, `DB_USER`, `DB_PASSWORD`.

use migrate_build::config::UrlParts;

use super::url::{Host, ServerUrl, port};
use crate::environment::Environment;
use crate::failure::Failure;

/// The address that the variables give; nothing when neither host nor name is set.
///
/// # Errors
/// When the name is missing, or the port is none.
pub(super) fn join(
    parts: &UrlParts,
    environment: &Environment,
) -> Result<Option<ServerUrl>, Failure> {
    let host = environment.get(&parts.host)?;
    let Some(name) = environment.get(&parts.name)? else {
        return match host {
            None => Ok(None),
            Some(_) => Err(Failure::usage(format!(
                "`{}` is set, and `{}` is not: the database has no name",
                parts.host, parts.name
            ))
            .help("set it in the environment or in `.env`, or give `--database-url`")),
        };
    };
    let number = environment.get(&parts.port)?.map(|text| {
        port(text.trim())
            .ok_or_else(|| Failure::usage(format!("`{}` is no number from 1 to 65535", parts.port)))
    });
    let number = number.transpose()?;
    let hosts = match (host, number) {
        (None, None) => Vec::new(),
        (name, port) => vec![Host { name: name.unwrap_or_default(), port }],
    };
    Ok(Some(ServerUrl {
        user: environment.get(&parts.user)?,
        password: environment.get(&parts.password)?,
        hosts,
        database: Some(name),
        parameters: Vec::new(),
    }))
}
