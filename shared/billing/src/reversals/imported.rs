//! Refunds and disputes of payments that were made before their organization was imported.

use crate::{
    BillingFailure, FactOutcome, ReviewReason,
    customers::Profile,
    facts::{read::known, source::EventSource},
    reversals::{RefundsAndDisputes, reported::ReportedReversal},
};

impl RefundsAndDisputes {
    /// A refund or dispute of a payment for which nothing was granted here. If the payment is older than its
    /// organization's opening balance, its credits are part of that balance: finance corrects them.
    pub(crate) async fn of_imported(
        &self,
        reported: &ReportedReversal,
        payment: &str,
        answer: FactOutcome,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        let fact = &reported.fact;
        if !fact.is_withdrawn() || fact.is_reinstated() {
            return Ok(answer);
        }
        let Some(payment) = known(payment, self.stripe.payment_intent(payment).await)? else {
            return Ok(answer);
        };
        let Some(customer) = &payment.customer else { return Ok(answer) };
        let Some(reference) = self.ledger.reference(customer).await? else { return Ok(answer) };
        let profile = Profile::read(&self.work, &reference.organization).await?;
        let Some(imported_at) = profile.and_then(|profile| profile.imported_at) else {
            return Ok(answer);
        };
        // The opening balance accounts for earlier reversals. Stripe's times are whole seconds.
        let at = imported_at.as_seconds();
        if payment.created >= at || reported.went_at < at {
            return Ok(answer);
        }
        let organization = Some(&reference.organization);
        let reason = ReviewReason::Imported;
        self.review_queue.add_fact(&fact.object, reason, organization, source).await
    }
}
