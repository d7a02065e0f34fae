//! Passwords in migrations: whatever is wrong with them, nobody reads them in a message.

use std::path::Path;

use migrate_build::layout::Directory;
use migrate_build::render::{Human, json_message, short};
use migrate_build::{Cache, Diagnostic, Dialect, Levels, Server, verify_directory};
use migrate_tests::migration_set::Set;
use snapbox::{assert_data_eq, str};

use crate::report_for;

const CANARY: &str = "canary-9b2e";

/// A finding in every form in which it is shown.
fn forms(finding: &Diagnostic) -> [String; 3] {
    [Human::new(false).render(finding), short(finding), json_message(finding).to_string()]
}

fn assert_hidden(text: &str, finding: &Diagnostic) {
    for form in forms(finding) {
        assert!(!form.contains(CANARY), "{text}\n{form}");
    }
}

/// `*` is the canary.
const POSTGRES: &[&str] = &[
    "CREATE ROLE app LOGIN PASSWORD '*'",
    "ALTER USER app WITH ENCRYPTED PASSWORD E'*' VALID UNTIL '2030-01-01'",
    "CREATE USER MAPPING FOR app SERVER s OPTIONS (user 'app', password '*')",
    "CREATE SUBSCRIPTION s CONNECTION 'host=h password=*' PUBLICATION p WITH (create_slot = false)",
    "DO $$ BEGIN\n  CREATE ROLE app PASSWORD '*';\nEND $$",
    "SELECT dblink_connect('postgres://app:*@db/app')",
];

const MYSQL: &[&str] = &[
    "CREATE USER app IDENTIFIED BY '*'",
    "ALTER USER 'app'@'%' IDENTIFIED BY '*'",
    "SET PASSWORD FOR 'app'@'%' = '*'",
    "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (USER 'app', PASSWORD '*')",
];

fn statements() -> impl Iterator<Item = (Dialect, String)> {
    let of = |dialect, texts: &'static [&str]| {
        texts.iter().map(move |text| (dialect, text.replace('*', CANARY)))
    };
    of(Dialect::Postgres, POSTGRES).chain(of(Dialect::Mysql, MYSQL))
}

#[test]
fn a_statement_that_the_database_refuses_is_shown_without_them() {
    for (dialect, text) in statements() {
        let report = report_for(dialect, &format!("{text};\n"));
        assert!(report.findings.iter().all(|found| !found.rule.id.contains("syntax")), "{text}");
        report.findings.iter().for_each(|finding| assert_hidden(&text, finding));
        let refused = format!("near \"{CANARY}\": permission denied");
        let finding = report.failed_statement("1", true, 0, &refused).expect("it is there");
        assert_hidden(&text, &finding);
    }
}

#[test]
fn mistakes_around_them_are_shown_without_them() {
    for (dialect, text) in statements() {
        for words in 1..=text.split(' ').count() {
            let cut: Vec<&str> = text.split(' ').take(words).collect();
            let swapped: Vec<&str> =
                text.split(' ').skip(1).chain(text.split(' ').take(1)).collect();
            let doubled = text.replacen(' ', " x y ", words).replacen(" x y ", " ", words - 1);
            for broken in [cut.join(" "), swapped.join(" "), doubled, text.replace('\'', "")] {
                let report = report_for(dialect, &broken);
                report.findings.iter().for_each(|finding| assert_hidden(&broken, finding));
            }
        }
    }
}

#[test]
fn the_excerpt_keeps_its_places() {
    let report = report_for(Dialect::Postgres, "CREATE ROLE app PASSWORD 'canary-9b2e' LOGN;\n");
    assert_data_eq!(
        Human::new(false).render(&report.findings[0]) + "\n",
        str![[r#"
error[syntax]: syntax error near `LOGN`
 --> migrations/1_a/up.sql:1:40
  |
1 | CREATE ROLE app PASSWORD ************* LOGN;
  |                                        ^^^^ PostgreSQL does not expect this here
  |
  = note: `cargo migrate explain syntax` says more

"#]]
    );
}

#[test]
fn what_is_known_from_the_last_time_is_shown_without_them() {
    for (dialect, text) in statements() {
        let set = Set::new()
            .file("1_a/up.sql", format!("{text};\n"))
            .file("1_a/down.sql", "DROP TABLE nosuch;\n");
        let mut cache = Cache::from_text("", b"");
        let verify = |cache: &mut Cache| {
            let directory =
                Directory::load(&set.path(), Path::new("migrations")).expect("it is there");
            let server = Server::any(dialect);
            verify_directory(directory, server, &Levels::default(), cache)
                .expect("it is compiled in")
        };
        verify(&mut cache);
        let mut again = Cache::from_text(&cache.to_text().expect("it is new"), &cache.catalog());
        for finding in &verify(&mut again).findings {
            assert_hidden(&text, finding);
        }
    }
}
