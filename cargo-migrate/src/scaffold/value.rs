//! The default of a column: `=default` at the end of a COLUMN.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use super::types::Type;

/// A default, read; how it is written is the dialect's business.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A number, in digits that every SQL reads.
    Number(String),
    /// A string without its quotes; also a date or a time, as every SQL reads it. A moment is in
    /// UTC.
    Text(String),
    /// `x'00ff'`: hexadecimal digits.
    Bytes(String),
    /// `now`: the date, the time or both, as the column's type has it.
    Now,
    /// `random`: another UUID for each row.
    Random,
}

/// Reads `text` as a default for a column of type `of`. The shell eats quotes, so the words of a
/// text column may come without them; in quotes, `null` and `now` are words too.
///
/// What no row could ever hold is refused, since PostgreSQL takes it and fails at the first row.
///
/// The error says what is wrong.
pub(super) fn parse(text: &str, of: &Type) -> Result<Value, String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("null") {
        return Ok(Value::Null);
    }
    let value = match of {
        Type::Id | Type::Integer | Type::BigInt | Type::SmallInt => integer(text, of),
        Type::Float => decimal(text).filter(|_| text.parse().is_ok_and(f32::is_finite)),
        Type::Double => decimal(text).filter(|_| text.parse().is_ok_and(f64::is_finite)),
        Type::Decimal(None) => decimal(text),
        Type::Decimal(Some(size)) => decimal(text).filter(|_| fits(text, *size)),
        Type::Bool => match text.to_ascii_lowercase().as_str() {
            "true" | "1" => Some(Value::Bool(true)),
            "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        Type::Blob => bytes(text),
        Type::Date | Type::Time | Type::Timestamp | Type::Timestamptz => moment(text, of),
        Type::String(_) | Type::Text if text.eq_ignore_ascii_case("now") => Some(Value::Now),
        Type::String(Some(length)) => string(text)
            .filter(|words| words.chars().count() <= usize::from(*length))
            .map(Value::Text),
        Type::String(None) | Type::Text => string(text).map(Value::Text),
        Type::Enum(variants) => {
            string(text).filter(|words| variants.contains(words)).map(Value::Text)
        }
        Type::Uuid => uuid(text),
        Type::Json => json(text),
    };
    value.ok_or_else(|| format!("`{text}` is no default for {}", wanted(of)))
}

fn wanted(of: &Type) -> String {
    match of {
        Type::Integer => "a 32 bit integer: write digits, as in `=42`, or `=null`".into(),
        Type::Id | Type::BigInt => "a 64 bit integer: write digits, as in `=42`, or `=null`".into(),
        Type::SmallInt => "a 16 bit integer: write digits, as in `=42`, or `=null`".into(),
        Type::Float | Type::Double | Type::Decimal(None) => {
            "a number: write digits, as in `=1.5`, or `=null`".into()
        }
        Type::Decimal(Some((digits, scale))) => format!(
            "a number of {digits} digits, {scale} of them behind the point: write it as `=1`, \
             or `=null`"
        ),
        Type::Bool => "a boolean: write `=true`, `=false` or `=null`".into(),
        Type::Blob => "bytes: write hexadecimal digits, as in `=x'00ff'`, or `=null`".into(),
        Type::Date => "a date: write `=now`, `=null`, or it as `=2026-01-05`".into(),
        Type::Time => "a time: write `=now`, `=null`, or it as `=09:00:00`".into(),
        Type::Timestamp | Type::Timestamptz => {
            "a date and time: write `=now`, `=null`, or it as `=2026-01-05 09:00:00`".into()
        }
        Type::String(Some(length)) => {
            format!("a text of {length} characters: close its quotes, and double those within")
        }
        Type::String(None) | Type::Text => {
            "a text: close its quotes, and double those within".into()
        }
        Type::Enum(variants) => {
            format!("it: write `={}` or `=null`", variants.join("`, `="))
        }
        Type::Uuid => "a UUID: write `=random`, `=null`, or its 32 digits with dashes".into(),
        Type::Json => "JSON: write it as `={}`, or `=null`".into(),
    }
}

fn integer(text: &str, of: &Type) -> Option<Value> {
    let number: i64 = text.parse().ok()?;
    let fits = match of {
        Type::Integer => i32::try_from(number).is_ok(),
        Type::SmallInt => i16::try_from(number).is_ok(),
        _ => true,
    };
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

/// Whether a number has room in `decimal(digits,scale)`.
fn fits(text: &str, (digits, scale): (u16, u16)) -> bool {
    let unsigned = text.trim_start_matches(['-', '+']);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    !unsigned.contains(['e', 'E'])
        && whole.trim_start_matches('0').len() <= usize::from(digits - scale)
        && fraction.len() <= usize::from(scale)
}

fn bytes(text: &str) -> Option<Value> {
    let digits = text.strip_prefix(['x', 'X'])?.strip_prefix('\'')?.strip_suffix('\'')?;
    let right = digits.len() % 2 == 0 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    right.then(|| Value::Bytes(digits.to_ascii_lowercase()))
}

/// A date, a time, or both; both with an offset where it says which moment that is.
fn moment(text: &str, of: &Type) -> Option<Value> {
    if text.eq_ignore_ascii_case("now") {
        return Some(Value::Now);
    }
    let text = string(text)?;
    let both = |at: DateTime| format!("{} {}", at.date(), at.time());
    let is_clock = || text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'.'));
    // The library passes over what stands behind the wanted part; here, nothing is.
    let written = match (of, text.parse::<Timestamp>()) {
        (Type::Date, _) => text.parse::<Date>().map(|date| date.to_string()).ok(),
        (Type::Time, _) if is_clock() => text.parse::<Time>().map(|time| time.to_string()).ok(),
        (Type::Timestamptz, Ok(at)) => Some(both(TimeZone::UTC.to_datetime(at))),
        (Type::Time, _) | (_, Ok(_)) => None,
        _ => text.parse().map(both).ok(),
    };
    let has_rest = *of == Type::Date && written.as_ref().is_some_and(|date| *date != text);
    written.filter(|_| !has_rest).map(Value::Text)
}

fn uuid(text: &str) -> Option<Value> {
    if text.eq_ignore_ascii_case("random") {
        return Some(Value::Random);
    }
    let text = string(text)?;
    let is_right = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    let right = text.len() == 36 && text.bytes().enumerate().all(is_right);
    right.then(|| Value::Text(text.to_ascii_lowercase()))
}

/// A text of JSON's is in quotes of its own, so only the others are the shell's.
fn json(text: &str) -> Option<Value> {
    let inner = match text.starts_with('\'') {
        true => string(text)?,
        false => text.to_owned(),
    };
    serde_json::from_str::<serde_json::Value>(&inner).is_ok().then_some(Value::Text(inner))
}

/// `'it''s'`, `"it's"`, or words that neither start nor end with a quote.
fn string(text: &str) -> Option<String> {
    let Some(quote) = text.chars().next().filter(|c| matches!(c, '\'' | '"')) else {
        return (!text.ends_with('\'')).then(|| text.to_owned());
    };
    let inner = text[1..].strip_suffix(quote)?;
    let doubled = format!("{quote}{quote}");
    let lone = inner.replace(&doubled, "").contains(quote);
    (!lone).then(|| inner.replace(&doubled, &quote.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{Type, Value, parse};

    fn decimal_of(digits: u16, scale: u16) -> Type {
        Type::Decimal(Some((digits, scale)))
    }

    fn draft_or_sent() -> Type {
        Type::Enum(vec!["draft".to_owned(), "sent".to_owned()])
    }

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
            ("1.50", decimal_of(10, 2), number("1.50")),
            ("-0099.9", decimal_of(3, 1), number("-0099.9")),
            ("-2e10", Type::Double, number("-2e10")),
            ("3", Type::Float, number("3")),
            ("TRUE", Type::Bool, Value::Bool(true)),
            ("0", Type::Bool, Value::Bool(false)),
            ("now", Type::Timestamp, Value::Now),
            ("Now", Type::Date, Value::Now),
            ("2026-01-05", Type::Date, text("2026-01-05")),
            ("09:00", Type::Time, text("09:00:00")),
            ("2026-01-05 09:00:00.5", Type::Timestamp, text("2026-01-05 09:00:00.5")),
            ("'2026-01-05T09:00:00'", Type::Timestamptz, text("2026-01-05 09:00:00")),
            ("2026-01-05 09:00:00+02:00", Type::Timestamptz, text("2026-01-05 07:00:00")),
            ("x'00FF'", Type::Blob, Value::Bytes("00ff".into())),
            ("active", Type::Text, text("active")),
            ("", Type::String(None), text("")),
            ("0", Type::String(None), text("0")),
            ("größe", Type::String(Some(5)), text("größe")),
            ("true", Type::Text, text("true")),
            ("'now'", Type::Text, text("now")),
            ("\"null\"", Type::Text, text("null")),
            ("'it''s'", Type::Text, text("it's")),
            ("\"it's\"", Type::Text, text("it's")),
            ("it's", Type::Text, text("it's")),
            ("{\"a\": []}", Type::Json, text("{\"a\": []}")),
            ("\"a\"", Type::Json, text("\"a\"")),
            ("'[\"it''s\"]'", Type::Json, text("[\"it's\"]")),
            ("random", Type::Uuid, Value::Random),
            (
                "00000000-0000-4000-8000-0000000000FF",
                Type::Uuid,
                text("00000000-0000-4000-8000-0000000000ff"),
            ),
            ("sent", draft_or_sent(), text("sent")),
        ] {
            assert_eq!(parse(given, &of), Ok(value), "{given} for {of:?}");
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
            ("3000000000", Type::Integer),
            ("9223372036854775808", Type::BigInt),
            ("1.", Type::Double),
            (".5", Type::Double),
            ("1e", Type::Double),
            ("nan", Type::Float),
            ("0x10", Type::Double),
            ("1e400", Type::Double),
            ("1e39", Type::Float),
            ("1000", decimal_of(5, 2)),
            ("1.234", decimal_of(5, 2)),
            ("1e2", decimal_of(5, 2)),
            ("yes", Type::Bool),
            ("now", Type::Bool),
            ("00ff", Type::Blob),
            ("x'0'", Type::Blob),
            ("x'0g'", Type::Blob),
            ("", Type::Date),
            ("2026-02-30", Type::Date),
            ("2026-01-05 09:00:00", Type::Date),
            ("soon", Type::Time),
            ("2026-01-05 09:00:00", Type::Time),
            ("09:00:00+02:00", Type::Time),
            ("2026-01-05 09:00:00+02:00", Type::Timestamp),
            ("groß!", Type::String(Some(4))),
            ("0000", Type::Uuid),
            ("00000000-0000-4000-8000-0000000000fg", Type::Uuid),
            ("{a: 1}", Type::Json),
            ("'", Type::Json),
            ("Sent", draft_or_sent()),
            ("'open", Type::Text),
            ("open'", Type::Text),
            ("'", Type::Text),
            ("'a'b'", Type::Text),
            ("'a'); DROP TABLE users; --", Type::Text),
        ] {
            let why = parse(given, &of).unwrap_err();
            assert!(why.contains(&format!("`{given}` is no default for ")), "{why}");
        }
    }
}
