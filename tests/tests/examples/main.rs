//! The examples, as a user builds and starts them: real binaries, real files, real servers.

mod chat;
mod desktop;
#[cfg(unix)]
mod prd_maker;
#[cfg(unix)]
mod rooms;
#[cfg(unix)]
mod servers;
mod sqlite;
#[cfg(unix)]
mod supabase;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

const EXAMPLES: [&str; 5] =
    ["example-chat", "example-desktop", "example-prd-maker", "example-rooms", "example-supabase"];

/// The programs, built by cargo: from the example's own manifest, build script and all.
struct Programs {
    chat: PathBuf,
    desktop: PathBuf,
    /// `desktop` without debug assertions, which is what tells it that it is a release.
    desktop_release: PathBuf,
    /// Its program for the shell.
    desktop_runner: PathBuf,
    prd_maker: PathBuf,
    rooms: PathBuf,
    supabase: PathBuf,
}

fn programs() -> &'static Programs {
    static PROGRAMS: OnceLock<Programs> = OnceLock::new();
    PROGRAMS.get_or_init(|| {
        // The next build replaces what cargo leaves, so it is kept elsewhere.
        let keep = |built: &Path, name: &str| {
            let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
            // Somebody may still be running the older one: it is not overwritten, it goes.
            let _ = fs::remove_file(&kept);
            fs::copy(built, &kept).expect("what cargo has built");
            kept
        };
        let release = "profile.dev.package.example-desktop.debug-assertions=false";
        let released = build(&["-p", "example-desktop", "--config", release]);
        let desktop_release = keep(&released["example-desktop"], "desktop-release");
        let built = build(&EXAMPLES.map(|name| ["-p", name]).concat());
        let [chat, desktop, prd_maker, rooms, supabase] =
            EXAMPLES.map(|name| keep(&built[name], name));
        let desktop_runner = keep(&built["runner"], "desktop-runner");
        Programs { chat, desktop, desktop_release, desktop_runner, prd_maker, rooms, supabase }
    })
}

/// Builds, and returns the programs by their names.
fn build(arguments: &[&str]) -> BTreeMap<String, PathBuf> {
    let output = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--message-format", "json-render-diagnostics"])
        .args(arguments)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .output()
        .expect("cargo");
    assert!(output.status.success(), "{}", text(&output.stderr));
    let messages = output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let messages = messages.map(|line| {
        serde_json::from_slice::<serde_json::Value>(line).expect("a message of cargo's")
    });
    let programs = messages.filter_map(|message| {
        let path = message["executable"].as_str()?;
        Some((message["target"]["name"].as_str()?.to_owned(), PathBuf::from(path)))
    });
    programs.collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A program in a directory, with no word on where the database is.
fn start(program: &Path, directory: &Path, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .env_remove("DATABASE_URL")
        .output()
        .expect("the program starts")
}

/// A program that is told where the database is.
fn start_on(url: &str, program: &Path, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .env("DATABASE_URL", url)
        .output()
        .expect("the program starts")
}

/// The program fails: what it says.
#[track_caller]
fn refusal_of(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
    text(&output.stderr)
}

#[track_caller]
fn stdout_of(output: &Output) -> String {
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

/// The schema that a seed has after this migration.
fn golden(seed: &str, dialect: &str, migration: &str) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/seeds")
        .join(seed)
        .join(dialect)
        .join("schema")
        .join(format!("after_{migration}.sql"));
    fs::read_to_string(&file).expect("the schema on record")
}
