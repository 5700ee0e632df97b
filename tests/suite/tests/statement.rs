//! In which month an entry stands.

use ledger::{Cause, CauseKind, Command, GrantKind, Movement};
use money::{Money, PositiveMoney};
use support::{TestClock, World};
use terms::{Actor, Fingerprint, Month, Timestamp};

fn money(text: &str) -> Money {
    Money::parse(text).unwrap()
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
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
}
