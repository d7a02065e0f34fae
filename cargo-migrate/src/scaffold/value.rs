//! The default of a column: `=default` at the end of a COLUMN.

use super::column::Type;

/// A default, read; how it is written is the dialect's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number, in digits that every SQL reads.
    Number(String),
    /// A string without its quotes.
    Text(String),
    /// `x'00ff'`: hexadecimal digits.
    Bytes(String),
    /// `now`: the date, the time or both, as the column's type has it.
    Now,
}

/// Reads `text` as a default for a column of type `of`. The shell eats quotes, so the words of a
/// text column may come without them; in quotes, `null` and `now` are words too.
///
/// The error says what is wrong.
pub(super) fn parse(text: &str, of: Type) -> Result<Value, String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("null") {
        return Ok(Value::Null);
    }
    let value = match of {
        Type::Integer | Type::BigInt | Type::SmallInt => integer(text, of),
        Type::Float | Type::Double | Type::Decimal(_) => decimal(text),
        Type::Bool => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(Value::Bool(true)),
            "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        Type::Blob => bytes(text),
        Type::Date | Type::Time | Type::Timestamp | Type::String | Type::Text
            if text.eq_ignore_ascii_case("now") =>
        {
            Some(Value::Now)
        }
        Type::Date | Type::Time | Type::Timestamp if text.is_empty() => None,
        Type::Date | Type::Time | Type::Timestamp => string(text),
        Type::String | Type::Text | Type::Uuid | Type::Json => string(text),
    };
    value.ok_or_else(|| format!("`{text}` is no default for {}", wanted(of)))
}

fn wanted(of: Type) -> &'static str {
    match of {
        Type::Integer => "an integer: write digits, as in `=42`, or `=null`",
        Type::BigInt => "a 64 bit integer: write digits, as in `=42`, or `=null`",
        Type::SmallInt => "a 16 bit integer: write digits, as in `=42`, or `=null`",
        Type::Float | Type::Double | Type::Decimal(_) => {
            "a number: write digits, as in `=1.5`, or `=null`"
        }
        Type::Bool => "a boolean: write `=true`, `=false` or `=null`",
        Type::Blob => "bytes: write hexadecimal digits, as in `=x'00ff'`, or `=null`",
        Type::Date | Type::Time | Type::Timestamp => {
            "a date or time: write `=now`, `=null`, or the moment itself"
        }
        Type::String | Type::Text | Type::Uuid | Type::Json => {
            "a text: close its quotes, and double those within"
        }
    }
}

fn integer(text: &str, of: Type) -> Option<Value> {
    let number: i64 = text.parse().ok()?;
    let fits = of != Type::SmallInt || i16::try_from(number).is_ok();
    fits.then(|| Value::Number(number.to_string()))
}

/// `-1.5e3`; neither `1.` nor `.5`, which not every parser takes.
fn decimal(text: &str) -> Option<Value> {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (number, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((number, exponent)) => (number, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match number.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (number, None),
    };
    let right = digits(whole)
        && fraction.is_none_or(digits)
        && exponent.is_none_or(|e| digits(e.strip_prefix(['-', '+']).unwrap_or(e)));
    right.then(|| Value::Number(text.strip_prefix('+').unwrap_or(text).to_owned()))
}

fn bytes(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['x', 'X'])?.strip_prefix('\'')?.strip_suffix('\'')?;
    let right = digits.len() % 2 == 0 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    right.then(|| Value::Bytes(digits.to_ascii_lowercase()))
}

/// `'it''s'`, `"it's"`, or words that neither start nor end with a quote.
fn string(text: &str) -> Option<Value> {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
        return (!text.ends_with('\'')).then(|| Value::Text(text.to_owned()));
    };
    let inner = text[1..].strip_suffix(quote)?;
    let doubled = format!("{quote}{quote}");
    let lone = inner.replace(&doubled, "").contains(quote);
    (!lone).then(|| Value::Text(inner.replace(&doubled, &quote.to_string())))
}

#[cfg(test)]
mod tests {
    use super::{Type, Value, parse};

    #[test]
    fn a_default_is_read_as_its_column_needs_it() {
        let number = |digits: &str| Value::Number(digits.to_owned());
        let text = |words: &str| Value::Text(words.to_owned());
        for (given, of, value) in [
            ("0", Type::Integer, number("0")),
            ("-42", Type::BigInt, number("-42")),
            ("+7", Type::SmallInt, number("7")),
            ("null", Type::Integer, Value::Null),
            ("NULL", Type::Text, Value::Null),
            ("1.50", Type::Decimal(Some((10, 2))), number("1.50")),
            ("-2e10", Type::Double, number("-2e10")),
            ("3", Type::Float, number("3")),
            ("TRUE", Type::Bool, Value::Bool(true)),
            ("0", Type::Bool, Value::Bool(false)),
            ("now", Type::Timestamp, Value::Now),
            ("Now", Type::Date, Value::Now),
            ("2026-01-05", Type::Date, text("2026-01-05")),
            ("x'00FF'", Type::Blob, Value::Bytes("00ff".into())),
            ("active", Type::Text, text("active")),
            ("", Type::String, text("")),
            ("0", Type::String, text("0")),
            ("true", Type::Text, text("true")),
            ("'now'", Type::Text, text("now")),
            ("\"null\"", Type::Text, text("null")),
            ("'it''s'", Type::Text, text("it's")),
            ("\"it's\"", Type::Text, text("it's")),
            ("it's", Type::Text, text("it's")),
            ("{\"a\": []}", Type::Json, text("{\"a\": []}")),
        ] {
            assert_eq!(parse(given, of), Ok(value), "{given} for {of:?}");
        }
    }

    #[test]
    fn a_default_of_another_kind_is_refused() {
        for (given, of) in [
            ("1.5", Type::Integer),
            ("true", Type::Integer),
            ("'1'", Type::Integer),
            ("", Type::Integer),
            ("40000", Type::SmallInt),
            ("9223372036854775808", Type::BigInt),
            ("1.", Type::Double),
            (".5", Type::Double),
            ("1e", Type::Double),
            ("nan", Type::Float),
            ("0x10", Type::Double),
            ("yes", Type::Bool),
            ("now", Type::Bool),
            ("00ff", Type::Blob),
            ("x'0'", Type::Blob),
            ("x'0g'", Type::Blob),
            ("", Type::Date),
            ("'open", Type::Text),
            ("open'", Type::Text),
            ("'", Type::Text),
            ("'a'b'", Type::Text),
            ("'a'); DROP TABLE users; --", Type::Text),
        ] {
            let why = parse(given, of).unwrap_err();
            assert!(why.contains(&format!("`{given}` is no default for ")), "{why}");
        }
    }
}
