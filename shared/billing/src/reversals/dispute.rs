//! A dispute, from an event or read at Stripe.

use crate::{
    Billing, BillingFailure, News, WebhookAnswer,
    facts::{amounts::stated, source::Told},
    reversals::reported::Reported,
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
        told: &Told,
    ) -> Result<WebhookAnswer, BillingFailure> {
        let undone = reinstated || dispute.reinstated();
        let news = News {
            object: dispute.id.clone(),
            kind: TakeKind::Dispute,
            amount: stated(&dispute.id, dispute.amount)?,
            takes: withdrawn || undone || dispute.withdrawn(),
            undone,
            pending: false,
            open: dispute.is_open(),
            closed: dispute.is_closed(),
            appealed: dispute.is_appeal(),
            at: told.as_of(self, dispute.is_appeal()),
        };
        let reported = Reported {
            news,
            currency: dispute.currency.clone(),
            livemode: dispute.livemode,
            payment: dispute.payment_intent.clone(),
            charge: dispute.charge.clone(),
            went_at: told.occurred_at.as_seconds(),
            request: None,
            withdrawn_again: dispute.withdrawn_again(),
        };
        self.on_reversal(&reported, told).await
    }
}
