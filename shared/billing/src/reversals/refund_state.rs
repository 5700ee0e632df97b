//! The state of a refund, as Stripe states it. Pure.

use stripe_client::RefundStatus;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefundState {
    /// On its way to the customer, or waiting for the customer.
    Pending,
    /// The customer has the money.
    Succeeded,
    /// It did not reach the customer: the money is ours again. Final.
    Failed,
    /// It was withdrawn before it left. Final.
    Canceled,
    /// Without a status, or with one that is not known here: the money counts as gone.
    Unknown,
}

impl RefundState {
    pub(crate) fn of(status: Option<&RefundStatus>) -> Self {
        match status {
            Some(RefundStatus::Pending | RefundStatus::RequiresAction) => Self::Pending,
            Some(RefundStatus::Succeeded) => Self::Succeeded,
            Some(RefundStatus::Failed) => Self::Failed,
            Some(RefundStatus::Canceled) => Self::Canceled,
            Some(RefundStatus::Other(_)) | None => Self::Unknown,
        }
    }

    /// The money is ours again, for good.
    pub(super) fn is_undone(self) -> bool {
        match self {
            Self::Failed | Self::Canceled => true,
            Self::Pending | Self::Succeeded | Self::Unknown => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_stripes_is_one_state_and_two_of_them_bring_the_money_back() {
        let word = |word: &str| serde_json::from_value::<RefundStatus>(word.into()).unwrap();
        let table = [
            ("pending", RefundState::Pending, false),
            ("requires_action", RefundState::Pending, false),
            ("succeeded", RefundState::Succeeded, false),
            ("failed", RefundState::Failed, true),
            ("canceled", RefundState::Canceled, true),
            ("a_new_word", RefundState::Unknown, false),
        ];
        for (status, state, undone) in table {
            let read = RefundState::of(Some(&word(status)));
            assert_eq!((read, read.is_undone()), (state, undone), "{status}");
        }
        assert_eq!(RefundState::of(None), RefundState::Unknown);
    }
}
