//! The environments that the configuration knows.

use std::path::PathBuf;

use migrate_build::{Config, Database, config};

use super::{absolute, is_configured, is_package, manifest_above, packages_of};
use crate::cli::Options;
use crate::failure::Failure;

/// The environment that is meant, of these.
pub(super) fn named(
    options: &Options,
    known: &[config::Environment],
) -> Result<Option<config::Environment>, Failure> {
    let name = options.environment.as_deref().unwrap_or(config::DEFAULT_ENVIRONMENT);
    let found = known.iter().find(|environment| environment.name == name);
    if found.is_some() || name == config::DEFAULT_ENVIRONMENT {
        return Ok(found.cloned());
    }
    let names = || known.iter().map(|environment| environment.name.as_str());
    let hint =
        migrate_build::suggest::did_you_mean(name, names().chain([config::DEFAULT_ENVIRONMENT]));
    let list: Vec<String> = names().map(|name| format!("`{name}`")).collect();
    Err(Failure::usage(format!("there is no environment `{name}`{hint}")).help(
        match list.as_slice() {
            [] => "write `[package.metadata.migrate.environments.NAME]` in Cargo.toml".to_owned(),
            list => format!("configured are {}", list.join(", ")),
        },
    ))
}

/// The databases that are configured around us, where no configuration is needed.
///
/// # Errors
/// When a configuration cannot be used.
pub(crate) fn configured_around(options: &Options) -> Result<Vec<Database>, Failure> {
    let Some(start) = options.manifest_path.clone().or_else(manifest_above) else {
        return Ok(Vec::new());
    };
    let manifests: Vec<PathBuf> = match is_package(&start)? {
        true => vec![absolute(&start)],
        false => {
            let packages = packages_of(&start)?;
            let configured = packages.into_iter().filter(is_configured);
            configured.map(|package| package.manifest_path.into()).collect()
        }
    };
    let mut databases = Vec::new();
    for manifest in manifests {
        databases.extend(Config::load(&manifest)?.databases);
    }
    Ok(databases)
}
