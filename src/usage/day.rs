//! Days of the calendar, by Universal Time: what happened on several machines falls on the same ones.

use std::fmt;
use std::str::FromStr;

const SECONDS: u64 = 24 * 60 * 60;

/// A day, from 1970 on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(u64);

impl Day {
    /// The day of a moment, in seconds since 1970.
    #[must_use]
    pub fn of(seconds: u64) -> Self {
        Self(seconds / SECONDS)
    }

    /// The day of a date that is in the calendar, from 1970 to 9999.
    #[must_use]
    pub fn on(year: u64, month: u64, day: u64) -> Option<Self> {
        if !(1970..=9999).contains(&year) || !(1..=12).contains(&month) || day > 31 {
            return None;
        }
        // Both as in `date`.
        let (march, years) = ((month + 9) % 12, year - u64::from(month <= 2));
        let days = 365 * years + years / 4 - years / 100 + years / 400 + (153 * march + 2) / 5 + day;
        let found = Self(days.checked_sub(719_469)?);
        (found.date() == (year, month, day)).then_some(found)
    }

    /// So many days earlier.
    #[must_use]
    pub fn before(self, days: u64) -> Self {
        Self(self.0.saturating_sub(days))
    }

    /// When it begins, in seconds since 1970.
    #[must_use]
    pub fn begin(self) -> u64 {
        self.0 * SECONDS
    }

    /// Its month, as `2026-11`.
    #[must_use]
    pub fn month(self) -> String {
        let (year, month, _) = self.date();
        format!("{year:04}-{month:02}")
    }

    /// Year, month and day, each as people count them. The year is taken to begin in March, so that a leap day is its
    /// last, and 400 such years have 146097 days.
    fn date(self) -> (u64, u64, u64) {
        // From the first of March of the year 0.
        let days = self.0 + 719_468;
        let (era, of_era) = (days / 146_097, days % 146_097);
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * march + 2) / 5 + 1;
        let month = if march < 10 { march + 3 } else { march - 9 };
        (era * 400 + year + u64::from(month <= 2), month, day)
    }
}

/// As `2026-11-21`.
impl fmt::Display for Day {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        write!(formatter, "{year:04}-{month:02}-{day:02}")
    }
}

/// Reads `2026-11-21`.
impl FromStr for Day {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.splitn(3, '-').map(|part| part.parse::<u64>().map_err(|_| ()));
        let mut next = || parts.next().unwrap_or(Err(()));
        let (year, month, day) = (next()?, next()?, next()?);
        Self::on(year, month, day).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (seconds, day) in [
            (0, "1970-01-01"),
            (951_782_399, "2000-02-28"),
            (951_782_400, "2000-02-29"),
            (951_868_800, "2000-03-01"),
            (1_709_164_800, "2024-02-29"),
            (1_795_219_199, "2026-11-20"),
            (1_798_761_599, "2026-12-31"),
            (1_798_761_600, "2027-01-01"),
            (4_107_542_400, "2100-03-01"),
        ] {
            assert_eq!(Day::of(seconds).to_string(), day, "{seconds}");
            assert_eq!(day.parse(), Ok(Day::of(seconds)));
        }
        assert_eq!(Day::of(1_798_761_600).before(1).month(), "2026-12");
        for text in [
            "",
            "2026",
            "2026-11",
            "2026-02-29",
            "2026-13-01",
            "2026-11-21-1",
            "1969-12-31",
            "today",
        ] {
            assert_eq!(text.parse::<Day>(), Err(()), "{text}");
        }
    }
}
