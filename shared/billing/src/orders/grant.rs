//! Granting an order's credits, for a Checkout session or a top-up's payment: one cause, one transaction.

use crate::{
    BillingFailure, FactOutcome, Grant, Order, OrderStatus, Orders, ReviewReason,
    facts::{
        amounts::{Sold, stated},
        source::EventSource,
    },
};
use ledger::{Cause, CauseKind, Command, Companions, Movement, Posted, Reference, Refusal};
use money::{Money, PositiveMoney};
use stripe_client::{CheckoutSession, PaymentIntent};
use tables::{Stored, WorkWrite};
use terms::{Actor, Fingerprint};

/// What an order is granted for.
#[derive(Debug, Clone)]
pub(crate) struct NewGrant {
    pub cause: Cause,
    pub fingerprint: Fingerprint,
    pub paid: Money,
    pub granted: Money,
    pub discount: Money,
    pub tax: Money,
    pub tax_included: bool,
    pub payment_intent: Option<String>,
    pub description: String,
    pub actor: Actor,
}

impl NewGrant {
    /// What was bought of the order's amount, for a paid session: the amount, less a coupon.
    pub(crate) fn of_session(order: &Order, session: &CheckoutSession) -> Result<Self, BillingFailure> {
        let stated_amount = session.amount_total.unwrap_or_default();
        let paid = stated(&session.id, stated_amount)?;
        let details = session.total_details.unwrap_or_default();
        let sold = Sold::of(session).filter(|sold| sold.ordered == order.amount.cents());
        let granted = sold.map_or(Ok(order.amount), |sold| stated(&session.id, sold.bought))?;
        let currency = session.currency.as_deref().unwrap_or_default();
        Ok(Self {
            cause: Cause::new(CauseKind::CheckoutSession, session.id.clone()),
            fingerprint: Fingerprint::of(&[
                order.organization.as_str(),
                "checkout-session",
                &session.id,
                &stated_amount.to_string(),
                currency,
                order.order_id.as_str(),
            ]),
            paid,
            granted,
            discount: stated(&session.id, details.amount_discount)?,
            tax: stated(&session.id, details.amount_tax)?,
            tax_included: sold.is_some_and(|sold| sold.tax_included),
            payment_intent: session.payment_intent.clone(),
            description: format!("Purchased ${granted} credits via Stripe"),
            actor: Actor::stripe(),
        })
    }

    /// The order's amount, for a top-up's payment.
    pub(crate) fn of_payment(order: &Order, payment: &PaymentIntent) -> Result<Self, BillingFailure> {
        Ok(Self {
            cause: Cause::new(CauseKind::PaymentIntent, payment.id.clone()),
            fingerprint: Fingerprint::of(&[
                order.organization.as_str(),
                "payment-intent",
                &payment.id,
                &payment.amount_received.to_string(),
                &payment.currency,
                order.order_id.as_str(),
            ]),
            paid: stated(&payment.id, payment.amount_received)?,
            granted: order.amount,
            discount: Money::ZERO,
            tax: Money::ZERO,
            tax_included: false,
            payment_intent: Some(payment.id.clone()),
            description: format!("Auto top-up of ${} by the saved card", order.amount),
            actor: Actor::stripe(),
        })
    }
}

impl NewGrant {
    /// The most that a person may grant of a payment: what was paid, without its tax on top.
    pub(crate) fn most(&self) -> Result<Money, BillingFailure> {
        Ok(if self.tax_included { self.paid } else { self.paid.minus(self.tax)? })
    }
}

impl Orders {
    /// Posts an order's grant, with the order paid in the same transaction. `None`: a record changed
    /// meanwhile, look again.
    pub(crate) async fn post_grant(
        &self,
        order: &Stored<Order>,
        grant: &NewGrant,
        source: &EventSource,
        more: Vec<WorkWrite>,
    ) -> Result<Option<FactOutcome>, BillingFailure> {
        let record = &order.record;
        let movement = Movement {
            organization: record.organization.clone(),
            cause: grant.cause.clone(),
            fingerprint: grant.fingerprint.clone(),
            actor: grant.actor.clone(),
            occurred_at: Some(source.occurred_at),
            description: grant.description.clone(),
            command: Command::Grant {
                kind: record.grant_kind(),
                amount: PositiveMoney::new(grant.granted)?,
                source: record.order_id.to_string(),
                expires_at: None,
            },
        };
        let with = self.companions_of(order, grant, more)?;
        match self.ledger.post(&movement, &with).await? {
            Ok(Posted::Receipt(_)) => Ok(Some(FactOutcome::Granted)),
            Ok(Posted::Replay(_)) => Ok(Some(FactOutcome::Replayed)),
            Err(Refusal::RecordChanged { .. }) => Ok(None),
            Err(Refusal::CauseReused) => {
                let reason = ReviewReason::ContentsChanged;
                let organization = Some(&record.organization);
                self.review_queue.add_fact(&grant.cause.id, reason, organization, source).await.map(Some)
            }
            Err(refusal) => Err(BillingFailure::refused("grant-refused", &grant.cause.id, refusal)),
        }
    }

    fn companions_of(
        &self,
        order: &Stored<Order>,
        grant: &NewGrant,
        more: Vec<WorkWrite>,
    ) -> Result<Companions, BillingFailure> {
        let is_session = grant.cause.kind == CauseKind::CheckoutSession;
        let known_session = order.record.session_id.clone();
        let next = Order {
            status: OrderStatus::Paid,
            session_id: if is_session { Some(grant.cause.id.clone()) } else { known_session },
            payment_intent: grant.payment_intent.clone(),
            failure: None,
            review: None,
            grant: Some(Grant {
                kind: grant.cause.kind,
                object: grant.cause.id.clone(),
                paid: grant.paid,
                granted: grant.granted,
                discount: grant.discount,
                tax: grant.tax,
                tax_included: grant.tax_included,
            }),
            ..order.record.clone()
        }
        .rescheduled(self.clock.now());
        let reference = |object: &String| Reference {
            object: object.clone(),
            organization: order.record.organization.clone(),
            record: order.record.order_id.to_string(),
        };
        let mut objects: Vec<&String> =
            std::iter::once(&grant.cause.id).chain(&grant.payment_intent).collect();
        objects.dedup();
        let mut work = vec![WorkWrite::replace(order, &next)?];
        work.extend(more);
        let references = objects.into_iter().map(reference).collect();
        Ok(Companions { work, references, ..Companions::default() })
    }
}
