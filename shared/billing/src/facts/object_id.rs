//! The id of an object at Stripe, and what kind of object it names. Pure.

use ledger::{Cause, CauseKind};
use serde::{Deserialize, Serialize};
use std::fmt::{Display, Formatter};

/// What a Stripe id identifies, by its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StripeObjectKind {
    /// `pi_…`
    PaymentIntent,
    /// `ch_…`
    Charge,
    /// `re_…`
    Refund,
    /// `dp_…` or `du_…`
    Dispute,
    /// `in_…`
    Invoice,
    /// `sub_…`
    Subscription,
    /// `cs_…`
    CheckoutSession,
    /// `cus_…`
    Customer,
    /// `issfr_…`
    EarlyFraudWarning,
    /// `evt_…`
    Event,
    /// Another prefix, or none.
    Other,
}

/// The id of an object at Stripe. Stored and shown as the id alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct StripeObjectId {
    kind: StripeObjectKind,
    id: String,
}

impl StripeObjectKind {
    fn of(id: &str) -> Self {
        match id.split_once('_').map(|(prefix, _)| prefix) {
            Some("pi") => Self::PaymentIntent,
            Some("ch") => Self::Charge,
            Some("re") => Self::Refund,
            Some("dp" | "du") => Self::Dispute,
            Some("in") => Self::Invoice,
            Some("sub") => Self::Subscription,
            Some("cs") => Self::CheckoutSession,
            Some("cus") => Self::Customer,
            Some("issfr") => Self::EarlyFraudWarning,
            Some("evt") => Self::Event,
            _ => Self::Other,
        }
    }
}

impl StripeObjectId {
    #[must_use]
    pub fn kind(&self) -> StripeObjectKind {
        self.kind
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.id
    }

    /// The cause under which this object's payment is granted; `None` if it is not a payment.
    pub(crate) fn grant_cause(&self) -> Option<Cause> {
        let kind = match self.kind {
            StripeObjectKind::CheckoutSession => CauseKind::CheckoutSession,
            StripeObjectKind::PaymentIntent => CauseKind::PaymentIntent,
            StripeObjectKind::Invoice => CauseKind::Invoice,
            StripeObjectKind::Charge
            | StripeObjectKind::Refund
            | StripeObjectKind::Dispute
            | StripeObjectKind::Subscription
            | StripeObjectKind::Customer
            | StripeObjectKind::EarlyFraudWarning
            | StripeObjectKind::Event
            | StripeObjectKind::Other => return None,
        };
        Some(Cause::new(kind, self.id.clone()))
    }
}

impl From<String> for StripeObjectId {
    fn from(id: String) -> Self {
        Self { kind: StripeObjectKind::of(&id), id }
    }
}

impl From<&str> for StripeObjectId {
    fn from(id: &str) -> Self {
        Self::from(id.to_owned())
    }
}

impl From<StripeObjectId> for String {
    fn from(object: StripeObjectId) -> Self {
        object.id
    }
}

impl Display for StripeObjectId {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_prefix_says_what_an_id_names_and_three_kinds_are_granted_under_a_cause() {
        let table = [
            ("pi_3P0ilw8b", StripeObjectKind::PaymentIntent, Some(CauseKind::PaymentIntent)),
            ("ch_1", StripeObjectKind::Charge, None),
            ("re_1", StripeObjectKind::Refund, None),
            ("dp_1", StripeObjectKind::Dispute, None),
            ("du_1", StripeObjectKind::Dispute, None),
            ("in_1", StripeObjectKind::Invoice, Some(CauseKind::Invoice)),
            ("sub_1", StripeObjectKind::Subscription, None),
            ("cs_test_a1", StripeObjectKind::CheckoutSession, Some(CauseKind::CheckoutSession)),
            ("cus_1", StripeObjectKind::Customer, None),
            ("issfr_1", StripeObjectKind::EarlyFraudWarning, None),
            ("evt_1", StripeObjectKind::Event, None),
            ("inpay_1", StripeObjectKind::Other, None),
            ("pi", StripeObjectKind::Other, None),
            ("_pi", StripeObjectKind::Other, None),
            ("ord_pi_1", StripeObjectKind::Other, None),
            ("", StripeObjectKind::Other, None),
        ];
        for (id, kind, cause) in table {
            let object = StripeObjectId::from(id);
            assert_eq!((object.kind(), object.as_str()), (kind, id));
            assert_eq!(object.grant_cause(), cause.map(|kind| Cause::new(kind, id)), "{id}");
            assert_eq!(object.to_string(), id);
        }
    }

    #[test]
    fn it_is_stored_as_the_id_alone() {
        let object = StripeObjectId::from("pi_1");
        assert_eq!(serde_json::to_value(&object).unwrap(), json!("pi_1"));
        assert_eq!(serde_json::from_value::<StripeObjectId>(json!("pi_1")).unwrap(), object);
    }
}
