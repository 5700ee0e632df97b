//! What Stripe refuses: parameters that it does not have or no longer has, at any depth, and values out of their
//! vocabularies.

use sandbox::{Response, Stripe};
use serde_json::{Value, json};

use crate::NOW_MS;
use crate::stripe::{SESSION, check_refused, get, id, new, post, request};

fn asked(stripe: &mut Stripe, path: &str, form: &str) -> Response {
    stripe.handle(NOW_MS, &request("POST", path, form))
}

/// The error of a session whose form has one field more.
fn session_with(field: &str) -> Value {
    let mut stripe = new();
    let refused = asked(&mut stripe, "/v1/checkout/sessions", &format!("{SESSION}&{field}"));
    assert_eq!((refused.status, &stripe.counters()["sessionsCreated"]), (400, &json!(0)), "{field}");
    refused.value()["error"].clone()
}

#[test]
fn a_parameter_that_stripe_does_not_have_is_refused_at_any_depth() {
    for field in [
        "payment_intent_data[metadat][order]=1",
        "payment_intent_data[save_card]=true",
        "line_items[0][price_data][unit_price]=1",
        "line_items[0][price_data][product_data][colour]=red",
        "line_items[0][dynamic_tax_rates][0]=txr_1",
        "adaptive_pricing[on]=false",
        "metadata[a][b]=1",
        "confirm=true",
    ] {
        let error = session_with(field);
        let name = field.split('=').next().unwrap();
        assert_eq!((&error["code"], &error["param"]), (&json!("parameter_unknown"), &json!(name)), "{error}");
    }
}

#[test]
fn a_value_out_of_its_vocabulary_is_refused() {
    for (field, param) in [
        ("adaptive_pricing[enabled]=no", "adaptive_pricing[enabled]"),
        ("payment_intent_data[setup_future_usage]=later", "payment_intent_data[setup_future_usage]"),
        ("allowed_payment_method_types[0]=cards", "allowed_payment_method_types[0]"),
        ("submit_type=buy", "submit_type"),
        ("line_items[0][price_data][currency]=usx", "line_items[0][price_data][currency]"),
        ("ui_mode=hosted", "ui_mode"),
    ] {
        assert_eq!(session_with(field)["param"], param, "{field}");
    }
    let mut stripe = new();
    let form = "amount=5000&currency=dollars&payment_method=pm_card_visa";
    check_refused(&asked(&mut stripe, "/v1/payment_intents", form), 400, "invalid_request_error", "");
}

#[test]
fn payment_method_types_are_gone_and_allowed_ones_filter_what_the_page_offers() {
    let gone = "payment_method_types_no_longer_supported";
    assert_eq!(session_with("payment_method_types[0]=card")["code"], gone);
    let mut stripe = new();
    let form = "amount=5000&currency=usd&payment_method_types[0]=card";
    check_refused(&asked(&mut stripe, "/v1/payment_intents", form), 400, "invalid_request_error", gone);

    let cards = post(
        &mut stripe,
        "/v1/checkout/sessions",
        &format!("{SESSION}&allowed_payment_method_types[0]=card"),
    );
    assert_eq!(cards["allowed_payment_method_types"], json!(["card"]));
    assert_eq!(cards["payment_method_types"], json!(["card"]));
    for method in ["link", "us_bank_account", "pigeon"] {
        assert!(stripe.pay_session_by(NOW_MS, &id(&cards), method).is_err(), "{method} is not offered");
    }
    let page = stripe.handle(NOW_MS, &sandbox::Request::new("GET", &format!("/pay/{}", id(&cards))));
    assert!(!String::from_utf8_lossy(&page.body).contains("pay-later"));
    stripe.pay_session(NOW_MS, &id(&cards), false).expect("a card pays");
}

#[test]
fn a_confirmation_with_automatic_methods_says_where_the_customer_comes_back_to() {
    let mut stripe = new();
    let customer = id(&post(&mut stripe, "/v1/customers", ""));
    let form = format!(
        "amount=5000&currency=usd&customer={customer}&payment_method=pm_card_visa&off_session=true&confirm=true"
    );
    for more in ["", "&allowed_payment_method_types[0]=card", "&automatic_payment_methods[enabled]=true"] {
        let refused = asked(&mut stripe, "/v1/payment_intents", &format!("{form}{more}"));
        check_refused(&refused, 400, "invalid_request_error", "");
        assert!(refused.value()["error"]["message"].as_str().unwrap().contains("`return_url`"), "{more}");
    }
    for more in [
        "return_url=https://app.example/settings",
        "allowed_payment_method_types[0]=card&return_url=https://app.example/settings",
        "automatic_payment_methods[enabled]=true&automatic_payment_methods[allow_redirects]=never",
    ] {
        let paid = post(&mut stripe, "/v1/payment_intents", &format!("{form}&{more}"));
        assert_eq!(paid["status"], "succeeded", "{more}");
    }
    for (more, code) in [
        ("allowed_payment_method_types[0]=card&automatic_payment_methods[enabled]=true", ""),
        ("return_url=settings", "url_invalid"),
    ] {
        let refused = asked(&mut stripe, "/v1/payment_intents", &format!("{form}&{more}"));
        check_refused(&refused, 400, "invalid_request_error", code);
    }
    let unconfirmed = "amount=5000&currency=usd&return_url=https://app.example";
    check_refused(&asked(&mut stripe, "/v1/payment_intents", unconfirmed), 400, "invalid_request_error", "");
}

#[test]
fn events_are_listed_by_twenty_types_at_most() {
    let mut stripe = new();
    let types = |count: usize| {
        (0..count).map(|at| format!("types[{at}]=customer.created")).collect::<Vec<_>>().join("&")
    };
    get(&mut stripe, &format!("/v1/events?{}", types(20)));
    for query in [types(21), format!("type=customer.created&{}", types(1))] {
        let refused = stripe.handle(NOW_MS, &request("GET", &format!("/v1/events?{query}"), ""));
        check_refused(&refused, 400, "invalid_request_error", "");
        assert_eq!(refused.value()["error"]["param"], "types");
    }
}
