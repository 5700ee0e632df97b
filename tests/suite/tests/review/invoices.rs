//! Subscription money that nobody knows the organization of.

use super::{decide, decided, in_review};
use billing::{ReviewReason, SubscriptionGrant};
use serde_json::{Value, json};
use suite::{
    gateway::{Call, assert_problem, read},
    shop::Shop,
};
use support::Fault;

const REASON: &str = "organization-unknown";

/// A subscription of a customer that nobody knows: answers it and its first invoice.
pub(crate) async fn unknown() -> (Shop, String, String) {
    let shop = Shop::new().await;
    let body = json!({"customer": "cus_stranger", "amountCents": 49_900, "trial": false, "metadata": {}});
    let made = shop.control("POST", "stripe/subscriptions", body).await;
    shop.deliver_all().await;
    let id = |what: &str| made[what]["id"].as_str().unwrap().to_owned();
    (shop, id("subscription"), id("invoice"))
}

async fn cycle(shop: &Shop, subscription: &str) -> String {
    let path = format!("stripe/subscriptions/{subscription}/cycle");
    let made = shop.control("POST", &path, json!({})).await;
    made["invoice"]["id"].as_str().unwrap().to_owned()
}

pub(crate) async fn payment_of(shop: &Shop, invoice: &str) -> String {
    let ties = shop.at_stripe("invoice_payments").await;
    let tie = ties.iter().find(|tie| tie["invoice"] == invoice).unwrap();
    tie["payment"]["payment_intent"].as_str().unwrap().to_owned()
}

async fn grant(shop: &Shop, invoice: &str, organization: &str, amount: &str) -> (u16, Value) {
    read(&decide(shop, invoice, REASON, Some(amount), json!({"organizationId": organization})).await)
}

#[tokio::test]
async fn an_invoice_of_nobody_is_granted_to_the_organization_that_finance_names() {
    let (shop, subscription, invoice) = unknown().await;
    shop.deliver_all().await;
    assert_eq!(
        in_review(&shop).await,
        [(invoice.clone(), ReviewReason::OrganizationUnknown)],
        "in review once"
    );
    let response = decide(&shop, &invoice, REASON, Some("499"), json!({})).await;
    assert_problem(&response, 400, "organization_needed");
    let response = decide(&shop, &invoice, REASON, Some("1"), json!({"organizationId": "org#x"})).await;
    assert_problem(&response, 400, "invalid_organization");
    let mistyped = json!({"organizationId": "org_typo", "newOrganization": false});
    let response = decide(&shop, &invoice, REASON, Some("1"), mistyped).await;
    assert_problem(&response, 409, "organization_unknown");
    for amount in ["0", "499.01"] {
        assert_eq!(grant(&shop, &invoice, "org_s", amount).await.0, 400, "{amount}");
    }
    assert_eq!(grant(&shop, &invoice, "org_s", "400").await.0, 200);
    assert_eq!(shop.available("org_s").await, "400.00");
    let key = SubscriptionGrant::key_of(&shop.org("org_s"), &invoice);
    let record = shop.world.work.get::<SubscriptionGrant>(&key).await.unwrap().unwrap().record;
    assert_eq!(
        (record.paid.to_string(), record.granted.to_string(), record.first),
        ("499.00".into(), "400.00".into(), true)
    );
    shop.deliver_all().await;
    shop.recover().await.unwrap();
    assert_eq!((shop.available("org_s").await.as_str(), in_review(&shop).await.len()), ("400.00", 0));
    // From now on its subscription is known: the renewal needs nobody.
    cycle(&shop, &subscription).await;
    shop.deliver_all().await;
    assert_eq!((shop.available("org_s").await.as_str(), in_review(&shop).await.len()), ("499.00", 0));
}

#[tokio::test]
async fn two_invoices_of_one_subscription_go_to_one_organization_in_any_order() {
    for first_first in [true, false] {
        let (shop, subscription, first) = unknown().await;
        let second = cycle(&shop, &subscription).await;
        shop.deliver_all().await;
        assert_eq!(in_review(&shop).await.len(), 2);
        let order = if first_first { [&first, &second] } else { [&second, &first] };
        assert_eq!(grant(&shop, order[0], "org_s", "99").await.0, 200);
        assert_eq!(grant(&shop, order[1], "org_t", "99").await.0, 409, "the subscription is another's now");
        assert_eq!(
            (shop.available("org_s").await, shop.available("org_t").await),
            ("99.00".into(), "0.00".into())
        );
        assert_eq!(grant(&shop, order[1], "org_s", "99").await.0, 200);
        shop.deliver_all().await;
        shop.recover().await.unwrap();
        assert_eq!((shop.available("org_s").await.as_str(), in_review(&shop).await.len()), ("198.00", 0));
    }
}

#[tokio::test]
async fn what_was_refunded_of_an_unknown_invoice_meanwhile_is_taken_with_the_grant() {
    let (shop, _, invoice) = unknown().await;
    shop.refund(&payment_of(&shop, &invoice).await, 24_950).await;
    shop.deliver_all().await;
    shop.deliver_all().await;
    assert_eq!(grant(&shop, &invoice, "org_s", "499").await.0, 200);
    assert_eq!(shop.available("org_s").await, "249.50", "half was refunded before anybody knew whose it was");
    shop.deliver_all().await;
    shop.recover().await.unwrap();
    assert_eq!(shop.available("org_s").await, "249.50");
}

#[tokio::test]
async fn a_dispute_of_an_unknown_invoice_freezes_with_the_grant() {
    let (shop, _, invoice) = unknown().await;
    let dispute = shop.dispute(&payment_of(&shop, &invoice).await, 49_900).await;
    shop.deliver_all().await;
    assert_eq!(grant(&shop, &invoice, "org_s", "499").await.0, 200);
    let credits = shop.credits("org_s").await;
    assert_eq!((&credits["available"], &credits["billingStatus"]), (&json!("0.00"), &json!("frozen")));
    shop.close_dispute(&dispute, "won").await;
    shop.deliver_all().await;
    let credits = shop.credits("org_s").await;
    assert_eq!((&credits["available"], &credits["billingStatus"]), (&json!("499.00"), &json!("active")));
}

#[tokio::test]
async fn a_customer_that_becomes_known_later_has_its_invoices_granted_by_their_events() {
    let (shop, _, invoice) = unknown().await;
    make_known(&shop).await;
    shop.deliver_all().await;
    assert_eq!(shop.available("org_s").await, "499.00");
    // What was in review is granted already: to decide on it once more grants nothing.
    let (status, body) = grant(&shop, &invoice, "org_s", "499").await;
    assert_eq!((status, shop.available("org_s").await.as_str()), (200, "499.00"), "{body}");
}

/// The customer of the unknown subscription becomes org_s's.
async fn make_known(shop: &Shop) {
    let csv = "rowId,organizationId,credits,stripeCustomerId\nrow-1,org_s,0.00,cus_stranger\n";
    let call = Call::new("POST", "/api/admin/credits/opening-balances").by("org_droplab", "finance");
    assert_eq!(shop.credit_adjustments(call.body(csv)).await.status(), 200);
}

async fn paid_event(shop: &Shop) -> Value {
    shop.events_of("invoice.paid").await.remove(0)
}

#[tokio::test]
async fn what_was_refunded_before_the_customer_was_known_is_taken_wherever_the_grant_dies() {
    for fault in [Fault::DiesBefore, Fault::DiesAfter] {
        for at in 0.. {
            let (shop, _, invoice) = unknown().await;
            shop.refund(&payment_of(&shop, &invoice).await, 24_950).await;
            shop.deliver_all().await;
            make_known(&shop).await;
            let paid = paid_event(&shop).await;
            let died = shop.world.dies_at(at, fault, shop.deliver(&paid)).await;
            // The event of the refund was answered long ago: only that of the invoice comes again.
            assert_eq!(shop.deliver(&paid).await.status(), 200);
            assert_eq!(shop.available("org_s").await, "249.50", "{fault:?} {at}");
            if !died {
                assert!(at > 8, "{at}");
                break;
            }
        }
    }
}

#[tokio::test]
async fn an_invoice_that_finance_dismissed_is_not_granted_when_its_customer_becomes_known() {
    let (shop, _, invoice) = unknown().await;
    decided(&shop, &invoice, REASON, None).await;
    make_known(&shop).await;
    shop.deliver_all().await;
    shop.recover().await.unwrap();
    assert_eq!(shop.available("org_s").await, "0.00");
    assert_eq!(grant(&shop, &invoice, "org_s", "499").await.0, 409, "it was resolved before");
}

#[tokio::test]
async fn an_invoice_paid_before_the_import_stands_in_the_imported_balance() {
    let (shop, _, invoice) = unknown().await;
    shop.later(3600);
    make_known(&shop).await;
    shop.deliver_all().await;
    shop.recover().await.unwrap();
    assert_eq!(shop.available("org_s").await, "0.00");
    let (_, body) =
        read(&shop.credit_orders(Call::new("GET", "/api/credits/orders").by("org_s", "owner")).await);
    assert_eq!(body["invoices"][0]["whyNothing"], "brought-over");
    // Finance knows better: the imported balance did not hold it.
    assert_eq!(grant(&shop, &invoice, "org_s", "499").await.0, 200);
    shop.deliver_all().await;
    assert_eq!((shop.available("org_s").await.as_str(), in_review(&shop).await.len()), ("499.00", 0));
}

#[tokio::test]
async fn an_invoice_granted_meanwhile_is_not_granted_to_another_organization() {
    let (shop, _, invoice) = unknown().await;
    make_known(&shop).await;
    shop.deliver_all().await;
    assert_eq!(shop.available("org_s").await, "499.00");
    let (status, body) = grant(&shop, &invoice, "org_t", "499").await;
    assert_eq!((status, &body["code"]), (409, &json!("granted_before")));
    assert!(body["detail"].as_str().unwrap().contains("org_s"), "finance sees to whom: {body}");
    assert_eq!(
        (shop.available("org_s").await, shop.available("org_t").await),
        ("499.00".into(), "0.00".into())
    );
    assert_eq!(in_review(&shop).await.len(), 1, "nothing further is in review because of it");
}
