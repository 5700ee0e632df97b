//! Disputes and inquiries, and where their money is.

use serde_json::{Value, json};

use crate::NOW_MS;
use crate::stripe::{SESSION, get, id, ids, new, paid, types};

fn moved(dispute: &Value) -> Vec<i64> {
    let transactions = dispute["balance_transactions"].as_array().expect("a list");
    transactions.iter().filter_map(|transaction| transaction["amount"].as_i64()).collect()
}

#[test]
fn a_dispute_takes_the_money_when_it_is_opened() {
    let mut stripe = new();
    let (intent, charge) = paid(&mut stripe, SESSION);
    let before = stripe.all_events().len();
    let dispute = stripe.open_dispute(NOW_MS, &intent, None, false).expect("a charge");
    assert_eq!(
        (&dispute["status"], &dispute["amount"], &dispute["charge"], &dispute["payment_intent"]),
        (&json!("needs_response"), &json!(25_000), &json!(charge), &json!(intent))
    );
    assert_eq!(types(&stripe, before), ["charge.dispute.created", "charge.dispute.funds_withdrawn"]);
    for event in &stripe.all_events()[before..] {
        assert_eq!(moved(&event["data"]["object"]), [-25_000]);
    }
    let transaction = &dispute["balance_transactions"][0];
    assert_eq!((&transaction["fee"], &transaction["net"]), (&json!(1_500), &json!(-26_500)));
    assert_eq!(get(&mut stripe, &format!("/v1/charges/{charge}"))["disputed"], true);
    assert_eq!(get(&mut stripe, &format!("/v1/disputes/{}", id(&dispute))), dispute);
}

#[test]
fn a_dispute_that_is_won_brings_the_money_back_and_a_lost_one_does_not() {
    let mut stripe = new();
    let (intent, _) = paid(&mut stripe, SESSION);
    let won = id(&stripe.open_dispute(NOW_MS, &intent, Some(6_000), false).expect("a charge"));
    let lost = id(&stripe.open_dispute(NOW_MS, &intent, Some(7_000), false).expect("a second one"));
    let before = stripe.all_events().len();
    let closed = stripe.close_dispute(NOW_MS, &won, "won").expect("open");
    assert_eq!((&closed["status"], moved(&closed)), (&json!("won"), vec![-6_000, 6_000]));
    let closed = stripe.close_dispute(NOW_MS, &lost, "lost").expect("open");
    assert_eq!((&closed["status"], moved(&closed)), (&json!("lost"), vec![-7_000]));
    let emitted = ["charge.dispute.funds_reinstated", "charge.dispute.closed", "charge.dispute.closed"];
    assert_eq!(types(&stripe, before), emitted);
    assert_eq!(moved(&stripe.all_events()[before]["data"]["object"]), [-6_000, 6_000]);
    for id in [&won, &lost] {
        assert!(stripe.close_dispute(NOW_MS, id, "lost").is_err(), "it is closed");
    }
    assert!(stripe.refund_by_dashboard(NOW_MS, &intent, Some(100), "succeeded").is_err(), "it was lost");
}

#[test]
fn an_inquiry_moves_no_money_until_it_is_escalated() {
    let mut stripe = new();
    let (intent, charge) = paid(&mut stripe, SESSION);
    let before = stripe.all_events().len();
    let quiet = stripe.open_dispute(NOW_MS, &intent, None, true).expect("a charge");
    assert_eq!((&quiet["status"], moved(&quiet)), (&json!("warning_needs_response"), Vec::new()));
    assert_eq!(get(&mut stripe, &format!("/v1/charges/{charge}"))["disputed"], true);
    assert!(stripe.close_dispute(NOW_MS, &id(&quiet), "won").is_err(), "an inquiry is not won");
    let closed = stripe.close_dispute(NOW_MS, &id(&quiet), "warning_closed").expect("open");
    assert!(moved(&closed).is_empty());
    assert!(stripe.escalate_dispute(NOW_MS, &id(&quiet)).is_err(), "it is closed");
    assert_eq!(types(&stripe, before), ["charge.dispute.created", "charge.dispute.closed"]);

    let loud = id(&stripe.open_dispute(NOW_MS, &intent, Some(9_000), true).expect("a second one"));
    let before = stripe.all_events().len();
    let escalated = stripe.escalate_dispute(NOW_MS, &loud).expect("an inquiry");
    assert_eq!((&escalated["status"], moved(&escalated)), (&json!("needs_response"), vec![-9_000]));
    assert_eq!(types(&stripe, before), ["charge.dispute.updated", "charge.dispute.funds_withdrawn"]);
    let previous = &stripe.all_events()[before]["data"]["previous_attributes"];
    assert_eq!(
        (&previous["status"], &previous["balance_transactions"]),
        (&json!("warning_needs_response"), &json!([]))
    );
    assert!(stripe.escalate_dispute(NOW_MS, &loud).is_err(), "it is a dispute already");
    assert!(stripe.close_dispute(NOW_MS, &loud, "warning_closed").is_err(), "it is an inquiry no longer");
}

#[test]
fn disputes_are_listed_by_charge_and_payment_newest_first() {
    let mut stripe = new();
    let (intent, charge) = paid(&mut stripe, SESSION);
    let (other, _) = paid(&mut stripe, SESSION);
    let first = id(&stripe.open_dispute(NOW_MS, &intent, Some(100), false).expect("a charge"));
    let second = id(&stripe.open_dispute(NOW_MS, &intent, Some(200), true).expect("a charge"));
    let foreign = id(&stripe.open_dispute(NOW_MS, &other, None, false).expect("a charge"));
    let mut list = |query: &str| ids(&get(&mut stripe, &format!("/v1/disputes?{query}")));
    assert_eq!(list(&format!("payment_intent={intent}")), [second.clone(), first.clone()]);
    assert_eq!(list(&format!("charge={charge}&limit=1")), [second.as_str()]);
    assert_eq!(list(&format!("charge={charge}&starting_after={second}")), [first.as_str()]);
    assert_eq!(list(""), [foreign, second, first]);
}

#[test]
fn only_what_was_paid_can_be_disputed() {
    let mut stripe = new();
    let (intent, _) = paid(&mut stripe, SESSION);
    for amount in [0, 25_001] {
        assert!(stripe.open_dispute(NOW_MS, &intent, Some(amount), false).is_err(), "{amount}");
    }
    assert!(stripe.open_dispute(NOW_MS, "pi_none", None, false).is_err());
    assert!(stripe.escalate_dispute(NOW_MS, "dp_none").is_err());
    assert!(stripe.close_dispute(NOW_MS, "dp_none", "won").is_err());
    assert!(stripe.objects("disputes").is_empty());
}
