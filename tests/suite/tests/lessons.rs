//! Defects that other credit systems paid for, each under the name that lessons.md gives it: money in, and
//! what the ledger promises of every answer. Rows about work in progress stand with contacts and printing.

use ledger::{
    CauseKind, Command, Companions, EntryKind, GrantKind, GrantRef, Ledger, LotKind, Movement, Part, Posted,
    Receipt, Refusal, TakeKind,
};
use money::Money;
use serde_json::{Value, json};
use suite::gateway::{Call, read};
use suite::movements::{grant, hold, money, movement, positive};
use suite::stage::Stage;
use support::{Fault, World, assert_members};
use terms::OrganizationId;

fn refund(organization: &OrganizationId, id: &str, amount: &str, grant_seq: u64) -> Movement {
    let grant = GrantRef { seq: grant_seq, kind: GrantKind::Purchase };
    let command = Command::Take { kind: TakeKind::Refund, amount: positive(amount), grant };
    movement(organization, (CauseKind::Refund, id), command)
}

async fn done(world: &World, movement: &Movement) -> Receipt {
    match world.post(movement).await.unwrap().unwrap() {
        Posted::Receipt(receipt) => receipt,
        Posted::Replay(receipt) => panic!("already on the books: {receipt:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_delivered_a_thousand_times_credits_once() {
    let stage = Stage::new().await;
    let session = stage.order("org_a", "250").await;
    stage.pay(&session, false).await;
    let event = stage.completed().await;
    for _ in 0..40 {
        let wave = (0..25).map(|_| stage.deliver(&event));
        let answers = futures::future::join_all(wave).await;
        assert!(answers.iter().all(|answer| answer.status() == 200));
    }
    let credits = stage.credits("org_a").await;
    assert_members!(credits, {"available": "250.00", "totalCreditsPurchased": "250.00"});
    let statement = stage.world.ledger.statement(&stage.world.organization("org_a")).await.unwrap();
    assert_eq!(statement.len(), 1, "one entry for a thousand deliveries");
}

/// A session at Stripe that also writes an invoice, as an endpoint configured otherwise would make it.
async fn paid_invoice_of_a_checkout(stage: &Stage, customer: &str) -> Value {
    let form = [
        ("mode", "payment"),
        ("customer", customer),
        ("invoice_creation[enabled]", "true"),
        ("line_items[0][quantity]", "1"),
        ("line_items[0][price_data][currency]", "usd"),
        ("line_items[0][price_data][unit_amount]", "25000"),
        ("line_items[0][price_data][product_data][name]", "Credits"),
        ("success_url", "https://app.example/settings"),
    ];
    let session = stage.stripe_api("checkout/sessions", &form).await;
    stage.pay(session["id"].as_str().unwrap(), false).await;
    stage.events_of("invoice.paid").await.pop().expect("Checkout wrote an invoice")
}

#[tokio::test]
async fn a_checkout_with_an_invoice_credits_once() {
    for invoice_first in [true, false] {
        let stage = Stage::new().await;
        let session = stage.order("org_a", "250").await;
        stage.pay(&session, false).await;
        let completed = stage.completed().await;
        let bought = &completed["data"]["object"];
        let mut invoice = paid_invoice_of_a_checkout(&stage, bought["customer"].as_str().unwrap()).await;
        assert_members!(invoice, {"data": {"object": {"billing_reason": "manual", "amount_paid": 25_000}}});
        invoice["data"]["object"]["metadata"] = bought["metadata"].clone();
        let mut order = [&completed, &invoice];
        if invoice_first {
            order.reverse();
        }
        for event in order.into_iter().cycle().take(4) {
            assert_eq!(stage.deliver(event).await.status(), 200);
        }
        assert_eq!(stage.available("org_a").await, "250.00", "invoice first: {invoice_first}");
        let stored = stage.world.dynamo.dump("work");
        assert!(stored.iter().all(|item| item["kind"]["S"] != "quarantine"), "it is nobody's trouble");
    }
}

#[tokio::test]
async fn a_bonus_is_a_lot_of_its_own_and_never_doubles_the_purchase() {
    let world = World::new();
    let org = world.organization("org_a");
    let purchase = grant(&org, (CauseKind::CheckoutSession, "cs_1"), GrantKind::Purchase, "100");
    let bonus = grant(&org, (CauseKind::Adjustment, "bonus-cs_1"), GrantKind::Promotional, "20");
    for _ in 0..3 {
        for movement in [&purchase, &bonus] {
            world.post(movement).await.unwrap().unwrap();
        }
    }
    let account = world.ledger.account(&org).await.unwrap();
    let lots: Vec<(LotKind, String)> =
        account.lots.iter().map(|lot| (lot.kind, lot.remaining.to_string())).collect();
    assert_eq!(lots, [(LotKind::Purchase, "100.00".into()), (LotKind::Promotional, "20.00".into())]);
    assert_eq!((account.totals.purchased, account.totals.granted), (money("100"), money("20")));
    // The purchase's refund takes what was paid for, and not the bonus as well.
    done(&world, &refund(&org, "re_1", "100", 1)).await;
    let account = world.ledger.account(&org).await.unwrap();
    assert_eq!((account.lots.len(), account.lots[0].kind), (1, LotKind::Promotional));
    assert_eq!(world.available(&org).await, "20.00");
}

#[tokio::test]
async fn two_partial_refunds_take_back_exactly_their_sum() {
    let world = World::new();
    let org = world.organization("org_a");
    let bought = grant(&org, (CauseKind::CheckoutSession, "cs_1"), GrantKind::Purchase, "100");
    let grant_seq = done(&world, &bought).await.seq;
    let refunds = [refund(&org, "re_1", "30.01", grant_seq), refund(&org, "re_2", "19.99", grant_seq)];
    for movement in refunds.iter().cycle().take(8) {
        world.post(movement).await.unwrap().unwrap();
    }
    assert_eq!(world.available(&org).await, "50.00");
    let statement = world.ledger.statement(&org).await.unwrap();
    let taken: Vec<String> = statement
        .iter()
        .filter(|entry| entry.kind == EntryKind::Refund)
        .map(|entry| entry.amount.to_string())
        .collect();
    assert_eq!(taken, ["-30.01", "-19.99"], "each refund takes its own amount, once");
    // An event that the first refund is now larger, as a running total would say, takes nothing under its name.
    let grown = world.post(&refund(&org, "re_1", "50", grant_seq)).await.unwrap();
    assert_eq!(grown, Err(Refusal::CauseReused));
    assert_eq!(world.available(&org).await, "50.00");
}

/// Orders under a key of the amount: in another world the same order, with the same session at Stripe.
async fn keyed_order(stage: &Stage, amount: &str) -> String {
    let call = Call::new("POST", "/api/stripe/purchase-credits").by("org_a", "owner");
    let call = call.header("idempotency-key", amount).body(format!("{{\"amount\":{amount}}}"));
    let (status, body) = read(&stage.purchase(call).await);
    assert_eq!(status, 200, "{body}");
    body["sessionId"].as_str().expect("a session").to_owned()
}

/// Two purchases of one owner, the older one refunded in parts: the refunds' events come before the purchase's, after
/// it, and between. A balance that was clamped at zero would forget what it took too early.
#[tokio::test]
async fn refund_before_purchase_event_ends_in_the_same_balance() {
    let stage = Stage::new().await;
    for amount in ["100", "50"] {
        let session = keyed_order(&stage, amount).await;
        stage.pay(&session, false).await;
    }
    let purchases = stage.events_of("checkout.session.completed").await;
    let payment = purchases[0]["data"]["object"]["payment_intent"].as_str().unwrap().to_owned();
    for cents in [3_001, 1_999] {
        stage.refund(&payment, cents).await;
    }
    let refunds = stage.events_of("refund.created").await;
    assert_eq!((purchases.len(), refunds.len()), (2, 2));
    let orders: [[&Value; 4]; 4] = [
        [&purchases[0], &purchases[1], &refunds[0], &refunds[1]],
        [&refunds[0], &refunds[1], &purchases[0], &purchases[1]],
        [&refunds[1], &purchases[1], &refunds[0], &purchases[0]],
        [&purchases[1], &refunds[1], &purchases[0], &refunds[0]],
    ];
    for order in orders {
        let again = stage.again().await;
        for amount in ["100", "50"] {
            keyed_order(&again, amount).await;
        }
        for event in order {
            assert_eq!(again.deliver(event).await.status(), 200);
        }
        let types: Vec<&Value> = order.iter().map(|event| &event["type"]).collect();
        let credits = again.credits("org_a").await;
        assert_members!(credits, {"available": "100.00", "totalCreditsPurchased": "150.00"}, "{types:?}");
        assert_eq!(again.at_stripe("refunds").await.len(), 2, "nothing is asked of Stripe again");
    }
}

#[tokio::test]
async fn a_failed_refund_gives_back_only_what_it_took() {
    let world = World::new();
    let org = world.organization("org_a");
    let bought = grant(&org, (CauseKind::CheckoutSession, "cs_1"), GrantKind::Purchase, "100");
    let grant_seq = done(&world, &bought).await.seq;
    done(&world, &hold(&org, "h1", "80")).await;
    let reversal = done(&world, &refund(&org, "re_1", "60", grant_seq)).await;
    let account = world.ledger.account(&org).await.unwrap();
    assert_eq!((account.available().unwrap(), account.deficit), (money("-40"), money("40")));
    let part = |amount| Part {
        lot: grant_seq,
        kind: LotKind::Purchase,
        source: "cs_1".to_owned(),
        amount: money(amount),
        expires_at: None,
    };
    let command = Command::GiveBack {
        kind: TakeKind::Refund,
        parts: vec![part("20"), part("40")],
        taking_seq: reversal.seq,
    };
    let undone = movement(&org, (CauseKind::RefundUndone, "re_1"), command);
    for _ in 0..3 {
        world.post(&undone).await.unwrap().unwrap();
    }
    let account = world.ledger.account(&org).await.unwrap();
    assert_eq!((account.available().unwrap(), account.held), (money("20"), money("80")));
    assert!(account.deficit.is_zero());
}

/// Everything that may come between a movement and its answer.
const TROUBLE: [Option<Fault>; 6] = [
    None,
    Some(Fault::FailsBefore),
    Some(Fault::FailsAfter),
    Some(Fault::ServerErrorAfter),
    Some(Fault::Conflict),
    Some(Fault::Throttled),
];

#[tokio::test]
async fn what_was_answered_is_what_is_stored() {
    let world = World::new();
    let org = world.organization("org_a");
    let faults = world.dynamo.faults();
    let mut expected = Money::ZERO;
    for (number, trouble) in TROUBLE.iter().cycle().take(60).enumerate() {
        let (id, amount) = (format!("cs_{number}"), format!("{}.{:02}", number + 1, number));
        let movement = grant(&org, (CauseKind::CheckoutSession, &id), GrantKind::Purchase, &amount);
        let with = Companions { answer: Some(json!({"number": number})), ..Companions::default() };
        if let Some(fault) = trouble {
            faults.next("TransactWriteItems", *fault);
        }
        let silent = number % 10 == 2;
        if silent {
            // After the read of the account, nobody can tell what became of the write.
            for _ in 0..3 {
                faults.after("GetItem", 1, Fault::FailsBefore);
            }
        }
        let answer = world.ledger.post(&movement, &with).await;
        faults.clear();
        assert_eq!(answer.is_err(), silent && trouble.is_some(), "{number} {trouble:?}: {answer:?}");
        // Another process: nothing of the first one is in memory.
        let restarted = Ledger::new(world.dynamo.client(), "ledger", "work", world.clock.clock());
        let receipt = match answer {
            Ok(posted) => posted.unwrap().receipt().clone(),
            Err(_) => restarted.post(&movement, &with).await.unwrap().unwrap().receipt().clone(),
        };
        expected = expected.plus(money(&amount)).unwrap();
        let account = restarted.account(&org).await.unwrap();
        assert_eq!((account.seq, account.available().unwrap()), (receipt.seq, receipt.available_after));
        assert_eq!(account.available().unwrap(), expected, "{number} {trouble:?}");
        let recorded = restarted.find(&movement.cause).await.unwrap().expect("it was answered as done");
        assert_eq!(recorded.receipt, receipt, "{number} {trouble:?}");
        assert_eq!(receipt.answer, Some(json!({"number": number})));
    }
}
