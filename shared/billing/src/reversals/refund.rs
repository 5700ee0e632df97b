//! A refund, from an event or read at Stripe.

use crate::{
    BillingFailure, FactOutcome, ReversalFact,
    facts::{amounts::stated, source::EventSource},
    reversals::{
        RefundsAndDisputes, refund_state::RefundState, reported::ReportedReversal, state::ReversalState,
    },
};
use stripe_client::Refund;
use terms::RefundRequestId;

impl RefundsAndDisputes {
    pub(crate) async fn on_refund(
        &self,
        refund: &Refund,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        let fact = ReversalFact {
            object: refund.id.clone(),
            amount: stated(&refund.id, refund.amount)?,
            state: ReversalState::Refund(RefundState::of(refund.status.as_ref())),
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
