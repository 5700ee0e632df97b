//! Checkout sessions: which order they are about, and where it stands because of them.

use crate::{
    BillingFailure, FactOutcome, ManualReview, Order, OrderStatus, Orders, ReviewReason, StripeObjectKind,
    facts::{amounts::Sold, metadata::named_in_metadata, read::known, source::EventSource},
    orders::{grant::NewGrant, order::DISMISSED},
};
use alerts::{Alert, AlertKind};
use stripe_client::{
    CheckoutSession, PaymentIntentStatus, PaymentStatus, SessionMode, SessionStatus, event::CheckoutChange,
};
use tables::{Attempt, Replace, Stored, Together, WorkWrite, retry_while_changed};
use terms::{OrderId, OrganizationId};

/// The order that a session is about.
enum SessionOrder {
    /// This one.
    Order(Box<Stored<Order>>),
    /// None of ours.
    Nothing,
    /// One that this organization does not have. Orders stand before Stripe is asked for a session, so it
    /// will not appear later: another stage at the same Stripe account, or a table restored to before it.
    Missing(OrganizationId),
}

impl Orders {
    pub(crate) async fn on_checkout_session(
        &self,
        change: CheckoutChange,
        session: &CheckoutSession,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        retry_while_changed("an order", || async {
            let order = match self.order_of(session).await? {
                SessionOrder::Order(order) => order,
                SessionOrder::Nothing => return Ok(Attempt::Done(FactOutcome::NotOurs)),
                SessionOrder::Missing(organization) => {
                    let reason = ReviewReason::OrderUnknown;
                    let organization = Some(&organization);
                    return self
                        .review_queue
                        .add_fact(&session.id, reason, organization, source)
                        .await
                        .map(Attempt::Done);
                }
            };
            let paid = session.payment_status == PaymentStatus::Paid;
            let target = match change {
                CheckoutChange::Completed | CheckoutChange::AsyncPaymentSucceeded if paid => {
                    return Ok(self.grant_session(&order, session, source).await?.into());
                }
                CheckoutChange::Completed if session.payment_status == PaymentStatus::Unpaid => {
                    OrderStatus::Processing
                }
                // A session that needed no payment grants nothing: credits are not given away by discount.
                CheckoutChange::Completed | CheckoutChange::AsyncPaymentSucceeded
                    if session.payment_status == PaymentStatus::NoPaymentRequired =>
                {
                    return Ok(Attempt::Done(FactOutcome::NothingToDo));
                }
                // Finished in words that do not say whether the money is there.
                CheckoutChange::Completed | CheckoutChange::AsyncPaymentSucceeded => {
                    return self.review_queue.add_undecidable(&session.id, source).await.map(Attempt::Done);
                }
                CheckoutChange::AsyncPaymentFailed => OrderStatus::Failed,
                CheckoutChange::Expired => OrderStatus::Expired,
            };
            Ok(self.move_order(&order, target).await?.into())
        })
        .await
    }

    /// Moves an order's displayed state, with the alert of a failure. `None`: it changed meanwhile.
    async fn move_order(
        &self,
        order: &Stored<Order>,
        target: OrderStatus,
    ) -> Result<Option<FactOutcome>, BillingFailure> {
        let now = self.clock.now();
        let Some(next) = order.record.moved_to(target, now) else {
            return Ok(Some(FactOutcome::NothingToDo));
        };
        let mut writes = vec![WorkWrite::replace(order, &next)?];
        if target == OrderStatus::Failed {
            let (order_id, amount) = (next.order_id.clone(), next.amount);
            let kind = AlertKind::OrderFailed { order_id: order_id.clone(), amount };
            writes.push(Alert::new(next.organization, order_id.to_string(), now, kind).write()?);
        }
        match self.work.write_together(&writes).await? {
            Together::Done => Ok(Some(FactOutcome::OrderMoved)),
            Together::Refused { .. } => Ok(None),
        }
    }

    /// The order that a session is about. A reference knows it; failing that, the metadata that only our
    /// servers write may name it, and nothing more.
    async fn order_of(&self, session: &CheckoutSession) -> Result<SessionOrder, BillingFailure> {
        let named = match self.ledger.reference(&session.id).await? {
            Some(reference) => Some((reference.organization, reference.record)),
            None => named_in_metadata(&session.metadata, "credits"),
        };
        let Some((organization, order_id)) = named else { return Ok(SessionOrder::Nothing) };
        let Ok(order_id) = OrderId::parse(&order_id) else { return Ok(SessionOrder::Nothing) };
        match self.work.get::<Order>(&Order::key_of(&organization, &order_id)).await? {
            Some(order) => Ok(SessionOrder::Order(Box::new(order))),
            None => Ok(SessionOrder::Missing(organization)),
        }
    }

    /// Grants an order for a paid session. `None`: the order changed meanwhile, look again.
    async fn grant_session(
        &self,
        order: &Stored<Order>,
        session: &CheckoutSession,
        source: &EventSource,
    ) -> Result<Option<FactOutcome>, BillingFailure> {
        let grant = NewGrant::of_session(&order.record, session)?;
        if self.ledger.find(&grant.cause).await?.is_none()
            && let Some(reason) = mismatch(&order.record, session, self.livemode)
        {
            return self.put_into_review(order, &session.id, reason, source).await;
        }
        self.post_grant(order, &grant, source, Vec::new()).await
    }

    /// Queues money of a known order for manual review and shows the order as in review. `None`: the order
    /// changed meanwhile.
    pub(crate) async fn put_into_review(
        &self,
        order: &Stored<Order>,
        object: &str,
        reason: ReviewReason,
        source: &EventSource,
    ) -> Result<Option<FactOutcome>, BillingFailure> {
        let organization = &order.record.organization;
        let order_id = Some(order.record.order_id.clone());
        let review = self.review_queue.of_fact(object, reason, Some(organization), source);
        let is_payment = review.object.kind() == StripeObjectKind::PaymentIntent;
        self.review_queue.add(ManualReview { order_id, ..review }).await?;
        let is_open = order.record.review.is_none() && order.record.grant.is_none();
        if is_open && order.record.failure.as_deref() != Some(DISMISSED) {
            let mut next = Order { review: Some(reason), ..order.record.clone() };
            if is_payment {
                next.payment_intent = Some(object.to_owned());
            }
            let next = next.rescheduled(self.clock.now());
            if let Replace::Changed = self.work.replace(order, &next).await? {
                return Ok(None);
            }
        }
        Ok(Some(FactOutcome::ManualReview(reason)))
    }

    /// Decides an order by its session as it stands at Stripe now: what its events would have said.
    pub(crate) async fn on_session_read(
        &self,
        session: &CheckoutSession,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        let paid = session.payment_status == PaymentStatus::Paid;
        let change = match &session.status {
            Some(SessionStatus::Complete) if paid => CheckoutChange::Completed,
            Some(SessionStatus::Complete) => self.change_of_delayed(session).await?,
            Some(SessionStatus::Expired) => CheckoutChange::Expired,
            _ => return Ok(FactOutcome::NothingToDo),
        };
        self.on_checkout_session(change, session, source).await
    }

    /// A completed session without money never says that its delayed payment failed; the payment does.
    async fn change_of_delayed(&self, session: &CheckoutSession) -> Result<CheckoutChange, BillingFailure> {
        let Some(payment) = &session.payment_intent else { return Ok(CheckoutChange::Completed) };
        let Some(payment) = known(payment, self.stripe.payment_intent(payment).await)? else {
            return Ok(CheckoutChange::Completed);
        };
        Ok(match payment.status {
            PaymentIntentStatus::RequiresPaymentMethod | PaymentIntentStatus::Canceled => {
                CheckoutChange::AsyncPaymentFailed
            }
            _ => CheckoutChange::Completed,
        })
    }
}

/// The first way in which a paid session is not what was ordered.
fn mismatch(order: &Order, session: &CheckoutSession, livemode: bool) -> Option<ReviewReason> {
    let granted_for_other = order.grant.as_ref().is_some_and(|granted| granted.object != session.id);
    let other_session = order.session_id.as_ref().is_some_and(|known| *known != session.id);
    let not_as_ordered = Sold::of(session).is_none_or(|sold| sold.ordered != order.amount.cents());
    let checks = [
        (session.livemode != livemode, ReviewReason::LivemodeMismatch),
        (session.mode != SessionMode::Payment, ReviewReason::ModeMismatch),
        (session.currency.as_deref() != Some("usd"), ReviewReason::CurrencyMismatch),
        (not_as_ordered, ReviewReason::AmountMismatch),
        (session.customer.as_ref() != Some(&order.customer), ReviewReason::CustomerMismatch),
        (other_session, ReviewReason::SessionMismatch),
        (granted_for_other, ReviewReason::AlreadyGranted),
    ];
    checks.into_iter().find(|(differs, _)| *differs).map(|(_, reason)| reason)
}
