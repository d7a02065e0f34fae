//! Starts a server of each kind, says where they are, and waits to be killed: for the test that
//! nothing of them stays.
use std::io::Write as _;

use migrate_tests::server::{Mariadb, Postgres};

fn main() -> std::io::Result<()> {
    let (postgres, mariadb) = (Postgres::shared(), Mariadb::shared());
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{} {}", postgres.port(), postgres.directory().display())?;
    writeln!(stdout, "{} {}", mariadb.port(), mariadb.directory().display())?;
    loop {
        std::thread::park();
    }
}
