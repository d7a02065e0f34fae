//! Protected environments: what cannot be taken back needs a confirmation there.

use migrate_build::{Dialect, config};

use crate::cli::{Consent, Options};
use crate::commands::ask;
use crate::database::{self, Address};
use crate::environment::Environment;
use crate::failure::Failure;
use crate::project::{self, Project};
use crate::reporter::Reporter;

/// A protected environment, whose database is to be changed.
#[derive(Debug)]
pub(crate) struct Protection {
    name: String,
}

impl Protection {
    /// The protected environment that a database belongs to: the one that is named, or any whose
    /// variable leads to the same database. Who goes there by another way is not spared.
    ///
    /// # Errors
    /// When the configuration, or the URL of a protected environment, cannot be read.
    pub(crate) fn of(
        options: &Options,
        environment: &Environment,
        project: &Project,
        address: &dyn Address,
    ) -> Result<Option<Self>, Failure> {
        if let Some(named) = project.environment.as_ref().filter(|named| named.protected) {
            return Ok(Some(Self { name: named.name.clone() }));
        }
        let identity = address.identity();
        for protected in protected(options, project)? {
            let Some(variable) = &protected.url_env else { continue };
            let Some(url) = environment.get(variable)? else { continue };
            // It cannot be that one; and its backend need not be compiled in.
            if Dialect::of_url(url.trim()) != project.server.dialect {
                continue;
            }
            let there = database::at(url.trim()).map_err(|failure| {
                failure
                    .note(format!("so says `{variable}`, of the environment `{}`", protected.name))
            })?;
            if there.identity().may_be(&identity) {
                return Ok(Some(Self { name: protected.name }));
            }
        }
        Ok(None)
    }

    /// The environment's name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Has it confirmed that `what` is meant: by a yes, and by the environment's name.
    ///
    /// # Errors
    /// When it is not, or nobody can be asked.
    pub(crate) fn confirm(
        &self,
        what: &str,
        consent: &Consent,
        reporter: &Reporter,
    ) -> Result<(), Failure> {
        let name = &self.name;
        let what = format!("{what} in the protected environment `{name}`");
        if !ask::is_possible() && (!consent.yes || consent.confirm.is_none()) {
            return Err(Failure::usage(format!("{what}: not without a confirmation")).help(
                format!(
                    "there is no terminal to ask on; `--yes --confirm {name}` says it beforehand"
                ),
            ));
        }
        ask::whether(&what, consent.yes, reporter)?;
        let given = match &consent.confirm {
            Some(given) => given.clone(),
            None => ask::line("The environment's name, to confirm it:", reporter),
        };
        if given == *name {
            return Ok(());
        }
        Err(Failure::usage(format!("nothing was done: the environment is `{name}`, not `{given}`")))
    }
}

/// The protected environments that are configured here, for whichever database.
fn protected(options: &Options, project: &Project) -> Result<Vec<config::Environment>, Failure> {
    let databases = match project.databases() {
        Some(databases) => databases.to_vec(),
        // No configuration was needed; there may be one all the same.
        None => project::configured_around(options)?,
    };
    let all = databases.into_iter().flat_map(|database| database.environments);
    Ok(all.filter(|environment| environment.protected).collect())
}
