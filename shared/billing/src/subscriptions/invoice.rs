//! Subscription invoices: which ones grant credits, to whom, and how much.

use crate::{
    BillingFailure, FactOutcome, Freeze, Reversals, ReviewReason, SubscriptionGrant,
    facts::{
        amounts::{sold_by, stated},
        read::known,
        source::EventSource,
    },
    subscriptions::{
        Subscriptions,
        eligibility::{is_granting_reason, why_nothing},
        expiry::ExpiryNotice,
        grant::{FirstInvoice, first_invoice_key},
    },
};
use ledger::{Cause, CauseKind, Command, Companions, GrantKind, Movement, Posted, Reference, Refusal};
use money::{Money, PositiveMoney};
use std::collections::BTreeMap;
use stripe_client::Invoice;
use tables::{Attempt, Stored, WorkWrite, retry_while_changed};
use terms::{Actor, Fingerprint, OrganizationId, Timestamp};

/// The outcome of a paid invoice.
pub(crate) struct PaidInvoice {
    pub outcome: FactOutcome,
    /// Whether it was in manual review before: then what was refunded or disputed of it meanwhile has to be reversed
    /// now.
    pub left_review: bool,
}

impl From<FactOutcome> for PaidInvoice {
    fn from(outcome: FactOutcome) -> Self {
        Self { outcome, left_review: false }
    }
}

impl Subscriptions {
    pub(crate) async fn on_paid_invoice(
        &self,
        invoice: &Invoice,
        source: &EventSource,
    ) -> Result<PaidInvoice, BillingFailure> {
        if let Some(why) = why_nothing(invoice) {
            let organization = self.note_ungranted(invoice, why, source).await?;
            if is_granting_reason(invoice.billing_reason.as_ref()) {
                return Ok(FactOutcome::NothingToDo.into());
            }
            return Ok(self.review_ungranted(invoice, organization.as_ref(), source).await?.into());
        }
        // Paid for a subscription that cannot be read: an endpoint of another API version renders it so.
        let Some(subscription) = invoice.subscription.as_deref() else {
            return Ok(self.review_queue.add_undecidable(&invoice.id, source).await?.into());
        };
        let metadata = &invoice.subscription_metadata;
        let customer = invoice.customer.as_deref();
        let organization = self.organization_of(customer, subscription, metadata).await?;
        let Some(organization) = organization else {
            let reason = ReviewReason::OrganizationUnknown;
            return Ok(self.review_queue.add_fact(&invoice.id, reason, None, source).await?.into());
        };
        let cause = Cause::new(CauseKind::Invoice, invoice.id.clone());
        let fingerprint = fingerprint_of(&organization, invoice, subscription);
        if let Some(recorded) = self.ledger.find(&cause).await? {
            if recorded.fingerprint == fingerprint {
                // The process that granted it may have died before it reversed what had been refunded by then.
                let left_review = self.review_queue.of_invoice(&invoice.id).await?.is_some();
                return Ok(PaidInvoice { outcome: FactOutcome::Replayed, left_review });
            }
            let reason = ReviewReason::ContentsChanged;
            return Ok(self
                .review_queue
                .add_fact(&invoice.id, reason, Some(&organization), source)
                .await?
                .into());
        }
        let mismatches = [
            (invoice.livemode != self.livemode, ReviewReason::LivemodeMismatch),
            (invoice.currency != "usd", ReviewReason::CurrencyMismatch),
        ];
        if let Some((_, reason)) = mismatches.into_iter().find(|(differs, _)| *differs) {
            return Ok(self
                .review_queue
                .add_fact(&invoice.id, reason, Some(&organization), source)
                .await?
                .into());
        }
        self.grant_by_plan(&organization, invoice, subscription, source).await
    }

    /// Grants what the plan says, unless finance or the organization's import stands against it.
    async fn grant_by_plan(
        &self,
        organization: &OrganizationId,
        invoice: &Invoice,
        subscription: &str,
        source: &EventSource,
    ) -> Result<PaidInvoice, BillingFailure> {
        let cause = Cause::new(CauseKind::Invoice, invoice.id.clone());
        let fingerprint = fingerprint_of(organization, invoice, subscription);
        retry_while_changed("the grant of an invoice", || async {
            let review = self.review_queue.of_invoice(&invoice.id).await?;
            if let Some(why) = self.ineligibility(organization, invoice, review.as_ref(), source).await? {
                self.note_ungranted(invoice, why.to_owned(), source).await?;
                return Ok(Attempt::Done(FactOutcome::NothingToDo.into()));
            }
            let Some(first) = self.is_first(organization, invoice, subscription).await? else {
                return Ok(Attempt::Done(
                    self.review_queue.add_undecidable(&invoice.id, source).await?.into(),
                ));
            };
            let paid = stated(&invoice.id, invoice.amount_paid)?;
            let granted = self.plan.grant(sold_by(invoice)?, first);
            if !granted.is_positive() {
                self.note_ungranted(invoice, "capped".to_owned(), source).await?;
                return Ok(Attempt::Done(FactOutcome::NothingToDo.into()));
            }
            let grant = SubscriptionGrant {
                granted,
                first,
                expires_at: self.expiry(paid_at(invoice, source)),
                ..ungranted(organization, invoice, paid, source)?
            };
            // If finance decides on the fact in between, that decision is read first.
            let known = review.as_ref();
            let meets = known.map(|fact| WorkWrite::replace(fact, &fact.record)).transpose()?;
            let meets = meets.into_iter().collect();
            if let Some(outcome) = self.post_grant(&grant, (&cause, &fingerprint), source, meets).await? {
                return Ok(Attempt::Done(PaidInvoice { outcome, left_review: review.is_some() }));
            }
            Ok(Attempt::Changed)
        })
        .await
    }

    /// Grants an invoice as finance decided: to this organization, this many credits, with these writes. `None`: a
    /// record changed meanwhile, read again.
    pub(crate) async fn grant_as(
        &self,
        organization: &OrganizationId,
        invoice: &Invoice,
        granted: Money,
        source: &EventSource,
        more: Vec<WorkWrite>,
    ) -> Result<Option<FactOutcome>, BillingFailure> {
        let paid = stated(&invoice.id, invoice.amount_paid)?;
        let subscription = invoice.subscription.as_deref().unwrap_or_default();
        let cause = Cause::new(CauseKind::Invoice, invoice.id.clone());
        let fingerprint = fingerprint_of(organization, invoice, subscription);
        let by_plan = is_granting_reason(invoice.billing_reason.as_ref()) && !subscription.is_empty();
        let first = match by_plan {
            true => self.is_first(organization, invoice, subscription).await?.unwrap_or(false),
            false => false,
        };
        let expires_at = self.expiry(paid_at(invoice, source));
        let none = ungranted(organization, invoice, paid, source)?;
        let grant = SubscriptionGrant { granted, first, expires_at, ..none };
        self.post_grant(&grant, (&cause, &fingerprint), source, more).await
    }

    /// Records that a paid invoice grants nothing, with the reason, for the owner to see. Returns its organization.
    async fn note_ungranted(
        &self,
        invoice: &Invoice,
        why: String,
        source: &EventSource,
    ) -> Result<Option<OrganizationId>, BillingFailure> {
        tracing::info!(invoice = invoice.id, why, "a paid invoice grants nothing");
        let subscription = invoice.subscription.as_deref().unwrap_or_default();
        let metadata = &invoice.subscription_metadata;
        let customer = invoice.customer.as_deref();
        let Some(organization) = self.organization_of(customer, subscription, metadata).await? else {
            return Ok(None);
        };
        let paid = stated(&invoice.id, invoice.amount_paid)?;
        let note = ungranted(&organization, invoice, paid, source)?;
        self.work.insert(&SubscriptionGrant { why_nothing: Some(why), ..note }).await?;
        Ok(Some(organization))
    }

    /// The organization to which the subscription's invoices were granted; else the customer's; else the one that our
    /// servers wrote into the subscription's metadata.
    pub(crate) async fn organization_of(
        &self,
        customer: Option<&str>,
        subscription: &str,
        metadata: &BTreeMap<String, String>,
    ) -> Result<Option<OrganizationId>, BillingFailure> {
        let objects = [subscription].into_iter().chain(customer);
        for object in objects.filter(|object| !object.is_empty()) {
            if let Some(reference) = self.ledger.reference(object).await? {
                return Ok(Some(reference.organization));
            }
        }
        let named = metadata.get("organization_id");
        Ok(named.and_then(|id| OrganizationId::parse(id).ok()))
    }

    /// First at Stripe: the earliest payment among the subscription's paid, non-zero invoices, ties by id, whatever
    /// order the facts arrive in. Once an invoice was granted as the first, no other one is: two payments of one
    /// second must not both be. `None`: Stripe does not know the subscription, and finance decides.
    async fn is_first(
        &self,
        organization: &OrganizationId,
        invoice: &Invoice,
        subscription: &str,
    ) -> Result<Option<bool>, BillingFailure> {
        let key = first_invoice_key(organization, subscription);
        if self.work.get::<FirstInvoice>(&key).await?.is_some() {
            return Ok(Some(false));
        }
        let invoices = known(subscription, self.stripe.paid_invoices(subscription).await)?;
        let Some(invoices) = invoices else { return Ok(None) };
        let rank = |invoice: &Invoice| (invoice.paid_at.unwrap_or(i64::MAX), invoice.id.clone());
        let others = invoices.iter().filter(|other| {
            other.amount_paid > 0
                && other.id != invoice.id
                && is_granting_reason(other.billing_reason.as_ref())
        });
        let ours = invoices.iter().find(|other| other.id == invoice.id).unwrap_or(invoice);
        Ok(Some(others.map(rank).all(|other| rank(ours) < other)))
    }

    async fn post_grant(
        &self,
        grant: &SubscriptionGrant,
        (cause, fingerprint): (&Cause, &Fingerprint),
        source: &EventSource,
        more: Vec<WorkWrite>,
    ) -> Result<Option<FactOutcome>, BillingFailure> {
        let Ok(amount) = PositiveMoney::new(grant.granted) else {
            return Ok(Some(FactOutcome::NothingToDo));
        };
        let which = if grant.first { "first" } else { "renewal" };
        let movement = Movement {
            organization: grant.organization.clone(),
            cause: cause.clone(),
            fingerprint: fingerprint.clone(),
            actor: Actor::stripe(),
            occurred_at: Some(source.occurred_at),
            description: format!("Subscription credits, {which} payment of ${}", grant.paid),
            command: Command::Grant {
                kind: GrantKind::Subscription,
                amount,
                source: grant.invoice.clone(),
                expires_at: grant.expires_at,
            },
        };
        let noted = self.noted(grant).await?;
        let mut with = companions_of(grant, noted.as_ref())?;
        with.work.extend(more);
        match self.ledger.post(&movement, &with).await? {
            Ok(Posted::Receipt(_)) => Ok(Some(FactOutcome::Granted)),
            Ok(Posted::Replay(_)) => Ok(Some(FactOutcome::Replayed)),
            Err(Refusal::RecordChanged { .. }) => Ok(None),
            Err(Refusal::ReferenceTaken { .. }) => {
                let reason = ReviewReason::OrganizationUnknown;
                let organization = Some(&grant.organization);
                self.review_queue.add_fact(&grant.invoice, reason, organization, source).await.map(Some)
            }
            Err(refusal) => Err(BillingFailure::refused("grant-refused", &grant.invoice, refusal)),
        }
    }

    /// An earlier record that this invoice granted nothing: the grant replaces it.
    async fn noted(
        &self,
        grant: &SubscriptionGrant,
    ) -> Result<Option<Stored<SubscriptionGrant>>, BillingFailure> {
        let key = SubscriptionGrant::key_of(&grant.organization, &grant.invoice);
        let known = self.work.get::<SubscriptionGrant>(&key).await?;
        Ok(known.filter(|known| !known.record.granted.is_positive()))
    }

    fn expiry(&self, paid_at: Timestamp) -> Option<Timestamp> {
        let days = self.plan.free_credits_expire_after_days?;
        Some(paid_at.plus_seconds(i64::from(days).saturating_mul(86_400)))
    }
}

fn companions_of(
    grant: &SubscriptionGrant,
    noted: Option<&Stored<SubscriptionGrant>>,
) -> Result<Companions, BillingFailure> {
    let mut work = vec![match noted {
        Some(noted) => WorkWrite::replace(noted, grant)?,
        None => WorkWrite::insert(grant)?,
    }];
    if grant.first {
        work.push(WorkWrite::insert(&FirstInvoice {
            organization: grant.organization.clone(),
            subscription: grant.subscription.clone(),
            invoice: grant.invoice.clone(),
        })?);
    }
    if let Some(notice) = ExpiryNotice::of(grant) {
        work.push(WorkWrite::insert(&notice)?);
    }
    let reference = |object: &str| Reference {
        object: object.to_owned(),
        organization: grant.organization.clone(),
        record: object.to_owned(),
    };
    // A manual invoice has no subscription.
    let known = [&grant.invoice, &grant.subscription].into_iter().filter(|object| !object.is_empty());
    let references = known.map(|object| reference(object)).collect();
    Ok(Companions { work, references, ..Companions::default() })
}

/// When an invoice was paid, by Stripe's clock; the same for every event source.
fn paid_at(invoice: &Invoice, source: &EventSource) -> Timestamp {
    invoice.paid_at.map_or(source.occurred_at, Timestamp::from_seconds)
}

/// A paid invoice for which nothing is granted.
fn ungranted(
    organization: &OrganizationId,
    invoice: &Invoice,
    paid: Money,
    source: &EventSource,
) -> Result<SubscriptionGrant, BillingFailure> {
    Ok(SubscriptionGrant {
        organization: organization.clone(),
        invoice: invoice.id.clone(),
        subscription: invoice.subscription.clone().unwrap_or_default(),
        paid,
        tax: paid.minus(sold_by(invoice)?)?,
        granted: Money::ZERO,
        first: false,
        why_nothing: None,
        expires_at: None,
        paid_at: paid_at(invoice, source),
        invoice_url: invoice.hosted_invoice_url.clone(),
        reversals: Reversals::default(),
        freeze: Freeze::default(),
        next_check: None,
    })
}

fn fingerprint_of(organization: &OrganizationId, invoice: &Invoice, subscription: &str) -> Fingerprint {
    Fingerprint::of(&[
        organization.as_str(),
        "invoice",
        &invoice.id,
        &invoice.amount_paid.to_string(),
        &invoice.currency,
        subscription,
    ])
}
