//! Finance's decision on a fact in manual review, and why a decision is refused.

use crate::{Reason, ReviewReason, StripeObjectId};
use money::Money;
use terms::{Actor, OrganizationId};

#[derive(Debug, Clone)]
pub struct ReviewDecision {
    /// The object in manual review.
    pub object: StripeObjectId,
    /// Why it is in manual review.
    pub review_reason: ReviewReason,
    /// The credits to grant; `None` dismisses it.
    pub grant: Option<Money>,
    /// The organization that paid: required where it is unknown.
    pub organization: Option<OrganizationId>,
    /// Whether that organization may be one without entries.
    pub new_organization: bool,
    /// Why finance decides so.
    pub reason: Reason,
    pub actor: Actor,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReviewRefusal {
    #[error("nothing with this object and reason is in manual review")]
    Unknown,
    #[error("it was resolved before")]
    Resolved,
    #[error("this cannot be granted; refund the payment at Stripe and dismiss it")]
    NotGrantable,
    /// Not an amount from 0.01 to what was paid.
    #[error("grant 0.01 to {paid} credits")]
    Amount {
        /// In USD, without tax.
        paid: Money,
    },
    /// An earlier decision granted it, but could not be recorded.
    #[error(
        "an earlier decision granted it to {organization} and was not recorded: grant it to the same organization again"
    )]
    Granted { organization: OrganizationId },
    /// The organization that finance names has no entries: a mistyped id must not become an account.
    #[error("no organization of this id has entries: correct the id, or confirm newOrganization")]
    OrganizationUnknown,
    #[error("name the organization that paid")]
    OrganizationNeeded,
}
