//! When a postcard moves on: printing begins the day after its send date, at midnight US Eastern.

use time::{Date, Duration, Month, OffsetDateTime, UtcOffset, Weekday};

/// A live card is handed to the post this long after printing began, and is completed after the second time.
/// The real times depend on the plant and the post.
const PROCESSED_AFTER: Duration = Duration::days(1);
const COMPLETED_AFTER: Duration = Duration::days(5);

/// The status that follows by itself; `None` when there is none.
pub(super) fn after(status: &str) -> Option<&'static str> {
    match status {
        "ready" => Some("printing"),
        "printing" => Some("processed_for_delivery"),
        "processed_for_delivery" => Some("completed"),
        _ => None,
    }
}

/// The status of a card at `now_ms`, when nobody interferes. A test card goes from ready to completed at
/// once.
pub(super) fn status(live: bool, printing_ms: u64, now_ms: u64) -> &'static str {
    let milliseconds = |duration: Duration| u64::try_from(duration.whole_milliseconds()).unwrap_or_default();
    match now_ms {
        now if now < printing_ms => "ready",
        _ if !live => "completed",
        now if now < printing_ms + milliseconds(PROCESSED_AFTER) => "printing",
        now if now < printing_ms + milliseconds(COMPLETED_AFTER) => "processed_for_delivery",
        _ => "completed",
    }
}

/// Unix milliseconds of the midnight, US Eastern, that begins the day after `send_ms`.
pub(super) fn printing_ms(send_ms: u64) -> u64 {
    let sent = moment(send_ms);
    let next_day = sent.to_offset(eastern(sent)).date().next_day().unwrap_or(Date::MAX);
    let standard = next_day.midnight().assume_offset(UtcOffset::from_hms(-5, 0, 0).unwrap_or(UtcOffset::UTC));
    let midnight = next_day.midnight().assume_offset(eastern(standard));
    u64::try_from(midnight.unix_timestamp() * 1_000).unwrap_or_default()
}

/// Unix milliseconds as a moment.
pub(super) fn moment(unix_ms: u64) -> OffsetDateTime {
    let nanoseconds = i128::from(unix_ms) * 1_000_000;
    OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// US Eastern time: four hours behind UTC from the second Sunday of March to the first of November, else
/// five.
fn eastern(moment: OffsetDateTime) -> UtcOffset {
    let hour = |date: Option<Date>, hour_utc: i64| {
        date.map(|date| date.midnight().assume_utc() + Duration::hours(hour_utc))
    };
    let year = moment.to_offset(UtcOffset::UTC).year();
    let begins = hour(sunday(year, Month::March, 8), 7);
    let ends = hour(sunday(year, Month::November, 1), 6);
    let summer = begins.is_some_and(|begins| moment >= begins) && ends.is_some_and(|ends| moment < ends);
    UtcOffset::from_hms(if summer { -4 } else { -5 }, 0, 0).unwrap_or(UtcOffset::UTC)
}

fn sunday(year: i32, month: Month, day: u8) -> Option<Date> {
    let date = Date::from_calendar_date(year, month, day).ok()?;
    match date.weekday() {
        Weekday::Sunday => Some(date),
        _ => Some(date.next_occurrence(Weekday::Sunday)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn check(sent: OffsetDateTime, printing: OffsetDateTime) {
        let milliseconds =
            |moment: OffsetDateTime| u64::try_from(moment.unix_timestamp() * 1_000).expect("recent");
        assert_eq!(printing_ms(milliseconds(sent)), milliseconds(printing), "{sent}");
    }

    #[test]
    fn printing_begins_at_the_next_midnight_of_the_east_coast() {
        check(datetime!(2026-11-22 12:00 UTC), datetime!(2026-11-23 05:00 UTC));
        // still the 21st in New York
        check(datetime!(2026-11-22 04:59 UTC), datetime!(2026-11-22 05:00 UTC));
        check(datetime!(2026-07-01 12:00 UTC), datetime!(2026-07-02 04:00 UTC));
        // the night in which summer time ends
        check(datetime!(2026-10-31 12:00 UTC), datetime!(2026-11-01 04:00 UTC));
        check(datetime!(2026-11-01 12:00 UTC), datetime!(2026-11-02 05:00 UTC));
    }
}
