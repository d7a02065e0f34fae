//! Beside the command lines of other tools, where they do the same.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::measure::{Result, Run, in_turn, process};
use crate::table::Line;
use crate::{MANY, Places};

const ROUNDS: usize = 7;

/// A tool with a directory in which all is applied.
struct Contestant {
    name: &'static str,
    directory: PathBuf,
    program: PathBuf,
    help: &'static [&'static str],
    look: &'static [&'static str],
    new: &'static [&'static str],
}

pub(crate) fn measure(places: &Places) -> Result<Vec<Line>> {
    let work = places.work.join("tools");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    let ours = ours(places, &work.join("ours"))?;
    let mut lines = Vec::new();
    for theirs in [diesel(places, &work)?, knex(places, &work)?, sequelize(places, &work)?] {
        let Some(theirs) = theirs else { continue };
        let name = theirs.name;
        for (what, arguments) in [
            ("`--help`", [ours.help, theirs.help]),
            ("`status` of 1,000", [ours.look, theirs.look]),
            ("`new`", [ours.new, theirs.new]),
        ] {
            let runs = [ours.run(arguments[0]), theirs.run(arguments[1])];
            let [own, other] = in_turn(ROUNDS, runs)?;
            lines.push(Line::ratio(&format!("{what}, against {name}"), own, other, 1.0));
        }
    }
    Ok(lines)
}

impl Contestant {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(&self.directory);
        command
    }

    fn run<'r>(&'r self, arguments: &'r [&'r str]) -> Run<'r> {
        Box::new(move || process(&mut self.command(arguments)))
    }

    /// Applies everything.
    fn apply(self, arguments: &[&str]) -> Result<Self> {
        process(&mut self.command(arguments))?;
        Ok(self)
    }
}

/// A version for each of them, as Diesel, Knex and Sequelize write them.
fn version(number: usize) -> String {
    format!("{}", 20_200_101_000_000_u64 + number as u64)
}

fn write(path: &Path, text: &str) -> Result<()> {
    fs::create_dir_all(path.parent().ok_or("no directory")?)?;
    Ok(fs::write(path, text)?)
}

fn write_sql(directory: &Path) -> Result<()> {
    for number in 0..MANY {
        let name = directory.join(format!("migrations/{}_t{number}", version(number)));
        let table =
            format!("CREATE TABLE t{number} (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n");
        write(&name.join("up.sql"), &table)?;
        write(&name.join("down.sql"), &format!("DROP TABLE t{number};\n"))?;
    }
    Ok(())
}

fn ours(places: &Places, directory: &Path) -> Result<Contestant> {
    write_sql(directory)?;
    let ours = Contestant {
        name: "ours",
        directory: directory.to_owned(),
        // With the same databases as Diesel's.
        program: places.tool.with_file_name("cargo-migrate-postgres"),
        help: &["--help"],
        look: &["status", "--dir", "migrations", "--database-url", "app.db"],
        new: &["new", "create_users", "name:text", "--dir", "new", "--dialect", "sqlite"],
    };
    fs::create_dir(directory.join("new"))?;
    ours.apply(&["run", "--dir", "migrations", "--database-url", "app.db"])
}

fn diesel(places: &Places, work: &Path) -> Result<Option<Contestant>> {
    let Some(program) = &places.diesel else { return Ok(None) };
    let directory = work.join("diesel");
    write_sql(&directory)?;
    fs::create_dir(directory.join("new"))?;
    let diesel = Contestant {
        name: "`diesel migration`",
        directory,
        program: program.clone(),
        help: &["--help"],
        look: &["migration", "list", "--migration-dir", "migrations", "--database-url", "app.db"],
        new: &["migration", "generate", "create_users", "--migration-dir", "new"],
    };
    let database = ["--migration-dir", "migrations", "--database-url", "app.db"];
    diesel.apply(&[&["migration", "run"], &database[..]].concat()).map(Some)
}

fn knex(places: &Places, work: &Path) -> Result<Option<Contestant>> {
    let Some(node) = &places.node else { return Ok(None) };
    let directory = work.join("knex");
    let client =
        "client: 'better-sqlite3', useNullAsDefault: true, connection: { filename: 'app.db' }";
    write(&directory.join("knexfile.js"), &format!("module.exports = {{ {client} }};\n"))?;
    for number in 0..MANY {
        write(
            &directory.join(format!("migrations/{}_t{number}.js", version(number))),
            &format!(
                "exports.up = knex => knex.schema.createTable('t{number}', t => {{ \
                 t.increments('id'); t.text('name').notNullable(); }});\n\
                 exports.down = knex => knex.schema.dropTable('t{number}');\n"
            ),
        )?;
    }
    linked(node, &directory)?;
    let knex = Contestant {
        name: "`knex`",
        program: directory.join("node_modules/.bin/knex"),
        directory,
        help: &["--help"],
        look: &["migrate:status"],
        new: &["migrate:make", "create_users", "--migrations-directory", "new"],
    };
    knex.apply(&["migrate:latest"]).map(Some)
}

fn sequelize(places: &Places, work: &Path) -> Result<Option<Contestant>> {
    let Some(node) = &places.node else { return Ok(None) };
    let directory = work.join("sequelize");
    let config = r#"{"development":{"dialect":"sqlite","storage":"app.db","logging":false}}"#;
    write(&directory.join("config/config.json"), config)?;
    for number in 0..MANY {
        write(
            &directory.join(format!("migrations/{}-t{number}.js", version(number))),
            &format!(
                "module.exports = {{\n  up: (q, S) => q.createTable('t{number}', {{ \
                 id: {{ type: S.INTEGER, primaryKey: true }}, \
                 name: {{ type: S.TEXT, allowNull: false }} }}),\n  \
                 down: q => q.dropTable('t{number}'),\n}};\n"
            ),
        )?;
    }
    linked(node, &directory)?;
    let sequelize = Contestant {
        name: "`sequelize-cli`",
        program: directory.join("node_modules/.bin/sequelize-cli"),
        directory,
        help: &["--help"],
        look: &["db:migrate:status"],
        new: &["migration:generate", "--name", "create-users", "--migrations-path", "new"],
    };
    sequelize.apply(&["db:migrate"]).map(Some)
}

/// Node looks for packages beside the files that want them.
fn linked(node: &Path, directory: &Path) -> Result<()> {
    Ok(std::os::unix::fs::symlink(node.join("node_modules"), directory.join("node_modules"))?)
}
