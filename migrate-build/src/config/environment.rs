//! `[package.metadata.migrate.environments.NAME]`

/// The environment that is meant when none is named. It needs no entry.
pub const DEFAULT_ENVIRONMENT: &str = "development";

/// Where a database runs, as the configuration tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// Its name.
    pub name: String,
    /// The variable that holds the URL of its database, if it has one of its own.
    pub url_env: Option<String>,
    /// Whether what cannot be taken back needs a confirmation there.
    pub protected: bool,
    /// The command that backs its database up, if it has one of its own.
    pub backup: Option<String>,
}

/// The environments of some tables, the nearest first: of several of one name, that one counts.
pub(super) fn merged<'e>(
    nearest_first: impl IntoIterator<Item = &'e Vec<Environment>>,
) -> Vec<Environment> {
    let mut merged: Vec<Environment> = Vec::new();
    for environment in nearest_first.into_iter().flatten() {
        if merged.iter().all(|nearer| nearer.name != environment.name) {
            merged.push(environment.clone());
        }
    }
    merged.sort_by(|one, other| one.name.cmp(&other.name));
    merged
}
