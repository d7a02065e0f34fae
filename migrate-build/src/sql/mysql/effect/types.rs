//! The types of columns, as `information_schema.COLUMN_TYPE` of MariaDB shows them, whatever
//! synonym is written.

use super::charset::{charset, collation, is_of};
use crate::server::ServerVersion;
use crate::sql::Name;
use crate::sql::cursor::Cursor;
use crate::sql::schema::literal::{quoted, unquoted};
use crate::sql::schema::{Text, Word};
use crate::sql::token::Kind;

/// A type.
pub(super) struct Type {
    pub(super) text: Text,
    pub(super) collation: Option<Name>,
    /// `SERIAL` says more than a type.
    pub(super) is_serial: bool,
    /// It is a plugin's.
    pub(super) is_unknown: bool,
}

/// Passes a type.
pub(super) fn take_type(cursor: &mut Cursor<'_>, version: Option<ServerVersion>) -> Type {
    let word = take_word(cursor);
    let mut ty = Type {
        text: Text::default(),
        collation: None,
        is_serial: word == "serial",
        is_unknown: false,
    };
    let national = matches!(word.as_str(), "national" | "nchar" | "nvarchar");
    let mut base = canonical(&word, cursor);
    ty.is_unknown = base == "?";
    let arguments = take_arguments(cursor);
    let bytes = attributes(cursor, &mut ty, version);
    if national {
        ty.collation = Some(charset("utf8", version));
    }
    if bytes {
        base = match base {
            "char" => "binary",
            "varchar" => "varbinary",
            "tinytext" => "tinyblob",
            "text" => "blob",
            "mediumtext" => "mediumblob",
            "longtext" => "longblob",
            other => other,
        };
    }
    let numbers: Vec<usize> = arguments.iter().map_while(|text| text.parse().ok()).collect();
    let unsigned = ty.is_serial || ty.text.mentions(&Name::new("unsigned"));
    let (base, arguments) = sized(base, arguments, &numbers, unsigned);
    let mut words = vec![Word::Name(Name::new(base))];
    if !arguments.is_empty() {
        words.push(Word::Other("(".to_owned()));
        for (n, argument) in arguments.into_iter().enumerate() {
            if n > 0 {
                words.push(Word::Other(",".to_owned()));
            }
            words.push(Word::Other(argument));
        }
        words.push(Word::Other(")".to_owned()));
    }
    if ty.is_serial {
        words.push(Word::Name(Name::new("unsigned")));
    }
    words.extend(ty.text.words().iter().cloned());
    ty.text = Text::new(words);
    ty
}

fn take_word(cursor: &mut Cursor<'_>) -> String {
    let word = cursor.written(cursor.at()).to_ascii_lowercase();
    cursor.skip();
    word
}

/// The first name of a type; passes the further words of a longer one.
fn canonical(word: &str, cursor: &mut Cursor<'_>) -> &'static str {
    match word {
        "tinyint" | "int1" | "bool" | "boolean" => {
            if word.starts_with('b') {
                "boolean"
            } else {
                "tinyint"
            }
        }
        "smallint" | "int2" => "smallint",
        "mediumint" | "middleint" | "int3" => "mediumint",
        "int" | "integer" | "int4" => "int",
        "bigint" | "int8" | "serial" => "bigint",
        "real" | "double" | "float8" => {
            cursor.eat(&["precision"]);
            "double"
        }
        "float" | "float4" => "float",
        "decimal" | "dec" | "numeric" | "fixed" => "decimal",
        "national" => {
            cursor.skip();
            let before = cursor.at() - 1;
            let varies = cursor.eat(&["varying"])
                || cursor.is(before, "varchar")
                || cursor.is(before, "varcharacter");
            if varies { "varchar" } else { "char" }
        }
        "char" | "character" | "nchar" => {
            let varies = cursor.eat(&["varying"])
                || word == "nchar" && (cursor.eat(&["varchar"]) || cursor.eat(&["varcharacter"]));
            if varies { "varchar" } else { "char" }
        }
        "varchar" | "varcharacter" | "nvarchar" => "varchar",
        "long" => {
            if cursor.eat(&["varbinary"]) {
                return "mediumblob";
            }
            if !(cursor.eat(&["varchar"]) || cursor.eat(&["varcharacter"])) {
                let _ = cursor.eat(&["char", "varying"]) || cursor.eat(&["character", "varying"]);
            }
            "mediumtext"
        }
        other => ALSO.iter().find(|name| **name == other).copied().unwrap_or("?"),
    }
}

/// Types with one name each.
const ALSO: [&str; 35] = [
    "bit",
    "binary",
    "varbinary",
    "year",
    "date",
    "time",
    "timestamp",
    "datetime",
    "tinyblob",
    "blob",
    "mediumblob",
    "longblob",
    "tinytext",
    "text",
    "mediumtext",
    "longtext",
    "enum",
    "set",
    "json",
    "uuid",
    "inet4",
    "inet6",
    "vector",
    "geometrycollection",
    "geometry",
    "linestring",
    "multilinestring",
    "multipoint",
    "multipolygon",
    "point",
    "polygon",
    "xmltype",
    "geomcollection",
    "clob",
    "number",
];

fn take_arguments(cursor: &mut Cursor<'_>) -> Vec<String> {
    if !cursor.is_next("(") {
        return Vec::new();
    }
    let group = cursor.take_group();
    let one = |range: std::ops::Range<usize>| match cursor.kind(range.start) {
        Some(Kind::String) => quoted(unquoted(cursor.written(range.start)).trim_end_matches(' ')),
        _ => cursor.written(range.start).to_ascii_lowercase(),
    };
    cursor.list(group).into_iter().map(one).collect()
}

/// Passes what belongs to a type behind its name. Says whether it is one of bytes.
fn attributes(cursor: &mut Cursor<'_>, ty: &mut Type, version: Option<ServerVersion>) -> bool {
    let mut bytes = false;
    let mut words = Vec::new();
    loop {
        if cursor.eat(&["unsigned"]) {
            words.push("unsigned");
        } else if cursor.eat(&["zerofill"]) {
            words.extend(["unsigned", "zerofill"]);
        } else if cursor.eat(&["charset"])
            || cursor.eat(&["character", "set"])
            || cursor.eat(&["char", "set"])
        {
            let name = unquoted_name(&take_word(cursor));
            bytes |= name == "binary";
            ty.collation = Some(charset(&name, version));
        } else if cursor.eat(&["ascii"]) {
            ty.collation = Some(charset("latin1", version));
        } else if cursor.eat(&["unicode"]) {
            ty.collation = Some(charset("ucs2", version));
        } else if cursor.eat(&["byte"]) {
            bytes = true;
        } else if cursor.eat(&["binary"]) {
            ty.collation = Some(Name::folded(BINARY));
        } else if cursor.is_next("collate") && !cursor.is(cursor.at() + 1, "default") {
            cursor.skip();
            let collated = collation(&unquoted_name(&take_word(cursor)));
            ty.is_unknown |= ty.collation.as_ref().is_some_and(|set| !is_of(&collated, set));
            ty.collation = Some(collated);
        } else if cursor.eat(&["collate", "default"]) {
            // That of the character set, whatever the table's collation is.
            ty.is_unknown = true;
        } else if !cursor.eat(&["signed"]) {
            break;
        }
    }
    words.sort_unstable();
    words.dedup();
    ty.text = Text::new(words.into_iter().map(|word| Word::Name(Name::new(word))));
    if bytes {
        ty.collation = None;
    }
    bytes
}

/// The binary collation of the character set of the table.
pub(super) const BINARY: &str = "_bin";

fn unquoted_name(written: &str) -> String {
    if written.starts_with(['\'', '"']) {
        unquoted(written)
    } else {
        super::super::lex::unquote(written)
    }
}

/// What a type's name and arguments come to.
fn sized(
    base: &'static str,
    arguments: Vec<String>,
    numbers: &[usize],
    unsigned: bool,
) -> (&'static str, Vec<String>) {
    let width = |signed: usize, without: usize| match numbers {
        [] => vec![(if unsigned { without } else { signed }).to_string()],
        _ => arguments.clone(),
    };
    match base {
        "tinyint" => ("tinyint", width(4, 3)),
        "boolean" => ("tinyint", vec!["1".to_owned()]),
        "smallint" => ("smallint", width(6, 5)),
        "mediumint" => ("mediumint", width(9, 8)),
        "int" => ("int", width(11, 10)),
        "bigint" => ("bigint", width(20, 20)),
        "float" => match numbers {
            [digits] => (if *digits > 24 { "double" } else { "float" }, Vec::new()),
            _ => ("float", arguments),
        },
        "decimal" => match numbers {
            [] => ("decimal", vec!["10".to_owned(), "0".to_owned()]),
            [digits] => ("decimal", vec![digits.to_string(), "0".to_owned()]),
            _ => ("decimal", arguments),
        },
        "bit" if *numbers == [0] => ("bit", vec!["1".to_owned()]),
        "bit" | "char" | "binary" => (base, width(1, 1)),
        "year" => ("year", vec!["4".to_owned()]),
        "time" | "timestamp" | "datetime" if *numbers == [0] => (base, Vec::new()),
        "blob" if !numbers.is_empty() => (by_size(numbers[0], BLOBS), Vec::new()),
        // Four bytes for each character, as `utf8mb4` has.
        "text" if !numbers.is_empty() => (by_size(numbers[0].saturating_mul(4), TEXTS), Vec::new()),
        _ => (base, arguments),
    }
}

const BLOBS: [&str; 4] = ["tinyblob", "blob", "mediumblob", "longblob"];
const TEXTS: [&str; 4] = ["tinytext", "text", "mediumtext", "longtext"];

fn by_size(bytes: usize, names: [&'static str; 4]) -> &'static str {
    match bytes {
        0..=0xff => names[0],
        0x100..=0xffff => names[1],
        0x1_0000..=0xff_ffff => names[2],
        _ => names[3],
    }
}
