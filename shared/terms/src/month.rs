//! A calendar month in UTC.

use crate::Timestamp;
use serde::{Deserialize, Serialize};

/// Why a text is not a month. Worded for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a month is written yyyy-mm")]
pub struct MonthError;

/// A UTC month, written `yyyy-mm`. A movement belongs to the month in which it was recorded, so a closed month never
/// changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    year: u16,
    month: u8,
}

impl Month {
    /// Reads `yyyy-mm`, years 2000 to 9999.
    pub fn parse(raw: &str) -> Result<Self, MonthError> {
        let (year, month) = raw.split_once('-').ok_or(MonthError)?;
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
            return Err(MonthError);
        }
        let year = year.parse().map_err(|_| MonthError)?;
        let month = month.parse().map_err(|_| MonthError)?;
        if year < 2000 || !(1..=12).contains(&month) {
            return Err(MonthError);
        }
        Ok(Self { year, month })
    }

    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        let date = at.to_offset_date_time();
        Self { year: u16::try_from(date.year()).unwrap_or(9999), month: date.month().into() }
    }

    #[must_use]
    pub fn previous(self) -> Self {
        if self.month == 1 {
            Self { year: self.year.saturating_sub(1), month: 12 }
        } else {
            Self { year: self.year, month: self.month.saturating_sub(1) }
        }
    }

    #[must_use]
    pub fn next(self) -> Self {
        if self.month == 12 {
            Self { year: self.year.saturating_add(1), month: 1 }
        } else {
            Self { year: self.year, month: self.month.saturating_add(1) }
        }
    }

    #[must_use]
    pub fn start(self) -> Timestamp {
        let text = format!("{self}-01T00:00:00.000Z");
        Timestamp::parse(&text).unwrap_or(Timestamp::from_ms(0))
    }

    /// This month and the ones before it, newest first.
    #[must_use]
    pub fn back(self, count: usize) -> Vec<Self> {
        std::iter::successors(Some(self), |month| Some(month.previous())).take(count).collect()
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:04}-{:02}", self.year, self.month)
    }
}

impl TryFrom<String> for Month {
    type Error = MonthError;
    fn try_from(raw: String) -> Result<Self, MonthError> {
        Self::parse(&raw)
    }
}

impl From<Month> for String {
    fn from(month: Month) -> String {
        month.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_walk_back_over_a_new_year() {
        let month = Month::parse("2027-01").unwrap();
        let names: Vec<String> = month.back(3).into_iter().map(String::from).collect();
        assert_eq!(names, ["2027-01", "2026-12", "2026-11"]);
    }

    #[test]
    fn months_walk_on_over_a_new_year_and_begin_with_their_first_instant() {
        let month = Month::parse("2026-12").unwrap();
        assert_eq!(month.next().to_string(), "2027-01");
        assert_eq!(month.start().to_string(), "2026-12-01T00:00:00.000Z");
        assert_eq!(Month::of(month.next().start().plus_ms(-1)), month);
    }

    #[test]
    fn a_month_is_the_utc_month_of_its_last_millisecond() {
        let last = Timestamp::parse("2026-11-30T23:59:59.999Z").unwrap();
        assert_eq!(Month::of(last).to_string(), "2026-11");
        assert_eq!(Month::of(last.plus_seconds(1)).to_string(), "2026-12");
    }

    #[test]
    fn other_spellings_are_refused() {
        for bad in ["2026-13", "2026-00", "26-11", "2026-1", "2026/11", "1999-12", "+026-11", "2026-11-01"] {
            assert_eq!(Month::parse(bad), Err(MonthError), "{bad}");
        }
    }
}
