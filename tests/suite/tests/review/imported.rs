//! Money that goes back of what was paid before an organization was imported: its credits stand in the opening
//! balance, where nobody but finance can find them.

use super::{
    in_review,
    invoices::{payment_of, unknown},
};
use billing::{ImportRow, ReviewReason, import_row};
use money::Money;
use std::time::Duration;
use suite::shop::Shop;
use terms::{Actor, Timestamp};

/// An invoice paid to the existing application, whose customer is then imported with 499.00 credits.
async fn imported() -> (Shop, String) {
    let (shop, _, invoice) = unknown().await;
    // Stripe's times are whole seconds of a clock that this test cannot set.
    let payment = payment_of(&shop, &invoice).await;
    let paid = shop.at_stripe("payment_intents").await;
    let paid = paid.iter().find(|paid| paid["id"] == payment.as_str()).unwrap()["created"].as_i64().unwrap();
    let imported_at = Timestamp::from_seconds(paid + 1);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let row = ImportRow {
        row_id: "row-1".to_owned(),
        organization: shop.org("org_s"),
        credits: Money::parse("499").unwrap(),
        customer: Some("cus_stranger".to_owned()),
        overrides: None,
    };
    let (ledger, work) = (&shop.world.ledger, &shop.world.work);
    let actor = Actor::system("test");
    let done = Box::pin(import_row(ledger, work, &row, &actor, imported_at)).await;
    done.unwrap().unwrap();
    (shop, payment)
}

/// What is in review because of the opening balance.
async fn for_finance(shop: &Shop) -> Vec<String> {
    let facts = in_review(shop).await.into_iter();
    facts.filter(|(_, why)| *why == ReviewReason::Imported).map(|(object, _)| object).collect()
}

#[tokio::test]
async fn a_refund_or_dispute_of_what_was_paid_before_the_import_goes_to_review_once() {
    for disputed in [true, false] {
        let (shop, payment) = imported().await;
        let object = match disputed {
            true => shop.dispute(&payment, 49_900).await,
            false => shop.refund(&payment, 10_000).await,
        };
        for _ in 0..3 {
            shop.deliver_all().await;
            shop.recover().await.unwrap();
        }
        assert_eq!(for_finance(&shop).await, [object], "disputed: {disputed}");
        assert_eq!(shop.available("org_s").await, "499.00", "a person corrects it");
    }
}

#[tokio::test]
async fn what_went_back_before_stands_in_the_balance_already() {
    let (shop, _, invoice) = unknown().await;
    let payment = payment_of(&shop, &invoice).await;
    shop.refund(&payment, 10_000).await;
    shop.later(3600);
    let row = ImportRow {
        row_id: "row-1".to_owned(),
        organization: shop.org("org_s"),
        credits: Money::parse("399").unwrap(),
        customer: Some("cus_stranger".to_owned()),
        overrides: None,
    };
    let (ledger, work) = (&shop.world.ledger, &shop.world.work);
    import_row(ledger, work, &row, &Actor::system("test"), shop.world.clock.now()).await.unwrap().unwrap();
    shop.deliver_all().await;
    shop.recover().await.unwrap();
    assert!(for_finance(&shop).await.is_empty());
}

#[tokio::test]
async fn the_refund_of_a_payment_of_another_application_is_nobodys() {
    let (shop, _, invoice) = unknown().await;
    let payment = payment_of(&shop, &invoice).await;
    shop.refund(&payment, 10_000).await;
    shop.deliver_all().await;
    assert!(for_finance(&shop).await.is_empty(), "its customer is not imported");
}
