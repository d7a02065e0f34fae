//! Right statements to make broken ones of.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use migrate_build::sql::Parser;
use migrate_build::{Dialect, Source, Span};

/// The statements of this repository for a dialect: one file for the breadth of its grammar, and
/// the seeds' migrations.
///
/// # Panics
/// When the files cannot be read.
#[must_use]
pub fn own_seeds(dialect: Dialect, parser: &dyn Parser) -> Vec<String> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let grammar = fixtures.join("grammar").join(dialect.name()).with_extension("sql");
    let mut files = vec![grammar];
    for seed in directories(&fixtures.join("seeds")) {
        collect(&seed.join(dialect.name()).join("migrations"), &mut files);
    }
    statements(&files, parser)
}

/// The statements of all SQL files in directories.
///
/// # Panics
/// When the files cannot be read.
#[must_use]
pub fn statements_of(directories: &[PathBuf], parser: &dyn Parser) -> Vec<String> {
    let mut files = Vec::new();
    for directory in directories {
        collect(directory, &mut files);
    }
    statements(&files, parser)
}

fn statements(files: &[PathBuf], parser: &dyn Parser) -> Vec<String> {
    let mut statements = Vec::new();
    for file in files {
        let bytes = fs::read(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        let Ok(text) = String::from_utf8(bytes) else { continue };
        let source = Arc::new(Source::new(file.clone(), text.replace("\r\n", "\n")));
        let parsed = parser.parse(&source, None, &mut Vec::new());
        let mut behind = 0;
        for span in parsed.statements.iter().map(|statement| statement.span) {
            statements.extend(refused(parser, source.slice(Span::new(behind, span.start))));
            statements.push(source.slice(span).to_owned());
            behind = span.end;
        }
        let rest = source.text().get(behind as usize..).unwrap_or_default();
        statements.extend(refused(parser, rest));
    }
    statements.sort_unstable();
    statements.dedup();
    statements
}

/// What our parser did not take for a statement, if it is more than comments.
fn refused(parser: &dyn Parser, text: &str) -> Option<String> {
    let is_blank = |c: char| c.is_whitespace() || c == ';';
    let text = text.trim_matches(is_blank);
    parser.tokens(text).iter().any(|token| !token.is_comment()).then(|| text.to_owned())
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for path in entries(directory) {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "sql") {
            files.push(path);
        }
    }
}

fn directories(directory: &Path) -> Vec<PathBuf> {
    entries(directory).into_iter().filter(|path| path.is_dir()).collect()
}

/// What is in a directory, sorted; nothing when there is none.
fn entries(directory: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    entries.sort();
    entries
}
