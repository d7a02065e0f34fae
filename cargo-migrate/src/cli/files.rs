//! What the commands take that work on files.

use std::path::PathBuf;

use clap::Args;
use migrate_build::schema;

/// `init`
#[derive(Args, Debug)]
pub struct Init {
    /// Also write docker-entrypoint.sh: migrate, then start the program
    #[arg(long)]
    pub docker: bool,
    /// Also write a workflow of GitHub's that verifies each change
    #[arg(long)]
    pub github: bool,
    /// Take the crates from this checkout instead of the registry
    #[arg(long, value_name = "DIR")]
    pub crates: Option<PathBuf>,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
}

/// `check`
#[derive(Args, Debug)]
pub struct Check {
    /// Show what is found in sealed migrations, too
    #[arg(long)]
    pub all: bool,
    /// Fail when something is not sealed
    #[arg(long)]
    pub locked: bool,
    /// Only what is in migrations that are newer than this git revision, or changed since
    #[arg(long, value_name = "REV")]
    pub since: Option<String>,
}

/// `seal`
#[derive(Args, Debug)]
pub struct Seal {
    /// Up to this version, and with it [default: all]
    #[arg(long, value_name = "V")]
    pub to: Option<String>,
    /// Seal this one as it is now, although it has changed; forget it if it is gone
    #[arg(long, value_name = "V")]
    pub accept: Vec<String>,
    /// Seal also what has findings: they fail nothing afterwards
    #[arg(long)]
    pub with_findings: bool,
}

/// `rebase`
#[derive(Args, Debug)]
pub struct Rebase {
    /// Show what would be moved; change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// `new`
#[derive(Args, Debug)]
#[command(after_help = NEW_HELP)]
pub struct New {
    /// What the migration does; decides the template
    pub name: String,
    /// The columns
    #[arg(
        value_name = "COLUMN",
        help = "name:type[!][:unique][:index][:references(TABLE)][=DEFAULT]"
    )]
    pub columns: Vec<String>,
    /// Take up.sql from a file
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// There is no way back: why
    #[arg(long, value_name = "REASON")]
    pub irreversible: Option<String>,
    /// Write it in Rust: `migration.rs`, to fill in
    #[arg(long, conflicts_with_all = ["columns", "from"])]
    pub rust: bool,
    /// The version, instead of the time
    #[arg(long = "version", id = "migration-version", value_name = "V")]
    pub stamp: Option<String>,
    /// Open the files in $VISUAL or $EDITOR
    #[arg(long)]
    pub edit: bool,
}

const NEW_HELP: &str = "\
Names and their templates:
  create_users                    CREATE TABLE users
  add_phone_to_users              ALTER TABLE users ADD COLUMN phone
  remove_phone_from_users         ALTER TABLE users DROP COLUMN phone
  rename_phone_to_mobile_in_users ALTER TABLE users RENAME COLUMN phone TO mobile
  rename_users_to_people          ALTER TABLE users RENAME TO people
  add_index_to_users              CREATE INDEX on users
  drop_users                      DROP TABLE users
  anything else                   empty files to fill in

Types: id string string(n) text int bigint smallint bool float double decimal(p,s) date time
  datetime timestamp uuid json blob enum(a|b), each in the database's own words; `id` is the
  type of other tables' keys. A `!` behind the type: NOT NULL. Examples:
  cargo migrate new create_users name:text! email:text!:unique 'joined:datetime!=now'
  cargo migrate new create_posts 'author:id!:references(users)' 'state:enum(draft|sent)!=draft'";

/// `down`
#[derive(Args, Debug)]
pub struct Down {
    /// The migration's version; default: the newest
    pub version: Option<String>,
    /// Replace the `down.sql` that is there
    #[arg(long)]
    pub force: bool,
}

/// `schema`
#[derive(Args, Debug)]
pub struct Schema {
    /// As it is behind this migration [default: the newest]
    #[arg(long, value_name = "V")]
    pub at: Option<String>,
    /// Written as: diesel, sql [default: as the name of --check ends, else diesel]
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<schema::Format>,
    /// Fail when a file says something else
    #[arg(long, value_name = "FILE")]
    pub check: Option<PathBuf>,
}

/// `verify`
#[derive(Args, Debug)]
pub struct Verify {
    /// Only these; those before them are applied [default: all]
    #[arg(value_name = "VERSION")]
    pub versions: Vec<String>,
}
