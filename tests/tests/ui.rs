//! What `embed_migrations!` says when it refuses.

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn compile_errors_show_the_sql() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for folder in ["rules", "seeds"] {
        copy(&fixtures.join(folder), &project().join("fixtures").join(folder));
    }
    let cases = trybuild::TestCases::new();
    cases.pass("ui/embeds.rs");
    cases.compile_fail("ui/fail/*.rs");
}

/// The crate that trybuild compiles the cases in: the macro looks for directories there.
fn project() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    target.join("tests/trybuild").join(env!("CARGO_PKG_NAME"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("made");
    for entry in fs::read_dir(from).expect("listed") {
        let entry = entry.expect("listed");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}
