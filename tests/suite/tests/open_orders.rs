//! Unpaid orders are bounded for each organization, and Stripe's wish to be asked less often is answered as such.

use billing::OPEN_ORDERS_MAX;
use lambda_http::{Body, Response};
use serde_json::{Value, json};
use suite::{
    gateway::{Call, assert_problem, read},
    lines::{Line, Lines},
    shop::Shop,
};

async fn order(shop: &Shop, organization: &str, key: &str) -> Response<Body> {
    let call = Call::new("POST", "/api/stripe/purchase-credits").by(organization, "owner");
    shop.purchase(call.header("idempotency-key", key).body(r#"{"amount":50}"#)).await
}

async fn sessions(shop: &Shop) -> Value {
    shop.control("GET", "counters", Value::Null).await["stripe"]["sessionsCreated"].clone()
}

async fn open(shop: &Shop, count: usize) -> Vec<Value> {
    let mut pages = Vec::new();
    for number in 0..count {
        let (status, body) = read(&order(shop, "org_a", &format!("k{number}")).await);
        assert_eq!(status, 200, "{number}: {body}");
        pages.push(body);
    }
    pages
}

#[tokio::test]
async fn the_21st_open_order_is_refused() {
    let shop = Shop::new().await;
    let pages = open(&shop, OPEN_ORDERS_MAX).await;
    let problem = assert_problem(&order(&shop, "org_a", "more").await, 409, "too_many_open_orders");
    assert_eq!((OPEN_ORDERS_MAX, &problem["limit"]), (20, &json!(20)));
    assert_eq!(sessions(&shop).await, 20, "nothing is asked of Stripe for it");
    assert_eq!(shop.orders("org_a").await.len(), 20, "and nothing is written");
    assert_eq!(read(&order(&shop, "org_a", "k7").await).1, pages[7], "an open order's page is answered on");
    assert_eq!(order(&shop, "org_b", "k").await.status(), 200, "another organization's are its own");

    shop.pay(pages[3]["sessionId"].as_str().expect("a session"), false).await;
    shop.deliver_all().await;
    assert_eq!(order(&shop, "org_a", "more").await.status(), 200, "what is paid is not open");
    assert_problem(&order(&shop, "org_a", "one-more").await, 409, "too_many_open_orders");

    shop.world.clock.advance_seconds(23 * 3_600 + 299);
    assert_problem(&order(&shop, "org_a", "one-more").await, 409, "too_many_open_orders");
    shop.world.clock.advance_seconds(1);
    // the sandbox has a clock of its own, and refuses a page that stays open for two days: but the order is taken
    assert_problem(&order(&shop, "org_a", "one-more").await, 502, "payment_page_refused");
    assert_eq!(shop.orders("org_a").await.len(), 22, "closed pages take no place");
}

#[tokio::test]
async fn orders_that_never_got_a_page_take_no_place_once_an_outage_is_over() {
    let shop = Shop::new().await;
    shop.stripe_fails("", "/checkout/sessions", 500, 1_000).await;
    for number in 0..OPEN_ORDERS_MAX {
        assert_eq!(order(&shop, "org_a", &format!("k{number}")).await.status(), 503, "{number}");
    }
    assert_problem(&order(&shop, "org_a", "more").await, 409, "too_many_open_orders");
    shop.control("DELETE", "faults", Value::Null).await;
    shop.world.clock.advance_seconds(300);
    assert_eq!(order(&shop, "org_a", "more").await.status(), 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn orders_at_once_take_the_places_that_are_left() {
    let shop = Shop::new().await;
    open(&shop, OPEN_ORDERS_MAX - 3).await;
    let keys: Vec<String> = (0..16).map(|number| format!("racer-{number}")).collect();
    let answers = futures::future::join_all(keys.iter().map(|key| order(&shop, "org_a", key))).await;
    let count = |wanted: u16| answers.iter().filter(|answer| answer.status() == wanted).count();
    assert_eq!((count(200), count(409)), (3, 13));
    assert_eq!(shop.orders("org_a").await.len(), OPEN_ORDERS_MAX);
}

#[tokio::test]
async fn stripes_429_is_ours_and_no_error_line() {
    let shop = Shop::new().await;
    let paid = shop.bought("org_a", "100").await;
    let (lines, _guard) = Lines::listen();
    // more than the repeats of all requests below
    shop.fault(json!({"kind": "status", "status": 429, "next": 1_000})).await;
    let portal = Call::new("POST", "/api/stripe/portal").by("org_a", "owner");
    let path = format!("/api/credits/orders/{}/receipt", paid.order_id);
    let receipt = Call::new("GET", &path).by("org_a", "owner").id("id", paid.order_id.as_str());
    let answers = [
        order(&shop, "org_a", "k").await,
        shop.billing_portal(portal).await,
        shop.billing_portal(receipt).await,
    ];
    for answer in answers {
        assert_problem(&answer, 429, "vendor_busy");
        assert_eq!(answer.headers()["retry-after"], "2");
    }
    shop.no_faults().await;
    assert_eq!(order(&shop, "org_a", "k").await.status(), 200, "the same key opens its page");

    let id = shop.asked_refund("org_a", &paid.order_id, Some("10")).await;
    shop.stripe_fails("POST", "/v1/refunds", 429, 3).await;
    let decided = shop.decide_refund("f1", "org_a", &id, true).await;
    assert_problem(&decided, 429, "vendor_busy");
    shop.no_faults().await;
    shop.later(3_600 * 7);
    shop.recover().await.expect("a run");
    assert_eq!(shop.at_stripe("refunds").await.len(), 1, "recovery asks for it again");
    assert_eq!(lines.errors(), Vec::<Line>::new());
}
