//! The customer portal: a session for it, and a page that stands in for it.

use maud::html;
use serde_json::{Value, json};

use super::page::document;
use super::params::Params;
use super::refusal::{Outcome, Refusal};
use super::{Stripe, objects, seconds};
use crate::message::Response;

impl Stripe {
    /// `POST /v1/billing_portal/sessions`.
    pub(super) fn create_portal_session(&mut self, now_ms: u64, params: &Params) -> Outcome {
        params.only(&["customer", "return_url", "configuration", "flow_data", "locale", "expand"])?;
        let customer = params.required("customer")?;
        if self.customers.get(customer).is_none() {
            return Err(Refusal::no_such("customer", customer, 400, "customer"));
        }
        let return_url = params.text("return_url");
        if return_url.is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://")) {
            return Err(Refusal::coded("url_invalid", "Not a valid URL".to_owned(), "return_url"));
        }
        let id = self.ids.fresh("bps_1", 23);
        let mut session = objects::portal_session();
        objects::set(
            &mut session,
            json!({
                "id": id,
                "created": seconds(now_ms),
                "customer": customer,
                "return_url": return_url,
                "url": format!("{}/portal/{id}", self.public_url),
            }),
        );
        self.portal_sessions.put(session.clone());
        Ok(session)
    }

    /// The portal's page: whose it is, the cards that they have left, and the way back.
    pub(super) fn portal_page(&self, id: &str) -> Response {
        let Some(session) = self.portal_sessions.get(id) else {
            return Response::html(404, super::page::notice("No portal", "This link does not exist.", None));
        };
        let customer = objects::text(session, "customer");
        let cards: Vec<&Value> =
            self.methods.iter().rev().filter(|method| method["customer"] == customer).collect();
        let body = html! {
            p class="merchant" { "DropLab" }
            h1 { "Customer portal" }
            p { "Customer " (customer) }
            ul aria-label="Saved cards" {
                @for card in cards {
                    li { span { (objects::text(&card["card"], "brand")) " •••• "
                        (objects::text(&card["card"], "last4")) } }
                }
            }
            @if let Some(back) = session["return_url"].as_str() {
                p { a class="button" id="return" href=(back) { "Return to DropLab" } }
            }
            p class="note" { "A sandbox page: nothing can be changed here." }
        };
        Response::html(200, document("Customer portal", &body))
    }
}
