//! A dispute, from an event or read at Stripe.

use crate::{
    Billing, BillingFailure, FactOutcome, ReversalFact,
    facts::{amounts::stated, source::EventSource},
    reversals::reported::ReportedReversal,
};
use ledger::TakeKind;
use stripe_client::Dispute;

impl Billing {
    /// A dispute, from an event or read at Stripe; `withdrawn` and `reinstated` by the event's type.
    pub(crate) async fn on_dispute(
        &self,
        dispute: &Dispute,
        withdrawn: bool,
        reinstated: bool,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        let is_reinstated = reinstated || dispute.reinstated();
        let fact = ReversalFact {
            object: dispute.id.clone(),
            kind: TakeKind::Dispute,
            amount: stated(&dispute.id, dispute.amount)?,
            reverses: withdrawn || is_reinstated || dispute.withdrawn(),
            is_reinstated,
            pending: false,
            open: dispute.is_open(),
            closed: dispute.is_closed(),
            appealed: dispute.is_appeal(),
            taken_again: if dispute.withdrawn_again() { dispute.withdrawals() } else { 0 },
            returned: if dispute.reinstated() && dispute.withdrawals() > 1 {
                dispute.withdrawals()
            } else {
                0
            },
            at: source.as_of(self.clock.now(), dispute.is_appeal()),
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
