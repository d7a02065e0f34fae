//! The command line on real servers.
#![allow(clippy::unwrap_used, reason = "what a test helper cannot do fails the test")]

mod addresses;
mod backups;
mod databases;
mod drift;
mod environments;
mod ledger;
mod story;
mod tls;
mod trouble;
mod verify;
mod waiting;

use migrate_tests::server::{Database, Product};
use migrate_tests::{Builder, server_project};

/// A project for a database of its own.
fn app<P: Product>(database: &Database<P>) -> Builder {
    server_project(P::DIALECT, &database.url())
}

/// Runs a story on both products.
macro_rules! on_both {
    ($($story:ident),+ $(,)?) => {
        mod on_postgresql {
            $(#[test] fn $story() { super::$story(migrate_tests::server::Postgres::shared()); })+
        }
        mod on_mariadb {
            $(#[test] fn $story() { super::$story(migrate_tests::server::Mariadb::shared()); })+
        }
    };
}
use on_both;
