//! Literals, in the one form in which `SHOW CREATE TABLE` shows them: what a default is depends on
//! the type of its column.

use super::{Text, Word};

/// What literals of a type look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    Integer,
    /// With so many digits behind its point.
    Decimal(usize),
    Float,
    Bit,
    /// With so many digits of a second.
    DateTime(usize),
    Time,
    Text,
}

impl Sort {
    /// Of a type in its canonical form.
    pub(crate) fn of(ty: &Text) -> Self {
        let words = ty.words();
        let Some(Word::Name(base)) = words.first() else { return Self::Text };
        let arguments = words.iter().filter_map(|word| match word {
            Word::Other(text) => text.parse().ok(),
            Word::Name(_) => None,
        });
        let numbers: Vec<usize> = arguments.collect();
        match base.as_str() {
            "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "year" => Self::Integer,
            "decimal" => Self::Decimal(numbers.get(1).copied().unwrap_or(0)),
            "float" | "double" if numbers.len() == 2 => Self::Decimal(numbers[1]),
            "float" | "double" => Self::Float,
            "bit" => Self::Bit,
            "datetime" | "timestamp" => Self::DateTime(numbers.first().copied().unwrap_or(0)),
            "time" => Self::Time,
            _ => Self::Text,
        }
    }
}

/// What a string stands for.
pub(crate) fn unquoted(written: &str) -> String {
    let start = usize::from(!written.starts_with(['\'', '"']));
    let Some(quote) = written[start..].chars().next() else { return String::new() };
    let inner = &written[start + 1..];
    let inner = inner.strip_suffix(quote).unwrap_or(inner);
    let mut value = String::new();
    let mut chars = inner.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some('r') => value.push('\r'),
                Some('0') => value.push('\0'),
                Some('b') => value.push('\u{8}'),
                Some('Z') => value.push('\u{1a}'),
                Some(other) => value.push(other),
                None => {}
            },
            c => {
                if c == quote && chars.peek() == Some(&quote) {
                    chars.next();
                }
                value.push(c);
            }
        }
    }
    value
}

/// A string as a literal.
pub(crate) fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
}

/// The value of a column's default, when it is a plain one.
pub(crate) fn default(value: &str, sort: Sort) -> Text {
    let canonical = match sort {
        Sort::Integer => value.trim().parse::<i128>().ok().map(|number| number.to_string()),
        Sort::Decimal(scale) => decimal(value.trim(), scale),
        Sort::Float => value.trim().parse::<f64>().ok().map(|number| number.to_string()),
        Sort::Bit => value.trim().parse::<u64>().ok().map(|number| format!("b'{number:b}'")),
        Sort::Text => None,
        Sort::DateTime(digits) => Some(quoted(&moment(value, digits))),
        Sort::Time => Some(quoted(&time(value))),
    };
    Text::new([Word::Other(canonical.unwrap_or_else(|| quoted(value)))])
}

/// A number with so many digits behind its point.
fn decimal(value: &str, scale: usize) -> Option<String> {
    value.parse::<f64>().ok()?;
    if value.contains(['e', 'E']) {
        return None;
    }
    let (sign, digits) = match value.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", value.strip_prefix('+').unwrap_or(value)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > scale {
        return None;
    }
    let point = if scale > 0 { "." } else { "" };
    Some(format!("{sign}{whole}{point}{fraction:0<scale$}"))
}

/// `2000-01-01` is midnight of that day.
fn moment(value: &str, digits: usize) -> String {
    let mut value = value.trim().to_owned();
    if value.len() == "2000-01-01".len() {
        value.push_str(" 00:00:00");
    }
    if value.len() == "2000-01-01 00:00:00".len() && digits > 0 {
        value.push('.');
        value.extend(std::iter::repeat_n('0', digits));
    }
    value
}

fn time(value: &str) -> String {
    let value = value.trim();
    if value.len() == "10:00".len() { format!("{value}:00") } else { value.to_owned() }
}
