//! Stripe's own published samples, and the words and fields that they do not show.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use stripe_client::{
    Charge, CheckoutSession, Dispute, DisputeStatus, Invoice, InvoicePayment, PaymentIntent,
    PaymentIntentStatus, PaymentMethod, Refund, RefundStatus, SessionMode, Subscription, SubscriptionStatus,
};

const SAMPLES: &str = include_str!("fixtures/stripe_objects.json");

/// The sample of a resource.
fn sample(resource: &str) -> Value {
    let samples: Value = serde_json::from_str(SAMPLES).unwrap();
    samples[resource].clone()
}

/// Reads the sample of a resource with `changes` written over it.
fn check<T: DeserializeOwned>(resource: &str, changes: Value) -> T {
    let mut object = sample(resource);
    object.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    serde_json::from_value(object).unwrap()
}

fn dispute(status: &str, amounts: &[i64]) -> Dispute {
    let movement = |amount: &i64| {
        let mut transaction = sample("balance_transaction");
        transaction["amount"] = json!(amount);
        transaction
    };
    let transactions: Vec<Value> = amounts.iter().map(movement).collect();
    check("dispute", json!({"status": status, "balance_transactions": transactions}))
}

#[test]
fn every_sample_is_read_as_it_is() {
    let session: CheckoutSession = check("checkout.session", json!({}));
    assert_eq!(session.mode, SessionMode::Payment);
    assert_eq!(session.payment_intent.as_deref(), Some("pi_1PgafyB7WZ01zgkWSjxsAJo3"));
    let charge: Charge = check("charge", json!({}));
    assert_eq!((charge.amount, charge.created), (100, 1_234_567_890));
    assert!(charge.receipt_url.unwrap().contains("/receipts/payment/"));
    let refund: Refund = check("refund", json!({}));
    assert_eq!((refund.status, refund.created), (Some(RefundStatus::Succeeded), 1_234_567_890));
    assert_eq!(refund.failure_reason, None);
    let invoice: Invoice = check("invoice", json!({}));
    assert_eq!((invoice.created, invoice.hosted_invoice_url), (1_234_567_890, None));
    assert_eq!(invoice.subscription.as_deref(), Some("subscription"));
    let event = serde_json::to_vec(&sample("event")).unwrap();
    assert_eq!(stripe_client::event::parse(&event).unwrap().fact, stripe_client::event::Fact::Unknown);
}

#[test]
fn a_payment_tells_its_last_error_and_the_receipt_of_an_expanded_charge() {
    let intent: PaymentIntent = check("payment_intent", json!({}));
    assert_eq!(intent.status, PaymentIntentStatus::RequiresPaymentMethod);
    assert_eq!((intent.latest_charge, intent.payment_method), (None, None));
    assert_eq!((intent.created, intent.last_error_code, intent.receipt_url), (1_234_567_890, None, None));
    let changes = json!({
        "last_payment_error": {"type": "card_error", "code": "card_declined", "message": "x"},
        "latest_charge": sample("charge"),
        "payment_method": sample("payment_method"),
    });
    let intent: PaymentIntent = check("payment_intent", changes);
    assert_eq!(intent.last_error_code.as_deref(), Some("card_declined"));
    assert_eq!(intent.latest_charge.as_deref(), Some("ch_1PgafuB7WZ01zgkWXYmPNZs8"));
    assert_eq!(intent.payment_method.as_deref(), Some("pm_1Pgc75B7WZ01zgkWlHVgdEGJ"));
    assert!(intent.receipt_url.unwrap().contains("/receipts/payment/"));
    let without_receipt = json!({"latest_charge": {"id": "ch_1", "receipt_url": null}});
    let intent: PaymentIntent = check("payment_intent", without_receipt);
    assert_eq!((intent.latest_charge.as_deref(), intent.receipt_url), (Some("ch_1"), None));
}

#[test]
fn a_dispute_tells_where_its_money_is() {
    let inquiry: Dispute = check("dispute", json!({}));
    assert_eq!((inquiry.reason.as_deref(), inquiry.created), (Some("general"), 1_234_567_890));
    assert!(inquiry.balance_transactions.is_empty());
    assert!(!inquiry.withdrawn() && !inquiry.reinstated());
    let lost = dispute("lost", &[-1_000]);
    assert!(lost.withdrawn() && !lost.reinstated());
    let won = dispute("won", &[-1_000, 1_000]);
    assert_eq!(won.balance_transactions, [-1_000, 1_000]);
    assert!(won.withdrawn() && won.reinstated());
    assert!(!lost.withdrawn_again() && !won.withdrawn_again());
    let taken_again = dispute("appeal_under_review", &[-1_000, 1_000, -1_000]);
    assert!(taken_again.withdrawn() && !taken_again.reinstated() && taken_again.withdrawn_again());
    assert!(!dispute("won", &[-1_000, 1_000, -1_000, 1_000]).withdrawn_again());
    let absent: Dispute = check("dispute", json!({"balance_transactions": null}));
    assert!(absent.balance_transactions.is_empty());
}

#[test]
fn a_movement_without_an_amount_is_not_read() {
    for transactions in [
        json!(["txn_1"]),
        json!([{"id": "txn_1"}]),
        json!([{"amount": 10.5}]),
        // an array's first value has no name that says it is an amount
        json!([[-1_000]]),
        json!({}),
    ] {
        let mut object = sample("dispute");
        object["balance_transactions"] = transactions.clone();
        assert!(serde_json::from_value::<Dispute>(object).is_err(), "{transactions}");
    }
}

#[test]
fn a_dispute_is_an_inquiry_open_or_closed() {
    let nature = |status: &str| {
        let dispute = dispute(status, &[]);
        (dispute.is_inquiry(), dispute.is_open(), dispute.is_closed())
    };
    assert_eq!(nature("warning_needs_response"), (true, false, false));
    assert_eq!(nature("warning_under_review"), (true, false, false));
    assert_eq!(nature("warning_closed"), (true, false, true));
    assert_eq!(nature("needs_response"), (false, true, false));
    assert_eq!(nature("under_review"), (false, true, false));
    assert_eq!(nature("won"), (false, false, true));
    assert_eq!(nature("lost"), (false, false, true));
    assert_eq!(nature("prevented"), (false, false, true));
    assert_eq!(nature("appeal_needs_response"), (false, true, false));
    assert_eq!(nature("appeal_under_review"), (false, true, false));
    assert_eq!(nature("in_arbitration"), (false, false, false));
    assert_eq!(nature("warning_new"), (true, false, false));
    assert_eq!(dispute("in_arbitration", &[]).status, DisputeStatus::Other("in_arbitration".to_owned()));
}

#[test]
fn a_subscription_in_every_status() {
    let subscription: Subscription = check("subscription", json!({}));
    assert_eq!(subscription.id, "sub_1Pgc6rB7WZ01zgkWNy0Cn5nw");
    assert_eq!(subscription.status, SubscriptionStatus::Active);
    assert_eq!(subscription.customer.as_deref(), Some("cus_QXg1o8vcGmoR32"));
    assert_eq!((subscription.created, subscription.latest_invoice), (1_234_567_890, None));
    for word in
        ["incomplete", "incomplete_expired", "trialing", "active", "past_due", "canceled", "unpaid", "paused"]
    {
        let subscription: Subscription = check("subscription", json!({"status": word}));
        assert_eq!(subscription.status.as_str(), word);
        assert!(!matches!(subscription.status, SubscriptionStatus::Other(_)), "{word}");
    }
    let changes = json!({"status": "suspended", "latest_invoice": {"id": "in_1"}, "metadata": null});
    let subscription: Subscription = check("subscription", changes);
    assert_eq!(subscription.status, SubscriptionStatus::Other("suspended".to_owned()));
    assert_eq!(subscription.latest_invoice.as_deref(), Some("in_1"));
}

#[test]
fn a_payment_method_has_brand_and_digits_when_it_is_a_card() {
    let method: PaymentMethod = check("payment_method", json!({}));
    assert_eq!((method.kind.as_str(), method.created), ("card", 1_234_567_890));
    assert_eq!((method.brand.as_deref(), method.last4.as_deref()), (Some("visa"), Some("4242")));
    let method: PaymentMethod = check("payment_method", json!({"type": "link", "card": null}));
    assert_eq!((method.kind.as_str(), method.brand, method.last4), ("link", None, None));
}

#[test]
fn an_invoice_payment_leads_from_a_payment_to_its_invoice() {
    let sample: InvoicePayment = check("invoice_payment", json!({}));
    assert_eq!((sample.invoice.as_deref(), sample.payment_intent), (Some("invoice"), None));
    let changes = json!({
        "invoice": {"id": "in_1"},
        "payment": {"type": "payment_intent", "payment_intent": {"id": "pi_1"}},
        "status": "reversed",
    });
    let payment: InvoicePayment = check("invoice_payment", changes);
    assert_eq!((payment.invoice.as_deref(), payment.payment_intent.as_deref()), (Some("in_1"), Some("pi_1")));
    assert_eq!(payment.status.as_deref(), Some("reversed"));
    let other: InvoicePayment =
        check("invoice_payment", json!({"payment": {"type": "charge", "charge": "ch_1"}}));
    assert_eq!(other.payment_intent, None);
}
