//! Schemas, and the files that Diesel's command line prints for them: in `fixtures/diesel/<dialect>`, a
//! folder each, with `up.sql`, `diesel.toml` where something is configured, and `schema.rs`. A folder
//! without `up.sql` is named after a seed.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_build::Dialect;

/// A schema, and what Diesel prints for it.
#[derive(Clone, Debug)]
pub struct Case {
    /// Whose SQL it is.
    pub dialect: Dialect,
    /// Where it is kept.
    pub folder: PathBuf,
}

impl Case {
    /// All of them.
    ///
    /// # Panics
    /// When they cannot be read.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        for dialect in Dialect::ALL {
            let folders = fs::read_dir(fixtures().join("diesel").join(dialect.name()));
            for folder in folders.into_iter().flatten() {
                cases.push(Self { dialect, folder: folder.expect("a case").path() });
            }
        }
        cases.sort_by(|a, b| a.folder.cmp(&b.folder));
        cases
    }

    /// How it is called.
    #[must_use]
    pub fn name(&self) -> String {
        let name = self.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        format!("{}/{name}", self.dialect)
    }

    /// The migrations that make it: names and `up.sql`, in their order.
    ///
    /// # Panics
    /// When they cannot be read.
    #[must_use]
    pub fn migrations(&self) -> Vec<(String, String)> {
        if let Ok(up) = fs::read_to_string(self.folder.join("up.sql")) {
            return vec![("1_all".to_owned(), up)];
        }
        let seed = self.folder.file_name().expect("a name");
        let seed = fixtures().join("seeds").join(seed).join(self.dialect.name()).join("migrations");
        let mut migrations: Vec<(String, String)> = fs::read_dir(seed)
            .expect("the migrations of a seed")
            .map(|migration| {
                let path = migration.expect("a migration").path();
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                (name, fs::read_to_string(path.join("up.sql")).expect("its SQL"))
            })
            .collect();
        migrations.sort();
        migrations
    }

    /// The configuration, where there is one.
    #[must_use]
    pub fn config(&self) -> Option<PathBuf> {
        Some(self.folder.join("diesel.toml")).filter(|path| path.exists())
    }

    /// The file that Diesel prints.
    #[must_use]
    pub fn schema(&self) -> PathBuf {
        self.folder.join("schema.rs")
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}
