//! Double entry: every entry as postings that sum to zero.

use crate::{Entry, EntryKind, Vendor};
use money::{Money, MoneyError};

/// The chart of accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LedgerAccount {
    /// Money at Stripe, before it reaches the bank.
    StripeClearing,
    /// Credits that customers paid for and have not used.
    CustomerCreditsPaid,
    /// Credits that customers were granted and have not used.
    CustomerCreditsFree,
    /// Credits on hold.
    Held,
    /// What customers owe for credits that they used and whose payment was reversed.
    Deficit,
    /// What customers were charged, per vendor.
    Revenue(Vendor),
    /// Subscription payments beyond the credits granted with them.
    SubscriptionRevenue,
    /// What vendors bill, per vendor.
    VendorCost(Vendor),
    /// What is owed to vendors, per vendor.
    VendorPayable(Vendor),
    /// Credits given away.
    Promotions,
    /// Free credits that ended unused.
    ExpiredCredits,
    /// Corrections and opening balances.
    Adjustments,
    /// Money on its way back to customers.
    RefundsPayable,
    /// What disputes cost beyond the money withdrawn.
    DisputeFees,
}

/// One line: debits above zero, credits below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Posting {
    pub account: LedgerAccount,
    /// In USD.
    pub amount: Money,
}

/// What the business record knows that the entry must not show to customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostingRecord {
    /// Nothing beside the entry.
    None,
    /// A settled purchase or job, or one credited back.
    Vendor {
        vendor: Vendor,
        /// What is owed to the vendor, in USD; negative when reversed.
        cost: Money,
    },
    /// A subscription invoice, of which the entry granted a part.
    Subscription {
        /// In USD.
        paid: Money,
    },
}

struct Lines(Vec<Posting>);

impl Lines {
    fn debit(&mut self, account: LedgerAccount, amount: Money) {
        if !amount.is_zero() {
            self.0.push(Posting { account, amount });
        }
    }

    fn credit(&mut self, account: LedgerAccount, amount: Money) {
        self.debit(account, amount.negated());
    }
}

/// The amounts sum to zero for every entry.
pub fn postings(entry: &Entry, record: PostingRecord) -> Result<Vec<Posting>, MoneyError> {
    let mut lines = Lines(Vec::new());
    let available = entry.available_after.minus(entry.available_before)?;
    let held = entry.held_after.minus(entry.held_before)?;
    // What customers may spend is our liability: lots by their kind, a negative balance as what they owe us.
    let (paid, free) = lot_changes(entry)?;
    lines.credit(LedgerAccount::CustomerCreditsPaid, paid);
    lines.credit(LedgerAccount::CustomerCreditsFree, free);
    lines.credit(LedgerAccount::Deficit, available.minus(paid)?.minus(free)?);
    lines.credit(LedgerAccount::Held, held);
    // The kind of the entry determines the other side.
    let net = available.plus(held)?;
    match (entry.kind, record) {
        (EntryKind::Charge | EntryKind::CreditBack, PostingRecord::Vendor { vendor, cost }) => {
            lines.debit(LedgerAccount::Revenue(vendor), net);
            lines.debit(LedgerAccount::VendorCost(vendor), cost);
            lines.credit(LedgerAccount::VendorPayable(vendor), cost);
        }
        (EntryKind::Subscription, PostingRecord::Subscription { paid }) => {
            lines.debit(LedgerAccount::StripeClearing, paid);
            lines.credit(LedgerAccount::SubscriptionRevenue, paid.minus(net)?);
        }
        (kind, _) => lines.debit(other_side(kind), net),
    }
    Ok(lines.0)
}

fn other_side(kind: EntryKind) -> LedgerAccount {
    match kind {
        EntryKind::Purchase | EntryKind::TopUp => LedgerAccount::StripeClearing,
        EntryKind::Subscription | EntryKind::Promotional => LedgerAccount::Promotions,
        EntryKind::Expiry => LedgerAccount::ExpiredCredits,
        EntryKind::Refund | EntryKind::RefundUndone => LedgerAccount::RefundsPayable,
        EntryKind::Dispute | EntryKind::DisputeReturned => LedgerAccount::StripeClearing,
        // A charge without its record is a charge of zero or a fault; it shows as an adjustment.
        EntryKind::Opening
        | EntryKind::Adjustment
        | EntryKind::Charge
        | EntryKind::CreditBack
        | EntryKind::Hold
        | EntryKind::Release
        | EntryKind::Frozen
        | EntryKind::Unfrozen => LedgerAccount::Adjustments,
    }
}

/// The change of paid and of free lots. Where a hold was used, by a charge or by its refund, the negative parts left
/// the hold, not a lot.
fn lot_changes(entry: &Entry) -> Result<(Money, Money), MoneyError> {
    let uses_hold = match entry.kind {
        EntryKind::Charge => true,
        EntryKind::Refund => entry.held_after < entry.held_before,
        _ => false,
    };
    let of_kind = |paid: bool| {
        let moved = entry
            .lots
            .iter()
            .filter(|part| part.kind.is_paid() == paid && (!uses_hold || part.amount.is_positive()));
        Money::sum(moved.map(|part| part.amount))
    };
    Ok((of_kind(true)?, of_kind(false)?))
}
