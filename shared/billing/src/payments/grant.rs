//! The business record of a payment's grant: an order, or a subscription's invoice.

use crate::{Freeze, GrantTerms, Order, Reversals, SubscriptionGrant};
use ledger::{Cause, CauseKind, GrantKind};
use tables::{Stored, TableFailure, WorkWrite};
use terms::{OrganizationId, Timestamp};

/// The business record of a grant: where its refunds and disputes are stored.
#[derive(Debug, Clone)]
pub(crate) enum GrantRecord {
    /// Credits bought.
    Order(Box<Stored<Order>>),
    /// Credits that came with a subscription's invoice.
    Invoice(Box<Stored<SubscriptionGrant>>),
}

pub(crate) enum Granted {
    Grant(GrantRecord),
    /// It is ours, but no credits were granted for it: there is nothing to reverse.
    Nothing,
    NotOurs,
}

impl GrantRecord {
    pub(crate) fn organization(&self) -> &OrganizationId {
        match self {
            Self::Order(order) => &order.record.organization,
            Self::Invoice(invoice) => &invoice.record.organization,
        }
    }

    /// The `source` in the grant's lot.
    pub(crate) fn source(&self) -> &str {
        match self {
            Self::Order(order) => order.record.order_id.as_str(),
            Self::Invoice(invoice) => &invoice.record.invoice,
        }
    }

    pub(crate) fn kind(&self) -> GrantKind {
        match self {
            Self::Order(order) => order.record.grant_kind(),
            Self::Invoice(_) => GrantKind::Subscription,
        }
    }

    /// When the granted credits end.
    pub(crate) fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Order(_) => None,
            Self::Invoice(invoice) => invoice.record.expires_at,
        }
    }

    /// The cause of the grant and what was paid and granted; `None` while nothing is granted.
    pub(crate) fn granted(&self) -> Option<(Cause, GrantTerms)> {
        match self {
            Self::Order(order) => {
                let granted = order.record.grant.as_ref()?;
                Some((granted.cause(), granted.terms()))
            }
            Self::Invoice(invoice) => {
                let SubscriptionGrant { invoice, paid, granted, .. } = &invoice.record;
                let terms = GrantTerms { paid: *paid, granted: *granted };
                granted.is_positive().then(|| (Cause::new(CauseKind::Invoice, invoice.clone()), terms))
            }
        }
    }

    pub(crate) fn reversals(&self) -> &Reversals {
        match self {
            Self::Order(order) => &order.record.reversals,
            Self::Invoice(invoice) => &invoice.record.reversals,
        }
    }

    pub(crate) fn freeze(&self) -> &Freeze {
        match self {
            Self::Order(order) => &order.record.freeze,
            Self::Invoice(invoice) => &invoice.record.freeze,
        }
    }

    /// The record with these in place of what was read.
    pub(crate) fn with_freeze(
        &self,
        reversals: Reversals,
        freeze: Freeze,
        now: Timestamp,
    ) -> Result<WorkWrite, TableFailure> {
        match self {
            Self::Order(order) => {
                let next = Order { reversals, freeze, ..order.record.clone() }.rescheduled(now);
                WorkWrite::replace(order, &next)
            }
            Self::Invoice(invoice) => {
                let next = SubscriptionGrant { reversals, freeze, ..invoice.record.clone() }.rescheduled(now);
                WorkWrite::replace(invoice, &next)
            }
        }
    }

    pub(crate) fn answer(self) -> Granted {
        if self.granted().is_some() { Granted::Grant(self) } else { Granted::Nothing }
    }
}
