//! Times as text.

/// The last second of the year 9999, beyond which no calendar is of use.
const LAST: f64 = 253_402_300_799.0;
const DAY: i64 = 24 * 60 * 60;

/// Seconds since the epoch as date and time, UTC; as they are where that makes no
/// sense.
pub fn utc(seconds: f64) -> String {
    if !(0.0..=LAST).contains(&seconds) {
        return seconds.to_string();
    }
    let seconds = seconds as i64;
    let (year, month, day) = date(seconds / DAY);
    let (hour, minute, second) = (seconds % DAY / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day of a day since 1970-01-01. Counted from the first of March
/// of the year 0, leap days come last: months have 153 days in five, years 146097 in
/// 400.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (carry, month) = if month < 10 { (0, month + 3) } else { (1, month - 9) };
    (era * 400 + year + carry, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_have_dates() {
        for (seconds, text) in [
            (0.0, "1970-01-01 00:00:00Z"),
            (951_782_399.9, "2000-02-28 23:59:59Z"),
            (951_782_400.0, "2000-02-29 00:00:00Z"),
            (1_795_375_010.3, "2026-11-22 19:16:50Z"),
            (4_107_542_400.0, "2100-03-01 00:00:00Z"),
            (LAST, "9999-12-31 23:59:59Z"),
        ] {
            assert_eq!(utc(seconds), text);
        }
        assert_eq!([-1.0, f64::NAN, 1e300].map(utc)[..2], ["-1", "NaN"]);
    }
}
