//! Each alert goes out once.

use super::{listed, with_100};
use serde_json::json;
use suite::shop::Shop;
use support::{ALERTS_TOPIC, ATTEMPTS};

/// An alert that waits to be sent: the crossing was passed on, by a sweeper that did no more.
async fn waiting() -> Shop {
    let shop = with_100().await;
    shop.set_levels("org_a", &["50"]).await;
    shop.spend("org_a", "60").await;
    shop.sweep().await;
    assert_eq!(shop.alerts_of("org_a").await.len(), 1);
    shop
}

#[tokio::test]
async fn an_alert_is_published_with_subject_text_and_what_subscriptions_filter_by() {
    let shop = waiting().await;
    shop.sweep().await;
    let published = shop.world.topics.published();
    assert_eq!(published.len(), 1);
    assert_eq!(
        (published[0].topic.as_str(), published[0].subject.as_str()),
        (ALERTS_TOPIC, "Your credits fell below 50.00")
    );
    assert!(published[0].message.contains("40.00 credits were left"), "{}", published[0].message);
    let attributes: Vec<(&str, &str)> =
        published[0].attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    assert_eq!(attributes, [("kind", "low-balance"), ("organizationId", "org_a")]);
    assert!(listed(&shop, "org_a").await["alerts"][0]["sentAt"].is_string());
    for _ in 0..5 {
        shop.later(3600);
        assert_eq!(shop.sweep().await["failed"], 0);
    }
    assert_eq!(shop.world.topics.published().len(), 1);
}

#[tokio::test]
async fn two_sweepers_at_once_publish_once() {
    for _ in 0..8 {
        let shop = waiting().await;
        tokio::join!(shop.sweep(), shop.sweep(), shop.sweep());
        shop.later(3600);
        shop.sweep().await;
        assert_eq!(shop.world.topics.published().len(), 1);
    }
}

#[tokio::test]
async fn while_the_topic_fails_the_alert_stays_due_and_is_published_when_it_works() {
    let shop = waiting().await;
    for _ in 0..3 {
        shop.world.topics.fail_next(ATTEMPTS);
        assert_eq!(shop.sweep().await["failed"], 1);
        shop.world.topics.fail_next(0);
        assert_eq!(shop.sweep().await["failed"], 0, "within the claim's time nobody tries again");
        assert!(shop.world.topics.published().is_empty());
        shop.later(301);
    }
    shop.sweep().await;
    shop.sweep().await;
    assert_eq!(shop.world.topics.published().len(), 1);
}

#[tokio::test]
async fn an_alert_whose_publication_was_not_confirmed_is_published_again_later_and_never_lost() {
    let shop = waiting().await;
    // the SDK sends it three times
    shop.world.topics.lose_next(ATTEMPTS);
    assert_eq!(shop.sweep().await["failed"], 1);
    assert_eq!(shop.world.topics.published().len(), 3, "SNS handed it on; nobody here knows");
    shop.later(299);
    shop.sweep().await;
    assert_eq!(shop.world.topics.published().len(), 3);
    shop.later(2);
    shop.sweep().await;
    shop.later(3600);
    shop.sweep().await;
    assert_eq!(shop.world.topics.published().len(), 4);
}

#[tokio::test]
async fn one_alert_that_cannot_be_sent_keeps_no_other_back() {
    let shop = with_100().await;
    shop.bought("org_b", "100").await;
    for organization in ["org_a", "org_b"] {
        shop.set_levels(organization, &["50"]).await;
        shop.spend(organization, "60").await;
    }
    shop.sweep().await;
    shop.world.topics.fail_next(ATTEMPTS);
    assert_eq!(shop.sweep().await, json!({"done": 1, "failed": 1, "others": 0}));
    assert_eq!(shop.world.topics.published().len(), 1);
    shop.later(301);
    shop.sweep().await;
    let published = shop.world.topics.published();
    let mut organizations: Vec<&str> =
        published.iter().map(|one| one.attributes["organizationId"].as_str()).collect();
    organizations.sort_unstable();
    assert_eq!(organizations, ["org_a", "org_b"]);
}

#[tokio::test]
async fn alerts_are_stored_for_400_days() {
    let shop = waiting().await;
    let items = shop.world.dynamo.dump("work");
    let alert = items.iter().find(|item| item["kind"]["S"] == "alert").unwrap();
    let ends: i64 = alert["expiresAt"]["N"].as_str().unwrap().parse().unwrap();
    assert_eq!(ends, shop.alerts_of("org_a").await[0].raised_at.as_seconds() + 400 * 86_400);
}
