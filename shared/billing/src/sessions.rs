//! Checkout sessions: which order they are about, and what they grant.

use crate::{
    Billing, BillingFailure, Order, OrderStatus, Quarantine, Quarantined, WebhookAnswer, order::GrantedFor,
};
use ledger::{Cause, CauseKind, Command, Companions, GrantKind, Movement, Posted, Reference, Refusal};
use money::PositiveMoney;
use stripe_client::{CheckoutSession, PaymentStatus, SessionMode, event::CheckoutChange};
use tables::{Replace, Stored, WorkWrite};
use terms::{Actor, Fingerprint, OrderId, OrganizationId, Timestamp};

/// How often a record that keeps changing is read again before the delivery is given back to Stripe.
pub(crate) const ATTEMPTS_MAX: u32 = 8;

/// The order that a session is about.
enum Named {
    /// This one.
    Order(Box<Stored<Order>>),
    /// None of ours.
    Nothing,
    /// One that this organization does not have. Orders stand before Stripe is asked for a session, so it
    /// will not appear later: another stage at the same Stripe account, or a table restored to before it.
    Missing(OrganizationId),
}

/// What an event said of itself.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub event_id: String,
    pub event_type: String,
    pub occurred_at: Timestamp,
}

impl Told {
    pub(crate) fn quarantined(
        &self,
        billing: &Billing,
        object: &str,
        reason: Quarantine,
        organization: Option<&OrganizationId>,
    ) -> Quarantined {
        Quarantined {
            object: object.to_owned(),
            reason,
            event_type: self.event_type.clone(),
            event_id: self.event_id.clone(),
            organization: organization.cloned(),
            seen_at: billing.clock.now(),
        }
    }
}

impl Billing {
    pub(crate) async fn on_checkout_session(
        &self,
        change: CheckoutChange,
        session: &CheckoutSession,
        told: &Told,
    ) -> Result<WebhookAnswer, BillingFailure> {
        for _ in 0..ATTEMPTS_MAX {
            let order = match self.order_of(session).await? {
                Named::Order(order) => order,
                Named::Nothing => return Ok(WebhookAnswer::NotOurs),
                Named::Missing(organization) => {
                    let reason = Quarantine::OrderUnknown;
                    let quarantined = told.quarantined(self, &session.id, reason, Some(&organization));
                    self.quarantine(quarantined).await?;
                    return Ok(WebhookAnswer::Quarantined(reason));
                }
            };
            let paid = session.payment_status == PaymentStatus::Paid;
            let target = match change {
                CheckoutChange::Completed | CheckoutChange::AsyncPaymentSucceeded if paid => {
                    if let Some(answer) = self.grant_order(&order, session, told).await? {
                        return Ok(answer);
                    }
                    continue;
                }
                CheckoutChange::Completed if session.payment_status == PaymentStatus::Unpaid => {
                    OrderStatus::Processing
                }
                // A session that needed no payment grants nothing: credits are not given away by discount.
                CheckoutChange::Completed | CheckoutChange::AsyncPaymentSucceeded
                    if session.payment_status == PaymentStatus::NoPaymentRequired =>
                {
                    return Ok(WebhookAnswer::NothingToDo);
                }
                // Finished in words that do not say whether the money is there.
                CheckoutChange::Completed | CheckoutChange::AsyncPaymentSucceeded => {
                    return self.keep(&session.id, told).await;
                }
                CheckoutChange::AsyncPaymentFailed => OrderStatus::Failed,
                CheckoutChange::Expired => OrderStatus::Expired,
            };
            let Some(next) = order.record.moved_to(target) else {
                return Ok(WebhookAnswer::NothingToDo);
            };
            if let Replace::Done(_) = self.work.replace(&order, &next).await? {
                return Ok(WebhookAnswer::OrderMoved);
            }
        }
        Err(BillingFailure::Contended)
    }

    /// The order that a session is about. A reference knows it; failing that, the metadata that only our
    /// servers write may name it, and nothing more.
    async fn order_of(&self, session: &CheckoutSession) -> Result<Named, BillingFailure> {
        let named = match self.ledger.reference(&session.id).await? {
            Some(reference) => Some((reference.organization, reference.record)),
            None => named_in_metadata(session),
        };
        let Some((organization, order_id)) = named else { return Ok(Named::Nothing) };
        let Ok(order_id) = OrderId::parse(&order_id) else { return Ok(Named::Nothing) };
        match self.work.get::<Order>(&Order::key_of(&organization, &order_id)).await? {
            Some(order) => Ok(Named::Order(Box::new(order))),
            None => Ok(Named::Missing(organization)),
        }
    }

    /// Grants an order for a paid session. `None`: the order changed meanwhile, look again.
    async fn grant_order(
        &self,
        order: &Stored<Order>,
        session: &CheckoutSession,
        told: &Told,
    ) -> Result<Option<WebhookAnswer>, BillingFailure> {
        let movement = movement_of(&order.record, session, told)?;
        let organization = Some(&order.record.organization);
        let quarantine = |reason| told.quarantined(self, &session.id, reason, organization);
        if self.ledger.find(&movement.cause).await?.is_none() {
            let mismatch = mismatch(&order.record, session, self.livemode);
            if let Some(reason) = mismatch {
                self.quarantine(quarantine(reason)).await?;
                return Ok(Some(WebhookAnswer::Quarantined(reason)));
            }
        }
        let with = companions_of(order, session)?;
        match self.ledger.post(&movement, &with).await? {
            Ok(Posted::Receipt(_)) => Ok(Some(WebhookAnswer::Granted)),
            Ok(Posted::Replay(_)) => Ok(Some(WebhookAnswer::Replayed)),
            Err(Refusal::RecordChanged { .. }) => Ok(None),
            Err(Refusal::CauseReused) => {
                self.quarantine(quarantine(Quarantine::ContentsChanged)).await?;
                Ok(Some(WebhookAnswer::Quarantined(Quarantine::ContentsChanged)))
            }
            Err(refusal) => {
                tracing::error!(alarm = "grant-refused", object = session.id, %refusal, "a paid order was not granted");
                Err(BillingFailure::Contended)
            }
        }
    }
}

/// Only what has the form of our own metadata: another application at the same Stripe account may use the
/// same names for ids of its own.
fn named_in_metadata(session: &CheckoutSession) -> Option<(OrganizationId, String)> {
    let organization = session.metadata.get("organization_id")?;
    let order = session.metadata.get("order_id").filter(|order| order.starts_with("ord_"))?;
    session.metadata.get("type").filter(|kind| *kind == "credits")?;
    Some((OrganizationId::parse(organization).ok()?, order.clone()))
}

/// The first way in which a paid session is not what was ordered.
fn mismatch(order: &Order, session: &CheckoutSession, livemode: bool) -> Option<Quarantine> {
    let granted_for_other = order.granted_for.as_ref().is_some_and(|granted| granted.object != session.id);
    let other_session = order.session_id.as_ref().is_some_and(|known| *known != session.id);
    let checks = [
        (session.livemode != livemode, Quarantine::LivemodeMismatch),
        (session.mode != SessionMode::Payment, Quarantine::ModeMismatch),
        (session.currency.as_deref() != Some("usd"), Quarantine::CurrencyMismatch),
        (session.amount_total != Some(order.amount.cents()), Quarantine::AmountMismatch),
        (session.customer.as_ref() != Some(&order.customer), Quarantine::CustomerMismatch),
        (other_session, Quarantine::SessionMismatch),
        (granted_for_other, Quarantine::AlreadyGranted),
    ];
    checks.into_iter().find(|(differs, _)| *differs).map(|(_, reason)| reason)
}

fn movement_of(order: &Order, session: &CheckoutSession, told: &Told) -> Result<Movement, BillingFailure> {
    let amount_told = session.amount_total.unwrap_or_default().to_string();
    let currency = session.currency.as_deref().unwrap_or_default();
    Ok(Movement {
        organization: order.organization.clone(),
        cause: Cause::new(CauseKind::CheckoutSession, session.id.clone()),
        fingerprint: Fingerprint::of(&[
            order.organization.as_str(),
            "checkout-session",
            &session.id,
            &amount_told,
            currency,
            order.order_id.as_str(),
        ]),
        actor: Actor::stripe(),
        occurred_at: Some(told.occurred_at),
        description: format!("Purchased ${} credits via Stripe", order.amount),
        command: Command::Grant {
            kind: GrantKind::Purchase,
            amount: PositiveMoney::new(order.amount)?,
            source: order.order_id.to_string(),
            expires_at: None,
        },
    })
}

fn companions_of(order: &Stored<Order>, session: &CheckoutSession) -> Result<Companions, BillingFailure> {
    let next = Order {
        status: OrderStatus::Paid,
        session_id: Some(session.id.clone()),
        granted_for: Some(GrantedFor { kind: CauseKind::CheckoutSession, object: session.id.clone() }),
        ..order.record.clone()
    };
    let reference = |object: &String| Reference {
        object: object.clone(),
        organization: order.record.organization.clone(),
        record: order.record.order_id.to_string(),
    };
    let known = std::iter::once(&session.id).chain(session.payment_intent.as_ref());
    Ok(Companions {
        work: vec![WorkWrite::replace(order, &next)?],
        references: known.map(reference).collect(),
        ..Companions::default()
    })
}
