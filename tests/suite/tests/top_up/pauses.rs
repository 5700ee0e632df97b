//! Who was refunded or disputes a payment is not charged again on their own.

use super::{assert_closed_once, customer, look, low, message, ready, reasons};
use billing::{Pause, TopUpOutcome};
use stripe_client::signature;
use suite::{
    shop::Shop,
    stage::{WEBHOOK_SECRET, stripe_keys},
};
use support::{Fault, Gate};

async fn payment(shop: &Shop) -> String {
    let orders = shop.orders("org_a").await;
    let first = orders.into_iter().find(|order| order.payment_method.is_none()).expect("a purchase");
    first.payment_intent.expect("it was paid")
}

/// Everything that could charge: the sweeper, the queue, recovery, the webhooks again, and further spending.
async fn everybody_looks(shop: &Shop) {
    for _ in 0..3 {
        shop.later(3600);
        shop.sweep().await;
        shop.work_off().await;
        shop.deliver_all().await;
        shop.recover().await.unwrap();
        assert!(shop.deliver_top_up(&message()).await);
    }
}

#[tokio::test]
async fn the_event_of_a_refund_pauses_with_what_it_reverses_and_waits_for_no_sweeper() {
    // Above the threshold, across it, and below it already.
    for (spent, cents) in [("10", 3_000), ("10", 5_000), ("60", 4_000)] {
        let shop = ready().await;
        shop.spend("org_a", spent).await;
        shop.refund(&payment(&shop).await, cents).await;
        shop.deliver_reversals().await;
        assert_eq!(shop.auto_top_up("org_a").await.paused, Some(Pause::Refunded), "{spent} {cents}");
        assert!(shop.deliver_top_up(&message()).await, "a message that was on its way");
        assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::NotNeeded);
        everybody_looks(&shop).await;
        assert!(shop.charges().await.is_empty(), "{spent} {cents}: who was refunded is not charged again");
        assert_eq!(reasons(&shop).await, ["refunded"], "{spent} {cents}");
    }
}

#[tokio::test]
async fn a_refund_that_failed_before_it_was_known_pauses_nothing() {
    let shop = ready().await;
    let refund = shop.refund(&payment(&shop).await, 6_000).await;
    shop.settle_refund(&refund, "failed").await;
    let failed = &shop.events_of("refund.failed").await.pop().unwrap();
    assert_eq!(shop.deliver(failed).await.status(), 200);
    shop.deliver_reversals().await;
    assert_eq!(shop.auto_top_up("org_a").await.paused, None, "nothing was taken");
    shop.spend("org_a", "60").await;
    shop.sweep().await;
    assert_eq!(shop.work_off().await, 1);
    assert_eq!(shop.charged().await, ["succeeded 46000"]);
}

#[tokio::test]
async fn the_hold_of_a_refund_that_finance_approved_pauses_before_stripe_is_asked() {
    let shop = ready().await;
    let order = shop.orders("org_a").await.remove(0);
    let id = shop.asked_refund("org_a", &order.order_id, Some("70")).await;
    shop.stripe_fails("", "/v1/refunds", 500, 3).await;
    assert_eq!(shop.decide_refund("f1", "org_a", &id, true).await.status(), 503, "the hold stands");
    shop.sweep().await;
    assert_eq!(shop.auto_top_up("org_a").await.paused, Some(Pause::Refunded));
    everybody_looks(&shop).await;
    assert!(shop.charges().await.is_empty());
    assert_eq!(reasons(&shop).await, ["refunded"]);
    assert_eq!(shop.available("org_a").await, "30.00");
}

#[tokio::test]
async fn a_dispute_pauses_and_while_it_is_open_the_owner_cannot_switch_it_on() {
    let shop = ready().await;
    let dispute = shop.dispute(&payment(&shop).await, 8_000).await;
    shop.deliver_reversals().await;
    shop.sweep().await;
    assert_eq!(shop.auto_top_up("org_a").await.paused, Some(Pause::Disputed));
    everybody_looks(&shop).await;
    shop.set_top_up("org_a", "50", "500", "1000").await;
    everybody_looks(&shop).await;
    assert_eq!(shop.auto_top_up("org_a").await.paused, Some(Pause::Disputed));
    assert!(shop.charges().await.is_empty());
    assert_eq!(reasons(&shop).await, ["disputed"], "saved in between it stays paused");
    shop.close_dispute(&dispute, "won").await;
    shop.deliver_reversals().await;
    shop.later(1);
    shop.set_top_up("org_a", "50", "500", "1000").await;
    shop.spend("org_a", "60").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::Bought, "the dispute is settled");
}

#[tokio::test]
async fn a_pause_is_not_lost_to_a_worker_who_looks_in_the_same_moment() {
    let shop = ready().await;
    shop.spend("org_a", "60").await;
    shop.cards_end(&customer(&shop).await, "processing").await;
    assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::UnderWay);
    shop.refund(&payment(&shop).await, 3_000).await;
    let refunded = shop.events_of("refund.created").await[0].to_string();
    // The webhook has read the record and is about to write; meanwhile a worker writes when it looks again.
    let gate = Gate::default();
    let billing = shop.billing_behind(&gate).await;
    let header = signature::sign(refunded.as_bytes(), WEBHOOK_SECRET, shop.world.clock.now().as_seconds());
    let keys = stripe_keys(&[WEBHOOK_SECRET], shop.world.clock.clock());
    let deciding = billing.facts.receive(refunded.as_bytes(), Some(&header), &keys, &|| true);
    let looking = async {
        gate.reached().await;
        shop.later(1);
        assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::UnderWay);
        gate.open();
    };
    let (decided, ()) = tokio::join!(deciding, looking);
    decided.unwrap().unwrap();
    let record = shop.auto_top_up("org_a").await;
    assert_eq!(record.paused, Some(Pause::Refunded));
    assert!(record.in_flight.is_some() && record.next_check.is_some(), "what is in flight is looked after");
    assert_eq!(reasons(&shop).await, ["refunded"]);
    assert_eq!(shop.available("org_a").await, "10.00");
}

#[tokio::test]
async fn a_refund_takes_and_pauses_whatever_the_tables_do() {
    for fault in [Fault::FailsBefore, Fault::FailsAfter, Fault::ServerErrorAfter, Fault::Conflict] {
        for operation in ["GetItem", "PutItem", "UpdateItem", "TransactWriteItems"] {
            for at in 0..3 {
                let shop = ready().await;
                shop.refund(&payment(&shop).await, 6_000).await;
                let refunded = &shop.events_of("refund.created").await[0];
                shop.world.dynamo.faults().lasting(operation, at, fault);
                shop.deliver(refunded).await;
                shop.no_faults().await;
                assert_eq!(shop.deliver(refunded).await.status(), 200);
                let case = format!("{fault:?} {operation} {at}");
                assert_eq!(shop.auto_top_up("org_a").await.paused, Some(Pause::Refunded), "{case}");
                assert_eq!(reasons(&shop).await, ["refunded"], "{case}");
                assert_eq!(shop.available("org_a").await, "40.00", "{case}");
                assert_eq!(look(&shop).await.unwrap(), TopUpOutcome::NotNeeded, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn spending_behind_a_pause_buys_nothing() {
    let shop = ready().await;
    shop.refund(&payment(&shop).await, 6_000).await;
    shop.deliver_reversals().await;
    shop.sweep().await;
    shop.bought("org_a", "100").await;
    shop.spend("org_a", "120").await;
    shop.sweep().await;
    everybody_looks(&shop).await;
    assert_eq!(shop.available("org_a").await, "20.00");
    assert!(shop.charges().await.is_empty());
}

#[tokio::test]
async fn stripes_429_is_a_pause_of_the_worker_and_no_error_line() {
    let shop = low().await;
    let (lines, _guard) = suite::lines::Lines::listen();
    // all three attempts of the charge
    let path = "/v1/payment_intents";
    shop.stripe_fails("POST", path, 429, 3).await;
    assert!(shop.deliver_top_up(&message()).await, "one delivery, and the message is done with");
    assert_closed_once(&shop, "after the pause").await;
    assert_eq!(lines.errors(), Vec::<suite::lines::Line>::new());
}
