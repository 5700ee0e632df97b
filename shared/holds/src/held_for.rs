//! What a hold pays for.

use ledger::{CauseKind, Purpose};
use terms::Actor;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldFor {
    Contacts,
    Postcards,
}

impl HeldFor {
    pub(crate) fn purpose(self) -> Purpose {
        match self {
            Self::Contacts => Purpose::Contacts,
            Self::Postcards => Purpose::Postcards,
        }
    }

    pub(crate) fn hold_cause(self) -> CauseKind {
        match self {
            Self::Contacts => CauseKind::ContactsHold,
            Self::Postcards => CauseKind::PrintHold,
        }
    }

    /// The same for settle and release, so that a hold ends once.
    pub(crate) fn end_cause(self) -> CauseKind {
        match self {
            Self::Contacts => CauseKind::ContactsSettle,
            Self::Postcards => CauseKind::PrintSettle,
        }
    }

    pub(crate) fn ended_by(self) -> Actor {
        Actor::system(match self {
            Self::Contacts => "contact-fetcher",
            Self::Postcards => "printing",
        })
    }
}
