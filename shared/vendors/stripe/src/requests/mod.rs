//! The requests: async-stripe's typed builders in, our plain objects out.
//!
//! Responses are read by `objects`, not into async-stripe's own types, which refuse a response that lacks one of some
//! sixty fields. Must not know: when a request is made, and what its response means.
//!
//! An id that cannot be valid is not sent. For an object that does not exist, [`StripeFailure::is_missing`] holds. A
//! list that does not end fails as [`StripeFailure::Undecodable`].

use serde::Deserialize;
use serde::de::DeserializeOwned;
use stripe_client_core::{IdempotencyKey, RequestBuilder, RequestStrategy, StripeMethod};
use vendor_http::{Http, Key};

use crate::failure::{NotUsable, Refusal, StripeFailure};
use crate::objects::Identified;
use crate::transport::Transport;

mod checkout;
mod customers;
mod events;
mod fraud_warnings;
mod payments;
mod refunds_disputes;
mod subscriptions;

pub use checkout::CreditCheckout;
pub use customers::NewCustomer;
pub use events::{EventPage, EventQuery};
pub use payments::OffSessionCharge;
pub use refunds_disputes::NewRefund;

/// The longest page that Stripe returns.
const PAGE_SIZE: u32 = 100;

/// More pages than any list of ours can have: 5,000 objects.
const PAGES_MAX: u32 = 50;

/// Stripe's ids, and our use of them in paths, are far shorter.
const ID_LENGTH_MAX: usize = 255;

/// The map that async-stripe's builders take.
type Map = std::collections::HashMap<String, String>;

/// Stripe under one secret key. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Stripe {
    transport: Transport,
}

impl Stripe {
    /// See [`Transport::new`].
    pub fn new(http: impl Into<Http>, base_url: &str, secret_key: impl Into<Key>) -> Result<Self, NotUsable> {
        Ok(Self::over(Transport::new(http, base_url, secret_key)?))
    }

    /// With a transport that was made before.
    pub fn over(transport: Transport) -> Self {
        Self { transport }
    }

    /// async-stripe's trait reads a response only into types of miniserde: it is taken as a plain value there,
    /// written again, and read by serde, so that responses and events share one parser.
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

    /// All pages of a list, in Stripe's order, newest first (docs.stripe.com/api/pagination). `list` names the path
    /// and the filter.
    async fn all<T: DeserializeOwned + Identified>(
        &self,
        list: RequestBuilder,
    ) -> Result<Vec<T>, StripeFailure> {
        let filter = list.query.unwrap_or_default();
        let mut found: Vec<T> = Vec::new();
        for _ in 0..PAGES_MAX {
            let mut request = RequestBuilder::new(StripeMethod::Get, &list.path);
            let mut query = format!("{filter}&limit={PAGE_SIZE}");
            if let Some(last) = found.last() {
                let after = plain(last.id(), "starting_after").map_err(|_| StripeFailure::Undecodable)?;
                query = format!("{query}&starting_after={after}");
            }
            request.query = Some(query);
            let page: Page<T> = self.ask(request, None).await?;
            let page_is_empty = page.data.is_empty();
            found.extend(page.data);
            if !page.has_more {
                return Ok(found);
            }
            if page_is_empty {
                break;
            }
        }
        Err(StripeFailure::Undecodable)
    }
}

#[derive(Deserialize)]
struct Page<T> {
    data: Vec<T>,
    has_more: bool,
}

/// Accepts only an id that leads to its own path and that filters a list: Stripe takes an empty value for no filter
/// at all.
fn plain<'a>(id: &'a str, parameter: &str) -> Result<&'a str, StripeFailure> {
    let plain = id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if plain && !id.is_empty() && id.len() <= ID_LENGTH_MAX {
        Ok(id)
    } else {
        Err(Refusal::never_sent(parameter))
    }
}

/// Accepts a key that a header can carry, in the length that Stripe takes (1 to 255).
fn in_a_header(key: &str) -> Result<IdempotencyKey, StripeFailure> {
    let refused = || Refusal::never_sent("idempotency_key");
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(refused());
    }
    IdempotencyKey::new(key).map_err(|_| refused())
}

/// The fields of a form or a query, sorted, with brackets as Stripe's pages write them.
#[cfg(test)]
fn fields(encoded: &str) -> Vec<String> {
    let readable = encoded.replace("%5B", "[").replace("%5D", "]");
    let mut fields: Vec<String> = readable.split('&').map(str::to_owned).collect();
    fields.sort_unstable();
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_lead_to_another_path() {
        for id in ["", "../customers", "cs_1?expand[]=x", "cs_1/expire", "cs 1", "cs_é", &"a".repeat(256)] {
            let refused = plain(id, "session").unwrap_err();
            assert_eq!(refused, Refusal::never_sent("session"), "{id}");
        }
        assert_eq!(plain(&"a".repeat(255), "session").unwrap().len(), 255);
    }

    #[test]
    fn a_key_has_1_to_255_printable_characters() {
        for key in ["", "a b", "a\n", "ключ", &"k".repeat(256)] {
            assert!(in_a_header(key).is_err(), "{key}");
        }
        assert!(in_a_header(&"k".repeat(255)).is_ok());
    }
}
