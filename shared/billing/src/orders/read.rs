//! A Checkout order read at Stripe: by its session, its payment or its customer.

use crate::{
    BillingFailure, FactOutcome, Order, OrderStatus, Orders,
    facts::{read::known, source::EventSource},
    limits::PAGE_LOST_SECONDS,
};
use stripe_client::CheckoutSession;
use tables::Stored;
use terms::{OrderId, OrganizationId};

impl Orders {
    /// Decides a Checkout order by what Stripe says of it now.
    pub(crate) async fn read_at_stripe(
        &self,
        order: &Stored<Order>,
        payment: Option<&str>,
    ) -> Result<FactOutcome, BillingFailure> {
        if let Some(session) = self.session_of(&order.record, payment).await? {
            let source = EventSource::read(0, self.clock.now(), self.livemode);
            return self.on_session_read(&session, &source).await;
        }
        let lost_at = order.record.expires_at.plus_seconds(PAGE_LOST_SECONDS);
        if self.clock.now() > lost_at
            && let Some(next) = order.record.moved_to(OrderStatus::Expired, self.clock.now())
        {
            self.work.replace(order, &next).await?;
        }
        Ok(FactOutcome::NothingToDo)
    }

    /// An order's session. Where we did not hear Stripe's answer, it is found by its payment or its customer.
    async fn session_of(
        &self,
        order: &Order,
        payment: Option<&str>,
    ) -> Result<Option<CheckoutSession>, BillingFailure> {
        if let Some(id) = &order.session_id {
            return known(id, self.stripe.checkout_session(id).await);
        }
        let listed = match payment {
            Some(payment) => self.stripe.checkout_sessions_of_payment(payment).await,
            None => {
                let from = order.created_at.plus_seconds(-300).as_seconds();
                self.stripe.checkout_sessions_of_customer(&order.customer, from).await
            }
        };
        // A customer that Stripe no longer has, has no page either.
        let sessions = known(payment.unwrap_or(&order.customer), listed)?.unwrap_or_default();
        let ours = |session: &CheckoutSession| {
            session.client_reference_id.as_deref() == Some(order.order_id.as_str())
        };
        Ok(sessions.into_iter().find(ours))
    }

    /// Stripe's receipt of an order's payment; `None` where there is no such order or receipt.
    ///
    /// # Errors
    /// [`BillingFailure`] when it cannot be read.
    pub async fn receipt_url(
        &self,
        organization: &OrganizationId,
        order_id: &OrderId,
    ) -> Result<Option<String>, BillingFailure> {
        let order = self.work.get::<Order>(&Order::key_of(organization, order_id)).await?;
        let Some(payment) = order.and_then(|order| order.record.payment_intent) else { return Ok(None) };
        let payment = known(&payment, self.stripe.payment_intent(&payment).await)?;
        Ok(payment.and_then(|payment| payment.receipt_url))
    }
}
