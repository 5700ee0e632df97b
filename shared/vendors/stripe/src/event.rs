//! A webhook event: its envelope, and the fact it reports.
//!
//! Parse only what [`crate::signature::verify`] has accepted. An event is a snapshot in the API version of the
//! webhook endpoint; it may arrive twice and in any order (docs.stripe.com/webhooks). Must not know: which facts are
//! ours, and what follows from them.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::objects::{
    Charge, CheckoutSession, Dispute, EarlyFraudWarning, Invoice, Named, PaymentIntent, Refund, Subscription,
};

/// One event, as Stripe delivered it. Each object in it is as it was when the event happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// `evt_…`; the same fact may come under two ids.
    pub id: String,
    /// Stripe's `type`, for example `checkout.session.completed`.
    pub kind: String,
    /// When it happened, unix seconds.
    pub created: i64,
    /// False in a sandbox of Stripe.
    pub livemode: bool,
    /// The version in which the object is rendered: the endpoint's for a webhook; for a listed event the account's
    /// default when it happened.
    pub api_version: Option<String>,
    /// The object's id, known even where the object itself cannot be read.
    pub object: Option<String>,
    pub fact: Fact,
}

impl Event {
    /// Whether the object is rendered as this crate reads it: within one train of API versions nothing that is read
    /// changes (docs.stripe.com/api/versioning). Of another train's event, only id, type and times are reliable;
    /// [`crate::Stripe::event_now`] reads its object again.
    pub fn is_of_our_train(&self) -> bool {
        fn train(version: &str) -> Option<&str> {
            version.split_once('.').map(|(_, train)| train)
        }
        self.api_version.as_deref().and_then(train) == train(&crate::api_version())
    }

    /// The same event with the object as it is now.
    pub(crate) fn about(&self, object: &RawValue) -> Self {
        let fact = fact(&self.kind, object).unwrap_or(Fact::Undecodable);
        Self { fact, api_version: Some(crate::api_version()), ..self.clone() }
    }

    /// Where the object is read.
    pub(crate) fn collection(&self) -> Option<&'static str> {
        let collections = [
            ("checkout.session.", "/checkout/sessions"),
            ("invoice.", "/invoices"),
            ("payment_intent.", "/payment_intents"),
            ("refund.", "/refunds"),
            ("charge.refund.", "/refunds"),
            ("charge.dispute.", "/disputes"),
            ("charge.", "/charges"),
            ("customer.subscription.", "/subscriptions"),
            ("radar.early_fraud_warning.", "/radar/early_fraud_warnings"),
        ];
        let found = collections.iter().find(|(prefix, _)| self.kind.starts_with(prefix));
        found.map(|(_, collection)| *collection)
    }
}

/// What an event reports, as a typed object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// `checkout.session.*`
    CheckoutSession { change: CheckoutChange, session: CheckoutSession },
    /// `invoice.*`
    Invoice { change: InvoiceChange, invoice: Invoice },
    /// `payment_intent.*`
    PaymentIntent { change: PaymentIntentChange, payment_intent: PaymentIntent },
    /// `charge.refunded`: some of it was refunded. The amounts of single refunds come with `refund.*`.
    ChargeRefunded(Charge),
    /// `refund.*`, and `charge.refund.updated`.
    Refund { change: RefundChange, refund: Refund },
    /// `charge.dispute.*`
    Dispute { change: DisputeChange, dispute: Dispute },
    /// `radar.early_fraud_warning.*`
    EarlyFraudWarning(EarlyFraudWarning),
    /// `customer.subscription.*`
    Subscription { change: SubscriptionChange, subscription: Subscription },
    /// A type that this crate does not read: none of [`TYPES`].
    Unknown,
    /// A type that this crate reads, in a shape that it cannot read: authentic, and for a person to inspect.
    Undecodable,
}

/// `checkout.session.*`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckoutChange {
    /// The customer has finished; with a delayed payment method the money is still to come.
    Completed,
    /// The money of a delayed payment method has arrived.
    AsyncPaymentSucceeded,
    /// The money of a delayed payment method will not arrive.
    AsyncPaymentFailed,
    /// Not finished in time.
    Expired,
}

/// `invoice.*`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvoiceChange {
    /// Paid, or marked paid out of band.
    Paid,
    /// Declined, or no usable payment method.
    PaymentFailed,
    /// The customer must authenticate.
    PaymentActionRequired,
}

/// `payment_intent.*`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaymentIntentChange {
    Succeeded,
    /// One attempt failed; another may follow.
    PaymentFailed,
    /// Ended without money.
    Canceled,
}

/// `refund.*`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundChange {
    Created,
    /// Its status or reference changed.
    Updated,
    /// The money came back to us.
    Failed,
}

/// `charge.dispute.*`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeChange {
    /// Opened, as a dispute or as an inquiry.
    Created,
    /// Evidence or status changed.
    Updated,
    /// The money was taken from us.
    FundsWithdrawn,
    /// The money was returned to us.
    FundsReinstated,
    Closed,
}

/// `customer.subscription.*`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubscriptionChange {
    /// Says nothing about the money.
    Created,
    /// Any change, of its status included: also paused or resumed.
    Updated,
    /// Ended.
    Deleted,
}

/// A body that is not a snapshot event: refused with 400, stored nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAnEvent {
    /// `v2.core.event`, which carries only a reference: the webhook endpoint is configured for the wrong kind of
    /// events.
    #[error("a thin event was sent to an endpoint for snapshot events")]
    Thin,
    /// Not JSON, or without an event's envelope.
    #[error("the body is not an event")]
    Malformed,
}

/// Fails only if the envelope is not that of a snapshot event; for what is inside see [`Fact::Unknown`] and
/// [`Fact::Undecodable`].
pub fn parse(raw_body: &[u8]) -> Result<Event, NotAnEvent> {
    let Named(nature): Named<Nature> = serde_json::from_slice(raw_body).map_err(|_| NotAnEvent::Malformed)?;
    match nature.object.as_str() {
        "event" => {}
        "v2.core.event" => return Err(NotAnEvent::Thin),
        _ => return Err(NotAnEvent::Malformed),
    }
    let envelope: Envelope<'_> = serde_json::from_slice(raw_body).map_err(|_| NotAnEvent::Malformed)?;
    let Named(data) = envelope.data;
    let fact = fact(&envelope.kind, data.object).unwrap_or(Fact::Undecodable);
    Ok(Event {
        id: envelope.id,
        kind: envelope.kind,
        created: envelope.created,
        livemode: envelope.livemode,
        api_version: envelope.api_version,
        object: read::<Identity>(data.object).map(|identity| identity.id),
        fact,
    })
}

/// Names every type that is read and its reader, once for [`TYPES`] and for the parse.
macro_rules! types {
    ($($kind:literal => $reader:ident($($change:expr)?),)+) => {
        /// Every `type` that [`parse`] reads, for `enabled_events` of the webhook endpoint
        /// (docs.stripe.com/api/webhook_endpoints/create). All others are [`Fact::Unknown`].
        pub const TYPES: &[&str] = &[$($kind),+];

        fn fact(kind: &str, object: &RawValue) -> Option<Fact> {
            match kind {
                $($kind => $reader(object $(, $change)?),)+
                _ => Some(Fact::Unknown),
            }
        }
    };
}

types! {
    "checkout.session.completed" => session(CheckoutChange::Completed),
    "checkout.session.async_payment_succeeded" => session(CheckoutChange::AsyncPaymentSucceeded),
    "checkout.session.async_payment_failed" => session(CheckoutChange::AsyncPaymentFailed),
    "checkout.session.expired" => session(CheckoutChange::Expired),
    "invoice.paid" => invoice(InvoiceChange::Paid),
    "invoice.payment_failed" => invoice(InvoiceChange::PaymentFailed),
    "invoice.payment_action_required" => invoice(InvoiceChange::PaymentActionRequired),
    "payment_intent.succeeded" => intent(PaymentIntentChange::Succeeded),
    "payment_intent.payment_failed" => intent(PaymentIntentChange::PaymentFailed),
    "payment_intent.canceled" => intent(PaymentIntentChange::Canceled),
    "charge.refunded" => charge(),
    "charge.refund.updated" => refund(RefundChange::Updated),
    "refund.created" => refund(RefundChange::Created),
    "refund.updated" => refund(RefundChange::Updated),
    "refund.failed" => refund(RefundChange::Failed),
    "charge.dispute.created" => dispute(DisputeChange::Created),
    "charge.dispute.updated" => dispute(DisputeChange::Updated),
    "charge.dispute.funds_withdrawn" => dispute(DisputeChange::FundsWithdrawn),
    "charge.dispute.funds_reinstated" => dispute(DisputeChange::FundsReinstated),
    "charge.dispute.closed" => dispute(DisputeChange::Closed),
    "customer.subscription.created" => subscription(SubscriptionChange::Created),
    "customer.subscription.updated" => subscription(SubscriptionChange::Updated),
    "customer.subscription.paused" => subscription(SubscriptionChange::Updated),
    "customer.subscription.resumed" => subscription(SubscriptionChange::Updated),
    "customer.subscription.deleted" => subscription(SubscriptionChange::Deleted),
    "radar.early_fraud_warning.created" => warning(),
    "radar.early_fraud_warning.updated" => warning(),
}

/// Those of [`TYPES`] that need not be listed: a `refund.*` event comes with each of them and reports more.
pub const NOT_LISTED: &[&str] = &["charge.refunded", "charge.refund.updated"];

/// The most types that one request may list events by (docs.stripe.com/api/events/list).
pub const LISTED_MAX: usize = 20;

/// All of [`TYPES`] but [`NOT_LISTED`], in groups that Stripe accepts in one request. Each group is listed to its end
/// on its own.
#[must_use]
pub fn listed_groups() -> Vec<Vec<&'static str>> {
    let listed = TYPES.iter().filter(|kind| !NOT_LISTED.contains(kind));
    let listed: Vec<&'static str> = listed.copied().collect();
    listed.chunks(LISTED_MAX).map(<[_]>::to_vec).collect()
}

fn session(object: &RawValue, change: CheckoutChange) -> Option<Fact> {
    read(object).map(|session| Fact::CheckoutSession { change, session })
}

fn invoice(object: &RawValue, change: InvoiceChange) -> Option<Fact> {
    read(object).map(|invoice| Fact::Invoice { change, invoice })
}

fn intent(object: &RawValue, change: PaymentIntentChange) -> Option<Fact> {
    read(object).map(|payment_intent| Fact::PaymentIntent { change, payment_intent })
}

fn charge(object: &RawValue) -> Option<Fact> {
    read(object).map(Fact::ChargeRefunded)
}

fn refund(object: &RawValue, change: RefundChange) -> Option<Fact> {
    read(object).map(|refund| Fact::Refund { change, refund })
}

fn dispute(object: &RawValue, change: DisputeChange) -> Option<Fact> {
    read(object).map(|dispute| Fact::Dispute { change, dispute })
}

fn warning(object: &RawValue) -> Option<Fact> {
    read(object).map(Fact::EarlyFraudWarning)
}

fn subscription(object: &RawValue, change: SubscriptionChange) -> Option<Fact> {
    read(object).map(|subscription| Fact::Subscription { change, subscription })
}

fn read<T: DeserializeOwned>(object: &RawValue) -> Option<T> {
    serde_json::from_str(object.get()).ok().map(|Named(object)| object)
}

#[derive(Deserialize)]
struct Identity {
    id: String,
}

#[derive(Deserialize)]
struct Nature {
    object: String,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    id: String,
    #[serde(rename = "type")]
    kind: String,
    created: i64,
    livemode: bool,
    #[serde(default)]
    api_version: Option<String>,
    #[serde(borrow)]
    data: Named<Data<'a>>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    object: &'a RawValue,
}
