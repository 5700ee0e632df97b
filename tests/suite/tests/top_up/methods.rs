//! What is charged: a saved card and nothing else, in a request that Stripe takes.

use super::{assert_closed_once, customer, look, low, ready, reasons};
use billing::{Pause, TopUpOutcome};
use platform::config::name;
use serde_json::{Value, json};
use suite::{functions::Functions, shop::Shop};

/// A customer of Stripe's saves a method elsewhere.
async fn saves(shop: &Shop, kind: &str) -> Value {
    let path = format!("stripe/customers/{}/payment-methods", customer(shop).await);
    shop.control("POST", &path, json!({"type": kind})).await
}

#[tokio::test]
async fn a_charge_says_where_its_owner_comes_back_to_also_where_no_address_is_configured() {
    let shop = low().await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought, "Stripe takes no charge without");
    assert_closed_once(&shop, "configured").await;
    let shop = low().await;
    let Functions { services, environment, .. } = &shop.functions;
    let environment = environment.clone().with(name::APP_URL, "");
    let (billing, _) = billing::connect(services, &environment).await.unwrap();
    assert_eq!(billing.top_up.run(&shop.org("org_a")).await.unwrap(), TopUpOutcome::Bought);
    assert_closed_once(&shop, "where the owner set it").await;
}

#[tokio::test]
async fn a_page_that_saves_a_card_offers_cards_alone_and_others_offer_everything() {
    let shop = Shop::new().await;
    shop.order_saving_card("org_a", "100").await;
    shop.order("org_a", "100").await;
    let sessions = shop.at_stripe("sessions").await;
    let [saving, plain] = sessions.as_slice() else { panic!("{sessions:?}") };
    assert_eq!(saving["allowed_payment_method_types"], json!(["card"]));
    assert_eq!(plain["allowed_payment_method_types"], Value::Null);
}

#[tokio::test]
async fn of_all_that_a_customer_saved_a_card_is_charged() {
    let shop = ready().await;
    let card = shop.at_stripe("payment_methods").await.remove(0);
    for kind in ["link", "us_bank_account"] {
        saves(&shop, kind).await;
    }
    shop.spend("org_a", "60").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought);
    assert_eq!(shop.charges().await[0]["payment_method"], card["id"]);
}

#[tokio::test]
async fn who_saved_no_card_is_asked_for_one() {
    let shop = low().await;
    saves(&shop, "link").await;
    let card = shop.at_stripe("payment_methods").await.remove(0);
    shop.stripe_api(&format!("payment_methods/{}/detach", card["id"].as_str().unwrap()), &[]).await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::NoCard);
    assert_eq!(shop.auto_top_up("org_a").await.paused, Some(Pause::NoCard));
    assert!(shop.charges().await.is_empty());
    assert_eq!(reasons(&shop).await, ["no-card"]);
}
