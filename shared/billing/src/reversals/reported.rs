//! A refund or dispute as it was stated, and its next step on a grant's books.

use crate::{News, Next, RefundRequest, facts::source::Told, payments::grant::GrantRecord};
use ledger::GrantRef;
use tables::Stored;
use terms::RefundRequestId;

/// A refund or dispute as it was told, with the payment that it is of.
pub(crate) struct Reported {
    pub(super) news: News,
    pub(super) currency: String,
    pub(super) livemode: bool,
    pub(super) payment: Option<String>,
    pub(super) charge: Option<String>,
    /// When the money went, in unix seconds: a refund when it was made, a dispute when the news came.
    pub(super) went_at: i64,
    /// Our own request that Stripe was asked with.
    pub(super) request: Option<RefundRequestId>,
    /// The money left us, came back and left us again.
    pub(super) withdrawn_again: bool,
}

/// A step on a grant's books.
pub(super) struct Movable<'a> {
    pub(super) grant: &'a GrantRecord,
    pub(super) grant_ref: GrantRef,
    pub(super) reported: &'a Reported,
    pub(super) next: &'a Next,
    pub(super) told: &'a Told,
    pub(super) request: Option<Stored<RefundRequest>>,
}
