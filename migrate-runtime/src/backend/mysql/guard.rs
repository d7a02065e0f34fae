//! Which tables lose rows when others do, and whether they did.
//!
//! Without being named, a table loses rows only by a cascade, by a trigger, or by a routine or a
//! view that a script uses. So from what a script names this follows all four to the tables that
//! its work can reach, and a guard costs nothing where nothing can happen. Where something can, it
//! reads those tables twice, which takes time with their size.
use diesel::QueryResult;
use diesel::mysql::MysqlConnection;

use super::fault::number_of;
use super::query::{identifier, rows, value};
use crate::backend::words::has_name;
use crate::backend::{LEDGER, Loss};

/// What can reach a table: a child by its parent, a table by a text that mentions it.
const SCHEMA: &str = "
SELECT 'table', CONVERT(TABLE_NAME USING utf8mb4), ''
FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'
UNION ALL SELECT 'view', CONVERT(TABLE_NAME USING utf8mb4), CONVERT(VIEW_DEFINITION USING utf8mb4)
FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()
UNION ALL SELECT 'routine', CONVERT(ROUTINE_NAME USING utf8mb4),
    CONVERT(ROUTINE_DEFINITION USING utf8mb4)
FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()
UNION ALL SELECT 'trigger', CONVERT(EVENT_OBJECT_TABLE USING utf8mb4),
    CONVERT(ACTION_STATEMENT USING utf8mb4)
FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()
UNION ALL SELECT 'reference', CONVERT(REFERENCED_TABLE_NAME USING utf8mb4),
    CONVERT(TABLE_NAME USING utf8mb4)
FROM information_schema.REFERENTIAL_CONSTRAINTS
WHERE CONSTRAINT_SCHEMA = DATABASE() AND DELETE_RULE = 'CASCADE'";

/// A row of [`SCHEMA`].
struct Definition {
    kind: String,
    /// The object, or the table that the trigger or the reference hangs on.
    name: String,
    /// In lower case. Of a reference: the table that loses rows.
    text: String,
}

/// The number of rows of each table that may lose some when a script changes what `is_named`
/// claims, the latter left out. `None`: no table can, whatever changes.
pub(super) fn count_exposed(
    conn: &mut MysqlConnection,
    is_named: &dyn Fn(&str) -> bool,
) -> QueryResult<Option<Vec<(String, i64)>>> {
    let definition = |cells: Vec<Option<String>>| {
        let mut cells = cells.into_iter().map(Option::unwrap_or_default);
        Some(Definition {
            kind: cells.next()?,
            name: cells.next()?,
            text: cells.next()?.to_lowercase(),
        })
    };
    let schema: Vec<Definition> = rows(conn, SCHEMA)?.into_iter().filter_map(definition).collect();
    let Some(tables) = exposed(&schema, is_named) else { return Ok(None) };
    let mut counted = Vec::with_capacity(tables.len());
    for table in tables {
        let count = count(conn, &table)?;
        counted.push((table, count.unwrap_or(0)));
    }
    Ok(Some(counted))
}

/// The first of them that has fewer rows now.
pub(super) fn first_loss(
    conn: &mut MysqlConnection,
    counted: Vec<(String, i64)>,
) -> QueryResult<Option<Loss>> {
    for (table, before) in counted {
        let lost = count(conn, &table)?.map(|after| before - after);
        if lost.is_none_or(|lost| lost > 0) {
            return Ok(Some(Loss { table, lost, before: Some(before) }));
        }
    }
    Ok(None)
}

/// The number of a table's rows; `None` when there is no such table.
fn count(conn: &mut MysqlConnection, table: &str) -> QueryResult<Option<i64>> {
    const NO_SUCH_TABLE: u16 = 1146;
    let sql = format!("SELECT CAST(COUNT(*) AS CHAR) FROM {}", identifier(table));
    match rows(conn, &sql) {
        Ok(rows) => Ok(value(rows).and_then(|count| count.parse().ok())),
        Err(error) if number_of(&error) == Some(NO_SUCH_TABLE) => Ok(None),
        Err(error) => Err(error),
    }
}

fn exposed(schema: &[Definition], is_named: &dyn Fn(&str) -> bool) -> Option<Vec<String>> {
    let acts = |kind: &str| matches!(kind, "routine" | "trigger" | "reference");
    if !schema.iter().any(|definition| acts(&definition.kind)) {
        return None;
    }
    let objects: Vec<&Definition> = schema
        .iter()
        .filter(|definition| matches!(definition.kind.as_str(), "table" | "view" | "routine"))
        .collect();
    // In the order in which they are reached: what is nearest is lost first.
    let mut reached: Vec<Reached<'_>> = objects
        .iter()
        .filter(|object| is_named(&object.name))
        .map(|object| Reached { object, is_meant: true })
        .collect();
    let mut at = 0;
    while let Some(&Reached { object: from, is_meant }) = reached.get(at) {
        // Who changes a view means the tables behind it.
        let is_meant = is_meant && from.kind == "view";
        for object in &objects {
            let is_new = !reached.iter().any(|reached| reached.object.name == object.name);
            if is_new && reaches(from, object, schema) {
                reached.push(Reached { object, is_meant });
            }
        }
        at += 1;
    }
    let is_at_risk = |reached: &Reached<'_>| {
        !reached.is_meant
            && reached.object.kind == "table"
            && !LEDGER.contains(&reached.object.name.as_str())
    };
    let exposed = reached.into_iter().filter(is_at_risk);
    Some(exposed.map(|reached| reached.object.name.clone()).collect())
}

/// What a script's work can reach.
#[derive(Clone, Copy)]
struct Reached<'a> {
    object: &'a Definition,
    /// Named by the script, or behind a view that is.
    is_meant: bool,
}

/// Whether work on one object can do something to another.
fn reaches(from: &Definition, to: &Definition, schema: &[Definition]) -> bool {
    let name = to.name.to_lowercase();
    if from.kind != "table" {
        return has_name(&from.text, &name);
    }
    schema.iter().filter(|definition| definition.name.eq_ignore_ascii_case(&from.name)).any(
        |definition| match definition.kind.as_str() {
            "trigger" => has_name(&definition.text, &name),
            "reference" => to.kind == "table" && definition.text == name,
            _ => false,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reached(schema: &[(&str, &str, &str)], named: &[&str]) -> Option<Vec<String>> {
        let schema: Vec<Definition> = schema
            .iter()
            .map(|(kind, name, text)| Definition {
                kind: (*kind).to_owned(),
                name: (*name).to_owned(),
                text: text.to_lowercase(),
            })
            .collect();
        exposed(&schema, &|name| named.iter().any(|named| named.eq_ignore_ascii_case(name)))
    }

    const FAMILY: [(&str, &str, &str); 9] = [
        ("table", "Parent", ""),
        ("table", "child", ""),
        ("table", "grandchild", ""),
        ("table", "log", ""),
        ("table", "log_old", ""),
        ("view", "parents", "select `d`.`Parent`.`id` from `d`.`Parent`"),
        ("reference", "parent", "child"),
        ("reference", "child", "grandchild"),
        ("trigger", "grandchild", "BEGIN DELETE FROM LOG; END"),
    ];

    #[test]
    fn cascades_and_triggers_are_followed_from_what_is_named() {
        assert_eq!(reached(&FAMILY, &["PARENT"]).unwrap(), ["child", "grandchild", "log"]);
        assert_eq!(reached(&FAMILY, &["parent", "grandchild"]).unwrap(), ["child", "log"]);
        assert_eq!(reached(&FAMILY, &["log"]).unwrap(), [""; 0]);
    }

    #[test]
    fn who_changes_a_view_means_its_tables_but_not_what_hangs_on_them() {
        assert_eq!(reached(&FAMILY, &["parents"]).unwrap(), ["child", "grandchild", "log"]);
    }

    #[test]
    fn a_routine_reaches_what_it_has_name() {
        let schema =
            [FAMILY[3], FAMILY[4], ("routine", "tidy", "BEGIN DELETE FROM `log_old`; END")];
        assert_eq!(reached(&schema, &["tidy"]).unwrap(), ["log_old"]);
        assert_eq!(reached(&schema, &["log"]).unwrap(), [""; 0]);
    }

    #[test]
    fn where_nothing_cascades_and_nothing_is_triggered_nothing_is_exposed() {
        assert_eq!(reached(&FAMILY[..6], &["parent"]), None);
    }

    #[test]
    fn the_ledger_is_nobodys_table() {
        let ledger = "__migrate_history";
        let schema = [("table", ledger, ""), ("table", "t", ""), ("trigger", "t", ledger)];
        assert_eq!(reached(&schema, &["t"]).unwrap(), [""; 0]);
    }
}
