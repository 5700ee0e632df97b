//! Requests to Stripe: sessions, keys, lists, errors.

use sandbox::{Request, Response, Stripe};
use serde_json::Value;

use crate::{HOUR_MS, NOW_MS};

pub(crate) const SESSION: &str = "mode=payment&client_reference_id=ord_1&line_items[0][quantity]=1\
    &line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=25000\
    &line_items[0][price_data][product_data][name]=250+DropLab+credits&metadata[order_id]=ord_1\
    &payment_intent_data[metadata][order_id]=ord_1\
    &success_url=http%3A%2F%2Fapp.example%2Fdone%3Fs%3D{CHECKOUT_SESSION_ID}\
    &cancel_url=http://app.example/credits";

pub(crate) fn new() -> Stripe {
    Stripe::new(1, "http://127.0.0.1:4270/stripe")
}

pub(crate) fn request(method: &str, target: &str, form: &str) -> Request {
    Request::new(method, target)
        .with_header("authorization", "Bearer sk_test_droplab_local")
        .with_body(form.to_owned())
}

pub(crate) fn post(stripe: &mut Stripe, path: &str, form: &str) -> Value {
    let response = stripe.handle(NOW_MS, &request("POST", path, form));
    assert_eq!(response.status, 200, "{}", response.value());
    response.value()
}

pub(crate) fn get(stripe: &mut Stripe, target: &str) -> Value {
    let response = stripe.handle(NOW_MS, &request("GET", target, ""));
    assert_eq!(response.status, 200, "{}", response.value());
    response.value()
}

/// A Checkout session that is paid by card; the ids of its payment intent and of the charge.
pub(crate) fn paid(stripe: &mut Stripe, form: &str) -> (String, String) {
    let cs = id(&post(stripe, "/v1/checkout/sessions", form));
    let session = stripe.pay_session(NOW_MS, &cs, false).expect("an open session");
    let intent = session["payment_intent"].as_str().expect("an intent").to_owned();
    let charge = get(stripe, &format!("/v1/payment_intents/{intent}"))["latest_charge"].clone();
    (intent, charge.as_str().expect("a charge").to_owned())
}

/// The types of the events from `skip` on, oldest first.
pub(crate) fn types(stripe: &Stripe, skip: usize) -> Vec<String> {
    let events = stripe.all_events();
    events.iter().skip(skip).map(|event| event["type"].as_str().expect("a type").to_owned()).collect()
}

pub(crate) fn ids(page: &Value) -> Vec<String> {
    page["data"].as_array().expect("data").iter().map(id).collect()
}

pub(crate) fn id(object: &Value) -> String {
    object["id"].as_str().expect("an id").to_owned()
}

pub(crate) fn check_refused(response: &Response, status: u16, kind: &str, code: &str) {
    let error = response.value()["error"].clone();
    let seen = (response.status, error["type"].as_str(), error["code"].as_str().unwrap_or_default());
    assert_eq!(seen, (status, Some(kind), code), "{error}");
}

#[test]
fn a_paid_session_leads_back_with_its_id_and_its_intent_carries_our_metadata() {
    let mut stripe = new();
    let session = post(&mut stripe, "/v1/checkout/sessions", SESSION);
    let cs = id(&session);
    assert_eq!(session["status"], "open");
    assert_eq!(session["amount_total"], 25_000);
    assert_eq!(session["url"], format!("http://127.0.0.1:4270/stripe/pay/{cs}"));
    let page = stripe.handle(NOW_MS, &Request::new("GET", &format!("/pay/{cs}")));
    let html = String::from_utf8_lossy(&page.body).into_owned();
    for piece in ["$250.00", "250 DropLab credits", "id=\"pay\"", "id=\"pay-later\"", "id=\"cancel\""] {
        assert!(html.contains(piece), "{piece} is not on the page");
    }
    let paying = Request::new("POST", &format!("/pay/{cs}")).with_body("action=pay");
    let paid = stripe.handle(NOW_MS, &paying);
    let location = ("location".to_owned(), format!("http://app.example/done?s={cs}"));
    assert_eq!((paid.status, paid.headers.first()), (303, Some(&location)));
    let session = get(&mut stripe, &format!("/v1/checkout/sessions/{cs}?expand[]=payment_intent"));
    assert_eq!(
        (&session["status"], &session["payment_status"]),
        (&Value::from("complete"), &Value::from("paid"))
    );
    assert_eq!(session["payment_intent"]["metadata"]["order_id"], "ord_1");
    assert_eq!(session["payment_intent"]["amount_received"], 25_000);
    // the page of a paid session pays nothing again
    assert_eq!(stripe.handle(NOW_MS, &paying).status, 200);
    let intents = get(&mut stripe, "/v1/payment_intents");
    assert_eq!(intents["data"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_cancelled_page_changes_nothing() {
    let mut stripe = new();
    let cs = id(&post(&mut stripe, "/v1/checkout/sessions", SESSION));
    let cancelled =
        stripe.handle(NOW_MS, &Request::new("POST", &format!("/pay/{cs}")).with_body("action=cancel"));
    let location = ("location".to_owned(), "http://app.example/credits".to_owned());
    assert_eq!((cancelled.status, cancelled.headers.first()), (303, Some(&location)));
    assert_eq!(get(&mut stripe, &format!("/v1/checkout/sessions/{cs}"))["status"], "open");
    assert!(stripe.all_events().is_empty());
}

#[test]
fn a_session_expires_by_itself() {
    let mut stripe = new();
    let cs = id(&post(&mut stripe, "/v1/checkout/sessions", SESSION));
    let later =
        stripe.handle(NOW_MS + 24 * HOUR_MS, &request("GET", &format!("/v1/checkout/sessions/{cs}"), ""));
    assert_eq!(later.value()["status"], "expired");
    assert_eq!(
        stripe.all_events().last().map(|event| &event["type"]),
        Some(&Value::from("checkout.session.expired"))
    );
    assert!(stripe.pay_session(NOW_MS + 24 * HOUR_MS, &cs, false).is_err());
}

#[test]
fn an_idempotency_key_answers_its_first_result_for_a_day() {
    let mut stripe = new();
    let ask = |form: &str| request("POST", "/v1/customers", form).with_header("idempotency-key", "key-1");
    let first = stripe.handle(NOW_MS, &ask("name=Ana"));
    let second = stripe.handle(NOW_MS + 23 * HOUR_MS, &ask("name=Ana"));
    assert_eq!(first.body, second.body);
    check_refused(&stripe.handle(NOW_MS, &ask("name=Bob")), 400, "idempotency_error", "");
    let third = stripe.handle(NOW_MS + 24 * HOUR_MS, &ask("name=Ana"));
    assert_ne!(first.body, third.body);
    assert_eq!(stripe.counters()["customersCreated"], 2);
}

#[test]
fn a_refused_parameter_does_not_use_up_its_key_but_a_declined_card_does() {
    let mut stripe = new();
    let ask = |path: &str, form: &str| request("POST", path, form).with_header("idempotency-key", "key-1");
    let refused = stripe.handle(NOW_MS, &ask("/v1/customers", "email=nobody"));
    check_refused(&refused, 400, "invalid_request_error", "email_invalid");
    let customer = id(&stripe.handle(NOW_MS, &ask("/v1/customers", "email=a@b.example")).value());
    let form = format!(
        "amount=5000&currency=usd&customer={customer}&payment_method=pm_card_authenticationRequired\
         &off_session=true&confirm=true&return_url=https://app.example&metadata[order_id]=top_1"
    );
    let charge = request("POST", "/v1/payment_intents", &form).with_header("idempotency-key", "key-2");
    let declined = stripe.handle(NOW_MS, &charge);
    check_refused(&declined, 402, "card_error", "authentication_required");
    assert_eq!(declined.value()["error"]["payment_intent"]["status"], "requires_payment_method");
    assert_eq!(stripe.handle(NOW_MS, &charge).body, declined.body);
    let listed = get(&mut stripe, &format!("/v1/payment_intents?customer={customer}"));
    assert_eq!(listed["data"].as_array().map(Vec::len), Some(1));
}

#[test]
fn bad_requests_are_refused_as_stripe_refuses_them() {
    let mut stripe = new();
    let mut check = |request: Request, status: u16, code: &str| {
        check_refused(&stripe.handle(NOW_MS, &request), status, "invalid_request_error", code);
    };
    check(Request::new("GET", "/v1/events"), 401, "");
    check(Request::new("GET", "/v1/events").with_header("authorization", "Bearer sk_live_other"), 401, "");
    check(request("GET", "/v1/checkout/sessions/cs_test_none", ""), 404, "resource_missing");
    check(request("GET", "/v1/nothing", ""), 404, "");
    let mut session = |change: (&str, &str), code: &str| {
        check(request("POST", "/v1/checkout/sessions", &SESSION.replace(change.0, change.1)), 400, code);
    };
    session(("unit_amount]=25000", "unit_amount]=49"), "amount_too_small");
    session(("unit_amount]=25000", "unit_amount]=2.5"), "parameter_invalid_integer");
    session(("mode=payment&", ""), "parameter_missing");
    session(("mode=payment&", "mode=payment&customer=cus_none&"), "resource_missing");
    session(("mode=payment&", "mode=payment&colour=red&"), "parameter_unknown");
    session(("cancel_url=http:", "cancel_url=javascript:"), "url_invalid");
    assert_eq!(stripe.counters()["sessionsCreated"], 0);
}

#[test]
fn events_page_by_cursor_in_both_directions() {
    let mut stripe = new();
    for _ in 0..5 {
        post(&mut stripe, "/v1/customers", "");
    }
    let newest = get(&mut stripe, "/v1/events?limit=2&types[]=customer.created");
    let first = ids(&newest);
    assert_eq!((first.len(), &newest["has_more"]), (2, &Value::from(true)));
    let older = get(&mut stripe, &format!("/v1/events?limit=10&starting_after={}", first[1]));
    assert_eq!((ids(&older).len(), &older["has_more"]), (3, &Value::from(false)));
    let between = get(&mut stripe, &format!("/v1/events?limit=2&ending_before={}", first[0]));
    assert!(ids(&between).is_empty());
    let before = get(&mut stripe, &format!("/v1/events?limit=1&ending_before={}", ids(&older)[0]));
    assert_eq!(ids(&before), [first[1].clone()]);
    assert_eq!(get(&mut stripe, &format!("/v1/events/{}", first[0]))["type"], "customer.created");
}
