//! The credits that refunds and disputes have reversed of one grant, and the transition that follows from a fact.
//! Pure.
//!
//! The state is made of facts that only ever become true (a refund failed, a dispute ended), so they may come in any
//! order, twice, or late: the reversed credits always follow from the facts alone. A reversal whose money came back
//! before it was posted is marked, and never posted.

use crate::{
    Reversal,
    reversals::{dispute_state::DisputeState, refund_state::RefundState, reversal::ReversedCredits},
};
use ledger::TakeKind;
use money::{Money, MoneyError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use terms::Timestamp;

/// The state of a refund or a dispute, from an event or read at Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReversalFact {
    /// `re_…` or `dp_…`.
    pub object: String,
    /// In USD.
    pub amount: Money,
    pub state: ReversalState,
    /// As of when the state holds: an event's time, or the present for an object that was read.
    pub at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReversalState {
    Refund(RefundState),
    Dispute(DisputeState),
}

/// A payment and what was granted for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantTerms {
    /// In USD.
    pub paid: Money,
    /// In credits.
    pub granted: Money,
}

/// At most one movement, with which the state changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReversalStep {
    /// Only the state changes.
    Note,
    Reverse(Money),
    Reinstate(Money),
    /// Refuse new holds because of this dispute.
    Freeze,
    Unfreeze,
    /// Refuse new holds because of the dispute's appeal.
    FreezeForAppeal,
    UnfreezeForAppeal,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReversalTransition {
    pub step: ReversalStep,
    /// The state after the step, written in the same transaction.
    pub after: Reversals,
    /// Refunds and disputes together exceed the payment: nothing more is reversed, and a person must check it.
    pub excess: bool,
}

/// All refunds and disputes of one grant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reversals {
    /// Credits reversed and not reinstated, over all objects.
    #[serde(default)]
    pub posted: Money,
    /// By the object's id.
    #[serde(default)]
    pub objects: BTreeMap<String, Reversal>,
}

impl Reversals {
    /// Whether nothing was ever refunded or disputed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// Whether any of them is open.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.objects.values().any(Reversal::is_open)
    }

    /// The money of one kind that left and did not come back, in USD.
    pub fn money(&self, kind: TakeKind) -> Result<Money, MoneyError> {
        let active = self.objects.values().filter(|reversal| reversal.kind() == kind && reversal.is_active());
        Money::sum(active.map(|reversal| reversal.amount))
    }

    /// After finance corrected what a second withdrawal of a dispute took, and whether that ends the appeal's freeze;
    /// `None` without an appeal.
    pub(crate) fn corrected(&self, dispute: &str) -> Option<(bool, Self)> {
        let (lifts, reversal) = self.objects.get(dispute)?.corrected()?;
        let mut after = self.clone();
        after.objects.insert(dispute.to_owned(), reversal);
        Some((lifts, after))
    }

    /// The next single step that follows from a fact; `None` when all are done.
    pub fn transition(
        &self,
        fact: &ReversalFact,
        terms: GrantTerms,
    ) -> Result<Option<ReversalTransition>, MoneyError> {
        let known = self.objects.get(&fact.object).copied();
        let mut object = known.unwrap_or_else(|| Reversal::new(fact)).after(fact);
        let reverses = fact.is_withdrawn() && object.credits == ReversedCredits::Untouched;
        if reverses {
            object.credits = ReversedCredits::Reversed(Money::ZERO);
        }
        let mut after = self.clone();
        after.objects.insert(fact.object.clone(), object);
        let active = Money::sum(after.objects.values().filter(|other| other.is_active()).map(|o| o.amount))?;
        let due = terms.granted.share(active.min(terms.paid), terms.paid)?;
        let step = if reverses {
            let credits = due.minus(self.posted)?.max(Money::ZERO);
            object.credits = ReversedCredits::Reversed(credits);
            after.posted = self.posted.plus(credits)?;
            ReversalStep::Reverse(credits)
        } else if let ReversedCredits::ToReinstate(reversed) = object.credits {
            let credits = self.posted.minus(due)?.max(Money::ZERO);
            object.credits = ReversedCredits::Reinstated { reversed, reinstated: credits };
            after.posted = self.posted.minus(credits)?;
            ReversalStep::Reinstate(credits)
        } else {
            object.step_of_freeze(fact).unwrap_or(ReversalStep::Note)
        };
        after.objects.insert(fact.object.clone(), object);
        let excess = reverses && active > terms.paid;
        Ok((after != *self).then_some(ReversalTransition { step, after, excess }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::dispute_state::{DisputeFunds, DisputePhase};
    use super::*;
    use proptest::prelude::*;

    fn cents(cents: i64) -> Money {
        Money::from_cents(cents).unwrap()
    }

    fn fact(object: &str, amount: i64, state: ReversalState) -> ReversalFact {
        let (object, amount) = (object.to_owned(), cents(amount));
        ReversalFact { object, amount, state, at: Timestamp::from_seconds(0) }
    }

    fn refund(object: &str, amount: i64, is_reinstated: bool) -> ReversalFact {
        let state = if is_reinstated { RefundState::Failed } else { RefundState::Succeeded };
        fact(object, amount, ReversalState::Refund(state))
    }

    fn dispute(object: &str, amount: i64, phase: DisputePhase, funds: DisputeFunds) -> ReversalFact {
        fact(object, amount, ReversalState::Dispute(DisputeState { phase, funds }))
    }

    /// Applies a fact until nothing follows; returns the steps.
    fn apply(state: &mut Reversals, fact: &ReversalFact, terms: GrantTerms) -> Vec<ReversalStep> {
        let mut steps = Vec::new();
        while let Some(next) = state.transition(fact, terms).unwrap() {
            steps.push(next.step);
            *state = next.after;
            assert!(steps.len() < 6, "{steps:?}");
        }
        steps
    }

    const WHOLE: fn() -> GrantTerms = || GrantTerms { paid: cents(25_000), granted: cents(25_000) };

    #[test]
    fn a_refund_takes_once_and_gives_back_only_when_it_is_undone() {
        let mut state = Reversals::default();
        assert_eq!(
            apply(&mut state, &refund("re_1", 10_000, false), WHOLE()),
            [ReversalStep::Reverse(cents(10_000))]
        );
        assert_eq!(apply(&mut state, &refund("re_1", 10_000, false), WHOLE()), []);
        assert_eq!(
            apply(&mut state, &refund("re_1", 10_000, true), WHOLE()),
            [ReversalStep::Reinstate(cents(10_000))]
        );
        assert_eq!(apply(&mut state, &refund("re_1", 10_000, true), WHOLE()), []);
        assert_eq!(apply(&mut state, &refund("re_1", 10_000, false), WHOLE()), [], "final");
    }

    #[test]
    fn what_was_undone_before_it_was_taken_is_never_taken() {
        let mut state = Reversals::default();
        assert_eq!(apply(&mut state, &refund("re_1", 10_000, true), WHOLE()), [ReversalStep::Note]);
        assert_eq!(apply(&mut state, &refund("re_1", 10_000, false), WHOLE()), []);
        assert_eq!(state.posted, Money::ZERO);
    }

    #[test]
    fn a_dispute_freezes_while_it_is_open_and_not_when_it_has_ended_before() {
        let mut state = Reversals::default();
        let stated = |phase| dispute("dp_1", 25_000, phase, DisputeFunds::NotWithdrawn);
        let (open, closed) = (stated(DisputePhase::Open), stated(DisputePhase::Lost));
        assert_eq!(apply(&mut state, &open, WHOLE()), [ReversalStep::Freeze]);
        assert_eq!(apply(&mut state, &closed, WHOLE()), [ReversalStep::Unfreeze]);
        assert_eq!(apply(&mut state, &open, WHOLE()), []);
        let mut late = Reversals::default();
        assert_eq!(apply(&mut late, &closed, WHOLE()), [ReversalStep::Note]);
        assert_eq!(apply(&mut late, &open, WHOLE()), []);
    }

    #[test]
    fn refunds_and_disputes_of_one_payment_never_take_more_than_was_granted() {
        let mut state = Reversals::default();
        apply(&mut state, &refund("re_1", 25_000, false), WHOLE());
        let withdrawn = dispute("dp_1", 25_000, DisputePhase::Open, DisputeFunds::Withdrawn);
        let next = state.transition(&withdrawn, WHOLE()).unwrap().unwrap();
        assert_eq!((next.step, next.excess), (ReversalStep::Reverse(Money::ZERO), true));
        apply(&mut state, &withdrawn, WHOLE());
        assert_eq!(
            apply(&mut state, &refund("re_1", 25_000, true), WHOLE()),
            [ReversalStep::Reinstate(Money::ZERO)]
        );
        assert_eq!(state.posted, cents(25_000), "the dispute stands");
    }

    #[test]
    fn of_a_smaller_grant_parts_are_taken_cumulatively_to_the_cent() {
        let renewal = GrantTerms { paid: cents(49_900), granted: cents(9_900) };
        let mut state = Reversals::default();
        for (object, amount) in [("re_1", 16_633), ("re_2", 16_633), ("re_3", 16_634)] {
            apply(&mut state, &refund(object, amount, false), renewal);
        }
        assert_eq!(state.posted, cents(9_900));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// The reversed credits follow from the facts alone, whatever their order and repetition.
        #[test]
        fn the_order_of_the_news_changes_nothing(
            objects in prop::collection::vec((1i64..30_000, any::<bool>(), any::<bool>()), 1..6),
            granted in 1i64..=25_000,
            order in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        ) {
            let terms = GrantTerms { paid: cents(25_000), granted: cents(granted) };
            let mut fact = Vec::new();
            for (at, (amount, is_reinstated, disputed)) in objects.iter().enumerate() {
                let stated = |is_reinstated: bool| {
                    let back = DisputeFunds::Reinstated { withdrawal: 0 };
                    let funds = if is_reinstated { back } else { DisputeFunds::Withdrawn };
                    let object = format!("x_{at}");
                    match *disputed {
                        true => dispute(&object, *amount, DisputePhase::Unknown, funds),
                        false => refund(&object, *amount, is_reinstated),
                    }
                };
                fact.push(stated(false));
                if *is_reinstated {
                    fact.push(stated(true));
                }
            }
            let mut state = Reversals::default();
            for index in &order {
                apply(&mut state, index.get(&fact), terms);
            }
            for one in fact.iter().rev() {
                apply(&mut state, one, terms);
            }
            let active: i64 = objects.iter().filter(|(_, is_reinstated, _)| !is_reinstated).map(|(amount, _, _)| amount).sum();
            let expected = cents(granted).share(cents(active.min(25_000)), cents(25_000)).unwrap();
            prop_assert_eq!(state.posted, expected);
            prop_assert!(state.posted <= cents(granted));
        }
    }
}
