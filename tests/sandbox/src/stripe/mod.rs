//! Stripe: customers and their saved cards, Checkout sessions with their payment page, payment intents,
//! refunds, disputes, subscriptions that invoice, the customer portal, events.
//!
//! The state and the way from a path to a handler. Paths are Stripe's own (`/v1/…`), plus the pages: `/pay/…`,
//! `/receipts/…` and `/portal/…`. What follows: docs.stripe.com/api, version [`API_VERSION`].

mod account;
mod appeals;
mod cards;
mod charges;
mod checkout;
mod customers;
mod disputes;
mod events;
mod fraud_warnings;
mod intents;
mod invoice_payments;
mod invoices;
mod lists;
mod objects;
mod page;
mod params;
mod portal;
mod receipts;
mod refunds;
mod refusal;
mod replays;
mod saved;
mod schema;
mod sessions;
mod shelves;
mod subscriptions;
mod taxes;
mod versions;
mod vocabulary;
mod webhooks;

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};

use crate::form;
use crate::ids::Ids;
use crate::message::{Request, Response};
use account::Account;
pub use cards::CardBehaviour;
use lists::Shelf;
use params::Params;
use refusal::{Outcome, Refusal};
use replays::{Replays, Stored};
use sessions::Draft;
pub use shelves::KINDS;
pub use subscriptions::NewSubscription;
pub use taxes::Totals;
use webhooks::Webhooks;
pub use webhooks::{Endpoint, Order, Outgoing, signature_header};

/// The version that events are rendered for until a request names another.
pub const API_VERSION: &str = "2026-09-30.endive";
pub const SECRET_KEY: &str = "sk_test_droplab_local";
/// Signs webhooks until an endpoint brings its own secret.
pub const WEBHOOK_SECRET: &str = "whsec_droplab_local";

/// Stripe's state. Times are unix milliseconds where named `now_ms`, unix seconds inside Stripe's objects.
#[derive(Debug)]
pub struct Stripe {
    public_url: String,
    api_version: String,
    account: Account,
    ids: Ids,
    customers: Shelf,
    methods: Shelf,
    /// By customer; all others succeed.
    card_behaviours: HashMap<String, CardBehaviour>,
    sessions: Shelf,
    /// What the payment page needs of an open session and the session object does not say.
    drafts: HashMap<String, Draft>,
    /// Open sessions by the second at which they expire.
    expiries: BTreeSet<(i64, String)>,
    intents: Shelf,
    charges: Shelf,
    refunds: Shelf,
    /// The status of the refunds that are asked for from now on.
    refunds_begin: &'static str,
    disputes: Shelf,
    fraud_warnings: Shelf,
    subscriptions: Shelf,
    invoices: Shelf,
    invoice_payments: Shelf,
    portal_sessions: Shelf,
    events: Shelf,
    /// The API knows no event from before this unix second.
    events_from: i64,
    webhooks: Webhooks,
    replays: Replays,
}

impl Stripe {
    /// An account without history. `public_url` is where browsers reach the pages.
    pub fn new(seed: u64, public_url: &str) -> Self {
        Self {
            public_url: public_url.to_owned(),
            api_version: API_VERSION.to_owned(),
            account: Account::default(),
            ids: Ids::new(seed),
            customers: Shelf::default(),
            methods: Shelf::default(),
            card_behaviours: HashMap::new(),
            sessions: Shelf::default(),
            drafts: HashMap::new(),
            expiries: BTreeSet::new(),
            intents: Shelf::default(),
            charges: Shelf::default(),
            refunds: Shelf::default(),
            refunds_begin: "succeeded",
            disputes: Shelf::default(),
            fraud_warnings: Shelf::default(),
            subscriptions: Shelf::default(),
            invoices: Shelf::default(),
            invoice_payments: Shelf::default(),
            portal_sessions: Shelf::default(),
            events: Shelf::default(),
            events_from: 0,
            webhooks: Webhooks::default(),
            replays: Replays::default(),
        }
    }

    /// Forgets everything but the webhook endpoint; ids go on counting.
    pub fn reset(&mut self) {
        let fresh = Self::new(0, &self.public_url);
        let old = std::mem::replace(self, fresh);
        self.ids = old.ids;
        self.webhooks = Webhooks::with_endpoint(old.webhooks.endpoint);
    }

    pub fn handle(&mut self, now_ms: u64, request: &Request) -> Response {
        self.expire_due(now_ms);
        if let Some(session) = request.path.strip_prefix("/pay/") {
            return self.page(now_ms, &request.method, session, &request.body);
        }
        if let Some(receipt) = request.path.strip_prefix("/receipts/") {
            return self.receipt_page(receipt);
        }
        if let Some(session) = request.path.strip_prefix("/portal/") {
            return self.portal_page(session);
        }
        let request_id = self.ids.fresh("req_", 14);
        let answer = self.api(now_ms, request).with_header("request-id", &request_id);
        match request.header("stripe-version") {
            Some(version) => answer.with_header("stripe-version", version),
            None => answer.with_header("stripe-version", API_VERSION),
        }
    }

    pub fn counters(&self) -> Value {
        json!({
            "sessionsCreated": self.sessions.len(),
            "customersCreated": self.customers.len(),
            "webhooksSent": self.webhooks.sent,
            "webhooksDelivered": self.webhooks.delivered,
        })
    }

    fn api(&mut self, now_ms: u64, request: &Request) -> Response {
        if let Err(refusal) = authorize(request) {
            return refusal.response();
        }
        if let Err(refusal) = self.permit(request) {
            return refusal.response();
        }
        if let Some(version) = request.header("stripe-version") {
            self.api_version = version.to_owned();
        }
        let text = match request.method.as_str() {
            "POST" => String::from_utf8_lossy(&request.body).into_owned(),
            _ => request.query.clone(),
        };
        let params = match form::parse(&text) {
            Ok(params) => params,
            Err(message) => return Refusal::invalid(message, None).response(),
        };
        match request.header("idempotency-key") {
            Some(key) if request.method == "POST" => self.once(now_ms, key, request, &params),
            _ => answer(self.route(now_ms, request, &params)),
        }
    }

    /// The first result of a key is stored and answered again for 24 hours.
    fn once(&mut self, now_ms: u64, key: &str, request: &Request, params: &Value) -> Response {
        if key.len() > replays::MAX_KEY_BYTES {
            return Refusal::invalid("Idempotency keys are at most 255 characters.".to_owned(), None)
                .response();
        }
        let asked = format!("{} {} {params}", request.method, request.path);
        match self.replays.find(now_ms, key, &asked) {
            Stored::Same(response) => return response.with_header("idempotent-replayed", "true"),
            Stored::Other => return Refusal::other_parameters(key).response(),
            Stored::Nothing => {}
        }
        let outcome = self.route(now_ms, request, params);
        // what is refused before anything was done may be tried again with the same key
        let stored = outcome.as_ref().err().is_none_or(|refusal| refusal.executed);
        let response = answer(outcome);
        if stored {
            self.replays.store(now_ms, key, asked, &response);
        }
        response
    }

    fn route(&mut self, now_ms: u64, request: &Request, params: &Value) -> Outcome {
        let params = &Params::new(params);
        let segments = request.segments();
        let Some((&"v1", path)) = segments.split_first() else {
            return Err(Refusal::unrecognized(request));
        };
        match (request.method.as_str(), path) {
            ("POST", ["customers"]) => self.create_customer(now_ms, params),
            ("GET", ["customers"]) => self.list_customers(params),
            ("POST", ["customers", id]) => self.update_customer(id, params),
            ("GET", ["customers", id, "payment_methods"]) => self.list_customer_methods(id, params),
            ("GET", ["payment_methods"]) => self.list_methods(params),
            ("POST", ["payment_methods", id, "detach"]) => self.detach_method(now_ms, id, params),
            ("POST", ["checkout", "sessions"]) => self.create_session(now_ms, params),
            ("GET", ["checkout", "sessions"]) => self.list_sessions(params),
            ("POST", ["checkout", "sessions", id, "expire"]) => self.expire_session(now_ms, id),
            ("GET", ["checkout", "sessions", id]) => self.read_session(id, params),
            ("GET", ["checkout", "sessions", id, "line_items"]) => self.line_items(id),
            ("POST", ["payment_intents"]) => self.create_intent(now_ms, params),
            ("GET", ["payment_intents"]) => self.list_intents(params),
            ("POST", ["payment_intents", id, "cancel"]) => self.cancel_intent(now_ms, id, params),
            ("POST", ["refunds"]) => self.create_refund(now_ms, params),
            ("GET", ["refunds"]) => self.list_refunds(params),
            ("GET", ["disputes"]) => self.list_disputes(params),
            ("GET", ["radar", "early_fraud_warnings"]) => self.list_fraud_warnings(params),
            ("GET", ["radar", "early_fraud_warnings", id]) => self.read_fraud_warning(id),
            ("GET", ["invoices"]) => self.list_invoices(params),
            ("GET", ["invoice_payments"]) => self.list_invoice_payments(params),
            ("GET", ["subscriptions"]) => self.list_subscriptions(params),
            ("POST", ["billing_portal", "sessions"]) => self.create_portal_session(now_ms, params),
            ("GET", ["events"]) => self.list_events(params),
            ("GET", [kind, id]) => self.read(request, kind, id, params),
            _ => Err(Refusal::unrecognized(request)),
        }
    }
}

fn answer(outcome: Outcome) -> Response {
    match outcome {
        Ok(object) => Response::json(200, &object),
        Err(refusal) => refusal.response(),
    }
}

fn authorize(request: &Request) -> Result<(), Box<Refusal>> {
    let given = request.header("authorization").unwrap_or_default();
    let Some(key) = given.strip_prefix("Bearer ") else {
        return Err(Refusal::unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization header, \
             using Bearer auth."
                .to_owned(),
        ));
    };
    match key.trim() == SECRET_KEY {
        true => Ok(()),
        // the key itself is never repeated in full
        false => Err(Refusal::unauthorized(format!(
            "Invalid API Key provided: {}****",
            key.chars().take(8).collect::<String>()
        ))),
    }
}

/// Unix seconds, as Stripe's objects carry them.
fn seconds(now_ms: u64) -> i64 {
    i64::try_from(now_ms / 1_000).unwrap_or(i64::MAX)
}
