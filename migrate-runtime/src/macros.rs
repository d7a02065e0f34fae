//! `embed_migrations!`.

/// The verified migrations of a directory, as [`Migrations`](crate::Migrations).
///
/// ```text
/// use migrate_runtime::{Migrations, embed_migrations};
///
/// static MIGRATIONS: Migrations = embed_migrations!();
/// ```
///
/// Without an argument the package's configured directory is taken, `migrations` by default; with
/// one, the directory at that path, relative to the package's `Cargo.toml`.
///
/// A mistake in a migration is a compile error that shows the place in the SQL. With a build script
/// (`fn main() { migrate_build::verify() }`) that has happened before, and the crate is compiled
/// anew when a migration comes, goes or changes; without one the macro verifies the files itself,
/// and warns that it does not learn of new ones.
#[macro_export]
macro_rules! embed_migrations {
    ($($directory:tt)*) => {
        $crate::__embed!($crate; $($directory)*)
    };
}
