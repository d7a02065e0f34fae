//! Moments, as tools write them.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Numbers below this are seconds, others milliseconds: it is the year 5138 in the one, and March
/// 1973 in the other.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// Milliseconds since 1970 of what a tool wrote: a number of seconds or milliseconds, a moment with
/// its offset, or one without, which is UTC. `None` when it is none of them: when a migration was
/// applied is told to people, and decides nothing.
pub(super) fn milliseconds(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>() {
        return if number < MILLISECONDS_FROM { number.checked_mul(1000) } else { Some(number) };
    }
    let with_offset = || text.parse::<Timestamp>().ok();
    let without = || {
        let moment = text.parse::<DateTime>().ok()?;
        TimeZone::UTC.to_timestamp(moment).ok()
    };
    with_offset().or_else(without).map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::milliseconds;

    #[test]
    fn tools_write_moments_in_many_ways() {
        for (text, expected) in [
            ("1767603600", Some(1_767_603_600_000)),
            ("1767603600123", Some(1_767_603_600_123)),
            ("2026-01-05 09:00:00", Some(1_767_603_600_000)),
            ("2026-01-05T09:00:00.123Z", Some(1_767_603_600_123)),
            ("2026-01-05T10:00:00.123456789+01:00", Some(1_767_603_600_123)),
            ("2026-01-05 09:00:00.000 +00:00", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(milliseconds(text), expected, "{text}");
        }
    }
}
