//! Recovery: what webhooks did not deliver. Stripe's events from a stored time on, and every open object read again
//! by its id, whatever its age, through the same code and under the same causes.

use crate::{BillingFailure, recovery::Recovery};
use serde::Serialize;
use terms::{Failing, Meaning};

/// The result of one run.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Recovered {
    /// Events decided, most of them for the second time.
    pub events: u32,
    /// Events that could not be decided now: recorded, and tried again.
    #[serde(rename = "kept")]
    pub undecided: u32,
    /// Due objects read again.
    #[serde(rename = "looked")]
    pub checked: u32,
    /// Of those, the ones that failed: still due.
    pub failed: u32,
    /// Of what failed or was recorded: because other writers were in the way or Stripe was busy, which is no alarm by
    /// itself.
    pub contended: u32,
    /// Whether all events up to now were listed.
    pub walked: bool,
}

impl Recovered {
    pub(super) fn count(&mut self, failure: &BillingFailure) {
        let contended = matches!(failure.meaning(), Meaning::Contended | Meaning::Busy { .. });
        self.contended = self.contended.saturating_add(u32::from(contended));
    }
}

impl Recovery {
    /// One run of recovery, as long as `go_on` says. Fails when the cursor, the due index or Stripe's list cannot be
    /// read; nothing is skipped.
    pub async fn run(&self, go_on: &(dyn Fn() -> bool + Send + Sync)) -> Result<Recovered, BillingFailure> {
        let mut recovered = Recovered::default();
        // Events first: open objects wait for hours anyway, and must not delay new events.
        let walked = self.walk_events(&mut recovered, go_on).await;
        self.check_due(&mut recovered, go_on).await?;
        walked?;
        if recovered.failed.saturating_add(recovered.undecided) > recovered.contended {
            let (failed, undecided) = (recovered.failed, recovered.undecided);
            tracing::error!(
                alarm = "recovery-incomplete",
                failed,
                undecided,
                "recovery could not decide everything"
            );
        }
        Ok(recovered)
    }
}
