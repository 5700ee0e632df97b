//! How a charge ends: credits, a decline that waits, or a pause. The same whether Stripe answered, sent an
//! event, or was read.

use crate::{
    AutoTopUp, BillingFailure, FactOutcome, Order, OrderKind, OrderStatus, ReviewReason, TopUpOutcome,
    facts::{metadata::named_in_metadata, read::known, source::EventSource},
    orders::grant::NewGrant,
    top_up::{
        TopUp,
        charge_failure::{ChargeFailure, ChargeState, after_failure},
    },
};
use alerts::{Alert, AlertKind};
use std::sync::Mutex;
use stripe_client::{PaymentIntent, PaymentIntentStatus};
use tables::{Attempt, Stored, Together, WorkWrite, retry_while_changed};
use terms::{Month, OrderId, OrganizationId, Timestamp};

impl TopUp {
    /// The fact of a payment: only a top-up's payment grants, by our own order.
    pub(crate) async fn on_payment_intent(
        &self,
        payment: &PaymentIntent,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        let Some(order) = self.top_up_order_of(payment, source).await? else {
            return Ok(FactOutcome::NothingToDo);
        };
        match payment.status {
            PaymentIntentStatus::Succeeded => self.grant_top_up(order, payment, source).await,
            _ => Ok(match self.on_charge(&order, payment).await? {
                TopUpOutcome::Failed => FactOutcome::TopUpEnded,
                _ => FactOutcome::NothingToDo,
            }),
        }
    }

    async fn top_up_order_of(
        &self,
        payment: &PaymentIntent,
        source: &EventSource,
    ) -> Result<Option<Stored<Order>>, BillingFailure> {
        let Some((organization, order)) = named_in_metadata(&payment.metadata, "top-up") else {
            return Ok(None);
        };
        let Ok(order) = OrderId::parse(&order) else { return Ok(None) };
        let found = self.work.get::<Order>(&Order::key_of(&organization, &order)).await?;
        if found.is_none() && payment.status == PaymentIntentStatus::Succeeded {
            let reason = ReviewReason::OrderUnknown;
            self.review_queue.add_fact(&payment.id, reason, Some(&organization), source).await?;
        }
        Ok(found.filter(|order| order.record.paid_by == OrderKind::TopUp))
    }

    /// What a charge's payment says of it.
    pub(super) async fn on_charge(
        &self,
        order: &Stored<Order>,
        payment: &PaymentIntent,
    ) -> Result<TopUpOutcome, BillingFailure> {
        match ChargeState::of(payment, self.clock.now() > order.record.expires_at) {
            ChargeState::Succeeded => self.charge_succeeded(order, payment).await,
            ChargeState::UnderWay => Ok(TopUpOutcome::UnderWay),
            ChargeState::Failed(failure) => self.charge_failed(order, &failure, Some(&payment.id)).await,
        }
    }

    async fn charge_succeeded(
        &self,
        order: &Stored<Order>,
        payment: &PaymentIntent,
    ) -> Result<TopUpOutcome, BillingFailure> {
        let source = EventSource::read(payment.created, self.clock.now(), self.livemode);
        match self.grant_top_up(order.clone(), payment, &source).await? {
            FactOutcome::Granted | FactOutcome::Replayed => Ok(TopUpOutcome::Bought),
            _ => Ok(TopUpOutcome::UnderWay),
        }
    }

    /// Grants a top-up's credits and ends the charge in flight, in one transaction.
    async fn grant_top_up(
        &self,
        order: Stored<Order>,
        payment: &PaymentIntent,
        source: &EventSource,
    ) -> Result<FactOutcome, BillingFailure> {
        let (organization, id) = (order.record.organization.clone(), order.record.order_id.clone());
        // The first attempt needs no second read.
        let first = Mutex::new(Some(order));
        retry_while_changed("an order of auto top-up", || async {
            let read = first.lock().ok().and_then(|mut order| order.take());
            let read = match read {
                Some(order) => order,
                None => {
                    let key = Order::key_of(&organization, &id);
                    let read = self.work.get::<Order>(&key).await?;
                    read.ok_or_else(|| BillingFailure::missing("order", &id))?
                }
            };
            let grant = NewGrant::of_payment(&read.record, payment)?;
            if self.ledger.find(&grant.cause).await?.is_none()
                && let Some(reason) = mismatch(&read.record, payment, self.livemode)
            {
                return Ok(self.orders.put_into_review(&read, &payment.id, reason, source).await?.into());
            }
            let more = self.end_of_charge(&read.record).await?;
            Ok(self.orders.post_grant(&read, &grant, source, more).await?.into())
        })
        .await
    }

    /// What is written with the dismissal of a top-up's order: its charge is no longer in flight, and the next one
    /// needs the owner.
    pub(crate) async fn end_of_dismissed(&self, failed: &Order) -> Result<Vec<WorkWrite>, BillingFailure> {
        let settings = match failed.paid_by {
            OrderKind::TopUp => self.record(&failed.organization).await?,
            OrderKind::Checkout => None,
        };
        let Some(stored) = settings else { return Ok(Vec::new()) };
        ended_badly(&stored, failed, &ChargeFailure::Dismissed, self.clock.now())
    }

    /// What is written with the grant of a top-up's order: its charge is no longer in flight, and the owner is alerted.
    pub(crate) async fn end_of_charge(&self, order: &Order) -> Result<Vec<WorkWrite>, BillingFailure> {
        let settings = match order.paid_by {
            OrderKind::TopUp => self.record(&order.organization).await?,
            OrderKind::Checkout => None,
        };
        let Some(stored) = settings else { return Ok(Vec::new()) };
        let now = self.clock.now();
        let kind = AlertKind::TopUpDone { order_id: order.order_id.clone(), amount: order.amount };
        let name = format!("{}-done", order.order_id);
        let alert = Alert::new(order.organization.clone(), name, now, kind);
        Ok(vec![ended_well(&stored, order, now)?, alert.write()?])
    }

    /// Cancels a charge at Stripe. `Some`: it could not be, as its owner had confirmed it; it is what it is then.
    async fn given_up(
        &self,
        order: &Stored<Order>,
        payment: &str,
    ) -> Result<Option<TopUpOutcome>, BillingFailure> {
        let Err(failure) = self.stripe.cancel_payment_intent(payment).await else { return Ok(None) };
        platform::log::failure("a payment could not be canceled", &failure);
        if !failure.is_definite() {
            return Err(BillingFailure::Stripe(failure));
        }
        let Some(now) = known(payment, self.stripe.payment_intent(payment).await)? else { return Ok(None) };
        match now.status {
            PaymentIntentStatus::Succeeded => self.charge_succeeded(order, &now).await.map(Some),
            PaymentIntentStatus::Processing => Ok(Some(TopUpOutcome::UnderWay)),
            PaymentIntentStatus::Canceled => Ok(None),
            _ => Err(BillingFailure::Stripe(failure)),
        }
    }

    /// A charge that ended without money: the order failed, the owner is alerted, and the card rests.
    pub(super) async fn charge_failed(
        &self,
        order: &Stored<Order>,
        failure: &ChargeFailure,
        payment: Option<&str>,
    ) -> Result<TopUpOutcome, BillingFailure> {
        let grant = order.record.grant.as_ref().map(|granted| granted.object.as_str());
        if grant.is_some() && grant == payment {
            return Ok(TopUpOutcome::Bought);
        }
        // Nobody confirms it any more: the owner pays another way, and must not pay twice.
        if let Some(payment) = payment.filter(|_| failure.leaves_payment_open())
            && let Some(answer) = self.given_up(order, payment).await?
        {
            return Ok(answer);
        }
        let (organization, id) = (&order.record.organization, &order.record.order_id);
        retry_while_changed("an order of auto top-up", || async {
            let Some(order) = self.work.get::<Order>(&Order::key_of(organization, id)).await? else {
                return Err(BillingFailure::missing("order", id));
            };
            let now = self.clock.now();
            let Some(failed) = order.record.moved_to(OrderStatus::Failed, now) else {
                return Ok(Attempt::Done(TopUpOutcome::Failed));
            };
            let failed = Order {
                failure: Some(failure.code().to_owned()),
                payment_intent: payment.map(str::to_owned),
                ..failed
            };
            let mut writes = vec![WorkWrite::replace(&order, &failed)?];
            if let Some(stored) = self.record(organization).await? {
                writes.extend(ended_badly(&stored, &failed, failure, now)?);
            }
            if self.work.write_together(&writes).await? == Together::Done {
                return Ok(Attempt::Done(TopUpOutcome::Failed));
            }
            Ok(Attempt::Changed)
        })
        .await
    }
}

fn mismatch(order: &Order, payment: &PaymentIntent, livemode: bool) -> Option<ReviewReason> {
    let granted_for_other = order.grant.as_ref().is_some_and(|granted| granted.object != payment.id);
    let checks = [
        (payment.livemode != livemode, ReviewReason::LivemodeMismatch),
        (payment.currency != "usd", ReviewReason::CurrencyMismatch),
        (payment.amount_received != order.amount.cents(), ReviewReason::AmountMismatch),
        (payment.customer.as_ref() != Some(&order.customer), ReviewReason::CustomerMismatch),
        (granted_for_other, ReviewReason::AlreadyGranted),
    ];
    checks.into_iter().find(|(differs, _)| *differs).map(|(_, reason)| reason)
}

/// The charge brought money: nothing is in flight, and the record is due at once, as one charge may not
/// have closed the gap.
fn ended_well(
    stored: &Stored<AutoTopUp>,
    order: &Order,
    now: Timestamp,
) -> Result<WorkWrite, BillingFailure> {
    let record = &stored.record;
    let is_ours = record.in_flight.as_ref().is_some_and(|in_flight| in_flight.order_id == order.order_id);
    let next = if is_ours {
        AutoTopUp { in_flight: None, declines: 0, wait_until: None, next_check: Some(now), ..record.clone() }
    } else {
        // Money for an order that was given up: it counts against its month all the same.
        let month = Month::of(order.created_at);
        let charged = record.charged_in(month).plus(order.amount)?;
        if month == record.month { AutoTopUp { charged, ..record.clone() } } else { record.clone() }
    };
    Ok(WorkWrite::replace(stored, &next)?)
}

/// The charge brought nothing: its amount no longer counts, and the next one waits or needs the owner.
fn ended_badly(
    stored: &Stored<AutoTopUp>,
    order: &Order,
    failure: &ChargeFailure,
    now: Timestamp,
) -> Result<Vec<WorkWrite>, BillingFailure> {
    let record = &stored.record;
    let Some(in_flight) = record.in_flight.as_ref().filter(|held| held.order_id == order.order_id) else {
        return Ok(Vec::new());
    };
    let next = after_failure(record, in_flight, failure, now)?;
    let (reason, again_at) = (failure.alert_reason(), next.next_check);
    let kind = AlertKind::TopUpFailed { amount: order.amount, reason: reason.to_owned(), again_at };
    let alert = alert_of(&record.organization, &order.order_id, now, kind);
    Ok(vec![WorkWrite::replace(stored, &next)?, alert.write()?])
}

fn alert_of(organization: &OrganizationId, order: &OrderId, now: Timestamp, kind: AlertKind) -> Alert {
    Alert::new(organization.clone(), order.to_string(), now, kind)
}

/// The write that ends a charge in flight whose order has ended elsewhere: granted or dismissed by finance.
pub(super) fn ended_already(
    stored: &Stored<AutoTopUp>,
    order: &Order,
    now: Timestamp,
) -> Result<Option<WorkWrite>, BillingFailure> {
    match order.status {
        OrderStatus::Paid => ended_well(stored, order, now).map(Some),
        OrderStatus::Failed | OrderStatus::Expired => {
            let failure = ChargeFailure::of_code(order.failure.as_deref());
            Ok(ended_badly(stored, order, &failure, now)?.into_iter().next())
        }
        OrderStatus::Pending | OrderStatus::Processing => Ok(None),
    }
}
