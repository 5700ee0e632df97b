//! What the sweeper does with a purchase that is due: what a crash or a lost message left is taken up again.

use crate::keep::{Flow, Keeper};
use crate::purchase::queue_fetch;
use crate::record::Readiness;
use crate::{Audience, AudienceFailure, Purchase, limits};
use tables::{Attempt, Key, Replace, Stored};
use terms::Timestamp;

/// Looks at a purchase that the due index names, as [`Audience::sweep`] does.
///
/// # Errors
/// [`AudienceFailure`]: it stays due, and is looked at again.
pub async fn sweep(audience: &Audience, key: &Key, now: Timestamp) -> Result<(), AudienceFailure> {
    audience.sweep(key, now).await
}

impl Audience {
    /// Looks at a purchase that the due index names. It is queued again; not begun within its day it ends,
    /// and its hold with it; begun and past its day it is settled by what is stored.
    ///
    /// # Errors
    /// [`AudienceFailure`]: it stays due, and is looked at again.
    pub async fn sweep(&self, key: &Key, now: Timestamp) -> Result<(), AudienceFailure> {
        let Some(read) = self.table.get::<Purchase>(key).await? else { return Ok(()) };
        // The index lags behind the table: the record says whether it is due.
        if read.record.due_at.is_none_or(|due_at| due_at > now) {
            return Ok(());
        }
        match read.record.readiness(now) {
            Readiness::Ended | Readiness::Owned | Readiness::Paused => Ok(()),
            Readiness::NeverBegun => self.end_unbegun(&read.record).await,
            Readiness::Overdue => self.settle_overdue(&read).await,
            Readiness::Free => {
                let next = Purchase {
                    due_at: Some(now.plus_seconds(limits::NEXT_LOOK_SECONDS)),
                    ..read.record.clone()
                };
                // Of two sweepers one moves the due time, and only that one sends.
                if let Replace::Done(_) = self.table.replace(&read, &next).await? {
                    queue_fetch(&self.queue, &next).await;
                }
                Ok(())
            }
        }
    }

    /// Settles by what is stored, a page included that a crashed worker had stored and not recorded.
    async fn settle_overdue(&self, read: &Stored<Purchase>) -> Result<(), AudienceFailure> {
        let lease = self.take_lease(read, limits::SETTLE_LEASE_SECONDS).await?;
        let Attempt::Done(owned) = lease else { return Ok(()) };
        let abandoned = read.record.lease().map(|lease| lease.number);
        let mut keeper = Keeper::new(self, owned);
        match keeper.take_up(abandoned).await? {
            Flow::GoOn => self.settle(keeper.owned()).await,
            Flow::Leave => Ok(()),
        }
    }
}
