//! What refunds and disputes have taken of one grant, and what a piece of news changes. Pure.
//!
//! The state is made of facts that only ever become true (a refund failed, a dispute ended), so news may come
//! in any order, twice, or late: the credits taken always follow from the facts alone. What was undone before
//! it was taken stands as a marker, and the late taking is then refused.

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
    /// The money, in USD: what was first told of it.
    pub amount: Money,
    /// The credits that its taking took, once it did: less than the money where less was granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<Money>,
    /// The refund failed or was canceled, or the dispute's funds came back. Final.
    #[serde(default)]
    pub undone: bool,
    /// The credits that came back because of it, once they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned: Option<Money>,
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

/// News of a refund or a dispute, from an event or read at Stripe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// `re_…` or `dp_…`.
    pub object: String,
    /// Refund or dispute.
    pub kind: TakeKind,
    /// The money, in USD.
    pub amount: Money,
    /// The money left us.
    pub takes: bool,
    /// It is ours again, for good.
    pub undone: bool,
    /// The refund has not reached the customer yet.
    pub pending: bool,
    /// The dispute is open; an inquiry is not.
    pub open: bool,
    /// The dispute has ended.
    pub closed: bool,
    /// The dispute's decision is looked into again.
    pub appealed: bool,
    /// As of when this is so: of an event its time, of an object that was read the present.
    pub at: Timestamp,
}

/// A payment and what was granted for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// In USD.
    pub paid: Money,
    /// In credits.
    pub granted: Money,
}

/// One movement, or none, with which the state changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Only remembered.
    Note,
    /// Take so many credits.
    Take(Money),
    /// Give so many back.
    GiveBack(Money),
    /// Refuse new holds because of this dispute.
    Freeze,
    /// End that.
    Unfreeze,
    /// Refuse new holds because of the dispute's appeal.
    FreezeAgain,
    /// End that.
    UnfreezeAgain,
}

/// What news comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// What to do.
    pub step: Step,
    /// The state with it done; written in the same transaction.
    pub after: Reversals,
    /// Refunds and disputes together exceed the payment: nothing more is taken, and a person must look.
    pub excess: bool,
}

/// All refunds and disputes of one grant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reversals {
    /// Credits taken and not given back, over all objects.
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

    /// The next single step that news asks for; `None` when all that follows from it is done.
    ///
    /// # Errors
    /// [`MoneyError::TooLarge`] out of bounds.
    pub fn next(&self, news: &News, terms: Terms) -> Result<Option<Next>, MoneyError> {
        let known = self.objects.get(&news.object).copied();
        let mut object = known.unwrap_or_else(|| Reversal::new(news.kind, news.amount));
        object.undone |= news.undone;
        object.closed |= news.closed;
        object.appeal = Appeal::after(object.appeal, news);
        // What has been told as settled never waits again: an older piece of news may come after it.
        object.pending = news.pending && !object.undone && known.is_none_or(|known| known.pending);
        let takes = news.takes && !object.undone && object.taken.is_none();
        let gives_back = object.undone && object.taken.is_some() && object.returned.is_none();
        let mut after = self.clone();
        if takes {
            object.taken = Some(Money::ZERO);
        }
        after.objects.insert(news.object.clone(), object);
        let active = Money::sum(after.objects.values().filter(|other| other.is_active()).map(|o| o.amount))?;
        let due = terms.granted.share(active.min(terms.paid), terms.paid)?;
        let step = if takes {
            let credits = due.minus(self.posted)?.max(Money::ZERO);
            object.taken = Some(credits);
            after.posted = self.posted.plus(credits)?;
            Step::Take(credits)
        } else if gives_back {
            let credits = self.posted.minus(due)?.max(Money::ZERO);
            object.returned = Some(credits);
            after.posted = self.posted.minus(credits)?;
            Step::GiveBack(credits)
        } else if news.open && !object.closed && !object.frozen {
            object.frozen = true;
            Step::Freeze
        } else if object.closed && object.frozen && !object.unfrozen {
            object.unfrozen = true;
            Step::Unfreeze
        } else {
            object.step_of_appeal().unwrap_or(Step::Note)
        };
        after.objects.insert(news.object.clone(), object);
        let excess = takes && active > terms.paid;
        Ok((after != *self).then_some(Next { step, after, excess }))
    }
}

impl Reversal {
    fn new(kind: TakeKind, amount: Money) -> Self {
        Self {
            kind,
            amount,
            taken: None,
            undone: false,
            returned: None,
            pending: false,
            closed: false,
            frozen: false,
            unfrozen: false,
            appeal: None,
        }
    }

    /// What an appeal freezes: nothing of a dispute that was lost, as its credits are taken; of one that was won,
    /// what came back may go again.
    fn step_of_appeal(&mut self) -> Option<Step> {
        let (closed, undone) = (self.closed, self.undone);
        let appeal = self.appeal.as_mut()?;
        if closed && undone && appeal.is_open() && !appeal.frozen {
            appeal.frozen = true;
            return Some(Step::FreezeAgain);
        }
        if !appeal.is_open() && appeal.frozen && !appeal.unfrozen {
            appeal.unfrozen = true;
            return Some(Step::UnfreezeAgain);
        }
        None
    }

    /// Whether something will change at Stripe (a refund under way, a dispute that is open), or a step that
    /// follows from what is known was not taken: a crash may have come between two of them.
    pub(crate) fn is_open(&self) -> bool {
        let changes = match self.kind {
            TakeKind::Refund => self.pending && !self.undone,
            TakeKind::Dispute => !self.closed || self.appeal.is_some_and(|appeal| appeal.is_open()),
        };
        let to_return = self.undone && self.taken.is_some() && self.returned.is_none();
        let to_lift = self.closed && self.frozen && !self.unfrozen;
        let to_lift_again = self.appeal.is_some_and(|appeal| appeal.frozen && !appeal.unfrozen);
        changes || to_return || to_lift || to_lift_again
    }

    fn is_active(&self) -> bool {
        self.taken.is_some() && !self.undone
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn cents(cents: i64) -> Money {
        Money::from_cents(cents).unwrap()
    }

    fn refund(object: &str, amount: i64, undone: bool) -> News {
        News {
            object: object.to_owned(),
            kind: TakeKind::Refund,
            amount: cents(amount),
            takes: !undone,
            undone,
            pending: false,
            open: false,
            closed: false,
            appealed: false,
            at: Timestamp::from_seconds(0),
        }
    }

    fn dispute(object: &str, amount: i64) -> News {
        let news = refund(object, amount, false);
        News { kind: TakeKind::Dispute, takes: false, open: true, ..news }
    }

    /// Tells news until nothing follows; answers the steps.
    fn tell(state: &mut Reversals, news: &News, terms: Terms) -> Vec<Step> {
        let mut steps = Vec::new();
        while let Some(next) = state.next(news, terms).unwrap() {
            steps.push(next.step);
            *state = next.after;
            assert!(steps.len() < 6, "{steps:?}");
        }
        steps
    }

    const WHOLE: fn() -> Terms = || Terms { paid: cents(25_000), granted: cents(25_000) };

    #[test]
    fn a_refund_takes_once_and_gives_back_only_when_it_is_undone() {
        let mut state = Reversals::default();
        assert_eq!(tell(&mut state, &refund("re_1", 10_000, false), WHOLE()), [Step::Take(cents(10_000))]);
        assert_eq!(tell(&mut state, &refund("re_1", 10_000, false), WHOLE()), []);
        assert_eq!(tell(&mut state, &refund("re_1", 10_000, true), WHOLE()), [Step::GiveBack(cents(10_000))]);
        assert_eq!(tell(&mut state, &refund("re_1", 10_000, true), WHOLE()), []);
        assert_eq!(tell(&mut state, &refund("re_1", 10_000, false), WHOLE()), [], "final");
    }

    #[test]
    fn what_was_undone_before_it_was_taken_is_never_taken() {
        let mut state = Reversals::default();
        assert_eq!(tell(&mut state, &refund("re_1", 10_000, true), WHOLE()), [Step::Note]);
        assert_eq!(tell(&mut state, &refund("re_1", 10_000, false), WHOLE()), []);
        assert_eq!(state.posted, Money::ZERO);
    }

    #[test]
    fn a_dispute_freezes_while_it_is_open_and_not_when_it_has_ended_before() {
        let mut state = Reversals::default();
        let open = dispute("dp_1", 25_000);
        let closed = News { open: false, closed: true, ..open.clone() };
        assert_eq!(tell(&mut state, &open, WHOLE()), [Step::Freeze]);
        assert_eq!(tell(&mut state, &closed, WHOLE()), [Step::Unfreeze]);
        assert_eq!(tell(&mut state, &open, WHOLE()), []);
        let mut late = Reversals::default();
        assert_eq!(tell(&mut late, &closed, WHOLE()), [Step::Note]);
        assert_eq!(tell(&mut late, &open, WHOLE()), []);
    }

    #[test]
    fn refunds_and_disputes_of_one_payment_never_take_more_than_was_granted() {
        let mut state = Reversals::default();
        tell(&mut state, &refund("re_1", 25_000, false), WHOLE());
        let withdrawn = News { takes: true, ..dispute("dp_1", 25_000) };
        let next = state.next(&withdrawn, WHOLE()).unwrap().unwrap();
        assert_eq!((next.step, next.excess), (Step::Take(Money::ZERO), true));
        tell(&mut state, &withdrawn, WHOLE());
        assert_eq!(tell(&mut state, &refund("re_1", 25_000, true), WHOLE()), [Step::GiveBack(Money::ZERO)]);
        assert_eq!(state.posted, cents(25_000), "the dispute stands");
    }

    #[test]
    fn of_a_smaller_grant_parts_are_taken_cumulatively_to_the_cent() {
        let renewal = Terms { paid: cents(49_900), granted: cents(9_900) };
        let mut state = Reversals::default();
        for (object, amount) in [("re_1", 16_633), ("re_2", 16_633), ("re_3", 16_634)] {
            tell(&mut state, &refund(object, amount, false), renewal);
        }
        assert_eq!(state.posted, cents(9_900));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        /// Whatever the order and the repetition of the news: what is taken follows from the facts alone.
        #[test]
        fn the_order_of_the_news_changes_nothing(
            objects in prop::collection::vec((1i64..30_000, any::<bool>(), any::<bool>()), 1..6),
            granted in 1i64..=25_000,
            order in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        ) {
            let terms = Terms { paid: cents(25_000), granted: cents(granted) };
            let mut news = Vec::new();
            for (at, (amount, undone, disputed)) in objects.iter().enumerate() {
                let taken = refund(&format!("x_{at}"), *amount, false);
                let kind = if *disputed { TakeKind::Dispute } else { TakeKind::Refund };
                news.push(News { kind, ..taken.clone() });
                if *undone {
                    news.push(News { kind, undone: true, takes: *disputed, ..taken });
                }
            }
            let mut state = Reversals::default();
            for index in &order {
                tell(&mut state, index.get(&news), terms);
            }
            for one in news.iter().rev() {
                tell(&mut state, one, terms);
            }
            let active: i64 = objects.iter().filter(|(_, undone, _)| !undone).map(|(amount, _, _)| amount).sum();
            let expected = cents(granted).share(cents(active.min(25_000)), cents(25_000)).unwrap();
            prop_assert_eq!(state.posted, expected);
            prop_assert!(state.posted <= cents(granted));
        }
    }
}
