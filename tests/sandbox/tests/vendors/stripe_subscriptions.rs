//! Subscriptions: their periods, their arrears, their end, and which payment settles which invoice.

use sandbox::Stripe;
use sandbox::stripe::NewSubscription;
use serde_json::{Value, json};

use crate::NOW_MS;
use crate::stripe::{SESSION, check_refused, get, id, ids, new, post, request, types};

fn subscribe(stripe: &mut Stripe, trial: bool) -> (String, Value) {
    let plan = NewSubscription {
        customer: "cus_imported".to_owned(),
        amount_cents: 49_900,
        metadata: json!({"organization_id": "org_1"}),
        trial,
    };
    let (subscription, invoice) = stripe.subscribe(NOW_MS, plan);
    (id(&subscription), invoice)
}

fn status(stripe: &mut Stripe, subscription: &str) -> Value {
    get(stripe, &format!("/v1/subscriptions/{subscription}"))["status"].clone()
}

#[test]
fn a_subscription_invoices_each_period_and_a_trial_begins_with_nothing() {
    let mut stripe = new();
    let (sub, first) = subscribe(&mut stripe, true);
    assert_eq!((&first["billing_reason"], &first["amount_paid"]), (&json!("subscription_create"), &json!(0)));
    let emitted = [
        "customer.created",
        "customer.subscription.created",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
    ];
    assert_eq!(types(&stripe, 0), emitted);
    assert_eq!(stripe.all_events()[4]["data"]["object"]["amount_paid"], 0);
    assert_eq!(status(&mut stripe, &sub), "trialing");
    let before = stripe.all_events().len();
    let (subscription, second) = stripe.cycle(NOW_MS + 1_000, &sub, None, true).expect("a subscription");
    assert_eq!(
        (&second["billing_reason"], &second["amount_paid"]),
        (&json!("subscription_cycle"), &json!(49_900))
    );
    let details = &second["parent"]["subscription_details"];
    assert_eq!(*details, json!({"subscription": sub, "metadata": {"organization_id": "org_1"}}));
    assert_eq!(second["status_transitions"]["paid_at"], NOW_MS / 1_000 + 1);
    assert_eq!(subscription["status"], "active");
    let emitted = [
        "customer.subscription.updated",
        "invoice.created",
        "invoice.finalized",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
    ];
    assert_eq!(types(&stripe, before), emitted);
    let paid = get(&mut stripe, &format!("/v1/invoices?subscription={sub}&status=paid"));
    assert_eq!(ids(&paid), [id(&second), id(&first)]);
}

#[test]
fn a_declined_invoice_puts_the_subscription_in_arrears_until_it_is_paid() {
    let mut stripe = new();
    let (sub, _) = subscribe(&mut stripe, false);
    let before = stripe.all_events().len();
    let (subscription, invoice) = stripe.cycle(NOW_MS, &sub, None, false).expect("a subscription");
    assert_eq!((&subscription["status"], &invoice["status"]), (&json!("past_due"), &json!("open")));
    assert_eq!(invoice["amount_paid"], 0);
    let emitted = [
        "customer.subscription.updated",
        "invoice.created",
        "invoice.finalized",
        "payment_intent.created",
        "payment_intent.payment_failed",
        "invoice.payment_failed",
        "customer.subscription.updated",
    ];
    assert_eq!(types(&stripe, before), emitted);
    let open = get(&mut stripe, &format!("/v1/invoice_payments?invoice={}&status=open", id(&invoice)));
    let intent = open["data"][0]["payment"]["payment_intent"].as_str().expect("an intent").to_owned();

    let before = stripe.all_events().len();
    let (subscription, invoice) = stripe.pay_open_invoice(NOW_MS + 9_000, &id(&invoice)).expect("open");
    assert_eq!((&subscription["status"], &invoice["status"]), (&json!("active"), &json!("paid")));
    assert_eq!((&invoice["amount_paid"], &invoice["attempt_count"]), (&json!(49_900), &json!(2)));
    let emitted = [
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice.paid",
        "invoice.payment_succeeded",
        "invoice_payment.paid",
        "customer.subscription.updated",
    ];
    assert_eq!(types(&stripe, before), emitted);
    let last = stripe.all_events().pop().expect("an event").clone();
    assert_eq!(last["data"]["previous_attributes"], json!({"status": "past_due"}));
    assert_eq!(get(&mut stripe, &format!("/v1/payment_intents/{intent}"))["status"], "succeeded");
    assert!(stripe.pay_open_invoice(NOW_MS, &id(&invoice)).is_err(), "it is paid");
    assert!(stripe.pay_open_invoice(NOW_MS, "in_none").is_err());
}

#[test]
fn an_older_invoice_does_not_end_the_arrears() {
    let mut stripe = new();
    let (sub, _) = subscribe(&mut stripe, false);
    let (_, older) = stripe.cycle(NOW_MS, &sub, None, false).expect("a subscription");
    let (_, latest) = stripe.cycle(NOW_MS, &sub, None, false).expect("a subscription");
    let (subscription, _) = stripe.pay_open_invoice(NOW_MS, &id(&older)).expect("open");
    assert_eq!(subscription["status"], "past_due");
    let (subscription, _) = stripe.pay_open_invoice(NOW_MS, &id(&latest)).expect("open");
    assert_eq!(subscription["status"], "active");
}

#[test]
fn a_status_changes_and_a_canceled_subscription_is_over() {
    let mut stripe = new();
    let (sub, _) = subscribe(&mut stripe, false);
    let before = stripe.all_events().len();
    stripe.set_subscription_status(NOW_MS, &sub, "unpaid").expect("a status");
    stripe.set_subscription_status(NOW_MS, &sub, "unpaid").expect("the same one");
    assert!(stripe.set_subscription_status(NOW_MS, &sub, "canceled").is_err(), "that is another control");
    assert!(stripe.set_subscription_status(NOW_MS, "sub_none", "active").is_err());
    let ended = stripe.cancel_subscription(NOW_MS, &sub).expect("a living one");
    assert_eq!((&ended["status"], &ended["ended_at"]), (&json!("canceled"), &json!(NOW_MS / 1_000)));
    assert_eq!(types(&stripe, before), ["customer.subscription.updated", "customer.subscription.deleted"]);
    let changed = &stripe.all_events()[before]["data"];
    assert_eq!(
        (&changed["object"]["status"], &changed["previous_attributes"]),
        (&json!("unpaid"), &json!({"status": "active"}))
    );
    assert_eq!(status(&mut stripe, &sub), "canceled");
    assert!(stripe.cancel_subscription(NOW_MS, &sub).is_err());
    assert!(stripe.set_subscription_status(NOW_MS, &sub, "active").is_err());
    assert!(stripe.cycle(NOW_MS, &sub, None, true).is_none());
    assert!(stripe.invoice_extra(NOW_MS, &sub, "manual", 100).is_err());
}

#[test]
fn an_invoice_has_the_reason_that_is_asked_for() {
    let mut stripe = new();
    let (sub, _) = subscribe(&mut stripe, false);
    for reason in ["subscription_update", "subscription_threshold", "manual"] {
        let before = stripe.all_events().len();
        let (subscription, invoice) = stripe.invoice_extra(NOW_MS, &sub, reason, 1_900).expect("a reason");
        assert_eq!(
            (&invoice["billing_reason"], &invoice["status"], &invoice["amount_paid"]),
            (&json!(reason), &json!("paid"), &json!(1_900))
        );
        assert_eq!(invoice["parent"]["subscription_details"]["subscription"], json!(sub));
        assert_eq!(subscription["latest_invoice"], invoice["id"]);
        assert!(types(&stripe, before).contains(&"invoice.paid".to_owned()));
    }
    assert!(stripe.invoice_extra(NOW_MS, &sub, "upcoming", 100).is_err());
    assert!(stripe.invoice_extra(NOW_MS, &sub, "manual", -1).is_err());
}

#[test]
fn an_invoice_payment_ties_the_payment_to_the_invoice() {
    let mut stripe = new();
    let (sub, first) = subscribe(&mut stripe, false);
    subscribe(&mut stripe, true);
    let (_, declined) = stripe.cycle(NOW_MS, &sub, None, false).expect("a subscription");
    let form = format!("{SESSION}&invoice_creation[enabled]=true");
    let cs = id(&post(&mut stripe, "/v1/checkout/sessions", &form));
    let session = stripe.pay_session(NOW_MS, &cs, false).expect("an open session");
    let all = get(&mut stripe, "/v1/invoice_payments");
    assert_eq!(ids(&all).len(), 3, "an invoice of 0 has no payment");
    let of_session = session["payment_intent"].as_str().expect("an intent");
    let filter =
        format!("/v1/invoice_payments?payment[type]=payment_intent&payment[payment_intent]={of_session}");
    let found = get(&mut stripe, &filter);
    assert_eq!((&found["data"][0]["invoice"], ids(&found).len()), (&session["invoice"], 1));
    let of_first = get(&mut stripe, &format!("/v1/invoice_payments?invoice={}", id(&first)));
    let payment = &of_first["data"][0];
    assert_eq!((&payment["status"], &payment["amount_paid"]), (&json!("paid"), &json!(49_900)));
    assert_eq!(payment["status_transitions"]["paid_at"], NOW_MS / 1_000);
    let open = get(&mut stripe, "/v1/invoice_payments?status=open");
    assert_eq!((&open["data"][0]["invoice"], ids(&open).len()), (&declined["id"], 1));
    let invoice = get(&mut stripe, &format!("/v1/invoices/{}?expand[]=payments", id(&first)));
    assert_eq!(invoice["payments"]["data"][0], *payment);
    let intent = open["data"][0]["payment"]["payment_intent"].as_str().expect("an intent");
    let refused = [
        request("GET", "/v1/invoice_payments?payment[payment_intent]=pi_1", ""),
        request("POST", &format!("/v1/payment_intents/{intent}/cancel"), ""),
    ];
    for (request, code) in refused.iter().zip(["parameter_missing", ""]) {
        check_refused(&stripe.handle(NOW_MS, request), 400, "invalid_request_error", code);
    }
}
