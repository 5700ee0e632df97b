//! An order of credits and its states.

use ledger::CauseKind;
use money::Money;
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{Actor, Fingerprint, OrderId, OrganizationId, Timestamp};

/// Where an order stands. The rank moves only what is displayed: whether money is granted depends on the
/// cause alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OrderStatus {
    /// The customer has not paid.
    Pending,
    /// A delayed method is under way.
    Processing,
    /// The delayed method failed.
    Failed,
    /// The page was not completed in time.
    Expired,
    /// The money arrived and the credits are granted.
    Paid,
}

impl OrderStatus {
    /// pending < processing < failed, expired < paid.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Processing => 1,
            Self::Failed | Self::Expired => 2,
            Self::Paid => 3,
        }
    }
}

/// The paid object that an order's credits were granted for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GrantedFor {
    /// The cause's kind.
    pub kind: CauseKind,
    /// The Stripe object's id.
    pub object: String,
}

/// An order of credits. It decides organization and amount of whatever Stripe reports about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Order {
    /// Whose.
    pub organization: OrganizationId,
    /// Its id, also Stripe's idempotency key and `client_reference_id`.
    pub order_id: OrderId,
    /// Credits ordered, equally USD to pay.
    pub amount: Money,
    /// The Stripe customer that pays.
    pub customer: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// Who ordered.
    pub actor: Actor,
    /// What the request said.
    pub fingerprint: Fingerprint,
    /// When it was placed.
    pub created_at: Timestamp,
    /// When its payment page closes.
    pub expires_at: Timestamp,
    /// Where Stripe sends the customer after payment and after cancelling; kept so that a retry says the same.
    pub success_url: String,
    /// See `success_url`.
    pub cancel_url: String,
    /// The Checkout session, once Stripe has answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The payment page's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_url: Option<String>,
    /// What the credits were granted for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granted_for: Option<GrantedFor>,
}

impl Order {
    /// Where an order stands in the `work` table.
    #[must_use]
    pub fn key_of(organization: &OrganizationId, order: &OrderId) -> Key {
        Key::new(format!("ORG#{organization}"), format!("ORDER#{order}"))
    }

    /// The order in a later state, or `None` when its rank would fall.
    #[must_use]
    pub fn moved_to(&self, status: OrderStatus) -> Option<Self> {
        (status.rank() > self.status.rank()).then(|| Self { status, ..self.clone() })
    }
}

impl Record for Order {
    const KIND: &'static str = "order";

    fn key(&self) -> Key {
        Self::key_of(&self.organization, &self.order_id)
    }
}
