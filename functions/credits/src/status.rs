//! Whether an organization can spend.

use ledger::{Balance, FrozenReason};

/// `active`, `past_due` while a subscription's invoice cannot be collected, `frozen` while a deficit or an
/// open dispute stands, and for the moments in which credits under a fraud warning are put aside again.
pub(crate) fn billing_status(balance: &Balance) -> &'static str {
    let frozen = balance.frozen.iter().any(|reason| match reason {
        FrozenReason::Deficit | FrozenReason::Dispute | FrozenReason::FraudWarning => true,
        FrozenReason::BillingPastDue => false,
    });
    match (frozen, balance.frozen.is_empty()) {
        (true, _) => "frozen",
        (false, false) => "past_due",
        (false, true) => "active",
    }
}
