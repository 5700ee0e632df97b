//! Paid invoices that grant nothing by the plan: finance decides what they bring.

use crate::{
    Billing, BillingFailure, Quarantine, SubscriptionGrant, WebhookAnswer, error::known, facts::source::Told,
    orders::grant,
};
use stripe_client::{Invoice, InvoiceStatus};
use terms::OrganizationId;

impl Billing {
    /// Puts a paid invoice that grants nothing up for manual review: one with money behind it, of a subscription or of
    /// a customer that we know, which neither pays for an order of credits nor stands in an opening balance.
    pub(crate) async fn for_finance(
        &self,
        invoice: &Invoice,
        organization: Option<&OrganizationId>,
        told: &Told,
    ) -> Result<WebhookAnswer, BillingFailure> {
        let paid = invoice.status == Some(InvoiceStatus::Paid) && invoice.amount_paid > 0;
        let ours = invoice.subscription.is_some() || organization.is_some();
        let dollars = invoice.currency == "usd" && invoice.livemode == self.livemode;
        if !paid || !ours || !dollars || self.is_granted_or_imported(invoice, organization, told).await? {
            return Ok(WebhookAnswer::NothingToDo);
        }
        let reason = Quarantine::GrantsNothing;
        self.quarantine(told.quarantined(self, &invoice.id, reason, organization)).await?;
        Ok(WebhookAnswer::Quarantined(reason))
    }

    async fn is_granted_or_imported(
        &self,
        invoice: &Invoice,
        organization: Option<&OrganizationId>,
        told: &Told,
    ) -> Result<bool, BillingFailure> {
        if let Some(organization) = organization {
            let key = SubscriptionGrant::key_of(organization, &invoice.id);
            let granted = self.work.get::<SubscriptionGrant>(&key).await?;
            if granted.is_some_and(|found| found.record.granted.is_positive())
                || self.barred(organization, invoice, None, told).await?.is_some()
            {
                return Ok(true);
            }
        }
        // Checkout writes an invoice after a one-time payment where it is asked to.
        Ok(invoice.subscription.is_none() && self.pays_for_an_order(invoice).await?)
    }

    async fn pays_for_an_order(&self, invoice: &Invoice) -> Result<bool, BillingFailure> {
        if grant::named_in_metadata(&invoice.metadata, "credits").is_some() {
            return Ok(true);
        }
        let ties = known(&invoice.id, self.stripe.payments_of_invoice(&invoice.id).await)?;
        for payment in ties.into_iter().flatten().filter_map(|tie| tie.payment_intent) {
            let Some(payment) = known(&payment, self.stripe.payment_intent(&payment).await)? else {
                continue;
            };
            let mut kinds = ["credits", "top-up"].into_iter();
            if kinds.any(|kind| grant::named_in_metadata(&payment.metadata, kind).is_some()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
