//! Money in: orders, Checkout, the webhook, subscriptions, statements, through the real handlers.
//! Names of the product owner's checklist and of lessons.md stand as sentences.

use serde_json::{Value, json};
use stripe_client::signature;
use suite::{
    gateway::{Call, assert_problem, read},
    stage::{Stage, WEBHOOK_SECRET},
};
use support::{Fault, assert_members};

const PURCHASE: &str = "/api/stripe/purchase-credits";

fn buy(body: &str) -> Call {
    Call::new("POST", PURCHASE).by("org_a", "owner").body(body)
}

/// A paid order of 250.00 whose webhook has not come, and its event.
async fn paid() -> (Stage, Value) {
    let stage = Stage::new().await;
    let session = stage.order("org_a", "250").await;
    stage.pay(&session, false).await;
    let event = stage.completed().await;
    (stage, event)
}

fn for_review(stage: &Stage) -> usize {
    stage.world.dynamo.dump("work").iter().filter(|item| item["kind"]["S"] == "quarantine").count()
}

#[tokio::test]
async fn each_purchase_counts_in_full() {
    let stage = Stage::new().await;
    for (amount, available) in
        [("50", "50.00"), ("1000", "1050.00"), ("\"127\"", "1177.00"), ("127.55", "1304.55")]
    {
        stage.buy("org_a", amount).await;
        assert_eq!(stage.available("org_a").await, available);
    }
}

#[tokio::test]
async fn verify_credits_appear_immediately_after_stripe_webhook() {
    let stage = Stage::new().await;
    let session = stage.order("org_a", "250").await;
    assert_eq!(stage.available("org_a").await, "0.00", "an order grants nothing");
    stage.pay(&session, false).await;
    assert_eq!(stage.available("org_a").await, "0.00", "only the webhook grants");
    assert_eq!(stage.deliver(&stage.completed().await).await.status(), 200);
    let credits = stage.credits("org_a").await;
    assert_members!(credits, {"available": "250.00", "totalCreditsPurchased": "250.00"});
    assert!(credits["lastCreditPurchaseAt"].is_string());
    assert_eq!(credits["packages"], json!(["50.00", "100.00", "250.00", "500.00", "1000.00"]));
    assert_eq!(credits["billingStatus"], "active");
}

#[tokio::test]
async fn two_event_ids_for_one_payment_credit_once_and_never_zero_times() {
    let (stage, first) = paid().await;
    let mut second = first.clone();
    second["id"] = json!("evt_another");
    second["type"] = json!("checkout.session.async_payment_succeeded");
    for event in [&second, &first] {
        assert_eq!(stage.deliver(event).await.status(), 200);
    }
    assert_eq!(stage.available("org_a").await, "250.00");
}

#[tokio::test]
async fn a_delayed_payment_is_credited_when_the_money_arrives() {
    let stage = Stage::new().await;
    let session = stage.order("org_a", "250").await;
    stage.pay(&session, true).await;
    stage.deliver_all().await;
    assert_eq!(stage.available("org_a").await, "0.00");
    stage.complete_delayed(&session, true).await;
    stage.deliver_all().await;
    assert_eq!(stage.available("org_a").await, "250.00");
}

#[tokio::test]
async fn a_crash_between_receipt_and_credit_is_healed_by_the_retry() {
    let faults =
        [Fault::FailsBefore, Fault::FailsAfter, Fault::Conflict, Fault::Throttled, Fault::ServerErrorAfter];
    for fault in faults {
        for (operation, calls, attempts) in [
            ("GetItem", 5, 3),
            ("PutItem", 5, 3),
            ("TransactWriteItems", 5, 3),
            ("TransactWriteItems", 1, 20),
        ] {
            for at in 0..calls {
                let (stage, event) = paid().await;
                stage.world.dynamo.faults().after(operation, at, fault);
                for _ in 1..attempts {
                    stage.world.dynamo.faults().next(operation, fault);
                }
                let first = stage.deliver(&event).await.status().as_u16();
                stage.world.dynamo.faults().clear();
                assert!(matches!(first, 200 | 503), "{operation} {at} {fault:?}: {first}");
                if first == 200 {
                    assert_eq!(stage.available("org_a").await, "250.00", "{operation} {at} {fault:?}");
                }
                assert_eq!(stage.deliver(&event).await.status(), 200, "{operation} {at} {fault:?}");
                assert_eq!(stage.available("org_a").await, "250.00", "{operation} {at} {fault:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_metadata_amount_and_organization_decide_nothing() {
    let (stage, mut event) = paid().await;
    event["data"]["object"]["metadata"]["amount"] = json!("9999");
    event["data"]["object"]["metadata"]["organization_id"] = json!("org_b");
    stage.deliver(&event).await;
    assert_eq!(stage.available("org_a").await, "250.00");
    assert_eq!(stage.available("org_b").await, "0.00");
}

#[tokio::test]
async fn amounts_out_of_form_or_bounds_are_refused_and_nothing_is_stored() {
    let stage = Stage::new().await;
    let table = [
        ("9.99", "amount_out_of_bounds"),
        ("10000.01", "amount_out_of_bounds"),
        ("-50", "amount_out_of_bounds"),
        ("0", "amount_out_of_bounds"),
        ("\"abc\"", "invalid_amount"),
        ("1e3", "invalid_amount"),
        ("50.001", "invalid_amount"),
        ("99.500", "invalid_amount"),
        ("\"99.500\"", "invalid_amount"),
        ("100.000", "invalid_amount"),
        ("null", "invalid_amount"),
        ("[50]", "invalid_amount"),
    ];
    for (amount, code) in table {
        let response = stage.purchase(buy(&format!("{{\"amount\":{amount}}}"))).await;
        assert_problem(&response, 400, code);
    }
    for body in ["", "{", "[]", "{}", "{\"amount\":50,\"organizationId\":\"org_b\"}"] {
        assert_eq!(read(&stage.purchase(buy(body)).await).0, 400, "{body}");
    }
    assert!(stage.world.dynamo.dump("work").is_empty() && stage.world.dynamo.dump("ledger").is_empty());
    for amount in ["10", "10000", "10000.00"] {
        assert_eq!(read(&stage.purchase(buy(&format!("{{\"amount\":{amount}}}"))).await).0, 200, "{amount}");
    }
}

#[tokio::test]
async fn only_a_signed_in_owner_with_an_id_token_buys() {
    let stage = Stage::new().await;
    let nobody = Call::new("POST", PURCHASE).body("{\"amount\":50}");
    assert_problem(&stage.purchase(nobody.clone()).await, 401, "unauthorized");
    let claims =
        json!({"sub": "s", "token_use": "access", "custom:organization_id": "org_a", "custom:role": "owner"});
    assert_problem(&stage.purchase(nobody.with_claims(claims)).await, 401, "unauthorized");
    for role in ["member", "finance", ""] {
        let call = Call::new("POST", PURCHASE).by("org_a", role).body("{\"amount\":50}");
        assert_problem(&stage.purchase(call).await, 403, "forbidden");
    }
}

#[tokio::test]
async fn one_key_makes_one_order_and_another_body_is_refused() {
    let stage = Stage::new().await;
    let with_key = |body: &str| buy(body).header("idempotency-key", "order-1");
    let first = stage.purchase(with_key("{\"amount\":50}")).await;
    let second = stage.purchase(with_key("{\"amount\":50}")).await;
    assert_eq!(read(&first), read(&second));
    assert_eq!(second.headers().get("idempotency-hit").map(|value| value.as_bytes()), Some(&b"true"[..]));
    assert_problem(&stage.purchase(with_key("{\"amount\":51}")).await, 422, "idempotency_key_reused");
    let counters = stage.control("GET", "counters", Value::Null).await;
    assert_members!(counters, {"stripe": {"sessionsCreated": 1, "customersCreated": 1}});
}

#[tokio::test]
async fn forged_webhooks_are_refused_and_nothing_is_stored() {
    let (stage, event) = paid().await;
    let event = event.to_string();
    let now = stage.world.clock.now().as_seconds();
    let before = stage.world.dynamo.dump("work").len();
    let sign = |body: &str, secret: &str, at: i64| signature::sign(body.as_bytes(), secret, at);
    let changed = event.replacen("25000", "95000", 1);
    let plain =
        r#"{"id":"evt_é","object":"event","type":"x","created":1,"livemode":false,"data":{"object":{}}}"#;
    let base64 = "eyJpZCI6ImV2dF/DqSIsIm9iamVjdCI6ImV2ZW50IiwidHlwZSI6IngiLCJjcmVhdGVkIjoxLCJsaXZlbW9kZSI6ZmFsc2UsImRhdGEiOnsib2JqZWN0Ijp7fX19";
    let cases = [
        ("no header", event.clone(), None),
        ("wrong secret", event.clone(), Some(sign(&event, "whsec_wrong", now))),
        ("too old", event.clone(), Some(sign(&event, WEBHOOK_SECRET, now - 301))),
        ("in the future", event.clone(), Some(sign(&event, WEBHOOK_SECRET, now + 301))),
        ("one byte changed", changed, Some(sign(&event, WEBHOOK_SECRET, now))),
        ("empty", String::new(), Some(sign("{}", WEBHOOK_SECRET, now))),
        ("base64 that is not said to be", base64.to_owned(), Some(sign(plain, WEBHOOK_SECRET, now))),
    ];
    for (name, body, header) in cases {
        let response = stage.deliver_raw(&body, header.as_deref()).await;
        assert_problem(&response, 400, "invalid_signature");
        assert_eq!(stage.available("org_a").await, "0.00", "{name}");
    }
    let thin = json!({"id": "evt_1", "object": "v2.core.event", "type": "x"}).to_string();
    let header = sign(&thin, WEBHOOK_SECRET, now);
    assert_problem(&stage.deliver_raw(&thin, Some(&header)).await, 400, "not_an_event");
    assert_eq!(stage.world.dynamo.dump("work").len(), before, "nothing is stored");
    for edge in [-300, 300] {
        let header = sign(&event, WEBHOOK_SECRET, now + edge);
        assert_eq!(stage.deliver_raw(&event, Some(&header)).await.status(), 200);
    }
    let rolled = sign(&event, "whsec_next", now);
    assert_eq!(stage.deliver_raw(&event, Some(&rolled)).await.status(), 200, "either live secret signs");
    let call = Call::new("POST", "/api/stripe/webhook").header("content-type", "application/octet-stream");
    let call = call.body(plain).header("stripe-signature", &sign(plain, WEBHOOK_SECRET, now));
    assert_eq!(
        (call.event()["body"].as_str(), call.event()["isBase64Encoded"].as_bool()),
        (Some(base64), Some(true))
    );
    assert_eq!(stage.deliver_call(&call).await.status(), 200, "what the gateway encoded is decoded first");
}

#[tokio::test]
async fn events_of_no_concern_are_answered_with_200_and_store_nothing() {
    let stage = Stage::new().await;
    let foreign = json!({"id": "evt_1", "object": "event", "type": "customer.created", "created": 1, "livemode": false,
        "data": {"object": {"id": "cus_1", "object": "customer"}}});
    assert_eq!(stage.deliver(&foreign).await.status(), 200);
    assert!(stage.world.dynamo.dump("work").is_empty());
}

#[tokio::test]
async fn a_known_event_that_does_not_parse_goes_to_review_and_is_answered_with_200() {
    // an object of which nothing can be read, and one in our own version that lacks what a session has
    for (version, object) in [
        (Value::Null, json!({"object": "checkout.session"})),
        (json!(stripe_client::api_version()), json!({"id": "cs_1", "object": "checkout.session"})),
    ] {
        let stage = Stage::new().await;
        let sparse = json!({"id": "evt_1", "object": "event", "type": "checkout.session.completed", "created": 1,
            "api_version": version, "livemode": false, "data": {"object": object}});
        assert_eq!(stage.deliver(&sparse).await.status(), 200);
        assert_eq!(stage.world.dynamo.dump("work")[0]["kind"]["S"], "quarantine", "{version}");
    }
}

#[tokio::test]
async fn a_session_of_another_application_with_ids_of_its_own_is_not_ours() {
    let (stage, event) = paid().await;
    let foreign = [
        json!({"organization_id": "org_a", "order_id": "4711", "type": "credits"}),
        json!({"organization_id": "org#a", "order_id": "ord_1", "type": "credits"}),
    ];
    for metadata in foreign {
        let mut other = event.clone();
        other["data"]["object"]["id"] = json!("cs_test_foreign");
        other["data"]["object"]["metadata"] = metadata.clone();
        assert_eq!(stage.deliver(&other).await.status(), 200, "{metadata}");
    }
    assert_eq!((stage.available("org_a").await.as_str(), for_review(&stage)), ("0.00", 0));
}

#[tokio::test]
async fn without_the_word_paid_nothing_is_granted() {
    let table = [
        ("async_payment_succeeded", "unpaid", 1),
        ("async_payment_succeeded", "settled-somehow", 1),
        ("completed", "no_payment_required", 0),
    ];
    for (kind, word, reviews) in table {
        let (stage, mut event) = paid().await;
        event["type"] = json!(format!("checkout.session.{kind}"));
        event["data"]["object"]["payment_status"] = json!(word);
        assert_eq!(stage.deliver(&event).await.status(), 200);
        assert_eq!(
            (stage.available("org_a").await.as_str(), for_review(&stage)),
            ("0.00", reviews),
            "{word}"
        );
    }
}

#[tokio::test]
async fn the_first_invoice_grants_what_was_paid_and_renewals_at_most_99() {
    let stage = Stage::new().await;
    let subscription = stage.subscribe("cus_sub", "org_s").await;
    stage.deliver_all().await;
    assert_eq!(stage.available("org_s").await, "499.00");
    stage.cycle(&subscription).await;
    stage.deliver_all().await;
    stage.deliver_all().await;
    assert_eq!(stage.available("org_s").await, "598.00");
    assert_eq!(stage.credits("org_s").await["totalCreditsGranted"], "598.00");
}

#[tokio::test]
async fn first_and_later_invoices_at_once_grant_the_same() {
    let stage = Stage::new().await;
    let subscription = stage.subscribe("cus_sub", "org_s").await;
    stage.cycle(&subscription).await;
    let events = stage.events_of("invoice.paid").await;
    let answers =
        futures::future::join_all(events.iter().cycle().take(8).map(|event| stage.deliver(event))).await;
    assert!(answers.iter().all(|answer| answer.status() == 200));
    assert_eq!(stage.available("org_s").await, "598.00");
}

#[tokio::test]
async fn a_trial_start_grants_nothing_and_the_first_paid_cycle_is_the_first() {
    let stage = Stage::new().await;
    let trial = json!({"customer": "cus_trial", "amountCents": 49_900, "trial": true,
        "metadata": {"organization_id": "org_t"}});
    let made = stage.control("POST", "stripe/subscriptions", trial).await;
    stage.deliver_all().await;
    assert_eq!(stage.available("org_t").await, "0.00");
    stage.cycle(made["subscription"]["id"].as_str().expect("an id")).await;
    stage.deliver_all().await;
    assert_eq!(stage.available("org_t").await, "499.00");
}

/// As an endpoint of an API version before basil renders it.
#[tokio::test]
async fn a_paid_invoice_whose_subscription_cannot_be_read_is_for_review() {
    let stage = Stage::new().await;
    stage.subscribe("cus_sub", "org_s").await;
    let mut event = stage.events_of("invoice.paid").await.remove(0);
    let invoice = event["data"]["object"].as_object_mut().unwrap();
    let parent = invoice.remove("parent").unwrap();
    invoice.insert("subscription".to_owned(), parent["subscription_details"]["subscription"].clone());
    assert_eq!(stage.deliver(&event).await.status(), 200);
    assert_eq!((stage.available("org_s").await.as_str(), for_review(&stage)), ("0.00", 1));
}

#[tokio::test]
async fn verify_credit_transactions_record_all_purchases_and_only_to_their_owner() {
    let stage = Stage::new().await;
    stage.buy("org_a", "50").await;
    let session = stage.buy("org_a", "100").await;
    let list = |path: &str| Call::new("GET", path).by("org_a", "member");
    let (status, page) = read(&stage.transactions(list("/api/credits/transactions?limit=1")).await);
    assert_eq!(status, 200, "{page}");
    let entry = &page["items"][0];
    assert_members!(entry, {
        "transactionType": "purchase", "balanceBefore": "50.00", "balanceAfter": "150.00",
        "referenceType": "checkout-session", "referenceId": session,
        "description": "Purchased $100.00 credits via Stripe"});
    let cursor = page["nextCursor"].as_str().expect("another page");
    let path = format!("/api/credits/transactions?limit=1&cursor={cursor}");
    let (_, second) = read(&stage.transactions(list(&path)).await);
    assert_eq!(second["items"][0]["amount"], "50.00");
    let foreign = Call::new("GET", &path).by("org_b", "owner");
    assert_problem(&stage.transactions(foreign).await, 400, "invalid_cursor");
    let kinds = read(&stage.transactions(list("/api/credits/transactions?kind=charge")).await).1;
    assert_eq!(kinds["items"], json!([]));
    let bad = ["limit=0", "limit=101", "kind=gift", "from=yesterday", "organization=org_b", "cursor=zz"];
    for query in bad {
        let path = format!("/api/credits/transactions?{query}");
        assert_eq!(read(&stage.transactions(list(&path)).await).0, 400, "{query}");
    }
    let csv = stage.transactions(list("/api/credits/transactions").header("accept", "text/csv")).await;
    let text = String::from_utf8(csv.body().as_ref().to_vec()).expect("UTF-8");
    assert_eq!(text.lines().count(), 5, "header, opening balance, two entries, closing balance");
}
