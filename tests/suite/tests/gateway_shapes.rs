//! Guards against what callers send, held on events as API Gateway makes them: headers and query parameters that were
//! sent twice are joined with a comma, names of headers are in lower case, bodies may be in base64.

use lambda_http::{Body, Response};
use serde_json::{Value, json};
use stripe_client::signature;
use suite::{
    gateway::{Call, assert_problem, read},
    shop::Shop,
    stage::WEBHOOK_SECRET,
};

/// The same call with a key, and with that key in two headers.
fn once_and_twice(call: &Call) -> (Call, Call) {
    let once = call.clone().header("Idempotency-Key", "k");
    let twice = once.clone().header("idempotency-key", "k");
    assert_eq!(twice.event()["headers"]["idempotency-key"], "k,k", "as the gateway joins them");
    (once, twice)
}

fn stored(shop: &Shop) -> String {
    json!([shop.world.dynamo.dump("ledger"), shop.world.dynamo.dump("work")]).to_string()
}

fn refused(response: &Response<Body>, shop: &Shop, before: &str) {
    let problem = assert_problem(response, 400, "idempotency_key_invalid");
    assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("once")), "{problem}");
    assert_eq!(stored(shop), before, "nothing is written");
}

/// The endpoints of billing that take a key; those of contacts and postcards have a test of this name beside theirs.
#[tokio::test]
async fn a_joined_idempotency_key_is_refused_not_charged() {
    let shop = Shop::new().await;
    let order = shop.bought("org_a", "100").await;

    let adjust = Call::new("POST", "/api/admin/credits/adjustments").by("org_droplab", "finance");
    let body = json!({"organizationId": "org_a", "amount": "5.00", "reason": "goodwill"});
    let (once, twice) = once_and_twice(&adjust.body(body.to_string()));
    assert_eq!(shop.credit_adjustments(once).await.status(), 200);
    let before = stored(&shop);
    refused(&shop.credit_adjustments(twice).await, &shop, &before);
    assert_eq!(shop.available("org_a").await, "105.00", "given once");

    let ask = Call::new("POST", "/api/credits/refunds").by("org_a", "owner");
    let body = json!({"orderId": order.order_id, "amount": "10.00", "reason": "not needed"});
    let (once, twice) = once_and_twice(&ask.body(body.to_string()));
    assert_eq!(shop.refund_request(once).await.status(), 202);
    let before = stored(&shop);
    refused(&shop.refund_request(twice).await, &shop, &before);

    let buy = Call::new("POST", "/api/stripe/purchase-credits").by("org_a", "owner");
    let (once, twice) = once_and_twice(&buy.body(r#"{"amount":50}"#));
    assert_eq!(shop.purchase(once).await.status(), 200);
    let before = stored(&shop);
    refused(&shop.purchase(twice).await, &shop, &before);
}

#[tokio::test]
async fn a_query_parameter_that_is_given_twice_is_refused() {
    let shop = Shop::new().await;
    shop.bought("org_a", "100").await;
    let list =
        |query: &str| Call::new("GET", &format!("/api/credits/transactions?{query}")).by("org_a", "member");
    let twice = list("limit=1&limit=2");
    assert_eq!(twice.event()["queryStringParameters"]["limit"], "1,2", "as the gateway joins them");
    assert_problem(&shop.transactions(twice).await, 400, "repeated_parameter");
    assert_problem(&shop.transactions(list("limit=1,2")).await, 400, "invalid_parameter");
    assert_problem(&shop.transactions(list("limit=1&%6cimit=2")).await, 400, "repeated_parameter");
    assert_problem(&shop.transactions(list("cursor=a&cursor=b")).await, 400, "repeated_parameter");
    assert_problem(&shop.transactions(list("Limit=1")).await, 400, "unknown_parameter");
}

#[tokio::test]
async fn accept_is_read_of_however_many_headers() {
    let shop = Shop::new().await;
    shop.bought("org_a", "100").await;
    let list = || Call::new("GET", "/api/credits/transactions").by("org_a", "member");
    let csv = shop.transactions(list().header("Accept", "text/html").header("Accept", "text/csv")).await;
    assert_eq!(csv.headers()["content-type"], "text/csv; charset=utf-8");
    let json = shop.transactions(list().header("Accept", "text/csvx,application/json")).await;
    assert_eq!(json.headers()["content-type"], "application/json");
}

/// A comma is part of this header, so that two of them read as one: the first time counts, with every signature.
#[tokio::test]
async fn two_signature_headers_are_judged_by_the_first_time() {
    let shop = Shop::new().await;
    let now = shop.world.clock.now().as_seconds();
    let body =
        json!({"id": "evt_1", "object": "event", "type": "customer.created", "created": 1, "livemode": false,
        "data": {"object": {"id": "cus_1", "object": "customer"}}})
        .to_string();
    let sign = |at: i64| signature::sign(body.as_bytes(), WEBHOOK_SECRET, at);
    let deliver = |first: String, second: String| {
        let call = Call::new("POST", "/api/stripe/webhook").body(body.clone());
        shop.deliver_call_of(call.header("Stripe-Signature", &first).header("Stripe-Signature", &second))
    };
    assert_eq!(deliver(sign(now), sign(now)).await.status(), 200, "one delivery through a doubling proxy");
    for (first, second) in [
        (sign(now - 1_000), sign(now - 1_000)),
        (sign(now - 1_000), format!("t={now}")),
        (format!("t={now}"), sign(now - 1_000)),
        (format!("t={now},v1=00"), sign(now - 1_000)),
    ] {
        assert_problem(&deliver(first.clone(), second.clone()).await, 400, "invalid_signature");
    }
}

/// The gateway's authorizer has read the token; nothing else of a call says who calls.
#[tokio::test]
async fn cookies_headers_and_parameters_name_no_caller() {
    let shop = Shop::new().await;
    shop.bought("org_a", "100").await;
    let forged = || {
        Call::new("GET", "/api/credits/transactions")
            .cookie("custom:organization_id=org_a")
            .cookie("token_use=id")
            .header("X-Organization-Id", "org_a")
            .header("Authorization", "Bearer org_a")
            .header("Authorization", "Bearer org_b")
    };
    assert_problem(&shop.transactions(forged()).await, 401, "unauthorized");
    let (status, body) = read(&shop.transactions(forged().by("org_b", "member")).await);
    assert_eq!((status, &body["items"]), (200, &json!([])), "org_b reads its own");
    // what the authorizer makes of a claim that is a list
    let both = json!({"sub": "s", "token_use": "id", "custom:organization_id": "[org_a org_b]"});
    assert_problem(&shop.transactions(forged().with_claims(both)).await, 401, "unauthorized");
}

#[tokio::test]
async fn a_body_counts_whatever_its_type_and_encoding() {
    let shop = Shop::new().await;
    let buy = |kind: &str, body: &'static [u8]| {
        let call = Call::new("POST", "/api/stripe/purchase-credits").by("org_a", "owner");
        call.header("Content-Type", kind).header("Idempotency-Key", "k").body(body)
    };
    let text = buy("application/json; charset=utf-8", br#"{"amount":50}"#);
    let encoded = buy("application/x-www-form-urlencoded", br#"{"amount":50}"#);
    assert_eq!(
        (text.event()["isBase64Encoded"].as_bool(), encoded.event()["isBase64Encoded"].as_bool()),
        (Some(false), Some(true))
    );
    let first: Value = read(&shop.purchase(text).await).1;
    let again = shop.purchase(encoded).await;
    assert_eq!((again.headers().contains_key("idempotency-hit"), read(&again).1), (true, first));
    let broken = shop.purchase(buy("application/octet-stream", b"{\"amount\":50\xff}")).await;
    assert_problem(&broken, 400, "invalid_body");
}
