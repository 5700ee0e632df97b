//! What Stripe's other users do: cardholders, their banks, and people at the Dashboard.

use crate::stage::Stage;
use billing::Order;
use serde_json::{Value, json};

impl Stage {
    /// The objects of a kind at Stripe, oldest first.
    pub async fn at_stripe(&self, kind: &str) -> Vec<Value> {
        let answer = self.control("GET", &format!("stripe/objects/{kind}"), Value::Null).await;
        answer["objects"].as_array().expect("a list").clone()
    }

    /// The charges of auto top-up at Stripe, oldest first.
    pub async fn charges(&self) -> Vec<Value> {
        let all = self.at_stripe("payment_intents").await;
        all.into_iter().filter(|payment| payment["metadata"]["type"] == "top-up").collect()
    }

    /// Those charges as `status amount`, in cents.
    pub async fn charged(&self) -> Vec<String> {
        let shown =
            |payment: &Value| format!("{} {}", payment["status"].as_str().unwrap_or(""), payment["amount"]);
        self.charges().await.iter().map(shown).collect()
    }

    /// A customer's subscription over 499.00 begins, with this organization in its metadata: answers `sub_…`.
    pub async fn subscribe(&self, customer: &str, organization: &str) -> String {
        let metadata = json!({"organization_id": organization});
        let body = json!({"customer": customer, "amountCents": 49_900, "metadata": metadata});
        id_of(&self.control("POST", "stripe/subscriptions", body).await["subscription"])
    }

    /// The next period of a subscription is invoiced and paid: answers `in_…`.
    pub async fn cycle(&self, subscription: &str) -> String {
        let path = format!("stripe/subscriptions/{subscription}/cycle");
        id_of(&self.control("POST", &path, json!({})).await["invoice"])
    }

    /// A payment page expires.
    pub async fn expire(&self, session: &str) {
        self.control("POST", &format!("stripe/sessions/{session}/expire"), json!({})).await;
    }

    /// The money of a delayed payment arrives, or does not.
    pub async fn complete_delayed(&self, session: &str, succeed: bool) {
        let path = format!("stripe/sessions/{session}/complete-delayed");
        self.control("POST", &path, json!({"succeed": succeed})).await;
    }

    /// The events of a type, oldest first.
    pub async fn events_of(&self, kind: &str) -> Vec<Value> {
        self.events().await.into_iter().filter(|event| event["type"] == kind).collect()
    }

    /// The latest event of a completed payment page.
    pub async fn completed(&self) -> Value {
        self.events_of("checkout.session.completed").await.pop().expect("a completed session")
    }

    /// Sets how charges to an organization's saved cards end.
    pub async fn cards_end(&self, customer: &str, behaviour: &str) {
        let path = format!("stripe/customers/{customer}/card-behaviour");
        self.control("POST", &path, json!({"behaviour": behaviour})).await;
    }

    /// How refunds that are asked for begin from now on.
    pub async fn refunds_begin(&self, status: &str) {
        self.control("POST", "stripe/refunds/begin-as", json!({"status": status})).await;
    }

    /// A person refunds a payment at the Dashboard: answers `re_…`.
    pub async fn refund(&self, payment: &str, cents: i64) -> String {
        let body = json!({"paymentIntent": payment, "amountCents": cents});
        id_of(&self.control("POST", "stripe/refunds", body).await)
    }

    /// A refund ends as `succeeded`, `failed` or `canceled`.
    pub async fn settle_refund(&self, refund: &str, status: &str) {
        self.control("POST", &format!("stripe/refunds/{refund}/settle"), json!({"status": status})).await;
    }

    /// The payer's bank disputes so much of a payment: answers `dp_…`.
    pub async fn dispute(&self, payment: &str, cents: i64) -> String {
        let body = json!({"paymentIntent": payment, "amountCents": cents});
        id_of(&self.control("POST", "stripe/disputes", body).await)
    }

    /// The bank of the card that paid warns of fraud: answers `issfr_…`.
    pub async fn warn_of_fraud(&self, payment: &str) -> String {
        id_of(&self.control("POST", "stripe/early-fraud-warnings", json!({"paymentIntent": payment})).await)
    }

    /// A dispute ends as `won` or `lost`.
    pub async fn close_dispute(&self, dispute: &str, outcome: &str) {
        let path = format!("stripe/disputes/{dispute}/close");
        self.control("POST", &path, json!({"outcome": outcome})).await;
    }

    /// Stripe's API knows no event any more that has happened so far, nor within this second.
    pub async fn events_are_forgotten(&self) {
        let created = |event: &Value| event["created"].as_i64().unwrap_or_default();
        let latest = self.events().await.iter().map(created).max().unwrap_or_default();
        self.control("POST", "stripe/events/expire", json!({"beforeSeconds": latest + 1})).await;
    }

    /// Asks Stripe's API itself, as a person with the key would.
    pub async fn stripe_api(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let url = format!("{}/stripe/v1/{path}", self.sandbox_url);
        let request = self.http.post(url).bearer_auth("sk_test_droplab_local").form(form);
        let answer = request.send().await.expect("the sandbox answers");
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap_or_default());
        answer.json().await.expect("JSON")
    }

    /// A charge of auto top-up for this order, made by somebody who has the key: answers the payment.
    pub async fn charge_as_top_up(&self, order: &Order, cents: &str) -> Value {
        let form = [
            ("amount", cents),
            ("currency", "usd"),
            ("customer", order.customer.as_str()),
            ("payment_method", order.payment_method.as_deref().expect("a top-up's order")),
            ("off_session", "true"),
            ("confirm", "true"),
            ("return_url", "https://app.example/settings"),
            ("metadata[organization_id]", order.organization.as_str()),
            ("metadata[order_id]", order.order_id.as_str()),
            ("metadata[type]", "top-up"),
        ];
        self.stripe_api("payment_intents", &form).await
    }

    /// Spoils calls of Stripe's.
    pub async fn fault(&self, fault: Value) {
        let mut fault = fault;
        fault["vendor"] = json!("stripe");
        self.control("POST", "faults", fault).await;
    }

    /// The next `requests` of this method (`""`: any) whose path contains `path` go wrong: with an HTTP status, or as a
    /// kind of fault.
    pub async fn stripe_fails(&self, method: &str, path: &str, how: impl Into<Value>, requests: u32) {
        let (kind, status) = match how.into() {
            Value::String(kind) => (kind, json!(500)),
            status => ("status".to_owned(), status),
        };
        let mut fault = json!({"kind": kind, "status": status, "next": requests, "pathContains": path});
        if !method.is_empty() {
            fault["method"] = json!(method);
        }
        self.fault(fault).await;
    }

    /// Forgets what was to be spoilt, of Stripe's and of the tables'.
    pub async fn no_faults(&self) {
        self.control("DELETE", "faults", json!({})).await;
        self.world.dynamo.faults().clear();
    }
}

fn id_of(object: &Value) -> String {
    object["id"].as_str().expect("an id").to_owned()
}
