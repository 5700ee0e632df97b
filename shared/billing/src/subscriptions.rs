//! Subscription invoices: which ones grant, to whom, and how much.

use crate::{
    Billing, BillingFailure, Quarantine, WebhookAnswer,
    sessions::{ATTEMPTS_MAX, Told},
};
use ledger::{Cause, CauseKind, Command, Companions, GrantKind, Movement, Posted, Reference, Refusal};
use money::{Money, PositiveMoney};
use serde::{Deserialize, Serialize};
use stripe_client::{BillingReason, Invoice, InvoiceStatus};
use tables::{Key, Record, WorkWrite};
use terms::{Actor, Fingerprint, OrganizationId, Timestamp};

/// What a paid invoice granted, kept for finance: the payment and the credits may differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionGrant {
    /// Whose.
    pub organization: OrganizationId,
    /// Stripe's invoice.
    pub invoice: String,
    /// Stripe's subscription.
    pub subscription: String,
    /// What was paid, in USD.
    pub paid: Money,
    /// What was granted, in credits.
    pub granted: Money,
    /// Whether it was the subscription's first paid invoice.
    pub first: bool,
}

impl Record for SubscriptionGrant {
    const KIND: &'static str = "subscription-grant";

    fn key(&self) -> Key {
        Key::new(format!("ORG#{}", self.organization), format!("INVOICE#{}", self.invoice))
    }
}

/// Which invoice was granted as a subscription's first: at most one, whatever Stripe's clock says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FirstInvoice {
    organization: OrganizationId,
    subscription: String,
    invoice: String,
}

impl Record for FirstInvoice {
    const KIND: &'static str = "first-invoice";

    fn key(&self) -> Key {
        first_invoice_key(&self.organization, &self.subscription)
    }
}

fn first_invoice_key(organization: &OrganizationId, subscription: &str) -> Key {
    Key::new(format!("ORG#{organization}"), format!("SUBSCRIPTION#{subscription}"))
}

impl Billing {
    pub(crate) async fn on_invoice_paid(
        &self,
        invoice: &Invoice,
        told: &Told,
    ) -> Result<WebhookAnswer, BillingFailure> {
        if !grants(invoice) {
            return Ok(WebhookAnswer::NothingToDo);
        }
        // Paid for a subscription that cannot be read: an endpoint of another API version renders it so.
        let Some(subscription) = invoice.subscription.as_deref() else {
            return self.keep(&invoice.id, told).await;
        };
        let Some(organization) = self.organization_of(invoice, subscription).await? else {
            let quarantined = told.quarantined(self, &invoice.id, Quarantine::OrganizationUnknown, None);
            self.quarantine(quarantined).await?;
            return Ok(WebhookAnswer::Quarantined(Quarantine::OrganizationUnknown));
        };
        let cause = Cause::new(CauseKind::Invoice, invoice.id.clone());
        let fingerprint = fingerprint_of(&organization, invoice, subscription);
        if let Some(recorded) = self.ledger.find(&cause).await? {
            if recorded.fingerprint == fingerprint {
                return Ok(WebhookAnswer::Replayed);
            }
            return self.invoice_quarantined(invoice, told, Quarantine::ContentsChanged, &organization).await;
        }
        if invoice.livemode != self.livemode {
            return self
                .invoice_quarantined(invoice, told, Quarantine::LivemodeMismatch, &organization)
                .await;
        }
        if invoice.currency != "usd" {
            return self
                .invoice_quarantined(invoice, told, Quarantine::CurrencyMismatch, &organization)
                .await;
        }
        for _ in 0..ATTEMPTS_MAX {
            let first = self.is_first(&organization, invoice, subscription).await?;
            let paid = Money::from_cents(invoice.amount_paid)?;
            let grant = SubscriptionGrant {
                organization: organization.clone(),
                invoice: invoice.id.clone(),
                subscription: subscription.to_owned(),
                paid,
                granted: self.plan.grant(paid, first),
                first,
            };
            if let Some(answer) = self.post_grant(&grant, &cause, &fingerprint, told).await? {
                return Ok(answer);
            }
        }
        Err(BillingFailure::Contended)
    }

    async fn invoice_quarantined(
        &self,
        invoice: &Invoice,
        told: &Told,
        reason: Quarantine,
        organization: &OrganizationId,
    ) -> Result<WebhookAnswer, BillingFailure> {
        self.quarantine(told.quarantined(self, &invoice.id, reason, Some(organization))).await?;
        Ok(WebhookAnswer::Quarantined(reason))
    }

    /// The organization of the customer; failing that, the one that our servers wrote into the
    /// subscription's metadata.
    async fn organization_of(
        &self,
        invoice: &Invoice,
        subscription: &str,
    ) -> Result<Option<OrganizationId>, BillingFailure> {
        let objects = invoice.customer.iter().map(String::as_str).chain([subscription]);
        for object in objects {
            if let Some(reference) = self.ledger.reference(object).await? {
                return Ok(Some(reference.organization));
            }
        }
        let named = invoice.subscription_metadata.get("organization_id");
        Ok(named.and_then(|id| OrganizationId::parse(id).ok()))
    }

    /// First at Stripe: the earliest payment among the subscription's paid, non-zero invoices, ties by id,
    /// whatever order the news arrives in. Once an invoice was granted as the first, no other is: two
    /// payments of one second must not both be.
    async fn is_first(
        &self,
        organization: &OrganizationId,
        invoice: &Invoice,
        subscription: &str,
    ) -> Result<bool, BillingFailure> {
        let key = first_invoice_key(organization, subscription);
        if self.work.get::<FirstInvoice>(&key).await?.is_some() {
            return Ok(false);
        }
        let invoices = self.stripe.paid_invoices(subscription).await.map_err(BillingFailure::Stripe)?;
        let rank = |invoice: &Invoice| (invoice.paid_at.unwrap_or(i64::MAX), invoice.id.clone());
        let others = invoices.iter().filter(|other| {
            other.amount_paid > 0
                && other.id != invoice.id
                && is_granting_reason(other.billing_reason.as_ref())
        });
        let ours = invoices.iter().find(|other| other.id == invoice.id).unwrap_or(invoice);
        Ok(others.map(rank).all(|other| rank(ours) < other))
    }

    async fn post_grant(
        &self,
        grant: &SubscriptionGrant,
        cause: &Cause,
        fingerprint: &Fingerprint,
        told: &Told,
    ) -> Result<Option<WebhookAnswer>, BillingFailure> {
        let Ok(amount) = PositiveMoney::new(grant.granted) else {
            return Ok(Some(WebhookAnswer::NothingToDo));
        };
        let which = if grant.first { "first" } else { "renewal" };
        let movement = Movement {
            organization: grant.organization.clone(),
            cause: cause.clone(),
            fingerprint: fingerprint.clone(),
            actor: Actor::stripe(),
            occurred_at: Some(told.occurred_at),
            description: format!("Subscription credits, {which} payment of ${}", grant.paid),
            command: Command::Grant {
                kind: GrantKind::Subscription,
                amount,
                source: grant.invoice.clone(),
                expires_at: self.expiry(told.occurred_at),
            },
        };
        match self.ledger.post(&movement, &companions_of(grant)?).await? {
            Ok(Posted::Receipt(_)) => Ok(Some(WebhookAnswer::Granted)),
            Ok(Posted::Replay(_)) => Ok(Some(WebhookAnswer::Replayed)),
            Err(Refusal::RecordChanged { .. }) => Ok(None),
            Err(Refusal::ReferenceTaken { .. }) => {
                let reason = Quarantine::OrganizationUnknown;
                self.quarantine(told.quarantined(self, &grant.invoice, reason, Some(&grant.organization)))
                    .await?;
                Ok(Some(WebhookAnswer::Quarantined(reason)))
            }
            Err(refusal) => {
                tracing::error!(alarm = "grant-refused", object = grant.invoice, %refusal, "an invoice was not granted");
                Err(BillingFailure::Contended)
            }
        }
    }

    fn expiry(&self, paid_at: Timestamp) -> Option<Timestamp> {
        let days = self.plan.free_credits_expire_after_days?;
        Some(paid_at.plus_seconds(i64::from(days).saturating_mul(86_400)))
    }
}

fn companions_of(grant: &SubscriptionGrant) -> Result<Companions, BillingFailure> {
    let mut work = vec![WorkWrite::insert(grant)?];
    if grant.first {
        work.push(WorkWrite::insert(&FirstInvoice {
            organization: grant.organization.clone(),
            subscription: grant.subscription.clone(),
            invoice: grant.invoice.clone(),
        })?);
    }
    let reference = |object: &str| Reference {
        object: object.to_owned(),
        organization: grant.organization.clone(),
        record: object.to_owned(),
    };
    let references = vec![reference(&grant.invoice), reference(&grant.subscription)];
    Ok(Companions { work, references, ..Companions::default() })
}

/// Whether an invoice grants: paid, more than nothing, for a start or a cycle. A trial's start, prorations,
/// thresholds and manual invoices (a credit purchase's own among them) grant nothing.
fn grants(invoice: &Invoice) -> bool {
    let paid = invoice.status == Some(InvoiceStatus::Paid) && invoice.amount_paid > 0;
    let grants = paid && is_granting_reason(invoice.billing_reason.as_ref());
    if !grants {
        tracing::info!(invoice = invoice.id, reason = ?invoice.billing_reason, "a paid invoice grants nothing");
    }
    grants
}

fn is_granting_reason(reason: Option<&BillingReason>) -> bool {
    matches!(reason, Some(BillingReason::SubscriptionCreate | BillingReason::SubscriptionCycle))
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
