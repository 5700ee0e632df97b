//! What a statement's reader computes for himself: the canonical form, the hash, and the month of an entry.

use ledger::{Cause, CauseKind, Command, Entry, EntryKind, GrantKind, Hash, LotKind, Movement, Part};
use money::{Money, PositiveMoney};
use support::{TestClock, World};
use terms::{Actor, Fingerprint, Month, OrganizationId, Timestamp};

fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// Written by hand from SPECIFICATION.md.
const CANONICAL: &str = r#"{"actor":"user:u1","amount":"-299.95","balanceAfter":"0.05","balanceBefore":"300.00","description":"857 contacts: \"Neighbours\"","heldAfter":"299.95","heldBefore":"0.00","lots":[{"amount":"-299.95","expiresAt":null,"kind":"purchase","lot":"L1","source":"ord_1"}],"occurredAt":"2026-11-30T23:50:00.000Z","organizationId":"org_a","recordedAt":"2026-12-01T00:05:00.000Z","referenceId":"pur_1","referenceType":"contacts-hold","reverses":null,"seq":2,"transactionType":"hold"}"#;

/// SHA-256 of 32 bytes of 7 and the text above, by another program.
const HASH: &str = "1d411bb706a694e09fc7c73ba23f431a83f4b7adcc8c15db102ea8b874012885";

#[test]
fn an_entrys_canonical_form_and_hash_are_those_of_the_specification() {
    let entry = Entry {
        organization: OrganizationId::parse("org_a").unwrap(),
        seq: 2,
        kind: EntryKind::Hold,
        amount: money("-299.95"),
        available_before: money("300"),
        available_after: money("0.05"),
        held_before: Money::ZERO,
        held_after: money("299.95"),
        cause: Cause::new(CauseKind::ContactsHold, "pur_1"),
        actor: Actor::user("u1"),
        description: "857 contacts: \"Neighbours\"".to_owned(),
        occurred_at: at("2026-11-30T23:50:00Z"),
        recorded_at: at("2026-12-01T00:05:00Z"),
        lots: vec![Part {
            lot: 1,
            kind: LotKind::Purchase,
            source: "ord_1".to_owned(),
            amount: money("-299.95"),
            expires_at: None,
        }],
        reverses: None,
        previous_hash: Hash([7; 32]),
        hash: Hash::ZERO,
    };
    assert_eq!(entry.canonical(), CANONICAL);
    assert_eq!(entry.computed_hash().to_string(), HASH);
}

#[tokio::test]
async fn a_movement_belongs_to_the_month_in_which_it_is_recorded() {
    let world = World::at(TestClock::at("2026-12-01T00:05:00Z"));
    let org = world.organization("org_a");
    let late = Movement {
        organization: org.clone(),
        cause: Cause::new(CauseKind::CheckoutSession, "cs_1"),
        fingerprint: Fingerprint::of(&["cs_1"]),
        actor: Actor::stripe(),
        occurred_at: Some(at("2026-11-30T23:50:00Z")),
        description: "Bought 50 credits".to_owned(),
        command: Command::Grant {
            kind: GrantKind::Purchase,
            amount: PositiveMoney::new(money("50")).unwrap(),
            source: "ord_1".to_owned(),
            expires_at: None,
        },
    };
    world.post(&late).await.unwrap().unwrap();
    let bought = async |month: &str| {
        let rows = world.ledger.month(Month::parse(month).unwrap()).await.unwrap();
        rows.iter().map(|row| row.bought.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(bought("2026-11").await, Vec::<String>::new(), "a month that is over does not change");
    assert_eq!(bought("2026-12").await, ["50.00"]);
    world.assert_books_balance().await;
}
