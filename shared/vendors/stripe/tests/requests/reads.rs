//! Single objects by id, and the customer portal.

use stripe_client::{DisputeStatus, InvoiceStatus, RefundStatus, StripeFailure, SubscriptionStatus};

use crate::scripted::{Reply, Scripted};
use crate::{lines, readable, stripe};

const MISSING: &str = r#"{"error":{"type":"invalid_request_error","code":"resource_missing","param":"id"}}"#;

#[tokio::test]
async fn each_is_read_by_its_id() {
    let refund = r#"{"id":"re_1","amount":40,"currency":"usd","status":"failed",
        "failure_reason":"lost_or_stolen_card","payment_intent":"pi_1"}"#;
    let dispute = r#"{"id":"du_1","livemode":false,"amount":100,"currency":"usd","status":"lost",
        "payment_intent":"pi_1","reason":"fraudulent","created":1763790000,
        "balance_transactions":[{"id":"txn_1","amount":-100,"fee":1500,"net":-1600}]}"#;
    let subscription = r#"{"id":"sub_1","livemode":false,"status":"past_due","customer":"cus_1",
        "latest_invoice":{"id":"in_1","object":"invoice"},"metadata":{"org":"org_1"},"created":1763790000}"#;
    let invoice = r#"{"id":"in_1","livemode":false,"status":"open","amount_paid":0,"currency":"usd",
        "created":1763790000,"hosted_invoice_url":"https://invoice.example/1"}"#;
    let script = [refund, dispute, subscription, invoice].map(|body| Reply::json(200, body));
    let server = Scripted::start(script.into());
    let stripe = stripe(&server);

    let refund = stripe.refund("re_1").await.unwrap();
    assert_eq!(refund.status, Some(RefundStatus::Failed));
    assert_eq!(refund.failure_reason.as_deref(), Some("lost_or_stolen_card"));
    let dispute = stripe.dispute("du_1").await.unwrap();
    assert_eq!((&dispute.status, dispute.created), (&DisputeStatus::Lost, 1_763_790_000));
    assert_eq!((dispute.balance_transactions.as_slice(), dispute.withdrawn()), ([-100].as_slice(), true));
    assert_eq!(dispute.reason.as_deref(), Some("fraudulent"));
    let subscription = stripe.subscription("sub_1").await.unwrap();
    assert_eq!(subscription.status, SubscriptionStatus::PastDue);
    assert_eq!(subscription.latest_invoice.as_deref(), Some("in_1"));
    assert_eq!((subscription.customer.as_deref(), subscription.created), (Some("cus_1"), 1_763_790_000));
    assert_eq!(subscription.metadata["org"], "org_1");
    let invoice = stripe.invoice("in_1").await.unwrap();
    assert_eq!((invoice.status, invoice.created), (Some(InvoiceStatus::Open), 1_763_790_000));
    assert_eq!(invoice.hosted_invoice_url.as_deref(), Some("https://invoice.example/1"));

    let expected =
        ["GET /refunds/re_1", "GET /disputes/du_1", "GET /subscriptions/sub_1", "GET /invoices/in_1"];
    assert_eq!(lines(&server), expected);
}

#[tokio::test]
async fn what_does_not_exist_is_missing() {
    let server = Scripted::start((0..5).map(|_| Reply::json(404, MISSING)).collect());
    let stripe = stripe(&server);
    let failures = [
        stripe.refund("re_1").await.unwrap_err(),
        stripe.dispute("dp_1").await.unwrap_err(),
        stripe.subscription("sub_1").await.unwrap_err(),
        stripe.invoice("in_1").await.unwrap_err(),
        stripe.event("evt_1").await.unwrap_err(),
    ];
    assert!(failures.iter().all(StripeFailure::is_missing), "{failures:?}");
    assert_eq!(server.asked().len(), 5);
}

#[tokio::test]
async fn an_id_that_cannot_be_one_is_not_sent() {
    let server = Scripted::start(vec![]);
    let stripe = stripe(&server);
    for id in ["", "../customers", "x/cancel", "x?expand[]=y"] {
        let failures = [
            stripe.refund(id).await.unwrap_err(),
            stripe.dispute(id).await.unwrap_err(),
            stripe.subscription(id).await.unwrap_err(),
            stripe.invoice(id).await.unwrap_err(),
            stripe.event(id).await.unwrap_err(),
            stripe.payment_intent(id).await.unwrap_err(),
            stripe.cancel_payment_intent(id).await.unwrap_err(),
            stripe.create_portal_session(id, "https://app.example/").await.unwrap_err(),
        ];
        for failure in failures {
            assert_eq!(failure.refusal().unwrap().code.as_deref(), Some("never_sent"), "{id}");
        }
    }
}

#[tokio::test]
async fn the_portal_is_a_link() {
    let body =
        r#"{"id":"bps_1","object":"billing_portal.session","url":"https://billing.example/session/1"}"#;
    let server = Scripted::start(vec![Reply::json(200, body)]);
    let url = stripe(&server).create_portal_session("cus_1", "https://app.example/credits").await;
    assert_eq!(url.as_deref(), Ok("https://billing.example/session/1"));
    assert_eq!(lines(&server), ["POST /billing_portal/sessions"]);
    let form = readable(&server.asked()[0].text());
    assert_eq!(form, "customer=cus_1&return_url=https://app.example/credits");
}

#[tokio::test]
async fn the_portal_is_asked_for_once() {
    let server = Scripted::start(vec![Reply::json(500, "{}"), Reply::json(500, "{}")]);
    let answer = stripe(&server).create_portal_session("cus_1", "https://app.example/").await;
    assert_eq!(answer, Err(StripeFailure::Unavailable { status: 500 }));
    assert_eq!(server.asked().len(), 1);
}
