//! Tax and coupons: credits are what was bought, tax is none of them, and refunds pay tax back with the price.

use billing::RefundRequest;
use money::Money;
use serde_json::{Value, json};
use suite::{
    gateway::{Call, assert_problem, read},
    lines::{Line, Lines},
    shop::Shop,
};
use tables::Replace;
use terms::RefundRequestId;

/// An order of 100.00 with these totals, paid and delivered.
async fn bought(totals: Value) -> Shop {
    let shop = Shop::new().await;
    let session = shop.order("org_a", "100").await;
    shop.control("POST", &format!("stripe/sessions/{session}/totals"), totals).await;
    shop.pay(&session, false).await;
    shop.deliver_all().await;
    shop
}

async fn shown(shop: &Shop) -> Value {
    let (_, body) =
        read(&shop.credit_orders(Call::new("GET", "/api/credits/orders").by("org_a", "owner")).await);
    body["orders"][0].clone()
}

async fn refund_by_dashboard(shop: &Shop, cents: i64) {
    let orders = shop.orders("org_a").await;
    shop.refund(orders[0].payment_intent.as_ref().unwrap(), cents).await;
    shop.deliver_all().await;
}

#[tokio::test]
async fn tax_is_not_credits() {
    let shop = bought(json!({"taxCents": 825})).await;
    assert_eq!(shop.available("org_a").await, "100.00");
    let order = shown(&shop).await;
    assert_eq!((&order["status"], &order["inReview"]), (&json!("paid"), &json!(false)), "{order}");
    let amounts = ["amount", "granted", "paid", "tax", "discount"].map(|name| order[name].as_str().unwrap());
    assert_eq!(amounts, ["100.00", "100.00", "108.25", "8.25", "0.00"]);
    // A part of the payment takes its share of the credits; all of it takes all.
    refund_by_dashboard(&shop, 5_000).await;
    assert_eq!(shop.available("org_a").await, "53.81");
    refund_by_dashboard(&shop, 5_825).await;
    assert_eq!(shop.available("org_a").await, "0.00");
}

#[tokio::test]
async fn a_coupon_makes_less_credits_and_its_tax_none() {
    let shop = bought(json!({"discountCents": 2_000, "taxCents": 660})).await;
    assert_eq!(shop.available("org_a").await, "80.00");
    let order = shown(&shop).await;
    let amounts = ["amount", "granted", "paid", "tax", "discount"].map(|name| order[name].as_str().unwrap());
    assert_eq!(amounts, ["100.00", "80.00", "86.60", "6.60", "20.00"]);
    let statement = shop.world.ledger.statement(&shop.org("org_a")).await.unwrap();
    assert_eq!(statement[0].description, "Purchased $80.00 credits via Stripe");
    refund_by_dashboard(&shop, 8_660).await;
    assert_eq!(shop.available("org_a").await, "0.00");
}

#[tokio::test]
async fn tax_within_the_price_leaves_what_was_ordered() {
    let shop = bought(json!({"taxCents": 762, "inclusive": true})).await;
    assert_eq!(shop.available("org_a").await, "100.00");
    let order = shown(&shop).await;
    assert_eq!((&order["paid"], &order["tax"]), (&json!("100.00"), &json!("7.62")));
}

#[tokio::test]
async fn totals_that_contradict_each_other_go_to_review() {
    for totals in [json!({"taxCents": -825}), json!({"discountCents": -2_000})] {
        let shop = bought(totals.clone()).await;
        assert_eq!(shop.available("org_a").await, "0.00", "{totals}");
        assert_eq!(shown(&shop).await["inReview"], true, "{totals}");
    }
    // More than was ordered, all of it called tax: the totals agree, the order does not.
    let shop = Shop::new().await;
    let session = shop.order("org_a", "100").await;
    shop.pay(&session, false).await;
    let mut events = shop.events().await;
    let event = events.iter_mut().find(|event| event["type"] == "checkout.session.completed").unwrap();
    event["data"]["object"]["amount_subtotal"] = json!(20_000);
    event["data"]["object"]["amount_total"] = json!(20_000);
    shop.deliver(event).await;
    assert_eq!(shop.available("org_a").await, "0.00");
}

#[tokio::test]
async fn a_refund_that_finance_decides_pays_the_tax_of_unused_credits_back_too() {
    for (asked, left, cents) in
        [(None, "0.00", 10_825), (Some("54.13"), "50.00", 5_413), (Some("0.05"), "99.95", 5)]
    {
        let shop = bought(json!({"taxCents": 825})).await;
        let order = shop.orders("org_a").await[0].order_id.clone();
        let id = shop.asked_refund("org_a", &order, asked).await;
        let request = shop.approved("org_a", &id).await;
        assert_eq!(request["status"], "refunded", "{request}");
        let refunds = shop.at_stripe("refunds").await;
        assert_eq!(refunds[0]["amount"], cents);
        assert_eq!(shop.available("org_a").await, left, "{asked:?}");
        let account = shop.world.ledger.account(&shop.org("org_a")).await.unwrap();
        assert!(account.held.is_zero(), "{asked:?}: no hold stays");
    }
    // Of what is left after a spend, its own tax and no more.
    let shop = bought(json!({"taxCents": 825})).await;
    shop.spend("org_a", "60").await;
    let order = shop.orders("org_a").await[0].order_id.clone();
    let response = shop.ask_refund("org_a", &order, Some("43.31")).await;
    assert_eq!(read(&response).0, 409);
    let id = shop.asked_refund("org_a", &order, None).await;
    assert_eq!(shop.approved("org_a", &id).await["amount"], "43.30");
    assert_eq!(shop.available("org_a").await, "0.00");
}

#[tokio::test]
async fn an_amount_worth_no_credits_is_refused_with_the_least_that_is_worth_some() {
    for (tax, minimum) in [(10_000, "0.02"), (20_000, "0.03")] {
        let shop = bought(json!({"taxCents": tax})).await;
        let order = shop.orders("org_a").await[0].order_id.clone();
        let refused = shop.ask_refund("org_a", &order, Some("0.01")).await;
        let problem = assert_problem(&refused, 409, "amount_too_small");
        assert_eq!(problem["minimum"], minimum, "{problem}");
        let id = shop.asked_refund("org_a", &order, Some(minimum)).await;
        assert_eq!(shop.approved("org_a", &id).await["status"], "refunded");
        assert_eq!(shop.available("org_a").await, "99.99");
    }
}

#[tokio::test]
async fn a_stored_request_that_is_worth_no_credits_can_only_be_declined() {
    let shop = bought(json!({"taxCents": 20_000})).await;
    let order = shop.orders("org_a").await[0].order_id.clone();
    let id = shop.asked_refund("org_a", &order, Some("0.03")).await;
    let key = RefundRequest::key_of(&shop.org("org_a"), &RefundRequestId::parse(&id).unwrap());
    let stored = shop.world.work.get::<RefundRequest>(&key).await.unwrap().unwrap();
    let small = RefundRequest { amount: Money::parse("0.01").unwrap(), ..stored.record.clone() };
    assert!(matches!(shop.world.work.replace(&stored, &small).await.unwrap(), Replace::Done(_)));
    let (lines, _guard) = Lines::listen();
    let refused = shop.decide_refund("f1", "org_a", &id, true).await;
    assert_eq!(assert_problem(&refused, 409, "amount_too_small")["minimum"], "0.03");
    assert_eq!(lines.errors(), Vec::<Line>::new(), "no alarm");
    assert_eq!(shop.decide_refund("f1", "org_a", &id, false).await.status(), 200);
    assert!(shop.at_stripe("refunds").await.is_empty());
}

#[tokio::test]
async fn a_subscriptions_invoice_grants_what_was_paid_without_tax() {
    let shop = Shop::new().await;
    let body = json!({
        "customer": "cus_s", "amountCents": 53_981, "metadata": {"organization_id": "org_s"},
    });
    shop.control("POST", "stripe/subscriptions", body).await;
    let mut events = shop.events().await;
    let event = events.iter_mut().find(|event| event["type"] == "invoice.paid").unwrap();
    event["data"]["object"]["total_excluding_tax"] = json!(49_900);
    shop.deliver(event).await;
    assert_eq!(shop.available("org_s").await, "499.00");
    let (_, body) =
        read(&shop.credit_orders(Call::new("GET", "/api/credits/orders").by("org_s", "owner")).await);
    let invoice = &body["invoices"][0];
    assert_eq!((&invoice["paid"], &invoice["tax"]), (&json!("539.81"), &json!("40.81")));
}
