//! `down.sql` as the ledger keeps it: its text, and a line that says how the text is split.
//!
//! With both, a migration whose files are gone is reverted statement by statement and with the
//! same protections as one whose files are there, and still nothing here reads SQL.
use std::fmt::Write as _;

use crate::error::Damaged;
use crate::migrations::{Checksum, ForeignKeys, Mode, Object, Script, Statement, Trace};

/// `down.sql` as it stands in the ledger, not decoded yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDown {
    /// The text.
    pub sql: String,
    /// How it is split, and what it needs.
    pub map: String,
}

/// A decoded [`StoredDown`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredScript {
    /// The text.
    pub sql: String,
    /// SHA-256 of the text.
    pub checksum: Checksum,
    /// The hash over its tokens.
    pub tokens: u64,
    /// Its statements.
    pub statements: Vec<Statement>,
    /// What those of them leave behind that no transaction protects.
    pub traces: Vec<Trace>,
    /// What it needs of foreign key enforcement.
    pub foreign_keys: ForeignKeys,
    /// The names that occur in it, when it may delete rows.
    pub guard: Option<Vec<String>>,
    /// Whether it runs inside a transaction.
    pub run_in_transaction: bool,
}

const VERSION: &str = "v1";

impl StoredDown {
    /// What the ledger is to keep of a script.
    #[must_use]
    pub fn encode(script: &Script<'_>, run_in_transaction: bool) -> Self {
        let mut map = String::with_capacity(128 + script.statements.len() * 16);
        map.push_str(VERSION);
        map.push_str(if run_in_transaction { ";t;" } else { ";n;" });
        map.push_str(match script.foreign_keys {
            ForeignKeys::Any => "any",
            ForeignKeys::Kept => "kept",
            ForeignKeys::Off => "off",
        });
        // Writing to a String cannot fail.
        let _ = write!(map, ";{};{:016x};", script.checksum.to_text(), script.tokens);
        match script.guard {
            None => map.push('-'),
            Some(names) => encode_names(&mut map, names),
        }
        map.push(';');
        for (at, statement) in script.statements.iter().enumerate() {
            if at > 0 {
                map.push(',');
            }
            let Statement { start, end, line, column, mode } = statement;
            let _ = write!(map, "{start}.{end}.{line}.{column}.{}", char::from(mode.letter()));
        }
        map.push(';');
        for (at, trace) in script.traces.iter().enumerate() {
            if at > 0 {
                map.push(',');
            }
            encode_trace(&mut map, trace);
        }
        Self { sql: script.sql.to_owned(), map }
    }

    /// Reads it back. The row may have been tampered with, so everything is checked.
    ///
    /// # Errors
    /// The map is not one that [`encode`](Self::encode) wrote for this text.
    pub fn decode(&self) -> Result<StoredScript, Damaged> {
        self.decode_parts().ok_or_else(|| {
            Damaged::new("__migrate_history", "down_map", "does not fit the stored `down.sql`")
        })
    }

    fn decode_parts(&self) -> Option<StoredScript> {
        let parts: Vec<&str> = self.map.split(';').collect();
        let [VERSION, transaction, foreign_keys, checksum, tokens, guard, statements, traces] =
            parts[..]
        else {
            return None;
        };
        Some(StoredScript {
            sql: self.sql.clone(),
            checksum: Checksum::from_text(checksum)?,
            tokens: u64::from_str_radix(tokens, 16).ok()?,
            statements: decode_statements(&self.sql, statements)?,
            traces: decode_traces(&self.sql, traces)?,
            foreign_keys: match foreign_keys {
                "any" => ForeignKeys::Any,
                "kept" => ForeignKeys::Kept,
                "off" => ForeignKeys::Off,
                _ => return None,
            },
            guard: decode_names(guard)?,
            run_in_transaction: match transaction {
                "t" => true,
                "n" => false,
                _ => return None,
            },
        })
    }

    /// The checksum of the stored text, read without decoding the rest.
    pub(crate) fn checksum(&self) -> Option<Checksum> {
        Checksum::from_text(self.map.split(';').nth(3)?)
    }
}

/// `+name,name`: `%`, `,`, `;` and control characters as `%xx`.
fn encode_names(map: &mut String, names: &[&str]) {
    map.push('+');
    for (at, name) in names.iter().enumerate() {
        if at > 0 {
            map.push(',');
        }
        for character in name.chars() {
            if matches!(character, '%' | ',' | ';') || character.is_ascii_control() {
                let _ = write!(map, "%{:02x}", u32::from(character));
            } else {
                map.push(character);
            }
        }
    }
}

#[expect(clippy::option_option, reason = "outer: unreadable; inner: the script has no guard")]
fn decode_names(text: &str) -> Option<Option<Vec<String>>> {
    if text == "-" {
        return Some(None);
    }
    let names = text.strip_prefix('+')?;
    if names.is_empty() {
        return Some(Some(Vec::new()));
    }
    names.split(',').map(decode_name).collect::<Option<Vec<_>>>().map(Some)
}

fn decode_name(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut name = parts.next()?.to_owned();
    for part in parts {
        let code = u8::from_str_radix(part.get(..2)?, 16).ok().filter(u8::is_ascii)?;
        name.push(char::from(code));
        name.push_str(part.get(2..)?);
    }
    Some(name)
}

fn decode_statements(sql: &str, text: &str) -> Option<Vec<Statement>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let mut behind = 0;
    text.split(',')
        .map(|part| {
            let fields: Vec<&str> = part.split('.').collect();
            let [start, end, line, column, mode] = fields[..] else { return None };
            let statement = Statement {
                start: start.parse().ok()?,
                end: end.parse().ok()?,
                line: line.parse().ok()?,
                column: column.parse().ok()?,
                mode: letter(mode).and_then(Mode::of)?,
            };
            let in_order = behind <= statement.start && statement.start < statement.end;
            // `get` refuses what lies outside the text or inside a character.
            sql.get(statement.start as usize..statement.end as usize).filter(|_| in_order)?;
            behind = statement.end;
            Some(statement)
        })
        .collect()
}

fn encode_trace(map: &mut String, trace: &Trace) {
    let Trace { statement, object, exists, name, table } = trace;
    let sign = if *exists { '+' } else { '-' };
    let object = char::from(object.letter());
    // Writing to a String cannot fail.
    let _ =
        write!(map, "{statement}.{object}.{sign}.{}.{}.{}.{}", name.0, name.1, table.0, table.1);
}

fn decode_traces(sql: &str, text: &str) -> Option<Vec<Trace>> {
    if text.is_empty() {
        return Some(Vec::new());
    }
    let trace = |part: &str| {
        let fields: Vec<&str> = part.split('.').collect();
        let [statement, object, sign, name_start, name_end, table_start, table_end] = fields[..]
        else {
            return None;
        };
        let range = |start: &str, end: &str| {
            let (start, end) = (start.parse().ok()?, end.parse().ok()?);
            sql.get(start as usize..end as usize).map(|_| (start, end))
        };
        Some(Trace {
            statement: statement.parse().ok()?,
            object: letter(object).and_then(Object::of)?,
            exists: sign == "+",
            name: range(name_start, name_end)?,
            table: range(table_start, table_end)?,
        })
    };
    text.split(',').map(trace).collect()
}

fn letter(text: &str) -> Option<u8> {
    match *text.as_bytes() {
        [letter] => Some(letter),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SQL: &str = "DROP TABLE \"ä,;%\";\nVACUUM;";

    const TRACE: Trace = Trace {
        statement: 0,
        object: Object::Relation,
        exists: false,
        name: (11, 18),
        table: (0, 0),
    };

    fn encoded(guard: Option<&[&str]>, mode: Mode, foreign_keys: ForeignKeys) -> StoredDown {
        let statements = [
            Statement { start: 0, end: 18, line: 1, column: 1, mode },
            Statement { start: 20, end: 26, line: 2, column: 1, mode: Mode::Alone },
        ];
        let script = Script {
            code: None,
            sql: SQL,
            checksum: Checksum([7; 32]),
            tokens: u64::MAX,
            statements: &statements,
            traces: &[TRACE],
            foreign_keys,
            guard,
        };
        StoredDown::encode(&script, false)
    }

    #[test]
    fn what_is_stored_comes_back_unchanged() {
        let names = ["", "a b", "ä,;%", "line\nbreak", "%25"];
        for mode in Mode::ALL {
            for foreign_keys in [ForeignKeys::Any, ForeignKeys::Kept, ForeignKeys::Off] {
                let script = encoded(Some(&names), mode, foreign_keys).decode().unwrap();
                assert_eq!(script.sql, SQL);
                assert_eq!(script.checksum, Checksum([7; 32]));
                assert_eq!(script.tokens, u64::MAX);
                assert_eq!(script.statements[0].mode, mode);
                assert_eq!(script.statements[1].line, 2);
                assert_eq!(script.traces, [TRACE]);
                assert_eq!(script.foreign_keys, foreign_keys);
                assert_eq!(script.guard.unwrap(), names);
                assert!(!script.run_in_transaction);
            }
        }
    }

    #[test]
    fn no_guard_and_an_empty_guard_stay_different() {
        let none = encoded(None, Mode::Normal, ForeignKeys::Any).decode().unwrap();
        assert_eq!(none.guard, None);
        let empty = encoded(Some(&[]), Mode::Normal, ForeignKeys::Any).decode().unwrap();
        assert_eq!(empty.guard, Some(Vec::new()));
    }

    #[test]
    fn a_tampered_map_is_an_error_and_no_panic() {
        let good = encoded(Some(&["a"]), Mode::Normal, ForeignKeys::Any);
        let hash = Checksum([7; 32]).to_text();
        let wrong = [
            String::new(),
            "v2".into(),
            good.map.replace(";n;", ";x;"),
            good.map.replace(";any;", ";some;"),
            good.map.replace(&hash, "v1:zz"),
            good.map.replace("ffffffffffffffff", "g"),
            good.map.replace("+a", "a"),
            good.map.replace("+a", "+%"),
            good.map.replace("+a", "+%zz"),
            good.map.replace("+a", "+%ff"),
            good.map.replace("+a", "+%ä"),
            good.map.replace("0.18.", "0.13."),
            good.map.replace("0.18.", "13.18."),
            good.map.replace("0.18.", "18.0."),
            good.map.replace("0.18.", "18.18."),
            good.map.replace("0.18.", "-1.18."),
            good.map.replace("20.26.", "20.99."),
            good.map.replace("20.26.", "17.26."),
            good.map.replace("20.26.", "20.4294967296."),
            good.map.replace(".n,", ".z,"),
            good.map.replace(".n,", ".n.n,"),
            good.map.replace("0.r.", "0.z."),
            good.map.replace("0.r.", "r."),
            good.map.replace(".11.18.", ".11.13."),
            good.map.replace(".11.18.", ".18.11."),
            format!("{};", good.map),
        ];
        for map in wrong {
            assert_ne!(map, good.map);
            let stored = StoredDown { sql: SQL.to_owned(), map };
            assert!(stored.decode().is_err(), "{}", stored.map);
        }
    }

    #[test]
    fn every_cut_of_a_map_is_survived() {
        let good = encoded(Some(&["ä", "b"]), Mode::Normal, ForeignKeys::Off);
        for (end, _) in good.map.char_indices() {
            let stored = StoredDown { sql: SQL.to_owned(), map: good.map[..end].to_owned() };
            // Some cuts leave a shorter but whole list of statements; none may panic.
            let _ = stored.decode();
            let _ = stored.checksum();
        }
    }
}
