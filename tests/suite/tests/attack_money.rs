//! Attacks on money coming in and on the plumbing under it: twins, lost answers at every call, orders of
//! arrival, contents that nobody expects. Whatever is sent, nothing may be lost, doubled or invented.

use ledger::{
    Cause, CauseKind, Command, Companions, EntryKind, EntryQuery, GrantKind, Movement, Reference,
    RememberOutcome,
};
use money::{Money, PositiveMoney};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use suite::{
    gateway::{Call, read},
    stage::Stage,
};
use support::{Fault, World};
use tables::{Insert, Key, Record, Replace, Together, WorkWrite};
use terms::{Actor, Fingerprint};

const FAULTS: [Fault; 5] =
    [Fault::FailsBefore, Fault::FailsAfter, Fault::Conflict, Fault::Throttled, Fault::ServerErrorAfter];

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Seat {
    id: String,
    taken_until: u64,
}

impl Record for Seat {
    const KIND: &'static str = "seat";
    fn key(&self) -> Key {
        Key::new("SEAT", self.id.clone())
    }
}

fn seat(id: &str, taken_until: u64) -> Seat {
    Seat { id: id.to_owned(), taken_until }
}

fn order_k() -> Call {
    let call = Call::new("POST", "/api/stripe/purchase-credits").by("org_a", "owner");
    call.body("{\"amount\":250}").header("idempotency-key", "k")
}

async fn completed(stage: &Stage) -> Value {
    let events = stage.events().await;
    events
        .into_iter()
        .rfind(|event| event["type"] == "checkout.session.completed")
        .expect("a completed session")
}

fn for_review(stage: &Stage) -> usize {
    stage.world.dynamo.dump("work").iter().filter(|item| item["kind"]["S"] == "quarantine").count()
}

#[tokio::test]
async fn of_two_workers_who_write_the_very_same_lease_one_has_it() {
    let world = World::new();
    let Insert::Done(free) = world.work.insert(&seat("1", 0)).await.unwrap() else { panic!("a new key") };
    assert!(matches!(world.work.replace(&free, &seat("1", 60)).await.unwrap(), Replace::Done(_)));
    assert!(matches!(world.work.replace(&free, &seat("1", 60)).await.unwrap(), Replace::Changed));
    assert!(matches!(world.work.insert(&seat("2", 0)).await.unwrap(), Insert::Done(_)));
    assert!(matches!(world.work.insert(&seat("2", 0)).await.unwrap(), Insert::Exists(_)));
}

#[tokio::test]
async fn of_two_transactions_with_one_write_in_common_the_second_is_refused_whole() {
    let world = World::new();
    let Insert::Done(free) = world.work.insert(&seat("1", 0)).await.unwrap() else { panic!("a new key") };
    let writes = |other: &str| {
        [WorkWrite::replace(&free, &seat("1", 60)).unwrap(), WorkWrite::insert(&seat(other, 0)).unwrap()]
    };
    assert_eq!(world.work.write_together(&writes("2")).await.unwrap(), Together::Done);
    assert_eq!(world.work.write_together(&writes("3")).await.unwrap(), Together::Refused { index: 0 });
    assert!(world.work.get::<Seat>(&seat("3", 0).key()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_lost_answer_is_known_again_as_the_own_write() {
    for fault in [Fault::FailsAfter, Fault::ServerErrorAfter] {
        let world = World::new();
        world.dynamo.faults().next("PutItem", fault);
        let Insert::Done(free) = world.work.insert(&seat("1", 0)).await.unwrap() else { panic!("{fault:?}") };
        world.dynamo.faults().next("PutItem", fault);
        let Replace::Done(taken) = world.work.replace(&free, &seat("1", 60)).await.unwrap() else {
            panic!("{fault:?}")
        };
        world.dynamo.faults().next("TransactWriteItems", fault);
        let write = WorkWrite::replace(&taken, &seat("1", 0)).unwrap();
        assert_eq!(world.work.write_together(&[write]).await.unwrap(), Together::Done, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sixteen_deliveries_at_once_credit_once() {
    let stage = Stage::new().await;
    let session = stage.order("org_a", "250").await;
    stage.pay(&session, false).await;
    let event = completed(&stage).await;
    let answers = futures::future::join_all((0..16).map(|_| stage.deliver(&event))).await;
    assert!(answers.iter().all(|answer| answer.status() == 200));
    assert_eq!(stage.available("org_a").await, "250.00");
}

#[tokio::test]
async fn whatever_table_call_of_a_delivery_goes_wrong_the_retry_credits_exactly_once() {
    for fault in FAULTS {
        for operation in ["GetItem", "PutItem", "TransactWriteItems"] {
            for at in 0..5 {
                let stage = Stage::new().await;
                let session = stage.order("org_a", "250").await;
                stage.pay(&session, false).await;
                let event = completed(&stage).await;
                // The SDK tries a single call three times: all three are lost.
                for more in 0..3 {
                    stage.world.dynamo.faults().after(operation, if more == 0 { at } else { 0 }, fault);
                }
                let first = stage.deliver(&event).await.status().as_u16();
                stage.world.dynamo.faults().clear();
                assert!(matches!(first, 200 | 503), "{operation} {at} {fault:?}: {first}");
                if first == 200 {
                    assert_eq!(stage.available("org_a").await, "250.00", "{operation} {at} {fault:?}");
                }
                assert_eq!(stage.deliver(&event).await.status(), 200, "{operation} {at} {fault:?}");
                assert_eq!(stage.available("org_a").await, "250.00", "{operation} {at} {fault:?}");
            }
        }
    }
}

#[tokio::test]
async fn wherever_an_order_breaks_off_its_retry_opens_the_same_page_and_the_payment_counts_once() {
    for fault in [Fault::FailsBefore, Fault::FailsAfter] {
        for operation in ["GetItem", "PutItem", "TransactWriteItems"] {
            for at in 0..4 {
                let stage = Stage::new().await;
                for more in 0..3 {
                    stage.world.dynamo.faults().after(operation, if more == 0 { at } else { 0 }, fault);
                }
                stage.purchase(order_k()).await;
                stage.world.dynamo.faults().clear();
                let (status, body) = read(&stage.purchase(order_k()).await);
                assert_eq!(status, 200, "{operation} {at} {fault:?}: {body}");
                let counters = stage.control("GET", "counters", Value::Null).await;
                assert_eq!(counters["stripe"]["sessionsCreated"], 1, "{operation} {at} {fault:?}");
                assert_eq!(counters["stripe"]["customersCreated"], 1, "{operation} {at} {fault:?}");
                stage.pay(body["sessionId"].as_str().unwrap(), false).await;
                stage.deliver_all().await;
                assert_eq!(stage.available("org_a").await, "250.00", "{operation} {at} {fault:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_reference_that_meets_a_transaction_is_written_anew() {
    let world = World::new();
    let organization = world.organization("org_a");
    let reference = Reference { object: "cs_1".to_owned(), organization, record: "ord_1".to_owned() };
    for fault in [Fault::Conflict, Fault::Conflict, Fault::FailsAfter] {
        world.dynamo.faults().next("PutItem", fault);
    }
    assert_eq!(world.ledger.remember(&reference).await.unwrap(), RememberOutcome::Done);
    assert_eq!(world.ledger.reference("cs_1").await.unwrap(), Some(reference));
}

#[tokio::test]
async fn a_payment_that_arrives_before_we_noted_its_session_counts_once_and_closes_the_order() {
    let stage = Stage::new().await;
    // Order and customer stand, Stripe has made the session, and nothing of it is noted.
    for at in [2, 0, 0] {
        stage.world.dynamo.faults().after("PutItem", at, Fault::FailsBefore);
    }
    assert_eq!(stage.purchase(order_k()).await.status(), 503);
    stage.world.dynamo.faults().clear();
    assert!(
        !stage
            .world
            .dynamo
            .dump("ledger")
            .iter()
            .any(|item| item["pk"]["S"].as_str().unwrap().starts_with("REF#cs_"))
    );
    let (_, body) = read(&stage.purchase(order_k()).await);
    stage.pay(body["sessionId"].as_str().unwrap(), false).await;
    stage.deliver_all().await;
    stage.deliver_all().await;
    assert_eq!(stage.available("org_a").await, "250.00");
}

#[tokio::test]
async fn a_second_paid_session_of_one_order_is_kept_and_never_granted() {
    let stage = Stage::new().await;
    let session = stage.order("org_a", "250").await;
    stage.pay(&session, false).await;
    let event = completed(&stage).await;
    let mut second = event.clone();
    second["data"]["object"]["id"] = json!("cs_test_second");
    second["data"]["object"]["payment_intent"] = json!("pi_second");
    for event in [&event, &second, &second, &event] {
        assert_eq!(stage.deliver(event).await.status(), 200);
    }
    assert_eq!((stage.available("org_a").await.as_str(), for_review(&stage)), ("250.00", 1));
}

#[tokio::test]
async fn the_same_session_with_another_amount_after_its_grant_is_kept_and_moves_nothing() {
    let stage = Stage::new().await;
    stage.buy("org_a", "250").await;
    let mut changed = completed(&stage).await;
    changed["data"]["object"]["amount_total"] = json!(1);
    assert_eq!(stage.deliver(&changed).await.status(), 200);
    assert_eq!((stage.available("org_a").await.as_str(), for_review(&stage)), ("250.00", 1));
}

#[tokio::test]
async fn a_session_of_another_application_with_ids_of_its_own_is_not_ours() {
    let stage = Stage::new().await;
    let session = stage.order("org_a", "250").await;
    stage.pay(&session, false).await;
    let event = completed(&stage).await;
    let foreign = [
        json!({"organization_id": "org_a", "order_id": "4711", "type": "credits"}),
        json!({"organization_id": "org#a", "order_id": "ord_1", "type": "credits"}),
    ];
    for metadata in foreign {
        let mut other = event.clone();
        other["data"]["object"]["id"] = json!("cs_test_foreign");
        other["data"]["object"]["metadata"] = metadata.clone();
        assert_eq!(stage.deliver(&other).await.status(), 200, "{metadata}");
    }
    assert_eq!((stage.available("org_a").await.as_str(), for_review(&stage)), ("0.00", 0));
}

#[tokio::test]
async fn a_delayed_payment_reported_as_succeeded_without_the_word_paid_is_kept_for_a_person() {
    for word in ["unpaid", "settled-somehow"] {
        let stage = Stage::new().await;
        let session = stage.order("org_a", "250").await;
        stage.pay(&session, false).await;
        let mut event = completed(&stage).await;
        event["type"] = json!("checkout.session.async_payment_succeeded");
        event["data"]["object"]["payment_status"] = json!(word);
        assert_eq!(stage.deliver(&event).await.status(), 200);
        assert_eq!((stage.available("org_a").await.as_str(), for_review(&stage)), ("0.00", 1), "{word}");
    }
}

#[tokio::test]
async fn a_checkout_that_needed_no_payment_grants_nothing() {
    let stage = Stage::new().await;
    let session = stage.order("org_a", "250").await;
    stage.pay(&session, false).await;
    let mut event = completed(&stage).await;
    event["data"]["object"]["payment_status"] = json!("no_payment_required");
    assert_eq!(stage.deliver(&event).await.status(), 200);
    assert_eq!((stage.available("org_a").await.as_str(), for_review(&stage)), ("0.00", 0));
}

#[tokio::test]
async fn a_third_decimal_is_refused_even_where_it_is_zero() {
    let stage = Stage::new().await;
    for amount in ["99.500", "\"99.500\"", "99.501", "100.000"] {
        let call = Call::new("POST", "/api/stripe/purchase-credits").by("org_a", "owner");
        let (status, body) = read(&stage.purchase(call.body(format!("{{\"amount\":{amount}}}"))).await);
        assert_eq!((status, &body["code"]), (400, &json!("invalid_amount")), "{amount}");
    }
}

async fn subscribed(stage: &Stage, cents: i64) -> String {
    let subscription = json!({"customer": "cus_sub", "amountCents": cents, "trial": false,
        "metadata": {"organization_id": "org_s"}});
    let made = stage.control("POST", "stripe/subscriptions", subscription).await;
    made["subscription"]["id"].as_str().expect("an id").to_owned()
}

async fn paid_invoices(stage: &Stage) -> Vec<Value> {
    stage.events().await.into_iter().filter(|event| event["type"] == "invoice.paid").collect()
}

#[tokio::test]
async fn first_and_later_invoices_grant_the_same_in_every_order_of_arrival_and_at_once() {
    for reversed in [false, true] {
        let stage = Stage::new().await;
        let id = subscribed(&stage, 49_900).await;
        stage.control("POST", &format!("stripe/subscriptions/{id}/cycle"), json!({})).await;
        let mut events = paid_invoices(&stage).await;
        if reversed {
            events.reverse();
        }
        for event in &events {
            assert_eq!(stage.deliver(event).await.status(), 200);
        }
        assert_eq!(stage.available("org_s").await, "598.00", "reversed: {reversed}");
    }
    let stage = Stage::new().await;
    let id = subscribed(&stage, 49_900).await;
    stage.control("POST", &format!("stripe/subscriptions/{id}/cycle"), json!({})).await;
    let events = paid_invoices(&stage).await;
    let answers =
        futures::future::join_all(events.iter().cycle().take(8).map(|event| stage.deliver(event))).await;
    assert!(answers.iter().all(|answer| answer.status() == 200));
    assert_eq!(stage.available("org_s").await, "598.00");
}

#[tokio::test]
async fn a_paid_subscription_invoice_whose_subscription_cannot_be_read_is_kept_for_a_person() {
    let stage = Stage::new().await;
    subscribed(&stage, 49_900).await;
    let mut event = paid_invoices(&stage).await.remove(0);
    // As an endpoint of an API version before basil renders it.
    event["data"]["object"]["subscription"] =
        event["data"]["object"]["parent"]["subscription_details"]["subscription"].clone();
    event["data"]["object"].as_object_mut().unwrap().remove("parent");
    assert_eq!(stage.deliver(&event).await.status(), 200);
    assert_eq!((stage.available("org_s").await.as_str(), for_review(&stage)), ("0.00", 1));
}

#[tokio::test]
async fn a_list_that_stripe_cannot_give_is_asked_for_again_and_nothing_is_guessed() {
    let stage = Stage::new().await;
    subscribed(&stage, 49_900).await;
    let event = paid_invoices(&stage).await.remove(0);
    let fault = json!({"vendor": "stripe", "next": 3, "kind": "status", "status": 500});
    stage.control("POST", "faults", fault).await;
    assert_eq!(stage.deliver(&event).await.status(), 503);
    assert_eq!(stage.available("org_s").await, "0.00");
    stage.control("DELETE", "faults", json!({})).await;
    assert_eq!(stage.deliver(&event).await.status(), 200);
    assert_eq!(stage.available("org_s").await, "499.00");
}

fn grant(world: &World, kind: GrantKind, amount: &str, id: &str) -> Movement {
    Movement {
        organization: world.organization("org_a"),
        cause: Cause::new(CauseKind::Adjustment, id),
        fingerprint: Fingerprint::of(&[id]),
        actor: Actor::system("test"),
        occurred_at: None,
        description: "test".to_owned(),
        command: Command::Grant {
            kind,
            amount: PositiveMoney::new(Money::parse(amount).unwrap()).unwrap(),
            source: id.to_owned(),
            expires_at: None,
        },
    }
}

#[tokio::test]
async fn a_filter_that_finds_nothing_reads_a_bounded_part_of_a_long_statement_at_a_time() {
    let world = World::new();
    let org = world.organization("org_a");
    for at in 0..1_050 {
        world.post(&grant(&world, GrantKind::Adjustment, "1", &format!("a{at}"))).await.unwrap().unwrap();
    }
    let before = world.dynamo.faults().calls("Query");
    let query =
        EntryQuery { newest_first: true, limit: 10, kind: Some(EntryKind::Charge), ..EntryQuery::default() };
    let page = world.ledger.entries(&org, &query).await.unwrap();
    let queries = world.dynamo.faults().calls("Query") - before;
    assert!(queries <= 10, "{queries} queries for one page");
    assert!(page.items.is_empty());
    let rest = EntryQuery { after_seq: page.next, ..query.clone() };
    assert!(page.next.is_some() && world.ledger.entries(&org, &rest).await.unwrap().next.is_none());
    let ahead = Some(world.clock.now().plus_seconds(1));
    let before = world.dynamo.faults().calls("Query");
    world.ledger.entries(&org, &EntryQuery { from: ahead, kind: None, ..query }).await.unwrap();
    assert_eq!(world.dynamo.faults().calls("Query") - before, 1);
}

#[tokio::test]
async fn a_movement_after_a_lost_answer_is_a_replay_though_the_account_could_not_pay_twice() {
    for fault in FAULTS {
        let world = World::new();
        let org = world.organization("org_a");
        world.buy(&org, "10").await;
        let note = seat("1", 1);
        let with = || Companions { work: vec![WorkWrite::insert(&note).unwrap()], ..Companions::default() };
        let hold = Movement {
            cause: Cause::new(CauseKind::ContactsHold, "h1"),
            command: Command::Hold {
                id: terms::HoldId::parse("h1").unwrap(),
                purpose: ledger::Purpose::Contacts,
                amount: PositiveMoney::new(Money::parse("10").unwrap()).unwrap(),
            },
            ..grant(&world, GrantKind::Adjustment, "1", "h1")
        };
        world.dynamo.faults().next("TransactWriteItems", fault);
        let posted = world.ledger.post(&hold, &with()).await.unwrap().unwrap();
        assert_eq!(posted.receipt().amount, Money::parse("-10").unwrap(), "{fault:?}");
        // The record's condition fails now, the account cannot pay, and still it is a replay.
        assert!(world.ledger.post(&hold, &with()).await.unwrap().unwrap().is_replay(), "{fault:?}");
    }
}
