//! What happens when nothing goes wrong.

use crate::world::{PDF, PrintWorld, person_id};
use printing::{NewArtwork, Started};
use recipients::Mode;
use terms::{Month, PieceId};

#[tokio::test]
async fn sixty_postcards_are_held_printed_once_and_charged() {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.campaign(60).await;
    let Started::New(job) = shop.order(&campaign, Mode::Live, "k").await.unwrap() else { panic!() };
    assert_eq!((job.placed.held.to_string().as_str(), job.placed.pieces), ("60.00", 60));
    assert_eq!(shop.progress(&campaign).await.0, "queued 0 0 0 0");
    assert_eq!(shop.world.available(&shop.org).await, "40.00");
    shop.plan().await;
    assert_eq!(shop.progress(&campaign).await.0, "printing 0 0 0 0");
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await, ("completed 60 0 0 0".into(), "60.00 60.00 0.00".into()));
    assert_eq!(shop.printed(), (60, 60, 1));
    assert_eq!(shop.world.available(&shop.org).await, "40.00");
    let month = shop.world.ledger.month(Month::of(shop.world.clock.now())).await.unwrap();
    let totals = month[0].postgrid;
    let sums = format!("{} {} {} {}", totals.orders, totals.quantity, totals.cost, totals.charge);
    assert_eq!(sums, "1 60 51.00 60.00");
    assert!(
        shop.world.work.due(shop.world.clock.now().plus_seconds(1_000_000), 10).await.unwrap().is_empty()
    );
}

#[tokio::test]
async fn ten_postcards_in_test_mode_hold_and_cost_nothing() {
    let shop = PrintWorld::with_credits("1.00").await;
    let campaign = shop.campaign(10).await;
    shop.order(&campaign, Mode::Test, "k").await.unwrap();
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await, ("completed 10 0 0 0".into(), "0.00 0.00 0.00".into()));
    assert_eq!(shop.printed().0, 0);
    let counters = shop.sandbox.world().postgrid.counters(false);
    assert_eq!((&counters["cardsCreated"], &counters["cardsPerPieceMax"]), (&10.into(), &1.into()));
    assert_eq!(shop.world.available(&shop.org).await, "1.00");
    let month = shop.world.ledger.month(Month::of(shop.world.clock.now())).await.unwrap();
    assert_eq!(month[0].postgrid.orders, 0);
    // A test run does not stand in the way of the real one.
    assert!(shop.order(&campaign, Mode::Live, "k2").await.is_err_and(|refusal| {
        matches!(refusal, printing::PrintRefusal::Credits(holds::HoldRefusal::InsufficientCredits { .. }))
    }));
}

#[tokio::test]
async fn one_lease_one_result_and_two_account_writes_serve_a_batch_of_25() {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.campaign(50).await;
    let faults = shop.world.dynamo.faults();
    let before = (faults.calls("TransactWriteItems"), faults.calls("PutItem"));
    shop.order(&campaign, Mode::Live, "k").await.unwrap();
    shop.drain().await;
    let transactions = faults.calls("TransactWriteItems") - before.0;
    let puts = faults.calls("PutItem") - before.1;
    // Hold, settle, and a result for each of two batches; each batch and its lease, and the planner's three marks.
    assert_eq!((transactions, puts), (4, 7));
    let items = shop.world.dynamo.dump("work");
    let batches = items.iter().filter(|item| item["kind"]["S"] == "print-batch");
    assert!(batches.map(|item| item.to_string().len()).max().unwrap() < 4_096);
}

#[tokio::test]
async fn each_recipient_gets_the_card_of_their_own_artwork() {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.bare_campaign(3, NewArtwork::PdfPerRecipient).await;
    for number in 0..3 {
        shop.upload(&campaign, &format!("{}.pdf", person_id(number)), PDF).await;
    }
    shop.order(&campaign, Mode::Live, "k").await.unwrap();
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await.0, "completed 3 0 0 0");
    let piece = PieceId::derive(&[campaign.as_str(), &person_id(2)]);
    let cards = shop.sandbox.world().postgrid.cards(0, Some(piece.as_str()));
    assert_eq!(cards["count"], 1);
}

#[tokio::test]
async fn what_the_vendor_refuses_is_not_charged() {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.bare_campaign(3, NewArtwork::PdfPerRecipient).await;
    for (number, bytes) in (0..3).zip([PDF, b"<svg/>".as_slice(), PDF]) {
        shop.upload(&campaign, &format!("{}.pdf", person_id(number)), bytes).await;
    }
    shop.order(&campaign, Mode::Live, "k").await.unwrap();
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await, ("partial 2 1 0 0".into(), "3.00 2.00 1.00".into()));
    assert_eq!(shop.world.available(&shop.org).await, "98.00");
}
