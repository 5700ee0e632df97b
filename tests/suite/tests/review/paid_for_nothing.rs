//! A paid invoice that grants nothing by the plan is a fact for finance: granted once at most for what was paid without
//! tax, or dismissed.

use super::{decide, in_review};
use crate::invoices::payment_of;
use billing::ReviewReason;
use serde_json::{Value, json};
use suite::{
    gateway::{Call, assert_problem, read},
    shop::Shop,
};

const REASON: &str = "grants-nothing";

/// A subscription of `org_s`, granted its first 499.00, and the id of one more invoice that was paid.
async fn extra(reason: &str, cents: i64) -> (Shop, String) {
    let shop = Shop::new().await;
    let subscription = shop.subscribe("cus_s", "org_s").await;
    shop.deliver_all().await;
    let path = format!("stripe/subscriptions/{subscription}/invoice");
    let made = shop.control("POST", &path, json!({"billingReason": reason, "amountCents": cents})).await;
    (shop, made["invoice"]["id"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_paid_invoice_that_grants_nothing_is_for_finance_to_decide() {
    for reason in ["subscription_update", "manual", "subscription_threshold"] {
        let (shop, invoice) = extra(reason, 5_000).await;
        for _ in 0..2 {
            shop.deliver_all().await;
            shop.recover().await.unwrap();
        }
        assert_eq!(
            in_review(&shop).await,
            [(invoice.clone(), ReviewReason::GrantsNothing)],
            "{reason}: once"
        );
        assert_eq!(shop.available("org_s").await, "499.00", "{reason}");
        for amount in ["0", "50.01"] {
            let response = decide(&shop, &invoice, REASON, Some(amount), json!({})).await;
            assert_problem(&response, 400, "invalid_amount");
        }
        let (status, answer) = read(&decide(&shop, &invoice, REASON, Some("40"), json!({})).await);
        assert_eq!(status, 200, "{reason}: {answer}");
        let again = decide(&shop, &invoice, REASON, Some("40"), json!({})).await;
        assert_problem(&again, 409, "resolved_before");
        shop.deliver_all().await;
        assert_eq!(shop.available("org_s").await, "539.00", "{reason}: granted once");
        // A refund of it takes its share of what was granted.
        shop.refund(&payment_of(&shop, &invoice).await, 2_500).await;
        shop.deliver_all().await;
        assert_eq!(shop.available("org_s").await, "519.00", "{reason}");
    }
}

#[tokio::test]
async fn what_was_refunded_before_finance_decides_is_taken_with_the_grant() {
    let (shop, invoice) = extra("subscription_update", 5_000).await;
    shop.refund(&payment_of(&shop, &invoice).await, 2_500).await;
    shop.deliver_all().await;
    assert_eq!(shop.available("org_s").await, "499.00");
    assert_eq!(read(&decide(&shop, &invoice, REASON, Some("50"), json!({})).await).0, 200);
    assert_eq!(shop.available("org_s").await, "524.00");
}

#[tokio::test]
async fn an_invoice_of_nothing_a_dismissed_one_and_a_strangers_make_no_credits() {
    let (shop, invoice) = extra("subscription_update", 0).await;
    shop.deliver_all().await;
    assert_eq!(in_review(&shop).await, []);
    let gone = decide(&shop, &invoice, REASON, Some("1"), json!({})).await;
    assert_problem(&gone, 404, "not_found");
    let (shop, invoice) = extra("manual", 700).await;
    shop.deliver_all().await;
    assert_eq!(read(&decide(&shop, &invoice, REASON, None, json!({})).await).0, 200);
    shop.deliver_all().await;
    shop.recover().await.unwrap();
    assert_eq!(shop.available("org_s").await, "499.00");
    let shown =
        read(&shop.credit_orders(Call::new("GET", "/api/credits/orders").by("org_s", "owner")).await).1;
    let whys: Vec<&Value> =
        shown["invoices"].as_array().unwrap().iter().map(|invoice| &invoice["whyNothing"]).collect();
    assert!(whys.contains(&&json!("manual")), "{whys:?}");
}
