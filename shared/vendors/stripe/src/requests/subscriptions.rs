//! Subscriptions, their invoices, and which payment settled which invoice.

use serde::Serialize;
use stripe_client_core::{RequestBuilder, StripeMethod};

use super::{Stripe, plain};
use crate::failure::StripeFailure;
use crate::objects::{Invoice, InvoicePayment, Subscription};

impl Stripe {
    /// Reads a `sub_…`, even one that has ended (docs.stripe.com/api/subscriptions/retrieve).
    pub async fn subscription(&self, id: &str) -> Result<Subscription, StripeFailure> {
        let path = format!("/subscriptions/{}", plain(id, "subscription")?);
        self.ask(RequestBuilder::new(StripeMethod::Get, path), None).await
    }

    /// Reads an `in_…` (docs.stripe.com/api/invoices/retrieve).
    pub async fn invoice(&self, id: &str) -> Result<Invoice, StripeFailure> {
        let path = format!("/invoices/{}", plain(id, "invoice")?);
        self.ask(RequestBuilder::new(StripeMethod::Get, path), None).await
    }

    /// All paid invoices of a `sub_…`, newest first, those of 0 included (docs.stripe.com/api/invoices/list).
    pub async fn paid_invoices(&self, subscription: &str) -> Result<Vec<Invoice>, StripeFailure> {
        #[derive(Serialize)]
        struct Filter<'a> {
            subscription: &'a str,
            status: &'static str,
        }
        let filter = Filter { subscription: plain(subscription, "subscription")?, status: "paid" };
        self.all(RequestBuilder::new(StripeMethod::Get, "/invoices").query(&filter)).await
    }

    /// Which invoices a `pi_…` pays, newest first; none for a payment without an invoice. Since the basil train
    /// neither the payment nor its charge names an invoice (docs.stripe.com/api/invoice-payment/list).
    pub async fn invoice_payments_of(
        &self,
        payment_intent: &str,
    ) -> Result<Vec<InvoicePayment>, StripeFailure> {
        #[derive(Serialize)]
        struct Filter<'a> {
            payment: Payment<'a>,
        }
        #[derive(Serialize)]
        struct Payment<'a> {
            #[serde(rename = "type")]
            kind: &'static str,
            payment_intent: &'a str,
        }
        let payment_intent = plain(payment_intent, "payment_intent")?;
        let filter = Filter { payment: Payment { kind: "payment_intent", payment_intent } };
        self.all(RequestBuilder::new(StripeMethod::Get, "/invoice_payments").query(&filter)).await
    }

    /// What pays an `in_…`, newest first; none for an invoice of 0 (docs.stripe.com/api/invoice-payment/list).
    pub async fn payments_of_invoice(&self, invoice: &str) -> Result<Vec<InvoicePayment>, StripeFailure> {
        #[derive(Serialize)]
        struct Filter<'a> {
            invoice: &'a str,
        }
        let filter = Filter { invoice: plain(invoice, "invoice")? };
        self.all(RequestBuilder::new(StripeMethod::Get, "/invoice_payments").query(&filter)).await
    }
}
