//! A stage of contacts: everything from the count to the settled list, in one process.

use audience::Audience;
use lambda_http::{Body, Response};
use platform::{Deadline, ObjectStore, config::name};
use sandbox::{Config, Sandbox};
use serde_json::{Value, json};
use std::{collections::BTreeSet, time::Duration};
use suite::functions::{Functions, set_vendor_secrets, with_vendors};
use suite::gateway::{Call, read};
use support::{Fault, World};
use terms::Month;
use tokio::net::TcpListener;

pub const FLORIDA: &str = r#"{"states":["FL"]}"#;
pub const PATH: &str = "/api/audience/purchase";

pub struct Stage {
    pub world: World,
    pub objects: ObjectStore,
    pub http: reqwest::Client,
    pub sandbox_url: String,
    pub functions: Functions,
    pub audience: Audience,
}

impl Stage {
    pub async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port");
        let sandbox_url = format!("http://{}", listener.local_addr().expect("an address"));
        let sandbox = Sandbox::new(Config { seed: 1, public_url: sandbox_url.clone() });
        tokio::spawn(sandbox.serve(listener, std::future::pending()));
        let world = World::new();
        set_vendor_secrets(&world.secrets, &[]);
        let environment = with_vendors(World::environment(), &sandbox_url);
        let services = world.services();
        Self {
            objects: world.objects("content"),
            http: platform::vendor_client().expect("a client"),
            audience: audience::connect(&services, &environment).expect("a usable configuration"),
            functions: Functions::new(services, environment),
            world,
            sandbox_url,
        }
    }

    /// With so many credits of `org_a`.
    pub async fn with_credits(amount: &str) -> Self {
        let stage = Self::new().await;
        stage.buy_credits("org_a", amount).await;
        stage
    }

    /// The same, and `org_a` has ordered so many contacts: answers the purchase's id.
    pub async fn queued(credits: &str, contacts: u32) -> (Self, String) {
        let stage = Self::with_credits(credits).await;
        let id = stage.place("org_a", "k1", contacts).await;
        (stage, id)
    }

    /// The same, with the message that was queued for it, taken out of its queue.
    pub async fn placed(credits: &str, contacts: u32) -> (Self, String, Value) {
        let (stage, id) = Self::queued(credits, contacts).await;
        let message = stage.world.queues.take("fetch").remove(0);
        (stage, id, message)
    }

    pub async fn with_prices(prices: &str) -> Self {
        let mut stage = Self::new().await;
        stage.restart_with(name::PRICE_BOOK, prices);
        stage
    }

    /// Every function starts anew, with this variable.
    pub fn restart_with(&mut self, name: &str, value: &str) {
        let environment = self.functions.environment.clone().with(name, value);
        self.functions = Functions::new(self.functions.services.clone(), environment);
    }

    pub async fn buy_credits(&self, organization: &str, amount: &str) {
        self.world.buy(&self.world.organization(organization), amount).await;
    }

    pub async fn available(&self, organization: &str) -> String {
        self.world.available(&self.world.organization(organization)).await
    }

    pub async fn held(&self, organization: &str) -> String {
        let balance = self.world.ledger.balance(&self.world.organization(organization)).await;
        balance.expect("a balance").held.to_string()
    }

    pub async fn count_of(&self, organization: &str, body: &str) -> Response<Body> {
        let call = Call::new("POST", "/api/audience/count").by(organization, "member").body(body);
        self.functions.call(&call).await
    }

    pub async fn order(&self, organization: &str, key: &str, body: &str) -> Response<Body> {
        let call =
            Call::new("POST", PATH).by(organization, "owner").header("idempotency-key", key).body(body);
        self.order_call(&call).await
    }

    pub async fn order_call(&self, call: &Call) -> Response<Body> {
        self.functions.call(call).await
    }

    /// Orders so many contacts in Florida, which must be accepted. Returns the purchase's id.
    pub async fn place(&self, organization: &str, key: &str, contacts: u32) -> String {
        let answer = self.order(organization, key, &order_of(contacts)).await;
        let (status, body) = read(&answer);
        assert_eq!(status, 202, "{body}");
        body["purchaseId"].as_str().expect("an id").to_owned()
    }

    pub async fn status_as(&self, organization: &str, role: &str, purchase: &str) -> Response<Body> {
        let path = format!("/api/audience/purchases/{purchase}");
        let call = Call::new("GET", &path).by(organization, role).id("id", purchase);
        self.functions.call(&call).await
    }

    pub async fn status_of(&self, organization: &str, purchase: &str) -> Value {
        let (status, body) = read(&self.status_as(organization, "owner", purchase).await);
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Takes what is queued and delivers each message once, with so much time left. Returns how many there
    /// were.
    pub async fn deliver_with(&self, left: Duration) -> usize {
        let messages = self.world.queues.take("fetch");
        let count = messages.len();
        for message in messages {
            self.deliver_message(message, left).await.expect("a message that is done with");
        }
        count
    }

    pub async fn deliver(&self) -> usize {
        self.deliver_with(Duration::from_secs(300)).await
    }

    pub async fn deliver_message(
        &self,
        message: Value,
        left: Duration,
    ) -> Result<(), audience::AudienceFailure> {
        let message = serde_json::from_value(message).expect("a message of this queue");
        let state = self.functions.contact_fetcher().await;
        contact_fetcher::handler::handle(state, message, Deadline::after(left)).await
    }

    pub async fn sweep(&self) -> usize {
        let now = self.world.clock.now();
        let due = self.world.work.due(now, 100).await.expect("the due index");
        for item in &due {
            audience::sweep(&self.audience, &item.key, now).await.expect("a swept record");
        }
        due.len()
    }

    /// Turns the clock, sweeps and delivers, until the purchase has ended. Returns the turns it took.
    pub async fn run_until_ended(&self, organization: &str, purchase: &str) -> u32 {
        for turn in 0..200 {
            if self.status_of(organization, purchase).await["finishedAt"].is_string() {
                return turn;
            }
            self.deliver().await;
            self.world.clock.advance_seconds(61);
            self.sweep().await;
        }
        panic!("the purchase does not end");
    }

    pub async fn fault(&self, fault: Value) {
        self.control("POST", "faults", fault).await;
    }

    /// The vendor writes ZIP codes as JSON numbers.
    pub async fn deliver_zips_as_numbers(&self) {
        self.control("POST", "data-axle/zips-as-numbers", json!({"on": true})).await;
    }

    pub async fn downloaded(&self, organization: &str, purchase: &str) -> Vec<u8> {
        let key = format!("contacts/{organization}/{purchase}/contacts-001.csv");
        self.objects.get(&key).await.expect("a read").expect("a file").to_vec()
    }

    /// The vendor takes so many calls in 10 s.
    pub async fn limit_vendor(&self, requests: u32) {
        self.control("POST", "data-axle/rate-limit", json!({"requests": requests, "windowMs": 10_000})).await;
    }

    /// Writes of the work table fail for longer than the SDK tries, after so many that succeed.
    pub fn table_down_after(&self, writes: usize) {
        self.world.dynamo.faults().lasting("PutItem", writes, Fault::FailsBefore);
        self.world.dynamo.faults().next("PutItem", Fault::FailsBefore);
    }

    pub async fn clear_faults(&self) {
        self.control("DELETE", "faults", Value::Null).await;
    }

    async fn control(&self, method: &str, path: &str, body: Value) -> Value {
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

    pub async fn vendor(&self, token: &str) -> Value {
        self.control("GET", "counters", Value::Null).await[token].clone()
    }

    /// The list that a purchase left: how many contacts its pages hold, after checking that they are
    /// distinct.
    pub async fn listed(&self, organization: &str, purchase: &str) -> usize {
        let view = self.status_of(organization, purchase).await;
        let list = view["recipientListId"].as_str().expect("a list");
        let key = tables::Key::new(format!("ORG#{organization}"), format!("LIST#{list}"));
        let list = self
            .world
            .work
            .get::<recipients::RecipientList>(&key)
            .await
            .expect("a read")
            .expect("a list")
            .record;
        let mut persons = BTreeSet::new();
        for page in &list.pages {
            let bytes = self.objects.get(&page.object_key).await.expect("a read").expect("a page");
            let rows: Vec<Value> = serde_json::from_slice(&bytes).expect("JSON");
            for row in rows.iter().take(usize::try_from(page.contacts).expect("a count")) {
                assert!(
                    persons.insert(row["personId"].as_str().expect("an id").to_owned()),
                    "a person twice"
                );
                assert!(row["addressLine1"].is_string() && row["postalCode"].is_string());
            }
        }
        assert_eq!(usize::try_from(list.contacts), Ok(persons.len()));
        assert_eq!(view["delivered"], list.contacts);
        persons.len()
    }

    /// Data Axle's figures of an organization in the present month: orders, quantity, cost, charge.
    pub async fn month(&self, organization: &str) -> Option<(i64, i64, String, String)> {
        let rows = self.world.ledger.month(Month::of(self.world.clock.now())).await.expect("a month");
        let row = rows.into_iter().find(|row| row.organization.as_str() == organization)?.data_axle;
        (row.orders > 0).then(|| (row.orders, row.quantity, row.cost.to_string(), row.charge.to_string()))
    }

    /// Everything stored but the counters of quotas, to compare before with after.
    pub fn stored(&self) -> String {
        let mut work = self.world.dynamo.dump("work");
        work.retain(|item| item["kind"]["S"] != "quota");
        json!([self.world.dynamo.dump("ledger"), work]).to_string()
    }
}

pub fn order_of(contacts: u32) -> String {
    format!(r#"{{"filters":{FLORIDA},"maxContacts":{contacts},"audienceName":"Florida"}}"#)
}

pub fn figures(orders: i64, quantity: i64, cost: &str, charge: &str) -> Option<(i64, i64, String, String)> {
    Some((orders, quantity, cost.to_owned(), charge.to_owned()))
}
