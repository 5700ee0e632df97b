//! What a life ends in: everything that must not depend on the order of the events.

use billing::{AutoTopUp, MirroredSubscription, Order, SubscriptionGrant};
use ledger::{FrozenReason, TakeKind};
use std::collections::BTreeMap;
use suite::stage::Stage;

#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    pub available: String,
    pub deficit: String,
    pub held: String,
    pub purchased: String,
    pub granted: String,
    pub frozen: BTreeMap<String, FrozenReason>,
    /// Status, whether in review, refunded and disputed money, credits taken.
    pub orders: Vec<String>,
    pub invoices: Vec<String>,
    pub standings: Vec<String>,
    pub top_up: Option<String>,
    /// Object and reason of what a person must look at.
    pub quarantined: Vec<String>,
}

impl Outcome {
    pub async fn of(stage: &Stage) -> Self {
        let organization = stage.world.organization("org_a");
        let account = stage.world.ledger.account(&organization).await.expect("an account");
        let work = &stage.world.work;
        let partition = format!("ORG#{organization}");
        let orders = work.list::<Order>(&partition, "ORDER#").await.expect("orders");
        let invoices = work.list::<SubscriptionGrant>(&partition, "INVOICE#").await.expect("invoices");
        let standings = work.list::<MirroredSubscription>(&partition, "STANDING#").await.expect("standings");
        let top_up = work.get::<AutoTopUp>(&AutoTopUp::key_of(&organization)).await.expect("a read");
        let quarantined = stage.billing.review.all().await.expect("a list");
        Self {
            available: account.available().expect("in range").to_string(),
            deficit: account.deficit.to_string(),
            held: account.held.to_string(),
            purchased: account.totals.purchased.to_string(),
            granted: account.totals.granted.to_string(),
            frozen: account.frozen.clone(),
            orders: orders.iter().map(|stored| order(&stored.record)).collect(),
            invoices: invoices.iter().map(|stored| invoice(&stored.record)).collect(),
            standings: standings
                .iter()
                .map(|stored| format!("{} {}", stored.record.status, stored.record.past_due))
                .collect(),
            top_up: top_up.map(|stored| {
                let AutoTopUp { in_flight, paused, declines, charged, .. } = stored.record;
                format!("{in_flight:?} {paused:?} {declines} {charged}")
            }),
            quarantined: quarantined
                .iter()
                .map(|fact| format!("{} {:?}", fact.object, fact.reason))
                .collect(),
        }
    }
}

fn order(order: &Order) -> String {
    let money = |kind| order.reversals.money(kind).expect("in range").to_string();
    let (refunded, disputed) = (money(TakeKind::Refund), money(TakeKind::Dispute));
    let (status, review, taken) = (order.status, order.review.is_some(), order.reversals.posted);
    format!("{status:?} review {review} refunded {refunded} disputed {disputed} taken {taken}")
}

fn invoice(grant: &SubscriptionGrant) -> String {
    let SubscriptionGrant { paid, granted, first, why_nothing, reversals, .. } = grant;
    format!("paid {paid} granted {granted} first {first} why {why_nothing:?} taken {}", reversals.posted)
}
