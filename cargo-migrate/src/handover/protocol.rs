//! Reading what `migrate_runtime::cli::wire` writes.

use std::str::{FromStr, Split};
use std::time::Duration;

use migrate_runtime::cli::wire::{Failed, Kind, MARK, Refused, unescape};
use migrate_runtime::{Direction, Done, Named, Outcome};

/// A line that is not as it should be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

/// The first line.
pub(super) struct Greeting {
    pub(super) protocol: u32,
    pub(super) fingerprint: u64,
}

/// What stands before the mark in a line, and what behind; `None` when the line is not for us.
pub(super) fn marked(line: &[u8]) -> Option<(&[u8], String)> {
    let mark = MARK.as_bytes();
    let at = line.windows(mark.len()).position(|part| part == mark)?;
    let said = String::from_utf8_lossy(&line[at + mark.len()..]);
    Some((&line[..at], said.trim_end_matches('\n').to_owned()))
}

/// The fields of a line, read one after the other; the first is its word.
pub(super) struct Fields<'l>(Split<'l, char>);

impl<'l> Fields<'l> {
    pub(super) fn of(line: &'l str) -> Self {
        Self(line.split('\t'))
    }

    pub(super) fn text(&mut self) -> Result<String, Unreadable> {
        self.0.next().map(unescape).ok_or(Unreadable)
    }

    pub(super) fn number<N: FromStr>(&mut self) -> Result<N, Unreadable> {
        self.text()?.parse().map_err(|_| Unreadable)
    }

    pub(super) fn duration(&mut self) -> Result<Duration, Unreadable> {
        self.number().map(Duration::from_micros)
    }

    pub(super) fn optional(&mut self) -> Result<Option<String>, Unreadable> {
        let text = self.text()?;
        match text.strip_prefix('=') {
            Some(text) => Ok(Some(text.to_owned())),
            None if text.is_empty() => Ok(None),
            None => Err(Unreadable),
        }
    }

    pub(super) fn optional_number<N: FromStr>(&mut self) -> Result<Option<N>, Unreadable> {
        self.optional()?.map(|text| text.parse().map_err(|_| Unreadable)).transpose()
    }

    pub(super) fn direction(&mut self) -> Result<Direction, Unreadable> {
        let word = self.text()?;
        [Direction::Up, Direction::Down].into_iter().find(|d| d.as_str() == word).ok_or(Unreadable)
    }

    fn all<T>(
        &mut self,
        read: impl Fn(&mut Self) -> Result<T, Unreadable>,
    ) -> Result<Vec<T>, Unreadable> {
        let count: usize = self.number()?;
        (0..count).map(|_| read(self)).collect()
    }

    fn at_most_one<T>(
        &mut self,
        read: impl Fn(&mut Self) -> Result<T, Unreadable>,
    ) -> Result<Option<T>, Unreadable> {
        Ok(self.all(read)?.pop())
    }

    fn named(&mut self) -> Result<Named, Unreadable> {
        Ok(Named { version: self.text()?, name: self.text()? })
    }

    fn done(&mut self) -> Result<Done, Unreadable> {
        Ok(Done { migration: self.named()?, took: self.duration()? })
    }

    pub(super) fn greeting(&mut self) -> Result<Greeting, Unreadable> {
        if self.text()? != "hello" {
            return Err(Unreadable);
        }
        let protocol = self.number()?;
        // Of another protocol no more is known.
        let fingerprint = self.number().unwrap_or_default();
        Ok(Greeting { protocol, fingerprint })
    }

    pub(super) fn outcome(&mut self) -> Result<Outcome, Unreadable> {
        Ok(Outcome {
            applied: self.all(Self::done)?,
            reverted: self.all(Self::done)?,
            failed: self.at_most_one(Self::named)?,
            left: self.all(Self::named)?,
            batch: self.optional_number()?,
        })
    }

    pub(super) fn failed(&mut self) -> Result<Failed, Unreadable> {
        Ok(Failed {
            kind: Kind::from_word(&self.text()?).ok_or(Unreadable)?,
            message: self.text()?,
            refused: self.at_most_one(Self::refused)?.map(Box::new),
            outcome: self.at_most_one(Self::outcome)?.map(Box::new),
        })
    }

    fn refused(&mut self) -> Result<Refused, Unreadable> {
        Ok(Refused {
            version: self.text()?,
            direction: self.direction()?,
            statement: self.number()?,
            message: self.text()?,
        })
    }
}
