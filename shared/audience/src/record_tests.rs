use super::*;
use crate::PageCount;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_000_000).plus_seconds(seconds)
}

fn placed() -> Purchase {
    let price = pricing::default_book().unwrap().at(at(0)).contacts(crate::sales::quantity(1_000));
    Purchase {
        placed: PlacedPurchase {
            organization_id: OrganizationId::parse("org_alder").unwrap(),
            purchase_id: PurchaseId::parse("pur_1").unwrap(),
            recipient_list_id: RecipientListId::parse("lst_1").unwrap(),
            audience_name: AudienceName::parse("Tampa").unwrap(),
            environment: Mode::Live,
            filters: Filters::default(),
            requested: 1_000,
            price,
            held: Money::parse("300.00").unwrap(),
            fingerprint: Fingerprint::of(&["x"]),
            actor: Actor::user("u"),
            placed_at: at(0),
            deadline: at(limits::DEADLINE_SECONDS),
        },
        state: PurchaseState::placed(),
        progress: Progress::default(),
        due_at: Some(at(60)),
    }
}

fn leased(purchase: &Purchase, now: i64, until: i64) -> Purchase {
    purchase.leased(at(now), at(until), 7)
}

fn paused_until(purchase: &Purchase) -> Option<Timestamp> {
    match purchase.state.turn {
        Turn::Paused { until } => Some(until),
        Turn::Free | Turn::Leased(_) => None,
    }
}

#[test]
fn a_lease_is_owned_until_it_runs_out_and_a_day_ends_everything() {
    let day = limits::DEADLINE_SECONDS;
    let begun = leased(&placed(), 10, 370);
    let paused = begun.paused(at(20), Progress::default(), 0);
    let ended = begun.ended(at(30), Money::ZERO, begun.placed.held, None);
    let table = [
        (placed(), 0, Readiness::Free),
        (placed(), day - 1, Readiness::Free),
        (placed(), day, Readiness::NeverBegun),
        (begun.clone(), 369, Readiness::Owned),
        (begun.clone(), 370, Readiness::Free),
        (begun.clone(), day, Readiness::Overdue),
        (paused.clone(), 49, Readiness::Paused),
        (paused.clone(), 50, Readiness::Free),
        (paused, day, Readiness::Overdue),
        (ended, day, Readiness::Ended),
        (leased(&placed(), day - 1, day + 300), day, Readiness::Owned),
    ];
    for (purchase, seconds, expected) in table {
        assert_eq!(purchase.readiness(at(seconds)), expected, "{:?} at {seconds}", purchase.status());
    }
}

#[test]
fn a_lease_that_was_left_behind_ends_the_scan_and_a_hand_over_does_not() {
    let mut first = leased(&placed(), 0, 360);
    first.progress.scroll = Some("s1".into());
    let crashed = leased(&first, 400, 760);
    assert_eq!((crashed.progress.scroll, crashed.state.leases), (None, 2));
    let handed = first.handed_over(at(200));
    assert_eq!((handed.state.turn, handed.due_at), (Turn::Free, Some(at(260))));
    let second = leased(&handed, 201, 660);
    assert_eq!(second.progress.scroll.as_deref(), Some("s1"));
    assert_eq!((second.state.begun_at, second.due_at), (Some(at(0)), Some(at(660))));
}

#[test]
fn pauses_grow_from_30_seconds_to_10_minutes_and_never_past_the_deadline() {
    let begun = leased(&placed(), 0, 360);
    let seconds = |pauses, asked| {
        let next = begun.paused(at(0), Progress { pauses, ..Progress::default() }, asked);
        assert_eq!(next.due_at, paused_until(&next));
        assert_eq!(next.progress.pauses, u32::saturating_add(pauses, 1));
        (paused_until(&next).unwrap().as_ms() - at(0).as_ms()) / 1000
    };
    let pauses: Vec<i64> = (0..7).map(|pauses| seconds(pauses, 0)).collect();
    assert_eq!(pauses, [30, 60, 120, 240, 480, 600, 600]);
    assert_eq!((seconds(u32::MAX, 0), seconds(0, 90), seconds(0, 3_600)), (600, 90, 3_600));
    // The vendor forgets a scan after a minute: two short pauses, then longer ones without it.
    let scanning = |pauses| {
        let progress = Progress { pauses, scroll: Some("scroll".to_owned()), ..Progress::default() };
        (paused_until(&begun.paused(at(0), progress, 0)).unwrap().as_ms() - at(0).as_ms()) / 1000
    };
    assert_eq!([scanning(0), scanning(1), scanning(2)], [20, 20, 120]);
    let late = begun.paused(at(limits::DEADLINE_SECONDS - 5), Progress::default(), 0);
    assert_eq!(late.due_at, Some(late.placed.deadline));
}

#[test]
fn the_end_is_named_by_what_is_stored() {
    for (stored, status) in
        [(0, PurchaseStatus::Failed), (999, PurchaseStatus::Partial), (1_000, PurchaseStatus::Completed)]
    {
        let progress = Progress { stored, ..Progress::default() };
        let begun = Purchase { progress, ..leased(&placed(), 1, 361) };
        let begun = begun.paused(at(2), begun.progress.clone(), 0);
        let (charged, released) = (Money::parse("200.00").unwrap(), Money::parse("100.00").unwrap());
        let ended = begun.ended(at(9), charged, released, None);
        assert_eq!((ended.status(), ended.due_at, ended.state.turn), (status, None, Turn::Free));
        let end = PurchaseEnd { at: at(9), status, charged, released, csv_key: None };
        assert_eq!(ended.state.end, Some(end));
    }
}

#[test]
fn the_manifest_names_the_lease_that_stored_each_page() {
    let pages = vec![PageCount { lease: 1, contacts: 400 }, PageCount { lease: 3, contacts: 12 }];
    let purchase = Purchase { progress: Progress { pages, ..Progress::default() }, ..placed() };
    let pages: Vec<(String, u32)> =
        purchase.manifest().into_iter().map(|page| (page.object_key, page.contacts)).collect();
    assert_eq!(
        pages,
        [
            ("contacts/org_alder/pur_1/page-00000-001.json".to_owned(), 400),
            ("contacts/org_alder/pur_1/page-00001-003.json".to_owned(), 12),
        ]
    );
}
