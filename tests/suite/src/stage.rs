//! A stage with money coming in: the sandboxes on a port, billing over them, a world of tables.

use crate::functions::{Functions, set_vendor_secrets, with_vendors};
use crate::gateway::{Call, read};
use billing::{Billing, StripeKeys};
use lambda_http::{Body, Response};
use platform::{CachedSecret, Environment, Secret, Services, config::name};
use sandbox::{Config, Sandbox};
use serde_json::{Value, json};
use stripe_client::signature;
use support::{Gate, TestClock, World};
use terms::Clock;
use tokio::net::TcpListener;
use vendor_http::Http;

/// The endpoint's signing secret.
pub const WEBHOOK_SECRET: &str = "whsec_droplab_local";

/// The secret of Stripe, of which each reading finds these signing secrets.
#[must_use]
pub fn stripe_keys(webhook_secrets: &'static [&'static str], clock: Clock) -> CachedSecret<StripeKeys> {
    let secret = |text: &&str| Secret::new((*text).to_owned());
    let keys = move || StripeKeys {
        secret_key: secret(&"sk_test_droplab_local"),
        webhook_secrets: webhook_secrets.iter().map(secret).collect(),
    };
    CachedSecret::over(keys(), clock, move || Box::pin(std::future::ready(Ok(keys()))))
}

/// Everything of buying credits, in one process, with real HTTP to the Stripe sandbox.
pub struct Stage {
    /// Tables, ledger, clock.
    pub world: World,
    /// Where the sandboxes listen.
    pub sandbox_url: String,
    /// The client of this stage.
    pub http: reqwest::Client,
    /// Billing, as the functions have it.
    pub billing: Billing,
    /// Every function.
    pub functions: Functions,
}

impl Stage {
    /// A fresh stage.
    pub async fn new() -> Self {
        Self::with(World::environment()).await
    }

    /// A fresh stage with these grants of subscriptions, as JSON.
    pub async fn with_plan(plan: &str) -> Self {
        Self::with(World::environment().with(name::SUBSCRIPTION_PLAN, plan)).await
    }

    async fn with(environment: Environment) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let sandbox_url = format!("http://{}", listener.local_addr().expect("an address"));
        let sandbox = Sandbox::new(Config { seed: 1, public_url: sandbox_url.clone() });
        tokio::spawn(sandbox.serve(listener, std::future::pending()));
        let environment = with_vendors(environment, &sandbox_url);
        Self::over(sandbox_url, World::at(TestClock::at_present()), environment).await
    }

    /// Empty tables at the same time over the same Stripe: what is asked of it with the same keys is answered as
    /// before.
    pub async fn again(&self) -> Self {
        let clock = TestClock::at(&self.world.clock.now().to_string());
        let environment = self.functions.environment.clone();
        Self::over(self.sandbox_url.clone(), World::at(clock), environment).await
    }

    async fn over(sandbox_url: String, world: World, environment: Environment) -> Self {
        set_vendor_secrets(&world.secrets, &["whsec_next", WEBHOOK_SECRET]);
        let http = platform::vendor_client().expect("a client");
        let aws = world.aws().config();
        let services = Services::with_vendors(aws, world.clock.clock(), Http::from(http.clone()));
        let (billing, _) = Box::pin(billing::connect(&services, &environment)).await.expect("billing");
        let functions = Functions::new(services, environment);
        Self { world, sandbox_url, http, billing, functions }
    }

    /// Billing whose tables have a gate before them.
    pub async fn billing_behind(&self, gate: &Gate) -> Billing {
        let aws = self.world.aws_behind(gate).config();
        let services = Services::with_vendors(aws, self.world.clock.clock(), Http::from(self.http.clone()));
        billing::connect(&services, &self.functions.environment).await.expect("billing").0
    }

    /// POST /api/stripe/purchase-credits with this raw body.
    pub async fn purchase(&self, call: Call) -> Response<Body> {
        self.functions.answer("purchase-credits", &call).await
    }

    /// Orders an amount as an organization's owner. Returns the Checkout session's id.
    pub async fn order(&self, organization: &str, amount: &str) -> String {
        let call = Call::new("POST", "/api/stripe/purchase-credits").by(organization, "owner");
        let (status, body) = read(&self.purchase(call.body(format!("{{\"amount\":{amount}}}"))).await);
        assert_eq!(status, 200, "{body}");
        body["sessionId"].as_str().expect("a session").to_owned()
    }

    /// Asks a control of the sandbox.
    pub async fn control(&self, method: &str, path: &str, body: Value) -> Value {
        let url = format!("{}/sandbox/{path}", self.sandbox_url);
        let method: http::Method = method.parse().expect("a method");
        let mut request = self.http.request(method, url);
        if !body.is_null() {
            request = request.json(&body);
        }
        let answer = request.send().await.expect("the sandbox answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.json().await.expect("JSON")
    }

    /// Pays a session on its page.
    pub async fn pay(&self, session: &str, delayed: bool) {
        let path = format!("stripe/sessions/{session}/pay");
        self.control("POST", &path, json!({"delayed": delayed})).await;
    }

    /// Every event that Stripe has made so far, oldest first.
    pub async fn events(&self) -> Vec<Value> {
        let answer = self.control("GET", "stripe/events", Value::Null).await;
        answer["events"].as_array().expect("a list").clone()
    }

    /// Delivers an event's body to the webhook, signed by Stripe at the world's present time.
    pub async fn deliver(&self, event: &Value) -> Response<Body> {
        let body = event.to_string();
        let header = signature::sign(body.as_bytes(), WEBHOOK_SECRET, self.world.clock.now().as_seconds());
        self.deliver_raw(&body, Some(&header)).await
    }

    /// Delivers a raw body with this signature header.
    pub async fn deliver_raw(&self, body: &str, header: Option<&str>) -> Response<Body> {
        let mut call = Call::new("POST", "/api/stripe/webhook").body(body);
        if let Some(header) = header {
            call = call.header("stripe-signature", header);
        }
        self.deliver_call(&call).await
    }

    /// Delivers a call to the webhook as it is.
    pub async fn deliver_call(&self, call: &Call) -> Response<Body> {
        self.functions.answer("stripe-webhook", call).await
    }

    /// The same of a call that was made for it.
    pub async fn deliver_call_of(&self, call: Call) -> Response<Body> {
        self.deliver_call(&call).await
    }

    /// Delivers every event made so far, once; each must be answered with 200.
    pub async fn deliver_all(&self) {
        for event in self.events().await {
            assert_eq!(self.deliver(&event).await.status(), 200, "{}", event["type"]);
        }
    }

    /// Orders, pays and delivers.
    pub async fn buy(&self, organization: &str, amount: &str) -> String {
        let session = self.order(organization, amount).await;
        self.pay(&session, false).await;
        self.deliver_all().await;
        session
    }

    /// GET /api/credits.
    pub async fn credits(&self, organization: &str) -> Value {
        let call = Call::new("GET", "/api/credits").by(organization, "owner");
        read(&self.functions.call(&call).await).1
    }

    /// What an organization can spend.
    pub async fn available(&self, organization: &str) -> String {
        self.credits(organization).await["available"].as_str().expect("money").to_owned()
    }

    /// GET /api/credits/transactions.
    pub async fn transactions(&self, call: Call) -> Response<Body> {
        self.functions.answer("credit-transactions", &call).await
    }
}
