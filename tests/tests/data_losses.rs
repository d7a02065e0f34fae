//! What data scripts lose: rows and values that were there, and that nothing brings back.

use migrate_build::Dialect;
use migrate_tests::migration_set::Set;

const BASE: &str = "CREATE TABLE users (id INTEGER PRIMARY KEY, name VARCHAR(20), age INTEGER);
    CREATE TABLE posts (id INTEGER PRIMARY KEY, title VARCHAR(20));";

/// What the second of two migrations loses going up, and going down.
fn losses(dialect: Dialect, up: &str, down: &str) -> (Vec<String>, Vec<String>) {
    let set = Set::new()
        .file("1_base/up.sql", BASE)
        .file("1_base/down.sql", "DROP TABLE posts; DROP TABLE users;")
        .file("2_tried/up.sql", up)
        .file("2_tried/down.sql", down);
    let report = set.report_for(dialect);
    let losses = report.migrations[1].losses.clone().expect("nothing is known from before");
    (losses.up, losses.down)
}

fn up(dialect: Dialect, script: &str) -> Vec<String> {
    losses(dialect, script, "SELECT 1").0
}

const ALL: [Dialect; 3] = [Dialect::Sqlite, Dialect::Postgres, Dialect::Mysql];

#[test]
fn what_is_dropped_is_lost() {
    for dialect in ALL {
        assert_eq!(up(dialect, "DROP TABLE posts"), ["the rows of `posts`"]);
        assert_eq!(up(dialect, "ALTER TABLE users DROP COLUMN age"), ["the values of `users.age`"]);
        assert_eq!(up(dialect, "DELETE FROM posts WHERE id = 3"), ["rows of `posts`"]);
        assert_eq!(up(dialect, "UPDATE users SET age = 3"), ["values of `users.age`"]);
    }
}

#[test]
fn what_was_not_there_before_is_not_lost() {
    for dialect in ALL {
        for script in [
            "CREATE TABLE t (x INTEGER)",
            "CREATE TABLE t (x INTEGER); INSERT INTO t VALUES (1); DELETE FROM t; DROP TABLE t",
            "ALTER TABLE users ADD COLUMN email VARCHAR(9); UPDATE users SET email = name",
            "ALTER TABLE users ADD COLUMN email VARCHAR(9); ALTER TABLE users DROP COLUMN email",
            "ALTER TABLE users RENAME COLUMN name TO called",
            "ALTER TABLE users RENAME TO people",
            "CREATE INDEX ages ON users (age)",
        ] {
            assert!(
                up(dialect, script).is_empty(),
                "{dialect}: {script}: {:?}",
                up(dialect, script)
            );
        }
    }
}

#[test]
fn names_are_followed() {
    for dialect in ALL {
        let script = "ALTER TABLE users RENAME TO people; DROP TABLE people";
        assert_eq!(up(dialect, script), ["the rows of `people`"]);
        let script = "CREATE TABLE t (x INTEGER); ALTER TABLE t RENAME TO u; DROP TABLE u";
        assert!(up(dialect, script).is_empty());
        let script =
            "ALTER TABLE users RENAME COLUMN age TO years; ALTER TABLE users DROP COLUMN years";
        assert_eq!(up(dialect, script), ["the values of `users.years`"]);
    }
}

#[test]
fn a_table_that_is_rebuilt_loses_the_columns_that_it_has_no_more() {
    let rebuild = |columns: &str, names: &str| {
        format!(
            "CREATE TABLE new_users ({columns});
             INSERT INTO new_users ({names}) SELECT {names} FROM users;
             DROP TABLE users;
             ALTER TABLE new_users RENAME TO users"
        )
    };
    for dialect in ALL {
        let all = rebuild(
            "id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL, age INTEGER",
            "id, name, age",
        );
        assert!(up(dialect, &all).is_empty(), "{:?}", up(dialect, &all));
        let fewer = rebuild("id INTEGER PRIMARY KEY, name VARCHAR(20)", "id, name");
        assert_eq!(up(dialect, &fewer), ["the values of `users.age`"]);
    }
    let without_rows = "CREATE TABLE new_users (id INTEGER); DROP TABLE users";
    assert_eq!(up(Dialect::Sqlite, without_rows), ["the rows of `users`"]);
}

#[test]
fn a_type_may_hold_less() {
    let to =
        |ty: &str| up(Dialect::Postgres, &format!("ALTER TABLE users ALTER COLUMN name TYPE {ty}"));
    assert!(to("TEXT").is_empty());
    assert!(to("VARCHAR(40)").is_empty());
    assert_eq!(to("VARCHAR(10)"), ["values of `users.name` that are no `character varying(10)`"]);
    let to = |ty: &str| up(Dialect::Mysql, &format!("ALTER TABLE users MODIFY COLUMN age {ty}"));
    assert!(to("BIGINT").is_empty());
    assert_eq!(to("SMALLINT"), ["values of `users.age` that are no `smallint(6)`"]);
    let more = "TRUNCATE posts; DROP TABLE posts, users";
    assert_eq!(
        up(Dialect::Postgres, more),
        ["rows of `posts`", "the rows of `posts`", "the rows of `users`"]
    );
}

#[test]
fn ways_back_lose_what_was_written_since() {
    for dialect in ALL {
        let made = "CREATE TABLE t (x INTEGER)";
        assert_eq!(
            losses(dialect, made, "DROP TABLE t"),
            (vec![], vec!["the rows of `t`".to_owned()])
        );
        let added = "ALTER TABLE users ADD COLUMN email VARCHAR(9)";
        let (up, down) = losses(dialect, added, "ALTER TABLE users DROP COLUMN email");
        assert_eq!((up, down), (vec![], vec!["the values of `users.email`".to_owned()]));
    }
}
