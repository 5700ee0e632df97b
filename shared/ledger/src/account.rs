//! The account's snapshot and its lots.

use crate::{GrantRef, Hash, Purpose, Watch, limits};
use money::{Money, MoneyError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use terms::{OrganizationId, Timestamp};

/// Where credits came from, which decides whether they expire and can be refunded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LotKind {
    /// Bought by Checkout.
    Purchase,
    /// Bought by auto top-up.
    TopUp,
    /// Paid for in the existing application, and imported.
    Opening,
    /// Granted with a subscription's invoice.
    Subscription,
    Promotional,
    /// Granted by finance as a correction.
    Adjustment,
}

impl LotKind {
    /// Whether money was paid for these credits, one to one: they never expire and can be refunded.
    #[must_use]
    pub fn is_paid(self) -> bool {
        match self {
            Self::Purchase | Self::TopUp | Self::Opening => true,
            Self::Subscription | Self::Promotional | Self::Adjustment => false,
        }
    }
}

/// The unused credits of one grant, or of several that were merged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "StoredLot", into = "StoredLot")]
pub struct Lot {
    /// The number of the grant's entry: the lot's id within the account.
    pub seq: u64,
    /// The last grant merged into it; equal to `seq` when none was.
    pub last_seq: u64,
    pub kind: LotKind,
    /// The order, invoice or request behind the grant.
    pub source: String,
    /// Above zero.
    pub remaining: Money,
    /// `None`: never. Paid credits never expire.
    pub expires_at: Option<Timestamp>,
}

/// The stored form. It is short, because every movement writes the account's item and nearly all lots are of one
/// grant.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredLot {
    seq: u64,
    /// Absent where nothing was merged into the lot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_seq: Option<u64>,
    kind: LotKind,
    source: String,
    remaining: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

impl From<StoredLot> for Lot {
    fn from(stored: StoredLot) -> Self {
        let StoredLot { seq, last_seq, kind, source, remaining, expires_at } = stored;
        Self { seq, last_seq: last_seq.unwrap_or(seq), kind, source, remaining, expires_at }
    }
}

impl From<Lot> for StoredLot {
    fn from(lot: Lot) -> Self {
        let Lot { seq, last_seq, kind, source, remaining, expires_at } = lot;
        Self { seq, last_seq: (last_seq != seq).then_some(last_seq), kind, source, remaining, expires_at }
    }
}

impl Lot {
    /// Whether the grant of this number went into this lot.
    #[must_use]
    pub fn covers(&self, seq: u64) -> bool {
        (self.seq..=self.last_seq).contains(&seq)
    }

    /// Whether a grant went into this lot. Only paid lots merge with paid ones and free with free ones, so the
    /// numbers that a merged lot spans may belong to grants of the other kind.
    #[must_use]
    pub fn is_of(&self, grant: GrantRef) -> bool {
        self.covers(grant.seq) && self.kind.is_paid() == grant.kind.is_paid()
    }

    /// Soonest expiry first (none is last), free before paid, oldest first.
    pub(crate) fn burn_order(&self) -> (i64, bool, u64) {
        (self.expires_at.map_or(i64::MAX, Timestamp::as_ms), self.kind.is_paid(), self.seq)
    }
}

/// Some credits of a lot: drawn into a hold, reversed, or returned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// The lot's id: the number of the grant's entry.
    pub lot: u64,
    pub kind: LotKind,
    /// The order, invoice or request behind the grant.
    pub source: String,
    /// Signed in an entry, above zero in a hold.
    pub amount: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl Part {
    pub(crate) fn of(lot: &Lot, amount: Money) -> Self {
        Self { lot: lot.seq, kind: lot.kind, source: lot.source.clone(), amount, expires_at: lot.expires_at }
    }

    pub(crate) fn with_amount(&self, amount: Money) -> Self {
        Self { amount, ..self.clone() }
    }

    pub(crate) fn burn_order(&self) -> (i64, bool, u64) {
        (self.expires_at.map_or(i64::MAX, Timestamp::as_ms), self.kind.is_paid(), self.lot)
    }
}

/// Why new holds are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FrozenReason {
    /// Credits already spent were refunded or disputed.
    Deficit,
    /// A dispute is open.
    Dispute,
    /// A subscription's invoice is unpaid.
    BillingPastDue,
    /// Credits under a fraud warning have returned and are put on hold again, within moments.
    FraudWarning,
}

impl FrozenReason {
    /// How to end a freeze for these reasons, in sentences for the account's owner. While a dispute is open, the
    /// owner is not advised to buy the reversed credits again: a dispute that is won reinstates them.
    #[must_use]
    pub fn what_ends(reasons: &[Self]) -> String {
        let disputed = reasons.contains(&Self::Dispute);
        let stated = reasons.iter().filter(|reason| !(disputed && **reason == Self::Deficit));
        let sentences: Vec<&str> = stated
            .map(|reason| match reason {
                Self::Deficit => "Refunds and disputes took more credits than were left: buy credits, which cover that first.",
                Self::Dispute => {
                    "A payment is disputed at its bank: withdraw the dispute there, or wait for the decision."
                }
                Self::BillingPastDue => "A subscription's invoice is unpaid: pay it.",
                Self::FraudWarning => "Credits under a bank's fraud warning are being put on hold: try again in a few minutes.",
            })
            .collect();
        sentences.join(" ")
    }
}

/// Sums over the account's whole life, in credits, each zero or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "StoredTotals")]
pub struct Totals {
    /// Bought: purchases, top-ups, opening balances.
    pub purchased: Money,
    /// Granted free.
    pub granted: Money,
    /// Removed by corrections of finance.
    #[serde(skip_serializing_if = "is_nothing")]
    pub corrected: Money,
    /// Charges minus what was credited back.
    pub spent: Money,
}

/// The stored form. Accounts written before `corrected` existed have downward corrections within `granted`: a
/// negative `granted` can only come from them, and counts as `corrected`; the rest stays as it is.
#[derive(Deserialize)]
struct StoredTotals {
    purchased: Money,
    granted: Money,
    #[serde(default)]
    corrected: Money,
    spent: Money,
}

impl From<StoredTotals> for Totals {
    fn from(stored: StoredTotals) -> Self {
        let StoredTotals { purchased, granted, corrected, spent } = stored;
        if !granted.is_negative() {
            return Self { purchased, granted, corrected, spent };
        }
        // Beyond the largest amount there is nothing to add to.
        let corrected = corrected.minus(granted).unwrap_or(corrected);
        Self { purchased, granted: Money::ZERO, corrected, spent }
    }
}

fn is_nothing(amount: &Money) -> bool {
    amount.is_zero()
}

/// An organization's credits after its latest entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    pub organization: OrganizationId,
    /// Unused credits, oldest lot first.
    pub lots: Vec<Lot>,
    /// Credits reversed after they were spent or held. Above zero only while there is no lot.
    pub deficit: Money,
    /// The sum of the open holds.
    pub held: Money,
    /// The number of open holds of each purpose.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub open_holds: BTreeMap<Purpose, u32>,
    /// Reasons that refuse new holds, by the id of the object that caused them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub frozen: BTreeMap<String, FrozenReason>,
    /// The latest entry's number; 0 before the first.
    pub seq: u64,
    #[serde(skip)]
    pub head: Hash,
    pub totals: Totals,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_purchase_at: Option<Timestamp>,
    /// When the latest entry was recorded; the next one is never before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_recorded_at: Option<Timestamp>,
    /// Whether an opening balance was imported.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub opened: bool,
    /// The levels of available credits whose crossing is recorded. Changed apart from the books.
    #[serde(default, skip_serializing_if = "Watch::is_empty")]
    pub watch: Watch,
}

impl Account {
    /// The account of an organization without entries.
    #[must_use]
    pub fn empty(organization: OrganizationId) -> Self {
        Self {
            organization,
            lots: Vec::new(),
            deficit: Money::ZERO,
            held: Money::ZERO,
            open_holds: BTreeMap::new(),
            frozen: BTreeMap::new(),
            seq: 0,
            head: Hash::ZERO,
            totals: Totals::default(),
            last_purchase_at: None,
            last_recorded_at: None,
            opened: false,
            watch: Watch::default(),
        }
    }

    /// Unused credits minus the deficit. Negative only through refunds and disputes.
    pub fn available(&self) -> Result<Money, MoneyError> {
        Money::sum(self.lots.iter().map(|lot| lot.remaining))?.minus(self.deficit)
    }

    /// [`Self::available`] without credits that have expired at `now` but have no expiry entry yet.
    pub fn available_at(&self, now: Timestamp) -> Result<Money, MoneyError> {
        let unexpired = self.lots.iter().filter(|lot| lot.expires_at.is_none_or(|at| at > now));
        Money::sum(unexpired.map(|lot| lot.remaining))?.minus(self.deficit)
    }

    /// Whether an opening balance may be imported: none was, and the account has only grants, of which nothing was
    /// held, spent, reversed or expired.
    pub fn is_unopened(&self) -> Result<bool, MoneyError> {
        let granted = self.totals.purchased.plus(self.totals.granted)?;
        let before = self.lots.iter().any(|lot| lot.kind == LotKind::Opening);
        let untouched = self.held.is_zero() && self.totals.spent.is_zero() && self.available()? == granted;
        Ok(!self.opened && !before && untouched)
    }

    /// The soonest expiry among the lots.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Timestamp> {
        self.lots.iter().filter_map(|lot| lot.expires_at).min()
    }

    /// Empty when new holds are accepted.
    #[must_use]
    pub fn frozen_reasons(&self) -> Vec<FrozenReason> {
        let mut reasons: Vec<FrozenReason> = self.frozen.values().copied().collect();
        if self.deficit.is_positive() {
            reasons.push(FrozenReason::Deficit);
        }
        reasons.sort_unstable();
        reasons.dedup();
        reasons
    }

    /// The unused credits of the lot that a grant went into, other grants merged into it included.
    #[must_use]
    pub fn remaining_of(&self, grant: GrantRef) -> Money {
        self.lots.iter().find(|lot| lot.is_of(grant)).map_or(Money::ZERO, |lot| lot.remaining)
    }

    /// How many holds of a purpose may be open at once.
    #[must_use]
    pub fn open_holds_max(purpose: Purpose) -> u32 {
        match purpose {
            Purpose::Contacts => limits::OPEN_CONTACTS_MAX,
            Purpose::Postcards => limits::OPEN_POSTCARDS_MAX,
            Purpose::Refund => limits::OPEN_REFUNDS_MAX,
            Purpose::FraudWarning => limits::OPEN_WARNINGS_MAX,
        }
    }
}
