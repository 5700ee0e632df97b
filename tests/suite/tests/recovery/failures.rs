//! What a failure says: try again, a record that is missing, a refusal that must not be, an amount that nobody can
//! hold, an object that Stripe does not know, and a key that may not read.

use super::HOUR;
use billing::{DisputeFreeze, ManualReview, Order, Reversal, ReversalCourse, ReversedCredits};
use ledger::{CauseKind, Command};
use money::Money;
use serde_json::{Value, json};
use suite::{
    gateway::{Call, assert_problem, read},
    lines::Lines,
    movements::movement,
    shop::{Shop, money},
};
use support::Fault;
use tables::Replace;
use terms::RefundRequestId;

/// An event as Stripe delivers it in our version.
fn event(shop: &Shop, kind: &str, object: &Value) -> Value {
    json!({"id": format!("evt_{}", object["id"].as_str().unwrap()), "object": "event",
        "api_version": stripe_client::api_version(), "created": shop.world.clock.now().as_seconds(),
        "livemode": false, "type": kind, "data": {"object": object}})
}

fn refund(payment: &Value, charge: &Value) -> Value {
    json!({"id": "re_1", "object": "refund", "amount": 500, "currency": "usd", "status": "succeeded",
        "payment_intent": payment, "charge": charge, "metadata": {}, "created": 1_763_790_000})
}

fn dispute(payment: &Value, charge: &Value) -> Value {
    json!({"id": "dp_1", "object": "dispute", "amount": 500, "currency": "usd", "status": "needs_response",
        "livemode": false, "payment_intent": payment, "charge": charge, "balance_transactions": [],
        "created": 1_763_790_000})
}

/// Changes an order's record as no code of ours would.
async fn break_order(shop: &Shop, order: &Order, change: impl FnOnce(&mut Order)) {
    let key = Order::key_of(&order.organization, &order.order_id);
    let stored = shop.world.work.get::<Order>(&key).await.unwrap().expect("it stands");
    let mut next = stored.record.clone();
    change(&mut next);
    assert!(matches!(shop.world.work.replace(&stored, &next).await.unwrap(), Replace::Done(_)));
}

async fn quarantined(shop: &Shop) -> Vec<ManualReview> {
    shop.billing.review.all().await.unwrap()
}

#[tokio::test]
async fn a_missing_record_of_the_books_is_an_alarm_and_never_try_again() {
    let shop = Shop::new().await;
    shop.world.leave_books_unchecked();
    let order = shop.bought("org_a", "100").await;
    break_order(&shop, &order, |order| {
        order.grant.as_mut().expect("it was granted").object = "cs_of_nothing".to_owned();
    })
    .await;
    let (alarms, _listening) = Lines::listen();
    let refunded = refund(&json!(order.payment_intent), &Value::Null);
    let answer = shop.deliver(&event(&shop, "refund.created", &refunded)).await;
    let problem = assert_problem(&answer, 500, "internal");
    assert!(!problem["detail"].as_str().unwrap().contains("Try again"), "{problem}");
    assert!(answer.headers().get("retry-after").is_none());
    assert_eq!(alarms.take_alarms(), ["record-missing"]);
    assert_eq!(quarantined(&shop).await, [], "no manual review: Stripe sends it again");
    let asked = shop.ask_refund("org_a", &order.order_id, None).await;
    assert_problem(&asked, 500, "internal");
    assert_eq!(alarms.take_alarms(), ["record-missing"]);
}

#[tokio::test]
async fn an_arithmetic_error_of_ours_is_not_a_manual_review() {
    let shop = Shop::new().await;
    let order = shop.bought("org_a", "100").await;
    break_order(&shop, &order, |order| {
        for object in ["dp_x", "dp_y"] {
            let reversal = Reversal {
                amount: money("9999999999.00"),
                credits: ReversedCredits::Reversed(Money::ZERO),
                course: ReversalCourse::Dispute {
                    freeze: DisputeFreeze::Ended { froze: false },
                    appeal: None,
                },
            };
            order.reversals.objects.insert(object.to_owned(), reversal);
        }
    })
    .await;
    let (alarms, _listening) = Lines::listen();
    let refunded = refund(&json!(order.payment_intent), &Value::Null);
    let answer = shop.deliver(&event(&shop, "refund.created", &refunded)).await;
    assert_problem(&answer, 500, "internal");
    assert_eq!(alarms.take_alarms(), ["arithmetic"]);
    assert_eq!(quarantined(&shop).await, []);
}

#[tokio::test]
async fn an_amount_that_stripe_states_and_no_money_can_hold_is_a_manual_review() {
    let shop = Shop::new().await;
    let order = shop.bought("org_a", "100").await;
    let (alarms, _listening) = Lines::listen();
    let mut refunded = refund(&json!(order.payment_intent), &Value::Null);
    refunded["amount"] = json!(i64::MAX);
    assert_eq!(shop.deliver(&event(&shop, "refund.created", &refunded)).await.status(), 200);
    assert_eq!(alarms.take_alarms(), ["quarantine"]);
    assert_eq!(quarantined(&shop).await.len(), 1);
}

#[tokio::test]
async fn a_refusal_that_must_not_be_is_an_alarm_of_its_own() {
    let shop = Shop::new().await;
    shop.world.leave_books_unchecked();
    let order = shop.bought("org_a", "100").await;
    let id = shop.asked_refund("org_a", &order.order_id, None).await;
    shop.stripe_fails("POST", "/v1/refunds", "drop", 3).await;
    assert_eq!(shop.decide_refund("f1", "org_a", &id, true).await.status(), 503);
    // Somebody ends the hold of the request, which only its refund may.
    let hold = (&RefundRequestId::parse(&id).unwrap()).into();
    let cause = (CauseKind::ContactsSettle, "by mistake");
    let released = movement(&shop.org("org_a"), cause, Command::Release { hold });
    shop.world.post(&released).await.unwrap().unwrap();
    shop.later(HOUR);
    shop.stripe_fails("POST", "/v1/refunds", 400, 3).await;
    let (alarms, _listening) = Lines::listen();
    assert_eq!(shop.recover().await.unwrap()["failed"], 1);
    assert_eq!(alarms.take_alarms(), ["refund-refused", "recovery-incomplete"]);
}

#[tokio::test]
async fn a_refund_of_a_payment_that_stripe_does_not_know_is_not_ours() {
    let shop = Shop::new().await;
    shop.bought("org_a", "100").await;
    let (alarms, _listening) = Lines::listen();
    let none = Value::Null;
    for (payment, charge) in
        [(json!("pi_gone"), &none), (none.clone(), &json!("ch_gone")), (none.clone(), &none)]
    {
        for (kind, object) in [
            ("refund.created", refund(&payment, charge)),
            ("charge.dispute.created", dispute(&payment, charge)),
        ] {
            let answer = shop.deliver(&event(&shop, kind, &object)).await;
            assert_eq!(answer.status(), 200, "{kind} {payment} {charge}");
        }
    }
    assert_eq!(alarms.take_alarms(), Vec::<String>::new());
    assert_eq!(quarantined(&shop).await, []);
    assert_eq!(shop.available("org_a").await, "100.00");
}

#[tokio::test]
async fn what_a_refund_leads_to_and_stripe_no_longer_knows_is_not_ours() {
    for path in ["/v1/payment_intents/", "/v1/invoice_payments"] {
        let shop = Shop::new().await;
        shop.subscribe("cus_s", "org_a").await;
        let payment = shop.at_stripe("payment_intents").await[0]["id"].clone();
        shop.stripe_fails("GET", path, 404, 1).await;
        let object = refund(&payment, &Value::Null);
        assert_eq!(shop.deliver(&event(&shop, "refund.created", &object)).await.status(), 200, "{path}");
        shop.no_faults().await;
        shop.deliver_all().await;
        assert_eq!(shop.available("org_a").await, "499.00", "{path}");
    }
}

#[tokio::test]
async fn a_key_without_the_right_to_read_is_an_alarm_of_its_own() {
    let none = Value::Null;
    let reads = [
        ("/v1/charges/", refund(&none, &json!("ch_1"))),
        ("/v1/payment_intents/", refund(&json!("pi_1"), &none)),
    ];
    for (path, object) in reads {
        let shop = Shop::new().await;
        shop.stripe_fails("GET", path, 403, 1).await;
        let (alarms, _listening) = Lines::listen();
        let found = event(&shop, "refund.created", &object);
        assert_problem(&shop.deliver(&found).await, 503, "unavailable");
        assert_eq!(alarms.take_alarms(), ["stripe-permission"], "{path}");
        assert_eq!(shop.deliver(&found).await.status(), 200, "{path}: once the key may read");
        assert_eq!(alarms.take_alarms(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_stripe_that_gives_no_answer_is_an_alarm_and_try_again() {
    let shop = Shop::new().await;
    shop.stripe_fails("GET", "/v1/charges/", 500, 3).await;
    let (alarms, _listening) = Lines::listen();
    let found = event(&shop, "refund.created", &refund(&Value::Null, &json!("ch_1")));
    assert_problem(&shop.deliver(&found).await, 503, "unavailable");
    assert_eq!(alarms.take_alarms(), ["webhook-undecided"]);
}

#[tokio::test]
async fn a_portal_or_receipt_of_what_stripe_no_longer_has_is_not_found() {
    let shop = Shop::new().await;
    let order = shop.bought("org_a", "100").await;
    for (call, method, path) in [
        (Call::new("POST", "/api/stripe/portal"), "POST", "/billing_portal/sessions"),
        (
            Call::new("GET", &format!("/api/credits/orders/{}/receipt", order.order_id))
                .id("id", order.order_id.as_str()),
            "GET",
            "/v1/payment_intents/",
        ),
    ] {
        shop.stripe_fails(method, path, 404, 1).await;
        let (status, body) = read(&shop.billing_portal(call.by("org_a", "owner")).await);
        assert_eq!(status, 404, "{path} {body}");
    }
}

#[tokio::test]
async fn contention_is_waited_out_inside_the_request_and_is_no_alarm_by_itself() {
    let shop = Shop::new().await;
    let session = shop.order("org_a", "50").await;
    shop.pay(&session, false).await;
    let paid = shop.completed().await;
    // As many conflicts as one movement has attempts, and some more.
    for _ in 0..24 {
        shop.world.dynamo.faults().next("TransactWriteItems", Fault::Conflict);
    }
    let (alarms, _listening) = Lines::listen();
    assert_eq!(shop.deliver(&paid).await.status(), 200);
    assert_eq!(shop.available("org_a").await, "50.00");
    // Longer than the request waits.
    let session = shop.order("org_a", "60").await;
    shop.pay(&session, false).await;
    for _ in 0..200 {
        shop.world.dynamo.faults().next("TransactWriteItems", Fault::Conflict);
    }
    let answer = shop.deliver(&shop.completed().await).await;
    assert_problem(&answer, 503, "unavailable");
    assert!(answer.headers().get("retry-after").is_some());
    assert_eq!(alarms.take_alarms(), Vec::<String>::new());
}
