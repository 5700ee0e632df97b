//! What finance decides of a fact in manual review, and why a decision is refused.

use crate::{Reason, ReviewReason};
use money::Money;
use terms::{Actor, OrganizationId};

/// What finance decides.
#[derive(Debug, Clone)]
pub struct ReviewDecision {
    /// The object in manual review.
    pub object: String,
    /// Why it is in manual review.
    pub review_reason: ReviewReason,
    /// The credits to grant; `None` dismisses it.
    pub grant: Option<Money>,
    /// The organization that paid: needed where it is unknown.
    pub organization: Option<OrganizationId>,
    /// Whether that organization may be one without entries.
    pub new_organization: bool,
    /// Why.
    pub reason: Reason,
    /// Who decides.
    pub actor: Actor,
}

/// Why a decision is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReviewRefusal {
    /// Nothing of the kind is in manual review.
    #[error("nothing of the kind is quarantined")]
    Unknown,
    /// It was resolved before.
    #[error("it was resolved before")]
    Resolved,
    /// This fact cannot be granted: refund the payment at Stripe and dismiss it.
    #[error("this cannot be granted; refund the payment at Stripe and dismiss it")]
    NotGrantable,
    /// Not an amount from 0.01 to what was paid.
    #[error("grant 0.01 to {paid} credits")]
    Amount {
        /// What was paid, in USD, without tax.
        paid: Money,
    },
    /// An earlier decision granted it, and could not be noted.
    #[error("it was granted to {organization}, which was not noted then: grant it to them again")]
    Granted {
        /// To whom.
        organization: OrganizationId,
    },
    /// The organization that finance names has no entries: a mistyped id must not become an account.
    #[error("no organization of this id has entries: correct the id, or confirm newOrganization")]
    OrganizationUnknown,
    /// No organization is known; name one.
    #[error("name the organization that paid")]
    OrganizationNeeded,
}
