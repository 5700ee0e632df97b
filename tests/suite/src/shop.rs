//! A stage with everybody at it: what owners and finance call, and what the schedule and the queue run.

use crate::{
    gateway::{Call, read},
    stage::Stage,
};
use alerts::{Alert, alerts_of};
use billing::{AutoTopUp, Order};
use lambda_http::{Body, Response};
use lambda_runtime::{Context, LambdaEvent};
use ledger::{Cause, CauseKind, Command, Movement, Purpose};
use money::{Money, PositiveMoney};
use platform::Deadline;
use serde_json::{Value, json};
use std::{
    ops::Deref,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use terms::{Actor, Fingerprint, HoldId, OrderId, OrganizationId};

/// The queue of auto top-up.
pub const TOP_UP_QUEUE: &str = "top-up";

/// Time that a run has: more than any test takes.
const RUN_SECONDS: u64 = 300;

/// A stage with owners, finance, schedules and queues.
pub struct Shop {
    stage: Stage,
}

impl Deref for Shop {
    type Target = Stage;

    fn deref(&self) -> &Stage {
        &self.stage
    }
}

impl Shop {
    /// A fresh one.
    pub async fn new() -> Self {
        Self { stage: Stage::new().await }
    }

    /// A fresh one with these grants of subscriptions, as JSON.
    pub async fn with_plan(plan: &str) -> Self {
        Self { stage: Stage::with_plan(plan).await }
    }

    /// GET or PUT /api/credits/auto-top-up.
    pub async fn top_up_settings(&self, call: Call) -> Response<Body> {
        self.functions.answer("auto-top-up-settings", &call).await
    }

    /// GET or PUT /api/credits/alerts.
    pub async fn credit_alerts(&self, call: Call) -> Response<Body> {
        self.functions.answer("credit-alerts", &call).await
    }

    /// GET /api/credits/orders.
    pub async fn credit_orders(&self, call: Call) -> Response<Body> {
        self.functions.answer("credit-orders", &call).await
    }

    /// POST /api/stripe/portal, GET /api/credits/orders/{id}/receipt.
    pub async fn billing_portal(&self, call: Call) -> Response<Body> {
        self.functions.answer("billing-portal", &call).await
    }

    /// POST /api/credits/refunds.
    pub async fn refund_request(&self, call: Call) -> Response<Body> {
        self.functions.answer("refund-request", &call).await
    }

    /// GET /api/admin/refunds, POST /api/admin/refunds/{id}.
    pub async fn refund_decisions(&self, call: Call) -> Response<Body> {
        self.functions.answer("refund-decisions", &call).await
    }

    /// GET or POST /api/admin/quarantine.
    pub async fn quarantine(&self, call: Call) -> Response<Body> {
        self.functions.answer("quarantine", &call).await
    }

    /// POST /api/admin/credits/adjustments and …/opening-balances.
    pub async fn credit_adjustments(&self, call: Call) -> Response<Body> {
        self.functions.answer("credit-adjustments", &call).await
    }

    /// One turn of the sweeper: `done`, `failed`, `others`.
    pub async fn sweep(&self) -> Value {
        let event = LambdaEvent::new(json!({}), context());
        self.functions.sweep(event).await.expect("the due index is read")
    }

    /// One turn of recovery.
    pub async fn recover(&self) -> Result<Value, lambda_runtime::Error> {
        self.functions.recover(LambdaEvent::new(json!({}), context())).await
    }

    /// Hands a message to the worker of auto top-up. Whether it is done with.
    pub async fn deliver_top_up(&self, message: &Value) -> bool {
        let deadline = Deadline::after(Duration::from_secs(RUN_SECONDS));
        self.functions.deliver(TOP_UP_QUEUE, &message.to_string(), deadline).await
    }

    /// Hands every message that waits to the worker, each once; answers how many there were, and that all are
    /// done with.
    pub async fn work_off(&self) -> usize {
        let messages = self.world.queues.take(TOP_UP_QUEUE);
        for message in &messages {
            assert!(self.deliver_top_up(message).await, "{message}");
        }
        messages.len()
    }

    /// Turns the clock on.
    pub fn later(&self, seconds: i64) {
        self.world.clock.advance_seconds(seconds);
    }

    /// An organization's id.
    pub fn org(&self, name: &str) -> OrganizationId {
        self.world.organization(name)
    }

    /// Orders an amount as an organization's owner, saving the card: its page offers cards alone.
    pub async fn order_saving_card(&self, organization: &str, amount: &str) -> Value {
        self.ordered(organization, &format!(r#"{{"amount":{amount},"saveCard":true}}"#)).await
    }

    /// Orders an amount as an organization's owner, saving nothing: its page offers every method.
    pub async fn order_saving_nothing(&self, organization: &str, amount: &str) -> Value {
        self.ordered(organization, &format!(r#"{{"amount":{amount}}}"#)).await
    }

    async fn ordered(&self, organization: &str, body: &str) -> Value {
        let call = Call::new("POST", "/api/stripe/purchase-credits").by(organization, "owner");
        let (status, body) = read(&self.purchase(call.body(body)).await);
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Buys an amount, saving the card: answers the order. All events are delivered.
    pub async fn bought(&self, organization: &str, amount: &str) -> Order {
        let order = self.bought_only(organization, amount).await;
        self.deliver_all().await;
        order
    }

    /// The same, with the event of this purchase alone.
    pub async fn bought_only(&self, organization: &str, amount: &str) -> Order {
        let body = self.order_saving_card(organization, amount).await;
        self.pay(body["sessionId"].as_str().expect("a session"), false).await;
        let mut events = self.events().await.into_iter();
        let completed = events.rfind(|event| event["type"] == "checkout.session.completed");
        assert_eq!(self.deliver(&completed.expect("it was paid")).await.status(), 200);
        let order = OrderId::parse(body["orderId"].as_str().expect("an order")).expect("an order's id");
        self.order_of(organization, &order).await
    }

    /// Delivers the events of refunds and disputes alone.
    pub async fn deliver_reversals(&self) {
        let is_one = |event: &Value| {
            let kind = event["type"].as_str().unwrap_or_default();
            kind.starts_with("refund.") || kind.starts_with("charge.dispute.")
        };
        for event in self.events().await.iter().filter(|event| is_one(event)) {
            assert_eq!(self.deliver(event).await.status(), 200, "{}", event["type"]);
        }
    }

    /// An order as it stands.
    pub async fn order_of(&self, organization: &str, order: &OrderId) -> Order {
        let key = Order::key_of(&self.org(organization), order);
        self.world.work.get::<Order>(&key).await.expect("a read").expect("it stands").record
    }

    /// All orders of an organization.
    pub async fn orders(&self, organization: &str) -> Vec<Order> {
        let partition = format!("ORG#{organization}");
        let found = self.world.work.list::<Order>(&partition, "ORDER#").await.expect("orders");
        found.into_iter().map(|stored| stored.record).collect()
    }

    /// Charges credits as a purchase of contacts does: a hold and its settle.
    pub async fn spend(&self, organization: &str, amount: &str) {
        let hold = self.hold(organization, amount).await;
        self.settle(organization, &hold, amount).await;
    }

    /// Puts credits aside.
    pub async fn hold(&self, organization: &str, amount: &str) -> HoldId {
        let id = HoldId::parse(&format!("pur_{}", self.world.dynamo.dump("ledger").len())).expect("an id");
        let amount = PositiveMoney::new(money(amount)).expect("above zero");
        let command = Command::Hold { id: id.clone(), purpose: Purpose::Contacts, amount };
        self.move_credits(organization, CauseKind::ContactsHold, &id, command).await;
        id
    }

    /// Charges so much of what was put aside.
    pub async fn settle(&self, organization: &str, hold: &HoldId, amount: &str) {
        let command = Command::Settle { hold: hold.clone(), charge: money(amount) };
        self.move_credits(organization, CauseKind::ContactsSettle, hold, command).await;
    }

    async fn move_credits(&self, organization: &str, kind: CauseKind, id: &HoldId, command: Command) {
        let movement = Movement {
            organization: self.org(organization),
            cause: Cause::new(kind, id.as_str()),
            fingerprint: Fingerprint::of(&[id.as_str()]),
            actor: Actor::user("u"),
            occurred_at: None,
            description: "spent".to_owned(),
            command,
        };
        self.world.post(&movement).await.expect("an answer").expect("the credits are there");
    }

    /// Sets auto top-up as an owner.
    pub async fn set_top_up(&self, organization: &str, threshold: &str, target: &str, cap: &str) -> Value {
        let call = Call::new("PUT", "/api/credits/auto-top-up").by(organization, "owner");
        let body = json!({"enabled": true, "threshold": threshold, "target": target, "monthlyCap": cap});
        let (status, body) = read(&self.top_up_settings(call.body(body.to_string())).await);
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Sets alert levels as an owner.
    pub async fn set_levels(&self, organization: &str, levels: &[&str]) {
        let call = Call::new("PUT", "/api/credits/alerts").by(organization, "owner");
        let (status, body) =
            read(&self.credit_alerts(call.body(json!({"levels": levels}).to_string())).await);
        assert_eq!(status, 200, "{body}");
    }

    /// Auto top-up as it stands.
    pub async fn auto_top_up(&self, organization: &str) -> AutoTopUp {
        let key = AutoTopUp::key_of(&self.org(organization));
        self.world.work.get::<AutoTopUp>(&key).await.expect("a read").expect("it stands").record
    }

    /// The alerts of an organization, oldest first.
    pub async fn alerts_of(&self, organization: &str) -> Vec<Alert> {
        let mut alerts = alerts_of(&self.world.work, &self.org(organization), 1000).await.expect("alerts");
        alerts.reverse();
        alerts
    }

    /// An owner asks for a refund of an order, of all that is unused or of an amount.
    pub async fn ask_refund(
        &self,
        organization: &str,
        order: &OrderId,
        amount: Option<&str>,
    ) -> Response<Body> {
        let faults = self.world.dynamo.faults();
        let asked = faults.calls("PutItem") + faults.calls("TransactWriteItems");
        let call = Call::new("POST", "/api/credits/refunds").by(organization, "owner");
        let call = call.header("idempotency-key", &format!("ask-{asked}"));
        let mut body = json!({"orderId": order, "reason": "not needed"});
        if let Some(amount) = amount {
            body["amount"] = json!(amount);
        }
        self.refund_request(call.body(body.to_string())).await
    }

    /// The same, and it is taken: answers the request's id.
    pub async fn asked_refund(&self, organization: &str, order: &OrderId, amount: Option<&str>) -> String {
        let (status, body) = read(&self.ask_refund(organization, order, amount).await);
        assert_eq!(status, 202, "{body}");
        body["refundId"].as_str().expect("an id").to_owned()
    }

    /// Somebody of finance decides a request for a refund.
    pub async fn decide_refund(
        &self,
        who: &str,
        organization: &str,
        id: &str,
        approve: bool,
    ) -> Response<Body> {
        let claims = json!({"sub": who, "token_use": "id", "custom:organization_id": "org_droplab",
            "custom:role": "finance"});
        let call = Call::new("POST", &format!("/api/admin/refunds/{id}")).id("id", id).with_claims(claims);
        let body =
            json!({"organizationId": organization, "approve": approve, "reason": "as the owner wishes"});
        self.refund_decisions(call.body(body.to_string())).await
    }

    /// Finance approves: answers the request as it stands then.
    pub async fn approved(&self, organization: &str, id: &str) -> Value {
        let (status, body) = read(&self.decide_refund("f1", organization, id, true).await);
        assert_eq!(status, 200, "{body}");
        body
    }
}

/// What a schedule's turn brings beside its event.
pub fn context() -> Context {
    let mut context = Context::default();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    let deadline = now.saturating_add(Duration::from_secs(RUN_SECONDS));
    context.deadline = u64::try_from(deadline.as_millis()).expect("in range");
    context
}

/// An amount.
pub fn money(text: &str) -> Money {
    Money::parse(text).expect("an amount")
}
