//! The names of a text, word by word: what each is by what stands around it.

use super::{Reference, Scope, Source};
use crate::sql::Name;
use crate::sql::schema::{Path, Word};

/// Behind these, a table is named.
const OPENERS: [&str; 4] = ["from", "join", "into", "update"];
/// These end a list of tables.
const CLOSERS: [&str; 14] = [
    "where",
    "group",
    "order",
    "having",
    "limit",
    "window",
    "on",
    "using",
    "set",
    "returning",
    "select",
    "values",
    "union",
    "default",
];
/// These begin another query beside the one before.
const SEPARATORS: [&str; 5] = ["union", "except", "intersect", ";", "begin"];

/// A bracket, or what is outside of all.
#[derive(Debug, Default)]
struct Level {
    scope: usize,
    /// A table may stand next.
    expects: bool,
    /// Behind a comma, too.
    list: bool,
    /// The columns of this table are listed: `INSERT INTO t (…)`.
    target: Option<Path>,
    /// Rows are inserted, and what they come from does not see where to.
    inserts: bool,
    /// `SET`: what stands before `=` is a column of it.
    sets: Option<Path>,
    /// `USING (…)`.
    joins: bool,
    /// `CAST (x AS …`.
    casts: bool,
    /// How many columns were named before what a query gives next.
    item: usize,
}

/// Reads the words of a text; a trigger's belongs to a table.
pub(super) fn read(words: &[Word], scope: Scope, owner: Option<&Path>) -> Scope {
    Reader { words, scope, stack: vec![Level { scope: 1, ..Level::default() }], owner }.read()
}

struct Reader<'t> {
    words: &'t [Word],
    scope: Scope,
    stack: Vec<Level>,
    owner: Option<&'t Path>,
}

impl Reader<'_> {
    fn says(&self, at: usize, word: &str) -> bool {
        self.words.get(at).is_some_and(|found| found.says(word))
    }

    fn before(&self, at: usize, words: &[&str]) -> bool {
        at > 0 && words.iter().any(|word| self.says(at - 1, word))
    }

    fn read(mut self) -> Scope {
        let mut at = self.heading();
        while at < self.words.len() {
            at = match &self.words[at] {
                Word::Name(_) => self.name(at),
                Word::Other(word) => {
                    self.sign(at, word);
                    at + 1
                }
            };
        }
        self.scope
    }

    /// Where the query of a view begins, behind the names of its columns.
    fn heading(&self) -> usize {
        let end = self.words.iter().position(|word| word.says(")"));
        let end = end.filter(|end| self.says(0, "(") && self.says(end + 1, "as"));
        end.map_or(0, |end| end + 1)
    }

    fn sign(&mut self, at: usize, word: &str) {
        let scope = self.scope.parents.len();
        let depth = self.stack.len();
        let Some(level) = self.stack.last_mut() else { return };
        match word {
            "(" => {
                let (inside, expects, target) = (level.scope, level.expects, level.target.take());
                level.expects = false;
                // What rows are from does not see the tables beside it.
                let mut around = Some(inside);
                if expects {
                    self.scope.bracketed.insert(inside);
                    around = self.scope.parents[inside];
                }
                let joins = at > 0 && self.words[at - 1].says("using");
                let casts = at > 0 && self.words[at - 1].says("cast");
                self.scope.parents.push(around);
                let item = self.scope.references.len();
                let level =
                    Level { scope, expects, target, joins, casts, item, ..Level::default() };
                self.stack.push(level);
            }
            ")" if depth > 1 => {
                self.stack.pop();
            }
            "," => (level.expects, level.item) = (level.list, self.scope.references.len()),
            "select" if level.inserts => {
                (level.inserts, level.scope, level.target) = (false, scope, None);
                self.scope.parents.push(Some(0));
            }
            _ if OPENERS.contains(&word) => {
                let is_table = match word {
                    "update" => !self.is_event(at),
                    "from" => !self.before(at, &["distinct"]),
                    _ => true,
                };
                if let Some(level) = self.stack.last_mut().filter(|_| is_table) {
                    (level.expects, level.list) = (true, word == "from" || level.list);
                    (level.sets, level.inserts) = (None, word == "into");
                }
            }
            _ if CLOSERS.contains(&word) || SEPARATORS.contains(&word) => {
                level.item = self.scope.references.len();
                (level.expects, level.list) = (false, false);
                if word != "set" {
                    level.sets = None;
                }
                level.target = None;
                if SEPARATORS.contains(&word) {
                    let around = self.scope.parents[level.scope];
                    level.scope = scope;
                    // The head of a trigger is around its body.
                    self.scope.parents.push(around);
                    level.inserts = false;
                }
            }
            _ => {}
        }
    }

    /// `UPDATE` where no table follows.
    fn is_event(&self, at: usize) -> bool {
        self.says(at + 1, "set")
            || self.says(at + 1, "of")
            || self.before(at, &["on", "do", "after", "before"])
            || self.owner.is_some() && !self.words[..at].iter().any(|word| word.says("begin"))
    }

    /// A name with what is before its dots; where to go on.
    fn name(&mut self, at: usize) -> usize {
        let mut chain = vec![at];
        let mut end = at + 1;
        while self.says(end, ".") && matches!(self.words.get(end + 1), Some(Word::Name(_))) {
            chain.push(end + 1);
            end += 2;
        }
        let last = chain[chain.len() - 1];
        let Word::Name(name) = &self.words[last] else { return end };
        let name = name.clone();
        let Some(level) = self.stack.last() else { return end };
        let scope = level.scope;
        if level.expects {
            return self.table(last, name, end);
        }
        if self.says(end, ".") {
            // `t.*`
            self.refer(scope, last, None, Name::new("rowid"), None, Some((name, last)));
            return end + 2;
        }
        if let Some(target) = &level.target {
            let target = target.clone();
            self.refer(scope, last, None, name, Some(target), None);
        } else if self.says(end, "(") || self.before(at, &["collate", "in"]) || self.is_index(at) {
            // `IN t`, a function, a query that has a name, the columns of one.
        } else if self.before(at, &["as", "window", "over", "indexed"]) {
            if !level.casts {
                self.call(name);
            }
        } else if level.casts && self.is_behind_as(at) {
            // A type of two words.
        } else if self.says(end, "as") && self.is_query(end + 1) {
            self.scope.queries.insert(name.clone());
            self.scope.locals.insert(name);
        } else if chain.len() == 1 && self.follows_operand(at) {
            self.call(name);
        } else if level.joins {
            self.scope.joined.insert(name.clone());
            self.refer(scope, last, None, name, None, None);
        } else {
            let sets = level
                .sets
                .clone()
                .filter(|_| self.says(end, "=") && self.before(at, &["set", ","]));
            let of = self.owner.filter(|_| self.is_event_column(at)).cloned();
            let qualifier = chain.len().checked_sub(2).map(|before| chain[before]);
            let qualifier = qualifier.and_then(|before| match &self.words[before] {
                Word::Name(name) => Some((name.clone(), before)),
                Word::Other(_) => None,
            });
            self.refer(scope, last, qualifier, name, sets.or(of), None);
        }
        end
    }

    /// What a query gives is called so.
    fn call(&mut self, name: Name) {
        let item = self.stack.last().map_or(0, |level| level.item);
        for reference in self.scope.references.iter_mut().skip(item) {
            reference.is_aliased |= reference.name == name;
        }
        self.scope.locals.insert(name);
    }

    fn refer(
        &mut self,
        scope: usize,
        at: usize,
        qualifier: Option<(Name, usize)>,
        name: Name,
        target: Option<Path>,
        star_of: Option<(Name, usize)>,
    ) {
        let qualifier = qualifier.or(star_of);
        let is_aliased = false;
        let found = Reference { scope, at, qualifier, name, is_aliased, target };
        self.scope.references.push(found);
    }

    /// `UPDATE OF a, b`: nothing else is named before the condition and the body of a trigger.
    fn is_event_column(&self, at: usize) -> bool {
        !self.words[..at].iter().any(|word| word.says("begin") || word.says("when"))
    }

    /// A table, and what it is called.
    fn table(&mut self, at: usize, name: Name, end: usize) -> usize {
        let opener =
            (0..at).rev().find(|before| OPENERS.iter().any(|word| self.says(*before, word)));
        let writes = opener.is_some_and(|at| self.says(at, "into"));
        let sets = opener.is_some_and(|at| self.says(at, "update"));
        let is_function = self.says(end, "(") && !writes;
        let is_local = self.scope.queries.contains(&name);
        let path = (!is_function && !is_local).then(|| Path { schema: None, name: name.clone() });
        let Some(level) = self.stack.last_mut() else { return end };
        let scope = level.scope;
        level.expects = false;
        level.target = path.clone().filter(|_| writes);
        level.sets = path.clone().filter(|_| sets);
        let (mut called, mut next) = (name, end);
        let alias = if self.says(end, "as") { end + 1 } else { end };
        if let Some(Word::Name(alias_name)) = self.words.get(alias).filter(|_| !is_function) {
            called.clone_from(alias_name);
            next = alias + 1;
        }
        if writes {
            let called = Name::new("excluded");
            self.scope.sources.push(Source { scope, called, path: path.clone(), at: None });
        }
        self.scope.sources.push(Source { scope, called, path, at: Some(at) });
        next
    }

    /// `INDEXED BY i`.
    fn is_index(&self, at: usize) -> bool {
        at > 1 && self.says(at - 1, "by") && self.says(at - 2, "indexed")
    }

    /// Whether a query in brackets begins here.
    fn is_query(&self, at: usize) -> bool {
        self.says(at, "(") || self.says(at, "materialized") || self.says(at, "not")
    }

    /// Whether `AS` stands before, in the same bracket.
    fn is_behind_as(&self, at: usize) -> bool {
        let words = self.words[..at].iter().rev();
        words.take_while(|word| !word.says("(")).any(|word| word.says("as"))
    }

    /// Whether what stands before is a value: then this is its name.
    fn follows_operand(&self, at: usize) -> bool {
        match at.checked_sub(1).map(|before| &self.words[before]) {
            Some(Word::Name(_)) => true,
            Some(Word::Other(word)) => {
                word == ")"
                    || word == "end"
                    || word.starts_with(|c: char| c.is_ascii_digit() || c == '\'')
            }
            None => false,
        }
    }
}
