//! Checkout sessions.

use std::collections::BTreeMap;

use stripe_checkout::CheckoutSessionMode;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionAdaptivePricing,
    CreateCheckoutSessionAllowedPaymentMethodTypes, CreateCheckoutSessionLineItems,
    CreateCheckoutSessionLineItemsPriceData, CreateCheckoutSessionPaymentIntentData,
    CreateCheckoutSessionPaymentIntentDataSetupFutureUsage, ListCheckoutSession, ProductData,
    RetrieveCheckoutSession,
};
use stripe_client_core::{RequestBuilder, StripeRequest};
use stripe_types::{Currency, RangeQueryTs};

use super::{Map, Stripe, plain};
use crate::failure::StripeFailure;
use crate::objects::CheckoutSession;

/// A payment page for one purchase in US dollars (mode `payment`, one line of quantity 1). The request is a pure
/// function of these fields: under one idempotency key always send the same ones, `expires_at` included, or Stripe
/// refuses the repetition.
#[derive(Debug, Clone)]
pub struct CreditCheckout {
    /// Comes back as `client_reference_id`.
    pub order_id: String,
    /// `cus_…`.
    pub customer: String,
    /// 50 to 99,999,999.
    pub amount_cents: i64,
    /// Shown on the payment page.
    pub product_name: String,
    /// Shown under the name.
    pub description: Option<String>,
    /// Put on the session and on its payment intent, where refunds and disputes find it.
    pub metadata: BTreeMap<String, String>,
    /// Where the customer goes after paying; Stripe replaces `{CHECKOUT_SESSION_ID}` in it.
    pub success_url: String,
    /// Where the customer goes without paying.
    pub cancel_url: String,
    /// Unix seconds, 30 minutes to 24 hours ahead.
    pub expires_at: i64,
    /// Whether Stripe saves the card, to charge it later without the customer
    /// (docs.stripe.com/payments/save-during-payment).
    pub save_card: bool,
    /// Whether the page offers only cards, whatever the Dashboard allows.
    pub cards_only: bool,
}

impl Stripe {
    /// Creates a payment page, at `url` (docs.stripe.com/api/checkout/sessions/create).
    pub async fn create_checkout_session(
        &self,
        checkout: &CreditCheckout,
        idempotency_key: &str,
    ) -> Result<CheckoutSession, StripeFailure> {
        self.ask(checkout_request(checkout), Some(idempotency_key)).await
    }

    /// Reads a `cs_…` (docs.stripe.com/api/checkout/sessions/retrieve).
    pub async fn checkout_session(&self, id: &str) -> Result<CheckoutSession, StripeFailure> {
        let id = plain(id, "session")?;
        self.ask(RetrieveCheckoutSession::new(id).build(), None).await
    }

    /// The session that made a `pi_…`; none if Checkout did not make it (docs.stripe.com/api/checkout/sessions/list).
    pub async fn checkout_sessions_of_payment(
        &self,
        payment_intent: &str,
    ) -> Result<Vec<CheckoutSession>, StripeFailure> {
        let payment_intent = plain(payment_intent, "payment_intent")?;
        self.all(ListCheckoutSession::new().payment_intent(payment_intent).build()).await
    }

    /// A `cus_…`'s sessions from `created_from` (unix seconds) on, in every status, newest first
    /// (docs.stripe.com/api/checkout/sessions/list).
    pub async fn checkout_sessions_of_customer(
        &self,
        customer: &str,
        created_from: i64,
    ) -> Result<Vec<CheckoutSession>, StripeFailure> {
        let customer = plain(customer, "customer")?;
        let list = ListCheckoutSession::new().customer(customer).created(RangeQueryTs::gte(created_from));
        self.all(list.build()).await
    }
}

fn checkout_request(checkout: &CreditCheckout) -> RequestBuilder {
    let metadata: Map = checkout.metadata.clone().into_iter().collect();
    let product =
        ProductData { description: checkout.description.clone(), ..ProductData::new(&checkout.product_name) };
    let price = CreateCheckoutSessionLineItemsPriceData {
        product_data: Some(product),
        unit_amount: Some(checkout.amount_cents),
        ..CreateCheckoutSessionLineItemsPriceData::new(Currency::USD)
    };
    let line = CreateCheckoutSessionLineItems {
        price_data: Some(price),
        quantity: Some(1),
        ..CreateCheckoutSessionLineItems::new()
    };
    let off_session = CreateCheckoutSessionPaymentIntentDataSetupFutureUsage::OffSession;
    let payment = CreateCheckoutSessionPaymentIntentData {
        metadata: Some(metadata.clone()),
        setup_future_usage: checkout.save_card.then_some(off_session),
        ..CreateCheckoutSessionPaymentIntentData::new()
    };
    // Both are Dashboard settings by default, and either would charge another amount than the order's.
    let adaptive_pricing = CreateCheckoutSessionAdaptivePricing { enabled: Some(false) };
    let mut request = CreateCheckoutSession::new()
        .mode(CheckoutSessionMode::Payment)
        .customer(&checkout.customer)
        .client_reference_id(&checkout.order_id)
        .line_items(vec![line])
        .metadata(metadata)
        .payment_intent_data(payment)
        .adaptive_pricing(adaptive_pricing)
        .allow_promotion_codes(false)
        .success_url(&checkout.success_url)
        .cancel_url(&checkout.cancel_url)
        .expires_at(checkout.expires_at);
    if checkout.cards_only {
        // `payment_method_types` was removed with endive.
        request =
            request.allowed_payment_method_types([CreateCheckoutSessionAllowedPaymentMethodTypes::Card]);
    }
    request.build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requests::fields;

    fn checkout(save_card: bool) -> CreditCheckout {
        CreditCheckout {
            order_id: "ord_1".to_owned(),
            customer: "cus_1".to_owned(),
            amount_cents: 25_000,
            product_name: "250 credits & more".to_owned(),
            description: None,
            metadata: BTreeMap::from([("order".to_owned(), "ord_1".to_owned())]),
            success_url: "https://app.example/done?s={CHECKOUT_SESSION_ID}".to_owned(),
            cancel_url: "https://app.example/".to_owned(),
            expires_at: 1_763_800_000,
            save_card,
            cards_only: save_card,
        }
    }

    const FORM: [&str; 14] = [
        "adaptive_pricing[enabled]=false",
        "allow_promotion_codes=false",
        "cancel_url=https://app.example/",
        "client_reference_id=ord_1",
        "customer=cus_1",
        "expires_at=1763800000",
        "line_items[0][price_data][currency]=usd",
        "line_items[0][price_data][product_data][name]=250+credits+%26+more",
        "line_items[0][price_data][unit_amount]=25000",
        "line_items[0][quantity]=1",
        "metadata[order]=ord_1",
        "mode=payment",
        "payment_intent_data[metadata][order]=ord_1",
        "success_url=https://app.example/done?s%3D{CHECKOUT_SESSION_ID}",
    ];

    #[test]
    fn a_checkout_is_the_form_that_stripe_documents() {
        let request = checkout_request(&checkout(false));
        assert_eq!(request.path, "/checkout/sessions");
        assert_eq!(fields(&request.body.unwrap()), FORM);
    }

    #[test]
    fn where_a_card_is_to_be_saved_cards_alone_are_offered() {
        let saving =
            ["allowed_payment_method_types[0]=card", "payment_intent_data[setup_future_usage]=off_session"];
        let (sent, plain): (Vec<_>, Vec<_>) = fields(&checkout_request(&checkout(true)).body.unwrap())
            .into_iter()
            .partition(|field| saving.contains(&field.as_str()));
        assert_eq!(
            (sent.as_slice(), plain.as_slice()),
            (saving.map(str::to_owned).as_slice(), FORM.map(str::to_owned).as_slice())
        );
    }

    #[test]
    fn a_page_that_was_asked_for_before_cards_alone_were_offered_is_asked_for_as_before() {
        let sent =
            fields(&checkout_request(&CreditCheckout { cards_only: false, ..checkout(true) }).body.unwrap());
        assert!(!sent.iter().any(|field| field.starts_with("allowed_payment_method_types")));
    }
}
