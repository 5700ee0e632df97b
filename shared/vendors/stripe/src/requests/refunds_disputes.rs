//! Refunds and disputes.

use std::collections::BTreeMap;

use stripe_client_core::{RequestBuilder, StripeRequest};
use stripe_core::dispute::{ListDispute, RetrieveDispute};
use stripe_core::refund::{CreateRefund, ListRefund, RetrieveRefund};

use super::{Map, Stripe, plain};
use crate::failure::StripeFailure;
use crate::objects::{Dispute, Refund};

/// A refund of a payment or of part of it. The request is a pure function of these fields: under one idempotency key
/// always send the same ones, or Stripe refuses the repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRefund {
    /// `pi_…`, which has succeeded.
    pub payment_intent: String,
    /// 1 up to what is left of the payment.
    pub amount_cents: i64,
    /// Put on the refund alone: neither the payment nor its charge shows it.
    pub metadata: BTreeMap<String, String>,
}

impl Stripe {
    /// Refunds money (docs.stripe.com/api/refunds/create). The customer has it in status `succeeded`; a `pending`
    /// refund may still fail days later, with the event `refund.failed`. `InvalidRequest` if less is left of the
    /// payment (code `charge_already_refunded` if nothing is).
    pub async fn create_refund(
        &self,
        refund: &NewRefund,
        idempotency_key: &str,
    ) -> Result<Refund, StripeFailure> {
        plain(&refund.payment_intent, "payment_intent")?;
        self.ask(refund_request(refund), Some(idempotency_key)).await
    }

    /// Reads a `re_…` (docs.stripe.com/api/refunds/retrieve).
    pub async fn refund(&self, id: &str) -> Result<Refund, StripeFailure> {
        let id = plain(id, "refund")?;
        self.ask(RetrieveRefund::new(id).build(), None).await
    }

    /// All refunds of a `pi_…`, the failed ones included, newest first (docs.stripe.com/api/refunds/list).
    pub async fn refunds_of(&self, payment_intent: &str) -> Result<Vec<Refund>, StripeFailure> {
        let payment_intent = plain(payment_intent, "payment_intent")?;
        self.all(ListRefund::new().payment_intent(payment_intent).build()).await
    }

    /// Reads a `dp_…` or `du_…` (docs.stripe.com/api/disputes/retrieve).
    pub async fn dispute(&self, id: &str) -> Result<Dispute, StripeFailure> {
        let id = plain(id, "dispute")?;
        self.ask(RetrieveDispute::new(id).build(), None).await
    }

    /// All disputes and inquiries of a `pi_…`, newest first (docs.stripe.com/api/disputes/list).
    pub async fn disputes_of(&self, payment_intent: &str) -> Result<Vec<Dispute>, StripeFailure> {
        let payment_intent = plain(payment_intent, "payment_intent")?;
        self.all(ListDispute::new().payment_intent(payment_intent).build()).await
    }
}

fn refund_request(refund: &NewRefund) -> RequestBuilder {
    CreateRefund::new()
        .payment_intent(&refund.payment_intent)
        .amount(refund.amount_cents)
        .metadata(refund.metadata.clone().into_iter().collect::<Map>())
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requests::fields;

    #[test]
    fn a_refund_is_the_form_that_stripe_documents() {
        let request = refund_request(&NewRefund {
            payment_intent: "pi_1".to_owned(),
            amount_cents: 1_050,
            metadata: BTreeMap::from([("order".to_owned(), "ord_1".to_owned())]),
        });
        assert_eq!(request.path, "/refunds");
        let form = ["amount=1050", "metadata[order]=ord_1", "payment_intent=pi_1"];
        assert_eq!(fields(&request.body.unwrap()), form);
    }
}
