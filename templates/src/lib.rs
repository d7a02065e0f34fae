//! The files that `cargo migrate init` and `cargo migrate new` write, as text.
//!
//! A package of its own, so that the files travel with it when it is published.

/// A whole `build.rs`.
pub const BUILD_SCRIPT: &str = include_str!("../files/build.rs");

/// An `up.sql` that says what belongs into it. Comments alone: a build refuses it until it is
/// filled in.
pub const UP: &str = include_str!("../files/up.sql");

/// A `down.sql` that says what belongs into it. Comments alone, as [`UP`].
pub const DOWN: &str = include_str!("../files/down.sql");

/// A `migration.rs` that does not compile until it is filled in, without the way back. To be filled in:
/// `@CONNECTION@`, Diesel's type of the connection.
pub const CODE: &str = include_str!("../files/migration.rs");

/// Its way back.
pub const CODE_DOWN: &str = include_str!("../files/migration_down.rs");

/// A `metadata.toml` for SQL that no transaction may stand around.
pub const METADATA: &str = include_str!("../files/metadata.toml");

/// The entrypoint of a container. What stands between two `@` is to be filled in: `@DIRECTORY@`, the
/// migrations directory; `@PACKAGE@`, the package's name; `@SERVER@`, the options that say which server.
pub const ENTRYPOINT: &str = include_str!("../files/docker-entrypoint.sh");

/// A workflow of GitHub's. To be filled in: `@DATABASE@`, the server beside the job, and its URL;
/// `@VERSION@`, of `cargo-migrate`; `@FEATURES@`, to install it with; `@MANIFEST@`, the option that says
/// which crate.
pub const WORKFLOW: &str = include_str!("../files/migrations.yml");

#[cfg(test)]
mod tests {
    use super::{BUILD_SCRIPT, DOWN, UP};

    #[test]
    fn the_sql_files_hold_comments_alone() {
        for text in [UP, DOWN] {
            assert!(!text.is_empty());
            assert!(text.lines().all(|line| line.starts_with("-- ")), "{text}");
            assert!(text.ends_with('\n'), "{text}");
        }
    }

    #[test]
    fn the_build_script_verifies_and_does_nothing_else() {
        assert_eq!(BUILD_SCRIPT.matches(';').count(), 1);
        assert!(BUILD_SCRIPT.contains("fn main() {\n    migrate_build::verify();\n}\n"));
    }
}
