//! From a call to the expression that it stands for.

use std::env;
use std::path::{Path, PathBuf};
use std::str::FromStr as _;

use migrate_build::layout::Directory;
use migrate_build::render::Human;
use migrate_build::{
    Cache, Config, Database, Diagnostic, Embedded, Error, Report, stamp_variable, verify_directory,
};
use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;

use crate::input::Input;

/// The expansion.
pub(crate) fn expand(input: &Input) -> syn::Result<TokenStream> {
    let package = package_directory().map_err(|message| syn::Error::new(input.span(), message))?;
    let (config, database) = resolve(input, &package)
        .map_err(|error| syn::Error::new(input.span(), error.to_string()))?;
    match env::var(stamp_variable(&database.dir)) {
        Ok(file) if Path::new(&file).is_file() => Ok(stamped(input, &file)),
        _ => verified_here(input, &config, &database),
    }
}

fn package_directory() -> Result<PathBuf, &'static str> {
    env::var_os("CARGO_MANIFEST_DIR")
        .map(PathBuf::from)
        .ok_or("CARGO_MANIFEST_DIR is not set: the crate must be compiled by cargo")
}

/// The directory that is meant, and its configuration.
fn resolve(input: &Input, package: &Path) -> Result<(Config, Database), Error> {
    let manifest = package.join("Cargo.toml");
    let config = Config::load(&manifest)?;
    let database = match &input.directory {
        Some(directory) => named(&config, &package.join(directory.value())),
        None => only(&config)?,
    };
    Ok((config, database))
}

/// The database that is configured for a directory; one that is not configured runs on the server of
/// the others.
fn named(config: &Config, dir: &Path) -> Database {
    let first = config.databases.first();
    config.database_of(dir).cloned().unwrap_or_else(|| Database {
        name: None,
        dir: dir.components().collect(),
        dialect: first.and_then(|database| database.dialect),
        server_version: first.and_then(|database| database.server_version),
        url_env: String::new(),
        url_parts: None,
        schema: None,
        backup: None,
        runner: String::new(),
        environments: Vec::new(),
    })
}

fn only(config: &Config) -> Result<Database, Error> {
    if let [database] = config.databases.as_slice() {
        return Ok(database.clone());
    }
    let dirs: Vec<String> =
        config.databases.iter().map(|d| format!("`{}`", config.shown(&d.dir).display())).collect();
    Err(Error::Config {
        place: config.manifest.display().to_string(),
        message: format!(
            "several databases are configured: name the directory of one of them, {}",
            dirs.join(", ")
        ),
    })
}

/// The set that the build script has verified and left.
fn stamped(input: &Input, file: &str) -> TokenStream {
    let runtime = &input.runtime;
    quote_spanned! {input.span()=>
        {
            use #runtime as __migrate;
            #[allow(unused_qualifications)]
            const SET: __migrate::Migrations<'static> = ::core::include!(#file);
            SET
        }
    }
}

fn verified_here(input: &Input, config: &Config, database: &Database) -> syn::Result<TokenStream> {
    let report = verify(config, database)
        .map_err(|error| syn::Error::new(input.span(), error.to_string()))?;
    if report.fails() {
        return Err(compile_errors(input.span(), &report.findings));
    }
    let set = TokenStream::from_str(&Embedded::new(&report, &database.dir).literals()).map_err(
        |error| syn::Error::new(input.span(), format!("the set cannot be embedded: {error}")),
    )?;
    let runtime = &input.runtime;
    let files = tracked_files(&report, &database.dir);
    let warnings = warnings(&report);
    Ok(quote_spanned! {input.span()=>
        {
            use #runtime as __migrate;
            #(const _: &[u8] = ::core::include_bytes!(#files);)*
            #warnings
            #[allow(unused_qualifications)]
            const SET: __migrate::Migrations<'static> = #set;
            SET
        }
    })
}

fn verify(config: &Config, database: &Database) -> Result<Report, Error> {
    let server = database.require_server(&config.manifest)?;
    let directory = Directory::load(&database.dir, &config.shown(&database.dir))?;
    verify_directory(directory, server, &config.levels, &mut Cache::default())
}

/// One compile error a finding, with the excerpt of the SQL in it.
fn compile_errors(span: Span, findings: &[Diagnostic]) -> syn::Error {
    let human = Human::new(false);
    let mut errors = findings.iter().filter(|finding| finding.level.fails()).map(|finding| {
        let rendered = human.render(finding);
        // The compiler says `error` itself.
        syn::Error::new(span, rendered.strip_prefix("error").unwrap_or(&rendered))
    });
    let first = errors.next().unwrap_or_else(|| syn::Error::new(span, "nothing was found"));
    errors.fold(first, |mut all, error| {
        all.combine(error);
        all
    })
}

/// The files whose change must compile the crate again.
fn tracked_files(report: &Report, dir: &Path) -> Vec<String> {
    let of = |name: &str, file: &str| dir.join(name).join(file).to_string_lossy().into_owned();
    let lock = dir.join(migrate_build::lock::FILE);
    let lock = lock.is_file().then(|| lock.to_string_lossy().into_owned());
    let mut files: Vec<String> = lock.into_iter().collect();
    for migration in &report.migrations {
        // A module, which is looked after as every other, is none of them.
        for file in ["up.sql", "down.sql", "metadata.toml"] {
            if dir.join(&migration.name).join(file).is_file() {
                files.push(of(&migration.name, file));
            }
        }
    }
    files
}

/// A stable macro cannot warn, but use something deprecated.
fn warnings(report: &Report) -> TokenStream {
    let human = Human::new(false);
    let unnoticed = "without a build script, a new migration goes unnoticed until a Rust file \
                     changes: add a `build.rs` with `fn main() { migrate_build::verify() }`";
    let findings = report.findings.iter().map(|finding| human.render(finding));
    let notes = std::iter::once(unnoticed.to_owned()).chain(findings);
    notes
        .map(|note| {
            quote_spanned! {Span::call_site()=>
                const _: () = {
                    #[deprecated(note = #note)]
                    const NEW_MIGRATIONS_GO_UNNOTICED: () = ();
                    NEW_MIGRATIONS_GO_UNNOTICED
                };
            }
        })
        .collect()
}
