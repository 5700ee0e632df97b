//! What an owner may ask for.

use super::two;
use serde_json::{Value, json};
use suite::{
    gateway::{Call, assert_problem, read},
    shop::Shop,
};
use support::Fault;

const PATH: &str = "/api/credits/refunds";

fn ask(organization: &str, role: &str, key: &str, body: &Value) -> Call {
    Call::new("POST", PATH).by(organization, role).header("idempotency-key", key).body(body.to_string())
}

fn of(order: &billing::Order, amount: Option<&str>) -> Value {
    let mut body = json!({"orderId": order.order_id, "reason": "not needed"});
    if let Some(amount) = amount {
        body["amount"] = json!(amount);
    }
    body
}

#[tokio::test]
async fn an_owner_asks_for_what_is_unused_of_one_purchase_and_nothing_moves() {
    let it = two().await;
    it.shop.spend("org_a", "30").await;
    let (status, body) = read(&it.shop.ask_refund("org_a", &it.first.order_id, None).await);
    assert_eq!((status, &body["amount"], &body["status"]), (202, &json!("70.00"), &json!("requested")));
    let second = it.shop.ask_refund("org_a", &it.second.order_id, Some("12.34")).await;
    assert_eq!(read(&second).1["amount"], "12.34");
    let lots = vec!["70.00".to_owned(), "50.00".to_owned()];
    assert_eq!(it.stands("org_a").await, ("120.00".to_owned(), "0.00".to_owned(), lots));
    assert!(it.shop.at_stripe("refunds").await.is_empty());
    let (_, shown) =
        read(&it.shop.credit_orders(Call::new("GET", "/api/credits/orders").by("org_a", "member")).await);
    let asked: Vec<&Value> = shown["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| &order["refundRequests"][0]["status"])
        .collect();
    assert_eq!(asked, ["requested", "requested"]);
}

#[tokio::test]
async fn more_than_is_unused_of_that_purchase_is_refused_with_what_is_unused() {
    let it = two().await;
    it.shop.spend("org_a", "30").await;
    for amount in ["70.01", "100", "0", "-5"] {
        let response = it.shop.ask_refund("org_a", &it.first.order_id, Some(amount)).await;
        assert_eq!(assert_problem(&response, 409, "more_than_unused")["unused"], "70.00", "{amount}");
    }
    it.shop.refund(it.payment(), 4_000).await;
    it.shop.deliver_reversals().await;
    let response = it.shop.ask_refund("org_a", &it.first.order_id, Some("30.01")).await;
    assert_eq!(assert_problem(&response, 409, "more_than_unused")["unused"], "30.00");
    it.shop.spend("org_a", "30").await;
    let response = it.shop.ask_refund("org_a", &it.first.order_id, None).await;
    assert_eq!(assert_problem(&response, 409, "more_than_unused")["unused"], "0.00");
}

#[tokio::test]
async fn an_order_of_another_organization_or_of_nobody_is_not_found_and_an_unpaid_one_not_refunded() {
    let it = two().await;
    for order in [it.first.order_id.as_str(), "ord_00000000000000000000000000", "pi_1", ""] {
        let call = ask("org_b", "owner", "k", &json!({"orderId": order, "reason": "mine"}));
        assert_problem(&it.shop.refund_request(call).await, 404, "not_found");
    }
    it.shop.order("org_b", "25").await;
    let unpaid = it.shop.orders("org_b").await.remove(0);
    let call = ask("org_b", "owner", "k", &of(&unpaid, None));
    assert_problem(&it.shop.refund_request(call).await, 409, "order_not_paid");
    assert!(it.shop.world.dynamo.dump("work").iter().all(|item| item["kind"]["S"] != "refund-request"));
}

#[tokio::test]
async fn only_an_owner_asks_and_with_a_key_a_reason_and_an_amount_of_money() {
    let it = two().await;
    let body = of(&it.first, None);
    for role in ["member", "finance", ""] {
        assert_problem(&it.shop.refund_request(ask("org_a", role, "k", &body)).await, 403, "forbidden");
    }
    let nobody = Call::new("POST", PATH).header("idempotency-key", "k").body(body.to_string());
    assert_problem(&it.shop.refund_request(nobody).await, 401, "unauthorized");
    let keyless = Call::new("POST", PATH).by("org_a", "owner").body(body.to_string());
    assert_eq!(it.shop.refund_request(keyless).await.status(), 400);
    let order = &it.first.order_id;
    let table = [
        (json!({"orderId": order, "reason": " "}), "invalid_reason"),
        (json!({"orderId": order, "reason": "x".repeat(501)}), "invalid_reason"),
        (json!({"orderId": order, "reason": "r", "amount": "1.001"}), "invalid_amount"),
        (json!({"orderId": order, "reason": "r", "amount": "all"}), "invalid_amount"),
        (json!({"orderId": order, "reason": "r", "amount": null}), "invalid_amount"),
    ];
    for (body, code) in table {
        assert_problem(&it.shop.refund_request(ask("org_a", "owner", "k", &body)).await, 400, code);
    }
    for body in
        [json!({"orderId": order}), json!({"orderId": order, "reason": "r", "organizationId": "org_b"})]
    {
        assert_eq!(it.shop.refund_request(ask("org_a", "owner", "k", &body)).await.status(), 400, "{body}");
    }
}

#[tokio::test]
async fn one_key_is_one_request_and_another_body_under_it_is_refused() {
    let it = two().await;
    let call = || ask("org_a", "owner", "k", &of(&it.first, Some("20")));
    let first = read(&it.shop.refund_request(call()).await);
    for _ in 0..3 {
        assert_eq!(read(&it.shop.refund_request(call()).await), first);
    }
    // Without an amount it is of whatever is unused, which is another request.
    let other = [of(&it.first, Some("21")), of(&it.second, Some("20")), of(&it.first, None)];
    for body in other {
        let response = it.shop.refund_request(ask("org_a", "owner", "k", &body)).await;
        assert_problem(&response, 422, "idempotency_key_reused");
    }
    let id = first.1["refundId"].as_str().unwrap();
    it.shop.approved("org_a", id).await;
    assert_eq!(
        read(&it.shop.refund_request(call()).await).1["status"],
        "refunded",
        "asked again after its end"
    );
    assert_eq!(it.shop.at_stripe("refunds").await.len(), 1);
}

#[tokio::test]
async fn while_a_request_for_a_purchase_waits_no_other_for_it_is_taken() {
    let it = two().await;
    let id = it.asked("20").await;
    it.shop.later(1);
    assert_problem(&it.shop.ask_refund("org_a", &it.first.order_id, Some("1")).await, 409, "asked_before");
    it.shop.asked_refund("org_a", &it.second.order_id, Some("5")).await;
    assert_eq!(it.shop.decide_refund("f1", "org_a", &id, false).await.status(), 200);
    let id = it.asked("30").await;
    it.shop.approved("org_a", &id).await;
    let (status, body) = read(&it.shop.ask_refund("org_a", &it.first.order_id, None).await);
    assert_eq!((status, &body["amount"]), (202, &json!("70.00")), "the rest, once that is decided");
}

#[tokio::test]
async fn of_requests_for_a_purchase_at_once_one_is_taken() {
    let it = two().await;
    // Whichever request writes first is to write again after the others, which have found none before them either.
    for operation in ["PutItem", "TransactWriteItems"] {
        it.shop.world.dynamo.faults().next(operation, Fault::Throttled);
    }
    let body = of(&it.first, Some("0.01"));
    let keys: Vec<String> = (0..8).map(|number| format!("racer-{number}")).collect();
    let asked = keys.iter().map(|key| it.shop.refund_request(ask("org_a", "owner", key, &body)));
    let answers = futures::future::join_all(asked).await;
    let count = |wanted: u16| answers.iter().filter(|answer| answer.status() == wanted).count();
    assert_eq!((count(202), count(409)), (1, 7));
    let stored = it.shop.world.dynamo.dump("work");
    assert_eq!(stored.iter().filter(|item| item["kind"]["S"] == "refund-request").count(), 1);
}

#[tokio::test]
async fn finance_sees_the_requests_of_all_organizations_newest_first_and_an_owner_only_their_own() {
    let shop = Shop::new().await;
    for (at, organization) in ["org_a", "org_b", "org_a"].iter().enumerate() {
        let order = shop.bought(organization, &format!("{}", 10 + at)).await;
        shop.later(1);
        shop.asked_refund(organization, &order.order_id, None).await;
    }
    let list = Call::new("GET", "/api/admin/refunds").by("org_droplab", "finance");
    let (_, body) = read(&shop.refund_decisions(list).await);
    let amounts: Vec<&Value> =
        body["requests"].as_array().unwrap().iter().map(|asked| &asked["amount"]).collect();
    assert_eq!(amounts, ["12.00", "11.00", "10.00"]);
    for role in ["owner", "member"] {
        let list = Call::new("GET", "/api/admin/refunds").by("org_a", role);
        assert_problem(&shop.refund_decisions(list).await, 403, "forbidden");
    }
    let (_, shown) =
        read(&shop.credit_orders(Call::new("GET", "/api/credits/orders").by("org_b", "owner")).await);
    assert_eq!(shown["orders"].as_array().unwrap().len(), 1);
    assert_eq!(shown["orders"][0]["refundRequests"][0]["amount"], "11.00");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_request_sent_many_times_at_once_is_one_request_and_every_answer_says_so() {
    for _ in 0..8 {
        let it = two().await;
        let body = of(&it.first, Some("10"));
        let twins = (0..16).map(|_| it.shop.refund_request(ask("org_a", "owner", "key-1", &body)));
        let answers: Vec<(u16, Value)> = futures::future::join_all(twins).await.iter().map(read).collect();
        let ids: Vec<&Value> = answers.iter().map(|(_, body)| &body["refundId"]).collect();
        assert!(answers.iter().all(|(status, _)| *status == 202), "{answers:?}");
        assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
        let other = of(&it.first, Some("11"));
        let response = it.shop.refund_request(ask("org_a", "owner", "key-1", &other)).await;
        assert_problem(&response, 422, "idempotency_key_reused");
    }
}
