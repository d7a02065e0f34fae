//! What is typed.
use std::slice::Iter;
use std::str::FromStr;
use std::time::Duration;

use crate::plan::{Goal, Redo, Target, Undo};
use crate::runner::LOCK_TIMEOUT;

/// What the program is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Asked<'a> {
    Help,
    Version,
    Status,
    Run(Job<'a>),
    /// By `cargo migrate`, which says the rest on standard input.
    Handover(Job<'a>),
}

/// What to do, and how.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Job<'a> {
    pub(super) goal: Goal<'a>,
    pub(super) allow_out_of_order: bool,
    pub(super) all_or_nothing: bool,
    pub(super) lock_timeout: Duration,
    /// Whether to ask for a backup first.
    pub(super) backup: bool,
    /// The database to enter behind the login: its name cannot stand in the URL.
    pub(super) enter: Option<&'a str>,
    /// Whether the connection has to be encrypted.
    pub(super) encrypted: bool,
}

impl<'a> Asked<'a> {
    /// Reads the words behind the program's name.
    pub(super) fn parse(words: &'a [String]) -> Result<Self, String> {
        let mut words = words.iter();
        let before = words.clone();
        match words.next().map(String::as_str) {
            Some("-h" | "--help" | "help") => alone(Self::Help, words),
            Some("-V" | "--version") => alone(Self::Version, words),
            Some("status") => alone(Self::Status, words),
            Some("handover") => {
                let goal = match words.next().map(String::as_str) {
                    Some("run") => Goal::Run(Target::All),
                    Some("revert") => Goal::Revert(Undo::Count(1)),
                    Some("redo") => Goal::Redo(Redo::Count(1)),
                    _ => return Err("`handover` is for `cargo migrate`".to_owned()),
                };
                Job::of(goal).read(words, true).map(Self::Handover)
            }
            Some("run") if asks_for_help(&words) => Ok(Self::Help),
            Some("run") => Job::of(Goal::Run(Target::All)).read(words, false).map(Self::Run),
            Some(word) if !word.starts_with('-') => Err(format!("there is no command `{word}`")),
            _ => Job::of(Goal::Run(Target::All)).read(before, false).map(Self::Run),
        }
    }
}

fn asks_for_help(words: &Iter<'_, String>) -> bool {
    words.clone().any(|word| matches!(word.as_str(), "-h" | "--help"))
}

fn alone<'a>(asked: Asked<'a>, mut rest: Iter<'a, String>) -> Result<Asked<'a>, String> {
    match rest.next() {
        None => Ok(asked),
        Some(_) if asks_for_help(&rest) => Ok(Asked::Help),
        Some(word) if matches!(word.as_str(), "-h" | "--help") => Ok(Asked::Help),
        Some(word) => Err(format!("`{word}` does not belong there")),
    }
}

impl<'a> Job<'a> {
    fn of(goal: Goal<'a>) -> Self {
        Self {
            goal,
            allow_out_of_order: false,
            all_or_nothing: false,
            lock_timeout: LOCK_TIMEOUT,
            backup: false,
            enter: None,
            encrypted: false,
        }
    }

    /// Reads the options. What one who hands over may say, nobody else may.
    fn read(mut self, mut words: Iter<'a, String>, is_handed_over: bool) -> Result<Self, String> {
        while let Some(word) = words.next() {
            let (option, inline) = match word.split_once('=') {
                Some((option, value)) if option.starts_with("--") => (option, Some(value)),
                _ => (word.as_str(), None),
            };
            let mut value = || {
                let value = inline.or_else(|| words.next().map(String::as_str));
                value.ok_or_else(|| format!("`{option}` needs a value"))
            };
            match option {
                "--to" => self.up_to(option, value()?)?,
                "-n" | "--number" => {
                    let count = number(option, value()?)?;
                    self.limit(option, count)?;
                }
                "--lock-timeout" => {
                    self.lock_timeout = Duration::from_secs(number(option, value()?)?);
                }
                "--database" if is_handed_over => self.enter = Some(value()?),
                flag if inline.is_some() || !self.flag(flag, is_handed_over) => {
                    return Err(match inline.filter(|_| self.flag(flag, is_handed_over)) {
                        Some(_) => format!("`{option}` takes no value"),
                        None => format!("there is no option `{option}`"),
                    });
                }
                _ => {}
            }
        }
        Ok(self)
    }

    /// Sets what takes no value; whether it is known.
    fn flag(&mut self, flag: &str, is_handed_over: bool) -> bool {
        match (flag, self.goal) {
            ("--allow-out-of-order", _) => self.allow_out_of_order = true,
            ("--all-or-nothing", _) => self.all_or_nothing = true,
            ("--backup", _) if is_handed_over => self.backup = true,
            ("--encrypted", _) if is_handed_over => self.encrypted = true,
            ("--batch", Goal::Revert(_)) => self.goal = Goal::Revert(Undo::Batch),
            ("--all", Goal::Revert(_)) => self.goal = Goal::Revert(Undo::All),
            ("--all", Goal::Redo(_)) => self.goal = Goal::Redo(Redo::All),
            _ => return false,
        }
        true
    }

    fn up_to(&mut self, option: &str, version: &'a str) -> Result<(), String> {
        self.goal = match self.goal {
            Goal::Run(Target::All | Target::Version(_)) => Goal::Run(Target::Version(version)),
            Goal::Run(Target::Count(_)) => return Err("give `--to` or `-n`, not both".to_owned()),
            Goal::Revert(_) => Goal::Revert(Undo::To(version)),
            Goal::Redo(_) => return Err(format!("there is no option `{option}`")),
        };
        Ok(())
    }

    fn limit(&mut self, option: &str, count: u32) -> Result<(), String> {
        self.goal = match self.goal {
            Goal::Run(Target::Version(_)) => {
                return Err(format!("give `--to` or `{option}`, not both"));
            }
            Goal::Run(_) => Goal::Run(Target::Count(count)),
            Goal::Revert(_) => Goal::Revert(Undo::Count(count)),
            Goal::Redo(_) => Goal::Redo(Redo::Count(count)),
        };
        Ok(())
    }
}

fn number<N: FromStr>(option: &str, text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("`{option}` takes a number, not `{text}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    fn job(line: &str) -> Goal<'static> {
        match Asked::parse(words(line).leak()) {
            Ok(Asked::Run(job) | Asked::Handover(job)) => job.goal,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn what_is_to_be_applied() {
        assert_eq!(job(""), Goal::Run(Target::All));
        assert_eq!(job("run"), Goal::Run(Target::All));
        assert_eq!(job("--to 2026-01-01_a"), Goal::Run(Target::Version("2026-01-01_a")));
        assert_eq!(job("run --to=2026"), Goal::Run(Target::Version("2026")));
        assert_eq!(job("run -n 3"), Goal::Run(Target::Count(3)));
        assert_eq!(job("run --number=0"), Goal::Run(Target::Count(0)));
    }

    #[test]
    fn what_cargo_migrate_hands_over() {
        assert_eq!(job("handover run -n 2"), Goal::Run(Target::Count(2)));
        assert_eq!(job("handover revert --to 2026"), Goal::Revert(Undo::To("2026")));
        assert_eq!(job("handover revert --batch"), Goal::Revert(Undo::Batch));
        assert_eq!(job("handover revert --all"), Goal::Revert(Undo::All));
        assert_eq!(job("handover redo -n 4"), Goal::Redo(Redo::Count(4)));
        assert_eq!(job("handover redo --all"), Goal::Redo(Redo::All));
        let line = "handover run --all-or-nothing --allow-out-of-order --backup --encrypted \
                    --database a/b --lock-timeout 7";
        let words = words(line);
        let Ok(Asked::Handover(job)) = Asked::parse(&words) else { panic!("it is one") };
        let Job { goal, lock_timeout, enter, .. } = job;
        assert_eq!(goal, Goal::Run(Target::All));
        assert_eq!((lock_timeout.as_secs(), enter), (7, Some("a/b")));
        assert!(job.all_or_nothing && job.allow_out_of_order && job.backup && job.encrypted);
    }

    #[test]
    fn help_is_found_where_it_is_looked_for() {
        for line in ["-h", "--help", "help", "run --help", "run -n -h", "status -h"] {
            assert_eq!(Asked::parse(&words(line)), Ok(Asked::Help), "{line}");
        }
        assert_eq!(Asked::parse(&words("-V")), Ok(Asked::Version));
        assert_eq!(Asked::parse(&words("status")), Ok(Asked::Status));
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        for (line, message) in [
            ("rnu", "there is no command `rnu`"),
            ("revert", "there is no command `revert`"),
            ("redo --all", "there is no command `redo`"),
            ("handover", "`handover` is for `cargo migrate`"),
            ("handover reset", "`handover` is for `cargo migrate`"),
            ("handover redo --to 1", "there is no option `--to`"),
            ("run --all", "there is no option `--all`"),
            ("run --backup", "there is no option `--backup`"),
            ("--encrypted", "there is no option `--encrypted`"),
            ("run 2026", "there is no option `2026`"),
            ("run --to", "`--to` needs a value"),
            ("run -n", "`-n` needs a value"),
            ("run -n x", "`-n` takes a number, not `x`"),
            ("run -n -1", "`-n` takes a number, not `-1`"),
            ("run --lock-timeout=1.5", "`--lock-timeout` takes a number, not `1.5`"),
            ("run --all-or-nothing=yes", "`--all-or-nothing` takes no value"),
            ("run -n 1 --to 2026", "give `--to` or `-n`, not both"),
            ("run --to 2026 --number 1", "give `--to` or `--number`, not both"),
            ("status run", "`run` does not belong there"),
        ] {
            assert_eq!(Asked::parse(&words(line)).unwrap_err(), message, "{line}");
        }
    }
}
