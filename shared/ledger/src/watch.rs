//! Watched levels of available credits, and the record that a movement leaves when it crosses one.
//!
//! Owns what a crossing is. It is recorded in the movement's own transaction, so that none is lost and none comes
//! twice. The ledger does not know who gets an alert or what is bought because of it.

use crate::{Account, CauseKind, Entry, Refusal, limits};
use money::Money;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use terms::{OrganizationId, Timestamp};

/// Why levels cannot be watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WatchError {
    #[error("at most {} levels are watched", limits::WATCH_LEVELS_MAX)]
    TooMany,
    /// Spending never crosses a level of zero or less.
    #[error("a watched level is above 0.00")]
    NotPositive,
}

/// Levels of available credits, ascending and without repetition. Stored as one text, on which the account's writes
/// are conditioned, so that a movement never restores an older watch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Watch(Vec<Money>);

impl Watch {
    /// Takes levels in any order; equal ones count once.
    pub fn new(levels: impl IntoIterator<Item = Money>) -> Result<Self, WatchError> {
        let mut levels: Vec<Money> = levels.into_iter().collect();
        levels.sort_unstable();
        levels.dedup();
        if levels.len() > limits::WATCH_LEVELS_MAX {
            return Err(WatchError::TooMany);
        }
        if levels.iter().any(|level| !level.is_positive()) {
            return Err(WatchError::NotPositive);
        }
        Ok(Self(levels))
    }

    /// Ascending.
    #[must_use]
    pub fn levels(&self) -> &[Money] {
        &self.0
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As it is stored.
    #[must_use]
    pub fn as_text(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }
}

impl Serialize for Watch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.as_text())
    }
}

impl<'de> Deserialize<'de> for Watch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let levels: Result<Vec<Money>, _> = text.split_whitespace().map(Money::parse).collect();
        Self::new(levels.map_err(D::Error::custom)?).map_err(D::Error::custom)
    }
}

/// Records that available credits fell below watched levels, or rose to them again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Crossing {
    pub organization: OrganizationId,
    /// The entry that crossed; where new levels were crossed already when they were set, the latest entry.
    pub seq: u64,
    /// That entry's cause; `None` where setting the levels was the reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<CauseKind>,
    /// Levels that are above the available credits now and were not before, ascending.
    pub fell_below: Vec<Money>,
    /// Levels that are reached again, ascending.
    pub rose_to: Vec<Money>,
    /// In credits, after the entry.
    pub available: Money,
    pub at: Timestamp,
}

impl Crossing {
    /// What a movement crosses, from the account as it was read to the account after it.
    pub(crate) fn of(
        before: &Account,
        after: &Account,
        entry: Option<&Entry>,
    ) -> Result<Option<Self>, Refusal> {
        let Some(entry) = entry.filter(|_| !after.watch.is_empty()) else { return Ok(None) };
        let (was, is) = (before.available()?, after.available()?);
        let crossed = |down: bool| -> Vec<Money> {
            let levels = after.watch.levels().iter().copied();
            levels.filter(|level| (was < *level) != (is < *level) && (is < *level) == down).collect()
        };
        let crossing = Self {
            organization: after.organization.clone(),
            seq: entry.seq,
            cause: Some(entry.cause.kind),
            fell_below: crossed(true),
            rose_to: crossed(false),
            available: is,
            at: entry.recorded_at,
        };
        let is_one = !crossing.fell_below.is_empty() || !crossing.rose_to.is_empty();
        Ok(is_one.then_some(crossing))
    }

    /// The new levels that are above the available credits when they are set.
    pub(crate) fn of_setting(
        account: &Account,
        watch: &Watch,
        at: Timestamp,
    ) -> Result<Option<Self>, Refusal> {
        let available = account.available()?;
        let is_new = |level: &&Money| !account.watch.levels().contains(level);
        let below = watch.levels().iter().filter(is_new).filter(|level| available < **level);
        let fell_below: Vec<Money> = below.copied().collect();
        let crossing = Self {
            organization: account.organization.clone(),
            seq: account.seq,
            cause: None,
            fell_below,
            rose_to: Vec::new(),
            available,
            at,
        };
        Ok((!crossing.fell_below.is_empty()).then_some(crossing))
    }
}

#[cfg(test)]
mod tests;
