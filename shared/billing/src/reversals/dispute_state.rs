//! The state of a dispute, as Stripe states it: its phase, and its money. Pure.

use stripe_client::{Dispute, DisputeStatus, event::DisputeChange};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DisputeState {
    pub phase: DisputePhase,
    pub funds: DisputeFunds,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputePhase {
    /// A question of the bank, which moves no money.
    Inquiry,
    /// An inquiry that ended without a dispute.
    InquiryClosed,
    /// Not decided.
    Open,
    /// Decided for us.
    Won,
    /// Decided against us.
    Lost,
    /// Settled before it became a dispute.
    Prevented,
    /// The decision is under appeal.
    Appealed,
    /// A status that is not known here: neither open nor ended.
    Unknown,
}

/// Where the money of a dispute is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DisputeFunds {
    NotWithdrawn,
    /// It was withdrawn from us.
    Withdrawn,
    /// It was reinstated to us, for good.
    Reinstated {
        /// After which withdrawal, from 2; 0: after the only one.
        withdrawal: u32,
    },
    /// It was withdrawn once more after it had been reinstated.
    WithdrawnAgain {
        /// Which withdrawal, from 2.
        withdrawal: u32,
        /// Whether the event reports the reinstatement before it.
        of_reinstatement: bool,
    },
}

impl DisputeState {
    /// `change` is what the event reports, `None` for a dispute that was read: an event's dispute may not show yet,
    /// or no longer, what the event's type says.
    pub(crate) fn of(dispute: &Dispute, change: Option<DisputeChange>) -> Self {
        Self { phase: DisputePhase::of(&dispute.status), funds: DisputeFunds::of(dispute, change) }
    }
}

impl DisputePhase {
    fn of(status: &DisputeStatus) -> Self {
        match status {
            DisputeStatus::WarningNeedsResponse | DisputeStatus::WarningUnderReview => Self::Inquiry,
            DisputeStatus::WarningClosed => Self::InquiryClosed,
            DisputeStatus::NeedsResponse | DisputeStatus::UnderReview => Self::Open,
            DisputeStatus::Won => Self::Won,
            DisputeStatus::Lost => Self::Lost,
            DisputeStatus::Prevented => Self::Prevented,
            DisputeStatus::AppealNeedsResponse | DisputeStatus::AppealUnderReview => Self::Appealed,
            DisputeStatus::Other(_) => Self::Unknown,
        }
    }

    /// Not decided, or under appeal.
    pub(super) fn is_open(self) -> bool {
        match self {
            Self::Open | Self::Appealed => true,
            Self::Inquiry | Self::InquiryClosed | Self::Unknown => false,
            Self::Won | Self::Lost | Self::Prevented => false,
        }
    }

    /// Ended, as a dispute or as an inquiry.
    pub(super) fn is_closed(self) -> bool {
        match self {
            Self::InquiryClosed | Self::Won | Self::Lost | Self::Prevented => true,
            Self::Inquiry | Self::Open | Self::Appealed | Self::Unknown => false,
        }
    }
}

impl DisputeFunds {
    fn of(dispute: &Dispute, change: Option<DisputeChange>) -> Self {
        let of_reinstatement = change == Some(DisputeChange::FundsReinstated);
        if dispute.withdrawn_again() {
            return Self::WithdrawnAgain { withdrawal: dispute.withdrawals(), of_reinstatement };
        }
        if dispute.reinstated() {
            let count = dispute.withdrawals();
            return Self::Reinstated { withdrawal: if count > 1 { count } else { 0 } };
        }
        if of_reinstatement {
            return Self::Reinstated { withdrawal: 0 };
        }
        if change == Some(DisputeChange::FundsWithdrawn) || dispute.withdrawn() {
            return Self::Withdrawn;
        }
        Self::NotWithdrawn
    }

    /// The money left us, whether or not it has been reinstated since.
    pub(super) fn was_withdrawn(self) -> bool {
        self != Self::NotWithdrawn
    }

    /// The money was reinstated to us, for good; money that was withdrawn again was reinstated at the time of the
    /// event.
    pub(super) fn is_reinstated(self) -> bool {
        matches!(self, Self::Reinstated { .. } | Self::WithdrawnAgain { of_reinstatement: true, .. })
    }

    /// Which withdrawal took the money after it had been reinstated, from 2; 0: none, or it is reinstated.
    pub(super) fn withdrawn_again(self) -> u32 {
        match self {
            Self::WithdrawnAgain { withdrawal, .. } => withdrawal,
            Self::NotWithdrawn | Self::Withdrawn | Self::Reinstated { .. } => 0,
        }
    }

    /// The later withdrawal whose money is reinstated, from 2; 0: none.
    pub(super) fn returned(self) -> u32 {
        match self {
            Self::Reinstated { withdrawal } => withdrawal,
            Self::NotWithdrawn | Self::Withdrawn | Self::WithdrawnAgain { .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn dispute(status: &str, moved: &[i64]) -> Dispute {
        let moved: Vec<_> = moved.iter().map(|amount| json!({ "amount": amount })).collect();
        let dispute = json!({
            "id": "dp_1", "livemode": false, "amount": 1_000, "currency": "usd", "status": status,
            "balance_transactions": moved,
        });
        serde_json::from_value(dispute).unwrap()
    }

    #[test]
    fn every_word_of_stripes_is_one_phase() {
        let table = [
            ("warning_needs_response", DisputePhase::Inquiry, (false, false)),
            ("warning_under_review", DisputePhase::Inquiry, (false, false)),
            ("warning_closed", DisputePhase::InquiryClosed, (false, true)),
            ("needs_response", DisputePhase::Open, (true, false)),
            ("under_review", DisputePhase::Open, (true, false)),
            ("won", DisputePhase::Won, (false, true)),
            ("lost", DisputePhase::Lost, (false, true)),
            ("prevented", DisputePhase::Prevented, (false, true)),
            ("appeal_needs_response", DisputePhase::Appealed, (true, false)),
            ("appeal_under_review", DisputePhase::Appealed, (true, false)),
            ("a_new_word", DisputePhase::Unknown, (false, false)),
            ("warning_of_a_new_kind", DisputePhase::Unknown, (false, false)),
        ];
        for (status, phase, (open, closed)) in table {
            let state = DisputeState::of(&dispute(status, &[]), None);
            assert_eq!((state.phase, state.funds), (phase, DisputeFunds::NotWithdrawn), "{status}");
            assert_eq!((phase.is_open(), phase.is_closed()), (open, closed), "{status}");
        }
    }

    #[test]
    fn what_moved_and_what_the_event_reports_are_one_statement_of_the_money() {
        let (withdrawn, reinstated) =
            (Some(DisputeChange::FundsWithdrawn), Some(DisputeChange::FundsReinstated));
        let first = DisputeFunds::Reinstated { withdrawal: 0 };
        let again = |of_reinstatement| DisputeFunds::WithdrawnAgain { withdrawal: 2, of_reinstatement };
        // the amounts, the event, the funds; was withdrawn, is reinstated, withdrawn again, returned
        let table: [(&[i64], _, _, _); 16] = [
            (&[], None, DisputeFunds::NotWithdrawn, (false, false, 0, 0)),
            (&[], Some(DisputeChange::Closed), DisputeFunds::NotWithdrawn, (false, false, 0, 0)),
            (&[], withdrawn, DisputeFunds::Withdrawn, (true, false, 0, 0)),
            (&[], reinstated, first, (true, true, 0, 0)),
            (&[-1_000], None, DisputeFunds::Withdrawn, (true, false, 0, 0)),
            (&[-1_000], reinstated, first, (true, true, 0, 0)),
            (&[-600, -400], None, DisputeFunds::Withdrawn, (true, false, 0, 0)),
            (&[-1_000, 400], None, DisputeFunds::Withdrawn, (true, false, 0, 0)),
            (&[1_000], None, first, (true, true, 0, 0)),
            (&[-1_000, 1_000], None, first, (true, true, 0, 0)),
            (&[-1_000, 1_000], withdrawn, first, (true, true, 0, 0)),
            (&[-1_000, 1_000, -1_000], None, again(false), (true, false, 2, 0)),
            (&[-1_000, 1_000, -1_000], withdrawn, again(false), (true, false, 2, 0)),
            (&[-1_000, 1_000, -1_000], reinstated, again(true), (true, true, 2, 0)),
            (
                &[-1_000, 1_000, -1_000, 1_000],
                None,
                DisputeFunds::Reinstated { withdrawal: 2 },
                (true, true, 0, 2),
            ),
            (
                &[-1_000, 1_000, -1_000, 1_000, -1_000],
                None,
                DisputeFunds::WithdrawnAgain { withdrawal: 3, of_reinstatement: false },
                (true, false, 3, 0),
            ),
        ];
        for (moved, change, expected, reads) in table {
            let funds = DisputeState::of(&dispute("lost", moved), change).funds;
            assert_eq!(funds, expected, "{moved:?} {change:?}");
            let found =
                (funds.was_withdrawn(), funds.is_reinstated(), funds.withdrawn_again(), funds.returned());
            assert_eq!(found, reads, "{moved:?} {change:?}");
        }
    }
}
