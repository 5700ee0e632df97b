//! Free credits that end: announced seven days before, ended on time.

use super::titles;
use alerts::AlertKind;
use billing::SubscriptionGrant;
use ledger::EntryKind;
use suite::shop::Shop;
use terms::Timestamp;

const DAY: i64 = 86_400;

/// 499.00 credits that came with a subscription and end after 30 days; and when they end.
async fn granted() -> (Shop, Timestamp) {
    let shop = Shop::with_plan(r#"{"renewalGrantMax":"99","freeCreditsExpireAfterDays":30}"#).await;
    shop.subscribe("cus_s", "org_a").await;
    shop.deliver_all().await;
    let grants = shop.world.work.list::<SubscriptionGrant>("ORG#org_a", "INVOICE#").await.unwrap();
    let ends_at = grants[0].record.expires_at.unwrap();
    (shop, ends_at)
}

/// The clock so many seconds before they end.
fn before(shop: &Shop, ends_at: Timestamp, seconds: i64) {
    shop.world.clock.set(&ends_at.plus_seconds(-seconds).to_string());
}

async fn expiries(shop: &Shop) -> Vec<(String, Timestamp)> {
    let statement = shop.world.ledger.statement(&shop.org("org_a")).await.unwrap();
    let ended = statement.iter().filter(|entry| entry.kind == EntryKind::Expiry);
    ended.map(|entry| (entry.amount.to_string(), entry.recorded_at)).collect()
}

#[tokio::test]
async fn credits_that_end_are_announced_seven_days_before_with_what_is_unused() {
    let (shop, ends_at) = granted().await;
    shop.spend("org_a", "99.50").await;
    before(&shop, ends_at, 7 * DAY + 1);
    shop.sweep().await;
    assert!(titles(&shop).await.is_empty(), "not a second too early");
    before(&shop, ends_at, 7 * DAY);
    for _ in 0..4 {
        shop.sweep().await;
        shop.recover().await.unwrap();
        shop.later(DAY);
    }
    let found = shop.alerts_of("org_a").await;
    assert_eq!(titles(&shop).await, ["399.50 credits end soon"]);
    assert!(matches!(found[0].kind, AlertKind::CreditsExpiring { ends_at: end, .. } if end == ends_at));
    assert!(found[0].text().contains(&ends_at.to_string()[..10]), "{}", found[0].text());
    assert_eq!(shop.world.topics.published().len(), 1);
}

#[tokio::test]
async fn what_is_used_up_is_not_announced_and_what_is_checked_too_late_neither() {
    let (shop, ends_at) = granted().await;
    shop.bought("org_a", "100").await;
    shop.spend("org_a", "499").await;
    before(&shop, ends_at, 7 * DAY);
    shop.sweep().await;
    shop.later(8 * DAY);
    shop.sweep().await;
    assert!(titles(&shop).await.is_empty());
    assert_eq!((shop.available("org_a").await.as_str(), expiries(&shop).await.len()), ("100.00", 0));

    let (shop, ends_at) = granted().await;
    before(&shop, ends_at, 0);
    shop.sweep().await;
    assert!(titles(&shop).await.is_empty(), "they have ended: there is nothing to warn of");
}

#[tokio::test]
async fn credits_end_on_time_with_an_entry_and_bought_ones_never_do() {
    let (shop, ends_at) = granted().await;
    shop.bought("org_a", "100").await;
    before(&shop, ends_at, 1);
    shop.sweep().await;
    assert_eq!((shop.available("org_a").await.as_str(), expiries(&shop).await.len()), ("599.00", 0));
    before(&shop, ends_at, 0);
    assert_eq!(shop.available("org_a").await, "100.00", "they cannot be spent, posted or not");
    assert!(expiries(&shop).await.is_empty());
    shop.sweep().await;
    assert_eq!(expiries(&shop).await, [("-499.00".to_owned(), ends_at)]);
    for _ in 0..3 {
        shop.later(400 * DAY);
        shop.sweep().await;
    }
    assert_eq!((shop.available("org_a").await.as_str(), expiries(&shop).await.len()), ("100.00", 1));
}

#[tokio::test]
async fn two_sweepers_end_credits_and_announce_it_once() {
    let (shop, ends_at) = granted().await;
    before(&shop, ends_at, 7 * DAY);
    tokio::join!(shop.sweep(), shop.sweep());
    before(&shop, ends_at, 0);
    tokio::join!(shop.sweep(), shop.sweep());
    shop.later(1);
    shop.sweep().await;
    assert_eq!((titles(&shop).await.len(), expiries(&shop).await.len()), (1, 1));
}

#[tokio::test]
async fn each_renewal_ends_by_itself() {
    let (shop, ends_at) = granted().await;
    let subscription = shop.at_stripe("subscriptions").await[0]["id"].as_str().unwrap().to_owned();
    shop.cycle(&subscription).await;
    shop.deliver_all().await;
    let grants = shop.world.work.list::<SubscriptionGrant>("ORG#org_a", "INVOICE#").await.unwrap();
    assert_eq!(grants.len(), 2);
    before(&shop, ends_at, 7 * DAY - 5);
    shop.sweep().await;
    let mut found = titles(&shop).await;
    found.sort();
    assert_eq!(found, ["499.00 credits end soon", "99.00 credits end soon"]);
}

#[tokio::test]
async fn without_an_end_in_the_plan_nothing_ends_and_nothing_is_announced() {
    let shop = Shop::new().await;
    shop.subscribe("cus_s", "org_a").await;
    shop.deliver_all().await;
    shop.later(4000 * DAY);
    shop.sweep().await;
    assert_eq!((shop.available("org_a").await.as_str(), titles(&shop).await.len()), ("499.00", 0));
}
