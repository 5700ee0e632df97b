//! Events: every type that is read, references in both forms, nulls, and what is not an event.

use stripe_client::event::{
    CheckoutChange, DisputeChange, Fact, InvoiceChange, NotAnEvent, RefundChange, SubscriptionChange, TYPES,
    parse,
};
use stripe_client::{
    BillingReason, DisputeStatus, PaymentIntentStatus, PaymentStatus, RefundStatus, SessionMode,
    SubscriptionStatus,
};

/// The only place that calls the API: a good envelope around `object`.
fn check(kind: &str, object: &str) -> Fact {
    let body = format!(
        r#"{{"id":"evt_1","object":"event","api_version":"2026-09-30.endive","created":1763790000,
            "livemode":false,
            "type":"{kind}","pending_webhooks":1,"request":{{"id":null,"idempotency_key":null}},
            "data":{{"object":{object},"previous_attributes":{{"a":1}}}}}}"#
    );
    let event = parse(body.as_bytes()).unwrap();
    assert_eq!((event.id.as_str(), event.kind.as_str(), event.created), ("evt_1", kind, 1_763_790_000));
    event.fact
}

const SESSION: &str = r#"{"id":"cs_1","object":"checkout.session","livemode":false,"mode":"payment",
    "status":"complete",
    "payment_status":"paid","amount_subtotal":10000,"amount_total":10000,"currency":"usd","customer":"cus_1",
    "client_reference_id":"ord_1","metadata":{"order":"ord_1"},"payment_intent":"pi_1","invoice":null,
    "url":null}"#;

#[test]
fn a_completed_session_has_what_an_order_is_checked_with() {
    let Fact::CheckoutSession { change, session } = check("checkout.session.completed", SESSION) else {
        panic!()
    };
    assert_eq!(change, CheckoutChange::Completed);
    assert_eq!((session.id.as_str(), session.livemode), ("cs_1", false));
    assert_eq!((session.mode, session.payment_status), (SessionMode::Payment, PaymentStatus::Paid));
    assert_eq!((session.amount_subtotal, session.amount_total), (Some(10_000), Some(10_000)));
    assert_eq!((session.currency.as_deref(), session.customer.as_deref()), (Some("usd"), Some("cus_1")));
    assert_eq!(session.payment_intent.as_deref(), Some("pi_1"));
    assert_eq!(session.client_reference_id.as_deref(), Some("ord_1"));
    assert_eq!(session.metadata["order"], "ord_1");
}

#[test]
fn references_may_be_whole_objects_and_amounts_null() {
    let object = r#"{"id":"cs_1","livemode":true,"mode":"setup","payment_status":"no_payment_required",
        "amount_subtotal":null,"amount_total":null,"currency":null,"customer":{"id":"cus_1","email":"x"},
        "payment_intent":null,"metadata":null}"#;
    let Fact::CheckoutSession { change, session } = check("checkout.session.expired", object) else {
        panic!()
    };
    assert_eq!(change, CheckoutChange::Expired);
    assert_eq!((session.customer.as_deref(), session.payment_intent), (Some("cus_1"), None));
    assert_eq!((session.amount_total, session.metadata.len()), (None, 0));
}

#[test]
fn a_word_that_is_new_is_kept_and_is_not_a_known_one() {
    let object = SESSION.replace(r#""paid""#, r#""partially_paid""#);
    let Fact::CheckoutSession { session, .. } = check("checkout.session.completed", &object) else {
        panic!()
    };
    assert_eq!(session.payment_status, PaymentStatus::Other("partially_paid".to_owned()));
    assert_eq!(session.payment_status.as_str(), "partially_paid");
}

#[test]
fn an_invoice_names_its_subscription_under_parent() {
    let object = r#"{"id":"in_1","object":"invoice","status":"paid",
        "billing_reason":"subscription_cycle","livemode":false,
        "customer":"cus_1","currency":"usd","amount_due":49900,"amount_paid":49900,"metadata":{},
        "parent":{"type":"subscription_details","subscription_details":{"subscription":"sub_1",
        "metadata":{"org":"org_1"}}},
        "status_transitions":{"finalized_at":1,"paid_at":1763790000}}"#;
    let Fact::Invoice { change, invoice } = check("invoice.paid", object) else { panic!() };
    assert_eq!(
        (change, invoice.billing_reason),
        (InvoiceChange::Paid, Some(BillingReason::SubscriptionCycle))
    );
    assert_eq!((invoice.amount_paid, invoice.paid_at), (49_900, Some(1_763_790_000)));
    assert_eq!(invoice.subscription.as_deref(), Some("sub_1"));
    assert_eq!(invoice.subscription_metadata["org"], "org_1");
}

#[test]
fn an_invoice_of_no_subscription_has_none() {
    let object = r#"{"id":"in_1","status":"open","billing_reason":"manual","livemode":false,"customer":null,
        "currency":"usd","amount_paid":0,"metadata":null,"parent":null,
        "status_transitions":{"paid_at":null}}"#;
    let Fact::Invoice { invoice, .. } = check("invoice.payment_failed", object) else { panic!() };
    assert_eq!((invoice.subscription, invoice.customer, invoice.paid_at), (None, None, None));
}

#[test]
fn payments_refunds_and_disputes_are_read() {
    let intent = r#"{"id":"pi_1","livemode":false,"status":"succeeded","amount":100,
        "amount_received":100,"currency":"usd"}"#;
    let Fact::PaymentIntent { payment_intent, .. } = check("payment_intent.succeeded", intent) else {
        panic!()
    };
    assert_eq!(payment_intent.status, PaymentIntentStatus::Succeeded);

    let charge = r#"{"id":"ch_1","livemode":false,"amount":100,"amount_refunded":40,"currency":"usd",
        "status":"succeeded",
        "payment_intent":"pi_1","metadata":{}}"#;
    let Fact::ChargeRefunded(charge) = check("charge.refunded", charge) else { panic!() };
    assert_eq!((charge.amount, charge.amount_refunded), (100, 40));

    let refund = r#"{"id":"re_1","amount":40,"currency":"usd","status":"failed","payment_intent":"pi_1",
        "charge":"ch_1"}"#;
    let Fact::Refund { change, refund } = check("refund.failed", refund) else { panic!() };
    assert_eq!(
        (change, refund.status, refund.amount),
        (RefundChange::Failed, Some(RefundStatus::Failed), 40)
    );

    let dispute = r#"{"id":"dp_1","livemode":false,"amount":100,"currency":"usd",
        "status":"warning_needs_response",
        "payment_intent":{"id":"pi_1"},"charge":"ch_1"}"#;
    let Fact::Dispute { change, dispute } = check("charge.dispute.created", dispute) else { panic!() };
    assert_eq!((change, dispute.status), (DisputeChange::Created, DisputeStatus::WarningNeedsResponse));
    assert_eq!(dispute.payment_intent.as_deref(), Some("pi_1"));
}

#[test]
fn a_type_that_is_not_read_is_unknown_whatever_it_carries() {
    for kind in [
        "invoice.payment_succeeded",
        "invoice.created",
        "payment_intent.processing",
        "customer.subscription.trial_will_end",
        "x.y",
        "",
    ] {
        assert_eq!(check(kind, r#"{"id":1}"#), Fact::Unknown, "{kind}");
    }
}

#[test]
fn every_type_of_the_list_is_read() {
    // an object that has the fields of all
    let object = r#"{"id":"x_1","livemode":false,"mode":"payment","payment_status":"paid","status":"new",
        "amount":1,"amount_refunded":1,"amount_paid":1,"currency":"usd"}"#;
    for kind in TYPES {
        let fact = check(kind, object);
        assert!(!matches!(fact, Fact::Unknown | Fact::Undecodable), "{kind}: {fact:?}");
        assert_eq!(check(kind, "{}"), Fact::Undecodable, "{kind}");
    }
    let mut sorted = TYPES.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    assert_eq!(sorted.len(), TYPES.len());
}

#[test]
fn a_subscription_is_read_whatever_became_of_it() {
    let object = r#"{"id":"sub_1","object":"subscription","livemode":false,"status":"past_due",
        "customer":"cus_1","latest_invoice":"in_1","metadata":{"org":"org_1"},"created":1763790000}"#;
    for (kind, expected) in [
        ("created", SubscriptionChange::Created),
        ("updated", SubscriptionChange::Updated),
        ("paused", SubscriptionChange::Updated),
        ("resumed", SubscriptionChange::Updated),
        ("deleted", SubscriptionChange::Deleted),
    ] {
        let Fact::Subscription { change, subscription } =
            check(&format!("customer.subscription.{kind}"), object)
        else {
            panic!("{kind}")
        };
        assert_eq!((change, subscription.status), (expected, SubscriptionStatus::PastDue), "{kind}");
        assert_eq!(subscription.latest_invoice.as_deref(), Some("in_1"));
    }
}

#[test]
fn a_refund_has_no_livemode_and_may_be_told_of_under_its_charge() {
    let object = r#"{"id":"re_1","object":"refund","amount":40,"currency":"usd","status":"failed",
        "failure_reason":"expired_or_canceled_card","created":1763790000}"#;
    let Fact::Refund { change, refund } = check("charge.refund.updated", object) else { panic!() };
    assert_eq!((change, refund.created), (RefundChange::Updated, 1_763_790_000));
    assert_eq!(refund.failure_reason.as_deref(), Some("expired_or_canceled_card"));
}

#[test]
fn a_type_that_is_read_in_another_shape_is_undecodable() {
    for object in [
        "{}",
        "null",
        "[]",
        r#"{"id":"cs_1"}"#,
        &SESSION.replace("10000", "\"10000\""),
        &SESSION.replace("10000", "100.5"),
    ] {
        assert_eq!(check("checkout.session.completed", object), Fact::Undecodable, "{object}");
    }
    assert_eq!(check("refund.created", r#"{"id":"re_1","currency":"usd"}"#), Fact::Undecodable);
}

/// Found by `make fuzz`: serde fills a struct from an array, too.
#[test]
fn nothing_is_read_from_an_array_by_position() {
    for object in
        [r#"["re_1",40,"usd"]"#, r#"["re_1",40,"usd","succeeded","pi_1","ch_1",null,1763790000,null]"#]
    {
        assert_eq!(check("refund.created", object), Fact::Undecodable, "{object}");
    }
    let invoice = r#"{"id":"in_1","livemode":false,"amount_paid":1,"currency":"usd",NESTED}"#;
    for nested in [
        r#""parent":[{"subscription":"sub_1"}]"#,
        r#""parent":{"subscription_details":["sub_1"]}"#,
        r#""status_transitions":[1763790000]"#,
    ] {
        assert_eq!(check("invoice.paid", &invoice.replace("NESTED", nested)), Fact::Undecodable, "{nested}");
    }
    let intent = r#"{"id":"pi_1","livemode":false,"status":"succeeded","amount":1,"currency":"usd",
        "last_payment_error":["card_declined"]}"#;
    assert_eq!(check("payment_intent.succeeded", intent), Fact::Undecodable);
    for body in [
        r#"["event"]"#,
        r#"["v2.core.event"]"#,
        r#"{"id":"evt_1","object":"event","type":"x","created":1,"livemode":false,"data":[{"id":"x"}]}"#,
    ] {
        assert_eq!(parse(body.as_bytes()), Err(NotAnEvent::Malformed), "{body}");
    }
}

#[test]
fn a_thin_event_is_refused_by_name() {
    let thin = r#"{"id":"evt_1","object":"v2.core.event","type":"v1.billing.meter.error_report_triggered",
        "created":"2026-11-22T00:00:00Z","related_object":{"id":"x","type":"y","url":"/v1/x"}}"#;
    assert_eq!(parse(thin.as_bytes()), Err(NotAnEvent::Thin));
}

#[test]
fn what_is_not_an_event_is_malformed() {
    let without_data =
        r#"{"id":"evt_1","object":"event","type":"invoice.paid","created":1,"livemode":false}"#;
    for body in ["", "{", "null", "[]", "{}", SESSION, without_data] {
        assert_eq!(parse(body.as_bytes()), Err(NotAnEvent::Malformed), "{body}");
    }
    assert_eq!(parse(&[0xff, 0xfe]), Err(NotAnEvent::Malformed));
}

#[test]
fn an_event_names_its_object_whatever_it_looks_like_and_knows_its_train() {
    let rendered = |version: &str, object: &str| {
        let body = format!(
            r#"{{"id":"evt_1","object":"event","api_version":{version},"created":1763790000,"livemode":false,
                "type":"invoice.paid","data":{{"object":{object}}}}}"#
        );
        parse(body.as_bytes()).unwrap()
    };
    let unread = rendered(r#""2024-06-20""#, r#"{"id":"in_1","object":"invoice","amount_paid":"499.00"}"#);
    assert_eq!((unread.object.as_deref(), &unread.fact), (Some("in_1"), &Fact::Undecodable));
    for object in ["{}", r#"{"id":7}"#, r#"["in_1"]"#, "null"] {
        assert_eq!(rendered("null", object).object, None, "{object}");
    }
    let ours = format!("{:?}", stripe_client::api_version());
    let trains = [
        (ours.as_str(), true),
        (r#""2026-12-31.endive""#, true),
        (r#""2025-03-31.basil""#, false),
        (r#""2024-06-20""#, false),
        ("null", false),
    ];
    for (version, is_ours) in trains {
        assert_eq!(rendered(version, "{}").is_of_our_train(), is_ours, "{version}");
    }
}
