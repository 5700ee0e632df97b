//! Entries: the immutable, hash-chained record of every movement.

use crate::{Cause, Part};
use money::Money;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use terms::{Actor, OrganizationId, Timestamp};

/// What an entry records. SPECIFICATION.md has the sign rules of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryKind {
    /// Credits bought by Checkout.
    Purchase,
    /// Credits bought by auto top-up.
    TopUp,
    /// An imported balance.
    Opening,
    /// Credits granted with a subscription's invoice.
    Subscription,
    Promotional,
    /// A correction by finance, of either sign.
    Adjustment,
    Hold,
    /// A hold settled: what was delivered is charged, the rest returned.
    Charge,
    /// A hold ended by returning all of it.
    Release,
    /// Free credits that ended unused.
    Expiry,
    /// Credits reversed because money was refunded, from lots or from the hold made for the refund.
    Refund,
    /// Credits reinstated because a refund failed or was canceled.
    RefundUndone,
    /// Credits reversed because a dispute withdrew funds.
    Dispute,
    /// Credits reinstated because a dispute's funds were reinstated.
    DisputeReturned,
    /// Part of a charge returned because the vendor cancelled afterwards.
    CreditBack,
    /// A reason that refuses new holds began; moves nothing.
    Frozen,
    /// Such a reason ended; moves nothing.
    Unfrozen,
}

impl EntryKind {
    /// For filters and tables.
    pub const ALL: [Self; 17] = [
        Self::Purchase,
        Self::TopUp,
        Self::Opening,
        Self::Subscription,
        Self::Promotional,
        Self::Adjustment,
        Self::Hold,
        Self::Charge,
        Self::Release,
        Self::Expiry,
        Self::Refund,
        Self::RefundUndone,
        Self::Dispute,
        Self::DisputeReturned,
        Self::CreditBack,
        Self::Frozen,
        Self::Unfrozen,
    ];

    /// The kind as it is written in the API and the CSV.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Purchase => "purchase",
            Self::TopUp => "top-up",
            Self::Opening => "opening",
            Self::Subscription => "subscription",
            Self::Promotional => "promotional",
            Self::Adjustment => "adjustment",
            Self::Hold => "hold",
            Self::Charge => "charge",
            Self::Release => "release",
            Self::Expiry => "expiry",
            Self::Refund => "refund",
            Self::RefundUndone => "refund-undone",
            Self::Dispute => "dispute",
            Self::DisputeReturned => "dispute-returned",
            Self::CreditBack => "credit-back",
            Self::Frozen => "frozen",
            Self::Unfrozen => "unfrozen",
        }
    }

    /// Reads a kind as the API writes it.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == raw)
    }
}

/// SHA-256; 64 hexadecimal characters in the API, 32 bytes in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// The hash before the first entry.
    pub const ZERO: Self = Self([0; 32]);
}

impl std::fmt::Display for Hash {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&hex::encode(self.0))
    }
}

/// One immutable line of an account's statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entry {
    pub organization: OrganizationId,
    /// Counts the account's entries from 1, without gaps.
    pub seq: u64,
    pub kind: EntryKind,
    /// Signed by its kind's rule in SPECIFICATION.md.
    pub amount: Money,
    /// In credits, as the three after it.
    pub available_before: Money,
    pub available_after: Money,
    pub held_before: Money,
    pub held_after: Money,
    pub cause: Cause,
    pub actor: Actor,
    /// One line for people.
    pub description: String,
    /// By the clock of its source.
    pub occurred_at: Timestamp,
    /// By our clock, never before the previous entry.
    pub recorded_at: Timestamp,
    /// The lots touched; signs as in SPECIFICATION.md.
    pub lots: Vec<Part>,
    /// The entry that it reverses in whole or in part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverses: Option<u64>,
    /// The hash of the entry before it.
    #[serde(skip)]
    pub previous_hash: Hash,
    /// SHA-256(previous hash ‖ canonical form).
    #[serde(skip)]
    pub hash: Hash,
}

impl Entry {
    fn hashed_fields(&self) -> Map<String, Value> {
        let lots: Vec<Value> = self
            .lots
            .iter()
            .map(|part| {
                json!({
                    "lot": format!("L{}", part.lot),
                    "kind": part.kind,
                    "source": part.source,
                    "amount": part.amount,
                    "expiresAt": part.expires_at,
                })
            })
            .collect();
        let fields = [
            ("organizationId", json!(self.organization)),
            ("seq", json!(self.seq)),
            ("transactionType", json!(self.kind.as_str())),
            ("amount", json!(self.amount)),
            ("balanceBefore", json!(self.available_before)),
            ("balanceAfter", json!(self.available_after)),
            ("heldBefore", json!(self.held_before)),
            ("heldAfter", json!(self.held_after)),
            ("referenceType", json!(self.cause.kind.as_str())),
            ("referenceId", json!(self.cause.id)),
            ("description", json!(self.description)),
            ("actor", json!(self.actor)),
            ("occurredAt", json!(self.occurred_at)),
            ("recordedAt", json!(self.recorded_at)),
            ("lots", json!(lots)),
            ("reverses", json!(self.reverses)),
        ];
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// What is hashed: RFC 8785 JSON of every field but the two hashes. All keys are ASCII and all values strings,
    /// small whole numbers, lists or null, for which serde_json's sorted output is RFC 8785's.
    #[must_use]
    pub fn canonical(&self) -> String {
        Value::Object(self.hashed_fields()).to_string()
    }

    /// The hash that this entry must carry.
    #[must_use]
    pub fn computed_hash(&self) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(self.previous_hash.0);
        hasher.update(self.canonical().as_bytes());
        Hash(hasher.finalize().into())
    }

    /// The entry as the API shows it: every hashed field, and the two hashes.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut fields = self.hashed_fields();
        fields.insert("previousHash".to_owned(), json!(self.previous_hash.to_string()));
        fields.insert("hash".to_owned(), json!(self.hash.to_string()));
        Value::Object(fields)
    }
}
