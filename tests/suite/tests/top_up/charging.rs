//! A charge from its beginning to its credits.

use super::{assert_closed_once, charges_fail, customer, look, low, message, ready, reasons};
use billing::TopUpOutcome;
use serde_json::json;

#[tokio::test]
async fn one_charge_closes_the_gap() {
    let shop = low().await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
    assert_closed_once(&shop, "after its answer").await;
    let charge = shop.charges().await.remove(0);
    assert_eq!(charge["metadata"]["organization_id"], "org_a");
    assert_eq!(charge["payment_method"], shop.at_stripe("payment_methods").await[0]["id"]);
    for _ in 0..3 {
        assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::NotNeeded);
        shop.deliver_all().await;
        shop.recover().await.unwrap();
    }
    assert_closed_once(&shop, "after its webhook, twice").await;
    let titles: Vec<String> = shop.alerts_of("org_a").await.iter().map(alerts::Alert::title).collect();
    assert_eq!(titles, ["Your saved card was charged $460.00"], "one alert of what was charged by itself");
}

#[tokio::test]
async fn at_the_threshold_nothing_is_bought_and_a_cent_below_it_is() {
    let shop = ready().await;
    shop.spend("org_a", "50").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::NotNeeded);
    assert!(shop.charges().await.is_empty());
    shop.spend("org_a", "0.01").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
    assert_eq!(shop.charged().await, ["succeeded 45001"]);
}

#[tokio::test]
async fn a_gap_beyond_the_largest_purchase_is_closed_by_one_charge_after_the_other() {
    let shop = ready().await;
    shop.set_top_up("org_a", "9000", "20000", "100000").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
    assert_eq!(shop.charged().await, ["succeeded 1000000"]);
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::NotNeeded, "10,100.00 are above the threshold");
    shop.spend("org_a", "2000").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
    assert_eq!(shop.charged().await, ["succeeded 1000000", "succeeded 1000000"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redelivered_top_up_charges_once() {
    let shop = low().await;
    let first = futures::future::join_all((0..16).map(|_| async { shop.deliver_top_up(&message()).await }));
    first.await;
    for _ in 0..20 {
        assert!(shop.deliver_top_up(&message()).await);
    }
    assert_closed_once(&shop, "36 deliveries").await;
}

#[tokio::test]
async fn whatever_stripe_does_to_a_charge_it_is_made_and_credited_once() {
    for kind in ["status", "status-after-effect", "drop", "drop-after-effect"] {
        let shop = low().await;
        charges_fail(&shop, kind).await;
        assert!(!shop.deliver_top_up(&message()).await, "{kind}: the message comes again");
        let record = shop.auto_top_up("org_a").await;
        assert!(record.in_flight.is_some() && record.next_check.is_some(), "{kind}: recovery looks after it");
        assert_eq!(shop.available("org_a").await, "40.00", "{kind}");
        assert!(shop.deliver_top_up(&message()).await, "{kind}");
        assert_closed_once(&shop, kind).await;
    }
}

#[tokio::test]
async fn a_webhook_before_the_response_credits_once_and_ends_the_charge_in_flight() {
    let shop = low().await;
    charges_fail(&shop, "drop-after-effect").await;
    assert!(look(&shop).await.is_err(), "the answer is lost");
    shop.deliver_all().await;
    assert_closed_once(&shop, "by its webhook").await;
    assert!(shop.deliver_top_up(&message()).await);
    shop.deliver_all().await;
    assert_closed_once(&shop, "and the message once more").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn webhook_and_response_at_once_credit_once() {
    for _ in 0..8 {
        let shop = low().await;
        charges_fail(&shop, "drop-after-effect").await;
        assert!(look(&shop).await.is_err());
        let message = message();
        let (_, done) = tokio::join!(shop.deliver_all(), shop.deliver_top_up(&message));
        assert!(done || shop.deliver_top_up(&message).await);
        assert_closed_once(&shop, "both at once").await;
    }
}

#[tokio::test]
async fn a_charge_that_is_processing_stays_the_only_one_until_it_ends() {
    for succeed in [true, false] {
        let shop = low().await;
        shop.cards_end(&customer(&shop).await, "processing").await;
        for _ in 0..4 {
            assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::UnderWay);
        }
        shop.spend("org_a", "10").await;
        assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::UnderWay, "a further gap begins nothing");
        shop.deliver_all().await;
        assert_eq!(shop.charged().await, ["processing 46000"]);
        assert_eq!(shop.available("org_a").await, "30.00", "processing grants nothing");
        let charge = shop.charges().await[0]["id"].as_str().unwrap().to_owned();
        let path = format!("stripe/payment-intents/{charge}/settle");
        shop.control("POST", &path, json!({"succeed": succeed})).await;
        // All webhooks are lost: recovery reads what happened.
        shop.recover().await.unwrap();
        let record = shop.auto_top_up("org_a").await;
        assert_eq!(record.in_flight, None, "{succeed}");
        if succeed {
            assert_eq!((shop.available("org_a").await.as_str(), record.declines), ("490.00", 0));
        } else {
            assert_eq!((shop.available("org_a").await.as_str(), record.declines), ("30.00", 1));
            assert_eq!(reasons(&shop).await, ["declined again"]);
        }
        shop.deliver_all().await;
        assert_eq!(shop.charges().await.len(), 1);
    }
}

#[tokio::test]
async fn the_card_that_was_saved_last_is_charged() {
    let shop = ready().await;
    shop.bought("org_a", "10").await;
    let cards = shop.at_stripe("payment_methods").await;
    assert_eq!(cards.len(), 2);
    shop.spend("org_a", "70").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
    let used = &shop.charges().await[0]["payment_method"];
    assert_eq!(*used, cards[1]["id"], "both were saved in one second: the list's own order stays");
}
