use super::*;
use crate::PageCount;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_000_000).plus_seconds(seconds)
}

fn placed() -> Purchase {
    let price = pricing::default_book().unwrap().at(at(0)).contacts(crate::sales::quantity(1_000));
    Purchase {
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
        status: PurchaseStatus::Queued,
        placed_at: at(0),
        deadline: at(limits::DEADLINE_SECONDS),
        begun_at: None,
        lease: None,
        leases: 0,
        paused_until: None,
        progress: Progress::default(),
        due_at: Some(at(60)),
        finished_at: None,
        charged: Money::ZERO,
        released: Money::ZERO,
        csv_key: None,
    }
}

#[test]
fn a_lease_is_owned_until_it_runs_out_and_a_day_ends_everything() {
    let day = limits::DEADLINE_SECONDS;
    let leased = placed().leased(at(10), at(370));
    let paused = leased.paused(at(20), Progress::default(), 0);
    let ended = leased.ended(at(30), Money::ZERO, leased.held);
    let table = [
        (placed(), 0, Standing::Free),
        (placed(), day - 1, Standing::Free),
        (placed(), day, Standing::NeverBegun),
        (leased.clone(), 369, Standing::Owned),
        (leased.clone(), 370, Standing::Free),
        (leased.clone(), day, Standing::Overdue),
        (paused.clone(), 49, Standing::Paused),
        (paused.clone(), 50, Standing::Free),
        (paused, day, Standing::Overdue),
        (ended, day, Standing::Ended),
        (placed().leased(at(day - 1), at(day + 300)), day, Standing::Owned),
    ];
    for (purchase, seconds, expected) in table {
        assert_eq!(purchase.standing(at(seconds)), expected, "{:?} at {seconds}", purchase.status);
    }
}

#[test]
fn a_lease_that_was_left_behind_ends_the_scan_and_a_hand_over_does_not() {
    let mut first = placed().leased(at(0), at(360));
    first.progress.scroll = Some("s1".into());
    let crashed = first.leased(at(400), at(760));
    assert_eq!((crashed.progress.scroll, crashed.leases), (None, 2));
    let handed = first.handed_over(at(200));
    assert_eq!((handed.lease, handed.due_at), (None, Some(at(260))));
    let second = handed.leased(at(201), at(660));
    assert_eq!(second.progress.scroll.as_deref(), Some("s1"));
    assert_eq!((second.begun_at, second.due_at), (Some(at(0)), Some(at(660))));
}

#[test]
fn pauses_grow_from_30_seconds_to_10_minutes_and_never_past_the_deadline() {
    let begun = placed().leased(at(0), at(360));
    let seconds = |pauses, asked| {
        let next = begun.paused(at(0), Progress { pauses, ..Progress::default() }, asked);
        assert_eq!((next.due_at, next.lease), (next.paused_until, None));
        assert_eq!(next.progress.pauses, u32::saturating_add(pauses, 1));
        (next.paused_until.unwrap().as_ms() - at(0).as_ms()) / 1000
    };
    let pauses: Vec<i64> = (0..7).map(|pauses| seconds(pauses, 0)).collect();
    assert_eq!(pauses, [30, 60, 120, 240, 480, 600, 600]);
    assert_eq!((seconds(u32::MAX, 0), seconds(0, 90), seconds(0, 3_600)), (600, 90, 3_600));
    // The vendor forgets a scan after a minute: two short pauses, then longer ones without it.
    let scanning = |pauses| {
        let progress = Progress { pauses, scroll: Some("scroll".to_owned()), ..Progress::default() };
        (begun.paused(at(0), progress, 0).paused_until.unwrap().as_ms() - at(0).as_ms()) / 1000
    };
    assert_eq!([scanning(0), scanning(1), scanning(2)], [20, 20, 120]);
    let late = begun.paused(at(limits::DEADLINE_SECONDS - 5), Progress::default(), 0);
    assert_eq!(late.due_at, Some(late.deadline));
}

#[test]
fn the_end_is_named_by_what_is_stored() {
    for (stored, status) in
        [(0, PurchaseStatus::Failed), (999, PurchaseStatus::Partial), (1_000, PurchaseStatus::Completed)]
    {
        let progress = Progress { stored, ..Progress::default() };
        let begun = Purchase { progress, ..placed().leased(at(1), at(361)) };
        let begun = Purchase { paused_until: Some(at(30)), ..begun };
        let (charged, released) = (Money::parse("200.00").unwrap(), Money::parse("100.00").unwrap());
        let ended = begun.ended(at(9), charged, released);
        assert_eq!((ended.status, ended.due_at, ended.finished_at), (status, None, Some(at(9))));
        assert_eq!((ended.lease, ended.paused_until), (None, None));
        assert_eq!((ended.charged, ended.released), (charged, released));
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
