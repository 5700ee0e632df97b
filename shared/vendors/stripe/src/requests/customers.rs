//! Customers, their saved cards, and the portal where they manage them.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use stripe_client_core::{RequestBuilder, StripeMethod, StripeRequest};
use stripe_core::customer::{CreateCustomer, ListPaymentMethodsCustomer, ListPaymentMethodsCustomerType};

use super::{Map, Stripe, plain};
use crate::failure::StripeFailure;
use crate::objects::PaymentMethod;

/// A customer to create.
#[derive(Clone, Default)]
pub struct NewCustomer {
    /// Where Stripe sends receipts.
    pub email: Option<String>,
    /// As it appears on receipts.
    pub name: Option<String>,
    /// Up to 50 keys of 40 characters, values of 500.
    pub metadata: BTreeMap<String, String>,
}

/// A customer's name and address stay out of logs.
impl fmt::Debug for NewCustomer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NewCustomer").field("metadata", &self.metadata).finish_non_exhaustive()
    }
}

impl Stripe {
    /// Creates a customer and returns its `cus_…` (docs.stripe.com/api/customers/create).
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

    /// The saved cards of a `cus_…`, newest first; no bank accounts or Link wallets
    /// (docs.stripe.com/api/payment_methods/customer_list).
    pub async fn card_payment_methods(&self, customer: &str) -> Result<Vec<PaymentMethod>, StripeFailure> {
        let customer = plain(customer, "customer")?;
        let list = ListPaymentMethodsCustomer::new(customer).type_(ListPaymentMethodsCustomerType::Card);
        let mut cards: Vec<PaymentMethod> = self.all(list.build()).await?;
        cards.retain(|method| method.kind == "card");
        // Stripe does not promise to list by age; within one second its order stays
        cards.sort_by_key(|card| Reverse(card.created));
        Ok(cards)
    }

    /// Makes a link to the customer portal, where a `cus_…` manages cards, subscriptions and invoices
    /// (docs.stripe.com/api/customer_portal/sessions/create). It works for a short time only: make it on the click.
    /// From there the customer goes to `return_url`. Sent once, without a key: an unused link costs nothing, so the
    /// caller may repeat it. `InvalidRequest` also while the portal is not configured in the Dashboard.
    pub async fn create_portal_session(
        &self,
        customer: &str,
        return_url: &str,
    ) -> Result<String, StripeFailure> {
        #[derive(Deserialize)]
        struct Created {
            url: String,
        }
        let created: Created =
            self.ask(portal_request(plain(customer, "customer")?, return_url), None).await?;
        Ok(created.url)
    }
}

fn portal_request(customer: &str, return_url: &str) -> RequestBuilder {
    #[derive(Serialize)]
    struct Form<'a> {
        customer: &'a str,
        return_url: &'a str,
    }
    RequestBuilder::new(StripeMethod::Post, "/billing_portal/sessions").form(&Form { customer, return_url })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requests::fields;

    #[test]
    fn a_customer_in_a_log_has_no_name() {
        let customer = NewCustomer {
            email: Some("ana@example.com".to_owned()),
            name: Some("Ana".to_owned()),
            metadata: BTreeMap::new(),
        };
        assert!(!format!("{customer:?}").to_lowercase().contains("ana"));
    }

    #[test]
    fn a_portal_session_is_the_form_that_stripe_documents() {
        let request = portal_request("cus_1", "https://app.example/credits?tab=cards&x=1");
        assert_eq!(request.path, "/billing_portal/sessions");
        let form = ["customer=cus_1", "return_url=https://app.example/credits?tab%3Dcards%26x%3D1"];
        assert_eq!(fields(&request.body.unwrap()), form);
    }
}
