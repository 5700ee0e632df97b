//! Refunds and disputes of payments that were made before their organization was imported.

use crate::{
    Billing, BillingFailure, Quarantine, WebhookAnswer,
    customers::Profile,
    facts::{read::known, source::Told},
    reversals::reported::Reported,
};

impl Billing {
    /// A refund or dispute of a payment that nothing was granted for here. Where the payment is older than its
    /// organization's opening balance, its credits stand in that balance: a person takes them back.
    pub(crate) async fn of_brought_over(
        &self,
        reported: &Reported,
        payment: &str,
        answer: WebhookAnswer,
        told: &Told,
    ) -> Result<WebhookAnswer, BillingFailure> {
        let news = &reported.news;
        if !news.takes || news.undone {
            return Ok(answer);
        }
        let Some(payment) = known(payment, self.stripe.payment_intent(payment).await)? else {
            return Ok(answer);
        };
        let Some(customer) = &payment.customer else { return Ok(answer) };
        let Some(reference) = self.ledger.reference(customer).await? else { return Ok(answer) };
        let profile = Profile::read(&self.work, &reference.organization).await?;
        let Some(brought_over_at) = profile.and_then(|profile| profile.brought_over_at) else {
            return Ok(answer);
        };
        // What went back before, the opening balance knows. Stripe's times are whole seconds.
        let at = brought_over_at.as_seconds();
        if payment.created >= at || reported.went_at < at {
            return Ok(answer);
        }
        let organization = Some(&reference.organization);
        let reason = Quarantine::BroughtOver;
        self.quarantine(told.quarantined(self, &news.object, reason, organization)).await?;
        Ok(WebhookAnswer::Quarantined(reason))
    }
}
