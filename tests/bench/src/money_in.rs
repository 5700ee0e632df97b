//! Buying credits in one process: orders, payments and Stripe's webhooks, over AWS of one's choice.

use crate::vendors::{SANDBOX_URL, Vendors};
use platform::Services;
use serde_json::{Value, json};
use stripe_client::signature;
use suite::functions::{Functions, set_vendor_secrets, with_vendors};
use suite::gateway::{Call, read};
use support::{InProcessAws, World};

const WEBHOOK_SECRET: &str = "whsec_droplab_local";

pub struct MoneyIn {
    pub world: World,
    pub vendors: Vendors,
    functions: Functions,
}

impl MoneyIn {
    #[must_use]
    pub fn of(world: World) -> Self {
        let aws = world.aws();
        Self::over(world, aws)
    }

    #[must_use]
    pub fn over(world: World, aws: InProcessAws) -> Self {
        let vendors = Vendors::new(world.clock.clone());
        set_vendor_secrets(&world.secrets, &[WEBHOOK_SECRET]);
        let services = Services::with_vendors(aws.config(), world.clock.clock(), vendors.http());
        let functions = Functions::new(services, with_vendors(World::environment(), SANDBOX_URL));
        Self { world, vendors, functions }
    }

    /// Orders 100 credits and pays them. What Stripe tells of it is not delivered yet.
    pub async fn order_and_pay(&self, organization: &str) {
        let call = Call::new("POST", "/api/stripe/purchase-credits").by(organization, "owner");
        let (status, body) = read(&self.functions.call(&call.body(r#"{"amount":100}"#)).await);
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
        let answer = self.functions.call(call).await;
        assert_eq!(answer.status(), 200, "{:?}", read(&answer));
    }
}
