//! The pauses of a print job: while the vendor is in trouble nothing is sent.

use crate::{job_state::Contradiction, limits};
use serde::{Deserialize, Serialize};
use terms::Timestamp;

/// A job's pauses. Together they use up its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "StoredPauses", into = "StoredPauses")]
pub struct Pauses {
    /// The pause that it is in.
    pub current: Option<Pause>,
    /// How often it paused since the vendor last worked.
    pub in_a_row: u32,
    /// How long earlier pauses lasted, in milliseconds.
    pub earlier_ms: i64,
}

/// One pause, which may be extended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pause {
    /// Since when nothing is sent.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

impl Pauses {
    /// How long the job has paused in total, in seconds.
    #[must_use]
    pub fn lasted_seconds(&self, now: Timestamp) -> i64 {
        self.earlier_ms.saturating_add(self.current_ms(now)).div_euclid(1000)
    }

    fn current_ms(&self, now: Timestamp) -> i64 {
        self.current.map_or(0, |pause| now.as_ms().saturating_sub(pause.since.as_ms()).max(0))
    }

    /// Until when nothing is sent, if that is later than `now`.
    #[must_use]
    pub fn until_after(&self, now: Timestamp) -> Option<Timestamp> {
        self.current.map(|pause| pause.until).filter(|until| *until > now)
    }

    /// How long the next pause lasts, in seconds: doubled each time, up to 15 min.
    #[must_use]
    pub fn next_seconds(&self) -> i64 {
        let doubled = 1i64.checked_shl(self.in_a_row.min(8)).unwrap_or(1);
        limits::PAUSE_FIRST_SECONDS.saturating_mul(doubled).min(limits::PAUSE_MAX_SECONDS)
    }

    /// With a pause until then: the current one goes on.
    #[must_use]
    pub fn extended(&self, now: Timestamp, until: Timestamp) -> Self {
        let since = self.current.map_or(now, |pause| pause.since);
        Self {
            current: Some(Pause { since, until }),
            in_a_row: self.in_a_row.saturating_add(1),
            earlier_ms: self.earlier_ms,
        }
    }

    /// After the vendor worked again.
    #[must_use]
    pub fn resumed(&self, now: Timestamp) -> Self {
        let earlier_ms = self.earlier_ms.saturating_add(self.current_ms(now));
        Self { current: None, in_a_row: 0, earlier_ms }
    }
}

/// The attributes of a job's pauses.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredPauses {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paused_since: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    paused_until: Option<Timestamp>,
    pauses: u32,
    paused_ms: i64,
}

impl From<Pauses> for StoredPauses {
    fn from(pauses: Pauses) -> Self {
        Self {
            paused_since: pauses.current.map(|pause| pause.since),
            paused_until: pauses.current.map(|pause| pause.until),
            pauses: pauses.in_a_row,
            paused_ms: pauses.earlier_ms,
        }
    }
}

impl TryFrom<StoredPauses> for Pauses {
    type Error = Contradiction;

    fn try_from(stored: StoredPauses) -> Result<Self, Contradiction> {
        let current = match (stored.paused_since, stored.paused_until) {
            (Some(since), Some(until)) => Some(Pause { since, until }),
            (None, None) => None,
            _ => return Err(Contradiction("a pause has a beginning and an end")),
        };
        Ok(Self { current, in_a_row: stored.pauses, earlier_ms: stored.paused_ms })
    }
}
