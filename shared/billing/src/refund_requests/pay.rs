//! An approved request: the refund is requested from Stripe, and the hold ends.

use crate::{
    BillingFailure, Order, RefundRequest, RefundRequestStatus,
    facts::{read::known, source::EventSource},
    limits::KEY_SENT_SECONDS,
    payments::grant::GrantRecord,
    refund_requests::RefundRequests,
};
use ledger::{Companions, Refusal};
use std::collections::BTreeMap;
use stripe_client::NewRefund;
use tables::{Key, Stored, WorkWrite};

impl RefundRequests {
    /// Continues an approved request: requests the refund by its key, or searches for its result. After a failure it
    /// stays due.
    pub(crate) async fn go_on(&self, key: &Key) -> Result<(), BillingFailure> {
        let Some(request) = self.work.get::<RefundRequest>(key).await? else { return Ok(()) };
        let RefundRequest { id, amount, payment_intent, decision, status, .. } = &request.record;
        let (Some(payment), Some(decision)) = (payment_intent, decision) else { return Ok(()) };
        if *status != RefundRequestStatus::Approved {
            return Ok(());
        }
        let asked_until = decision.decided_at.plus_seconds(KEY_SENT_SECONDS);
        if self.clock.now() > asked_until {
            let refunds = known(payment, self.stripe.refunds_of(payment).await)?.unwrap_or_default();
            let ours = |refund: &&stripe_client::Refund| {
                refund.metadata.get("refund_request").map(String::as_str) == Some(id.as_str())
            };
            return match refunds.iter().find(ours) {
                Some(refund) => self.on_own_refund(refund).await,
                None => self.release(&request, "Stripe does not know of the refund").await,
            };
        }
        let refund = NewRefund {
            payment_intent: payment.clone(),
            amount_cents: amount.cents(),
            metadata: BTreeMap::from([("refund_request".to_owned(), id.to_string())]),
        };
        match self.stripe.create_refund(&refund, &format!("droplab:refund:{id}")).await {
            Ok(refund) => self.on_own_refund(&refund).await,
            Err(failure) if failure.is_definite() => {
                platform::log::failure("Stripe refused a refund", &failure);
                self.release(&request, "Stripe refused the refund").await
            }
            Err(failure) => Err(BillingFailure::Stripe(failure)),
        }
    }

    /// A refund of ours, through the same code as its webhook. One that has failed when it is first seen reversed
    /// nothing: its hold is released.
    async fn on_own_refund(&self, refund: &stripe_client::Refund) -> Result<(), BillingFailure> {
        let source = EventSource::read(refund.created, self.clock.now(), self.livemode);
        self.reversals.on_refund(refund, &source).await.map(drop)
    }

    /// Ends the hold of a request that failed.
    async fn release(&self, request: &Stored<RefundRequest>, why: &str) -> Result<(), BillingFailure> {
        let RefundRequest { organization, order_id, .. } = &request.record;
        let order = self.work.get::<Order>(&Order::key_of(organization, order_id)).await?;
        let order = order.map(|order| GrantRecord::Order(Box::new(order)));
        let source = EventSource::read(0, self.clock.now(), self.livemode);
        if let Some(order) = order.as_ref().filter(|order| order.freeze().is_active()) {
            // The returned credits are under a fraud warning.
            self.fraud_warnings.guard_surely(order, &source).await?;
        }
        let next = request.record.failed(why);
        let movement = request.record.releasing();
        let with = Companions { work: vec![WorkWrite::replace(request, &next)?], ..Companions::default() };
        match self.ledger.post(&movement, &with).await? {
            Ok(_) | Err(Refusal::RecordChanged { .. }) => {}
            Err(refusal) => return Err(BillingFailure::refused("refund-refused", &next.id, refusal)),
        }
        match order {
            Some(order) => self.fraud_warnings.freeze_what_returned(&order, &source).await,
            None => Ok(()),
        }
    }
}
