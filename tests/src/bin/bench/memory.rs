//! How much memory a large migration takes.

use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use migrate_tests::server::{Mariadb, Postgres};

use crate::Places;
use crate::measure::Result;
use crate::table::Line;

const FILE: u64 = 60_000_000;

/// How many times the file's size a run may take.
const LIMIT: u64 = 3;

pub(crate) fn measure(places: &Places) -> Result<Vec<Line>> {
    let work = places.work.join("memory");
    let dir = work.join("migrations");
    write(&dir.join("1_rows"))?;
    let file = work.join("rows.db");
    let _ = fs::remove_file(&file);
    let (postgres, mariadb) = (Postgres::start(), Mariadb::start());
    let (on_postgres, on_mariadb) = (postgres.database(), mariadb.database());
    let urls = [
        ("SQLite", file.to_string_lossy().into_owned()),
        ("PostgreSQL", on_postgres.url()),
        ("MariaDB", on_mariadb.url()),
    ];
    urls.iter()
        .map(|(database, url)| {
            let mut run = Command::new(&places.tool);
            run.arg("--dir").arg(&dir).args(["--database-url", url, "run"]);
            let what = format!("peak memory of `run` with a file of 60 MB on {database}");
            Ok(Line::size(&what, peak(&mut run)?, FILE, LIMIT))
        })
        .collect()
}

/// A table and its rows, 1,000 in each statement.
fn write(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir)?;
    fs::write(dir.join("down.sql"), "DROP TABLE large;\n")?;
    let mut up = BufWriter::new(File::create(dir.join("up.sql"))?);
    writeln!(up, "CREATE TABLE large (id INTEGER NOT NULL, name VARCHAR(80) NOT NULL);")?;
    let (mut written, mut id) = (0, 0);
    while written < FILE {
        let rows: Vec<String> =
            (id..id + 1000).map(|id| format!("({id}, 'the row with the number {id}')")).collect();
        let statement = format!("INSERT INTO large VALUES\n{};\n", rows.join(",\n"));
        up.write_all(statement.as_bytes())?;
        written += statement.len() as u64;
        id += 1000;
    }
    Ok(up.flush()?)
}

/// The most memory that a process has had, in bytes.
pub(crate) fn peak(command: &mut Command) -> Result<u64> {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut peak = 0;
    loop {
        if let Some(now) = so_far(&child) {
            peak = now;
        }
        if let Some(status) = child.try_wait()? {
            return if status.success() { Ok(peak) } else { Err(format!("{status}").into()) };
        }
        sleep(Duration::from_millis(2));
    }
}

/// The kernel keeps the peak; once the process has ended it says nothing any more.
fn so_far(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
