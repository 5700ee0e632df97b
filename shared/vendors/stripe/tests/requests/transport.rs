//! What is sent, what is retried, and how each failure is named.

use std::collections::BTreeMap;
use std::time::Duration;

use stripe_client::{
    CreditCheckout, NewCustomer, NotUsable, PaymentStatus, Stripe, StripeFailure, Transport,
};
use stripe_client_core::{IdempotencyKey, RequestStrategy, StripeRequest};
use stripe_core::customer::CreateCustomer;

use crate::scripted::{Asked, Reply, Scripted, http_client};
use crate::{readable, stripe, transport};

const SESSION: &str = r#"{"id":"cs_test_1","object":"checkout.session","livemode":false,"mode":"payment",
    "status":"open",
    "payment_status":"unpaid","amount_subtotal":25000,"amount_total":25000,"currency":"usd",
    "customer":"cus_1",
    "payment_intent":null,"client_reference_id":"ord_1","metadata":{"order":"ord_1"},
    "url":"https://pay.example/cs_test_1"}"#;

fn checkout() -> CreditCheckout {
    CreditCheckout {
        order_id: "ord_1".to_owned(),
        customer: "cus_1".to_owned(),
        amount_cents: 25_000,
        product_name: "250 credits".to_owned(),
        description: None,
        metadata: ('a'..='h').map(|key| (key.to_string(), "x".to_owned())).collect(),
        success_url: "https://app.example/done".to_owned(),
        cancel_url: "https://app.example/".to_owned(),
        expires_at: 1_763_800_000,
        save_card: false,
        cards_only: false,
    }
}

/// Plays the script against the creation of a session.
async fn check(script: Vec<Reply>) -> (Result<String, StripeFailure>, Vec<Asked>) {
    let server = Scripted::start(script);
    let answer = stripe(&server).create_checkout_session(&checkout(), "ord_1").await;
    (answer.map(|session| session.id), server.asked())
}

#[tokio::test]
async fn a_session_is_created_under_the_base_url_with_key_version_and_secret() {
    let (answer, asked) = check(vec![Reply::json(200, SESSION)]).await;
    assert_eq!(answer.unwrap(), "cs_test_1");
    assert_eq!(asked[0].line, "POST /stripe/v1/checkout/sessions");
    assert_eq!(asked[0].header("authorization"), Some("Bearer sk_test_secret"));
    assert_eq!(asked[0].header("idempotency-key"), Some("ord_1"));
    assert_eq!(asked[0].header("stripe-version"), Some(stripe_client::api_version().as_str()));
    assert_eq!(asked[0].header("content-type"), Some("application/x-www-form-urlencoded"));
}

#[tokio::test]
async fn a_repeat_has_the_same_key_and_the_same_bytes() {
    let script = vec![Reply::json(500, "{}"), Reply::Drop, Reply::json(200, SESSION)];
    let (answer, asked) = check(script).await;
    assert_eq!(answer.unwrap(), "cs_test_1");
    assert_eq!(asked.len(), 3);
    assert!(asked.iter().all(|request| request.header("idempotency-key") == Some("ord_1")));
    assert!(asked.iter().all(|request| request.body == asked[0].body));
    let (_, another_call) = check(vec![Reply::json(200, SESSION)]).await;
    assert_eq!(another_call[0].text(), asked[0].text());
}

#[tokio::test]
async fn three_attempts_are_the_most() {
    let script = (0..4).map(|_| Reply::json(503, "{}")).collect();
    let (answer, asked) = check(script).await;
    assert_eq!(answer, Err(StripeFailure::Unavailable { status: 503 }));
    assert_eq!(asked.len(), 3);
}

#[tokio::test]
async fn conflicts_and_limits_are_repeated() {
    let script = vec![Reply::json(409, "{}"), Reply::json(429, "{}"), Reply::json(200, SESSION)];
    assert_eq!(check(script).await.0.unwrap(), "cs_test_1");
}

#[tokio::test]
async fn a_refusal_is_not_repeated() {
    let body = r#"{"error":{"type":"invalid_request_error","code":"amount_too_small","param":"line_items"}}"#;
    let (answer, asked) = check(vec![Reply::json(400, body)]).await;
    let Err(StripeFailure::InvalidRequest(refusal)) = answer else { panic!("{answer:?}") };
    assert_eq!(refusal.code.as_deref(), Some("amount_too_small"));
    assert_eq!(asked.len(), 1);
    let (answer, _) = check(vec![Reply::json(401, "{}")]).await;
    assert_eq!(answer, Err(StripeFailure::Unauthorized { status: 401 }));
}

#[tokio::test]
async fn stripe_should_retry_is_obeyed_in_both_directions() {
    let never = Reply::Answer(500, &[("stripe-should-retry", "false")], "{}".to_owned());
    let (answer, asked) = check(vec![never]).await;
    assert_eq!(answer, Err(StripeFailure::Unavailable { status: 500 }));
    assert_eq!(asked.len(), 1);
    let again = Reply::Answer(400, &[("stripe-should-retry", "true")], "{}".to_owned());
    let (answer, asked) = check(vec![again, Reply::json(200, SESSION)]).await;
    assert_eq!((answer.unwrap().as_str(), asked.len()), ("cs_test_1", 2));
}

#[tokio::test]
async fn a_lost_answer_followed_by_a_closed_door_is_unknown() {
    // The script ends after the first request: nothing listens any more.
    let (answer, asked) = check(vec![Reply::Drop]).await;
    assert_eq!(answer, Err(StripeFailure::Unknown));
    assert_eq!(asked.len(), 1);
}

#[tokio::test]
async fn nobody_there_means_nothing_happened() {
    let (answer, _) = check(vec![]).await;
    assert_eq!(answer, Err(StripeFailure::NotReached));
}

#[tokio::test]
async fn an_answer_that_is_not_a_session_is_undecodable_and_not_repeated() {
    for body in ["{}", "<html>", r#"{"id":"cs_1"}"#] {
        let (answer, asked) = check(vec![Reply::json(200, body)]).await;
        assert_eq!((answer, asked.len()), (Err(StripeFailure::Undecodable), 1), "{body}");
    }
}

#[tokio::test]
async fn silence_is_unknown() {
    let server = Scripted::start(vec![Reply::Hang, Reply::Hang, Reply::Hang]);
    let request = CreateCustomer::new()
        .customize()
        .timeout(Duration::from_millis(50))
        .request_strategy(RequestStrategy::Idempotent(IdempotencyKey::new("k").unwrap()));
    assert_eq!(request.send(&transport(&server)).await.unwrap_err(), StripeFailure::Unknown);
    assert_eq!(server.asked().len(), 3);
}

#[tokio::test]
async fn a_post_without_a_key_is_sent_once() {
    let server = Scripted::start(vec![Reply::json(500, "{}"), Reply::json(500, "{}")]);
    let answer = CreateCustomer::new().send(&transport(&server)).await;
    assert_eq!(answer.unwrap_err(), StripeFailure::Unavailable { status: 500 });
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_customer_has_its_metadata() {
    let server = Scripted::start(vec![Reply::json(200, r#"{"id":"cus_1","object":"customer"}"#)]);
    let customer = NewCustomer {
        email: Some("owner@alder.example".to_owned()),
        name: None,
        metadata: BTreeMap::from([("organization_id".to_owned(), "org_1".to_owned())]),
    };
    assert_eq!(stripe(&server).create_customer(&customer, "cus:org_1").await.unwrap(), "cus_1");
    assert_eq!(
        readable(&server.asked()[0].text()),
        "email=owner@alder.example&metadata[organization_id]=org_1"
    );
}

#[tokio::test]
async fn a_session_is_read_by_id() {
    let server = Scripted::start(vec![Reply::json(200, SESSION)]);
    let session = stripe(&server).checkout_session("cs_test_1").await.unwrap();
    assert_eq!(session.payment_status, PaymentStatus::Unpaid);
    assert_eq!(session.url.as_deref(), Some("https://pay.example/cs_test_1"));
    assert_eq!(server.asked()[0].line, "GET /stripe/v1/checkout/sessions/cs_test_1");
}

#[test]
fn what_cannot_be_used_is_refused_at_the_start_and_no_key_is_printed() {
    let make = |url, key| Transport::new(http_client(), url, key).map(|_| ());
    assert_eq!(make("stripe.example", "sk_test_1"), Err(NotUsable::BaseUrl));
    assert_eq!(make("ftp://stripe.example", "sk_test_1"), Err(NotUsable::BaseUrl));
    assert_eq!(make("https://stripe.example", " "), Err(NotUsable::Key));
    assert_eq!(make("https://stripe.example", "sk\n"), Err(NotUsable::Key));
    let stripe = Stripe::new(http_client(), "https://stripe.example/", "sk_test_secret").unwrap();
    assert!(!format!("{stripe:?}").contains("secret"));
}
