//! Open things, read again by their ids whatever their age.

use super::{HOUR, reads_fail, recovered};
use billing::{MirroredSubscription, OrderStatus};
use serde_json::json;
use suite::{
    gateway::{Call, read},
    lines::Lines,
    shop::Shop,
};
use support::assert_members;

/// An order whose payment page Stripe made, and we never heard of.
async fn page_lost(kind: &str) -> Shop {
    let shop = Shop::new().await;
    shop.stripe_fails("POST", "/checkout/sessions", kind, 3).await;
    let call =
        Call::new("POST", "/api/stripe/purchase-credits").by("org_a", "owner").body(r#"{"amount":250}"#);
    assert_eq!(read(&shop.purchase(call).await).0, 503, "{kind}");
    let order = &shop.orders("org_a").await[0];
    assert_eq!((order.session_id.as_ref(), order.status), (None, OrderStatus::Pending));
    shop
}

#[tokio::test]
async fn an_order_whose_page_was_lost_is_found_by_its_customer_and_credited_if_it_was_paid() {
    for kind in ["drop-after-effect", "status-after-effect"] {
        let shop = page_lost(kind).await;
        let session = shop.at_stripe("sessions").await[0]["id"].as_str().unwrap().to_owned();
        shop.pay(&session, false).await;
        shop.events_are_forgotten().await;
        recovered(&shop).await;
        assert_eq!(shop.available("org_a").await, "0.00", "{kind}: not looked at before its time");
        shop.later(HOUR);
        recovered(&shop).await;
        assert_eq!(shop.available("org_a").await, "250.00", "{kind}");
        let order = &shop.orders("org_a").await[0];
        assert_eq!((order.session_id.as_ref(), order.next_check), (Some(&session), None), "{kind}");
        shop.deliver_all().await;
        assert_eq!(shop.available("org_a").await, "250.00", "{kind}");
    }
}

#[tokio::test]
async fn an_order_whose_page_was_never_made_expires_an_hour_after_its_end() {
    let shop = page_lost("drop").await;
    for hours in 1..=24 {
        shop.later(HOUR);
        recovered(&shop).await;
        assert_eq!(shop.orders("org_a").await[0].status, OrderStatus::Pending, "{hours}");
    }
    shop.later(HOUR);
    recovered(&shop).await;
    let order = &shop.orders("org_a").await[0];
    assert_eq!((order.status, order.next_check), (OrderStatus::Expired, None));
}

#[tokio::test]
async fn a_paid_expired_or_failed_page_is_decided_by_what_stripe_says_of_it_now() {
    let shop = Shop::new().await;
    let mut sessions = Vec::new();
    for amount in ["10", "20", "30", "40"] {
        shop.later(1);
        sessions.push(shop.order("org_a", amount).await);
    }
    shop.pay(&sessions[0], false).await;
    shop.control("POST", &format!("stripe/sessions/{}/expire", sessions[1]), json!({})).await;
    shop.pay(&sessions[2], true).await;
    shop.complete_delayed(&sessions[2], false).await;
    shop.pay(&sessions[3], true).await;
    shop.events_are_forgotten().await;
    shop.later(HOUR);
    recovered(&shop).await;
    let mut orders = shop.orders("org_a").await;
    orders.sort_by_key(|order| order.amount);
    let stand: Vec<OrderStatus> = orders.iter().map(|order| order.status).collect();
    assert_eq!(
        stand,
        [OrderStatus::Paid, OrderStatus::Expired, OrderStatus::Failed, OrderStatus::Processing]
    );
    assert_eq!(shop.available("org_a").await, "10.00");
    shop.complete_delayed(&sessions[3], true).await;
    shop.events_are_forgotten().await;
    // Weeks later: what is under way is looked at whatever its age.
    shop.later(40 * 24 * HOUR);
    recovered(&shop).await;
    assert_eq!(shop.available("org_a").await, "50.00");
    assert!(shop.orders("org_a").await.iter().all(|order| order.next_check.is_none()));
}

#[tokio::test]
async fn an_open_dispute_and_a_waiting_refund_are_read_by_id_until_they_end() {
    let shop = Shop::new().await;
    let order = shop.bought("org_a", "100").await;
    let payment = order.payment_intent.unwrap();
    let body = json!({"paymentIntent": payment, "amountCents": 2_000, "status": "pending"});
    let refund = shop.control("POST", "stripe/refunds", body).await["id"].as_str().unwrap().to_owned();
    let dispute = shop.dispute(&payment, 5_000).await;
    shop.deliver_all().await;
    assert_eq!(shop.available("org_a").await, "30.00");
    shop.settle_refund(&refund, "failed").await;
    shop.close_dispute(&dispute, "won").await;
    shop.events_are_forgotten().await;
    shop.later(40 * 24 * HOUR);
    recovered(&shop).await;
    let credits = shop.credits("org_a").await;
    assert_eq!((&credits["available"], &credits["billingStatus"]), (&json!("100.00"), &json!("active")));
    assert_eq!(shop.orders("org_a").await[0].next_check, None);
}

#[tokio::test]
async fn a_subscription_is_read_again_with_the_invoices_that_it_paid() {
    let shop = Shop::new().await;
    let subscription = shop.subscribe("cus_s", "org_a").await;
    shop.deliver_all().await;
    let path = format!("stripe/subscriptions/{subscription}/cycle");
    shop.control("POST", &path, json!({})).await;
    shop.control("POST", &path, json!({"fail": true})).await;
    shop.events_are_forgotten().await;
    shop.later(24 * HOUR + 1);
    recovered(&shop).await;
    let credits = shop.credits("org_a").await;
    assert_eq!((&credits["available"], &credits["billingStatus"]), (&json!("598.00"), &json!("past_due")));
    shop.control("POST", &format!("stripe/subscriptions/{subscription}/status"), json!({"status": "active"}))
        .await;
    shop.events_are_forgotten().await;
    shop.later(HOUR + 1);
    recovered(&shop).await;
    assert_eq!(shop.credits("org_a").await["billingStatus"], "active", "past due is looked at each hour");
    shop.control("POST", &format!("stripe/subscriptions/{subscription}/cancel"), json!({})).await;
    shop.events_are_forgotten().await;
    shop.later(24 * HOUR + 1);
    recovered(&shop).await;
    let standing = shop.world.work.list::<MirroredSubscription>("ORG#org_a", "STANDING#").await.unwrap();
    assert_eq!((standing[0].record.status.as_str(), standing[0].record.next_check), ("canceled", None));
}

#[tokio::test]
async fn one_open_thing_that_cannot_be_read_keeps_no_other_back_and_is_read_again_next_time() {
    let shop = Shop::new().await;
    for organization in ["org_a", "org_b"] {
        let session = shop.order(organization, "50").await;
        shop.pay(&session, false).await;
    }
    shop.events_are_forgotten().await;
    shop.later(HOUR);
    let (alarms, _listening) = Lines::listen();
    reads_fail(&shop, "drop", "/checkout/sessions", 1).await;
    let run = shop.recover().await.unwrap();
    assert_members!(run, {"looked": 1, "failed": 1, "walked": true}, "{run}");
    assert_eq!(alarms.take_alarms(), ["recovery-incomplete"]);
    let both = |left: String, right: String| [left, right];
    let mut stands = both(shop.available("org_a").await, shop.available("org_b").await);
    stands.sort();
    assert_eq!(stands, ["0.00", "50.00"]);
    recovered(&shop).await;
    assert_eq!(alarms.take_alarms(), Vec::<String>::new());
    assert_eq!(both(shop.available("org_a").await, shop.available("org_b").await), ["50.00", "50.00"]);
}

/// An organization whose customer at Stripe somebody deleted.
async fn customer_gone() -> Shop {
    let shop = Shop::new().await;
    let row = "rowId,organizationId,credits,stripeCustomerId\nrow-1,org_a,0.00,cus_gone\n";
    let call = Call::new("POST", "/api/admin/credits/opening-balances").by("org_droplab", "finance");
    assert_eq!(read(&shop.credit_adjustments(call.body(row)).await).1["rows"][0]["done"], true);
    shop
}

#[tokio::test]
async fn an_organization_whose_customer_stripe_no_longer_has_gets_a_new_one_with_its_next_order() {
    let shop = customer_gone().await;
    let order =
        || Call::new("POST", "/api/stripe/purchase-credits").by("org_a", "owner").body(r#"{"amount":250}"#);
    assert_eq!(read(&shop.purchase(order()).await).0, 502);
    let refused = &shop.orders("org_a").await[0];
    assert_eq!(
        (refused.status, refused.next_check),
        (OrderStatus::Failed, None),
        "nothing is left to look at"
    );
    let (status, answer) = read(&shop.purchase(order()).await);
    assert_eq!(status, 200, "{answer}");
    shop.pay(answer["sessionId"].as_str().unwrap(), false).await;
    shop.deliver_all().await;
    assert_eq!(shop.available("org_a").await, "250.00");
    assert_eq!(shop.at_stripe("customers").await.len(), 1);
    recovered(&shop).await;
}

#[tokio::test]
async fn what_stripe_refuses_to_tell_waits_an_hour_and_an_outage_does_not_count() {
    for (status, waits) in [(400, HOUR), (500, 0)] {
        let shop = Shop::new().await;
        shop.bought_only("org_a", "100").await;
        let session = shop.order("org_a", "50").await;
        shop.events_are_forgotten().await;
        shop.later(HOUR);
        let path = format!("/checkout/sessions/{session}");
        shop.stripe_fails("GET", &path, status, 3).await;
        assert_eq!(shop.recover().await.unwrap()["failed"], 1, "{status}");
        shop.no_faults().await;
        let open = shop.orders("org_a").await.into_iter().find(|order| order.status == OrderStatus::Pending);
        let next_check = open.unwrap().next_check.unwrap().as_seconds();
        assert_eq!(next_check - shop.world.clock.now().as_seconds(), waits, "{status}");
    }
}
