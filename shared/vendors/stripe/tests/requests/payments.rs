//! Payments without the customer, their cancellation, and refunds.

use std::collections::BTreeMap;

use stripe_client::{
    NewRefund, OffSessionCharge, PaymentIntent, PaymentIntentStatus, Refund, RefundStatus, StripeFailure,
};

use crate::scripted::{Reply, Scripted};
use crate::{lines, readable, stripe};

const SUCCEEDED: &str = r#"{"id":"pi_1","object":"payment_intent","livemode":false,"status":"succeeded",
    "amount":25000,"amount_received":25000,"currency":"usd","customer":"cus_1","payment_method":"pm_1",
    "latest_charge":"ch_1","created":1763790000,"last_payment_error":null,"metadata":{"recharge":"rch_1"}}"#;

const CANCELLED_BEFORE: &str = r#"{"error":{"type":"invalid_request_error",
    "code":"payment_intent_unexpected_state","message":"x","payment_intent":{"id":"pi_1"}}}"#;

fn intent(status: &str) -> String {
    SUCCEEDED.replace("succeeded", status)
}

fn charge() -> OffSessionCharge {
    OffSessionCharge {
        customer: "cus_1".to_owned(),
        payment_method: "pm_1".to_owned(),
        amount_cents: 25_000,
        description: "Automatic top-up".to_owned(),
        return_url: None,
        metadata: ('a'..='h').map(|key| (key.to_string(), "x".to_owned())).collect(),
    }
}

/// Plays the script against a charge.
async fn charged(script: Vec<Reply>) -> (Result<PaymentIntent, StripeFailure>, Scripted) {
    let server = Scripted::start(script);
    let answer = stripe(&server).create_payment_intent(&charge(), "rch_1").await;
    (answer, server)
}

/// Plays the script against a cancellation.
async fn cancelled(script: Vec<Reply>) -> (Result<PaymentIntent, StripeFailure>, Vec<String>) {
    let server = Scripted::start(script);
    let answer = stripe(&server).cancel_payment_intent("pi_1").await;
    (answer, lines(&server))
}

/// Plays the script against a refund.
async fn refunded(script: Vec<Reply>) -> (Result<Refund, StripeFailure>, Scripted) {
    let server = Scripted::start(script);
    let refund = NewRefund {
        payment_intent: "pi_1".to_owned(),
        amount_cents: 1_050,
        metadata: BTreeMap::from([("order".to_owned(), "ord_1".to_owned())]),
    };
    let answer = stripe(&server).create_refund(&refund, "ord_1:refund").await;
    (answer, server)
}

#[tokio::test]
async fn a_charge_is_repeated_under_its_key_with_the_same_bytes() {
    let (answer, server) =
        charged(vec![Reply::Drop, Reply::json(500, "{}"), Reply::json(200, SUCCEEDED)]).await;
    let intent = answer.unwrap();
    assert_eq!((intent.status, intent.amount_received), (PaymentIntentStatus::Succeeded, 25_000));
    assert_eq!((intent.payment_method.as_deref(), intent.created), (Some("pm_1"), 1_763_790_000));
    assert_eq!((intent.latest_charge.as_deref(), intent.receipt_url), (Some("ch_1"), None));
    let asked = server.asked();
    assert_eq!(lines(&server), ["POST /payment_intents"; 3]);
    assert!(asked.iter().all(|request| request.header("idempotency-key") == Some("rch_1")));
    assert!(asked.iter().all(|request| request.body == asked[0].body));
    let (_, another) = charged(vec![Reply::json(200, SUCCEEDED)]).await;
    assert_eq!(another.asked()[0].text(), asked[0].text());
}

#[tokio::test]
async fn a_decline_is_not_repeated_and_names_its_intent() {
    let body = r#"{"error":{"type":"card_error","code":"authentication_required",
        "decline_code":"authentication_required","message":"x",
        "payment_intent":{"id":"pi_1","object":"payment_intent","status":"requires_payment_method"}}}"#;
    let (answer, server) = charged(vec![Reply::json(402, body)]).await;
    let failure = answer.unwrap_err();
    assert!(matches!(failure, StripeFailure::Declined(_)), "{failure:?}");
    assert!(failure.is_definite());
    let refusal = failure.refusal().unwrap();
    assert_eq!(refusal.code.as_deref(), Some("authentication_required"));
    assert_eq!(refusal.payment_intent.as_deref(), Some("pi_1"));
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_charge_of_nobody_is_not_sent() {
    let server = Scripted::start(vec![]);
    for (customer, payment_method, param) in [("", "pm_1", "customer"), ("cus_1", "pm 1", "payment_method")] {
        let charge = OffSessionCharge {
            customer: customer.to_owned(),
            payment_method: payment_method.to_owned(),
            ..charge()
        };
        let failure = stripe(&server).create_payment_intent(&charge, "rch_1").await.unwrap_err();
        assert_eq!(failure.refusal().unwrap().param.as_deref(), Some(param));
    }
}

#[tokio::test]
async fn a_payment_is_read_with_its_receipt() {
    let expanded = SUCCEEDED.replace(
        r#""ch_1""#,
        r#"{"id":"ch_1","object":"charge","receipt_url":"https://pay.example/receipts/1"}"#,
    );
    let server = Scripted::start(vec![Reply::json(200, &expanded)]);
    let intent = stripe(&server).payment_intent("pi_1").await.unwrap();
    assert_eq!(intent.latest_charge.as_deref(), Some("ch_1"));
    assert_eq!(intent.receipt_url.as_deref(), Some("https://pay.example/receipts/1"));
    assert_eq!(intent.metadata["recharge"], "rch_1");
    assert_eq!(lines(&server), ["GET /payment_intents/pi_1?expand[0]=latest_charge"]);
}

#[tokio::test]
async fn a_payment_is_cancelled_without_a_key_and_once() {
    let (answer, lines) = cancelled(vec![Reply::json(200, &intent("canceled"))]).await;
    assert_eq!(answer.unwrap().status, PaymentIntentStatus::Canceled);
    assert_eq!(lines, ["POST /payment_intents/pi_1/cancel"]);
    let (answer, lines) = cancelled(vec![Reply::Drop, Reply::json(200, &intent("canceled"))]).await;
    assert_eq!((answer, lines.len()), (Err(StripeFailure::Unknown), 1));
}

#[tokio::test]
async fn a_payment_that_was_cancelled_before_is_cancelled() {
    let script = vec![Reply::json(400, CANCELLED_BEFORE), Reply::json(200, &intent("canceled"))];
    let (answer, lines) = cancelled(script).await;
    assert_eq!(answer.unwrap().status, PaymentIntentStatus::Canceled);
    let read = "GET /payment_intents/pi_1?expand[0]=latest_charge";
    assert_eq!(lines, ["POST /payment_intents/pi_1/cancel", read]);
}

#[tokio::test]
async fn a_payment_that_has_succeeded_stays_and_the_cancellation_is_refused() {
    let script = vec![Reply::json(400, CANCELLED_BEFORE), Reply::json(200, SUCCEEDED)];
    let failure = cancelled(script).await.0.unwrap_err();
    let refusal = failure.refusal().unwrap();
    assert_eq!(refusal.code.as_deref(), Some("payment_intent_unexpected_state"));
    assert_eq!(refusal.payment_intent.as_deref(), Some("pi_1"));
}

#[tokio::test]
async fn a_cancellation_refused_for_another_reason_reads_nothing() {
    let body = r#"{"error":{"type":"invalid_request_error","code":"resource_missing","param":"intent"}}"#;
    let (answer, lines) = cancelled(vec![Reply::json(404, body)]).await;
    assert!(answer.unwrap_err().is_missing());
    assert_eq!(lines.len(), 1);
}

#[tokio::test]
async fn a_refund_is_repeated_under_its_key() {
    let body = r#"{"id":"re_1","object":"refund","amount":1050,"currency":"usd","status":"pending",
        "payment_intent":"pi_1","charge":"ch_1","created":1763790000,"metadata":{"order":"ord_1"}}"#;
    let (answer, server) = refunded(vec![Reply::json(500, "{}"), Reply::json(200, body)]).await;
    let refund = answer.unwrap();
    assert_eq!((refund.amount, refund.status), (1_050, Some(RefundStatus::Pending)));
    assert_eq!((refund.created, refund.failure_reason), (1_763_790_000, None));
    let asked = server.asked();
    assert_eq!(lines(&server), ["POST /refunds"; 2]);
    assert!(asked.iter().all(|request| request.header("idempotency-key") == Some("ord_1:refund")));
    assert_eq!(readable(&asked[0].text()), "amount=1050&metadata[order]=ord_1&payment_intent=pi_1");
}

#[tokio::test]
async fn a_refund_of_too_much_is_refused() {
    let body = r#"{"error":{"type":"invalid_request_error","code":"charge_already_refunded"}}"#;
    let (answer, server) = refunded(vec![Reply::json(400, body)]).await;
    let failure = answer.unwrap_err();
    assert!(failure.is_definite() && !failure.is_missing());
    assert_eq!(server.asked().len(), 1);
}
