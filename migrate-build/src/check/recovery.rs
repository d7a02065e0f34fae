//! What a statement that no transaction protects leaves behind when it fails half way.

use super::Script;
use super::words::Word;
use crate::diagnostic::Diagnostic;
use crate::dialect::Dialect;
use crate::rule::{Rule, rule};
use crate::server::ServerVersion;
use crate::sql::{Mode, Object, Statement, Trace};

static CONCURRENTLY_IF_NOT_EXISTS: Rule = rule!(
    "concurrently-if-not-exists",
    Warn,
    "an index built concurrently that passes over its own remains"
);
static UNNAMED_INDEX: Rule =
    rule!("unnamed-index", Warn, "an index built concurrently whose remains nobody can find");
static MYSQL_MULTI_DROP: Rule =
    rule!("mysql-multi-drop", Warn, "a `DROP` of several objects that can stop between them");

pub(super) static RULES: &[&Rule] =
    &[&CONCURRENTLY_IF_NOT_EXISTS, &UNNAMED_INDEX, &MYSQL_MULTI_DROP];

pub(super) fn check(script: &Script<'_>, findings: &mut Vec<Diagnostic>) {
    let judge = match script.server.dialect {
        Dialect::Sqlite => return,
        Dialect::Postgres => concurrent_index,
        Dialect::Mysql => multi_drop,
    };
    let statements = script.parsed.statements.iter();
    findings.extend(statements.filter_map(|statement| judge(script, statement)));
}

/// `CREATE INDEX CONCURRENTLY` that fails leaves an index of its name that is not valid.
fn concurrent_index(script: &Script<'_>, statement: &Statement) -> Option<Diagnostic> {
    if statement.mode != Mode::Once {
        return None;
    }
    let words = script.words(statement);
    let behind = behind_concurrently(&words)?;
    let finding = if behind.is("if") {
        Diagnostic::new(
            &CONCURRENTLY_IF_NOT_EXISTS,
            "`IF NOT EXISTS` takes what a failed build left for the index",
        )
        .note("a build that fails leaves an invalid index, which costs writes and answers no query")
        .help("leave `IF NOT EXISTS` out: the runner removes an invalid index, and builds again")
    } else if behind.is("on") {
        Diagnostic::new(&UNNAMED_INDEX, "this index has no name of its own")
            .note("a build that fails leaves an invalid index, and the next one makes another beside it")
            .help("name it: `CREATE INDEX CONCURRENTLY name ON …`")
    } else {
        return None;
    };
    Some(finding.at(script.source, statement.span, ""))
}

fn behind_concurrently<'w, 's>(words: &'w [Word<'s>]) -> Option<&'w Word<'s>> {
    let mut words = words.iter().filter(|word| !word.is("unique"));
    let creates = ["create", "index", "concurrently"];
    creates.iter().all(|key| words.next().is_some_and(|word| word.is(key))).then(|| words.next())?
}

/// MariaDB and MySQL before 8.0 drop one object after the other.
fn multi_drop(script: &Script<'_>, statement: &Statement) -> Option<Diagnostic> {
    let is_atomic = |version: ServerVersion| !version.mariadb && version.major >= 8;
    let is_gone = |trace: &&Trace| !trace.exists && trace.object == Object::Relation;
    let gone = statement.traces.iter().filter(is_gone).count();
    if gone < 2 || script.server.version.is_some_and(is_atomic) {
        return None;
    }
    // `RENAME TABLE` and `ALTER TABLE` have such traces as well.
    if !script.words(statement).first().is_some_and(|word| word.is("drop")) {
        return None;
    }
    let title = script.title(statement);
    Some(
        Diagnostic::new(
            &MYSQL_MULTI_DROP,
            format!("`{title}` of {gone} objects can stop between them"),
        )
        .at(script.source, statement.span, "")
        .note("MariaDB, and MySQL before 8.0, drop one after the other")
        .help("write a statement for each; or, if the server is newer, say so: `server-version = \"8.0\"`"),
    )
}
