//! The form in which a program carries its set: two constants, whatever the number of migrations.
//!
//! As a table of Rust values, a thousand migrations cost the compiler seconds, and the program a
//! relocation for every text. So `migrate-build` writes all texts into one and all numbers into
//! another, and they are taken apart once, when the set is first asked for.

use std::sync::{PoisonError, RwLock};

use crate::code::Code;
use crate::migrations::{
    Checksum, Down, ForeignKeys, Migration, Mode, Object, Script, Statement, Trace,
};

/// A packed set.
#[derive(Clone, Copy)]
pub struct Packed {
    text: &'static str,
    table: &'static [u8],
    code: &'static [Code],
}

/// What `embed_migrations!` calls: the number in its name is the form's, so that crates of
/// versions that do not fit together do not compile.
#[must_use]
pub const fn v2(text: &'static str, table: &'static [u8], code: &'static [Code]) -> Packed {
    Packed { text, table, code }
}

/// The sets taken apart so far. They live as long as the program, which seldom has more than one.
static UNPACKED: RwLock<Vec<(Packed, &'static [Migration<'static>])>> = RwLock::new(Vec::new());

impl Packed {
    pub(crate) fn unpack(self) -> &'static [Migration<'static>] {
        let known = UNPACKED.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, set)) = known.iter().find(|(known, _)| self.is(*known)) {
            return set;
        }
        drop(known);
        // Two threads at once both take it apart; that does no harm.
        let set = self.read().leak();
        UNPACKED.write().unwrap_or_else(PoisonError::into_inner).push((self, set));
        set
    }

    /// Whether both are one, by address: equal constants may have been merged into one, so both
    /// halves count.
    fn is(self, other: Self) -> bool {
        std::ptr::eq(self.text, other.text) && std::ptr::eq(self.table, other.table)
    }

    #[expect(clippy::panic, reason = "the form has been written by the crate of the same version")]
    fn read(self) -> Vec<Migration<'static>> {
        let mut reader = Reader { text: self.text, table: self.table, code: self.code };
        match reader.migrations() {
            Some(set) if reader.is_at_the_end() => set,
            _ => panic!("the embedded migrations cannot be read: build this program anew"),
        }
    }
}

struct Reader {
    text: &'static str,
    table: &'static [u8],
    code: &'static [Code],
}

impl Reader {
    fn is_at_the_end(&self) -> bool {
        self.text.is_empty() && self.table.is_empty() && self.code.is_empty()
    }

    fn migrations(&mut self) -> Option<Vec<Migration<'static>>> {
        (0..self.number()?).map(|_| self.migration()).collect()
    }

    fn migration(&mut self) -> Option<Migration<'static>> {
        Some(Migration {
            version: self.text()?,
            name: self.text()?,
            run_in_transaction: self.byte()? == b't',
            up: self.script()?,
            down: match self.byte()? {
                b'd' => Down::Script(self.script()?),
                _ => Down::Irreversible(self.text()?),
            },
        })
    }

    fn script(&mut self) -> Option<Script<'static>> {
        Some(Script {
            sql: self.text()?,
            code: match self.byte()? {
                b'c' => Some(self.function()?),
                _ => None,
            },
            checksum: Checksum(self.bytes()?),
            tokens: u64::from_le_bytes(self.bytes()?),
            foreign_keys: match self.byte()? {
                b'y' => ForeignKeys::Any,
                b'k' => ForeignKeys::Kept,
                b'o' => ForeignKeys::Off,
                _ => return None,
            },
            guard: match self.byte()? {
                b'-' => None,
                _ => Some(self.names()?.leak()),
            },
            statements: self.statements()?.leak(),
            traces: self.traces()?.leak(),
        })
    }

    fn names(&mut self) -> Option<Vec<&'static str>> {
        (0..self.number()?).map(|_| self.text()).collect()
    }

    fn statements(&mut self) -> Option<Vec<Statement>> {
        let count = self.number()?;
        let (mut behind, mut last_line) = (0, 1);
        let statement = |_| {
            let start = self.number()?.checked_add(behind)?;
            let end = self.number()?.checked_add(start)?;
            let line = self.number()?.checked_add(last_line)?;
            (behind, last_line) = (end, line);
            Some(Statement {
                start,
                end,
                line,
                column: self.number()?,
                mode: Mode::of(self.byte()?)?,
            })
        };
        (0..count).map(statement).collect()
    }

    fn traces(&mut self) -> Option<Vec<Trace>> {
        let count = self.number()?;
        (0..count).map(|_| self.trace()).collect()
    }

    fn trace(&mut self) -> Option<Trace> {
        Some(Trace {
            statement: self.number()?,
            object: Object::of(self.byte()?)?,
            exists: self.byte()? == b'+',
            name: self.range()?,
            table: self.range()?,
        })
    }

    fn range(&mut self) -> Option<(u32, u32)> {
        let start = self.number()?;
        Some((start, self.number()?.checked_add(start)?))
    }

    /// The next piece of the text; its length is in the table.
    fn text(&mut self) -> Option<&'static str> {
        let length = usize::try_from(self.number()?).ok()?;
        let (piece, rest) = self.text.split_at_checked(length)?;
        self.text = rest;
        Some(piece)
    }

    fn function(&mut self) -> Option<Code> {
        let (function, rest) = self.code.split_first()?;
        self.code = rest;
        Some(*function)
    }

    fn byte(&mut self) -> Option<u8> {
        self.bytes().map(|[byte]| byte)
    }

    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.table.split_first_chunk()?;
        self.table = rest;
        Some(*bytes)
    }

    /// Seven bits a byte, the low ones first; the eighth says that more come.
    fn number(&mut self) -> Option<u32> {
        let mut number = 0;
        for shift in (0..32).step_by(7) {
            let byte = self.byte()?;
            number |= u32::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `1_a`, with a guarded `up.sql` of two statements and no way back.
    const TEXT: &str = "11_aVACUUM;\n\n DELETE FROM t;tgone";

    fn table() -> Vec<u8> {
        let mut table = vec![1, 1, 3, b'n', 24, b's'];
        table.extend([7; 32]);
        table.extend(u64::MAX.to_le_bytes());
        table.extend([b'o', b'+', 1, 1]);
        table.extend([2, 0, 6, 0, 1, b'a', 4, 13, 2, 2, b'n']);
        table.extend([1, 1, b'r', b'-', 22, 1, 0, 0, b'i', 4]);
        table
    }

    #[test]
    fn what_was_packed_is_there_again() {
        let packed = v2(TEXT, table().leak(), &[]);
        let [migration] = packed.unpack() else { panic!("one migration") };
        assert_eq!((migration.version, migration.name), ("1", "1_a"));
        assert!(!migration.run_in_transaction);
        let Script { sql, code, checksum, tokens, statements, traces, foreign_keys, guard } =
            migration.up;
        assert!(code.is_none());
        assert_eq!(sql, "VACUUM;\n\n DELETE FROM t;");
        assert_eq!((checksum, tokens), (Checksum([7; 32]), u64::MAX));
        assert_eq!((foreign_keys, guard), (ForeignKeys::Off, Some(&["t"][..])));
        let second = Statement { start: 10, end: 23, line: 3, column: 2, mode: Mode::Normal };
        assert_eq!(statements[1], second);
        let trace = Trace {
            statement: 1,
            object: Object::Relation,
            exists: false,
            name: (22, 23),
            table: (0, 0),
        };
        assert_eq!(traces, [trace]);
        assert_eq!(migration.up.text(&statements[0]), "VACUUM");
        assert_eq!(migration.up.text(&second), "DELETE FROM t");
        assert!(matches!(migration.down, Down::Irreversible("gone")));
        assert!(std::ptr::eq(packed.unpack(), packed.unpack()), "taken apart once");
    }

    #[test]
    fn sets_that_differ_in_their_texts_alone_are_two() {
        let table: &'static [u8] = table().leak();
        let other: &'static str = TEXT.replace("11_a", "22_b").leak();
        assert_eq!(v2(TEXT, table, &[]).unpack()[0].name, "1_a");
        assert_eq!(v2(other, table, &[]).unpack()[0].name, "2_b");
        assert_eq!(v2(TEXT, table, &[]).unpack()[0].name, "1_a");
    }

    #[test]
    fn code_is_taken_in_the_order_of_the_scripts() {
        let mut table = table();
        table[5] = b'c';
        let [migration] = v2(TEXT, table.leak(), &[Code::Elsewhere]).unpack() else {
            panic!("one")
        };
        assert!(matches!(migration.up.code, Some(Code::Elsewhere)));
    }

    #[test]
    fn every_cut_is_noticed() {
        let table: &'static [u8] = table().leak();
        for end in 0..table.len() {
            let mut reader = Reader { text: TEXT, table: &table[..end], code: &[] };
            assert!(reader.migrations().is_none(), "{end}");
        }
    }
}
