//! Looks whether the client libraries are there that the features link, and says what to install.
//! Otherwise the linker would say `cannot find -lpq`, after all is compiled.
//!
//! A program that could be linked is never stopped: where that cannot be known, nothing is said. (Of
//! `cargo check`, which links nothing, a build script does not learn.)

#[cfg(all(feature = "postgres", not(feature = "postgres-bundled")))]
mod libpq;
#[cfg(feature = "mysql")]
mod mysqlclient;
mod surroundings;

fn main() {
    surroundings::say("rerun-if-changed=build");
    #[cfg(all(feature = "postgres", not(feature = "postgres-bundled")))]
    libpq::check();
    #[cfg(feature = "mysql")]
    mysqlclient::check();
}
