//! What is special about an account: old versions, objects that are gone, a key that may not read, methods that are
//! no cards, payments without an intent, appeals.

use sandbox::stripe::{Endpoint, NewSubscription};
use sandbox::{Request, World};
use serde_json::{Value, json};

use crate::NOW_MS;
use crate::stripe::{SESSION, check_refused, get, id, ids, new, paid, post, request};

const OLD: &str = "2024-06-20";

fn plan() -> NewSubscription {
    NewSubscription {
        customer: "cus_imported".to_owned(),
        amount_cents: 49_900,
        metadata: json!({"organization_id": "org_1"}),
        trial: false,
    }
}

#[test]
fn events_are_listed_in_the_accounts_default_version_of_their_time() {
    let mut stripe = new();
    stripe.set_account_version(Some(OLD));
    let (subscription, invoice) = stripe.subscribe(NOW_MS, plan());
    stripe.set_account_version(None);
    stripe.cycle(NOW_MS, &id(&subscription), None, true).expect("a subscription");
    let listed = get(&mut stripe, "/v1/events?type=invoice.paid");
    let (new_shape, old) = (&listed["data"][0], &listed["data"][1]);
    assert_eq!(new_shape["api_version"], sandbox::stripe::API_VERSION);
    assert!(new_shape["data"]["object"]["subscription"].is_null());
    assert_eq!(old["api_version"], OLD, "however it is asked for now");
    let object = &old["data"]["object"];
    assert_eq!((&object["id"], &object["subscription"]), (&invoice["id"], &subscription["id"]));
    assert_eq!(object["subscription_details"]["metadata"]["organization_id"], "org_1");
    assert_eq!((&object["paid"], object.get("parent"), object.get("payments")), (&json!(true), None, None));
    let tie = get(&mut stripe, &format!("/v1/invoice_payments?invoice={}", id(&invoice)));
    let intent = tie["data"][0]["payment"]["payment_intent"].clone();
    assert_eq!(object["payment_intent"], intent);
    let payment = get(&mut stripe, &format!("/v1/payment_intents/{}", intent.as_str().unwrap()));
    assert_eq!(object["charge"], payment["latest_charge"]);
    let one = get(&mut stripe, &format!("/v1/events/{}", id(old)));
    assert_eq!(&one, old, "and by its id");
    let created = get(&mut stripe, "/v1/events?type=customer.subscription.created");
    assert!(created["data"][0]["data"]["object"]["current_period_end"].is_i64());
    let now = get(&mut stripe, &format!("/v1/invoices/{}", id(&invoice)));
    assert_eq!(
        now["parent"]["subscription_details"]["subscription"], subscription["id"],
        "read by id it is new"
    );
}

#[test]
fn an_endpoint_with_a_version_gets_it_and_one_without_gets_the_accounts() {
    let mut stripe = new();
    stripe.set_account_version(Some(OLD));
    let mut sent = |api_version: Option<&str>| -> Value {
        let hook = Endpoint::new("http://receiver.localhost:1/hook");
        let types = vec!["invoice.paid".to_owned()];
        let api_version = api_version.map(str::to_owned);
        stripe.set_webhook_endpoint(Some(Endpoint { api_version, types, ..hook }));
        stripe.subscribe(NOW_MS, plan());
        serde_json::from_slice(&stripe.due_webhooks(NOW_MS)[0].body).expect("JSON")
    };
    let pinned = sent(Some(sandbox::stripe::API_VERSION));
    assert_eq!(pinned["data"]["object"]["parent"]["type"], "subscription_details");
    let other = sent(None);
    assert_eq!(other["api_version"], OLD);
    assert!(other["data"]["object"]["subscription"].is_string());
}

#[test]
fn what_is_forgotten_is_missing_wherever_it_is_asked_for() {
    let mut stripe = new();
    let (intent, charge) = paid(&mut stripe, SESSION);
    let refund = id(&stripe.refund_by_dashboard(NOW_MS, &intent, Some(100), "succeeded").expect("paid"));
    stripe.forget(&intent).expect("it exists");
    assert!(stripe.forget("pi_none").is_err());
    for path in [format!("payment_intents/{intent}"), format!("charges/{charge}")] {
        let missing = stripe.handle(NOW_MS, &request("GET", &format!("/v1/{path}"), ""));
        check_refused(&missing, 404, "invalid_request_error", "resource_missing");
    }
    assert!(ids(&get(&mut stripe, "/v1/payment_intents")).is_empty());
    let again = stripe.handle(NOW_MS, &request("POST", "/v1/refunds", &format!("charge={charge}")));
    check_refused(&again, 404, "invalid_request_error", "resource_missing");
    assert_eq!(
        get(&mut stripe, &format!("/v1/refunds/{refund}"))["payment_intent"],
        intent,
        "it still names it"
    );
}

#[test]
fn a_restricted_key_is_refused_what_it_may_not_touch() {
    let mut stripe = new();
    let (intent, charge) = paid(&mut stripe, SESSION);
    stripe.restrict_key(&["charges".to_owned(), "refunds".to_owned()]);
    let code = "more_permissions_required";
    let read = stripe.handle(NOW_MS, &request("GET", &format!("/v1/charges/{charge}"), ""));
    check_refused(&read, 403, "invalid_request_error", code);
    assert!(read.value()["error"]["message"].as_str().unwrap().contains("rak_charge_read"));
    let written = stripe.handle(NOW_MS, &request("POST", "/v1/refunds", &format!("charge={charge}")));
    check_refused(&written, 403, "invalid_request_error", code);
    get(&mut stripe, &format!("/v1/payment_intents/{intent}"));
    stripe.restrict_key(&[]);
    get(&mut stripe, &format!("/v1/charges/{charge}"));
}

#[test]
fn a_saved_method_may_be_no_card() {
    let mut stripe = new();
    let customer = id(&post(&mut stripe, "/v1/customers", ""));
    let link = stripe.save_method(NOW_MS, &customer, "link").expect("a method");
    assert_eq!((&link["type"], link.get("card")), (&json!("link"), None));
    let bank = stripe.save_method(NOW_MS, &customer, "us_bank_account").expect("a method");
    assert_eq!(bank["us_bank_account"]["last4"], "6789");
    let methods = format!("/v1/customers/{customer}/payment_methods");
    assert_eq!(ids(&get(&mut stripe, &methods)).len(), 2);
    assert!(ids(&get(&mut stripe, &format!("{methods}?type=card"))).is_empty());
    let form = format!("{SESSION}&customer={customer}&payment_intent_data[setup_future_usage]=off_session");
    let page = id(&post(&mut stripe, "/v1/checkout/sessions", &form));
    stripe.pay_session_by(NOW_MS, &page, "link").expect("it is offered");
    assert_eq!(
        ids(&get(&mut stripe, &format!("{methods}?type=link"))).len(),
        2,
        "what paid is what is saved"
    );
    let charge = format!(
        "amount=5000&currency=usd&customer={customer}&payment_method={}&confirm=true&return_url=https://app.example\
         &allowed_payment_method_types[0]=card",
        id(&link)
    );
    let refused = stripe.handle(NOW_MS, &request("POST", "/v1/payment_intents", &charge));
    check_refused(&refused, 400, "invalid_request_error", "");
}

#[test]
fn a_payment_from_before_there_were_intents_has_refunds_and_disputes_without_one() {
    let mut stripe = new();
    let charge = id(&stripe.charge_without_intent(NOW_MS, 5_000, &json!({})));
    let refund = stripe.refund_by_dashboard(NOW_MS, &charge, Some(100), "succeeded").expect("a charge");
    assert_eq!((&refund["payment_intent"], &refund["charge"]), (&Value::Null, &json!(charge)));
    let dispute = stripe.open_dispute(NOW_MS, &charge, None, false).expect("a charge");
    assert_eq!((&dispute["payment_intent"], &dispute["charge"]), (&Value::Null, &json!(charge)));
}

#[test]
fn a_decision_is_appealed_against_and_decided_again() {
    let mut stripe = new();
    let (intent, _) = paid(&mut stripe, SESSION);
    let dispute = id(&stripe.open_dispute(NOW_MS, &intent, Some(1_000), false).expect("a charge"));
    assert!(stripe.appeal_dispute(NOW_MS, &dispute, false, false).is_err(), "it is not decided");
    stripe.close_dispute(NOW_MS, &dispute, "won").expect("open");
    let appealed = stripe.appeal_dispute(NOW_MS, &dispute, false, true).expect("decided");
    assert_eq!(
        (&appealed["status"], appealed["balance_transactions"].as_array().map(Vec::len)),
        (&json!("appeal_needs_response"), Some(3))
    );
    let read = stripe.appeal_dispute(NOW_MS, &dispute, true, false).expect("appealed");
    assert_eq!(read["status"], "appeal_under_review");
    let won = stripe.close_dispute(NOW_MS, &dispute, "won").expect("open");
    assert_eq!(won["balance_transactions"].as_array().map(Vec::len), Some(4), "the money is back again");
}

#[test]
fn each_of_it_has_a_control() {
    let mut world = World::new(&sandbox::Config { seed: 1, public_url: "http://127.0.0.1:1".to_owned() });
    let mut act = |path: &str, body: Value| {
        let request = Request::new("POST", &format!("/sandbox/stripe/{path}")).with_body(body.to_string());
        let answer = world.handle(NOW_MS, &request).response;
        (answer.status, answer.value())
    };
    assert_eq!(act("account-version", json!({"version": OLD})).0, 200);
    assert_eq!(act("restrict-key", json!({"kinds": ["charges"]})).0, 200);
    assert_eq!(act("restrict-key", json!({"kinds": "charges"})).0, 400);
    let (_, charge) = act("charges", json!({"amountCents": 700}));
    let charge = id(&charge);
    let (status, refund) = act("refunds", json!({"charge": charge, "amountCents": 100}));
    assert_eq!((status, &refund["payment_intent"]), (200, &Value::Null));
    let (status, dispute) = act("disputes", json!({"charge": charge, "amountCents": 100}));
    assert_eq!(status, 200, "{dispute}");
    assert_eq!(act(&format!("disputes/{}/appeal", id(&dispute)), json!({})).0, 409);
    assert_eq!(act("forget", json!({"id": charge})).0, 200);
    assert_eq!(act("forget", json!({"id": "ch_none"})).0, 404);
    let (status, method) = act("customers/cus_1/payment-methods", json!({"type": "link"}));
    assert_eq!((status, &method["type"]), (200, &json!("link")));
    assert_eq!(act("customers/cus_1/payment-methods", json!({"type": "pigeon"})).0, 409);
    assert_eq!(act("sessions/cs_none/pay", json!({"method": "link"})).0, 409);
    let hook = json!({"url": "http://receiver.localhost:1/hook", "apiVersion": null});
    assert_eq!(act("webhook-endpoint", hook).0, 200);
}
