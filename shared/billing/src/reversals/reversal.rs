//! What one refund or dispute has done so far, and how that is stored. Pure.

use crate::{
    Appeal,
    reversals::{
        dispute_state::DisputeState,
        refund_state::RefundState,
        state::{ReversalFact, ReversalState, ReversalStep},
    },
};
use ledger::TakeKind;
use money::Money;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredReversal", into = "StoredReversal")]
pub struct Reversal {
    /// In USD, as its first fact states it.
    pub amount: Money,
    pub credits: ReversedCredits,
    pub course: ReversalCourse,
}

/// Where the credits of a refund or dispute are. Each state follows from the one before, never the other way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReversedCredits {
    /// The money has not left us, as far as is known.
    Untouched,
    /// The money came back before credits were reversed for it: none ever are.
    Exempt,
    /// The reversed credits: less than the money where less was granted.
    Reversed(Money),
    /// The money came back: these credits have to be reinstated.
    ToReinstate(Money),
    Reinstated {
        /// In credits.
        reversed: Money,
        /// In credits.
        reinstated: Money,
    },
}

/// The course of a refund or dispute beside its credits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReversalCourse {
    Refund {
        /// It has not reached the customer yet.
        is_pending: bool,
    },
    Dispute {
        /// The dispute's own freeze.
        freeze: DisputeFreeze,
        /// The appeal against its decision.
        appeal: Option<Appeal>,
    },
}

/// Whether a dispute has ended, and what it froze.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeFreeze {
    /// Not ended, and nothing is frozen for it: an inquiry, or nothing else is known of it.
    Watched,
    /// It froze the account, and has not ended.
    Frozen,
    /// It has ended: the freeze has to end.
    ToLift,
    /// It has ended, and nothing is frozen for it.
    Ended {
        /// Whether it had frozen the account.
        froze: bool,
    },
}

impl ReversedCredits {
    /// In credits, whether or not they were reinstated.
    pub(super) fn reversed(self) -> Option<Money> {
        match self {
            Self::Untouched | Self::Exempt => None,
            Self::Reversed(reversed) | Self::ToReinstate(reversed) | Self::Reinstated { reversed, .. } => {
                Some(reversed)
            }
        }
    }

    fn is_money_back(self) -> bool {
        match self {
            Self::Untouched | Self::Reversed(_) => false,
            Self::Exempt | Self::ToReinstate(_) | Self::Reinstated { .. } => true,
        }
    }

    /// After the money came back.
    fn money_back(self) -> Self {
        match self {
            Self::Untouched => Self::Exempt,
            Self::Reversed(reversed) => Self::ToReinstate(reversed),
            back @ (Self::Exempt | Self::ToReinstate(_) | Self::Reinstated { .. }) => back,
        }
    }
}

impl DisputeFreeze {
    fn is_ended(self) -> bool {
        matches!(self, Self::ToLift | Self::Ended { .. })
    }

    fn ended(self) -> Self {
        match self {
            Self::Watched => Self::Ended { froze: false },
            Self::Frozen => Self::ToLift,
            ended @ (Self::ToLift | Self::Ended { .. }) => ended,
        }
    }
}

impl Reversal {
    /// Before its first fact is recorded.
    pub(super) fn new(fact: &ReversalFact) -> Self {
        let course = match fact.state {
            ReversalState::Refund(_) => ReversalCourse::Refund { is_pending: true },
            ReversalState::Dispute(_) => {
                ReversalCourse::Dispute { freeze: DisputeFreeze::Watched, appeal: None }
            }
        };
        Self { amount: fact.amount, credits: ReversedCredits::Untouched, course }
    }

    /// With a fact applied; what was final before stays.
    pub(super) fn after(self, fact: &ReversalFact) -> Self {
        let credits = if fact.is_reinstated() { self.credits.money_back() } else { self.credits };
        let course = match (self.course, fact.state) {
            // A refund that was stated as settled is never pending again: an older fact may arrive after it.
            (ReversalCourse::Refund { is_pending }, ReversalState::Refund(state)) => ReversalCourse::Refund {
                is_pending: is_pending && state == RefundState::Pending && !credits.is_money_back(),
            },
            (ReversalCourse::Dispute { freeze, appeal }, ReversalState::Dispute(state)) => {
                let freeze = if state.phase.is_closed() { freeze.ended() } else { freeze };
                ReversalCourse::Dispute { freeze, appeal: Appeal::after(appeal, state, fact.at) }
            }
            // An id identifies one kind of object.
            (course, _) => course,
        };
        Self { credits, course, ..self }
    }

    #[must_use]
    pub fn kind(&self) -> TakeKind {
        match self.course {
            ReversalCourse::Refund { .. } => TakeKind::Refund,
            ReversalCourse::Dispute { .. } => TakeKind::Dispute,
        }
    }

    pub(super) fn appeal(&self) -> Option<Appeal> {
        match self.course {
            ReversalCourse::Refund { .. } => None,
            ReversalCourse::Dispute { appeal, .. } => appeal,
        }
    }

    /// After finance corrected what an appeal withdrew, and whether that ends its freeze; `None` without an appeal.
    pub(super) fn corrected(self) -> Option<(bool, Self)> {
        let ReversalCourse::Dispute { freeze, appeal } = self.course else { return None };
        let mut appeal = appeal?.corrected();
        let lifts = appeal.lift();
        Some((lifts, Self { course: ReversalCourse::Dispute { freeze, appeal: Some(appeal) }, ..self }))
    }

    /// What a fact freezes or unfreezes. An appeal freezes nothing of a lost dispute, whose credits are reversed; of
    /// a won one, the reinstated money may be withdrawn again. What was withdrawn again stays frozen until it is
    /// reinstated or corrected.
    pub(super) fn step_of_freeze(&mut self, fact: &ReversalFact) -> Option<ReversalStep> {
        let is_money_back = self.credits.is_money_back();
        let ReversalCourse::Dispute { freeze, appeal } = &mut self.course else { return None };
        match *freeze {
            DisputeFreeze::Watched if fact.is_open() => {
                *freeze = DisputeFreeze::Frozen;
                return Some(ReversalStep::Freeze);
            }
            DisputeFreeze::ToLift => {
                *freeze = DisputeFreeze::Ended { froze: true };
                return Some(ReversalStep::Unfreeze);
            }
            DisputeFreeze::Watched | DisputeFreeze::Frozen | DisputeFreeze::Ended { .. } => {}
        }
        let is_won = freeze.is_ended() && is_money_back;
        let appeal = appeal.as_mut()?;
        if is_won && appeal.freeze() {
            return Some(ReversalStep::FreezeForAppeal);
        }
        appeal.lift().then_some(ReversalStep::UnfreezeForAppeal)
    }

    /// Whether something will change at Stripe (a pending refund, an open dispute), or a step that follows was not
    /// taken because of a crash.
    pub(crate) fn is_open(&self) -> bool {
        let is_to_reinstate = matches!(self.credits, ReversedCredits::ToReinstate(_));
        let goes_on = match self.course {
            ReversalCourse::Refund { is_pending } => is_pending && !self.credits.is_money_back(),
            ReversalCourse::Dispute { freeze: DisputeFreeze::Ended { .. }, appeal } => {
                appeal.is_some_and(|appeal| appeal.is_open() || appeal.is_freezing())
            }
            ReversalCourse::Dispute { .. } => true,
        };
        goes_on || is_to_reinstate
    }

    /// Whether its money is gone, and its credits with it.
    pub(super) fn is_active(&self) -> bool {
        matches!(self.credits, ReversedCredits::Reversed(_))
    }
}

impl ReversalState {
    #[must_use]
    pub fn kind(self) -> TakeKind {
        match self {
            Self::Refund(_) => TakeKind::Refund,
            Self::Dispute(_) => TakeKind::Dispute,
        }
    }
}

impl ReversalFact {
    fn dispute(&self) -> Option<DisputeState> {
        match self.state {
            ReversalState::Refund(_) => None,
            ReversalState::Dispute(state) => Some(state),
        }
    }

    /// The money left us, whether or not it has come back since; that of a failed or canceled refund never did.
    pub(super) fn is_withdrawn(&self) -> bool {
        match self.state {
            ReversalState::Refund(state) => !state.is_undone(),
            ReversalState::Dispute(state) => state.funds.was_withdrawn(),
        }
    }

    /// The money is ours again, for good.
    pub(super) fn is_reinstated(&self) -> bool {
        match self.state {
            ReversalState::Refund(state) => state.is_undone(),
            ReversalState::Dispute(state) => state.funds.is_reinstated(),
        }
    }

    /// An open dispute; an inquiry is not one.
    fn is_open(&self) -> bool {
        self.dispute().is_some_and(|state| state.phase.is_open())
    }

    /// A dispute's money was withdrawn once more after it had been reinstated, and is not back.
    pub(super) fn is_withdrawn_again(&self) -> bool {
        self.dispute().is_some_and(|state| state.funds.withdrawn_again() > 0)
    }
}

/// As a [`Reversal`] is stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredReversal {
    kind: TakeKind,
    amount: Money,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    taken: Option<Money>,
    #[serde(default)]
    undone: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    returned: Option<Money>,
    #[serde(default)]
    pending: bool,
    #[serde(default)]
    closed: bool,
    #[serde(default)]
    frozen: bool,
    #[serde(default)]
    unfrozen: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    appeal: Option<Appeal>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stored {0} contradicts itself")]
pub(super) struct Contradiction(pub(super) &'static str);

impl TryFrom<StoredReversal> for Reversal {
    type Error = Contradiction;

    fn try_from(stored: StoredReversal) -> Result<Self, Contradiction> {
        let StoredReversal { kind, amount, taken, undone, returned, pending, .. } = stored;
        let credits = match (taken, undone, returned) {
            (None, false, None) => ReversedCredits::Untouched,
            (None, true, None) => ReversedCredits::Exempt,
            (Some(reversed), false, None) => ReversedCredits::Reversed(reversed),
            (Some(reversed), true, None) => ReversedCredits::ToReinstate(reversed),
            (Some(reversed), true, Some(reinstated)) => ReversedCredits::Reinstated { reversed, reinstated },
            (None, _, Some(_)) | (Some(_), false, Some(_)) => return Err(Contradiction("reversal")),
        };
        let StoredReversal { closed, frozen, unfrozen, appeal, .. } = stored;
        let course = match (kind, (closed, frozen, unfrozen)) {
            (TakeKind::Refund, (false, false, false)) if appeal.is_none() => {
                ReversalCourse::Refund { is_pending: pending }
            }
            (TakeKind::Dispute, flags) if !pending => {
                let freeze = match flags {
                    (false, false, false) => DisputeFreeze::Watched,
                    (false, true, false) => DisputeFreeze::Frozen,
                    (true, true, false) => DisputeFreeze::ToLift,
                    (true, froze, unfrozen) if froze == unfrozen => DisputeFreeze::Ended { froze },
                    _ => return Err(Contradiction("dispute")),
                };
                ReversalCourse::Dispute { freeze, appeal }
            }
            (TakeKind::Refund, _) => return Err(Contradiction("refund")),
            (TakeKind::Dispute, _) => return Err(Contradiction("dispute")),
        };
        Ok(Self { amount, credits, course })
    }
}

impl From<Reversal> for StoredReversal {
    fn from(reversal: Reversal) -> Self {
        let (pending, freeze) = match reversal.course {
            ReversalCourse::Refund { is_pending } => (is_pending, None),
            ReversalCourse::Dispute { freeze, .. } => (false, Some(freeze)),
        };
        let (closed, frozen, unfrozen) = match freeze {
            None | Some(DisputeFreeze::Watched) => (false, false, false),
            Some(DisputeFreeze::Frozen) => (false, true, false),
            Some(DisputeFreeze::ToLift) => (true, true, false),
            Some(DisputeFreeze::Ended { froze }) => (true, froze, froze),
        };
        let returned = match reversal.credits {
            ReversedCredits::Reinstated { reinstated, .. } => Some(reinstated),
            _ => None,
        };
        Self {
            kind: reversal.kind(),
            amount: reversal.amount,
            taken: reversal.credits.reversed(),
            undone: reversal.credits.is_money_back(),
            returned,
            pending,
            closed,
            frozen,
            unfrozen,
            appeal: reversal.appeal(),
        }
    }
}
