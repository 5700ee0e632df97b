//! The balances at which an owner gets an alert.

use money::Money;
use serde::{Deserialize, Serialize};
use tables::{Key, Record, Stored, TableFailure, WorkTable};
use terms::{OrganizationId, Timestamp};

/// The most levels that an owner may set; auto top-up's threshold is one more that the ledger watches.
const LEVELS_MAX: usize = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LevelsRefused {
    #[error("set at most {LEVELS_MAX} levels")]
    TooMany,
    /// Not above zero, or beyond a hundred times the largest purchase.
    #[error("a level is an amount from 0.01 to 1000000.00 credits")]
    OutOfBounds,
}

/// Levels of available credits below which an owner wants an alert.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AlertSettings {
    pub organization: OrganizationId,
    /// Ascending, without repetition.
    pub levels: Vec<Money>,
    pub changed_at: Timestamp,
}

impl AlertSettings {
    pub fn new(
        organization: OrganizationId,
        levels: &[Money],
        changed_at: Timestamp,
    ) -> Result<Self, LevelsRefused> {
        let mut levels = levels.to_vec();
        levels.sort_unstable();
        levels.dedup();
        if levels.len() > LEVELS_MAX {
            return Err(LevelsRefused::TooMany);
        }
        let most = Money::from_cents(100_000_000).map_err(|_| LevelsRefused::OutOfBounds)?;
        if levels.iter().any(|level| !level.is_positive() || *level > most) {
            return Err(LevelsRefused::OutOfBounds);
        }
        Ok(Self { organization, levels, changed_at })
    }

    /// Where an organization's settings are stored.
    #[must_use]
    pub fn key_of(organization: &OrganizationId) -> Key {
        Key::new(format!("ORG#{organization}"), "ALERT-SETTINGS")
    }
}

impl Record for AlertSettings {
    const KIND: &'static str = "alert-settings";

    fn key(&self) -> Key {
        Self::key_of(&self.organization)
    }
}

/// `None` before any were set.
pub async fn settings_of(
    work: &WorkTable,
    organization: &OrganizationId,
) -> Result<Option<Stored<AlertSettings>>, TableFailure> {
    work.get(&AlertSettings::key_of(organization)).await
}
