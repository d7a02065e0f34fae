//! Views, and their columns: `CREATE OR REPLACE VIEW` keeps their names, their types and their order, and
//! may add some behind them (`checkViewColumns` in PostgreSQL's source).

use std::collections::HashSet;

use super::naming::{Called, called};
use super::words::{behind_bracket, is, items, name, top_level};
use super::{ProblemKind, Session};
use crate::catalog::object::{Key, Object};
use crate::catalog::{Catalog, Space};
use crate::sql::Name;
use crate::sql::schema::{Ident, Text, View, Word};

/// What ends the list of columns, or what these are taken from.
const BEHIND: [&str; 8] = ["where", "having", "window", "order", "limit", "offset", "fetch", "for"];

const SETS: [&str; 3] = ["union", "intersect", "except"];

/// Functions whose type does not depend on what they are called with.
const TYPES: [(&str, &str); 2] = [("count", "bigint"), ("concat", "text")];

const CHANGED: &str = "`CREATE OR REPLACE VIEW` keeps each column with its type and its place, and adds \
                       others behind them; drop the view first";
const MATERIALIZED: &str = "a materialized view is not replaced: drop it first";
const UNKNOWN: &str = "whether the view keeps the names and types of its columns is not followed";

/// What a view's query begins with.
struct Head<'v> {
    /// What it selects, each between commas.
    items: Vec<&'v [Word]>,
    /// What they are taken from.
    from: &'v [Word],
    /// The names that stand before the query.
    given: Vec<Option<Name>>,
    /// Each name of a column is one of what the view reads.
    is_plain: bool,
}

/// A column of a view: its name, unless the server chooses it, and its expression.
type Column<'v> = (Option<&'v Name>, &'v [Word]);

impl Session<'_, '_> {
    pub(super) fn create_view(
        &mut self,
        ident: &Ident,
        if_not_exists: bool,
        or_replace: bool,
        definition: &View,
        reads: &[Ident],
    ) {
        let path = self.new_path(ident);
        let key = Key::relation(&path);
        reads.iter().for_each(|read| self.reads(read));
        let mut view = definition.clone();
        view.reads = reads.iter().map(|read| self.relation(read)).collect();
        view.seen = seen(&view, self.app.catalog).into_iter().collect();
        if let Some(column) = view.seen.first().and_then(twice) {
            let (table, column) = (path.clone(), column.clone());
            self.problem(ident.span, ProblemKind::DuplicateColumn { table, column });
        }
        self.app.expect_clear(&view, ident.span);
        if or_replace && let Some(old) = self.app.catalog.view(&path).cloned() {
            self.expect_kept(&old, &view, ident);
            self.app.replace(&key, Object::View(view));
        } else if self.is_free(&key, if_not_exists, ident.span)
            // Its rows are of a type that is called so.
            && self.is_free(&Key::new(Space::Type, &path), false, ident.span)
        {
            self.app.put(key, Object::View(view), ident.span);
        }
    }

    fn expect_kept(&mut self, old: &View, new: &View, ident: &Ident) {
        if old.is_materialized {
            return self.problem(ident.span, ProblemKind::Refused(MATERIALIZED));
        }
        match keeps(old, new, self.app.catalog) {
            Some(true) => {}
            Some(false) => self.problem(ident.span, ProblemKind::Refused(CHANGED)),
            None => self.unclear(UNKNOWN),
        }
    }
}

/// A view that takes the place of another one.
struct Replacement<'v> {
    views: [&'v View; 2],
    catalog: &'v Catalog,
    /// What is equal in both means the same.
    is_same_from: bool,
    /// What their columns are taken from are tables.
    is_of_tables: bool,
}

/// Whether a view that takes the place of another one has its columns; none where that is not known.
fn keeps(old: &View, new: &View, catalog: &Catalog) -> Option<bool> {
    if old == new && old.seen == new.seen {
        return Some(true);
    }
    let (before, after) = (head(old)?, head(new)?);
    let is_plain = before.is_plain && after.is_plain;
    let replacement = Replacement {
        views: [old, new],
        catalog,
        is_same_from: is_plain && before.from == after.from && old.reads == new.reads,
        is_of_tables: is_plain && !has_calls(before.from) && !has_calls(after.from),
    };
    let (before, after) = (columns(&before, old)?, columns(&after, new)?);
    if after.len() < before.len() {
        return Some(false);
    }
    let kept: Vec<_> =
        before.into_iter().zip(after).map(|(old, new)| replacement.keeps(old, new)).collect();
    if kept.contains(&Some(false)) {
        return Some(false);
    }
    kept.iter().all(Option::is_some).then_some(true)
}

impl Replacement<'_> {
    /// Whether a column keeps its name and its type.
    fn keeps(&self, (name, words): Column<'_>, (new_name, new_words): Column<'_>) -> Option<bool> {
        let is_alike = are_alike(words, new_words, || self.counts(words));
        let is_called_so = match (name, new_name) {
            (Some(name), Some(new_name)) if name != new_name => return Some(false),
            (Some(_), Some(_)) => true,
            (name, new_name) => name == new_name && is_alike,
        };
        let has_type = if is_alike && (self.is_same_from || self.has_one_meaning(words)) {
            true
        } else if self.is_of_tables {
            let [old, new] = self.views;
            type_of(words, old, self.catalog)? == type_of(new_words, new, self.catalog)?
        } else {
            return None;
        };
        if has_type && !is_called_so { None } else { Some(has_type) }
    }

    /// Whether each name is of a column of one type only, in all that is read, if it is a column's.
    fn has_one_meaning(&self, words: &[Word]) -> bool {
        let is_one = |name| self.types(name).is_some_and(|found| found.len() < 2);
        self.is_of_tables && words.iter().filter_map(name).all(is_one)
    }

    /// Whether an expression is all about numbers.
    fn counts(&self, words: &[Word]) -> bool {
        let is_number = |name| self.types(name).is_some_and(|found| are_numbers(&found));
        !has_calls(words) && words.iter().filter_map(name).all(is_number)
    }

    fn types(&self, column: &Name) -> Option<Vec<&Text>> {
        types(column, &self.views, self.catalog)
    }
}

/// Whether two expressions are equal, but for constants and operators that make no other type; `counts` says
/// whether it is all about numbers.
fn are_alike(one: &[Word], other: &[Word], counts: impl Fn() -> bool) -> bool {
    // An operator of several signs is several words: one of another length is not alike.
    const COMPARING: [&str; 3] = ["=", "<", ">"];
    const COUNTING: [&str; 4] = ["+", "-", "*", "/"];
    let is_integer = |it: &str| it.len() < 10 && it.bytes().all(|digit| digit.is_ascii_digit());
    let is_alike = |(one, other): (&Word, &Word)| {
        let (Word::Other(one), Word::Other(other)) = (one, other) else { return one == other };
        let are = |these: &[&str]| [one, other].iter().all(|it| these.contains(&it.as_str()));
        one == other
            || one.starts_with('\'') && other.starts_with('\'')
            || is_integer(one) && is_integer(other)
            || are(&COMPARING)
            || are(&COUNTING) && counts()
    };
    one.len() == other.len() && one.iter().zip(other).all(is_alike)
}

fn are_numbers(types: &[&Text]) -> bool {
    const NUMBERS: [&str; 6] =
        ["smallint", "integer", "bigint", "numeric", "real", "double precision"];
    types.iter().all(|ty| ty.words().first().is_some_and(|word| is(word, &NUMBERS)))
}

/// None where it is not known how many columns there are.
fn head(view: &View) -> Option<Head<'_>> {
    let words = view.text.words();
    // A column may be called like a keyword.
    if words.iter().filter_map(name).any(|name| is_keyword(name) && view.text.quotes(name)) {
        return None;
    }
    let (given, words) = match words {
        [open, ..] if open.says("(") => {
            let end = behind_bracket(words);
            let names = items(words.get(1..end - 1)?).into_iter();
            (names.map(|item| item.first().and_then(name).cloned()).collect(), &words[end..])
        }
        _ => (Vec::new(), words),
    };
    let query = &words[top_level(words, |at| is(&words[at], &["as"]))..];
    let start = top_level(query, |at| is(&query[at], &["select"]));
    let has_with = start > 1;
    let query = query.get(start + 1..)?;
    let (list, rest) = query.split_at(top_level(query, |at| ends(query, at)));
    let behind_from = top_level(rest, |at| at > 0 && ends(rest, at));
    let from = if rest.first().is_some_and(|word| is(word, &["from"])) {
        &rest[..behind_from]
    } else {
        &[]
    };
    let is_set = top_level(rest, |at| is(&rest[at], &SETS)) < rest.len();
    let has_inner = list.iter().chain(from).any(|word| is(word, &["select", "values", "table"]));
    let is_plain = !has_with && !is_set && !has_inner;
    Some(Head { items: items(selected(list)), from, given, is_plain })
}

/// Whether the list of columns, or what they are taken from, ends here.
fn ends(words: &[Word], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| &words[before]);
    let is_behind = |these: &[&str]| before.is_some_and(|before| is(before, these));
    match name(&words[at]).map(Name::as_str) {
        // `IS DISTINCT FROM`
        Some("from") => !is_behind(&["distinct"]),
        // `WITHIN GROUP (…)`
        Some("group") => !is_behind(&["within"]),
        // `timestamp WITH TIME ZONE`
        Some("with") => !words.get(at + 1).is_some_and(|next| is(next, &["time"])),
        Some(word) => BEHIND.contains(&word) || SETS.contains(&word),
        None => false,
    }
}

/// Whether the query is taken apart by it.
fn is_keyword(name: &Name) -> bool {
    let name = name.as_str();
    BEHIND.contains(&name)
        || SETS.contains(&name)
        || ["as", "select", "from", "group", "with", "distinct", "all", "on", "join"]
            .contains(&name)
}

/// The list without what is said of all rows.
fn selected(list: &[Word]) -> &[Word] {
    match list {
        [all, on, rest @ ..] if is(all, &["distinct"]) && is(on, &["on"]) => {
            &rest[behind_bracket(rest)..]
        }
        [all, rest @ ..] if is(all, &["distinct", "all"]) => rest,
        list => list,
    }
}

/// `*` or `t.*`, which stand for the columns of tables.
fn is_star(item: &[Word]) -> bool {
    match item {
        [star] => star.says("*"),
        [Word::Name(_), dot, star] => dot.says(".") && star.says("*"),
        _ => false,
    }
}

/// Whether functions are called, or columns get other names, as by `FROM t AS x (a, b)`.
fn has_calls(from: &[Word]) -> bool {
    from.windows(2).any(|pair| {
        pair[1].says("(")
            && name(&pair[0]).is_some()
            && !is(&pair[0], &["using", "on", "and", "or"])
    })
}

/// The names of the columns, now that the view is made; none where it is not known how many there are. A
/// column of a table may get another name: the view's keeps its own.
fn seen(view: &View, catalog: &Catalog) -> Option<Text> {
    let head = head(view)?;
    let mut names = Vec::new();
    for item in &head.items {
        if is_star(item) {
            names.extend(all(view, &head, catalog)?.map(Some));
        } else if item.last().is_some_and(|word| word.says("*")) {
            return None;
        } else {
            names.push(named(item).0);
        }
    }
    for (name, given) in names.iter_mut().zip(&head.given) {
        *name = given.as_ref();
    }
    let word =
        |name: Option<&Name>| name.map_or(Word::Other("?".to_owned()), |it| Word::Name(it.clone()));
    Some(Text::new(names.into_iter().map(word)))
}

/// A name that two columns have.
fn twice(names: &Text) -> Option<&Name> {
    let mut names = names.words().iter().filter_map(name);
    let mut found = HashSet::new();
    names.find(|name| !found.insert(*name))
}

/// The columns of a table, where `*` stands for them.
fn all<'c>(
    view: &View,
    head: &Head<'_>,
    catalog: &'c Catalog,
) -> Option<impl Iterator<Item = &'c Name>> {
    let [read] = &*view.reads else { return None };
    let table = match head.from {
        [_, Word::Name(_), dot, table, ..] if dot.says(".") => table,
        [_, table, ..] => table,
        _ => return None,
    };
    let is_alone = head.is_plain
        && !has_calls(head.from)
        && name(table) == Some(&read.name)
        && !head.from.iter().any(|word| word.says(",") || is(word, &["join"]));
    let table = catalog.table(read).filter(|table| is_alone && !table.is_opaque)?;
    Some(table.columns.iter().map(|column| &column.name))
}

/// The columns with the names that they had when the view was made.
fn columns<'v>(head: &Head<'v>, view: &'v View) -> Option<Vec<Column<'v>>> {
    let names = view.seen.first()?.words();
    let starred = (names.len() + 1).checked_sub(head.items.len())?;
    let mut columns = Vec::new();
    for item in &head.items {
        let from = columns.len();
        if is_star(item) {
            let all = names.get(from..from + starred)?.iter();
            columns.extend(all.map(|word| (name(word), std::slice::from_ref(word))));
        } else {
            columns.push((name(names.get(from)?), named(item).1));
        }
    }
    (columns.len() == names.len()).then_some(columns)
}

/// The name that a column gets, and its expression.
fn named(item: &[Word]) -> Column<'_> {
    match item {
        [words @ .., given, Word::Name(name)] if is(given, &["as"]) => (Some(name), words),
        [Word::Name(name)] if !is(&item[0], &["null", "true", "false"]) => (Some(name), item),
        [.., Word::Name(name)] if item.len() > 1 && is_path(item) => (Some(name), item),
        _ => match called(item) {
            Called::As(name) => (Some(name), item),
            Called::Nothing | Called::Unknown => (None, item),
        },
    }
}

/// `t.a`.
fn is_path(words: &[Word]) -> bool {
    let mut places = words.iter().enumerate();
    places.all(|(at, word)| if at % 2 == 0 { name(word).is_some() } else { word.says(".") })
}

/// The type of an expression, where the tables that the view reads or the function tell.
fn type_of(words: &[Word], view: &View, catalog: &Catalog) -> Option<Text> {
    if let Called::As(call) = called(words) {
        let (_, ty) = TYPES.iter().find(|(known, _)| *known == call.as_str())?;
        return Some(Text::new([Word::Name(Name::new(ty))]));
    }
    let column = words.last().and_then(name).filter(|_| is_path(words))?;
    match &*types(column, &[view], catalog)? {
        [ty] => Some((*ty).clone()),
        _ => None,
    }
}

/// The types that the columns of this name have; none where not all is known that the views read.
fn types<'c>(column: &Name, views: &[&View], catalog: &'c Catalog) -> Option<Vec<&'c Text>> {
    let mut found = Vec::new();
    for read in views.iter().flat_map(|view| &view.reads) {
        let table = catalog.table(read).filter(|table| !table.is_opaque)?;
        let ty = table.column(column).map(|column| &column.ty);
        found.extend(ty.filter(|ty| !found.contains(ty)));
    }
    Some(found)
}
