//! What was found out about a script, kept by its content: build scripts run unoptimised, and most
//! files do not change between two builds.
//!
//! One line a script. A line that cannot be read is forgotten, and so is a whole file of another
//! version: the worst that a lost cache costs is time.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::check::Role;
use crate::checksum::Checksum;
use crate::dialect::Dialect;
use crate::facts::{Allow, Facts, ForeignKeys, Unit};
use crate::layout::Settings;
use crate::server::{Server, ServerVersion};
use crate::source::Span;
use crate::sql::{Mode, Object, Trace};

/// Changes with everything that a verdict depends on but the text: the code.
const HEADER: &str = concat!("cargo-migrate facts ", env!("CARGO_PKG_VERSION"), " 10");

/// What the line begins with that names a set in which all is sound.
const SOUND: &str = "sound ";

/// Facts by content.
#[derive(Debug, Default)]
pub struct Cache {
    known: HashMap<Key, Facts>,
    used: HashMap<Key, Facts>,
    changed: bool,
    /// Somebody wants it kept.
    is_kept: bool,
    sound: Option<Sound>,
}

/// The first migrations of a set, of which all ways back were found to be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sound {
    /// How many.
    pub(crate) count: usize,
    /// What they are.
    pub(crate) digest: Checksum,
    /// The catalog behind them, where it could be kept.
    pub(crate) catalog: Option<Vec<u8>>,
}

/// What facts depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) checksum: Checksum,
    pub(crate) server: Server,
    pub(crate) role: Role,
    pub(crate) settings: Settings,
}

impl Cache {
    /// A cache from its text, and what [`Cache::catalog`] gave with it.
    #[must_use]
    pub fn from_text(text: &str, catalog: &[u8]) -> Self {
        let is_kept = true;
        let mut lines = text.lines();
        if lines.next() != Some(HEADER) {
            return Self { is_kept, ..Self::default() };
        }
        let mut lines = lines.peekable();
        let sound = lines.next_if(|line| line.starts_with(SOUND));
        let sound = sound.and_then(|line| read_sound(line, catalog));
        let known = lines.filter_map(read_line).collect();
        Self { known, is_kept, sound, ..Self::default() }
    }

    /// The text of what was used since it was made, or nothing when that is what it was made from.
    #[must_use]
    pub fn to_text(&self) -> Option<String> {
        if !self.changed && self.used.len() == self.known.len() {
            return None;
        }
        let mut text = format!("{HEADER}\n");
        if let Some(sound) = &self.sound {
            let _ = writeln!(text, "{SOUND}{}\t{}", sound.count, sound.digest);
        }
        for (key, facts) in &self.used {
            write_line(&mut text, key, facts);
        }
        Some(text)
    }

    /// The schema that goes with the text: to be kept in a file of its own.
    #[must_use]
    pub fn catalog(&self) -> Vec<u8> {
        let sound = self.sound.as_ref();
        let parts = sound.and_then(|sound| Some([&sound.digest.0, sound.catalog.as_deref()?]));
        parts.map(|parts| parts.concat()).unwrap_or_default()
    }

    /// Whether it is worth the while to remember something.
    pub(crate) fn is_kept(&self) -> bool {
        self.is_kept
    }

    /// What was found to be sound the last time.
    pub(crate) fn sound(&self) -> Option<&Sound> {
        self.sound.as_ref()
    }

    /// Remembers what is sound now.
    pub(crate) fn remember_sound(&mut self, sound: Option<Sound>) {
        self.changed |= self.sound != sound;
        self.sound = sound;
    }

    pub(crate) fn get(&mut self, key: &Key) -> Option<Facts> {
        let facts = self.known.get(key)?.clone();
        self.used.insert(*key, facts.clone());
        Some(facts)
    }

    pub(crate) fn put(&mut self, key: Key, facts: Facts) {
        let mut texts =
            facts.guard.iter().flatten().chain(&facts.irreversible).chain(&facts.assumed);
        if texts.any(|text| text.contains(['\t', '\n', '\u{1f}'])) {
            return;
        }
        self.changed = true;
        self.used.insert(key, facts);
    }
}

fn write_line(text: &mut String, key: &Key, facts: &Facts) {
    let role = if key.role == Role::Up { 'u' } else { 'd' };
    let transaction = if key.settings.run_in_transaction { 't' } else { 'n' };
    let _ = write!(
        text,
        "{}\t{}\t{}\t{role}{transaction}{}\t{:x}\t",
        key.checksum,
        key.server.dialect,
        key.server.version.map(|version| version.to_string()).unwrap_or_default(),
        facts.foreign_keys.letter(),
        facts.tokens
    );
    for unit in &facts.statements {
        let _ = write!(text, "{}{}-{} ", unit.mode.letter(), unit.span.start, unit.span.end);
    }
    text.push('\t');
    for (statement, trace) in &facts.traces {
        let sign = if trace.exists { '+' } else { '-' };
        let _ = write!(text, "{}{sign}{statement}", trace.object.letter());
        for span in std::iter::once(trace.name).chain(trace.table) {
            let _ = write!(text, ":{}-{}", span.start, span.end);
        }
        text.push(' ');
    }
    text.push('\t');
    if let Some(names) = &facts.guard {
        text.push('!');
        text.push_str(&names.join("\u{1f}"));
    }
    text.push('\t');
    text.push_str(facts.irreversible.as_deref().unwrap_or_default());
    text.push('\t');
    text.push_str(facts.assumed.as_deref().unwrap_or_default());
    text.push('\t');
    for allow in &facts.allows {
        let _ = write!(text, "{}:{}-{}", allow.rule, allow.directive.start, allow.directive.end);
        if let Some(scope) = allow.scope {
            let _ = write!(text, ":{}-{}", scope.start, scope.end);
        }
        text.push(' ');
    }
    text.push('\n');
}

fn read_line(line: &str) -> Option<(Key, Facts)> {
    let mut fields = line.split('\t');
    let checksum = Checksum::from_text(fields.next()?)?;
    let dialect: Dialect = fields.next()?.parse().ok()?;
    let version = read_version(fields.next()?)?;
    let [role, transaction, foreign_keys] = letters(fields.next()?)?;
    let tokens = u64::from_str_radix(fields.next()?, 16).ok()?;
    let statements = fields.next()?.split_terminator(' ').map(read_unit).collect::<Option<_>>()?;
    let traces = fields.next()?.split_terminator(' ').map(read_trace).collect::<Option<_>>()?;
    let guard = fields.next()?;
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let irreversible = some(fields.next()?);
    let assumed = some(fields.next()?);
    let allows = fields.next()?.split_terminator(' ').map(read_allow).collect::<Option<_>>()?;
    if fields.next().is_some() {
        return None;
    }
    let settings = Settings { run_in_transaction: transaction == 't' };
    let role = if role == 'u' { Role::Up } else { Role::Down };
    let facts = Facts {
        statements,
        traces,
        tokens,
        foreign_keys: ForeignKeys::ALL.into_iter().find(|need| need.letter() == foreign_keys)?,
        guard: guard
            .strip_prefix('!')
            .map(|names| names.split('\u{1f}').map(str::to_owned).collect()),
        irreversible,
        assumed,
        allows,
    };
    let server = Server { dialect, version };
    Some((Key { checksum, server, role, settings }, facts))
}

fn letters(text: &str) -> Option<[char; 3]> {
    let mut chars = text.chars();
    let letters = [chars.next()?, chars.next()?, chars.next()?];
    chars.next().is_none().then_some(letters)
}

fn read_unit(text: &str) -> Option<Unit> {
    let mode = Mode::ALL.into_iter().find(|mode| text.starts_with(mode.letter()))?;
    Some(Unit { span: read_span(text.get(1..)?)?, mode })
}

fn read_span(text: &str) -> Option<Span> {
    let (start, end) = text.split_once('-')?;
    Some(Span::new(start.parse().ok()?, end.parse().ok()?))
}

#[expect(clippy::option_option, reason = "outer: unreadable; inner: no version is given")]
fn read_version(text: &str) -> Option<Option<ServerVersion>> {
    if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
}

fn read_trace(text: &str) -> Option<(u32, Trace)> {
    let object = Object::ALL.into_iter().find(|object| text.starts_with(object.letter()))?;
    let exists = match text.get(1..2)? {
        "+" => true,
        "-" => false,
        _ => return None,
    };
    let mut fields = text.get(2..)?.split(':');
    let statement = fields.next()?.parse().ok()?;
    let name = read_span(fields.next()?)?;
    let table = match fields.next() {
        Some(span) => Some(read_span(span)?),
        None => None,
    };
    Some((statement, Trace { object, exists, name, table }))
}

fn read_sound(line: &str, catalog: &[u8]) -> Option<Sound> {
    let (count, digest) = line.strip_prefix(SOUND)?.split_once('\t')?;
    let (count, digest) = (count.parse().ok()?, Checksum::from_text(digest)?);
    // It is in another file, which may be of another time.
    let catalog = catalog.strip_prefix(&digest.0).map(<[u8]>::to_vec);
    Some(Sound { count, digest, catalog })
}

fn read_allow(text: &str) -> Option<Allow> {
    let mut fields = text.split(':');
    let rule = crate::judge::rule(fields.next()?)?.id;
    let directive = read_span(fields.next()?)?;
    let scope = match fields.next() {
        Some(span) => Some(read_span(span)?),
        None => None,
    };
    Some(Allow { rule, directive, scope })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> (Key, Facts) {
        let key = Key {
            checksum: Checksum::of("x"),
            server: Server { dialect: Dialect::Postgres, version: "15.3".parse().ok() },
            role: Role::Down,
            settings: Settings { run_in_transaction: false },
        };
        let unit = |start, end, mode| Unit { span: Span::new(start, end), mode };
        let trace = |object, exists, table| Trace { object, exists, name: Span::new(8, 9), table };
        let facts = Facts {
            statements: vec![unit(0, 5, Mode::Begin), unit(7, 90, Mode::Once)],
            traces: vec![
                (1, trace(Object::Index, true, Some(Span::new(30, 40)))),
                (1, trace(Object::Relation, false, None)),
            ],
            tokens: 0xdead_beef,
            foreign_keys: ForeignKeys::Off,
            guard: Some(vec!["a b".to_owned(), "ü".to_owned()]),
            irreversible: Some("no \"way\"".to_owned()),
            assumed: Some("tested".to_owned()),
            allows: vec![
                Allow { rule: "irreversible", directive: Span::new(1, 2), scope: None },
                Allow {
                    rule: "unproved",
                    directive: Span::new(3, 4),
                    scope: Some(Span::new(5, 6)),
                },
            ],
        };
        (key, facts)
    }

    #[test]
    fn what_is_put_in_comes_out_of_the_text() {
        let (key, facts) = facts();
        let mut cache = Cache::default();
        cache.put(key, facts.clone());
        let text = cache.to_text().expect("it changed");
        let mut again = Cache::from_text(&text, b"");
        assert_eq!(again.get(&key), Some(facts));
        assert_eq!(again.to_text(), None, "nothing changed");
    }

    #[test]
    fn what_is_sound_is_known_with_its_catalog_or_without() {
        let catalog = Some(b"tables".to_vec());
        let sound = Sound { count: 3, digest: Checksum::of("a"), catalog };
        let mut cache = Cache::default();
        cache.remember_sound(Some(sound.clone()));
        let text = cache.to_text().expect("it changed");

        let mut again = Cache::from_text(&text, &cache.catalog());
        assert_eq!(again.sound(), Some(&sound));
        assert_eq!(again.to_text(), None, "nothing changed");
        let other = Cache::from_text(&text, b"of another time");
        assert_eq!(other.sound(), Some(&Sound { catalog: None, ..sound }));
        again.remember_sound(None);
        let text = again.to_text().expect("it changed");
        assert_eq!(Cache::from_text(&text, b"").sound(), None);
    }

    #[test]
    fn what_is_no_longer_used_is_forgotten() {
        let (key, facts) = facts();
        let mut cache = Cache::default();
        cache.put(key, facts);
        let again = Cache::from_text(&cache.to_text().expect("it changed"), b"");
        assert_eq!(again.to_text(), Some(format!("{HEADER}\n")));
    }

    #[test]
    fn what_cannot_be_read_is_forgotten() {
        let (key, facts) = facts();
        let mut cache = Cache::default();
        cache.put(key, facts);
        let text = cache.to_text().expect("it changed");
        for damaged in [
            text.replace(HEADER, "other"),
            text.replace("v1:", "v2:"),
            text.replace('-', "_"),
            text.replace("beef", "beeg"),
        ] {
            assert_eq!(Cache::from_text(&damaged, b"").get(&key), None, "{damaged}");
        }
        for end in 0..text.len() {
            if let Some(cut) = text.get(..end) {
                let _ = Cache::from_text(cut, b"");
            }
        }
    }
}
