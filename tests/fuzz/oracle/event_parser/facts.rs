//! What an event of each type says, read from its object field by field.
//!
//! The list of types and the fields are written down once more on purpose: a change of the parser must be meant twice.

use super::pairs::Pairs;
use serde_json::Value;
use std::collections::BTreeMap;
use stripe_client::event::{
    CheckoutChange, DisputeChange, Fact, InvoiceChange, PaymentIntentChange, RefundChange, SubscriptionChange,
};
use stripe_client::{
    BillingReason, Charge, CheckoutSession, Dispute, DisputeStatus, EarlyFraudWarning, Invoice,
    InvoiceStatus, PaymentIntent, PaymentIntentStatus, PaymentStatus, Refund, RefundStatus, SessionMode,
    SessionStatus, Subscription, SubscriptionStatus, TotalDetails,
};

/// `None`: the object is not one of that type.
pub fn fact(kind: &str, object: &Pairs) -> Option<Fact> {
    let (family, change) = kind.rsplit_once('.')?;
    match (family, change) {
        ("checkout.session", _) => {
            let change = match change {
                "completed" => CheckoutChange::Completed,
                "async_payment_succeeded" => CheckoutChange::AsyncPaymentSucceeded,
                "async_payment_failed" => CheckoutChange::AsyncPaymentFailed,
                "expired" => CheckoutChange::Expired,
                _ => unreachable!("{kind}"),
            };
            Some(Fact::CheckoutSession { change, session: session(object)? })
        }
        ("invoice", _) => {
            let change = match change {
                "paid" => InvoiceChange::Paid,
                "payment_failed" => InvoiceChange::PaymentFailed,
                "payment_action_required" => InvoiceChange::PaymentActionRequired,
                _ => unreachable!("{kind}"),
            };
            Some(Fact::Invoice { change, invoice: invoice(object)? })
        }
        ("payment_intent", _) => {
            let change = match change {
                "succeeded" => PaymentIntentChange::Succeeded,
                "payment_failed" => PaymentIntentChange::PaymentFailed,
                "canceled" => PaymentIntentChange::Canceled,
                _ => unreachable!("{kind}"),
            };
            Some(Fact::PaymentIntent { change, payment_intent: payment_intent(object)? })
        }
        ("charge", "refunded") => Some(Fact::ChargeRefunded(charge(object)?)),
        ("refund" | "charge.refund", _) => {
            let change = match change {
                "created" => RefundChange::Created,
                "updated" => RefundChange::Updated,
                "failed" => RefundChange::Failed,
                _ => unreachable!("{kind}"),
            };
            Some(Fact::Refund { change, refund: refund(object)? })
        }
        ("charge.dispute", _) => {
            let change = match change {
                "created" => DisputeChange::Created,
                "updated" => DisputeChange::Updated,
                "funds_withdrawn" => DisputeChange::FundsWithdrawn,
                "funds_reinstated" => DisputeChange::FundsReinstated,
                "closed" => DisputeChange::Closed,
                _ => unreachable!("{kind}"),
            };
            Some(Fact::Dispute { change, dispute: dispute(object)? })
        }
        ("radar.early_fraud_warning", "created" | "updated") => {
            Some(Fact::EarlyFraudWarning(early_fraud_warning(object)?))
        }
        ("customer.subscription", _) => {
            let change = match change {
                "created" => SubscriptionChange::Created,
                "updated" | "paused" | "resumed" => SubscriptionChange::Updated,
                "deleted" => SubscriptionChange::Deleted,
                _ => unreachable!("{kind}"),
            };
            Some(Fact::Subscription { change, subscription: subscription(object)? })
        }
        _ => unreachable!("{kind} is read, and the oracle does not know it"),
    }
}

fn session(object: &Pairs) -> Option<CheckoutSession> {
    Some(CheckoutSession {
        id: object.text("id")?,
        livemode: object.truth("livemode")?,
        mode: object.word("mode", SessionMode::as_str)?,
        status: object.word_or_null("status", SessionStatus::as_str)?,
        payment_status: object.word("payment_status", PaymentStatus::as_str)?,
        amount_subtotal: object.integer_or_null("amount_subtotal")?,
        amount_total: object.integer_or_null("amount_total")?,
        total_details: match object.object("total_details")? {
            Some(details) => Some(TotalDetails {
                amount_discount: details.integer_or_zero("amount_discount")?,
                amount_tax: details.integer_or_zero("amount_tax")?,
                amount_shipping: details.integer_or_null("amount_shipping")?,
            }),
            None => None,
        },
        currency: object.text_or_null("currency")?,
        customer: object.reference("customer")?,
        payment_intent: object.reference("payment_intent")?,
        client_reference_id: object.text_or_null("client_reference_id")?,
        metadata: object.metadata("metadata")?,
        url: object.text_or_null("url")?,
        expires_at: object.integer_or_null("expires_at")?,
    })
}

fn invoice(object: &Pairs) -> Option<Invoice> {
    let parent = object.object("parent")?;
    let details = parent.as_ref().map_or(Some(None), |parent| parent.object("subscription_details"))?;
    let details = details.as_ref();
    let transitions = object.object("status_transitions")?;
    Some(Invoice {
        id: object.text("id")?,
        livemode: object.truth("livemode")?,
        status: object.word_or_null("status", InvoiceStatus::as_str)?,
        billing_reason: object.word_or_null("billing_reason", BillingReason::as_str)?,
        amount_paid: object.integer("amount_paid")?,
        total: object.integer_or_null("total")?,
        total_excluding_tax: object.integer_or_null("total_excluding_tax")?,
        currency: object.text("currency")?,
        customer: object.reference("customer")?,
        subscription: details.map_or(Some(None), |details| details.reference("subscription"))?,
        metadata: object.metadata("metadata")?,
        subscription_metadata: details
            .map_or(Some(BTreeMap::new()), |details| details.metadata("metadata"))?,
        paid_at: transitions.as_ref().map_or(Some(None), |times| times.integer_or_null("paid_at"))?,
        created: object.integer_or_zero("created")?,
        hosted_invoice_url: object.text_or_null("hosted_invoice_url")?,
    })
}

fn payment_intent(object: &Pairs) -> Option<PaymentIntent> {
    let error = object.object("last_payment_error")?;
    // an id tells of no receipt
    let charge: Option<Value> = object.raw("latest_charge")?.and_then(|text| serde_json::from_str(text).ok());
    let receipt = charge.as_ref().and_then(|charge| charge.get("receipt_url")?.as_str());
    Some(PaymentIntent {
        id: object.text("id")?,
        livemode: object.truth("livemode")?,
        status: object.word("status", PaymentIntentStatus::as_str)?,
        amount: object.integer("amount")?,
        amount_received: object.integer_or_zero("amount_received")?,
        currency: object.text("currency")?,
        customer: object.reference("customer")?,
        latest_charge: object.reference("latest_charge")?,
        payment_method: object.reference("payment_method")?,
        metadata: object.metadata("metadata")?,
        created: object.integer_or_zero("created")?,
        last_error_code: error.as_ref().map_or(Some(None), |error| error.text_or_null("code"))?,
        receipt_url: receipt.map(str::to_owned),
    })
}

fn charge(object: &Pairs) -> Option<Charge> {
    Some(Charge {
        id: object.text("id")?,
        livemode: object.truth("livemode")?,
        amount: object.integer("amount")?,
        amount_refunded: object.integer("amount_refunded")?,
        currency: object.text("currency")?,
        status: object.text_or_null("status")?,
        payment_intent: object.reference("payment_intent")?,
        metadata: object.metadata("metadata")?,
        created: object.integer_or_zero("created")?,
        receipt_url: object.text_or_null("receipt_url")?,
    })
}

fn refund(object: &Pairs) -> Option<Refund> {
    Some(Refund {
        id: object.text("id")?,
        amount: object.integer("amount")?,
        currency: object.text("currency")?,
        status: object.word_or_null("status", RefundStatus::as_str)?,
        payment_intent: object.reference("payment_intent")?,
        charge: object.reference("charge")?,
        metadata: object.metadata("metadata")?,
        created: object.integer_or_zero("created")?,
        failure_reason: object.text_or_null("failure_reason")?,
    })
}

fn dispute(object: &Pairs) -> Option<Dispute> {
    let movements = object.objects("balance_transactions")?;
    let dispute = Dispute {
        id: object.text("id")?,
        livemode: object.truth("livemode")?,
        amount: object.integer("amount")?,
        currency: object.text("currency")?,
        status: object.word("status", DisputeStatus::as_str)?,
        payment_intent: object.reference("payment_intent")?,
        charge: object.reference("charge")?,
        balance_transactions: movements.iter().map(|one| one.integer("amount")).collect::<Option<_>>()?,
        created: object.integer_or_zero("created")?,
        reason: object.text_or_null("reason")?,
    };
    // a dispute is not at the same time undecided and over, and an inquiry is not an undecided dispute
    assert!(!(dispute.is_open() && (dispute.is_closed() || dispute.is_inquiry())));
    Some(dispute)
}

fn early_fraud_warning(object: &Pairs) -> Option<EarlyFraudWarning> {
    Some(EarlyFraudWarning {
        id: object.text("id")?,
        livemode: object.truth("livemode")?,
        actionable: match object.raw("actionable")? {
            Some(_) => object.truth("actionable")?,
            None => false,
        },
        charge: object.reference("charge")?,
        payment_intent: object.reference("payment_intent")?,
        fraud_type: object.text_or_null("fraud_type")?,
        created: object.integer_or_zero("created")?,
    })
}

fn subscription(object: &Pairs) -> Option<Subscription> {
    Some(Subscription {
        id: object.text("id")?,
        livemode: object.truth("livemode")?,
        customer: object.reference("customer")?,
        status: object.word("status", SubscriptionStatus::as_str)?,
        metadata: object.metadata("metadata")?,
        latest_invoice: object.reference("latest_invoice")?,
        created: object.integer_or_zero("created")?,
    })
}
