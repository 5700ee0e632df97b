//! A dispute, from an event or read at Stripe.

use crate::{
    BillingFailure, FactOutcome, ReversalFact,
    facts::{amounts::stated, source::EventSource},
    reversals::{
        RefundsAndDisputes,
        dispute_state::{DisputePhase, DisputeState},
        reported::ReportedReversal,
        state::ReversalState,
    },
};
use stripe_client::{Dispute, event::DisputeChange};

impl RefundsAndDisputes {
    pub(crate) async fn on_dispute(
        &self,
        dispute: &Dispute,
        change: Option<DisputeChange>,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        let state = DisputeState::of(dispute, change);
        let fact = ReversalFact {
            object: dispute.id.clone(),
            amount: stated(&dispute.id, dispute.amount)?,
            state: ReversalState::Dispute(state),
            at: source.as_of(self.clock.now(), state.phase == DisputePhase::Appealed),
        };
        let reported = ReportedReversal {
            fact,
            currency: dispute.currency.clone(),
            livemode: dispute.livemode,
            payment: dispute.payment_intent.clone(),
            charge: dispute.charge.clone(),
            went_at: source.occurred_at.as_seconds(),
            request: None,
        };
        self.on_reversal(&reported, source).await
    }
}
