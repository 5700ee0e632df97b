//! Early fraud warnings: what is left of the purchase waits, nothing is taken, and everything else can be spent.

use super::{Two, two};
use billing::{Pause, ReviewReason, TopUpSettings, set_auto_top_up};
use ledger::Ledger;
use money::Money;
use serde_json::{Value, json};
use suite::{
    gateway::{Call, assert_problem, read},
    shop::Shop,
};
use support::Gate;
use tables::WorkTable;
use terms::Actor;

const REASON: &str = "early-fraud-warning";

pub(super) async fn stands(shop: &Shop) -> [String; 3] {
    let account = shop.world.ledger.account(&shop.org("org_a")).await.unwrap();
    [account.available().unwrap(), account.held, account.deficit].map(|amount| amount.to_string())
}

pub(super) fn payment(order: &billing::Order) -> &str {
    order.payment_intent.as_deref().expect("it was paid")
}

async fn lift(shop: &Shop, warning: &str) -> (u16, Value) {
    let body = json!({"object": warning, "quarantine": REASON, "reason": "the owner knows the payment"});
    let call = Call::new("POST", "/api/admin/quarantine").by("org_droplab", "finance");
    read(&shop.quarantine(call.body(body.to_string())).await)
}

/// Two purchases of 100.00 and 50.00, 30.00 of the first are spent, then its card's bank warns of it.
async fn warned() -> (Two, String) {
    let it = two().await;
    it.shop.spend("org_a", "30").await;
    let warning = it.shop.warn_of_fraud(payment(&it.first)).await;
    it.shop.deliver_all().await;
    (it, warning)
}

#[tokio::test]
async fn an_early_fraud_warning_freezes_what_is_left_of_its_purchase() {
    let (it, warning) = warned().await;
    for _ in 0..2 {
        it.shop.deliver_all().await;
        it.shop.recover().await.unwrap();
        assert_eq!(stands(&it.shop).await, ["50.00", "70.00", "0.00"]);
    }
    let facts = it.shop.billing.review.all().await.unwrap();
    let facts: Vec<_> = facts.iter().map(|fact| (fact.object.as_str(), fact.reason)).collect();
    assert_eq!(facts, [(warning.as_str(), ReviewReason::EarlyFraudWarning)]);
    let titles: Vec<String> = it.shop.alerts_of("org_a").await.iter().map(alerts::Alert::title).collect();
    let frozen = "The credits of a purchase cannot be spent for now";
    assert_eq!(titles.iter().filter(|title| *title == frozen).count(), 1, "{titles:?}");
    // The rest of the account can be spent, to the last cent.
    it.shop.spend("org_a", "50").await;
    assert_eq!(stands(&it.shop).await, ["0.00", "70.00", "0.00"]);
    let body = json!({"object": warning, "quarantine": REASON, "reason": "r", "grant": "1"});
    let call = Call::new("POST", "/api/admin/quarantine").by("org_droplab", "finance");
    assert_problem(&it.shop.quarantine(call.body(body.to_string())).await, 409, "not_grantable");
}

#[tokio::test]
async fn a_lifted_warning_gives_the_credits_back_to_spend() {
    let (it, warning) = warned().await;
    assert_eq!(stands(&it.shop).await, ["50.00", "70.00", "0.00"], "at once");
    assert_eq!(lift(&it.shop, &warning).await.0, 200);
    assert_eq!(stands(&it.shop).await, ["120.00", "0.00", "0.00"]);
    assert_eq!(lift(&it.shop, &warning).await.1["code"], "resolved_before");
    // Its event again, and its next one, freeze nothing any more; another warning does.
    it.shop.deliver_all().await;
    assert_eq!(stands(&it.shop).await, ["120.00", "0.00", "0.00"]);
    it.shop.warn_of_fraud(payment(&it.first)).await;
    it.shop.deliver_all().await;
    assert_eq!(stands(&it.shop).await, ["50.00", "70.00", "0.00"]);
}

#[tokio::test]
async fn a_refund_ends_the_freeze() {
    let (it, warning) = warned().await;
    let refund = it.shop.refund(payment(&it.first), 4_000).await;
    it.shop.deliver_all().await;
    assert_eq!(stands(&it.shop).await, ["50.00", "30.00", "0.00"], "a part leaves the rest frozen");
    it.shop.refund(payment(&it.first), 6_000).await;
    it.shop.deliver_all().await;
    // 30.00 of it had been spent: they come out of the other purchase.
    assert_eq!(stands(&it.shop).await, ["20.00", "0.00", "0.00"]);
    // What comes back of it waits again, until finance lifts the warning.
    it.shop.settle_refund(&refund, "failed").await;
    it.shop.deliver_all().await;
    let [available, held, deficit] = stands(&it.shop).await;
    assert_eq!((available.as_str(), held.as_str(), deficit.as_str()), ("20.00", "40.00", "0.00"));
    assert_eq!(lift(&it.shop, &warning).await.0, 200);
    assert_eq!(stands(&it.shop).await, ["60.00", "0.00", "0.00"]);
}

#[tokio::test]
async fn what_a_failed_refund_brings_back_is_frozen_with_the_rest() {
    let (it, warning) = warned().await;
    let refund = it.shop.refund(payment(&it.first), 4_000).await;
    it.shop.deliver_all().await;
    assert_eq!(stands(&it.shop).await, ["50.00", "30.00", "0.00"]);
    it.shop.settle_refund(&refund, "failed").await;
    it.shop.deliver_all().await;
    assert_eq!(stands(&it.shop).await, ["50.00", "70.00", "0.00"]);
    assert_eq!(lift(&it.shop, &warning).await.0, 200);
    assert_eq!(stands(&it.shop).await, ["120.00", "0.00", "0.00"]);
}

#[tokio::test]
async fn a_warning_of_a_spent_purchase_and_of_a_strangers_freezes_nothing() {
    let it = two().await;
    it.shop.spend("org_a", "100").await;
    it.shop.set_top_up("org_a", "10", "200", "500").await;
    it.shop.warn_of_fraud(payment(&it.first)).await;
    it.shop.deliver_all().await;
    assert_eq!(stands(&it.shop).await, ["50.00", "0.00", "0.00"]);
    assert!(!it.shop.auto_top_up("org_a").await.is_on(), "its card is not charged any more");
    let event = &it.shop.events_of("radar.early_fraud_warning.created").await[0];
    let mut stranger = event.clone();
    stranger["data"]["object"]["id"] = json!("issfr_stranger");
    stranger["data"]["object"]["payment_intent"] = json!("pi_stranger");
    assert_eq!(it.shop.deliver(&stranger).await.status(), 200);
    assert_eq!(it.shop.billing.review.all().await.unwrap().len(), 1);
}

#[tokio::test]
async fn what_a_job_returns_to_the_purchase_is_frozen_too() {
    // All of the purchase is held for the job when its bank warns, or a part of it.
    for (held, frozen) in [("120", ["30.00", "120.00", "0.00"]), ("60", ["50.00", "100.00", "0.00"])] {
        let it = two().await;
        let job = it.shop.hold("org_a", held).await;
        it.shop.warn_of_fraud(payment(&it.first)).await;
        it.shop.deliver_all().await;
        assert_eq!(stands(&it.shop).await, frozen, "{held}");
        it.shop.settle("org_a", &job, "10").await;
        for _ in 0..2 {
            it.shop.later(1_000);
            it.shop.recover().await.unwrap();
            assert_eq!(stands(&it.shop).await, ["50.00", "90.00", "0.00"], "{held}");
        }
    }
}

#[tokio::test]
async fn recovery_alone_freezes_too() {
    let it = two().await;
    it.shop.warn_of_fraud(payment(&it.first)).await;
    it.shop.recover().await.unwrap();
    assert_eq!(stands(&it.shop).await, ["50.00", "100.00", "0.00"]);
}

#[tokio::test]
async fn a_warning_pauses_auto_top_up_before_it_could_charge_the_card() {
    let it = two().await;
    it.shop.set_top_up("org_a", "60", "200", "500").await;
    assert!(it.shop.auto_top_up("org_a").await.is_on());
    it.shop.warn_of_fraud(payment(&it.first)).await;
    it.shop.deliver_all().await;
    assert_eq!(stands(&it.shop).await[0], "50.00", "below the threshold");
    assert!(!it.shop.auto_top_up("org_a").await.is_on());
}

#[tokio::test]
async fn auto_top_up_that_is_set_while_a_warning_stands_is_paused_until_it_is_lifted() {
    // Something of the purchase is left to hold, or nothing.
    for spent in ["30", "100"] {
        let it = two().await;
        it.shop.spend("org_a", spent).await;
        let warning = it.shop.warn_of_fraud(payment(&it.first)).await;
        let another = it.shop.warn_of_fraud(payment(&it.second)).await;
        it.shop.deliver_all().await;
        for lifted in [&warning, &another] {
            assert_eq!(it.shop.set_top_up("org_a", "200", "500", "500").await["paused"], "disputed");
            it.shop.later(3600);
            it.shop.sweep().await;
            it.shop.work_off().await;
            it.shop.recover().await.unwrap();
            assert!(it.shop.charges().await.is_empty(), "the reported card is not charged");
            assert_eq!(lift(&it.shop, lifted).await.0, 200);
        }
        assert!(!it.shop.auto_top_up("org_a").await.is_on(), "the owner resumes it");
        assert_eq!(it.shop.set_top_up("org_a", "200", "500", "500").await["paused"], json!(null));
    }
}

#[tokio::test]
async fn auto_top_up_that_is_switched_off_while_a_warning_stands_is_off_and_not_paused() {
    let (it, _) = warned().await;
    it.shop.set_top_up("org_a", "60", "200", "500").await;
    let body = json!({"enabled": false, "threshold": "60", "target": "200", "monthlyCap": "500"});
    let call = Call::new("PUT", "/api/credits/auto-top-up").by("org_a", "owner").body(body.to_string());
    assert_eq!(read(&it.shop.top_up_settings(call).await).1["paused"], json!(null));
}

#[tokio::test]
async fn a_warning_that_comes_while_auto_top_up_is_set_pauses_it() {
    let it = two().await;
    it.shop.warn_of_fraud(payment(&it.first)).await;
    // The owner's request has read that no warning stands, and is about to write.
    let gate = Gate::default();
    let client = it.shop.world.dynamo.client_behind(&gate);
    let ledger = Ledger::new(client.clone(), "ledger", "work", it.shop.world.clock.clock());
    let work = WorkTable::new(client, "work");
    let [threshold, target, monthly_cap] = ["60", "200", "500"].map(|text| Money::parse(text).unwrap());
    let settings = TopUpSettings { enabled: true, threshold, target, monthly_cap };
    let (organization, actor) = (it.shop.org("org_a"), Actor::user("sub"));
    let by = (&actor, "https://app.example");
    let setting = set_auto_top_up(&ledger, &work, &organization, settings, by, it.shop.world.clock.now());
    let warning = async {
        gate.reached().await;
        it.shop.deliver_all().await;
        gate.open();
    };
    let (set, ()) = tokio::join!(setting, warning);
    assert_eq!(set.unwrap().unwrap().paused, Some(Pause::Disputed));
    assert_eq!(it.shop.auto_top_up("org_a").await.paused, Some(Pause::Disputed));
}
