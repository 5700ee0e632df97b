//! Cards that do not pay: the owner gets an alert, the card rests, and nobody tries for ever.

use super::{charges_fail, customer, look, low, message, reasons};
use billing::{OrderStatus, Pause, TopUpOutcome};
use serde_json::json;
use suite::shop::Shop;

const HOUR: i64 = 3600;

async fn with_cards_that_end(behaviour: &str) -> Shop {
    let shop = low().await;
    shop.cards_end(&customer(&shop).await, behaviour).await;
    shop
}

/// The one declined charge of 460.00with one alert and nothing left in flight.
async fn assert_declined_once(shop: &Shop, case: &str) {
    assert_eq!(shop.charged().await, ["requires_payment_method 46000"], "{case}");
    assert_eq!(reasons(shop).await, ["declined again"], "{case}");
    let record = shop.auto_top_up("org_a").await;
    assert_eq!((record.in_flight, record.declines), (None, 1), "{case}");
    assert_eq!(record.charged.to_string(), "0.00", "{case}: a declined charge is none of the cap");
    assert!(record.wait_until.is_some() && record.wait_until == record.next_check, "{case}");
    let order = shop.orders("org_a").await.into_iter().find(|order| order.payment_method.is_some()).unwrap();
    assert_eq!(
        (order.status, order.failure.as_deref()),
        (OrderStatus::Failed, Some("card_declined")),
        "{case}"
    );
    assert_eq!(shop.available("org_a").await, "40.00", "{case}");
}

#[tokio::test]
async fn a_declined_top_up_waits_an_hour_and_pauses_after_three() {
    let shop = with_cards_that_end("declined").await;
    for declines in 1..=3 {
        shop.recover().await.unwrap();
        shop.deliver_all().await;
        let record = shop.auto_top_up("org_a").await;
        assert_eq!((record.declines, record.charged.to_string()), (declines, "0.00".to_owned()));
        // Whoever looks within the hour: messages, further spending, recovery.
        for _ in 0..4 {
            shop.later(HOUR / 4 - 1);
            shop.spend("org_a", "0.50").await;
            assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::NotNeeded);
            assert!(shop.deliver_top_up(&message()).await);
            shop.recover().await.unwrap();
            assert_eq!(shop.charges().await.len(), usize::try_from(declines).unwrap());
        }
        shop.later(4);
    }
    assert_eq!(reasons(&shop).await, ["declined again", "declined again", "declined"]);
    assert_eq!(shop.auto_top_up("org_a").await.paused, Some(Pause::Declined));
    for _ in 0..10 {
        shop.later(24 * HOUR);
        shop.spend("org_a", "0.10").await;
        shop.sweep().await;
        shop.work_off().await;
        shop.recover().await.unwrap();
        assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::NotNeeded);
    }
    let charged: Vec<String> = shop.charged().await;
    assert_eq!(charged.len(), 3, "three attempts in all: {charged:?}");
    assert_eq!(reasons(&shop).await.len(), 3, "one alert each");
}

#[tokio::test]
async fn saving_the_settings_again_resumes_a_paused_top_up_with_a_clean_count() {
    let shop = with_cards_that_end("insufficient_funds").await;
    for _ in 0..3 {
        assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Failed);
        shop.later(HOUR);
    }
    assert_eq!(shop.auto_top_up("org_a").await.paused, Some(Pause::Declined));
    let view = shop.set_top_up("org_a", "50", "500", "1000").await;
    assert_eq!((&view["paused"], &view["waitUntil"]), (&json!(null), &json!(null)));
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Failed);
    assert_eq!(shop.auto_top_up("org_a").await.declines, 1, "declines in a row begin anew");
    shop.later(HOUR);
    shop.cards_end(&customer(&shop).await, "succeeds").await;
    shop.recover().await.unwrap();
    assert_eq!(shop.available("org_a").await, "500.00");
    let record = shop.auto_top_up("org_a").await;
    assert_eq!((record.declines, record.wait_until, record.paused), (0, None, None));
}

#[tokio::test]
async fn a_decline_whose_response_is_lost_is_counted_and_alerted_once() {
    for kind in ["status-after-effect", "drop-after-effect"] {
        for webhook_first in [true, false] {
            let shop = with_cards_that_end("declined").await;
            charges_fail(&shop, kind).await;
            assert!(!shop.deliver_top_up(&message()).await, "{kind}");
            if webhook_first {
                shop.deliver_all().await;
            }
            assert!(shop.deliver_top_up(&message()).await, "{kind}");
            shop.deliver_all().await;
            assert_declined_once(&shop, &format!("{kind} {webhook_first}")).await;
        }
    }
}

/// The payment that the bank wants to be confirmed is cancelled, the owner alerted once, and nothing tried again.
async fn assert_asked_once(shop: &Shop, case: &str) {
    assert_eq!(shop.charged().await, ["canceled 46000"], "{case}");
    assert_eq!(reasons(shop).await, ["authentication-required"], "{case}");
    let record = shop.auto_top_up("org_a").await;
    assert_eq!(record.paused, Some(Pause::AuthenticationRequired), "{case}");
    assert_eq!(
        (record.in_flight, record.next_check),
        (None, None),
        "{case}: nobody looks until the owner acts"
    );
    assert_eq!(shop.available("org_a").await, "40.00", "{case}");
}

#[tokio::test]
async fn a_payment_to_be_confirmed_is_cancelled_alerted_and_paused_and_never_loops() {
    let shop = with_cards_that_end("authentication_required").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Failed);
    assert_asked_once(&shop, "at once").await;
    let alert = &shop.alerts_of("org_a").await[0];
    assert!(alert.text().contains("confirm") && alert.text().contains("resume"), "{}", alert.text());
    for _ in 0..5 {
        shop.deliver_all().await;
        shop.later(2 * HOUR);
        shop.spend("org_a", "0.01").await;
        shop.sweep().await;
        shop.work_off().await;
        shop.recover().await.unwrap();
        assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::NotNeeded);
    }
    assert_eq!(shop.charged().await, ["canceled 46000"]);
    assert_eq!(reasons(&shop).await.len(), 1);
    // The owner buys once and confirms there; then saves the settings again.
    shop.cards_end(&customer(&shop).await, "succeeds").await;
    shop.set_top_up("org_a", "50", "500", "1000").await;
    shop.recover().await.unwrap();
    assert_eq!(shop.available("org_a").await, "500.00");
    assert_eq!(shop.charged().await, ["canceled 46000", "succeeded 46005"]);
}

#[tokio::test]
async fn while_the_cancellation_fails_it_is_tried_again_and_the_owner_is_alerted_once_it_is_done() {
    for kind in ["status", "status-after-effect", "drop", "drop-after-effect"] {
        for by_webhook in [true, false] {
            let shop = with_cards_that_end("authentication_required").await;
            shop.stripe_fails("POST", "/cancel", kind, 3).await;
            assert!(!shop.deliver_top_up(&message()).await, "{kind}: it comes again");
            shop.no_faults().await;
            assert!(reasons(&shop).await.is_empty(), "{kind}: no alert before it is cancelled");
            if by_webhook {
                shop.deliver_all().await;
            }
            assert!(shop.deliver_top_up(&message()).await, "{kind}");
            shop.deliver_all().await;
            assert_asked_once(&shop, &format!("{kind} {by_webhook}")).await;
        }
    }
}

#[tokio::test]
async fn without_a_card_nothing_is_ordered_and_a_card_saved_later_resumes_with_the_settings() {
    let shop = Shop::new().await;
    shop.buy("org_a", "10").await;
    shop.set_top_up("org_a", "50", "500", "1000").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::NoCard);
    for _ in 0..3 {
        shop.later(HOUR);
        shop.recover().await.unwrap();
        assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::NotNeeded);
    }
    assert_eq!((reasons(&shop).await, shop.orders("org_a").await.len()), (vec!["no-card".to_owned()], 1));
    assert_eq!(shop.auto_top_up("org_a").await.paused, Some(Pause::NoCard));
    shop.world.clock.advance_seconds(-3 * HOUR);
    shop.bought("org_a", "10").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::NotNeeded, "not before the owner says so");
    shop.set_top_up("org_a", "50", "500", "1000").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
    assert_eq!(shop.available("org_a").await, "500.00");
}

#[tokio::test]
async fn a_card_detached_between_decision_and_charge_fails_that_order_and_the_next_look_finds_no_card() {
    let shop = low().await;
    charges_fail(&shop, "drop").await;
    assert!(look(&shop).await.is_err(), "the order stands, Stripe knows nothing of it");
    let card = shop.at_stripe("payment_methods").await[0]["id"].as_str().unwrap().to_owned();
    let url = format!("{}/stripe/v1/payment_methods/{card}/detach", shop.sandbox_url);
    let answer = shop.http.post(url).bearer_auth("sk_test_droplab_local").send().await.unwrap();
    assert!(answer.status().is_success());
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Failed);
    assert_eq!(reasons(&shop).await, ["declined again"]);
    shop.later(HOUR);
    shop.recover().await.unwrap();
    assert_eq!(reasons(&shop).await, ["declined again", "no-card"]);
    assert_eq!(shop.auto_top_up("org_a").await.paused, Some(Pause::NoCard));
    assert!(shop.charges().await.is_empty());
}

#[tokio::test]
async fn a_charge_that_its_owner_confirms_while_it_is_given_up_is_granted_and_not_a_failure_for_ever() {
    let shop = low().await;
    shop.cards_end(&customer(&shop).await, "processing").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::UnderWay);
    let payment = shop.charges().await[0].clone();
    let mut wants_its_owner = shop.events().await.pop().unwrap();
    wants_its_owner["type"] = json!("payment_intent.payment_failed");
    wants_its_owner["data"]["object"] = payment.clone();
    wants_its_owner["data"]["object"]["status"] = json!("requires_action");
    let path = format!("stripe/payment-intents/{}/settle", payment["id"].as_str().unwrap());
    shop.control("POST", &path, json!({"succeed": true})).await;
    // Stripe refuses to cancel what has succeeded.
    for _ in 0..2 {
        assert_eq!(shop.deliver(&wants_its_owner).await.status(), 200);
        assert_eq!(shop.available("org_a").await, "500.00");
    }
    let record = shop.auto_top_up("org_a").await;
    assert_eq!((record.in_flight, record.declines, record.paused), (None, 0, None));
    shop.deliver_all().await;
    assert_eq!((shop.available("org_a").await.as_str(), shop.charges().await.len()), ("500.00", 1));
}
