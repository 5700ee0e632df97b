//! Ordering credits: the order first, then a Checkout session that names it.

use crate::{
    BillingFailure, Freeze, Order, OrderKind, OrderStatus, Orders, Reversals,
    limits::{OPEN_ORDERS_MAX, PAGE_OPEN_SECONDS},
};
use ledger::Reference;
use money::{Money, MoneyError};
use std::collections::BTreeMap;
use stripe_client::CreditCheckout;
use tables::{OpenBound, Opened, Replace, Stored};
use terms::{Actor, Fingerprint, OrderId, OrganizationId};

/// The orders that an organization may yet pay on a page.
const OPEN_ORDERS: OpenBound = OpenBound { name: "orders", limit: OPEN_ORDERS_MAX };

/// What the owner asked for.
#[derive(Debug, Clone)]
pub struct PurchaseRequest {
    /// Credits, equally USD.
    pub amount: Result<Money, MoneyError>,
    /// What names the order: the caller's idempotency key, or something new.
    pub key: String,
    /// What the request said.
    pub fingerprint: Fingerprint,
    /// Who asks.
    pub actor: Actor,
    /// Whether the card is to be saved for auto top-up.
    pub save_card: bool,
    /// Where the console stands, without a trailing slash.
    pub app_url: String,
}

/// A payment page to send the owner to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckoutPage {
    /// Our order.
    pub order_id: OrderId,
    /// Stripe's session.
    pub session_id: String,
    /// The page.
    pub url: String,
    /// Whether the same request had been answered before.
    pub replayed: bool,
}

/// Why there is no payment page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckoutRefusal {
    /// Not an amount.
    #[error(transparent)]
    NotAnAmount(MoneyError),
    /// Below or above what can be bought at once.
    #[error("credits are bought from {minimum} to {maximum} at a time")]
    OutOfBounds {
        /// The least.
        minimum: Money,
        /// The most.
        maximum: Money,
    },
    /// The key names another request.
    #[error("this Idempotency-Key was used for another request")]
    KeyReused,
    /// The order that the key names is over: its page is closed.
    #[error("this order is closed; order again with a new Idempotency-Key")]
    OrderClosed,
    /// As many orders as may be are unpaid.
    #[error("too many orders are unpaid")]
    TooManyOpen,
    /// Stripe refuses the request for good.
    #[error("the payment page could not be made")]
    RefusedByStripe,
}

impl Orders {
    /// Places an order and opens its payment page.
    ///
    /// The order stands before Stripe is asked, and carries everything that the request to Stripe is made of:
    /// a retry after a crash asks with the same key for the same session.
    ///
    /// # Errors
    /// [`BillingFailure`]: nothing is charged; the same request may be sent again.
    pub async fn purchase(
        &self,
        organization: &OrganizationId,
        request: &PurchaseRequest,
    ) -> Result<Result<CheckoutPage, CheckoutRefusal>, BillingFailure> {
        let amount = match bounded(&request.amount) {
            Ok(amount) => amount,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let order_id = OrderId::derive(&[organization.as_str(), "purchase-credits", &request.key]);
        let known = self.work.get::<Order>(&Order::key_of(organization, &order_id)).await?;
        let stored = match known {
            Some(stored) => stored,
            None => match self.place(organization, &order_id, amount, request).await? {
                Some(stored) => stored,
                None => return Ok(Err(CheckoutRefusal::TooManyOpen)),
            },
        };
        if stored.record.fingerprint != request.fingerprint {
            return Ok(Err(CheckoutRefusal::KeyReused));
        }
        if let (Some(session_id), Some(url)) = (&stored.record.session_id, &stored.record.session_url) {
            let (session_id, url) = (session_id.clone(), url.clone());
            return Ok(Ok(CheckoutPage { order_id, session_id, url, replayed: true }));
        }
        if stored.record.status != OrderStatus::Pending || stored.record.expires_at <= self.clock.now() {
            return Ok(Err(CheckoutRefusal::OrderClosed));
        }
        self.open_page(stored).await
    }

    /// `None`: too many orders are open.
    async fn place(
        &self,
        organization: &OrganizationId,
        order_id: &OrderId,
        amount: Money,
        request: &PurchaseRequest,
    ) -> Result<Option<Stored<Order>>, BillingFailure> {
        let now = self.clock.now();
        let order = Order {
            organization: organization.clone(),
            order_id: order_id.clone(),
            paid_by: OrderKind::Checkout,
            amount,
            customer: self.customers.of(organization).await?,
            status: OrderStatus::Pending,
            actor: request.actor.clone(),
            fingerprint: request.fingerprint.clone(),
            created_at: now,
            expires_at: now.plus_seconds(PAGE_OPEN_SECONDS),
            success_url: format!("{}/settings?purchase=success&order={order_id}", request.app_url),
            cancel_url: format!("{}/settings?purchase=canceled", request.app_url),
            save_card: request.save_card,
            cards_only: request.save_card,
            session_id: None,
            session_url: None,
            payment_intent: None,
            payment_method: None,
            failure: None,
            grant: None,
            review: None,
            reversals: Reversals::default(),
            freeze: Freeze::default(),
            next_check: None,
        }
        .rescheduled(now);
        let takes_a_place = |earlier: &Order| earlier.takes_a_place(now);
        Ok(match self.work.insert_bounded(OPEN_ORDERS, &order, &[], takes_a_place).await? {
            Opened::Done(stored) | Opened::Exists(stored) => Some(stored),
            Opened::Full | Opened::Changed => None,
        })
    }

    async fn open_page(
        &self,
        stored: Stored<Order>,
    ) -> Result<Result<CheckoutPage, CheckoutRefusal>, BillingFailure> {
        let order = &stored.record;
        let key = format!("droplab:order:{}", order.order_id);
        let session = match self.stripe.create_checkout_session(&request_of(order), &key).await {
            Ok(session) => session,
            Err(failure) if failure.is_definite() => {
                platform::log::failure("Stripe refused a Checkout session", &failure);
                // Of all that the request names, Stripe can miss the customer alone.
                if failure.is_missing() {
                    self.customers.replace(&order.organization, &order.customer).await?;
                }
                let refused = order.moved_to(OrderStatus::Failed, self.clock.now());
                if let Some(refused) = refused {
                    let refused = Order { failure: Some("refused".to_owned()), ..refused };
                    let _: Replace<Order> = self.work.replace(&stored, &refused).await?;
                }
                return Ok(Err(CheckoutRefusal::RefusedByStripe));
            }
            Err(failure) => return Err(BillingFailure::Stripe(failure)),
        };
        let Some(url) = session.url.clone() else {
            return Ok(Err(CheckoutRefusal::OrderClosed));
        };
        let reference = Reference {
            object: session.id.clone(),
            organization: order.organization.clone(),
            record: order.order_id.to_string(),
        };
        self.ledger.remember(&reference).await?;
        let next =
            Order { session_id: Some(session.id.clone()), session_url: Some(url.clone()), ..order.clone() };
        let order_id = order.order_id.clone();
        // A twin of this request, or the webhook, may have written first: both know the same session.
        let _: Replace<Order> = self.work.replace(&stored, &next).await?;
        Ok(Ok(CheckoutPage { order_id, session_id: session.id, url, replayed: false }))
    }
}

fn bounded(amount: &Result<Money, MoneyError>) -> Result<Money, CheckoutRefusal> {
    let amount = amount.map_err(CheckoutRefusal::NotAnAmount)?;
    let (minimum, maximum) = (pricing::limits::purchase_least(), pricing::limits::purchase_most());
    if (minimum..=maximum).contains(&amount) {
        Ok(amount)
    } else {
        Err(CheckoutRefusal::OutOfBounds { minimum, maximum })
    }
}

fn request_of(order: &Order) -> CreditCheckout {
    let metadata = [
        ("organization_id", order.organization.to_string()),
        ("order_id", order.order_id.to_string()),
        ("amount", order.amount.to_string()),
        ("type", "credits".to_owned()),
    ];
    CreditCheckout {
        order_id: order.order_id.to_string(),
        customer: order.customer.clone(),
        amount_cents: order.amount.cents(),
        product_name: format!("{} DropLab credits", order.amount),
        description: Some("1 credit = 1 USD, for contacts and postcards; no expiry".to_owned()),
        metadata: metadata
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<BTreeMap<_, _>>(),
        success_url: order.success_url.clone(),
        cancel_url: order.cancel_url.clone(),
        expires_at: order.expires_at.as_seconds(),
        save_card: order.save_card,
        cards_only: order.cards_only,
    }
}
