//! What a hostile reader tried: the same instant twice, a vendor that asks for a year, outcomes that a
//! failing write threatens, other organizations' ids.

use crate::world::{PDF, PrintWorld, begun, ordered, person_id};
use platform::Deadline;
use printing::{
    Batch, Campaign, CampaignName, CreateRefusal, NewArtwork, NewCampaign, PostcardSize, PrintJob,
    PrintOrder, PrintRefusal, PrintingError, artwork_prefix, batch_key, campaign_key, job_key,
};
use recipients::Mode;
use serde_json::json;
use std::time::Duration;
use support::Fault;
use terms::{Actor, CampaignId, Fingerprint, IdempotencyKey, PrintJobId};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;

async fn job_id(shop: &PrintWorld, campaign: &CampaignId) -> PrintJobId {
    shop.status(campaign).await.print_job_id
}

async fn job(shop: &PrintWorld, campaign: &CampaignId) -> PrintJob {
    let id = job_id(shop, campaign).await;
    shop.world.work.get::<PrintJob>(&job_key(&shop.org, &id)).await.unwrap().unwrap().record
}

#[tokio::test]
async fn of_planners_at_the_same_instant_one_writes_the_batches() {
    let (shop, _) = ordered(50).await;
    let message = serde_json::from_value(shop.world.queues.take("plan").remove(0)).unwrap();
    // The first one's claim is throttled and sent again; in between the second one reads and claims.
    shop.world.dynamo.faults().next("PutItem", Fault::Throttled);
    let (first, second) = tokio::join!(shop.printing.plan(&message), shop.printing.plan(&message));
    first.and(second).unwrap();
    assert_eq!(shop.messages().len(), 2);
}

#[tokio::test]
async fn a_vendor_that_asks_to_be_left_alone_for_a_year_holds_no_job_open() {
    let (shop, campaign) = begun(10).await;
    let year = 365 * 24 * HOUR;
    shop.fault(json!({"next": 1_000_000, "kind": "status", "status": 429, "retryAfter": year}));
    shop.drain().await;
    for _ in 0..75 {
        shop.later(HOUR).await;
    }
    assert_eq!(shop.progress(&campaign).await, ("failed 0 0 10 0".into(), "10.00 0.00 10.00".into()));
}

#[tokio::test]
async fn a_vendor_that_works_between_its_limits_is_left_alone_no_longer_each_time() {
    let (shop, campaign) = begun(60).await;
    let limit =
        || shop.fault(json!({"next": 1, "skip": 8, "kind": "status", "status": 429, "method": "POST"}));
    limit();
    shop.drain().await;
    for _ in 0..5 {
        shop.no_faults();
        limit();
        shop.later(61).await;
    }
    shop.no_faults();
    shop.later(61).await;
    assert_eq!(shop.progress(&campaign).await, ("completed 60 0 0 0".into(), "60.00 60.00 0.00".into()));
    assert_eq!(shop.printed().0, 60);
}

#[tokio::test]
async fn outcomes_are_stored_before_anything_is_noted_on_the_job() {
    let (shop, campaign) = begun(10).await;
    let message = shop.messages().remove(0);
    shop.fault(json!({"next": 1, "kind": "status", "status": 401}));
    shop.work(&message).await.unwrap();
    assert_eq!(shop.progress(&campaign).await.0.split(' ').next(), Some("paused"));
    shop.no_faults();
    shop.world.clock.advance_seconds(61);
    // The lease is the first of the worker's single writes; whatever single write follows fails.
    for skipped in 1..12 {
        shop.world.dynamo.faults().after("PutItem", skipped, Fault::FailsBefore);
    }
    let _ = shop.work(&message).await;
    shop.world.dynamo.faults().clear();
    assert_eq!(shop.status(&campaign).await.accepted, 10, "outcomes were lost with a note");
    shop.later(2 * HOUR).await;
    assert_eq!(shop.progress(&campaign).await, ("completed 10 0 0 0".into(), "10.00 10.00 0.00".into()));
    assert_eq!(shop.printed(), (10, 10, 1));
}

#[tokio::test]
async fn a_crash_at_every_call_of_the_table_prints_each_piece_once_and_charges_what_was_accepted() {
    for (operation, calls) in [("PutItem", 6), ("TransactWriteItems", 5), ("GetItem", 9)] {
        for skipped in 0..calls {
            for fault in [Fault::FailsBefore, Fault::FailsAfter] {
                if operation == "GetItem" && fault == Fault::FailsAfter {
                    continue;
                }
                let (shop, campaign) = ordered(30).await;
                // More failures in a row than the SDK's own attempts.
                for further in 0..4 {
                    shop.world.dynamo.faults().after(operation, skipped + further, fault);
                }
                for message in shop.world.queues.take("plan") {
                    let _ = shop.printing.plan(&serde_json::from_value(message).unwrap()).await;
                }
                for message in shop.messages() {
                    let _ = shop.work(&message).await;
                }
                shop.world.dynamo.faults().clear();
                for _ in 0..6 {
                    shop.later(HOUR).await;
                }
                let progress = shop.progress(&campaign).await;
                let expected = ("completed 30 0 0 0".to_owned(), "30.00 30.00 0.00".to_owned());
                assert_eq!(progress, expected, "{operation} {skipped} {fault:?}");
                assert_eq!((shop.printed().0, shop.printed().2), (30, 1), "{operation} {skipped} {fault:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_worker_whose_lease_ran_out_stores_nothing_over_its_successor() {
    let (shop, campaign) = begun(10).await;
    let message = &shop.messages()[0];
    shop.fault(json!({"next": 4, "kind": "delay", "delayMs": 700}));
    let slow = shop.work(message);
    let successor = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        shop.world.clock.advance_seconds(361);
        shop.work(message).await
    };
    let (slow, successor) = tokio::join!(slow, successor);
    slow.and(successor).unwrap();
    assert_eq!(shop.status(&campaign).await.accepted, 0, "the successor counts every piece as in doubt");
    for _ in 0..3 {
        shop.later(16 * MINUTE).await;
    }
    assert_eq!(shop.progress(&campaign).await, ("completed 10 0 0 0".into(), "10.00 10.00 0.00".into()));
    assert_eq!((shop.printed().0, shop.printed().2), (10, 1));
}

#[tokio::test]
async fn messages_that_come_after_the_end_move_nothing() {
    let (shop, campaign) = ordered(30).await;
    let plan = serde_json::from_value(shop.world.queues.take("plan").remove(0)).unwrap();
    shop.printing.plan(&plan).await.unwrap();
    let messages = shop.messages();
    for message in &messages {
        shop.work(message).await.unwrap();
    }
    let before = shop.world.dynamo.dump("work");
    let calls = shop.printed().1;
    for message in &messages {
        shop.work(message).await.unwrap();
        shop.printing.bury(message).await.unwrap();
    }
    shop.printing.plan(&plan).await.unwrap();
    shop.world.clock.advance_seconds(100 * HOUR);
    for number in 0..2 {
        shop.printing.sweep_batch(&batch_key(&job_id(&shop, &campaign).await, number)).await.unwrap();
    }
    shop.printing.sweep_job(&job_key(&shop.org, &job_id(&shop, &campaign).await)).await.unwrap();
    assert_eq!(serde_json::Value::from(shop.world.dynamo.dump("work")), serde_json::Value::from(before));
    assert_eq!(shop.printed().1, calls);
    assert!(shop.messages().is_empty());
}

#[tokio::test]
async fn a_batch_whose_recipients_cannot_be_read_ends_and_its_hold_with_it() {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.bare_campaign(2, NewArtwork::PdfPerRecipient).await;
    for number in 0..2 {
        shop.upload(&campaign, &format!("{}.pdf", person_id(number)), PDF).await;
    }
    shop.order(&campaign, Mode::Live, "k").await.unwrap();
    shop.plan().await;
    let message = shop.messages().remove(0);
    // A recipient's page is gone: every delivery fails, until the queue gives the batch up.
    let page = format!("contacts/{}/pur_1/page-00000.json", shop.org);
    shop.objects.put(&page, &b"[]"[..], "application/json").await.unwrap();
    for _ in 0..5 {
        assert!(shop.work(&message).await.is_err());
    }
    assert_eq!(shop.printed().1, 0);
    shop.printing.bury(&message).await.unwrap();
    assert_eq!(shop.progress(&campaign).await, ("failed 0 0 2 0".into(), "2.00 0.00 2.00".into()));
}

#[tokio::test]
async fn a_planner_and_the_sweeper_at_once_end_or_begin_a_job_once() {
    let (shop, campaign) = ordered(30).await;
    let plan = serde_json::from_value(shop.world.queues.take("plan").remove(0)).unwrap();
    let key = job_key(&shop.org, &job_id(&shop, &campaign).await);
    shop.world.clock.advance_seconds(72 * HOUR);
    let (planned, swept) = tokio::join!(shop.printing.plan(&plan), shop.printing.sweep_job(&key));
    planned.and(swept).unwrap();
    shop.drain().await;
    for _ in 0..3 {
        shop.later(HOUR).await;
    }
    let job = job(&shop, &campaign).await;
    assert!(job.is_ended() && job.due_at.is_none());
    assert_eq!(
        job.state.end.unwrap().charged.to_string(),
        format!("{}.00", shop.printed().0),
        "charged is what was printed"
    );
}

#[tokio::test]
async fn the_job_of_another_organization_is_neither_printed_nor_seen_nor_mailed_to() {
    let shop = PrintWorld::with_credits("100.00").await;
    let campaign = shop.campaign(5).await;
    let stranger = shop.world.organization("org_b");
    shop.world.buy(&stranger, "100.00").await;
    let list = shop.world.work.get::<Campaign>(&campaign_key(&shop.org, &campaign)).await.unwrap().unwrap();
    let wanted = NewCampaign {
        name: CampaignName::parse("Theirs").unwrap(),
        recipient_list: list.record.recipient_list_id,
        pieces_max: None,
        size: PostcardSize::Six4,
        artwork: NewArtwork::Pdf,
        key: None,
        fingerprint: Fingerprint::of(&["theirs"]),
    };
    let made = shop.printing.create(&stranger, &wanted).await;
    assert!(matches!(made, Err(PrintingError::Refused(CreateRefusal::RecipientListMissing))));
    let order = PrintOrder {
        campaign: campaign.clone(),
        environment: Mode::Live,
        key: IdempotencyKey::parse("k").unwrap(),
        fingerprint: Fingerprint::of(&["theirs"]),
        actor: Actor::user("u2"),
    };
    let printed = shop.printing.print(&stranger, &order).await;
    assert!(matches!(printed, Err(PrintingError::Refused(PrintRefusal::CampaignMissing))));
    assert!(shop.printing.status(&stranger, &campaign, None).await.unwrap().is_none());
    assert!(!artwork_prefix(&stranger, &campaign).starts_with(&artwork_prefix(&shop.org, &campaign)));
    assert_eq!(shop.world.available(&stranger).await, "100.00");
}

#[tokio::test]
async fn a_worker_without_time_takes_no_lease_and_loses_no_message() {
    let (shop, campaign) = begun(10).await;
    let message = shop.messages().remove(0);
    shop.printing.work(&shop.vendors, &message, Deadline::after(Duration::from_secs(29))).await.unwrap();
    let key = batch_key(&job_id(&shop, &campaign).await, 0);
    let batch = shop.world.work.get::<Batch>(&key).await.unwrap().unwrap().record;
    assert_eq!((batch.attempt, batch.lease), (0, None));
    shop.drain().await;
    assert_eq!(shop.progress(&campaign).await.0, "completed 10 0 0 0");
}

#[tokio::test]
async fn a_second_copy_of_a_dead_letter_waits_for_the_look_ups_too() {
    let (shop, campaign) = begun(10).await;
    let message = &shop.messages()[0];
    shop.fault(json!({"next": 4, "kind": "delay", "delayMs": 60_000}));
    let died = tokio::time::timeout(Duration::from_millis(400), shop.work(message)).await;
    assert!(died.is_err());
    shop.world.clock.advance_seconds(HOUR);
    for _ in 0..3 {
        shop.printing.bury(message).await.unwrap();
    }
    shop.later(MINUTE).await;
    assert_eq!(shop.progress(&campaign).await, ("partial 4 0 0 6".into(), "10.00 4.00 6.00".into()));
    assert_eq!(shop.printed(), (4, 4, 1));
}
