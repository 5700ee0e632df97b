//! What finance decides of an order's money.

use super::{decide, decided, in_review, ordered};
use billing::OrderStatus;
use ledger::{CauseKind, EntryKind};
use serde_json::{Value, json};
use suite::gateway::{Call, assert_problem, read};
use support::{Fault, assert_members};

const REASON: &str = "amount-mismatch";

#[tokio::test]
async fn finance_grants_another_amount_under_the_facts_own_cause_and_later_events_are_replays() {
    let it = ordered().await;
    let session = it.in_review(30_000).await;
    let resolved = decided(&it.shop, &session, REASON, Some("275.50")).await;
    assert_members!(resolved, {
        "resolution": {"granted": "275.50", "actor": "finance:sub-org_droplab"}, "object": session});
    for _ in 0..3 {
        it.shop.deliver_all().await;
        it.shop.recover().await.unwrap();
        assert_eq!(it.available().await, "275.50");
    }
    let statement = it.shop.world.ledger.statement(&it.shop.org("org_a")).await.unwrap();
    assert_eq!(statement.len(), 1);
    assert_eq!((statement[0].cause.kind, &statement[0].cause.id), (CauseKind::CheckoutSession, &session));
    assert_eq!(
        (statement[0].kind, statement[0].actor.as_str()),
        (EntryKind::Purchase, "finance:sub-org_droplab")
    );
    let order = it.shop.orders("org_a").await.remove(0);
    let granted = order.grant.clone().unwrap();
    assert_eq!((order.status, order.review), (OrderStatus::Paid, None));
    assert_eq!((granted.paid.to_string(), granted.granted.to_string()), ("300.00".into(), "275.50".into()));
    assert!(in_review(&it.shop).await.is_empty());
    // The page that the order itself had is over: a second payment goes to review, not granted.
    it.shop.pay(&it.own, false).await;
    it.shop.deliver_all().await;
    assert_eq!((it.available().await.as_str(), in_review(&it.shop).await.len()), ("275.50", 1));
}

#[tokio::test]
async fn what_was_refunded_and_disputed_meanwhile_is_taken_with_the_grant() {
    let it = ordered().await;
    let session = it.in_review(30_000).await;
    let payment = it.payment_of(&session).await;
    it.shop.refund(&payment, 6_000).await;
    let failed = it.shop.refund(&payment, 3_000).await;
    it.shop.settle_refund(&failed, "failed").await;
    it.shop.dispute(&payment, 9_000).await;
    it.shop.deliver_all().await;
    assert_eq!(it.available().await, "0.00", "nothing was granted, so nothing is taken");
    decided(&it.shop, &session, REASON, Some("200")).await;
    // Half of the 300.00 came back to the customer: half of the 200.00 is taken.
    assert_eq!(it.available().await, "100.00");
    let credits = it.shop.credits("org_a").await;
    assert_eq!(credits["billingStatus"], "frozen", "the dispute is open");
    it.shop.deliver_all().await;
    it.shop.recover().await.unwrap();
    assert_eq!(it.available().await, "100.00");
}

#[tokio::test]
async fn what_is_refunded_afterwards_is_measured_by_what_was_granted() {
    let it = ordered().await;
    let session = it.in_review(30_000).await;
    decided(&it.shop, &session, REASON, Some("100")).await;
    let payment = it.payment_of(&session).await;
    for (cents, left) in [(10_000, "66.67"), (10_000, "33.33"), (10_000, "0.00")] {
        it.shop.refund(&payment, cents).await;
        it.shop.deliver_all().await;
        assert_eq!(it.available().await, left);
    }
}

#[tokio::test]
async fn a_grant_is_from_a_cent_to_what_was_paid_and_has_a_reason() {
    let it = ordered().await;
    let session = it.in_review(20_000).await;
    for amount in ["0", "-1", "200.01", "250"] {
        let response = decide(&it.shop, &session, REASON, Some(amount), json!({})).await;
        assert_eq!(assert_problem(&response, 400, "invalid_amount")["paid"], "200.00", "{amount}");
    }
    for amount in ["1.001", "much"] {
        let response = decide(&it.shop, &session, REASON, Some(amount), json!({})).await;
        assert_problem(&response, 400, "invalid_amount");
    }
    for reason in ["", " ", &"x".repeat(501)] {
        let response = decide(&it.shop, &session, REASON, Some("200"), json!({"reason": reason})).await;
        assert_problem(&response, 400, "invalid_reason");
    }
    assert_eq!((it.available().await.as_str(), in_review(&it.shop).await.len()), ("0.00", 1));
    decided(&it.shop, &session, REASON, Some("200.00")).await;
    assert_eq!(it.available().await, "200.00");
}

#[tokio::test]
async fn only_a_decision_without_any_grant_dismisses() {
    let it = ordered().await;
    let session = it.in_review(20_000).await;
    let table = [
        (json!({"grant": null}), "invalid_amount"),
        (json!({"organizationId": "org_a", "newOrganization": false}), "grant_missing"),
        (json!({"newOrganization": true}), "grant_missing"),
        (json!({"grant": "1", "organizationId": null}), "invalid_body"),
        (json!({"grant": "1", "newOrganization": null}), "invalid_body"),
    ];
    for (more, code) in table {
        let mut body = json!({"object": session, "quarantine": REASON, "reason": "looked into"});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let call = Call::new("POST", "/api/admin/quarantine").by("org_droplab", "finance");
        assert_problem(&it.shop.quarantine(call.body(body.to_string())).await, 400, code);
    }
    assert_eq!(in_review(&it.shop).await.len(), 1, "nothing was decided");
    assert_eq!(decide(&it.shop, &session, REASON, None, json!({})).await.status(), 200);
    assert!(in_review(&it.shop).await.is_empty());
}

#[tokio::test]
async fn a_fact_is_resolved_once_and_only_one_that_is_in_review() {
    let it = ordered().await;
    let session = it.in_review(30_000).await;
    for (object, reason) in
        [("cs_test_unknown", REASON), (session.as_str(), "currency-mismatch"), ("", REASON)]
    {
        let response = decide(&it.shop, object, reason, Some("1"), json!({})).await;
        assert_problem(&response, 404, "not_found");
    }
    assert_eq!(decide(&it.shop, &session, "no-such-reason", None, json!({})).await.status(), 400);
    decided(&it.shop, &session, REASON, Some("10")).await;
    for grant in [Some("10"), Some("20"), None] {
        let response = decide(&it.shop, &session, REASON, grant, json!({})).await;
        assert_problem(&response, 409, "resolved_before");
    }
    assert_eq!(it.available().await, "10.00");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_racing_decisions_one_counts_and_it_is_the_one_on_record() {
    for _ in 0..6 {
        let it = ordered().await;
        let session = it.in_review(30_000).await;
        let amounts = ["100", "200", "300", "100", "200", "300"];
        let racers = amounts.iter().map(|amount| decide(&it.shop, &session, REASON, Some(amount), json!({})));
        let answers = futures::future::join_all(racers).await;
        let done: Vec<Value> =
            answers.iter().filter(|answer| answer.status() == 200).map(|a| read(a).1).collect();
        assert_eq!(done.len(), 1, "one person decides");
        let granted = done[0]["resolution"]["granted"].as_str().unwrap();
        assert_eq!(granted, it.available().await, "what is on record is what was granted");
    }
}

#[tokio::test]
async fn a_dismissed_fact_grants_nothing_and_its_order_can_still_be_paid() {
    let it = ordered().await;
    let session = it.in_review(30_000).await;
    let resolved = decided(&it.shop, &session, REASON, None).await;
    assert_eq!(resolved["resolution"]["granted"], Value::Null);
    for _ in 0..2 {
        it.shop.deliver_all().await;
        it.shop.recover().await.unwrap();
    }
    assert_eq!(
        (it.available().await.as_str(), in_review(&it.shop).await.len()),
        ("0.00", 0),
        "it is not put into review again"
    );
    it.shop.pay(&it.own, false).await;
    it.shop.deliver_all().await;
    assert_eq!(it.available().await, "250.00");
    assert_eq!(it.shown().await["inReview"], false);
    it.shop.refund(&it.payment_of(&session).await, 30_000).await;
    it.shop.deliver_all().await;
    assert_eq!(it.available().await, "250.00", "the dismissed payment's refund takes nothing");
}

#[tokio::test]
async fn only_finance_decides() {
    let it = ordered().await;
    let session = it.in_review(30_000).await;
    for role in ["owner", "member"] {
        let body = json!({"object": session, "quarantine": REASON, "grant": "300", "reason": "mine"});
        let call = Call::new("POST", "/api/admin/quarantine").by("org_a", role).body(body.to_string());
        assert_problem(&it.shop.quarantine(call).await, 403, "forbidden");
    }
    assert_eq!(it.available().await, "0.00");
}

#[tokio::test]
async fn wherever_a_decision_dies_it_is_taken_again_and_counts_once() {
    for fault in [Fault::DiesBefore, Fault::DiesAfter] {
        for at in 0.. {
            let it = ordered().await;
            let session = it.in_review(30_000).await;
            it.shop.refund(&it.payment_of(&session).await, 15_000).await;
            let deciding = decide(&it.shop, &session, REASON, Some("300"), json!({}));
            if !it.shop.world.dies_at(at, fault, deciding).await {
                assert!(at > 10, "a decision is many calls, not {at}");
                break;
            }
            let case = format!("{fault:?} {at}");
            let again = decide(&it.shop, &session, REASON, Some("300"), json!({})).await.status().as_u16();
            assert!(matches!(again, 200 | 409), "{case}: {again}");
            assert!(in_review(&it.shop).await.is_empty(), "{case}");
            assert_eq!(it.available().await, "150.00", "{case}: granted once, refunded once");
            it.shop.deliver_all().await;
            assert_eq!(it.available().await, "150.00", "{case}");
        }
    }
}

#[tokio::test]
async fn a_decision_taken_again_with_another_amount_records_what_was_granted() {
    let it = ordered().await;
    let session = it.in_review(30_000).await;
    // The grant is posted, its refunds cannot be read, and the decision is not on record.
    it.shop.stripe_fails("GET", "/v1/refunds", "drop", 3).await;
    let first = decide(&it.shop, &session, REASON, Some("100"), json!({})).await;
    assert_problem(&first, 503, "unavailable");
    assert_eq!(it.available().await, "100.00");
    let resolved = decided(&it.shop, &session, REASON, Some("200")).await;
    assert_eq!(
        (it.available().await.as_str(), &resolved["resolution"]["granted"]),
        ("100.00", &json!("100.00"))
    );
}

#[tokio::test]
async fn what_an_unfinished_decision_granted_is_not_dismissed() {
    let it = ordered().await;
    let session = it.in_review(30_000).await;
    it.shop.stripe_fails("GET", "/v1/refunds", "drop", 3).await;
    let first = decide(&it.shop, &session, REASON, Some("100"), json!({})).await;
    assert_problem(&first, 503, "unavailable");
    let response = decide(&it.shop, &session, REASON, None, json!({})).await;
    assert_problem(&response, 409, "granted_before");
    decided(&it.shop, &session, REASON, Some("100")).await;
    assert_eq!((it.available().await.as_str(), in_review(&it.shop).await.len()), ("100.00", 0));
}

#[tokio::test]
async fn while_stripe_cannot_be_read_nothing_is_decided() {
    for kind in ["status", "drop"] {
        let it = ordered().await;
        let session = it.in_review(30_000).await;
        it.shop.stripe_fails("", "/checkout/sessions", kind, 3).await;
        let response = decide(&it.shop, &session, REASON, Some("300"), json!({})).await;
        assert_problem(&response, 503, "unavailable");
        assert_eq!((it.available().await.as_str(), in_review(&it.shop).await.len()), ("0.00", 1), "{kind}");
        decided(&it.shop, &session, REASON, Some("300")).await;
        assert_eq!(it.available().await, "300.00", "{kind}");
    }
}

#[tokio::test]
async fn each_decision_of_finance_is_an_event_line() {
    let it = ordered().await;
    let session = it.in_review(30_000).await;
    let (lines, _listening) = suite::lines::Lines::listen();
    decided(&it.shop, &session, REASON, Some("275.50")).await;
    let actions = lines.of("finance-action");
    let shown = |field: &str| actions[0].get(field).map(String::as_str);
    assert_eq!((actions.len(), shown("action")), (1, Some("review-granted")));
    assert_eq!((shown("subject"), shown("object")), (Some("sub-org_droplab"), Some(session.as_str())));
    assert_eq!(shown("endpoint"), Some("POST /api/admin/quarantine"));
    lines.assert_without(&["looked into"]);
}
