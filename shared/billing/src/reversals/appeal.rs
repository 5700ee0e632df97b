//! The appeal of a dispute. Its end has the same statuses as the dispute's own end, so the times decide which of the
//! two an event reports, in whatever order events arrive.
//!
//! An appeal may withdraw the money of a won dispute a second time. Its credits are not reversed again: they cannot
//! be spent until the money is reinstated, or finance has corrected them.

use crate::reversals::{
    dispute_state::{DisputePhase, DisputeState},
    reversal::Contradiction,
};
use serde::{Deserialize, Serialize};
use terms::Timestamp;

/// A decision that is, or was, under appeal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "StoredAppeal", into = "StoredAppeal")]
pub struct Appeal {
    /// The latest time at which it is known to have been open.
    open_at: Timestamp,
    decided_at: Option<Timestamp>,
    freeze: AppealFreeze,
    /// The latest withdrawal that took the money after it had been reinstated, counted over the dispute's life; 0:
    /// none.
    withdrawn_again: u32,
    /// The latest of these whose money was reinstated.
    returned: u32,
    /// The latest of these whose credits finance has corrected.
    corrected: u32,
}

/// What an appeal freezes. A later appeal freezes again, so its freezes are counted, from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AppealFreeze {
    /// It never froze the account.
    Never,
    /// The account is frozen.
    Standing { nth: u32 },
    /// The latest freeze has ended.
    Lifted { nth: u32 },
}

impl AppealFreeze {
    fn nth(self) -> u32 {
        match self {
            Self::Never => 0,
            Self::Standing { nth } | Self::Lifted { nth } => nth,
        }
    }
}

impl Appeal {
    /// The appeal after a dispute's state as of `at`; `None` before the first appeal.
    pub(super) fn after(known: Option<Self>, dispute: DisputeState, at: Timestamp) -> Option<Self> {
        let first = |decided_at| Self {
            open_at: at,
            decided_at,
            freeze: AppealFreeze::Never,
            withdrawn_again: 0,
            returned: 0,
            corrected: 0,
        };
        let (withdrawn_again, returned) = (dispute.funds.withdrawn_again(), dispute.funds.returned());
        let is_appealed = dispute.phase == DisputePhase::Appealed;
        // A second withdrawal means an appeal, even if only its end was reported.
        let unheard = (withdrawn_again > 0).then(|| first(Some(at)));
        let known = known.or(if is_appealed { Some(first(None)) } else { unheard })?;
        let known = Self {
            withdrawn_again: known.withdrawn_again.max(withdrawn_again),
            returned: known.returned.max(returned),
            ..known
        };
        if is_appealed {
            return Some(Self { open_at: known.open_at.max(at), ..known });
        }
        // A decision that is older than the appeal is the one under appeal.
        let decided = dispute.phase.is_closed() && known.is_open() && at > known.open_at;
        Some(if decided { Self { decided_at: Some(at), ..known } } else { known })
    }

    pub(super) fn is_open(self) -> bool {
        self.decided_at.is_none_or(|decided_at| decided_at < self.open_at)
    }

    /// The money was withdrawn again and not reinstated, and finance has not corrected its credits.
    pub(super) fn is_money_missing(self) -> bool {
        self.withdrawn_again > self.returned.max(self.corrected)
    }

    /// After finance corrected what was withdrawn again.
    pub(super) fn corrected(self) -> Self {
        Self { corrected: self.withdrawn_again, ..self }
    }

    /// It froze the account, and the freeze has not ended.
    pub(super) fn is_freezing(self) -> bool {
        matches!(self.freeze, AppealFreeze::Standing { .. })
    }

    /// Freezes the account, if it has to and has not yet.
    pub(super) fn freeze(&mut self) -> bool {
        if self.is_freezing() || !self.is_to_freeze() {
            return false;
        }
        self.freeze = AppealFreeze::Standing { nth: self.freeze.nth().saturating_add(1) };
        true
    }

    /// Ends the freeze, if it has to.
    pub(super) fn lift(&mut self) -> bool {
        let AppealFreeze::Standing { nth } = self.freeze else { return false };
        if self.is_to_freeze() {
            return false;
        }
        self.freeze = AppealFreeze::Lifted { nth };
        true
    }

    /// The name of its freezes in their causes: each has its own.
    pub(super) fn cause_of(self, object: &str) -> String {
        match self.freeze.nth() {
            0 | 1 => format!("{object}/appeal"),
            nth => format!("{object}/appeal-{nth}"),
        }
    }

    fn is_to_freeze(self) -> bool {
        self.is_open() || self.is_money_missing()
    }
}

/// As an [`Appeal`] is stored.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredAppeal {
    open_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    decided_at: Option<Timestamp>,
    #[serde(default)]
    frozen: bool,
    #[serde(default)]
    unfrozen: bool,
    #[serde(default)]
    earlier_freezes: u32,
    #[serde(default)]
    taken_again: u32,
    #[serde(default)]
    returned: u32,
    #[serde(default)]
    corrected: u32,
}

impl TryFrom<StoredAppeal> for Appeal {
    type Error = Contradiction;

    fn try_from(stored: StoredAppeal) -> Result<Self, Contradiction> {
        let StoredAppeal { open_at, decided_at, taken_again, returned, corrected, .. } = stored;
        let nth = stored.earlier_freezes.saturating_add(1);
        let freeze = match (stored.frozen, stored.unfrozen) {
            (false, false) if stored.earlier_freezes == 0 => AppealFreeze::Never,
            (true, false) => AppealFreeze::Standing { nth },
            (true, true) => AppealFreeze::Lifted { nth },
            (false, _) => return Err(Contradiction("appeal")),
        };
        Ok(Self { open_at, decided_at, freeze, withdrawn_again: taken_again, returned, corrected })
    }
}

impl From<Appeal> for StoredAppeal {
    fn from(appeal: Appeal) -> Self {
        Self {
            open_at: appeal.open_at,
            decided_at: appeal.decided_at,
            frozen: appeal.freeze != AppealFreeze::Never,
            unfrozen: matches!(appeal.freeze, AppealFreeze::Lifted { .. }),
            earlier_freezes: appeal.freeze.nth().saturating_sub(1),
            taken_again: appeal.withdrawn_again,
            returned: appeal.returned,
            corrected: appeal.corrected,
        }
    }
}
