//! Orders that fail and money that is refunded.

use super::titles;
use alerts::AlertKind;
use suite::shop::Shop;

async fn failed() -> Shop {
    let shop = Shop::new().await;
    let body = shop.order_saving_nothing("org_a", "250").await;
    let session = body["sessionId"].as_str().unwrap();
    shop.pay(session, true).await;
    shop.deliver_all().await;
    shop.complete_delayed(session, false).await;
    shop
}

#[tokio::test]
async fn an_order_that_fails_raises_one_alert_by_its_event_or_by_recovery() {
    for by_webhook in [true, false] {
        let shop = failed().await;
        if by_webhook {
            shop.deliver_all().await;
        } else {
            shop.events_are_forgotten().await;
            shop.later(3601);
            shop.recover().await.unwrap();
        }
        for _ in 0..2 {
            shop.later(1);
            shop.deliver_all().await;
            shop.recover().await.unwrap();
        }
        let found = shop.alerts_of("org_a").await;
        assert_eq!(found.len(), 1, "{by_webhook}");
        let order = &shop.orders("org_a").await[0];
        assert!(
            matches!(&found[0].kind, AlertKind::OrderFailed { order_id, .. } if *order_id == order.order_id)
        );
        assert!(found[0].text().contains("nothing was charged"), "{}", found[0].text());
        assert_eq!(shop.available("org_a").await, "0.00");
    }
}

#[tokio::test]
async fn an_order_that_expires_raises_no_alert() {
    let shop = Shop::new().await;
    let session = shop.order("org_a", "250").await;
    shop.expire(&session).await;
    shop.deliver_all().await;
    shop.recover().await.unwrap();
    assert!(titles(&shop).await.is_empty());
}

#[tokio::test]
async fn each_refund_raises_one_alert_with_its_own_amount_and_a_failed_one_no_second_success() {
    let shop = Shop::new().await;
    let order = shop.bought("org_a", "100").await;
    let payment = order.payment_intent.unwrap();
    shop.refund(&payment, 3_000).await;
    let second = shop.refund(&payment, 2_000).await;
    for _ in 0..3 {
        shop.later(1);
        shop.deliver_all().await;
        shop.recover().await.unwrap();
    }
    let mut found = titles(&shop).await;
    found.sort();
    assert_eq!(found, ["$20.00 was refunded", "$30.00 was refunded"]);
    shop.settle_refund(&second, "failed").await;
    shop.later(1);
    shop.deliver_all().await;
    let found = titles(&shop).await;
    assert_eq!((found.len(), found[2].as_str()), (3, "A refund of $20.00 did not succeed"));
    assert_eq!(shop.available("org_a").await, "70.00");
}

#[tokio::test]
async fn the_refund_of_a_subscriptions_invoice_raises_an_alert_and_a_dispute_is_no_refund() {
    let shop = Shop::new().await;
    shop.subscribe("cus_s", "org_a").await;
    shop.deliver_all().await;
    let payment = shop.at_stripe("payment_intents").await[0]["id"].as_str().unwrap().to_owned();
    shop.refund(&payment, 9_900).await;
    shop.deliver_all().await;
    assert_eq!(titles(&shop).await, ["$99.00 was refunded"]);
    shop.dispute(&payment, 10_000).await;
    shop.deliver_all().await;
    let mut found = titles(&shop).await;
    found.sort();
    assert_eq!(found, ["$99.00 was refunded", "A payment is disputed: nothing new can be started"]);
    assert_eq!(shop.available("org_a").await, "300.00");
}
