//! Lists: the filter of each as Stripe documents it, all pages of it, and its bound.

use stripe_client::{Stripe, StripeFailure};

use crate::scripted::{Reply, Scripted};
use crate::{lines, stripe};

/// One object that every list can read, as it has the fields of all.
fn object(id: &str, created: i64) -> String {
    format!(
        r#"{{"id":"{id}","livemode":false,"status":"paid","mode":"payment","payment_status":"paid",
        "type":"card","amount":100,"amount_paid":100,"currency":"usd","created":{created}}}"#
    )
}

fn page(objects: &[String], has_more: bool) -> Reply {
    let data = objects.join(",");
    Reply::json(200, &format!(r#"{{"object":"list","url":"/v1/x","data":[{data}],"has_more":{has_more}}}"#))
}

/// Reads a list of two pages by `ask`, which answers the ids; `target` is the first request's.
async fn check(ask: impl AsyncFn(&Stripe) -> Result<Vec<String>, StripeFailure>, target: &str) {
    let server = Scripted::start(vec![
        page(&[object("x_4", 4), object("x_3", 3)], true),
        page(&[object("x_2", 2)], false),
    ]);
    assert_eq!(ask(&stripe(&server)).await.unwrap(), ["x_4", "x_3", "x_2"], "{target}");
    let first = format!("GET {target}&limit=100");
    assert_eq!(lines(&server), [first.clone(), format!("{first}&starting_after=x_3")]);

    let missing = r#"{"error":{"type":"invalid_request_error","code":"resource_missing"}}"#;
    let server = Scripted::start(vec![Reply::json(400, missing)]);
    assert!(ask(&stripe(&server)).await.unwrap_err().is_missing(), "{target}");
}

/// The ids of what a list answers.
macro_rules! ids {
    ($($call:tt)+) => {
        async |stripe: &Stripe| {
            let found = stripe.$($call)+.await?;
            Ok(found.into_iter().map(|object| object.id).collect())
        }
    };
}

#[tokio::test]
async fn payments_and_sessions_of_a_customer() {
    check(
        ids!(payment_intents_of("cus_1", 1_763_000_000)),
        "/payment_intents?created[gte]=1763000000&customer=cus_1",
    )
    .await;
    check(
        ids!(checkout_sessions_of_customer("cus_1", 1_763_000_000)),
        "/checkout/sessions?created[gte]=1763000000&customer=cus_1",
    )
    .await;
    check(ids!(card_payment_methods("cus_1")), "/customers/cus_1/payment_methods?type=card").await;
}

#[tokio::test]
async fn what_belongs_to_a_payment() {
    check(ids!(refunds_of("pi_1")), "/refunds?payment_intent=pi_1").await;
    check(ids!(disputes_of("pi_1")), "/disputes?payment_intent=pi_1").await;
    check(ids!(checkout_sessions_of_payment("pi_1")), "/checkout/sessions?payment_intent=pi_1").await;
    check(
        ids!(invoice_payments_of("pi_1")),
        "/invoice_payments?payment[type]=payment_intent&payment[payment_intent]=pi_1",
    )
    .await;
}

#[tokio::test]
async fn invoices_of_a_subscription_and_what_pays_them() {
    check(ids!(paid_invoices("sub_1")), "/invoices?subscription=sub_1&status=paid").await;
    check(ids!(payments_of_invoice("in_1")), "/invoice_payments?invoice=in_1").await;
}

#[tokio::test]
async fn cards_are_answered_newest_first_whatever_their_order() {
    let server = Scripted::start(vec![page(
        &[object("pm_2", 20), object("pm_3", 30), object("pm_1", 10), object("pm_3b", 30)],
        false,
    )]);
    let cards = stripe(&server).card_payment_methods("cus_1").await.unwrap();
    let ids: Vec<&str> = cards.iter().map(|card| card.id.as_str()).collect();
    assert_eq!(ids, ["pm_3", "pm_3b", "pm_2", "pm_1"]);
}

#[tokio::test]
async fn nothing_is_an_empty_list() {
    let server = Scripted::start(vec![page(&[], false)]);
    assert_eq!(stripe(&server).refunds_of("pi_1").await, Ok(vec![]));
}

#[tokio::test]
async fn a_list_that_does_not_end_is_undecodable() {
    let endless = (0..60).map(|number| page(&[object(&format!("re_{number}"), number)], true)).collect();
    let server = Scripted::start(endless);
    assert_eq!(stripe(&server).refunds_of("pi_1").await, Err(StripeFailure::Undecodable));
    assert_eq!(server.asked().len(), 50);

    let server = Scripted::start(vec![page(&[object("re_1", 1)], true), page(&[], true)]);
    assert_eq!(stripe(&server).refunds_of("pi_1").await, Err(StripeFailure::Undecodable));
}

#[tokio::test]
async fn a_page_that_cannot_be_read_or_continued_fails_the_list() {
    for unreadable in [
        r#"{"data":[{"id":"re_1"}],"has_more":false}"#,
        r#"{"data":[],"object":"list"}"#,
        "[]",
        r#"{"data":[{"id":"re_1&customer=","amount":1,"currency":"usd"}],"has_more":true}"#,
    ] {
        let server = Scripted::start(vec![Reply::json(200, unreadable)]);
        assert_eq!(stripe(&server).refunds_of("pi_1").await, Err(StripeFailure::Undecodable), "{unreadable}");
    }
}

#[tokio::test]
async fn a_filter_that_would_be_none_is_not_sent() {
    let server = Scripted::start(vec![]);
    let stripe = stripe(&server);
    for id in ["", "pi_1&limit=1", "pi 1"] {
        let refused = [
            stripe.refunds_of(id).await.unwrap_err(),
            stripe.disputes_of(id).await.unwrap_err(),
            stripe.checkout_sessions_of_payment(id).await.unwrap_err(),
            stripe.checkout_sessions_of_customer(id, 0).await.unwrap_err(),
            stripe.payment_intents_of(id, 0).await.unwrap_err(),
            stripe.card_payment_methods(id).await.unwrap_err(),
            stripe.paid_invoices(id).await.unwrap_err(),
            stripe.invoice_payments_of(id).await.unwrap_err(),
        ];
        for failure in refused {
            assert_eq!(failure.refusal().unwrap().code.as_deref(), Some("never_sent"), "{id}");
        }
    }
}
