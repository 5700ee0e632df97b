//! The early fraud warnings of an organization that finance has not lifted, over all its purchases: with one, the
//! reported card may be the saved one, which is not charged.

use crate::BillingFailure;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use tables::{Key, Record, Stored, WorkTable, WorkWrite};
use terms::OrganizationId;

/// The warnings of an organization that finance has not lifted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StandingWarnings {
    organization: OrganizationId,
    warnings: BTreeSet<String>,
}

impl Record for StandingWarnings {
    const KIND: &'static str = "standing-warnings";

    fn key(&self) -> Key {
        Key::new(format!("ORG#{}", self.organization), "FRAUD-WARNINGS")
    }
}

/// The record as it was read, or none.
pub(crate) struct ReadWarnings {
    stored: Option<Stored<StandingWarnings>>,
    record: StandingWarnings,
}

impl ReadWarnings {
    pub(crate) async fn of(work: &WorkTable, organization: &OrganizationId) -> Result<Self, BillingFailure> {
        let none = StandingWarnings { organization: organization.clone(), warnings: BTreeSet::new() };
        let stored = work.get::<StandingWarnings>(&none.key()).await?;
        let record = stored.as_ref().map_or(none, |stored| stored.record.clone());
        Ok(Self { stored, record })
    }

    pub(crate) fn any(&self) -> bool {
        !self.record.warnings.is_empty()
    }

    /// A write that makes its transaction fail if the warnings have changed since they were read.
    pub(crate) fn unchanged(&self) -> Result<WorkWrite, BillingFailure> {
        self.write(&self.record)
    }

    /// The write that adds a warning.
    pub(crate) fn with(mut self, warning: &str) -> Result<WorkWrite, BillingFailure> {
        self.record.warnings.insert(warning.to_owned());
        self.write(&self.record)
    }

    /// The write that removes a lifted warning; `None` if it is not there.
    pub(crate) fn without(mut self, warning: &str) -> Result<Option<WorkWrite>, BillingFailure> {
        let stood = self.record.warnings.remove(warning);
        stood.then(|| self.write(&self.record)).transpose()
    }

    fn write(&self, next: &StandingWarnings) -> Result<WorkWrite, BillingFailure> {
        Ok(match &self.stored {
            Some(stored) => WorkWrite::replace(stored, next)?,
            None => WorkWrite::insert(next)?,
        })
    }
}
