//! Making the program.

use std::cell::OnceCell;
use std::env;
use std::ffi::OsString;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cargo_metadata::{Message, MetadataCommand};
use clap::ColorChoice;
use migrate_build::config::DEFAULT_DIRECTORY;

use crate::cli::Options;
use crate::failure::Failure;
use crate::project::Project;

/// What there is to know to make it.
pub(crate) struct Recipe {
    manifest: PathBuf,
    name: String,
    /// The directory of migrations, as `embed_migrations!` names it.
    dir: String,
    quiet: bool,
    color: ColorChoice,
    built: OnceCell<PathBuf>,
}

impl Recipe {
    /// That of a package; none where no package is needed.
    pub(crate) fn of(project: &Project, options: &Options) -> Option<Self> {
        let (manifest, database) = project.configuration()?;
        let around = manifest.parent().unwrap_or(Path::new(""));
        let dir = database.dir.strip_prefix(around).unwrap_or(&database.dir);
        Some(Self {
            manifest: manifest.to_owned(),
            name: database.runner.clone(),
            dir: dir.display().to_string(),
            quiet: options.quiet,
            color: options.color,
            built: OnceCell::new(),
        })
    }

    /// One that is needed.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn required(recipe: Option<&Self>) -> Result<&Self, Failure> {
        recipe.ok_or_else(|| {
            Failure::usage(
                "nothing was run: migrations in Rust are run by a binary of their package",
            )
            .help("run the command in the package, without `--dialect` and `--dir`")
        })
    }

    /// The binary's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What to write where there is no such binary, a line each.
    pub(super) fn source(&self) -> Vec<String> {
        let directory = match self.dir.as_str() {
            DEFAULT_DIRECTORY => String::new(),
            other => format!("{other:?}"),
        };
        vec![
            format!("`src/bin/{}.rs` is to be:", self.name),
            "use migrate_runtime::{Migrations, embed_migrations};".to_owned(),
            format!("static MIGRATIONS: Migrations = embed_migrations!({directory});"),
            "fn main() -> std::process::ExitCode { migrate_runtime::cli::main(&MIGRATIONS) }"
                .to_owned(),
        ]
    }

    /// The program, built once. What cargo says of that goes to standard error.
    ///
    /// # Errors
    /// When the package has no such binary, or cargo cannot build it.
    pub(crate) fn program(&self) -> Result<&Path, Failure> {
        if let Some(program) = self.built.get() {
            return Ok(program);
        }
        let built = self.build()?;
        Ok(self.built.get_or_init(|| built))
    }

    fn build(&self) -> Result<PathBuf, Failure> {
        self.look_for_binary()?;
        let name = &self.name;
        let cannot = |why: String| Failure::new(format!("cannot build `{name}`: {why}"));
        let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
        let mut command = Command::new(cargo);
        command.args(["build", "--message-format", "json-render-diagnostics", "--bin", name]);
        command.arg("--manifest-path").arg(&self.manifest);
        command.args(["--color", &self.color.to_string()]);
        if self.quiet {
            command.arg("--quiet");
        }
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = child.map_err(|why| cannot(format!("cargo cannot be started: {why}")))?;
        let mut executable = None;
        let output = child.stdout.take().map(BufReader::new);
        for message in output.into_iter().flat_map(Message::parse_stream) {
            if let Ok(Message::CompilerArtifact(artifact)) = message
                && artifact.target.is_bin()
                && artifact.target.name == *name
            {
                executable = artifact.executable;
            }
        }
        let ended = child.wait().map_err(|why| cannot(why.to_string()))?;
        match executable.filter(|_| ended.success()) {
            Some(executable) => Ok(executable.into()),
            None => Err(Failure::new(format!("nothing was run: `{name}` cannot be built"))
                .note(format!("`cargo build --bin {name}` ended with {ended}; see above"))),
        }
    }

    fn look_for_binary(&self) -> Result<(), Failure> {
        let metadata = MetadataCommand::new().manifest_path(&self.manifest).no_deps().exec();
        // What is wrong with the manifest, cargo says when it builds.
        let Ok(metadata) = metadata else { return Ok(()) };
        let is_it = |package: &&cargo_metadata::Package| *package.manifest_path == *self.manifest;
        let Some(package) = metadata.packages.iter().find(is_it) else { return Ok(()) };
        if package.targets.iter().any(|target| target.is_bin() && target.name == self.name) {
            return Ok(());
        }
        let (package, name) = (&package.name, &self.name);
        let mut failure = Failure::usage(format!(
            "nothing was run: migrations in Rust are run by a binary of the package, and `{package}` \
             has none named `{name}`"
        ));
        failure.help = self.source();
        Err(failure)
    }
}
