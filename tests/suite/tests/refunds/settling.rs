//! How a refund ends, by whoever tells of it first.

use super::{refund_alerts, two};
use billing::RefundRequestStatus;
use serde_json::json;
use support::assert_members;

const HOUR: i64 = 3600;

#[tokio::test]
async fn response_webhook_and_recovery_in_any_order_settle_once() {
    for (order, case) in
        [("answer", "the answer first"), ("webhook", "the webhook first"), ("read", "only recovery")]
    {
        let it = two().await;
        let id = if order == "answer" {
            let id = it.asked("60").await;
            it.shop.approved("org_a", &id).await;
            id
        } else {
            it.approved_and_lost("60", "drop-after-effect").await
        };
        if order == "webhook" {
            it.shop.deliver_all().await;
            it.assert_refunded_once(&id, "60.00", case).await;
        }
        if order == "read" {
            it.shop.events_are_forgotten().await;
            it.shop.later(301);
            it.shop.recover().await.unwrap();
        }
        it.assert_refunded_once(&id, "60.00", case).await;
        for _ in 0..3 {
            it.shop.deliver_all().await;
            it.shop.later(301);
            it.shop.recover().await.unwrap();
        }
        it.assert_refunded_once(&id, "60.00", case).await;
        assert_eq!(refund_alerts(&it.shop).await, ["60.00"], "{case}");
    }
}

#[tokio::test]
async fn a_refund_that_waits_takes_the_credits_at_once_and_gives_them_back_if_it_fails() {
    for (status, by_webhook) in [("pending", true), ("pending", false), ("requires_action", true)] {
        for end in ["succeeded", "failed", "canceled"] {
            let case = format!("{status} {end} {by_webhook}");
            let it = two().await;
            it.shop.refunds_begin(status).await;
            let id = it.asked("60").await;
            it.shop.approved("org_a", &id).await;
            it.assert_refunded_once(&id, "60.00", &case).await;
            let refund = it.shop.at_stripe("refunds").await[0]["id"].as_str().unwrap().to_owned();
            it.shop.settle_refund(&refund, end).await;
            if by_webhook {
                it.shop.deliver_all().await;
            } else {
                // The order's refund is under way: it is read again by its id.
                it.shop.events_are_forgotten().await;
                it.shop.later(6 * HOUR + 1);
                it.shop.recover().await.unwrap();
            }
            if end == "succeeded" {
                it.assert_refunded_once(&id, "60.00", &case).await;
            } else {
                it.assert_failed(&id, &case).await;
            }
            it.shop.deliver_all().await;
            it.shop.recover().await.unwrap();
            assert_eq!(it.shop.order_of("org_a", &it.first.order_id).await.next_check, None, "{case}");
        }
    }
}

#[tokio::test]
async fn a_refund_that_fails_at_once_releases_the_hold_and_takes_nothing() {
    for case in ["by the answer", "by its webhook", "by recovery"] {
        let it = two().await;
        it.shop.refunds_begin("failed").await;
        let id = if case == "by the answer" {
            let id = it.asked("60").await;
            let decided = it.shop.approved("org_a", &id).await;
            assert_members!(decided, {"status": "failed", "failure": "the refund failed"});
            id
        } else {
            it.approved_and_lost("60", "drop-after-effect").await
        };
        if case == "by its webhook" {
            // created as pending, then failed: in the order in which they happened
            it.shop.deliver_all().await;
        }
        if case == "by recovery" {
            it.shop.events_are_forgotten().await;
            it.shop.later(301);
            it.shop.recover().await.unwrap();
        }
        it.assert_failed(&id, case).await;
        it.shop.deliver_all().await;
        it.assert_failed(&id, case).await;
        // The owner asks again, and it works.
        it.shop.refunds_begin("succeeded").await;
        let again = it.asked("60").await;
        assert_eq!(it.shop.approved("org_a", &again).await["status"], "refunded", "{case}");
        assert_eq!(it.stands("org_a").await.0, "90.00", "{case}");
    }
}

#[tokio::test]
async fn a_refund_that_bounces_after_it_had_succeeded_gives_the_credits_back() {
    let it = two().await;
    let id = it.asked("60").await;
    it.shop.approved("org_a", &id).await;
    it.shop.deliver_all().await;
    let refund = it.shop.at_stripe("refunds").await[0]["id"].as_str().unwrap().to_owned();
    it.shop.settle_refund(&refund, "failed").await;
    it.shop.deliver_all().await;
    it.assert_failed(&id, "bounced").await;
    assert_eq!(it.request(&id).await.failure.as_deref(), Some("the refund did not reach the customer"));
    let again = it.asked("100").await;
    it.shop.approved("org_a", &again).await;
    assert_eq!(it.stands("org_a").await.0, "50.00");
}

#[tokio::test]
async fn after_20_hours_the_refund_is_searched_for_and_no_key_is_sent_any_more() {
    for (kind, found) in [("drop-after-effect", true), ("drop", false)] {
        let it = two().await;
        let id = it.approved_and_lost("60", kind).await;
        it.shop.events_are_forgotten().await;
        it.shop.later(20 * HOUR + 1);
        it.shop.stripe_fails("POST", "/refunds", 500, 1000).await;
        it.shop.recover().await.unwrap();
        it.shop.no_faults().await;
        if found {
            it.assert_refunded_once(&id, "60.00", kind).await;
        } else {
            it.assert_failed(&id, kind).await;
            assert!(it.shop.at_stripe("refunds").await.is_empty(), "{kind}: no new refund for that request");
        }
    }
    let it = two().await;
    let id = it.approved_and_lost("60", "drop").await;
    it.shop.later(20 * HOUR);
    it.shop.recover().await.unwrap();
    it.assert_refunded_once(&id, "60.00", "within 20 hours the same key").await;
}

#[tokio::test]
async fn while_the_search_fails_the_credits_stay_held() {
    let it = two().await;
    let id = it.approved_and_lost("60", "drop-after-effect").await;
    it.shop.events_are_forgotten().await;
    it.shop.later(30 * HOUR);
    it.shop.stripe_fails("GET", "/v1/refunds", "drop", 3).await;
    let run = it.shop.recover().await.unwrap();
    assert_eq!((&run["failed"], it.request(&id).await.status), (&json!(1), RefundRequestStatus::Approved));
    it.shop.recover().await.unwrap();
    it.assert_refunded_once(&id, "60.00", "found in the end").await;
}
