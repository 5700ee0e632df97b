//! Saved cards, charges to them while the customer is away, and intents that are canceled.

use sandbox::stripe::CardBehaviour;
use sandbox::{Response, Stripe};
use serde_json::{Value, json};

use crate::stripe::{SESSION, check_refused, get, id, ids, new, paid, post, request, types};
use crate::{HOUR_MS, NOW_MS};

const SAVE: &str = "payment_intent_data[setup_future_usage]=off_session";

/// A customer who has paid once and left the card: the ids of both.
fn with_card(stripe: &mut Stripe) -> (String, String) {
    let customer = id(&post(stripe, "/v1/customers", "name=Alder"));
    paid(stripe, &format!("{SESSION}&{SAVE}&customer={customer}"));
    let cards = get(stripe, &format!("/v1/payment_methods?customer={customer}&type=card"));
    (customer, ids(&cards).remove(0))
}

fn charge(stripe: &mut Stripe, customer: &str, method: &str) -> Response {
    let form = format!(
        "amount=5000&currency=usd&customer={customer}&payment_method={method}&off_session=true&confirm=true\
         &return_url=https://app.example&allowed_payment_method_types[0]=card&metadata[order_id]=top_1"
    );
    stripe.handle(NOW_MS, &request("POST", "/v1/payment_intents", &form))
}

#[test]
fn a_card_is_saved_for_the_customer_when_the_session_asks_for_it() {
    let mut stripe = new();
    let customer = id(&post(&mut stripe, "/v1/customers", "name=Alder"));
    let before = stripe.all_events().len();
    let (intent, _) = paid(&mut stripe, &format!("{SESSION}&{SAVE}&customer={customer}"));
    let emitted = [
        "payment_intent.created",
        "payment_method.attached",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ];
    assert_eq!(types(&stripe, before), emitted);
    let intent = get(&mut stripe, &format!("/v1/payment_intents/{intent}"));
    let card = intent["payment_method"].as_str().expect("a method").to_owned();
    assert!(card.starts_with("pm_1"), "{card}");
    let method = get(&mut stripe, &format!("/v1/payment_methods/{card}"));
    assert_eq!((&method["customer"], &method["type"]), (&json!(customer), &json!("card")));
    assert_eq!(method["created"], NOW_MS / 1_000);
    assert_eq!((&method["card"]["brand"], &method["card"]["last4"]), (&json!("visa"), &json!("4242")));
    paid(&mut stripe, &format!("{SESSION}&customer={customer}"));
    assert_eq!(stripe.objects("payment_methods").len(), 1, "nobody asked to save the second");
}

#[test]
fn a_card_that_is_saved_for_nobody_makes_a_customer_and_a_delayed_payment_saves_none() {
    let mut stripe = new();
    let form = format!("{SESSION}&{SAVE}");
    paid(&mut stripe, &form);
    assert_eq!(types(&stripe, 0)[0], "customer.created");
    assert_eq!(stripe.objects("payment_methods")[0]["customer"], stripe.objects("customers")[0]["id"]);
    let cs = id(&post(&mut stripe, "/v1/checkout/sessions", &form));
    stripe.pay_session(NOW_MS, &cs, true).expect("an open session");
    assert_eq!(stripe.objects("payment_methods").len(), 1);
}

#[test]
fn saved_cards_are_listed_newest_first_until_they_are_detached() {
    let mut stripe = new();
    let (customer, first) = with_card(&mut stripe);
    let (foreign, _) = with_card(&mut stripe);
    let cs =
        id(&post(&mut stripe, "/v1/checkout/sessions", &format!("{SESSION}&{SAVE}&customer={customer}")));
    stripe.pay_session(NOW_MS + 1_000, &cs, false).expect("an open session");
    let of_customer = format!("/v1/customers/{customer}/payment_methods");
    let cards = ids(&get(&mut stripe, &format!("{of_customer}?type=card")));
    assert_eq!((cards.len(), &cards[1]), (2, &first));
    assert_eq!(ids(&get(&mut stripe, &format!("/v1/payment_methods?customer={customer}&type=card"))), cards);
    assert!(ids(&get(&mut stripe, &format!("{of_customer}?type=us_bank_account"))).is_empty());
    let page = get(&mut stripe, &format!("{of_customer}?limit=1"));
    assert_eq!((ids(&page), &page["has_more"]), (vec![cards[0].clone()], &json!(true)));

    let detached = post(&mut stripe, &format!("/v1/payment_methods/{first}/detach"), "");
    assert_eq!(detached["customer"], Value::Null);
    let last = stripe.all_events().pop().expect("an event").clone();
    assert_eq!(last["type"], "payment_method.detached");
    assert_eq!(last["data"]["previous_attributes"], json!({"customer": customer}));
    assert_eq!(ids(&get(&mut stripe, &of_customer)), [cards[0].clone()]);
    assert_eq!(get(&mut stripe, &format!("/v1/payment_methods/{first}"))["customer"], Value::Null);
    let mut check = |method: &str, path: &str, status: u16, code: &str| {
        let response = stripe.handle(NOW_MS, &request(method, path, ""));
        check_refused(&response, status, "invalid_request_error", code);
    };
    check("POST", &format!("/v1/payment_methods/{first}/detach"), 400, "");
    check("POST", "/v1/payment_methods/pm_none/detach", 404, "resource_missing");
    check("GET", "/v1/payment_methods?type=card", 400, "parameter_missing");
    check("GET", "/v1/payment_methods?customer=cus_none", 400, "resource_missing");
    check("GET", "/v1/customers/cus_none/payment_methods", 404, "resource_missing");
    assert_eq!(stripe.objects("payment_methods").len(), 3);
    assert_ne!(foreign, customer);
}

#[test]
fn a_saved_card_behaves_as_its_customer_was_told_to() {
    let mut stripe = new();
    let (customer, card) = with_card(&mut stripe);
    let answer = charge(&mut stripe, &customer, &card).value();
    assert_eq!((&answer["status"], &answer["payment_method"]), (&json!("succeeded"), &json!(card)));
    let mut check = |behaviour: CardBehaviour, code: &str, decline_code: &str| {
        stripe.set_card_behaviour(&customer, behaviour);
        let before = stripe.all_events().len();
        let answer = charge(&mut stripe, &customer, &card);
        check_refused(&answer, 402, "card_error", code);
        let error = answer.value()["error"].clone();
        assert_eq!(error["decline_code"], decline_code);
        let intent = &error["payment_intent"];
        assert_eq!(intent["status"], "requires_payment_method");
        assert_eq!(intent["metadata"]["order_id"], "top_1");
        let last = &intent["last_payment_error"];
        assert_eq!((&last["code"], &last["decline_code"]), (&json!(code), &json!(decline_code)));
        assert_eq!(last["payment_method"]["id"], json!(card));
        assert_eq!(types(&stripe, before), ["payment_intent.created", "payment_intent.payment_failed"]);
    };
    check(CardBehaviour::Declined, "card_declined", "generic_decline");
    check(CardBehaviour::InsufficientFunds, "card_declined", "insufficient_funds");
    check(CardBehaviour::AuthenticationRequired, "authentication_required", "authentication_required");
    stripe.set_card_behaviour(&customer, CardBehaviour::Succeeds);
    assert_eq!(charge(&mut stripe, &customer, &card).status, 200);
}

#[test]
fn a_processing_charge_is_decided_later() {
    let mut stripe = new();
    let (customer, card) = with_card(&mut stripe);
    stripe.set_card_behaviour(&customer, CardBehaviour::Processing);
    let mut check = |succeed: bool, status: &str, emitted: &[&str]| {
        let before = stripe.all_events().len();
        let intent = charge(&mut stripe, &customer, &card).value();
        assert_eq!((&intent["status"], &intent["latest_charge"]), (&json!("processing"), &Value::Null));
        assert_eq!(types(&stripe, before), ["payment_intent.created", "payment_intent.processing"]);
        let before = stripe.all_events().len();
        let settled = stripe.settle_intent(NOW_MS + HOUR_MS, &id(&intent), succeed).expect("under way");
        assert_eq!((&settled["status"], &settled["processing"]), (&json!(status), &Value::Null));
        assert_eq!(types(&stripe, before), emitted);
        assert!(stripe.settle_intent(NOW_MS, &id(&intent), succeed).is_err(), "it was decided");
    };
    check(true, "succeeded", &["charge.succeeded", "payment_intent.succeeded"]);
    check(false, "requires_payment_method", &["payment_intent.payment_failed"]);
    let cs = id(&post(&mut stripe, "/v1/checkout/sessions", SESSION));
    let session = stripe.pay_session(NOW_MS, &cs, true).expect("an open session");
    let intent = session["payment_intent"].as_str().expect("an intent");
    assert!(stripe.settle_intent(NOW_MS, intent, true).is_err(), "the session is to be completed");
    assert!(stripe.settle_intent(NOW_MS, "pi_none", true).is_err());
}

#[test]
fn a_method_that_is_not_the_customers_is_not_charged() {
    let mut stripe = new();
    let (customer, card) = with_card(&mut stripe);
    let (foreign, other) = with_card(&mut stripe);
    let before = stripe.all_events().len();
    let mut check = |customer: &str, method: &str, code: &str| {
        check_refused(&charge(&mut stripe, customer, method), 400, "invalid_request_error", code);
        assert_eq!(stripe.all_events().len(), before, "no intent is made");
    };
    check(&customer, &other, "");
    check(&foreign, &card, "");
    check("", &card, "");
    check(&customer, "pm_1none", "resource_missing");
    post(&mut stripe, &format!("/v1/payment_methods/{card}/detach"), "");
    check_refused(&charge(&mut stripe, &customer, &card), 400, "invalid_request_error", "");
}

#[test]
fn an_intent_that_is_not_paid_is_canceled_once() {
    let mut stripe = new();
    let (customer, card) = with_card(&mut stripe);
    stripe.set_card_behaviour(&customer, CardBehaviour::AuthenticationRequired);
    let declined = charge(&mut stripe, &customer, &card).value()["error"]["payment_intent"].clone();
    let cancel = |intent: &str| request("POST", &format!("/v1/payment_intents/{intent}/cancel"), "");
    let canceled = stripe.handle(NOW_MS, &cancel(&id(&declined)));
    assert_eq!((canceled.status, &canceled.value()["status"]), (200, &json!("canceled")));
    assert_eq!(canceled.value()["canceled_at"], NOW_MS / 1_000);
    let last = stripe.all_events().pop().expect("an event").clone();
    assert_eq!(
        (&last["type"], &last["data"]["object"]),
        (&json!("payment_intent.canceled"), &canceled.value())
    );
    let mut check = |intent: &str, status: u16, code: &str| {
        let response = stripe.handle(NOW_MS, &cancel(intent));
        check_refused(&response, status, "invalid_request_error", code);
        response.value()["error"]["payment_intent"]["status"].clone()
    };
    assert_eq!(check(&id(&declined), 400, "payment_intent_unexpected_state"), "canceled");
    check("pi_none", 404, "resource_missing");
    let (of_session, _) = paid(&mut stripe, SESSION);
    let response = stripe.handle(NOW_MS, &cancel(&of_session));
    check_refused(&response, 400, "invalid_request_error", "payment_intent_unexpected_state");
    let cs = id(&post(&mut stripe, "/v1/checkout/sessions", SESSION));
    let delayed = stripe.pay_session(NOW_MS, &cs, true).expect("an open session");
    let intent = delayed["payment_intent"].as_str().expect("an intent");
    check_refused(&stripe.handle(NOW_MS, &cancel(intent)), 400, "invalid_request_error", "");
}
