//! The few fields of Stripe's objects that any decision needs, read the same way from a response and from an event.
//!
//! Read tolerantly: other fields are ignored, what Stripe may omit or send as null is an `Option`, and a reference
//! may be an id or the whole object (docs.stripe.com/api/expanding_objects).
//!
//! Amounts are integer cents of `currency`, a lower-case ISO code. Instants are unix seconds, and `created` is 0
//! where Stripe omits it. `livemode` is false in a sandbox of Stripe. `metadata` is what the object's creator put
//! there. References: `customer` is a `cus_…`, `payment_intent` a `pi_…`, `charge` a `ch_…`, `invoice` an `in_…`,
//! `subscription` a `sub_…`, `payment_method` a `pm_…`.

use std::collections::BTreeMap;
use std::fmt::Formatter;
use std::marker::PhantomData;

use serde::de::{MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

mod checkout;
mod fraud_warnings;
mod invoices;
mod payments;
mod reversals;

pub use checkout::{CheckoutSession, TotalDetails};
pub use fraud_warnings::EarlyFraudWarning;
pub use invoices::{Invoice, InvoicePayment, Subscription};
pub use payments::{Charge, PaymentIntent, PaymentMethod};
pub use reversals::{Dispute, Refund};

/// An object after which a list can continue.
pub(crate) trait Identified {
    fn id(&self) -> &str;
}

macro_rules! identified {
    ($($object:ty),+ $(,)?) => {
        $(impl Identified for $object {
            fn id(&self) -> &str {
                &self.id
            }
        })+
    };
}

identified!(
    CheckoutSession,
    EarlyFraudWarning,
    PaymentIntent,
    PaymentMethod,
    Refund,
    Dispute,
    Invoice,
    InvoicePayment
);

/// A struct that is read from an object alone. Serde would also fill it from an array by position, and so mistake any
/// number for an amount.
pub(crate) struct Named<T>(pub(crate) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
            type Value = Named<T>;

            fn expecting(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Named<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Named)
            }
        }
        deserializer.deserialize_map(Object(PhantomData))
    }
}

/// A whole object, or null.
fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    Ok(Option::<Named<T>>::deserialize(deserializer)?.map(|Named(object)| object))
}

/// A reference to another object: its id, the whole object, or null.
fn reference<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(id) => Ok(Some(id)),
        Value::Object(mut object) => match object.remove("id") {
            Some(Value::String(id)) => Ok(Some(id)),
            _ => Err(serde::de::Error::custom("an expanded object without an id")),
        },
        _ => Err(serde::de::Error::custom("neither an id nor an object")),
    }
}

/// Stripe sends null for metadata that was never set on some objects.
fn metadata<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    Ok(Option::<BTreeMap<String, String>>::deserialize(deserializer)?.unwrap_or_default())
}
