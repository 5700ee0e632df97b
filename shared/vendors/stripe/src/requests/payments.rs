//! Payments: of a Checkout, and of a saved card without the customer.

use std::collections::BTreeMap;

use stripe_client_core::{RequestBuilder, StripeRequest};
use stripe_core::PaymentIntentAllowedPaymentMethodTypes;
use stripe_core::charge::RetrieveCharge;
use stripe_core::payment_intent::{
    CancelPaymentIntent, CreatePaymentIntent, CreatePaymentIntentOffSession, ListPaymentIntent,
    RetrievePaymentIntent,
};
use stripe_types::{Currency, RangeQueryTs};

use super::{Map, Stripe, plain};
use crate::failure::StripeFailure;
use crate::objects::{Charge, PaymentIntent};
use crate::words::PaymentIntentStatus;

/// `error.code` when a payment intent's status does not allow the request.
const UNEXPECTED_STATE: &str = "payment_intent_unexpected_state";

/// A charge in US dollars to a saved card without the customer. The request is a pure function of these fields: under
/// one idempotency key always send the same ones, or Stripe refuses the repetition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OffSessionCharge {
    /// `cus_…`.
    pub customer: String,
    /// `pm_…`, a card of this customer.
    pub payment_method: String,
    /// 50 to 99,999,999.
    pub amount_cents: i64,
    /// Shown in the Dashboard and on the receipt.
    pub description: String,
    /// An absolute URL, where a bank would send the customer back to. Stripe requires one where a payment is
    /// confirmed with automatically chosen methods, even for a saved card.
    pub return_url: Option<String>,
    /// Put on the payment intent, where refunds and disputes find it.
    pub metadata: BTreeMap<String, String>,
}

impl Stripe {
    /// Charges a saved card at once (docs.stripe.com/api/payment_intents/create;
    /// docs.stripe.com/payments/save-during-payment, "Charge the saved payment method later"). The money is there
    /// only in status `succeeded`.
    ///
    /// `Declined` includes that the bank wants the customer to authenticate (code `authentication_required`):
    /// [`crate::Refusal::payment_intent`] names the intent, which can be paid until it is cancelled. The same key
    /// gets the same decline again.
    pub async fn create_payment_intent(
        &self,
        charge: &OffSessionCharge,
        idempotency_key: &str,
    ) -> Result<PaymentIntent, StripeFailure> {
        plain(&charge.customer, "customer")?;
        plain(&charge.payment_method, "payment_method")?;
        self.ask(charge_request(charge), Some(idempotency_key)).await
    }

    /// Ends a payment that has not succeeded (docs.stripe.com/api/payment_intents/cancel).
    ///
    /// May be repeated: each call is sent once, without a key. If Stripe refuses it for the payment's status, the
    /// payment is read, and one that was cancelled before is a success. `InvalidRequest` if the payment can no longer
    /// be cancelled: it has succeeded, or a Checkout owns it. After `Unknown`, `Unavailable` or `Undecodable` it may
    /// be cancelled; call again.
    pub async fn cancel_payment_intent(&self, id: &str) -> Result<PaymentIntent, StripeFailure> {
        let id = plain(id, "payment_intent")?;
        let refusal = match self.ask(CancelPaymentIntent::new(id).build(), None).await {
            Err(StripeFailure::InvalidRequest(refusal))
                if refusal.code.as_deref() == Some(UNEXPECTED_STATE) =>
            {
                refusal
            }
            answer => return answer,
        };
        let intent = self.payment_intent(id).await?;
        match intent.status {
            PaymentIntentStatus::Canceled => Ok(intent),
            _ => Err(StripeFailure::InvalidRequest(refusal)),
        }
    }

    /// Reads a `pi_…` with the receipt of its latest charge (docs.stripe.com/api/payment_intents/retrieve).
    pub async fn payment_intent(&self, id: &str) -> Result<PaymentIntent, StripeFailure> {
        let id = plain(id, "payment_intent")?;
        let request = RetrievePaymentIntent::new(id).expand(["latest_charge".to_owned()]);
        self.ask(request.build(), None).await
    }

    /// Reads a `ch_…` (docs.stripe.com/api/charges/retrieve).
    pub async fn charge(&self, id: &str) -> Result<Charge, StripeFailure> {
        let id = plain(id, "charge")?;
        self.ask(RetrieveCharge::new(id).build(), None).await
    }

    /// A `cus_…`'s payments from `created_from` (unix seconds) on, in every status, newest first, without receipts
    /// (docs.stripe.com/api/payment_intents/list).
    pub async fn payment_intents_of(
        &self,
        customer: &str,
        created_from: i64,
    ) -> Result<Vec<PaymentIntent>, StripeFailure> {
        let customer = plain(customer, "customer")?;
        let list = ListPaymentIntent::new().customer(customer).created(RangeQueryTs::gte(created_from));
        self.all(list.build()).await
    }
}

/// `allowed_payment_method_types` limits the payment to cards: since endive Stripe refuses `payment_method_types`
/// (docs.stripe.com/changelog/endive/2026-09-30, "Removes the payment method types parameter").
fn charge_request(charge: &OffSessionCharge) -> RequestBuilder {
    let mut request = CreatePaymentIntent::new(charge.amount_cents, Currency::USD)
        .customer(&charge.customer)
        .payment_method(&charge.payment_method)
        .allowed_payment_method_types([PaymentIntentAllowedPaymentMethodTypes::Card])
        .description(&charge.description)
        .metadata(charge.metadata.clone().into_iter().collect::<Map>())
        .off_session(CreatePaymentIntentOffSession::Bool(true))
        .confirm(true);
    if let Some(return_url) = &charge.return_url {
        request = request.return_url(return_url);
    }
    request.build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requests::fields;

    #[test]
    fn an_off_session_charge_is_the_form_that_stripe_documents() {
        let request = charge_request(&OffSessionCharge {
            customer: "cus_1".to_owned(),
            payment_method: "pm_1".to_owned(),
            amount_cents: 25_000,
            description: "Automatic top-up".to_owned(),
            return_url: Some("https://app.example/settings".to_owned()),
            metadata: BTreeMap::from([("recharge".to_owned(), "rch_1".to_owned())]),
        });
        assert_eq!(request.path, "/payment_intents");
        assert_eq!(
            fields(&request.body.unwrap()),
            [
                "allowed_payment_method_types[0]=card",
                "amount=25000",
                "confirm=true",
                "currency=usd",
                "customer=cus_1",
                "description=Automatic+top-up",
                "metadata[recharge]=rch_1",
                "off_session=true",
                "payment_method=pm_1",
                "return_url=https://app.example/settings",
            ]
        );
    }
}
