//! Events of another API version: what they say is read again, and decided from that.

use serde_json::{Value, json};
use suite::{
    gateway::assert_problem,
    lines::Lines,
    shop::{Shop, money},
};

/// The last version before the acacia train: versions had no names then.
const OLD: &str = "2024-06-20";

/// An event as it would have been rendered before the basil train: an invoice names its subscription, payment and
/// charge itself (docs.stripe.com/changelog/basil).
fn old_shaped(event: &Value) -> Value {
    let mut event = event.clone();
    event["api_version"] = json!(OLD);
    let object = event["data"]["object"].as_object_mut().expect("an object");
    if object["object"] == "invoice" {
        let parent = object.remove("parent").unwrap_or_default();
        let details = &parent["subscription_details"];
        object.insert("subscription".to_owned(), details["subscription"].clone());
        object.insert("subscription_details".to_owned(), json!({"metadata": details["metadata"]}));
        object.insert("payment_intent".to_owned(), json!("pi_of_then"));
        object.insert("charge".to_owned(), json!("ch_of_then"));
        object.insert("paid".to_owned(), json!(true));
    }
    event
}

/// An event in a shape of which nothing but the object's id can be read.
fn unreadable(event: &Value) -> Value {
    let mut event = event.clone();
    event["api_version"] = json!("2019-12-03");
    let object = &event["data"]["object"];
    event["data"]["object"] =
        json!({"id": object["id"], "object": object["object"], "amount": {"of": "then"}});
    event
}

async fn paid_invoice(shop: &Shop) -> Value {
    shop.events_of("invoice.paid").await.remove(0)
}

async fn reviews(shop: &Shop) -> usize {
    shop.billing.review.all().await.unwrap().len()
}

#[tokio::test]
async fn an_old_shaped_invoice_that_was_granted_is_a_replay() {
    let shop = Shop::new().await;
    shop.subscribe("cus_s", "org_a").await;
    shop.deliver_all().await;
    let old = old_shaped(&paid_invoice(&shop).await);
    // The cause is looked up first: Stripe need not be asked.
    shop.stripe_fails("GET", "/v1/", "drop", 9).await;
    assert_eq!(shop.deliver(&old).await.status(), 200);
    assert_eq!((reviews(&shop).await, shop.available("org_a").await.as_str()), (0, "499.00"));
}

#[tokio::test]
async fn an_old_shaped_invoice_that_was_not_granted_is_read_again_and_granted_once() {
    let shop = Shop::new().await;
    shop.subscribe("cus_s", "org_a").await;
    let now = paid_invoice(&shop).await;
    assert_eq!(shop.deliver(&old_shaped(&now)).await.status(), 200);
    assert_eq!((reviews(&shop).await, shop.available("org_a").await.as_str()), (0, "499.00"));
    shop.deliver_all().await;
    assert_eq!((reviews(&shop).await, shop.available("org_a").await.as_str()), (0, "499.00"));
}

/// Purchases, a subscription that is past due, a refund and a dispute.
async fn lived() -> Shop {
    let shop = Shop::new().await;
    for amount in ["50", "100"] {
        let session = shop.order("org_a", amount).await;
        shop.pay(&session, false).await;
    }
    shop.subscribe("cus_s", "org_a").await;
    let subscription = shop.at_stripe("subscriptions").await[0]["id"].as_str().unwrap().to_owned();
    shop.control("POST", &format!("stripe/subscriptions/{subscription}/cycle"), json!({"fail": true})).await;
    let payments = shop.at_stripe("payment_intents").await;
    let of = |cents: i64| {
        let found = payments.iter().find(|payment| payment["amount"] == cents).expect("it was paid");
        found["id"].as_str().unwrap().to_owned()
    };
    shop.refund(&of(10_000), 4_000).await;
    shop.dispute(&of(5_000), 5_000).await;
    shop
}

#[tokio::test]
async fn whatever_an_event_of_another_version_looks_like_its_object_decides() {
    for render in [old_shaped as fn(&Value) -> Value, unreadable] {
        let shop = lived().await;
        for event in shop.events().await {
            assert_eq!(shop.deliver(&render(&event)).await.status(), 200, "{}", event["type"]);
        }
        let rendered = shop.credits("org_a").await;
        let reviewed = reviews(&shop).await;
        shop.deliver_all().await;
        assert_eq!(shop.credits("org_a").await, rendered, "nothing is left to decide");
        assert_eq!((reviewed, reviews(&shop).await), (0, 0));
        let plain = lived().await;
        plain.deliver_all().await;
        let same = plain.credits("org_a").await;
        for figure in ["available", "billingStatus", "totalCreditsPurchased", "totalCreditsGranted"] {
            assert_eq!(rendered[figure], same[figure], "{figure}");
        }
        assert!(money(rendered["available"].as_str().unwrap()).is_positive());
    }
}

#[tokio::test]
async fn within_the_train_an_event_is_decided_from_itself_and_outside_of_it_a_fault_is_named() {
    let shop = Shop::new().await;
    shop.bought_only("org_a", "100").await;
    let payment = shop.at_stripe("payment_intents").await[0]["id"].as_str().unwrap().to_owned();
    shop.refund(&payment, 1_000).await;
    let events = shop.events().await;
    let refunded = events.into_iter().find(|event| event["type"] == "refund.created").unwrap();
    let rendered_in = |version: &Value| {
        let mut event = refunded.clone();
        event["api_version"] = version.clone();
        event
    };
    let (alarms, _listening) = Lines::listen();
    let fault = |status: u16| json!({"kind": "status", "status": status, "next": 1, "method": "GET", "pathContains": "/v1/refunds/"});
    for version in [json!(OLD), json!("2027-02-01.other"), Value::Null] {
        shop.fault(fault(403)).await;
        assert_problem(&shop.deliver(&rendered_in(&version)).await, 503, "unavailable");
        assert_eq!(alarms.take_alarms(), ["stripe-permission"], "{version}");
        shop.fault(fault(404)).await;
        assert_eq!(shop.deliver(&rendered_in(&version)).await.status(), 200, "{version}: not ours");
        assert_eq!(shop.available("org_a").await, "100.00");
    }
    shop.fault(fault(403)).await;
    let train = stripe_client::api_version();
    let train = train.split_once('.').expect("a named version").1;
    let other_month = json!(format!("2026-12-31.{train}"));
    assert_eq!(shop.deliver(&rendered_in(&other_month)).await.status(), 200);
    assert_eq!((shop.available("org_a").await.as_str(), alarms.take_alarms()), ("90.00", Vec::new()));
}
