//! A migration in Rust has the functions that a program calls.

use super::presence::MISSING_DOWN;
use super::{Role, Script};
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::layout::MISSING_UP;
use crate::rust;

pub(super) fn check(script: &Script<'_>, findings: &mut Vec<Diagnostic>) {
    if script.parsed.count > 0 {
        return;
    }
    let (rule, name) = match script.role {
        Role::Up => (&MISSING_UP, "up"),
        Role::Down => (&MISSING_DOWN, "down"),
    };
    let connection = match script.server.dialect {
        Dialect::Sqlite => "SqliteConnection",
        Dialect::Postgres => "PgConnection",
        Dialect::Mysql => "MysqlConnection",
    };
    let source = script.source;
    let finding = match rust::private_function(source, script.role) {
        Some(function) => {
            Diagnostic::new(rule, format!("`fn {name}` is private, so that no program can call it"))
                .at(source, rust::shown(source, function), "")
                .help(format!("write `pub fn {name}`"))
        }
        None => Diagnostic::new(rule, format!("this migration has no `pub fn {name}`"))
            .at(source, source.line_span(1), "")
            .help(format!("write `pub fn {name}(conn: &mut {connection}) -> QueryResult<()>`")),
    };
    findings.push(finding);
}
