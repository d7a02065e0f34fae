//! The pages in `docs`.

use std::fs;
use std::path::{Path, PathBuf};

use migrate_tests::server::{Mariadb, Postgres};

use crate::reader::{Block, Reader, blocks};

/// What a reader of a page has: a crate with two migrations, of which none is applied; and what the
/// script of the page's name in `tests/fixtures/pages` makes of that.
const FILES: [(&str, &str); 6] = [
    (
        "Cargo.toml",
        "[package]\nname = \"guestbook\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
         [package.metadata.migrate]\ndialect = \"sqlite\"\n\n[workspace]\n",
    ),
    ("src/main.rs", "fn main() {}\n"),
    (
        "migrations/2026-01-05-090000_create_guests/up.sql",
        "CREATE TABLE guests (id INTEGER PRIMARY KEY, name VARCHAR(100) NOT NULL);\n",
    ),
    ("migrations/2026-01-05-090000_create_guests/down.sql", "DROP TABLE guests;\n"),
    (
        "migrations/2026-01-06-090000_add_joined_to_guests/up.sql",
        "ALTER TABLE guests ADD COLUMN joined DATE;\n",
    ),
    (
        "migrations/2026-01-06-090000_add_joined_to_guests/down.sql",
        "ALTER TABLE guests DROP COLUMN joined;\n",
    ),
];

fn reader() -> Reader {
    let reader = Reader::new();
    for (path, text) in FILES {
        write(&reader, path, text);
    }
    write(&reader, ".env", "DATABASE_URL=guestbook.db\n");
    reader
}

fn write(reader: &Reader, path: &str, text: &str) {
    let path = reader.here.join(path);
    fs::create_dir_all(path.parent().expect("a directory")).expect("directories");
    fs::write(path, text).expect("a file");
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn pages() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let entries =
        fs::read_dir(directory).expect("the pages").map(|entry| entry.expect("an entry").path());
    let mut pages: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect();
    pages.sort();
    pages
}

/// The commands of a page, one after the other; `sh postgres` and `sh mysql` are for a reader with an
/// empty database there, and the same files.
#[test]
fn every_page_can_be_followed() {
    for page in pages() {
        let text = fs::read_to_string(&page).expect("a page");
        let (postgres, mysql) = (Postgres::shared().database(), Mariadb::shared().database());
        let mut readers =
            [("", None), ("postgres", Some(postgres.url())), ("mysql", Some(mysql.url()))].map(
                |(dialect, url)| {
                    let mut reader = reader();
                    if let Some(url) = url {
                        let manifest = FILES[0].1.replace("sqlite", dialect);
                        write(&reader, "Cargo.toml", &manifest);
                        reader.uses(url);
                    }
                    (dialect, reader)
                },
            );
        let given = fixtures().join("pages").join(page.file_stem().expect("a name"));
        if let Ok(text) = fs::read_to_string(given.with_extension("sh")) {
            readers[0].1.runs(&Block { info: "sh".to_owned(), text });
        }
        let mut last = 0;
        for block in blocks(&text) {
            follow(&mut readers, &mut last, &block, &page);
        }
    }
}

/// What is only shown.
const SHOWN: [&str; 7] = ["dockerfile", "js", "json", "rust", "sql", "toml", "yaml"];

fn follow(readers: &mut [(&str, Reader)], last: &mut usize, block: &Block, page: &Path) {
    let mut words = block.info.split(' ');
    match words.next().unwrap_or_default() {
        "sh" => {
            let dialect = words.next().filter(|word| *word != "fails").unwrap_or_default();
            let meant = readers.iter().position(|(name, _)| *name == dialect);
            assert!(meant.is_some(), "{}: nobody reads `{}`", page.display(), block.info);
            *last = meant.unwrap_or_default();
            readers[*last].1.runs(block);
        }
        "text" => readers[*last].1.compares(block),
        kind => assert!(SHOWN.contains(&kind), "{}: what is `{kind}`?", page.display()),
    }
}

#[test]
fn every_page_is_found_from_another() {
    let mut texts = vec![crate::README.to_owned()];
    let pages = pages();
    texts.extend(pages.iter().map(|page| fs::read_to_string(page).expect("a page")));
    for page in &pages {
        let name = page.file_name().unwrap().to_string_lossy().into_owned();
        let links = [format!("({name}"), format!("(docs/{name}")];
        let is_linked = texts.iter().any(|text| links.iter().any(|link| text.contains(link)));
        assert!(is_linked, "nothing links to {name}");
    }
    for (page, text) in pages.iter().zip(&texts[1..]) {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let is_there = link.is_empty()
                || link.contains("://")
                || page.parent().expect("docs").join(link).exists();
            assert!(is_there, "{}: {link}", page.display());
        }
    }
}
