//! Refunds of unused credits: the owner asks, finance decides, Stripe pays. Credits of that purchase alone are held
//! and taken, once, whoever tells of it first; what comes to nothing gives them back.

mod asking;
mod deciding;
mod guarded;
mod lifting;
mod meanwhile;
mod settling;
mod taxed;
mod warned;

use billing::{Order, RefundRequest, RefundRequestStatus};
use ledger::{CauseKind, EntryKind};
use serde_json::{Value, json};
use suite::shop::Shop;
use terms::RefundRequestId;

/// Two purchases of one organization: 100.00, then 50.00.
struct Two {
    shop: Shop,
    first: Order,
    second: Order,
}

async fn two() -> Two {
    let shop = Shop::new().await;
    let first = shop.bought("org_a", "100").await;
    shop.later(1);
    let second = shop.bought("org_a", "50").await;
    Two { shop, first, second }
}

impl Two {
    /// A request for a refund of the first purchase, not decided.
    async fn asked(&self, amount: &str) -> String {
        self.shop.asked_refund("org_a", &self.first.order_id, Some(amount)).await
    }

    /// The same, approved while Stripe's refunds go wrong in this way: the hold stands, the answer is lost.
    async fn approved_and_lost(&self, amount: &str, kind: &str) -> String {
        let id = self.asked(amount).await;
        refunds_fail(&self.shop, kind).await;
        assert_eq!(self.shop.decide_refund("f1", "org_a", &id, true).await.status(), 503, "{kind}");
        self.shop.no_faults().await;
        assert_eq!(self.stands("org_a").await.1, format!("{amount}.00"), "{kind}: the credits are held");
        id
    }

    async fn request(&self, id: &str) -> RefundRequest {
        let id = RefundRequestId::parse(id).expect("an id");
        let key = RefundRequest::key_of(&self.shop.org("org_a"), &id);
        self.shop.world.work.get::<RefundRequest>(&key).await.expect("a read").expect("it stands").record
    }

    /// Available, held, and what is unused of each lot, oldest first.
    async fn stands(&self, organization: &str) -> (String, String, Vec<String>) {
        let account = self.shop.world.ledger.account(&self.shop.org(organization)).await.expect("an account");
        let lots = account.lots.iter().map(|lot| lot.remaining.to_string()).collect();
        (account.available().expect("in range").to_string(), account.held.to_string(), lots)
    }

    fn payment(&self) -> &str {
        self.first.payment_intent.as_deref().expect("it was paid")
    }

    /// Asserts that so much of the first purchase was refunded, once: at Stripe, on the books, in the request.
    async fn assert_refunded_once(&self, id: &str, amount: &str, case: &str) {
        let refunds = self.shop.at_stripe("refunds").await;
        assert_eq!(refunds.len(), 1, "{case}");
        let refund = refunds[0]["id"].as_str().expect("an id");
        assert_eq!(refunds[0]["metadata"], json!({"refund_request": id}), "{case}");
        let request = self.request(id).await;
        assert_eq!(
            (request.status, request.refund.as_deref()),
            (RefundRequestStatus::Refunded, Some(refund)),
            "{case}"
        );
        assert_eq!(request.next_check, None, "{case}: nobody looks any more");
        let statement = self.shop.world.ledger.statement(&self.shop.org("org_a")).await.expect("a statement");
        let taken: Vec<_> = statement.iter().filter(|entry| entry.kind == EntryKind::Refund).collect();
        assert_eq!(taken.len(), 1, "{case}");
        assert_eq!((taken[0].cause.kind, taken[0].cause.id.as_str()), (CauseKind::Refund, refund), "{case}");
        assert_eq!(taken[0].amount.negated().to_string(), amount, "{case}");
        let drawn: Vec<&str> = taken[0].lots.iter().map(|part| part.source.as_str()).collect();
        assert!(drawn.iter().all(|source| *source == self.first.order_id.as_str()), "{case}: {drawn:?}");
        let (_, held, _) = self.stands("org_a").await;
        assert_eq!(held, "0.00", "{case}");
    }

    /// Asserts that the request came to nothing and all credits are back.
    async fn assert_failed(&self, id: &str, case: &str) {
        let request = self.request(id).await;
        assert_eq!((request.status, request.next_check), (RefundRequestStatus::Failed, None), "{case}");
        assert!(request.failure.is_some(), "{case}");
        let stands = ("150.00".to_owned(), "0.00".to_owned(), vec!["100.00".to_owned(), "50.00".to_owned()]);
        assert_eq!(self.stands("org_a").await, stands, "{case}");
    }
}

/// The next refund that Stripe is asked for goes wrong in all three attempts.
async fn refunds_fail(shop: &Shop, kind: &str) {
    shop.stripe_fails("POST", "/v1/refunds", kind, 3).await;
}

/// The amounts of the alerts of refunds that are done.
async fn refund_alerts(shop: &Shop) -> Vec<String> {
    let alerts = shop.alerts_of("org_a").await.into_iter();
    let done = alerts.filter_map(|alert| match alert.kind {
        alerts::AlertKind::RefundDone { amount, .. } => Some(amount.to_string()),
        _ => None,
    });
    done.collect()
}

fn refund_of(value: &Value) -> &str {
    value["id"].as_str().expect("an id")
}
