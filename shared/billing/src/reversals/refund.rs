//! A refund, from an event or read at Stripe.

use crate::{
    Billing, BillingFailure, News, WebhookAnswer,
    facts::{amounts::stated, source::Told},
    reversals::reported::Reported,
};
use ledger::TakeKind;
use stripe_client::{Refund, RefundStatus};
use terms::RefundRequestId;

impl Billing {
    /// A refund, from an event or read at Stripe.
    pub(crate) async fn on_refund(
        &self,
        refund: &Refund,
        told: &Told,
    ) -> Result<WebhookAnswer, BillingFailure> {
        let status = refund.status.as_ref();
        let undone = matches!(status, Some(RefundStatus::Failed | RefundStatus::Canceled));
        let pending = matches!(status, Some(RefundStatus::Pending | RefundStatus::RequiresAction));
        let news = News {
            object: refund.id.clone(),
            kind: TakeKind::Refund,
            amount: stated(&refund.id, refund.amount)?,
            takes: !undone,
            undone,
            pending,
            open: false,
            closed: false,
            appealed: false,
            at: told.occurred_at,
        };
        let request = refund.metadata.get("refund_request");
        let reported = Reported {
            news,
            currency: refund.currency.clone(),
            livemode: told.livemode,
            payment: refund.payment_intent.clone(),
            charge: refund.charge.clone(),
            went_at: refund.created,
            request: request.and_then(|id| RefundRequestId::parse(id).ok()),
            withdrawn_again: false,
        };
        self.on_reversal(&reported, told).await
    }
}
