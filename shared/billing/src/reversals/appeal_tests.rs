//! A dispute whose decision is looked into again.

use super::{
    appeal::Appeal,
    dispute_state::{DisputeFunds, DisputePhase, DisputeState},
    reversal::Reversal,
    state::{GrantTerms, ReversalFact, ReversalState, ReversalStep, Reversals},
};
use money::Money;
use terms::Timestamp;

fn state(status: &str) -> DisputeState {
    match status {
        "open" => DisputeState { phase: DisputePhase::Open, funds: DisputeFunds::Withdrawn },
        "lost" => DisputeState { phase: DisputePhase::Lost, funds: DisputeFunds::Withdrawn },
        "appeal" => DisputeState { phase: DisputePhase::Appealed, funds: DisputeFunds::Withdrawn },
        _ => DisputeState { phase: DisputePhase::Won, funds: DisputeFunds::Reinstated { withdrawal: 0 } },
    }
}

fn fact(at: i64, status: &str) -> ReversalFact {
    ReversalFact {
        object: "dp_1".to_owned(),
        amount: Money::from_cents(25_000).unwrap(),
        state: ReversalState::Dispute(state(status)),
        at: Timestamp::from_seconds(at),
    }
}

/// What follows from facts, one after the other, and the state that they lead to.
fn after_facts(facts: &[(i64, &str)]) -> (Vec<ReversalStep>, Reversals) {
    let all = Money::from_cents(25_000).unwrap();
    let (mut state, mut steps) = (Reversals::default(), Vec::new());
    for (at, status) in facts {
        while let Some(next) =
            state.transition(&fact(*at, status), GrantTerms { paid: all, granted: all }).unwrap()
        {
            steps.push(next.step);
            state = next.after;
            assert!(steps.len() < 20, "{steps:?}");
        }
    }
    steps.retain(|step| *step != ReversalStep::Note);
    (steps, state)
}

const ALL: fn() -> Money = || Money::from_cents(25_000).unwrap();

#[test]
fn an_appeal_that_is_the_first_heard_of_a_dispute_freezes_until_it_is_decided() {
    let (steps, state) = after_facts(&[(30, "appeal")]);
    assert_eq!(steps, [ReversalStep::Reverse(ALL()), ReversalStep::Freeze]);
    assert!(state.is_open());
    let (steps, state) = after_facts(&[(30, "appeal"), (40, "lost")]);
    assert_eq!(steps, [ReversalStep::Reverse(ALL()), ReversalStep::Freeze, ReversalStep::Unfreeze]);
    assert!(!state.is_open());
}

#[test]
fn an_appeal_against_a_dispute_that_was_lost_freezes_nothing_and_is_read_until_it_is_decided() {
    let (steps, state) = after_facts(&[(10, "open"), (20, "lost"), (30, "appeal")]);
    assert_eq!(steps, [ReversalStep::Reverse(ALL()), ReversalStep::Freeze, ReversalStep::Unfreeze]);
    assert!(state.is_open() && state.posted == ALL());
    let (steps, state) = after_facts(&[(10, "open"), (20, "lost"), (30, "appeal"), (40, "won")]);
    assert_eq!(steps.last(), Some(&ReversalStep::Reinstate(ALL())));
    assert!(!state.is_open() && state.posted == Money::ZERO);
}

#[test]
fn an_appeal_against_a_dispute_that_was_won_freezes_what_came_back_until_it_is_decided() {
    let (steps, state) = after_facts(&[(10, "open"), (20, "won"), (30, "appeal")]);
    let won = [
        ReversalStep::Reverse(ALL()),
        ReversalStep::Freeze,
        ReversalStep::Reinstate(ALL()),
        ReversalStep::Unfreeze,
    ];
    assert_eq!(steps, [&won[..], &[ReversalStep::FreezeForAppeal]].concat());
    assert!(state.is_open());
    let (steps, state) = after_facts(&[(10, "open"), (20, "won"), (30, "appeal"), (40, "won")]);
    assert_eq!(steps, [&won[..], &[ReversalStep::FreezeForAppeal, ReversalStep::UnfreezeForAppeal]].concat());
    assert!(!state.is_open());
}

#[test]
fn the_first_decision_does_not_end_the_appeal_when_its_event_comes_later() {
    let (steps, state) =
        after_facts(&[(10, "open"), (20, "won"), (30, "appeal"), (20, "won"), (30, "appeal")]);
    assert!(state.is_open() && !steps.contains(&ReversalStep::UnfreezeForAppeal), "{steps:?}");
    let (steps, state) = after_facts(&[(30, "appeal"), (20, "won"), (40, "won")]);
    assert!(!state.is_open(), "{steps:?}");
    assert_eq!(state.posted, Money::ZERO);
}

/// Stripe's times are in seconds.
#[test]
fn the_first_decision_does_not_end_an_appeal_of_the_same_second() {
    let (steps, state) = after_facts(&[(10, "open"), (20, "won"), (20, "appeal"), (20, "won")]);
    assert!(state.is_open() && !steps.contains(&ReversalStep::UnfreezeForAppeal), "{steps:?}");
}

#[test]
fn an_order_from_before_appeals_were_known_is_read() {
    let stored = r#"{"kind":"dispute","amount":"250.00","taken":"250.00","closed":true,"frozen":true,"unfrozen":true}"#;
    let reversal: Reversal = serde_json::from_str(stored).unwrap();
    assert!(reversal.appeal().is_none() && !reversal.is_open());
}

#[test]
fn a_decision_from_before_the_latest_fact_of_an_appeal_does_not_end_it() {
    let (steps, state) = after_facts(&[(10, "won"), (30, "appeal"), (50, "appeal"), (40, "won")]);
    assert_eq!(steps.last(), Some(&ReversalStep::FreezeForAppeal), "{steps:?}");
    assert!(state.is_open());
}

#[test]
fn an_appeal_is_open_until_a_later_decision_and_again_after_a_later_appeal() {
    let after = |facts: &[(i64, &str)]| {
        facts
            .iter()
            .fold(None, |known, (at, status)| {
                Appeal::after(known, state(status), Timestamp::from_seconds(*at))
            })
            .unwrap()
    };
    let table: [(&[(i64, &str)], bool); 6] = [
        (&[(30, "appeal"), (31, "lost")], false),
        (&[(30, "appeal"), (30, "lost")], true),
        (&[(30, "appeal"), (40, "open")], true),
        (&[(30, "appeal"), (40, "lost"), (40, "appeal")], false),
        (&[(30, "appeal"), (40, "lost"), (50, "appeal")], true),
        (&[(30, "appeal"), (40, "lost"), (50, "won")], false),
    ];
    for (facts, open) in table {
        assert_eq!(after(facts).is_open(), open, "{facts:?}");
    }
}
