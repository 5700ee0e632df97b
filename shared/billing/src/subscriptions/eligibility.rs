//! Which invoices grant credits, and why the others do not. What grants nothing by the plan and has money behind it is put
//! up for manual review.

use crate::{
    Billing, BillingFailure, Quarantine, Quarantined, SubscriptionGrant, WebhookAnswer,
    customers::Profile,
    facts::{metadata::named_in_metadata, read::known, source::Told},
};
use stripe_client::{BillingReason, Invoice, InvoiceStatus};
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
}

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
        if named_in_metadata(&invoice.metadata, "credits").is_some() {
            return Ok(true);
        }
        let ties = known(&invoice.id, self.stripe.payments_of_invoice(&invoice.id).await)?;
        for payment in ties.into_iter().flatten().filter_map(|tie| tie.payment_intent) {
            let Some(payment) = known(&payment, self.stripe.payment_intent(&payment).await)? else {
                continue;
            };
            let mut kinds = ["credits", "top-up"].into_iter();
            if kinds.any(|kind| named_in_metadata(&payment.metadata, kind).is_some()) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Why an invoice grants nothing. Only one that was paid, more than nothing, for a start or a cycle does
/// grant: not a trial's start, a proration, a threshold or a manual invoice (a credit purchase's own among
/// them).
pub(crate) fn why_nothing(invoice: &Invoice) -> Option<String> {
    let reason = invoice.billing_reason.as_ref();
    if !is_granting_reason(reason) {
        return Some(reason.map_or("unknown", BillingReason::as_str).to_owned());
    }
    if invoice.status != Some(InvoiceStatus::Paid) {
        return Some("not-paid".to_owned());
    }
    let trial = reason == Some(&BillingReason::SubscriptionCreate);
    (invoice.amount_paid <= 0).then(|| if trial { "trial" } else { "nothing-paid" }.to_owned())
}

pub(crate) fn is_granting_reason(reason: Option<&BillingReason>) -> bool {
    matches!(reason, Some(BillingReason::SubscriptionCreate | BillingReason::SubscriptionCycle))
}
