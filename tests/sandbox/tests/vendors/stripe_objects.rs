//! Every object must pass the strict readers of async-stripe, which refuse one with a missing field.

use miniserde::Deserialize;
use sandbox::stripe::{CardBehaviour, NewSubscription};
use serde_json::{Value, json};
use stripe_shared::{
    Charge, CheckoutSession, CheckoutSessionStatus, Customer, Dispute, Invoice, InvoicePayment,
    PaymentIntent, PaymentMethod, Refund, Subscription,
};
use stripe_types::List;

use crate::NOW_MS;
use crate::stripe::{SESSION, get, id, new, paid, post, request};

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

#[test]
fn what_follows_a_payment_is_complete_enough_for_the_typed_client() {
    let mut stripe = new();
    let customer = post(&mut stripe, "/v1/customers", "");
    let saving =
        format!("{SESSION}&customer={}&payment_intent_data[setup_future_usage]=off_session", id(&customer));
    let (intent, _) = paid(&mut stripe, &saving);
    let expand = format!("/v1/payment_intents/{intent}?expand[]=latest_charge&expand[]=payment_method");
    read::<PaymentIntent>("expanded intent", &get(&mut stripe, &expand));
    let cards = get(&mut stripe, &format!("/v1/payment_methods?customer={}", id(&customer)));
    let cards: List<PaymentMethod> = read("list of cards", &cards);
    let card = cards.data.first().and_then(|method| method.card.as_ref()).expect("a card");
    assert_eq!((card.brand.as_str(), card.last4.as_str()), ("visa", "4242"));

    for status in ["requires_action", "pending", "succeeded"] {
        let refund = stripe.refund_by_dashboard(NOW_MS, &intent, Some(100), status).expect("paid");
        let typed: Refund = read(status, &refund);
        assert_eq!(typed.next_action.is_some(), status == "requires_action");
        let failed = stripe.settle_refund(NOW_MS, &id(&refund), "failed").expect("not final");
        let typed: Refund = read("failed refund", &failed);
        assert!(typed.failure_reason.is_some());
    }
    let inquiry = stripe.open_dispute(NOW_MS, &intent, None, true).expect("a charge");
    read::<Dispute>("inquiry", &inquiry);
    stripe.escalate_dispute(NOW_MS, &id(&inquiry)).expect("an inquiry");
    let won = stripe.close_dispute(NOW_MS, &id(&inquiry), "won").expect("a dispute");
    let typed: Dispute = read("dispute", &won);
    assert_eq!(typed.balance_transactions.len(), 2);

    stripe.set_card_behaviour(&id(&customer), CardBehaviour::InsufficientFunds);
    let form = format!(
        "amount=5000&currency=usd&customer={}&payment_method={}&off_session=true&confirm=true\
         &return_url=https://app.example",
        id(&customer),
        cards.data[0].id
    );
    let declined = stripe.handle(NOW_MS, &request("POST", "/v1/payment_intents", &form)).value();
    read::<PaymentIntent>("declined intent", &declined["error"]["payment_intent"]);
    stripe.set_card_behaviour(&id(&customer), CardBehaviour::Processing);
    let processing = post(&mut stripe, "/v1/payment_intents", &form);
    read::<PaymentIntent>("processing intent", &processing);
    let canceled = post(&mut stripe, &format!("/v1/payment_intents/{}/cancel", id(&processing)), "");
    read::<PaymentIntent>("canceled intent", &canceled);
    let plan = NewSubscription {
        customer: "cus_imported".to_owned(),
        amount_cents: 49_900,
        metadata: json!({}),
        trial: false,
    };
    let (subscription, invoice) = stripe.subscribe(NOW_MS, plan);
    let expand = format!("/v1/invoices/{}?expand[]=payments", id(&invoice));
    let typed: Invoice = read("expanded invoice", &get(&mut stripe, &expand));
    assert_eq!(typed.payments.map(|payments| payments.data.len()), Some(1));
    let payments: List<InvoicePayment> = read("list of payments", &get(&mut stripe, "/v1/invoice_payments"));
    assert_eq!(payments.data.len(), 1);
    let ended = stripe.cancel_subscription(NOW_MS, &id(&subscription)).expect("a living one");
    read::<Subscription>("canceled subscription", &ended);
}
