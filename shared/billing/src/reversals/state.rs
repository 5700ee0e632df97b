//! The credits that refunds and disputes have reversed of one grant, and the transition that a fact calls for. Pure.
//!
//! The state is made of facts that only ever become true (a refund failed, a dispute ended), so they may come
//! in any order, twice, or late: the reversed credits always follow from the facts alone. A reversal whose money came back
//! before it was posted stands as a marker, and is never posted.

use crate::Appeal;
use ledger::TakeKind;
use money::{Money, MoneyError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use terms::Timestamp;

/// What a refund or a dispute is known to have done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reversal {
    /// Refund or dispute.
    pub kind: TakeKind,
    /// The money, in USD, as its first fact states it.
    pub amount: Money,
    /// The credits that were reversed for it, once they were: less than the money where less was granted.
    #[serde(rename = "taken", default, skip_serializing_if = "Option::is_none")]
    pub reversed_credits: Option<Money>,
    /// The refund failed or was canceled, or the dispute's funds came back. Final.
    #[serde(rename = "undone", default)]
    pub is_reinstated: bool,
    /// The credits that came back because of it, once they did.
    #[serde(rename = "returned", default, skip_serializing_if = "Option::is_none")]
    pub reinstated_credits: Option<Money>,
    /// The refund has not reached the customer yet.
    #[serde(default)]
    pub pending: bool,
    /// The dispute has ended. Final.
    #[serde(default)]
    pub closed: bool,
    /// The dispute froze the account.
    #[serde(default)]
    pub frozen: bool,
    /// The end of the dispute lifted that.
    #[serde(default)]
    pub unfrozen: bool,
    /// The decision of the dispute was looked into again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal: Option<Appeal>,
}

/// The state of a refund or a dispute, from an event or read at Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReversalFact {
    /// `re_…` or `dp_…`.
    pub object: String,
    /// Refund or dispute.
    pub kind: TakeKind,
    /// The money, in USD.
    pub amount: Money,
    /// The money left us.
    pub reverses: bool,
    /// It is ours again, for good.
    pub is_reinstated: bool,
    /// The refund has not reached the customer yet.
    pub pending: bool,
    /// The dispute is open; an inquiry is not.
    pub open: bool,
    /// The dispute has ended.
    pub closed: bool,
    /// The dispute's decision is looked into again.
    pub appealed: bool,
    /// Which withdrawal of the dispute's money took it after it had come back, from 2; 0: none did, or it is back.
    pub taken_again: u32,
    /// Which withdrawal's money is back, from 2; 0: none's.
    pub returned: u32,
    /// As of when this is so: of an event its time, of an object that was read the present.
    pub at: Timestamp,
}

/// A payment and what was granted for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GrantTerms {
    /// In USD.
    pub paid: Money,
    /// In credits.
    pub granted: Money,
}

/// One movement, or none, with which the state changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReversalStep {
    /// Only remembered.
    Note,
    /// Reverse so many credits.
    Reverse(Money),
    /// Reinstate so many.
    Reinstate(Money),
    /// Refuse new holds because of this dispute.
    Freeze,
    /// End that.
    Unfreeze,
    /// Refuse new holds because of the dispute's appeal.
    FreezeForAppeal,
    /// End that.
    UnfreezeForAppeal,
}

/// What a fact leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReversalTransition {
    /// What to do.
    pub step: ReversalStep,
    /// The state with it done; written in the same transaction.
    pub after: Reversals,
    /// Refunds and disputes together exceed the payment: nothing more is reversed, and a person must look.
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
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] out of bounds.
    pub fn money(&self, kind: TakeKind) -> Result<Money, MoneyError> {
        let active = self.objects.values().filter(|reversal| reversal.kind == kind && reversal.is_active());
        Money::sum(active.map(|reversal| reversal.amount))
    }

    /// With what a second withdrawal of a dispute took corrected by finance, and whether that lifts the appeal's
    /// freeze; `None` without an appeal.
    pub(crate) fn corrected(&self, dispute: &str) -> Option<(bool, Self)> {
        let mut after = self.clone();
        let appeal = after.objects.get_mut(dispute)?.appeal.as_mut()?;
        appeal.corrected = appeal.taken_again;
        Some((appeal.lift(), after))
    }

    /// The next single step that a fact calls for; `None` when all that follows from it is done.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] out of bounds.
    pub fn transition(
        &self,
        fact: &ReversalFact,
        terms: GrantTerms,
    ) -> Result<Option<ReversalTransition>, MoneyError> {
        let known = self.objects.get(&fact.object).copied();
        let mut object = known.unwrap_or_else(|| Reversal::new(fact.kind, fact.amount));
        object.is_reinstated |= fact.is_reinstated;
        object.closed |= fact.closed;
        object.appeal = Appeal::after(object.appeal, fact);
        // What was stated as settled never waits again: an older fact may come after it.
        object.pending = fact.pending && !object.is_reinstated && known.is_none_or(|known| known.pending);
        let reverses = fact.reverses && !object.is_reinstated && object.reversed_credits.is_none();
        let reinstates =
            object.is_reinstated && object.reversed_credits.is_some() && object.reinstated_credits.is_none();
        let mut after = self.clone();
        if reverses {
            object.reversed_credits = Some(Money::ZERO);
        }
        after.objects.insert(fact.object.clone(), object);
        let active = Money::sum(after.objects.values().filter(|other| other.is_active()).map(|o| o.amount))?;
        let due = terms.granted.share(active.min(terms.paid), terms.paid)?;
        let step = if reverses {
            let credits = due.minus(self.posted)?.max(Money::ZERO);
            object.reversed_credits = Some(credits);
            after.posted = self.posted.plus(credits)?;
            ReversalStep::Reverse(credits)
        } else if reinstates {
            let credits = self.posted.minus(due)?.max(Money::ZERO);
            object.reinstated_credits = Some(credits);
            after.posted = self.posted.minus(credits)?;
            ReversalStep::Reinstate(credits)
        } else if fact.open && !object.closed && !object.frozen {
            object.frozen = true;
            ReversalStep::Freeze
        } else if object.closed && object.frozen && !object.unfrozen {
            object.unfrozen = true;
            ReversalStep::Unfreeze
        } else {
            object.step_of_appeal().unwrap_or(ReversalStep::Note)
        };
        after.objects.insert(fact.object.clone(), object);
        let excess = reverses && active > terms.paid;
        Ok((after != *self).then_some(ReversalTransition { step, after, excess }))
    }
}

impl Reversal {
    fn new(kind: TakeKind, amount: Money) -> Self {
        Self {
            kind,
            amount,
            reversed_credits: None,
            is_reinstated: false,
            reinstated_credits: None,
            pending: false,
            closed: false,
            frozen: false,
            unfrozen: false,
            appeal: None,
        }
    }

    /// What an appeal freezes: nothing of a dispute that was lost, as its credits are reversed; of one that was won,
    /// what came back may go again. What has gone again stays frozen until it is back, or corrected.
    fn step_of_appeal(&mut self) -> Option<ReversalStep> {
        let (closed, is_reinstated) = (self.closed, self.is_reinstated);
        let appeal = self.appeal.as_mut()?;
        if closed && is_reinstated && appeal.freeze() {
            return Some(ReversalStep::FreezeForAppeal);
        }
        appeal.lift().then_some(ReversalStep::UnfreezeForAppeal)
    }

    /// Whether something will change at Stripe (a refund under way, a dispute that is open), or a step that
    /// follows from what is known was not taken: a crash may have come between two of them.
    pub(crate) fn is_open(&self) -> bool {
        let changes = match self.kind {
            TakeKind::Refund => self.pending && !self.is_reinstated,
            TakeKind::Dispute => !self.closed || self.appeal.is_some_and(|appeal| appeal.is_open()),
        };
        let to_return =
            self.is_reinstated && self.reversed_credits.is_some() && self.reinstated_credits.is_none();
        let to_lift = self.closed && self.frozen && !self.unfrozen;
        let to_lift_again = self.appeal.is_some_and(Appeal::is_freezing);
        changes || to_return || to_lift || to_lift_again
    }

    fn is_active(&self) -> bool {
        self.reversed_credits.is_some() && !self.is_reinstated
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cents(cents: i64) -> Money {
        Money::from_cents(cents).unwrap()
    }

    fn refund(object: &str, amount: i64, is_reinstated: bool) -> ReversalFact {
        ReversalFact {
            object: object.to_owned(),
            kind: TakeKind::Refund,
            amount: cents(amount),
            reverses: !is_reinstated,
            is_reinstated,
            pending: false,
            open: false,
            closed: false,
            appealed: false,
            taken_again: 0,
            returned: 0,
            at: Timestamp::from_seconds(0),
        }
    }

    fn dispute(object: &str, amount: i64) -> ReversalFact {
        let fact = refund(object, amount, false);
        ReversalFact { kind: TakeKind::Dispute, reverses: false, open: true, ..fact }
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
        let open = dispute("dp_1", 25_000);
        let closed = ReversalFact { open: false, closed: true, ..open.clone() };
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
        let withdrawn = ReversalFact { reverses: true, ..dispute("dp_1", 25_000) };
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

        /// Whatever the order and the repetition of the facts: what is reversed follows from them alone.
        #[test]
        fn the_order_of_the_news_changes_nothing(
            objects in prop::collection::vec((1i64..30_000, any::<bool>(), any::<bool>()), 1..6),
            granted in 1i64..=25_000,
            order in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        ) {
            let terms = GrantTerms { paid: cents(25_000), granted: cents(granted) };
            let mut fact = Vec::new();
            for (at, (amount, is_reinstated, disputed)) in objects.iter().enumerate() {
                let reversed_credits = refund(&format!("x_{at}"), *amount, false);
                let kind = if *disputed { TakeKind::Dispute } else { TakeKind::Refund };
                fact.push(ReversalFact { kind, ..reversed_credits.clone() });
                if *is_reinstated {
                    fact.push(ReversalFact { kind, is_reinstated: true, reverses: *disputed, ..reversed_credits });
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
