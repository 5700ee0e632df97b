//! Refunds that wait, end, bounce or are refused.

use sandbox::Stripe;
use serde_json::{Value, json};

use crate::NOW_MS;
use crate::stripe::{SESSION, check_refused, get, id, ids, new, paid, post, request, types};

const LATER_MS: u64 = NOW_MS + 5_000;

fn refunded(stripe: &mut Stripe, charge: &str) -> (Value, Value) {
    let charge = get(stripe, &format!("/v1/charges/{charge}"));
    (charge["amount_refunded"].clone(), charge["refunded"].clone())
}

fn refund(stripe: &mut Stripe, intent: &str, amount: i64) -> Value {
    let form = format!("payment_intent={intent}&amount={amount}&metadata[refund_id]=ref_1");
    post(stripe, "/v1/refunds", &form)
}

#[test]
fn a_refund_tells_its_metadata_from_the_first_event_on() {
    let mut stripe = new();
    let (intent, charge) = paid(&mut stripe, SESSION);
    let before = stripe.all_events().len();
    let made = refund(&mut stripe, &intent, 25_000);
    assert_eq!((&made["status"], &made["charge"]), (&json!("succeeded"), &json!(charge)));
    assert_eq!(types(&stripe, before), ["refund.created", "charge.refunded"]);
    let events = stripe.all_events();
    assert_eq!(events[before]["data"]["object"]["metadata"], json!({"refund_id": "ref_1"}));
    let of_charge = &events[before + 1]["data"];
    assert_eq!(of_charge["object"]["metadata"]["order_id"], "ord_1");
    let previous = json!({"amount_refunded": 0, "refunded": false});
    assert_eq!(of_charge["previous_attributes"], previous);
    assert_eq!(refunded(&mut stripe, &charge), (json!(25_000), json!(true)));
}

#[test]
fn a_waiting_refund_ends_well_or_gives_the_money_back() {
    let mut stripe = new();
    let mut check = |beginning: &str, end: &str, left: i64, emitted: &[&str]| {
        let (intent, charge) = paid(&mut stripe, SESSION);
        stripe.begin_refunds_as(beginning).expect("a beginning");
        let made = refund(&mut stripe, &intent, 25_000);
        assert_eq!(made["status"], beginning);
        assert_eq!(made["pending_reason"].is_string(), beginning == "pending");
        assert_eq!(made["next_action"].is_object(), beginning == "requires_action");
        assert_eq!(refunded(&mut stripe, &charge), (json!(25_000), json!(true)));
        let before = stripe.all_events().len();
        let ended = stripe.settle_refund(LATER_MS, &id(&made), end).expect("it waits");
        assert_eq!(types(&stripe, before), emitted);
        assert_eq!(
            (&ended["status"], &ended["failure_reason"].is_string()),
            (&json!(end), &(end == "failed"))
        );
        assert!(ended["pending_reason"].is_null() && ended["next_action"].is_null());
        let data = stripe.all_events()[before]["data"].clone();
        assert_eq!(data["object"], ended);
        assert_eq!(data["previous_attributes"]["status"], beginning);
        assert_eq!(refunded(&mut stripe, &charge), (json!(left), json!(left == 25_000)));
    };
    let updated = ["refund.updated", "charge.refund.updated"];
    let failed = ["refund.updated", "charge.refund.updated", "refund.failed"];
    check("pending", "succeeded", 25_000, &updated);
    check("pending", "failed", 0, &failed);
    check("pending", "canceled", 0, &updated);
    check("requires_action", "succeeded", 25_000, &updated);
    check("requires_action", "failed", 0, &failed);
    check("requires_action", "canceled", 0, &updated);
    check("succeeded", "failed", 0, &failed);
}

#[test]
fn a_failed_or_canceled_refund_is_final_and_leaves_the_other_one_alone() {
    let mut stripe = new();
    let (intent, charge) = paid(&mut stripe, SESSION);
    let succeeded = refund(&mut stripe, &intent, 10_000);
    stripe.begin_refunds_as("pending").expect("a beginning");
    let waiting = id(&refund(&mut stripe, &intent, 15_000));
    assert!(stripe.settle_refund(LATER_MS, &waiting, "pending").is_err());
    stripe.settle_refund(LATER_MS, &waiting, "failed").expect("it waits");
    let before = stripe.all_events().len();
    for status in ["succeeded", "failed", "canceled"] {
        assert!(stripe.settle_refund(LATER_MS, &waiting, status).is_err(), "{status}");
    }
    let canceled = id(&refund(&mut stripe, &intent, 15_000));
    stripe.settle_refund(LATER_MS, &canceled, "canceled").expect("it waits");
    assert!(stripe.settle_refund(LATER_MS, &canceled, "succeeded").is_err());
    assert!(stripe.settle_refund(LATER_MS, &id(&succeeded), "canceled").is_err());
    assert!(stripe.settle_refund(LATER_MS, "re_none", "failed").is_err());
    assert_eq!(refunded(&mut stripe, &charge), (json!(10_000), json!(false)));
    let emitted = ["refund.created", "charge.refunded", "refund.updated", "charge.refund.updated"];
    assert_eq!(types(&stripe, before), emitted);
    let listed = get(&mut stripe, &format!("/v1/refunds?payment_intent={intent}"));
    assert_eq!(ids(&listed), [canceled, waiting, id(&succeeded)]);
}

#[test]
fn a_refund_can_fail_right_after_it_was_made() {
    let mut stripe = new();
    let (intent, charge) = paid(&mut stripe, SESSION);
    stripe.begin_refunds_as("failed").expect("a beginning");
    let before = stripe.all_events().len();
    let made = refund(&mut stripe, &intent, 10_000);
    assert_eq!(made["status"], "failed");
    let emitted =
        ["refund.created", "charge.refunded", "refund.updated", "charge.refund.updated", "refund.failed"];
    assert_eq!(types(&stripe, before), emitted);
    assert_eq!(stripe.all_events()[before]["data"]["object"]["status"], "pending");
    assert_eq!(refunded(&mut stripe, &charge), (json!(0), json!(false)));
    assert!(stripe.begin_refunds_as("canceled").is_err());
}

#[test]
fn a_refund_by_a_person_has_no_metadata() {
    let mut stripe = new();
    let (intent, charge) = paid(&mut stripe, SESSION);
    // only what is asked for over the API begins like this
    stripe.begin_refunds_as("failed").expect("a beginning");
    let part = stripe.refund_by_dashboard(NOW_MS, &intent, Some(4_000), "pending").expect("paid");
    assert_eq!((&part["metadata"], &part["status"]), (&json!({}), &json!("pending")));
    let rest = stripe.refund_by_dashboard(NOW_MS, &intent, None, "succeeded").expect("paid");
    assert_eq!(rest["amount"], 21_000);
    assert_eq!(refunded(&mut stripe, &charge), (json!(25_000), json!(true)));
    assert!(stripe.refund_by_dashboard(NOW_MS, &intent, None, "succeeded").is_err(), "nothing is left");
    assert!(stripe.refund_by_dashboard(NOW_MS, "pi_none", None, "succeeded").is_err());
    assert!(stripe.refund_by_dashboard(NOW_MS, &intent, None, "soon").is_err());
}

#[test]
fn refunds_are_refused_as_stripe_refuses_them() {
    let mut stripe = new();
    let (intent, charge) = paid(&mut stripe, SESSION);
    let check = |stripe: &mut Stripe, form: &str, status: u16, code: &str| {
        let before = stripe.all_events().len();
        let response = stripe.handle(NOW_MS, &request("POST", "/v1/refunds", form));
        check_refused(&response, status, "invalid_request_error", code);
        assert_eq!(stripe.all_events().len(), before);
    };
    let of = format!("payment_intent={intent}");
    check(&mut stripe, "amount=100", 400, "parameter_missing");
    check(&mut stripe, "payment_intent=pi_none", 404, "resource_missing");
    check(&mut stripe, "charge=ch_none", 404, "resource_missing");
    check(&mut stripe, &format!("{of}&amount=25001"), 400, "");
    check(&mut stripe, &format!("{of}&amount=0"), 400, "");
    check(&mut stripe, &format!("{of}&reason=bored"), 400, "");
    refund(&mut stripe, &intent, 20_000);
    check(&mut stripe, &format!("{of}&amount=5001"), 400, "");
    let inquiry = id(&stripe.open_dispute(NOW_MS, &intent, Some(1_000), true).expect("a charge"));
    refund(&mut stripe, &intent, 1_000);
    stripe.escalate_dispute(NOW_MS, &inquiry).expect("an inquiry");
    check(&mut stripe, &format!("charge={charge}"), 400, "charge_disputed");
    stripe.close_dispute(NOW_MS, &inquiry, "won").expect("a dispute");
    refund(&mut stripe, &intent, 4_000);
    check(&mut stripe, &of, 400, "charge_already_refunded");
}
