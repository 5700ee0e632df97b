//! The records of a subscription's invoices.

use crate::{Freeze, Reversals, limits::OPEN_REVERSAL_CHECK_SECONDS};
use money::Money;
use serde::{Deserialize, Serialize};
use tables::{Key, Lane, Record};
use terms::{OrganizationId, Timestamp};

fn is_zero(amount: &Money) -> bool {
    amount.is_zero()
}

/// What a paid invoice granted: the payment and the credits may differ, and some invoices grant nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SubscriptionGrant {
    pub organization: OrganizationId,
    /// Stripe's invoice.
    pub invoice: String,
    /// Stripe's subscription.
    pub subscription: String,
    /// In USD, tax included.
    pub paid: Money,
    /// The tax in `paid`: no credits are granted for it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub tax: Money,
    /// In credits.
    pub granted: Money,
    /// Whether it was the subscription's first paid invoice.
    pub first: bool,
    /// `trial` or `nothing-paid`, `capped` by the plan, or Stripe's billing reason.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why_nothing: Option<String>,
    /// When the granted credits end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// By Stripe's clock.
    pub paid_at: Timestamp,
    /// Stripe's page of the invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_url: Option<String>,
    /// What was refunded or disputed of it.
    #[serde(default, skip_serializing_if = "Reversals::is_empty")]
    pub reversals: Reversals,
    /// What early fraud warnings freeze of it.
    #[serde(default, skip_serializing_if = "Freeze::is_empty")]
    pub freeze: Freeze,
    /// Recovery's next check.
    #[serde(rename = "lookAt", default, skip_serializing_if = "Option::is_none")]
    pub next_check: Option<Timestamp>,
}

impl SubscriptionGrant {
    #[must_use]
    pub fn key_of(organization: &OrganizationId, invoice: &str) -> Key {
        Key::new(format!("ORG#{organization}"), format!("INVOICE#{invoice}"))
    }

    /// With recovery's next check: during a fraud warning, a pending refund or an open dispute.
    #[must_use]
    pub fn rescheduled(self, now: Timestamp) -> Self {
        let left = self.granted.minus(self.reversals.posted).unwrap_or(Money::ZERO);
        let open = || self.reversals.is_open().then(|| now.plus_seconds(OPEN_REVERSAL_CHECK_SECONDS));
        let next_check = self.freeze.next_check(left, now).or_else(open);
        Self { next_check, ..self }
    }
}

impl Record for SubscriptionGrant {
    const KIND: &'static str = "subscription-grant";
    const LANE: Lane = Lane::Recovery;

    fn key(&self) -> Key {
        Self::key_of(&self.organization, &self.invoice)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.next_check
    }
}

/// Which invoice was granted as a subscription's first: at most one, whatever Stripe's clock says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FirstInvoice {
    pub organization: OrganizationId,
    pub subscription: String,
    pub invoice: String,
}

impl Record for FirstInvoice {
    const KIND: &'static str = "first-invoice";

    fn key(&self) -> Key {
        first_invoice_key(&self.organization, &self.subscription)
    }
}

pub(crate) fn first_invoice_key(organization: &OrganizationId, subscription: &str) -> Key {
    Key::new(format!("ORG#{organization}"), format!("SUBSCRIPTION#{subscription}"))
}
