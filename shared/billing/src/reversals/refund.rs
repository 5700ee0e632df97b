//! A refund, from an event or read at Stripe.

use crate::{
    Billing, BillingFailure, FactOutcome, ReversalFact,
    facts::{amounts::stated, source::EventSource},
    reversals::reported::ReportedReversal,
};
use ledger::TakeKind;
use stripe_client::{Refund, RefundStatus};
use terms::RefundRequestId;

impl Billing {
    /// A refund, from an event or read at Stripe.
    pub(crate) async fn on_refund(
        &self,
        refund: &Refund,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        let status = refund.status.as_ref();
        let is_reinstated = matches!(status, Some(RefundStatus::Failed | RefundStatus::Canceled));
        let pending = matches!(status, Some(RefundStatus::Pending | RefundStatus::RequiresAction));
        let fact = ReversalFact {
            object: refund.id.clone(),
            kind: TakeKind::Refund,
            amount: stated(&refund.id, refund.amount)?,
            reverses: !is_reinstated,
            is_reinstated,
            pending,
            open: false,
            closed: false,
            appealed: false,
            taken_again: 0,
            returned: 0,
            at: source.occurred_at,
        };
        let request = refund.metadata.get("refund_request");
        let reported = ReportedReversal {
            fact,
            currency: refund.currency.clone(),
            livemode: source.livemode,
            payment: refund.payment_intent.clone(),
            charge: refund.charge.clone(),
            went_at: refund.created,
            request: request.and_then(|id| RefundRequestId::parse(id).ok()),
        };
        self.on_reversal(&reported, source).await
    }
}
