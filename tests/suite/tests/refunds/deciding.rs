//! Finance's word: once, on one request of one organization.

use super::two;
use billing::RefundRequestStatus;
use ledger::EntryKind;
use serde_json::json;
use suite::gateway::{Call, assert_problem, read};

#[tokio::test]
async fn an_approval_holds_that_purchase_alone_and_the_refund_takes_it() {
    let it = two().await;
    let id = it.asked("60").await;
    let decided = it.shop.approved("org_a", &id).await;
    assert_eq!((&decided["status"], &decided["failure"]), (&json!("refunded"), &json!(null)));
    it.assert_refunded_once(&id, "60.00", "by Stripe's answer").await;
    let lots = vec!["40.00".to_owned(), "50.00".to_owned()];
    assert_eq!(it.stands("org_a").await, ("90.00".to_owned(), "0.00".to_owned(), lots));
    let order = it.shop.order_of("org_a", &it.first.order_id).await;
    assert_eq!(order.reversals.posted.to_string(), "60.00");
    let statement = it.shop.world.ledger.statement(&it.shop.org("org_a")).await.unwrap();
    let hold = statement.iter().find(|entry| entry.kind == EntryKind::Hold).unwrap();
    assert_eq!(hold.actor.as_str(), "finance:f1", "who held the credits is who decided");
    assert_eq!(hold.lots.len(), 1);
    it.shop.deliver_all().await;
    it.shop.recover().await.unwrap();
    it.assert_refunded_once(&id, "60.00", "and by its webhook").await;
    assert_eq!(super::refund_alerts(&it.shop).await, ["60.00"]);
}

#[tokio::test]
async fn a_request_is_decided_once_by_one_person() {
    let it = two().await;
    let id = it.asked("60").await;
    it.shop.approved("org_a", &id).await;
    let again = it.shop.decide_refund("f1", "org_a", &id, true).await;
    assert_eq!((again.status().as_u16(), read(&again).1["status"].clone()), (200, json!("refunded")));
    assert_problem(&it.shop.decide_refund("f2", "org_a", &id, true).await, 409, "decided_before");
    assert_problem(&it.shop.decide_refund("f1", "org_a", &id, false).await, 409, "decided_before");
    it.assert_refunded_once(&id, "60.00", "decided four times").await;

    let id = it.asked("10").await;
    assert_eq!(it.shop.decide_refund("f1", "org_a", &id, false).await.status(), 200);
    assert_problem(&it.shop.decide_refund("f1", "org_a", &id, true).await, 409, "decided_before");
    assert_problem(&it.shop.decide_refund("f2", "org_a", &id, true).await, 409, "decided_before");
    assert_eq!(it.request(&id).await.status, RefundRequestStatus::Declined);
    it.shop.later(3600);
    it.shop.recover().await.unwrap();
    assert_eq!(it.stands("org_a").await.0, "90.00");
    assert_eq!(it.shop.at_stripe("refunds").await.len(), 1, "a declined request asks Stripe for nothing");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_64_racing_approvals_one_holds_and_one_refund_is_made() {
    let it = two().await;
    let id = it.asked("60").await;
    let racers = (0..64).map(|at| {
        let (shop, id, who) = (&it.shop, &id, ["f1", "f2"][at % 2]);
        async move { shop.decide_refund(who, "org_a", id, true).await.status().as_u16() }
    });
    let answers = futures::future::join_all(racers).await;
    let of = |status: u16| answers.iter().filter(|answer| **answer == status).count();
    assert_eq!(of(200) + of(409) + of(503), 64, "{answers:?}");
    assert!(of(200) >= 1 && of(409) >= 1, "the other person's approvals are refused: {answers:?}");
    it.shop.later(301);
    it.shop.recover().await.unwrap();
    it.assert_refunded_once(&id, "60.00", "64 approvals").await;
    let statement = it.shop.world.ledger.statement(&it.shop.org("org_a")).await.unwrap();
    assert_eq!(statement.iter().filter(|entry| entry.kind == EntryKind::Hold).count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_racing_requests_and_approvals_of_one_purchase_no_more_is_held_than_is_unused() {
    let it = two().await;
    let asking = (0..8).map(|at| {
        let body = json!({"orderId": it.first.order_id, "amount": "40", "reason": "not needed"});
        let call = Call::new("POST", "/api/credits/refunds").by("org_a", "owner").body(body.to_string());
        it.shop.refund_request(call.header("idempotency-key", &format!("k{at}")))
    });
    let asked = futures::future::join_all(asking).await;
    let ids = asked.iter().map(read).filter(|(status, _)| *status == 202);
    let ids: Vec<String> = ids.map(|(_, body)| body["refundId"].as_str().unwrap().to_owned()).collect();
    assert!(!ids.is_empty());
    let decisions = ids.iter().map(|id| it.shop.decide_refund("f1", "org_a", id, true));
    let answers = futures::future::join_all(decisions).await;
    let done = answers.iter().filter(|answer| answer.status() == 200).count();
    assert_eq!(done, ids.len().min(2), "two of 40.00 fit into 100.00");
    let left = ["60.00", "20.00"][done - 1];
    let (_, held, lots) = it.stands("org_a").await;
    assert_eq!((held.as_str(), lots), ("0.00", vec![left.to_owned(), "50.00".to_owned()]));
    assert_eq!(it.shop.at_stripe("refunds").await.len(), done);
}

#[tokio::test]
async fn what_was_spent_since_it_was_asked_for_is_not_refunded() {
    let it = two().await;
    let id = it.asked("100").await;
    it.shop.spend("org_a", "0.01").await;
    let response = it.shop.decide_refund("f1", "org_a", &id, true).await;
    assert_eq!(assert_problem(&response, 409, "more_than_unused")["unused"], "99.99");
    assert_eq!(it.request(&id).await.status, RefundRequestStatus::Requested, "finance can still decline it");
    assert_eq!(it.shop.decide_refund("f2", "org_a", &id, false).await.status(), 200);
    assert!(it.shop.at_stripe("refunds").await.is_empty());
}

#[tokio::test]
async fn while_the_account_is_frozen_nothing_is_approved() {
    let it = two().await;
    let id = it.asked("60").await;
    let dispute = it.shop.dispute(it.second.payment_intent.as_deref().unwrap(), 1_000).await;
    it.shop.deliver_reversals().await;
    assert_problem(&it.shop.decide_refund("f1", "org_a", &id, true).await, 409, "account_frozen");
    assert_eq!(it.request(&id).await.status, RefundRequestStatus::Requested);
    it.shop.close_dispute(&dispute, "won").await;
    it.shop.deliver_reversals().await;
    it.shop.approved("org_a", &id).await;
    it.assert_refunded_once(&id, "60.00", "after the dispute").await;
}

#[tokio::test]
async fn a_request_is_found_under_its_own_organization_alone_and_decided_by_finance_alone() {
    let it = two().await;
    it.shop.bought("org_b", "100").await;
    let id = it.asked("60").await;
    for organization in ["org_b", "org_nobody", "org#a", ""] {
        assert_problem(&it.shop.decide_refund("f1", organization, &id, true).await, 404, "not_found");
    }
    for unknown in ["rfr_00000000000000000000000000", "ord_1", ""] {
        let response = it.shop.decide_refund("f1", "org_a", unknown, true).await;
        assert!(matches!(response.status().as_u16(), 400 | 404), "{unknown}: {}", response.status());
    }
    for role in ["owner", "member"] {
        let body = json!({"organizationId": "org_a", "approve": true, "reason": "mine"});
        let call = Call::new("POST", "/api/admin/refunds/x").id("id", &id).by("org_a", role);
        assert_problem(&it.shop.refund_decisions(call.body(body.to_string())).await, 403, "forbidden");
    }
    let body = json!({"organizationId": "org_a", "approve": true, "reason": ""});
    let call = Call::new("POST", "/api/admin/refunds/x").id("id", &id).by("org_droplab", "finance");
    assert_problem(&it.shop.refund_decisions(call.body(body.to_string())).await, 400, "invalid_reason");
    assert_eq!(it.request(&id).await.status, RefundRequestStatus::Requested);
    assert_eq!((it.stands("org_a").await.0, it.stands("org_b").await.0), ("150.00".into(), "100.00".into()));
}
