//! Checks the migrations whenever this crate is compiled.

fn main() {
    migrate_build::verify();
}
