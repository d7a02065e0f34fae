//! COLUMN on the command line: `name:type[!][:unique][:index][:references(table)][=default]`.

use migrate_build::render::is_unprintable;
use migrate_build::suggest::nearest;

use super::Error;
use super::types::{Type, Wrong};
use super::value::{self, Value};

/// A column as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name, as typed.
    pub name: String,
    /// Its type; none where a name is enough (`remove_…`, `add_index_…`).
    pub of: Option<Type>,
    /// `!` behind the type.
    pub not_null: bool,
    /// `:unique`: a unique index.
    pub unique: bool,
    /// `:index`: an index.
    pub index: bool,
    /// `:references(table)`: that table's `id`. Such a column has an index: without one, the
    /// database reads the whole table whenever a row of the other one goes.
    pub references: Option<String>,
    /// `=default`
    pub default: Option<Value>,
}

const MODIFIERS: [&str; 3] = ["unique", "index", "references"];

const GRAMMAR: &str =
    "a column is written `name:type[!][:unique][:index][:references(table)][=default]`";

impl Column {
    /// Reads one COLUMN.
    ///
    /// # Errors
    /// When it does not follow the grammar; the message quotes it and says what was expected.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let fail = |why: String| Error::usage(format!("column `{text}`: {why}"));
        if text.contains(is_unprintable) {
            return Err(fail("it holds a character that cannot be seen".to_owned()));
        }
        let (head, default) = match text.split_once('=') {
            Some((head, default)) => (head, Some(default)),
            None => (text, None),
        };
        let mut parts = head.split(':');
        let name = parts.next().unwrap_or_default().trim();
        if name.is_empty() {
            return Err(fail("it has no name".to_owned()).with_help(GRAMMAR));
        }
        let mut column = Self::named(name);
        for part in parts {
            column.read(part).map_err(|(why, help)| {
                let error = fail(why);
                match help {
                    Some(help) => error.with_help(help),
                    None => error.with_help(GRAMMAR),
                }
            })?;
        }
        if let Some(default) = default {
            let Some(of) = &column.of else {
                return Err(
                    fail("a default needs a type to belong to".to_owned()).with_help(GRAMMAR)
                );
            };
            column.default = Some(value::parse(default, of).map_err(fail)?);
        }
        if column.not_null && column.default == Some(Value::Null) {
            return Err(fail("`!` says NOT NULL, and its default is NULL".to_owned()));
        }
        Ok(column)
    }

    /// A column of which only the name is known.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            of: None,
            not_null: false,
            unique: false,
            index: false,
            references: None,
            default: None,
        }
    }

    /// Whether it is a table's primary key.
    pub(super) fn is_id(&self) -> bool {
        self.name.eq_ignore_ascii_case("id")
    }

    /// Whether rows that say nothing get a value.
    pub(super) fn has_value(&self) -> bool {
        self.default.as_ref().is_some_and(|value| *value != Value::Null)
    }

    /// One part between colons. The error is what is wrong, and how to mend it.
    fn read(&mut self, part: &str) -> Result<(), Wrong> {
        let (word, not_null) = match part.strip_suffix('!') {
            Some(word) => (word, true),
            None => (part, false),
        };
        let (word, argument) = split_argument(word)
            .ok_or_else(|| (format!("`{part}` has a parenthesis too many or too few"), None))?;
        let lower = word.to_ascii_lowercase();
        if let Some(of) = Type::parse(word, argument) {
            if self.of.is_some() {
                return Err((format!("`{part}` is a second type"), None));
            }
            if lower.ends_with("serial") && !self.is_id() {
                let help = format!("write `{}:bigint`", self.name);
                return Err(("only the column `id` counts by itself".to_owned(), Some(help)));
            }
            self.of = Some(of?);
            self.not_null = not_null;
            return Ok(());
        }
        if not_null && MODIFIERS.contains(&lower.as_str()) {
            return Err(("`!` belongs behind the type".to_owned(), None));
        }
        match (lower.as_str(), argument) {
            ("unique", None) => self.unique = true,
            ("index", None) => self.index = true,
            ("unique" | "index", Some(_)) => {
                return Err((format!("`{word}` takes nothing in parentheses"), None));
            }
            ("references", Some(table)) if !table.is_empty() => {
                if self.references.replace(table.to_owned()).is_some() {
                    return Err(("it references two tables".to_owned(), None));
                }
            }
            ("references", _) => {
                return Err((
                    "`references` does not say which table".to_owned(),
                    Some("write `references(users)`, in quotes where the shell needs them".into()),
                ));
            }
            _ => return Err(self.unknown(word)),
        }
        Ok(())
    }

    fn unknown(&self, word: &str) -> Wrong {
        let types = Type::names();
        let (what, known): (_, Vec<&str>) = match self.of {
            None => ("type", types.chain(MODIFIERS).collect()),
            Some(_) => ("modifier", MODIFIERS.to_vec()),
        };
        let help = match nearest(word, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known are {}", known.join(", ")),
        };
        (format!("unknown {what} `{word}`"), Some(help))
    }
}

/// `decimal(10,2)` as `decimal` and `10,2`. `None` when the parentheses do not match.
fn split_argument(word: &str) -> Option<(&str, Option<&str>)> {
    let split = match word.split_once('(') {
        None => (word, None),
        Some((word, rest)) => (word, Some(rest.strip_suffix(')')?.trim())),
    };
    let stray = |text: &str| text.contains(['(', ')']);
    (!stray(split.0) && !split.1.is_some_and(stray)).then_some(split)
}

#[cfg(test)]
mod tests {
    use super::{Column, Type, Value};

    fn typed(name: &str, of: Type) -> Column {
        Column { of: Some(of), ..Column::named(name) }
    }

    #[test]
    fn columns_are_read_as_the_grammar_says() {
        let now = Some(Value::Now);
        for (text, column) in [
            ("email", Column::named("email")),
            ("user_id:id", typed("user_id", Type::Id)),
            ("ID:bigserial", typed("ID", Type::BigInt)),
            ("name:string( 80 )", typed("name", Type::String(Some(80)))),
            ("state:Enum(new| in use )", {
                typed("state", Type::Enum(vec!["new".to_owned(), "in use".to_owned()]))
            }),
            ("email:text", typed("email", Type::Text)),
            ("email:TEXT!", Column { not_null: true, ..typed("email", Type::Text) }),
            ("first name:string", typed("first name", Type::String(None))),
            ("price:decimal(10, 2)", typed("price", Type::Decimal(Some((10, 2))))),
            ("price:decimal(10)", typed("price", Type::Decimal(Some((10, 0))))),
            ("price:decimal", typed("price", Type::Decimal(None))),
            ("email:unique", Column { unique: true, ..Column::named("email") }),
            ("at:datetime!=now", {
                Column { not_null: true, default: now, ..typed("at", Type::Timestamptz) }
            }),
            ("url:text=http://a=b", {
                Column {
                    default: Some(Value::Text("http://a=b".into())),
                    ..typed("url", Type::Text)
                }
            }),
            ("owner:int!:unique:index:references(users)", {
                Column {
                    not_null: true,
                    unique: true,
                    index: true,
                    references: Some("users".into()),
                    ..typed("owner", Type::Integer)
                }
            }),
        ] {
            assert_eq!(Column::parse(text).unwrap(), column, "{text}");
        }
    }

    #[test]
    fn what_breaks_the_grammar_is_said_with_the_way_out() {
        for (text, why, help) in [
            ("", "it has no name", "a column is written"),
            (":text", "it has no name", "a column is written"),
            ("a:txet", "unknown type `txet`", "did you mean `text`?"),
            ("a:polygon", "unknown type `polygon`", "known are id, string, text, int"),
            ("a:unqiue", "unknown type `unqiue`", "did you mean `unique`?"),
            ("a:text:indx", "unknown modifier `indx`", "did you mean `index`?"),
            ("a:text:", "unknown modifier ``", "known are unique, index, references"),
            ("a:text:int", "`int` is a second type", "a column is written"),
            ("a:text:unique!", "`!` belongs behind the type", "a column is written"),
            ("a:text:index(3)", "takes nothing in parentheses", "a column is written"),
            ("a:int:references", "does not say which table", "references(users)"),
            ("a:int:references()", "does not say which table", "references(users)"),
            ("a:int:references(b):references(c)", "references two tables", ""),
            ("a:int:references(b", "a parenthesis too many or too few", ""),
            ("a:int:references(b))", "a parenthesis too many or too few", ""),
            ("a:text(20)", "`text` takes no size", "decimal(digits,scale)"),
            ("a:string(0)", "`string(0)` is no size", "`string(80)`: at most 80"),
            ("a:string(70000)", "`string(70000)` is no size", "`text` has no limit"),
            ("a:serial", "only the column `id` counts by itself", "write `a:bigint`"),
            ("a:enum", "does not say which values", "enum(draft|sent)"),
            ("a:enum(b|)", "does not say which values", "enum(draft|sent)"),
            ("a:enum(b|c|b)", "has `b` twice", "enum(draft|sent)"),
            ("a:enum(b|c)=d", "`d` is no default for it: write `=b`, `=c` or `=null`", ""),
            ("a:decimal(2,5)", "is no size", "decimal(10,2)"),
            ("a:decimal(0)", "is no size", "decimal(10,2)"),
            ("a:decimal(x)", "is no size", "decimal(10,2)"),
            ("a=1", "a default needs a type", "a column is written"),
            ("a:int!=null", "`!` says NOT NULL", ""),
            ("a:int=x", "`x` is no default for a 32 bit integer", ""),
            ("a\u{1b}:int", "a\\u{1b}:int`: it holds a character that cannot be seen", ""),
            ("a:text=\u{202e}b", "it holds a character that cannot be seen", ""),
        ] {
            let error = Column::parse(text).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
            assert!(error.contains(help), "{text}: {error}");
        }
    }
}
