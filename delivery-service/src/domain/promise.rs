//! The days on which a parcel should arrive.

use chrono::{DateTime, Datelike as _, Days, NaiveDate, Utc, Weekday};

/// The first and the last promised day, in working days after the order is complete.
const WORKING_DAYS: (u32, u32) = (2, 4);

/// The promised window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// The first day.
    pub(crate) from: NaiveDate,
    /// The last day.
    pub(crate) to: NaiveDate,
}

impl Window {
    /// The window of an order that is complete at this time.
    pub(crate) fn after(completed_at: DateTime<Utc>) -> Self {
        let day = completed_at.date_naive();
        let (first, last) = WORKING_DAYS;
        Self { from: working_days_after(day, first), to: working_days_after(day, last) }
    }
}

/// No parcel is carried at the weekend.
fn working_days_after(day: NaiveDate, count: u32) -> NaiveDate {
    let mut found = day;
    let mut left = count;
    // The calendar ends in the year 262142.
    while let (1.., Some(next)) = (left, found.checked_add_days(Days::new(1))) {
        found = next;
        if !matches!(found.weekday(), Weekday::Sat | Weekday::Sun) {
            left -= 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_is_two_to_four_working_days_later() {
        for (completed, from, to) in [
            // 2026-06-01 is a Monday.
            ("2026-06-01T23:59:59Z", "2026-06-03", "2026-06-05"),
            ("2026-06-03T08:00:00Z", "2026-06-05", "2026-06-09"),
            ("2026-06-05T08:00:00Z", "2026-06-09", "2026-06-11"),
            ("2026-06-06T08:00:00Z", "2026-06-09", "2026-06-11"),
            ("2026-06-07T08:00:00Z", "2026-06-09", "2026-06-11"),
        ] {
            let window = Window::after(completed.parse().unwrap());
            let expected = Window { from: from.parse().unwrap(), to: to.parse().unwrap() };
            assert_eq!(window, expected, "{completed}");
        }
        let end = Window::after(DateTime::<Utc>::MAX_UTC);
        assert_eq!(end.from, DateTime::<Utc>::MAX_UTC.date_naive(), "the end of the calendar");
    }
}
