//! Subscriptions, their invoices, and the payments that settle them.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Named, metadata, reference};
use crate::words::{BillingReason, InvoiceStatus, SubscriptionStatus};

/// `invoice`, `in_…`, in its shape since the basil train: the subscription is under `parent`
/// (docs.stripe.com/api/invoices/object).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "InvoiceOnTheWire")]
pub struct Invoice {
    pub id: String,
    pub livemode: bool,
    pub status: Option<InvoiceStatus>,
    pub billing_reason: Option<BillingReason>,
    /// 0 for a trial.
    pub amount_paid: i64,
    /// After discounts and taxes.
    pub total: Option<i64>,
    /// After discounts, without any tax: neither on top of the prices nor within them.
    pub total_excluding_tax: Option<i64>,
    pub currency: String,
    pub customer: Option<String>,
    /// Absent for an invoice without a subscription.
    pub subscription: Option<String>,
    /// The invoice's own.
    pub metadata: BTreeMap<String, String>,
    /// The subscription's, as it was when the invoice was finalized.
    pub subscription_metadata: BTreeMap<String, String>,
    pub paid_at: Option<i64>,
    pub created: i64,
    /// The page on which the customer sees and pays it; absent for a draft.
    pub hosted_invoice_url: Option<String>,
}

/// `subscription`, `sub_…` (docs.stripe.com/api/subscriptions/object).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Subscription {
    pub id: String,
    pub livemode: bool,
    #[serde(default, deserialize_with = "reference")]
    pub customer: Option<String>,
    pub status: SubscriptionStatus,
    #[serde(default, deserialize_with = "metadata")]
    pub metadata: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "reference")]
    pub latest_invoice: Option<String>,
    #[serde(default)]
    pub created: i64,
}

/// `invoice_payment`, `inpay_…`: which payment settles which invoice (docs.stripe.com/api/invoice-payment/object).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "InvoicePaymentOnTheWire")]
pub struct InvoicePayment {
    pub id: String,
    pub invoice: Option<String>,
    /// Absent where something else than a payment intent pays.
    pub payment_intent: Option<String>,
    /// `open`, `paid` or `canceled`.
    pub status: Option<String>,
}

#[derive(Deserialize)]
struct InvoiceOnTheWire {
    id: String,
    livemode: bool,
    #[serde(default)]
    status: Option<InvoiceStatus>,
    #[serde(default)]
    billing_reason: Option<BillingReason>,
    amount_paid: i64,
    #[serde(default)]
    total: Option<i64>,
    #[serde(default)]
    total_excluding_tax: Option<i64>,
    currency: String,
    #[serde(default, deserialize_with = "reference")]
    customer: Option<String>,
    #[serde(default, deserialize_with = "metadata")]
    metadata: BTreeMap<String, String>,
    #[serde(default)]
    parent: Option<Named<Parent>>,
    #[serde(default)]
    status_transitions: Option<Named<StatusTransitions>>,
    #[serde(default)]
    created: i64,
    #[serde(default)]
    hosted_invoice_url: Option<String>,
}

#[derive(Deserialize)]
struct Parent {
    #[serde(default)]
    subscription_details: Option<Named<SubscriptionDetails>>,
}

#[derive(Deserialize, Default)]
struct SubscriptionDetails {
    #[serde(default, deserialize_with = "reference")]
    subscription: Option<String>,
    #[serde(default, deserialize_with = "metadata")]
    metadata: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct StatusTransitions {
    #[serde(default)]
    paid_at: Option<i64>,
}

impl From<InvoiceOnTheWire> for Invoice {
    fn from(wire: InvoiceOnTheWire) -> Self {
        let details = wire.parent.and_then(|Named(parent)| parent.subscription_details);
        let details = details.map(|Named(details)| details).unwrap_or_default();
        Self {
            id: wire.id,
            livemode: wire.livemode,
            status: wire.status,
            billing_reason: wire.billing_reason,
            amount_paid: wire.amount_paid,
            total: wire.total,
            total_excluding_tax: wire.total_excluding_tax,
            currency: wire.currency,
            customer: wire.customer,
            subscription: details.subscription,
            metadata: wire.metadata,
            subscription_metadata: details.metadata,
            paid_at: wire.status_transitions.and_then(|Named(transitions)| transitions.paid_at),
            created: wire.created,
            hosted_invoice_url: wire.hosted_invoice_url,
        }
    }
}

#[derive(Deserialize)]
struct InvoicePaymentOnTheWire {
    id: String,
    #[serde(default, deserialize_with = "reference")]
    invoice: Option<String>,
    #[serde(default)]
    payment: Option<Named<AssociatedPayment>>,
    #[serde(default)]
    status: Option<String>,
}

#[derive(Deserialize)]
struct AssociatedPayment {
    #[serde(default, deserialize_with = "reference")]
    payment_intent: Option<String>,
}

impl From<InvoicePaymentOnTheWire> for InvoicePayment {
    fn from(wire: InvoicePaymentOnTheWire) -> Self {
        Self {
            id: wire.id,
            invoice: wire.invoice,
            payment_intent: wire.payment.and_then(|Named(payment)| payment.payment_intent),
            status: wire.status,
        }
    }
}
