//! A refund or dispute as it was stated, and its next step on a grant's books.

use crate::{
    RefundRequest, ReversalFact, ReversalTransition, facts::source::EventSource, payments::grant::GrantRecord,
};
use ledger::GrantRef;
use tables::Stored;
use terms::RefundRequestId;

/// A refund or dispute as it was stated, with its payment.
pub(crate) struct ReportedReversal {
    pub(super) fact: ReversalFact,
    pub(super) currency: String,
    pub(super) livemode: bool,
    pub(super) payment: Option<String>,
    pub(super) charge: Option<String>,
    /// When the money left, in unix seconds: a refund when it was made, a dispute when its fact arrived.
    pub(super) went_at: i64,
    /// Our own request for this refund.
    pub(super) request: Option<RefundRequestId>,
}

pub(super) struct PendingStep<'a> {
    pub(super) grant: &'a GrantRecord,
    pub(super) grant_ref: GrantRef,
    pub(super) reported: &'a ReportedReversal,
    pub(super) transition: &'a ReversalTransition,
    pub(super) source: &'a EventSource,
    pub(super) request: Option<Stored<RefundRequest>>,
}
