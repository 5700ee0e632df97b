//! Which invoices grant credits, and why the others do not. A paid invoice that grants nothing by the plan goes into
//! manual review.

use crate::{
    BillingFailure, FactOutcome, ManualReview, ReviewReason, SubscriptionGrant,
    customers::Profile,
    facts::{metadata::named_in_metadata, read::known, source::EventSource},
    subscriptions::Subscriptions,
};
use stripe_client::{BillingReason, Invoice, InvoiceStatus};
use tables::Stored;
use terms::OrganizationId;

impl Subscriptions {
    /// Why an invoice of a known organization grants nothing: it was paid before the organization was imported, and
    /// is part of its opening balance; or finance dismissed it.
    pub(crate) async fn ineligibility(
        &self,
        organization: &OrganizationId,
        invoice: &Invoice,
        review: Option<&Stored<ManualReview>>,
        source: &EventSource,
    ) -> Result<Option<&'static str>, BillingFailure> {
        let resolution = review.and_then(|stored| stored.record.resolution.as_ref());
        if resolution.is_some_and(|resolution| resolution.granted.is_none()) {
            return Ok(Some("dismissed"));
        }
        let profile = Profile::read(&self.work, organization).await?;
        let imported_at = profile.and_then(|profile| profile.imported_at);
        let paid_at = invoice.paid_at.unwrap_or(source.occurred_at.as_seconds());
        // Stripe's times are whole seconds.
        let before = imported_at.is_some_and(|imported_at| paid_at < imported_at.as_seconds());
        Ok(before.then_some("brought-over"))
    }
}

impl Subscriptions {
    /// Puts a paid invoice that grants nothing into manual review: one with money behind it, of a subscription or of
    /// a known customer, that neither pays for an order of credits nor is part of an opening balance.
    pub(crate) async fn review_ungranted(
        &self,
        invoice: &Invoice,
        organization: Option<&OrganizationId>,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        let paid = invoice.status == Some(InvoiceStatus::Paid) && invoice.amount_paid > 0;
        let ours = invoice.subscription.is_some() || organization.is_some();
        let dollars = invoice.currency == "usd" && invoice.livemode == self.livemode;
        if !paid || !ours || !dollars || self.is_granted_or_imported(invoice, organization, source).await? {
            return Ok(FactOutcome::NothingToDo);
        }
        let reason = ReviewReason::GrantsNothing;
        self.review_queue.add_fact(&invoice.id, reason, organization, source).await
    }

    async fn is_granted_or_imported(
        &self,
        invoice: &Invoice,
        organization: Option<&OrganizationId>,
        source: &EventSource,
    ) -> Result<bool, BillingFailure> {
        if let Some(organization) = organization {
            let key = SubscriptionGrant::key_of(organization, &invoice.id);
            let granted = self.work.get::<SubscriptionGrant>(&key).await?;
            if granted.is_some_and(|found| found.record.granted.is_positive())
                || self.ineligibility(organization, invoice, None, source).await?.is_some()
            {
                return Ok(true);
            }
        }
        // On request, Checkout writes an invoice after a one-time payment.
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

/// Why an invoice grants nothing. Only one that was paid, more than nothing, for a start or a cycle grants credits:
/// not a trial's start, a proration, a threshold or a manual invoice (such as a credit purchase's own).
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
