//! Open objects that Stripe refuses to read: checked again later, so that they do not block the others.

use crate::{
    AutoTopUp, BillingFailure, MirroredSubscription, Order, RefundRequest, SubscriptionGrant,
    limits::POSTPONED_SECONDS, recovery::Recovery,
};
use tables::{DueItem, Key, Record, Replace};

impl Recovery {
    /// Sets a due record's next check, if it is still due.
    pub(crate) async fn postpone(&self, item: &DueItem) -> Result<(), BillingFailure> {
        let next_check = Some(self.clock.now().plus_seconds(POSTPONED_SECONDS));
        let key = &item.key;
        match item.kind.as_str() {
            Order::KIND => self.postponed(key, |record| Order { next_check, ..record }).await,
            SubscriptionGrant::KIND => {
                self.postponed(key, |record| SubscriptionGrant { next_check, ..record }).await
            }
            MirroredSubscription::KIND => {
                self.postponed(key, |record| MirroredSubscription { next_check, ..record }).await
            }
            AutoTopUp::KIND => self.postponed(key, |record| AutoTopUp { next_check, ..record }).await,
            RefundRequest::KIND => self.postponed(key, |record| RefundRequest { next_check, ..record }).await,
            // An undecided event sets its own next check.
            _ => Ok(()),
        }
    }

    async fn postponed<T: Record + Clone>(
        &self,
        key: &Key,
        later: impl FnOnce(T) -> T + Send,
    ) -> Result<(), BillingFailure> {
        let Some(stored) = self.work.get::<T>(key).await? else { return Ok(()) };
        if stored.record.due_at().is_some_and(|at| at <= self.clock.now()) {
            let next = later(stored.record.clone());
            // Another writer has checked it meanwhile.
            let _: Replace<T> = self.work.replace(&stored, &next).await?;
        }
        Ok(())
    }
}
