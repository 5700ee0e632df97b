use super::*;
use crate::FrozenReason;

fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

fn watch(levels: &[&str]) -> Result<Watch, WatchError> {
    Watch::new(levels.iter().map(|level| money(level)))
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T08:00:00Z").unwrap()
}

/// An account with these credits, at entry 7, that watches these levels.
fn account(available: &str, levels: &[&str]) -> Account {
    let mut account = Account::empty(OrganizationId::parse("org_a").unwrap());
    let lot = crate::Lot {
        seq: 1,
        last_seq: 1,
        kind: crate::LotKind::Purchase,
        source: "s".to_owned(),
        remaining: money(available),
        expires_at: None,
    };
    account.lots = if lot.remaining.is_zero() { Vec::new() } else { vec![lot] };
    account.seq = 7;
    account.watch = watch(levels).unwrap();
    account
}

#[test]
fn levels_are_sorted_and_equal_ones_are_one() {
    let watch = watch(&["50", "20", "50.00", "100"]).unwrap();
    assert_eq!(watch.levels(), [money("20"), money("50"), money("100")]);
    assert_eq!(watch.as_text(), "20.00 50.00 100.00");
    assert!(!watch.is_empty() && Watch::default().is_empty());
    assert_eq!(Watch::default().as_text(), "");
}

#[test]
fn four_levels_are_watched_and_not_five_and_none_at_zero_or_below() {
    assert_eq!(limits::WATCH_LEVELS_MAX, 4);
    assert!(watch(&["1", "2", "3", "4"]).is_ok());
    assert!(watch(&["1", "2", "3", "4", "4"]).is_ok());
    assert_eq!(watch(&["1", "2", "3", "4", "5"]), Err(WatchError::TooMany));
    assert!(watch(&["0.01"]).is_ok());
    assert_eq!(watch(&["0"]), Err(WatchError::NotPositive));
    assert_eq!(watch(&["10", "-1"]), Err(WatchError::NotPositive));
}

#[test]
fn a_watch_is_stored_as_one_text_and_read_back_the_same() {
    let before = watch(&["20", "1000000"]).unwrap();
    let stored = serde_json::to_value(&before).unwrap();
    assert_eq!(stored, "20.00 1000000.00");
    assert_eq!(serde_json::from_value::<Watch>(stored).unwrap(), before);
    assert_eq!(serde_json::from_value::<Watch>("".into()).unwrap(), Watch::default());
    for damaged in ["twenty", "20 twenty", "0", "-1", "1 2 3 4 5", "1.001"] {
        assert!(serde_json::from_value::<Watch>(damaged.into()).is_err(), "{damaged}");
    }
}

#[test]
fn an_account_stored_before_levels_were_watched_is_read_as_one_that_watches_none() {
    let mut stored = serde_json::to_value(account("10", &[])).unwrap();
    assert!(stored.get("watch").is_none(), "no level takes no room");
    let read: Account = serde_json::from_value(stored.clone()).unwrap();
    assert!(read.watch.is_empty());
    stored["watch"] = "5.00 7.50".into();
    let read: Account = serde_json::from_value(stored).unwrap();
    assert_eq!(read.watch, watch(&["7.5", "5"]).unwrap());
}

#[test]
fn setting_levels_notes_those_that_are_above_what_is_available() {
    let stands = account("30", &[]);
    let set = |levels: &[&str]| Crossing::of_setting(&stands, &watch(levels).unwrap(), now()).unwrap();
    assert_eq!(set(&["30"]), None, "30.00 is not below 30.00");
    assert_eq!(set(&["10", "20"]), None);
    assert_eq!(set(&[]), None);
    let note = set(&["10", "30.01", "50"]).unwrap();
    assert_eq!(note.fell_below, [money("30.01"), money("50")]);
    assert_eq!((note.seq, note.cause, note.available), (7, None, money("30")));
    assert_eq!((note.rose_to, note.at), (Vec::new(), now()));
}

#[test]
fn a_level_that_was_watched_already_is_not_noted_again_when_others_are_set() {
    let stands = account("30", &["50"]);
    let set = |levels: &[&str]| {
        let note = Crossing::of_setting(&stands, &watch(levels).unwrap(), now()).unwrap();
        note.map(|note| note.fell_below)
    };
    assert_eq!(set(&["50"]), None);
    assert_eq!(set(&["10", "50"]), None);
    assert_eq!(set(&["50", "60"]), Some(vec![money("60")]));
}

#[test]
fn a_deficit_is_below_every_level() {
    let mut stands = account("0", &[]);
    stands.deficit = money("5");
    stands.frozen.insert("dp_1".to_owned(), FrozenReason::Dispute);
    let note = Crossing::of_setting(&stands, &watch(&["0.01"]).unwrap(), now()).unwrap().unwrap();
    assert_eq!((note.fell_below, note.available), (vec![money("0.01")], money("-5")));
}
