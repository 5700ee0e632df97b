//! Customers, the cards that they left, and the page on which they mind them.

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

impl Stripe {
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

    /// The cards that a `cus_…` has left, newest first; no bank account and no wallet of Link
    /// (docs.stripe.com/api/payment_methods/customer_list).
    ///
    /// # Errors
    /// [`StripeFailure`]; of a customer that does not exist [`StripeFailure::is_missing`] holds, and a list
    /// that does not end is `Undecodable`.
    pub async fn card_payment_methods(&self, customer: &str) -> Result<Vec<PaymentMethod>, StripeFailure> {
        let customer = plain(customer, "customer")?;
        let list = ListPaymentMethodsCustomer::new(customer).type_(ListPaymentMethodsCustomerType::Card);
        let mut cards: Vec<PaymentMethod> = self.all(list.build()).await?;
        cards.retain(|method| method.kind == "card");
        // Stripe promises no order of this list by age; within one second its own stays
        cards.sort_by_key(|card| Reverse(card.created));
        Ok(cards)
    }

    /// Makes a link to the customer portal, where a `cus_…` minds cards, subscriptions and invoices
    /// (docs.stripe.com/api/customer_portal/sessions/create), and answers its URL. It works for a short time
    /// only: make it on the click. `return_url` is where the customer goes from there.
    ///
    /// Sent once, without a key: a link that nobody opens costs nothing, so the caller may ask again.
    ///
    /// # Errors
    /// [`StripeFailure`]; `InvalidRequest` also while the portal is not configured in the Dashboard.
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
