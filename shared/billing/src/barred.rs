//! Invoices that would grant and must not, and what happened to an invoice before it was granted.

use crate::{Billing, BillingFailure, Quarantine, Quarantined, customer::Profile, told::Told};
use stripe_client::Invoice;
use tables::Stored;
use terms::OrganizationId;

impl Billing {
    /// The quarantine of an invoice whose organization was unknown, if it stood there.
    pub(crate) async fn was_quarantined(
        &self,
        invoice: &Invoice,
    ) -> Result<Option<Stored<Quarantined>>, BillingFailure> {
        let key = Quarantined::key_of(&invoice.id, Quarantine::OrganizationUnknown);
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
        let ties = self.stripe.payments_of_invoice(invoice).await.map_err(BillingFailure::Stripe)?;
        for payment in ties.into_iter().filter_map(|tie| tie.payment_intent) {
            Box::pin(self.read_reversals(&payment)).await?;
        }
        Ok(())
    }
}
