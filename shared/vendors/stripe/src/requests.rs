//! The requests: async-stripe's typed builders in, our plain objects out.
//!
//! The answers are read by `objects`, not into async-stripe's own types, which refuse an answer that lacks
//! one of some sixty fields. Must not know: when a request is made, and what its answer means.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use stripe_checkout::CheckoutSessionMode;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionAdaptivePricing, CreateCheckoutSessionLineItems,
    CreateCheckoutSessionLineItemsPriceData, CreateCheckoutSessionPaymentIntentData, ProductData,
    RetrieveCheckoutSession,
};
use stripe_client_core::{IdempotencyKey, RequestBuilder, RequestStrategy, StripeMethod, StripeRequest};
use stripe_core::customer::CreateCustomer;
use stripe_core::payment_intent::RetrievePaymentIntent;
use stripe_types::Currency;
use vendor_http::Http;

use crate::failure::{NotUsable, Refusal, StripeFailure};
use crate::objects::{CheckoutSession, Invoice, PaymentIntent};
use crate::transport::Transport;

/// The longest page Stripe gives.
const PAGE_SIZE: u32 = 100;

/// More pages than a subscription can have: 5,000 paid invoices.
const PAGES_MAX: u32 = 50;

/// Stripe's ids and our use of them in paths stay far below this.
const ID_LENGTH_MAX: usize = 255;

/// A customer to create.
#[derive(Clone, Default)]
pub struct NewCustomer {
    /// Where Stripe sends receipts.
    pub email: Option<String>,
    /// As it stands on receipts.
    pub name: Option<String>,
    /// Up to 50 keys of 40 characters, values of 500.
    pub metadata: BTreeMap<String, String>,
}

/// Name and address of a customer stay out of logs.
impl fmt::Debug for NewCustomer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NewCustomer").field("metadata", &self.metadata).finish_non_exhaustive()
    }
}

/// A payment page for one purchase in US dollars (mode `payment`, one line of quantity 1).
///
/// The request is a pure function of these fields: under one idempotency key always send the same ones,
/// `expires_at` included, or Stripe refuses the repeat.
#[derive(Debug, Clone)]
pub struct CreditCheckout {
    /// Comes back as `client_reference_id`.
    pub order_id: String,
    /// `cus_…`, who pays.
    pub customer: String,
    /// Cents, 50 … 99,999,999.
    pub amount_cents: i64,
    /// Shown on the payment page.
    pub product_name: String,
    /// Shown under the name.
    pub description: Option<String>,
    /// Put on the session and on its payment intent, from where refunds and disputes find it.
    pub metadata: BTreeMap<String, String>,
    /// Where the customer goes after paying; `{CHECKOUT_SESSION_ID}` in it is replaced by Stripe.
    pub success_url: String,
    /// Where the customer goes without paying.
    pub cancel_url: String,
    /// Unix seconds, 30 minutes to 24 hours ahead.
    pub expires_at: i64,
}

/// Stripe under one secret key. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Stripe {
    transport: Transport,
}

impl Stripe {
    /// See [`Transport::new`].
    ///
    /// # Errors
    /// [`NotUsable`] if no request could be made with these.
    pub fn new(http: impl Into<Http>, base_url: &str, secret_key: &str) -> Result<Self, NotUsable> {
        Ok(Self::over(Transport::new(http, base_url, secret_key)?))
    }

    /// Stripe over a transport that was made apart.
    pub fn over(transport: Transport) -> Self {
        Self { transport }
    }

    /// Creates a customer and answers its `cus_…` (docs.stripe.com/api/customers/create).
    ///
    /// # Errors
    /// [`StripeFailure`].
    pub async fn create_customer(
        &self,
        customer: &NewCustomer,
        idempotency_key: &str,
    ) -> Result<String, StripeFailure> {
        #[derive(Deserialize)]
        struct Created {
            id: String,
        }
        let mut request =
            CreateCustomer::new().metadata(customer.metadata.clone().into_iter().collect::<Map>());
        if let Some(email) = &customer.email {
            request = request.email(email);
        }
        if let Some(name) = &customer.name {
            request = request.name(name);
        }
        let created: Created = self.ask(request.build(), Some(idempotency_key)).await?;
        Ok(created.id)
    }

    /// Creates the payment page of a purchase (docs.stripe.com/api/checkout/sessions/create). The answer has
    /// a `url`.
    ///
    /// # Errors
    /// [`StripeFailure`].
    pub async fn create_checkout_session(
        &self,
        checkout: &CreditCheckout,
        idempotency_key: &str,
    ) -> Result<CheckoutSession, StripeFailure> {
        self.ask(checkout_request(checkout), Some(idempotency_key)).await
    }

    /// Reads a session by its `cs_…` (docs.stripe.com/api/checkout/sessions/retrieve).
    ///
    /// # Errors
    /// [`StripeFailure`]; one that does not exist is `InvalidRequest` with code `resource_missing`.
    pub async fn checkout_session(&self, id: &str) -> Result<CheckoutSession, StripeFailure> {
        let id = in_a_path(id, "session")?;
        self.ask(RetrieveCheckoutSession::new(id).build(), None).await
    }

    /// Reads a payment by its `pi_…` (docs.stripe.com/api/payment_intents/retrieve).
    ///
    /// # Errors
    /// [`StripeFailure`]; one that does not exist is `InvalidRequest` with code `resource_missing`.
    pub async fn payment_intent(&self, id: &str) -> Result<PaymentIntent, StripeFailure> {
        let id = in_a_path(id, "payment_intent")?;
        self.ask(RetrievePaymentIntent::new(id).build(), None).await
    }

    /// All paid invoices of a subscription, newest first, those of 0 included
    /// (docs.stripe.com/api/invoices/list).
    ///
    /// # Errors
    /// [`StripeFailure`]; a list that does not end is `Undecodable`.
    pub async fn paid_invoices(&self, subscription: &str) -> Result<Vec<Invoice>, StripeFailure> {
        let mut invoices: Vec<Invoice> = Vec::new();
        for _ in 0..PAGES_MAX {
            let query = InvoiceQuery {
                subscription,
                status: "paid",
                limit: PAGE_SIZE,
                starting_after: invoices.last().map(|invoice| invoice.id.clone()),
            };
            let request = RequestBuilder::new(StripeMethod::Get, "/invoices").query(&query);
            let page: Page<Invoice> = self.ask(request, None).await?;
            let page_is_empty = page.data.is_empty();
            invoices.extend(page.data);
            if !page.has_more {
                return Ok(invoices);
            }
            if page_is_empty {
                break;
            }
        }
        Err(StripeFailure::Undecodable)
    }

    /// Through async-stripe's trait, which hands an answer only to types of miniserde: taken as a plain value
    /// there, written again, and read by serde, so that answers and events share one parser.
    async fn ask<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        idempotency_key: Option<&str>,
    ) -> Result<T, StripeFailure> {
        let mut request = request.customize::<miniserde::json::Value>();
        if let Some(key) = idempotency_key {
            request = request.request_strategy(RequestStrategy::Idempotent(in_a_header(key)?));
        }
        let answer = request.send(&self.transport).await?;
        serde_json::from_str(&miniserde::json::to_string(&answer)).map_err(|_| StripeFailure::Undecodable)
    }
}

/// The map that async-stripe's builders take.
type Map = std::collections::HashMap<String, String>;

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
    let payment = CreateCheckoutSessionPaymentIntentData {
        metadata: Some(metadata.clone()),
        ..CreateCheckoutSessionPaymentIntentData::new()
    };
    // Both are Dashboard settings by default, and either would charge another amount than the order's.
    let adaptive_pricing = CreateCheckoutSessionAdaptivePricing { enabled: Some(false) };
    CreateCheckoutSession::new()
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
        .expires_at(checkout.expires_at)
        .build()
}

#[derive(Serialize)]
struct InvoiceQuery<'a> {
    subscription: &'a str,
    status: &'static str,
    limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    starting_after: Option<String>,
}

#[derive(Deserialize)]
struct Page<T> {
    data: Vec<T>,
    has_more: bool,
}

/// An id that leads to its own path and to no other.
fn in_a_path<'a>(id: &'a str, parameter: &str) -> Result<&'a str, StripeFailure> {
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain && !id.is_empty() && id.len() <= ID_LENGTH_MAX {
        Ok(id)
    } else {
        Err(Refusal::never_sent(parameter))
    }
}

/// A key that a header can carry, in the length that Stripe takes (1 – 255).
fn in_a_header(key: &str) -> Result<IdempotencyKey, StripeFailure> {
    let refused = || Refusal::never_sent("idempotency_key");
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refused());
    }
    IdempotencyKey::new(key).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checkout() -> CreditCheckout {
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
        }
    }

    #[test]
    fn a_checkout_is_the_form_that_stripe_documents() {
        let request = checkout_request(&checkout());
        assert_eq!(request.path, "/checkout/sessions");
        let form = request.body.unwrap().replace("%5B", "[").replace("%5D", "]");
        let mut fields: Vec<&str> = form.split('&').collect();
        fields.sort_unstable();
        assert_eq!(
            fields,
            [
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
            ]
        );
    }

    #[test]
    fn an_id_cannot_lead_to_another_path() {
        for id in ["", "../customers", "cs_1?expand[]=x", "cs_1/expire", "cs 1", "cs_é", &"a".repeat(256)] {
            let refused = in_a_path(id, "session").unwrap_err();
            assert_eq!(refused, Refusal::never_sent("session"), "{id}");
        }
        assert_eq!(in_a_path(&"a".repeat(255), "session").unwrap().len(), 255);
    }

    #[test]
    fn a_key_has_1_to_255_printable_characters() {
        for key in ["", "a b", "a\n", "ключ", &"k".repeat(256)] {
            assert!(in_a_header(key).is_err(), "{key}");
        }
        assert!(in_a_header(&"k".repeat(255)).is_ok());
    }

    #[test]
    fn a_customer_in_a_log_has_no_name() {
        let customer = NewCustomer {
            email: Some("ana@example.com".to_owned()),
            name: Some("Ana".to_owned()),
            metadata: BTreeMap::new(),
        };
        assert!(!format!("{customer:?}").to_lowercase().contains("ana"));
    }
}
