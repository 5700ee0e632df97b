//! Invoices that would grant and must not, and what happened to an invoice before it was granted.

use crate::{
    Billing, BillingFailure, Quarantine, Quarantined, WebhookAnswer, customers::Profile, error::known,
    facts::source::Told, reversals::apply::Reported,
};
use stripe_client::Invoice;
use tables::Stored;
use terms::OrganizationId;

impl Billing {
    /// The quarantine of an invoice whose organization was unknown, if it stood there.
    pub(crate) async fn was_quarantined(
        &self,
        invoice: &str,
    ) -> Result<Option<Stored<Quarantined>>, BillingFailure> {
        let key = Quarantined::key_of(invoice, Quarantine::OrganizationUnknown);
        Ok(self.work.get(&key).await?)
    }

    /// Why an invoice of a known organization grants nothing: it was paid before the organization was brought
    /// over, and stands in its opening balance; or finance dismissed it.
    pub(crate) async fn barred(
        &self,
        organization: &OrganizationId,
        invoice: &Invoice,
        quarantined: Option<&Stored<Quarantined>>,
        told: &Told,
    ) -> Result<Option<&'static str>, BillingFailure> {
        let resolution = quarantined.and_then(|stored| stored.record.resolution.as_ref());
        if resolution.is_some_and(|resolution| resolution.granted.is_none()) {
            return Ok(Some("dismissed"));
        }
        let profile = Profile::read(&self.work, organization).await?;
        let brought_over_at = profile.and_then(|profile| profile.brought_over_at);
        let paid_at = invoice.paid_at.unwrap_or(told.occurred_at.as_seconds());
        // Stripe's times are whole seconds.
        let before = brought_over_at.is_some_and(|brought_over_at| paid_at < brought_over_at.as_seconds());
        Ok(before.then_some("brought-over"))
    }

    /// What was refunded or disputed of an invoice while nothing was granted for it.
    pub(crate) async fn take_what_was_reversed(&self, invoice: &str) -> Result<(), BillingFailure> {
        let ties = known(invoice, self.stripe.payments_of_invoice(invoice).await)?.unwrap_or_default();
        for payment in ties.into_iter().filter_map(|tie| tie.payment_intent) {
            Box::pin(self.read_reversals(&payment)).await?;
        }
        Ok(())
    }

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
