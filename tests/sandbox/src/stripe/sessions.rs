//! Checkout sessions: made, read, listed, expired. Their payment is in `checkout`.

use serde_json::{Value, json};

use super::params::Params;
use super::refusal::{Outcome, Refusal};
use super::vocabulary::SESSION;
use super::{Stripe, objects, seconds};

const MIN_LIFE_SECONDS: i64 = 30 * 60;
const MAX_LIFE_SECONDS: i64 = 24 * 60 * 60;
/// Smallest charge in US cents.
const MIN_CENTS: i64 = 50;
/// Largest charge in US cents: eight digits.
const MAX_CENTS: i64 = 99_999_999;
const MAX_LINE_ITEMS: usize = 100;

/// What a session's payment needs and the session object does not say.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) intent_metadata: Value,
    pub(super) intent_description: Value,
    pub(super) setup_future_usage: Value,
    pub(super) line_items: Vec<Value>,
    pub(super) with_invoice: bool,
    pub(super) with_customer: bool,
}

impl Stripe {
    pub(super) fn create_session(&mut self, now_ms: u64, params: &Params) -> Outcome {
        params.shaped(SESSION)?;
        self.check_session(params)?;
        let line_items = self.read_line_items(params)?;
        let total: i64 = line_items.iter().filter_map(|item| item["amount_total"].as_i64()).sum();
        check_total(total)?;
        let expires_at = expiry(now_ms, params)?;
        let metadata = params.metadata("metadata")?;
        let intent_metadata = params.metadata("payment_intent_data/metadata")?;
        let with_invoice = params.flag("invoice_creation/enabled")?;

        let id = self.ids.fresh("cs_test_a1", 56);
        let success_url = params.required("success_url")?;
        let mut session = objects::checkout_session();
        let text = |name: &str| params.text(name).map_or(Value::Null, Value::from);
        objects::set(
            &mut session,
            json!({
                "id": id,
                "created": seconds(now_ms),
                "expires_at": expires_at,
                "amount_subtotal": total,
                "amount_total": total,
                "currency": line_items[0]["currency"],
                "customer": text("customer"),
                "customer_email": text("customer_email"),
                "client_reference_id": text("client_reference_id"),
                "metadata": metadata,
                "success_url": success_url,
                "cancel_url": text("cancel_url"),
                "url": format!("{}/pay/{id}", self.public_url),
                "allowed_payment_method_types": list(params, "allowed_payment_method_types"),
                "excluded_payment_method_types": list(params, "excluded_payment_method_types"),
                "payment_method_types": offered(params),
            }),
        );
        session["invoice_creation"]["enabled"] = Value::from(with_invoice);
        let draft = Draft {
            intent_metadata,
            intent_description: text("payment_intent_data/description"),
            setup_future_usage: text("payment_intent_data/setup_future_usage"),
            line_items,
            with_invoice,
            with_customer: params.text("customer_creation") == Some("always"),
        };
        self.drafts.insert(id.clone(), draft);
        self.expiries.insert((expires_at, id.clone()));
        self.sessions.put(session.clone());
        Ok(session)
    }

    /// What concerns the whole session, before its lines are read.
    fn check_session(&self, params: &Params) -> Result<(), Box<Refusal>> {
        match params.required("mode")? {
            "payment" => {}
            mode @ ("setup" | "subscription") => {
                let message = format!("This sandbox has no Checkout in {mode} mode.");
                return Err(Refusal::invalid(message, Some("mode")));
            }
            mode => {
                let message =
                    format!("Invalid mode: must be one of payment, setup, or subscription, not {mode}");
                return Err(Refusal::invalid(message, Some("mode")));
            }
        }
        if !matches!(params.text("ui_mode"), None | Some("hosted_page")) {
            let message = "This sandbox has only the hosted page.".to_owned();
            return Err(Refusal::invalid(message, Some("ui_mode")));
        }
        params.required("success_url")?;
        for name in ["success_url", "cancel_url"] {
            if params
                .text(name)
                .is_some_and(|url| !url.starts_with("http://") && !url.starts_with("https://"))
            {
                let message = "Not a valid URL".to_owned();
                return Err(Refusal::coded("url_invalid", message, name));
            }
        }
        if let Some(customer) = params.text("customer") {
            if self.customers.get(customer).is_none() {
                return Err(Refusal::no_such("customer", customer, 400, "customer"));
            }
            for name in ["customer_email", "customer_creation"] {
                if params.text(name).is_some() {
                    let message = format!("You may only specify one of these parameters: customer, {name}.");
                    return Err(Refusal::invalid(message, Some(name)));
                }
            }
        }
        Ok(())
    }

    fn read_line_items(&mut self, params: &Params) -> Result<Vec<Value>, Box<Refusal>> {
        let given = params.items("line_items");
        if given.is_empty() || given.len() > MAX_LINE_ITEMS {
            return Err(Refusal::missing("line_items"));
        }
        let mut items: Vec<Value> = Vec::new();
        for item in given {
            let item = self.read_line_item(&item)?;
            if items.first().is_some_and(|first| first["currency"] != item["currency"]) {
                let message = "All line items must have the same currency.".to_owned();
                return Err(Refusal::invalid(message, Some("line_items")));
            }
            items.push(item);
        }
        Ok(items)
    }

    fn read_line_item(&mut self, item: &Params) -> Result<Value, Box<Refusal>> {
        let currency = item.required("price_data/currency")?.to_ascii_lowercase();
        let name = match item.text("price_data/product") {
            Some(product) => product,
            None => item.required("price_data/product_data/name")?,
        };
        let unit = item.integer("price_data/unit_amount")?;
        let unit = unit.ok_or_else(|| Refusal::missing("line_items[0][price_data][unit_amount]"))?;
        let quantity =
            item.integer("quantity")?.ok_or_else(|| Refusal::missing("line_items[0][quantity]"))?;
        let total = unit.checked_mul(quantity).filter(|_| unit >= 0 && quantity >= 1);
        let total = total.ok_or_else(|| {
            let message = "This value must be greater than or equal to 1.".to_owned();
            Refusal::coded("parameter_invalid_integer", message, "line_items[0][quantity]")
        })?;
        let price = self.one_time_price(&currency, unit);
        Ok(json!({
            "id": self.ids.fresh("li_1", 23), "object": "item", "description": name,
            "amount_discount": 0, "amount_subtotal": total, "amount_tax": 0, "amount_total": total,
            "currency": currency, "quantity": quantity, "price": price, "metadata": {},
            "adjustable_quantity": null,
        }))
    }

    fn one_time_price(&mut self, currency: &str, unit: i64) -> Value {
        json!({
            "id": self.ids.fresh("price_1", 23), "object": "price", "active": false,
            "billing_scheme": "per_unit", "created": 1_767_225_600, "currency": currency,
            "custom_unit_amount": null, "livemode": false, "lookup_key": null, "metadata": {},
            "nickname": null, "product": self.ids.fresh("prod_", 14),
            "recurring": null, "tax_behavior": "unspecified", "tiers_mode": null, "transform_quantity": null,
            "type": "one_time", "unit_amount": unit, "unit_amount_decimal": unit.to_string(),
        })
    }

    pub(super) fn read_session(&self, id: &str, params: &Params) -> Outcome {
        let session =
            self.sessions.get(id).ok_or_else(|| Refusal::no_such("checkout.session", id, 404, "session"))?;
        let mut session = session.clone();
        for name in params.texts("expand") {
            match name {
                "line_items" => session["line_items"] = self.line_items(id)?,
                _ => self.expand(&mut session, name)?,
            }
        }
        Ok(session)
    }

    pub(super) fn line_items(&self, id: &str) -> Outcome {
        let draft = self.drafts.get(id);
        let draft = draft.ok_or_else(|| Refusal::no_such("checkout.session", id, 404, "session"))?;
        let url = format!("/v1/checkout/sessions/{id}/line_items");
        Ok(json!({"object": "list", "data": draft.line_items, "has_more": false, "url": url}))
    }

    pub(super) fn list_sessions(&self, params: &Params) -> Outcome {
        params.only(&[
            "limit",
            "starting_after",
            "ending_before",
            "created",
            "payment_intent",
            "customer",
            "status",
            "expand",
        ])?;
        self.sessions.page("/v1/checkout/sessions", params, |session| {
            ["payment_intent", "customer", "status"].iter().all(|name| params.accepts(name, &session[*name]))
        })
    }

    pub(super) fn expire_session(&mut self, now_ms: u64, id: &str) -> Outcome {
        let session =
            self.sessions.get(id).ok_or_else(|| Refusal::no_such("checkout.session", id, 404, "session"))?;
        if session["status"] != "open" {
            let message = format!(
                "Only Checkout Sessions with a status in [\"open\"] can be expired. \
                 This Checkout Session has a status of `{}`.",
                objects::text(session, "status")
            );
            return Err(Refusal::invalid(message, None));
        }
        Ok(self.expire(now_ms, id))
    }

    /// Expires every open session whose time has come.
    pub(super) fn expire_due(&mut self, now_ms: u64) {
        while let Some((expires_at, id)) = self.expiries.first().cloned() {
            if expires_at > seconds(now_ms) {
                return;
            }
            self.expire(now_ms, &id);
        }
    }

    fn expire(&mut self, now_ms: u64, id: &str) -> Value {
        let changes = json!({"status": "expired", "url": null});
        let session = self.change_session(id, changes);
        self.close_session(&session);
        self.emit(now_ms, "checkout.session.expired", &session);
        session
    }

    pub(super) fn close_session(&mut self, session: &Value) {
        let expires_at = session["expires_at"].as_i64().unwrap_or_default();
        self.expiries.remove(&(expires_at, objects::text(session, "id").to_owned()));
    }

    pub(super) fn change_session(&mut self, id: &str, changes: Value) -> Value {
        match self.sessions.get_mut(id) {
            Some(session) => {
                objects::set(session, changes);
                session.clone()
            }
            None => Value::Null,
        }
    }
}

/// A list of the request, as the session carries it.
fn list(params: &Params, name: &str) -> Value {
    let given = params.texts(name);
    if given.is_empty() { Value::Null } else { json!(given) }
}

/// What the page offers: all that the Dashboard allows, filtered by the session's own list.
fn offered(params: &Params) -> Vec<&'static str> {
    let allowed = params.texts("allowed_payment_method_types");
    let excluded = params.texts("excluded_payment_method_types");
    let offered = ["card", "link", "us_bank_account"].into_iter().filter(|kind| !excluded.contains(kind));
    offered.filter(|kind| allowed.is_empty() || allowed.contains(kind)).collect()
}

fn check_total(total: i64) -> Result<(), Box<Refusal>> {
    if total < MIN_CENTS {
        let message = "The Checkout Session's total amount due must add up to at least $0.50 usd".to_owned();
        return Err(Refusal::coded("amount_too_small", message, "line_items"));
    }
    if total > MAX_CENTS {
        let message = "The Checkout Session's total amount must be no more than $999,999.99".to_owned();
        return Err(Refusal::coded("amount_too_large", message, "line_items"));
    }
    Ok(())
}

fn expiry(now_ms: u64, params: &Params) -> Result<i64, Box<Refusal>> {
    let now = seconds(now_ms);
    let expires_at = params.integer("expires_at")?.unwrap_or(now + MAX_LIFE_SECONDS);
    match (now + MIN_LIFE_SECONDS..=now + MAX_LIFE_SECONDS).contains(&expires_at) {
        true => Ok(expires_at),
        false => {
            let message = "The `expires_at` timestamp must be at least 30 minutes and less than 24 \
                           hours from Checkout Session creation."
                .to_owned();
            Err(Refusal::invalid(message, Some("expires_at")))
        }
    }
}
