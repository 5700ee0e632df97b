//! An early fraud warning, from an event or read at Stripe: which payment and grant it is about.

use crate::{
    BillingFailure, FactOutcome, ReviewReason, facts::source::EventSource, payments::grant::Granted,
    reversals::RefundsAndDisputes,
};
use stripe_client::EarlyFraudWarning;
use tables::{Attempt, retry_while_changed};

impl RefundsAndDisputes {
    pub(crate) async fn on_fraud_warning(
        &self,
        warning: &EarlyFraudWarning,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        let Some(payment) = self.fraud_warnings.payment_of(warning).await? else {
            return Ok(FactOutcome::NotOurs);
        };
        if warning.livemode != self.livemode {
            let reason = ReviewReason::LivemodeMismatch;
            return self.review_queue.add_fact(&warning.id, reason, None, source).await;
        }
        retry_while_changed("the record of a grant", || async {
            let grant = match self.grant_of(&payment, source).await? {
                Granted::NotOurs => return Ok(Attempt::Done(FactOutcome::NotOurs)),
                Granted::Nothing => None,
                Granted::Grant(grant) => Some(grant),
            };
            let received = self.fraud_warnings.receive(warning, (&payment, grant.as_ref()), source).await?;
            if let Some(outcome) = received {
                return Ok(Attempt::Done(outcome));
            }
            Ok(Attempt::Changed)
        })
        .await
    }
}
