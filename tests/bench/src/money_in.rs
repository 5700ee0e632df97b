//! Buying credits in one process: orders, payments and Stripe's webhooks, over a table of one's choice.

use crate::vendors::{SANDBOX_URL, Vendors};
use aws_sdk_dynamodb::Client;
use billing::{Billing, Parts, Plan};
use ledger::Ledger;
use platform::ClaimNames;
use serde_json::{Value, json};
use stripe_client::{Stripe, signature};
use suite::gateway::{Call, read};
use suite::stage::stripe_keys;
use support::World;
use tables::WorkTable;

const WEBHOOK_SECRET: &str = "whsec_droplab_local";

pub struct MoneyIn {
    pub world: World,
    pub vendors: Vendors,
    checkout: purchase_credits::handler::State,
    webhook: stripe_webhook::handler::State,
}

impl MoneyIn {
    #[must_use]
    pub fn of(world: World) -> Self {
        let client = world.dynamo.client();
        Self::over(world, &client)
    }

    /// Its functions over another client of the same tables.
    #[must_use]
    pub fn over(world: World, client: &Client) -> Self {
        let vendors = Vendors::new(world.clock.clone());
        let stripe = Stripe::new(vendors.http(), &format!("{SANDBOX_URL}/stripe"), "sk_test_droplab_local");
        let billing = Billing::over(Parts {
            ledger: Ledger::new(client.clone(), "ledger", "work", world.clock.clock()),
            work: WorkTable::new(client.clone(), "work"),
            stripe: stripe.expect("a usable key"),
            plan: Plan::shipped().expect("the shipped plan"),
            app_url: "https://app.example".to_owned(),
            livemode: false,
            clock: world.clock.clock(),
        });
        let checkout = purchase_credits::handler::State {
            billing: billing.clone(),
            claims: ClaimNames::default(),
            app_url: "https://app.example".to_owned(),
        };
        let keys = stripe_keys(&[WEBHOOK_SECRET], world.clock.clock());
        let webhook = stripe_webhook::handler::State { billing, keys };
        Self { world, vendors, checkout, webhook }
    }

    /// Orders 100 credits and pays them. What Stripe tells of it is not delivered yet.
    pub async fn order_and_pay(&self, organization: &str) {
        let call = Call::new("POST", "/api/stripe/purchase-credits").by(organization, "owner");
        let request = call.body(r#"{"amount":100}"#).request();
        let (status, body) = read(&purchase_credits::handler::handle(&self.checkout, request).await);
        assert_eq!(status, 200, "{body}");
        let session = body["sessionId"].as_str().expect("a session");
        let paid = self.vendors.control(
            "POST",
            &format!("stripe/sessions/{session}/pay"),
            &json!({"delayed": false}),
        );
        assert!(paid["error"].is_null(), "{paid}");
    }

    /// Every event so far, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        let answer = self.vendors.control("GET", "stripe/events", &Value::Null);
        answer["events"].as_array().expect("a list").clone()
    }

    #[must_use]
    pub fn delivery(&self, event: &Value) -> Call {
        let body = event.to_string();
        let now = self.world.clock.now().as_seconds();
        let header = signature::sign(body.as_bytes(), WEBHOOK_SECRET, now);
        Call::new("POST", "/api/stripe/webhook").body(body).header("stripe-signature", &header)
    }

    /// The webhook's answer, which must be 200.
    pub async fn deliver(&self, call: &Call) {
        let answer = stripe_webhook::handler::handle(&self.webhook, call.request()).await;
        assert_eq!(answer.status(), 200, "{:?}", read(&answer));
    }
}
