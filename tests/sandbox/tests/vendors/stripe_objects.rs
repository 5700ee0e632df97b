//! Every object must pass the strict readers of async-stripe, which refuse one with a missing field.

use miniserde::Deserialize;
use sandbox::stripe::NewSubscription;
use serde_json::{Value, json};
use stripe_shared::{
    Charge, CheckoutSession, CheckoutSessionStatus, Customer, Invoice, PaymentIntent, Refund, Subscription,
};
use stripe_types::List;

use crate::NOW_MS;
use crate::stripe::{SESSION, get, id, new, post};

fn read<T: Deserialize>(what: &str, object: &Value) -> T {
    miniserde::json::from_str(&object.to_string())
        .unwrap_or_else(|_| panic!("async-stripe refuses this {what}: {object:#}"))
}

#[test]
fn every_object_is_complete_enough_for_the_typed_client() {
    let mut stripe = new();
    let customer = post(&mut stripe, "/v1/customers", "name=Alder&metadata[organization_id]=org_1");
    read::<Customer>("customer", &customer);
    let form = format!("{SESSION}&customer={}&invoice_creation[enabled]=true", id(&customer));
    let session = post(&mut stripe, "/v1/checkout/sessions", &form);
    let typed: CheckoutSession = read("open session", &session);
    assert_eq!(typed.status, Some(CheckoutSessionStatus::Open));
    assert!(typed.url.is_some());
    let session = stripe.pay_session(NOW_MS, &id(&session), false).expect("an open session");
    let typed: CheckoutSession = read("paid session", &session);
    assert_eq!(typed.amount_total, Some(25_000));
    assert!(typed.invoice.is_some() && typed.payment_intent.is_some());
    let expand = format!(
        "/v1/checkout/sessions/{}?expand[]=line_items&expand[]=payment_intent&expand[]=customer",
        id(&session)
    );
    read::<CheckoutSession>("expanded session", &get(&mut stripe, &expand));
    let intent = session["payment_intent"].as_str().expect("an intent");
    let intent = get(&mut stripe, &format!("/v1/payment_intents/{intent}"));
    let typed: PaymentIntent = read("intent", &intent);
    assert_eq!(typed.metadata.get("order_id").map(String::as_str), Some("ord_1"));
    let charge = intent["latest_charge"].as_str().expect("a charge");
    read::<Charge>("charge", &get(&mut stripe, &format!("/v1/charges/{charge}")));
    read::<Refund>("refund", &post(&mut stripe, "/v1/refunds", &format!("charge={charge}")));
}

#[test]
fn invoices_and_lists_are_complete_enough_for_the_typed_client() {
    let mut stripe = new();
    let plan = |trial| NewSubscription {
        customer: "cus_imported".to_owned(),
        amount_cents: 49_900,
        metadata: json!({"organization_id": "org_1"}),
        trial,
    };
    let (subscription, invoice) = stripe.subscribe(NOW_MS, plan(false));
    read::<Subscription>("subscription", &subscription);
    let typed: Invoice = read("invoice", &invoice);
    let parent =
        typed.parent.and_then(|parent| parent.subscription_details).expect("a subscription's invoice");
    let metadata = parent.metadata.expect("metadata");
    assert_eq!(metadata.get("organization_id").map(String::as_str), Some("org_1"));
    assert_eq!(typed.status_transitions.paid_at, Some(i64::try_from(NOW_MS / 1_000).expect("recent")));
    let (trial, empty) = stripe.subscribe(NOW_MS, plan(true));
    read::<Subscription>("trial", &trial);
    read::<Invoice>("empty invoice", &empty);
    read::<Customer>("imported customer", &get(&mut stripe, "/v1/customers/cus_imported"));
    let listed = get(&mut stripe, "/v1/invoices?customer=cus_imported&status=paid&limit=100");
    let invoices: List<Invoice> = read("list of invoices", &listed);
    assert_eq!(invoices.data.len(), 2);
    let intents: List<PaymentIntent> = read("list of intents", &get(&mut stripe, "/v1/payment_intents"));
    assert_eq!(intents.data.len(), 1);
    assert!(stripe.cycle(NOW_MS, &id(&subscription), Some(9_900), true).is_some());
}
