//! Reversals for refunds and disputes, what is reinstated of them, and charges credited back.

use super::{Draft, EntryDraft};
use crate::{EntryKind, GrantRef, Part, Refusal, TakeKind};
use money::Money;

impl Draft<'_> {
    /// Draws from the grant's own lot, then in burn order, then as a deficit. Never refused for a freeze.
    pub(super) fn take(
        &mut self,
        kind: TakeKind,
        amount: Money,
        grant: GrantRef,
    ) -> Result<EntryDraft, Refusal> {
        let drawn = self.draw_own_first(grant, amount)?;
        let missing = amount.minus(Money::sum(drawn.iter().map(|part| part.amount))?)?;
        self.account.deficit = self.account.deficit.plus(missing)?;
        self.month.taken = self.month.taken.plus(amount)?;
        Ok(EntryDraft {
            kind: match kind {
                TakeKind::Refund => EntryKind::Refund,
                TakeKind::Dispute => EntryKind::Dispute,
            },
            amount: amount.negated(),
            lots: drawn.iter().map(|part| part.with_amount(part.amount.negated())).collect(),
            reverses: Some(grant.seq),
        })
    }

    /// Removes credits as a correction: never more than is available.
    pub(super) fn withdraw(&mut self, amount: Money) -> Result<EntryDraft, Refusal> {
        let available = self.account.available()?;
        if available < amount {
            let shortfall = amount.minus(available)?;
            return Err(Refusal::InsufficientCredits { required: amount, available, shortfall });
        }
        let drawn = self.draw(amount)?;
        self.account.totals.corrected = self.account.totals.corrected.plus(amount)?;
        self.month.corrected = self.month.corrected.plus(amount)?;
        Ok(EntryDraft {
            kind: EntryKind::Adjustment,
            amount: amount.negated(),
            lots: drawn.iter().map(|part| part.with_amount(part.amount.negated())).collect(),
            reverses: None,
        })
    }

    pub(super) fn give_back(
        &mut self,
        kind: TakeKind,
        parts: &[Part],
        taking_seq: u64,
    ) -> Result<EntryDraft, Refusal> {
        let amount = positive_sum(parts)?;
        let lots = self.credit(parts)?;
        self.month.taken = self.month.taken.minus(amount)?;
        Ok(EntryDraft {
            kind: match kind {
                TakeKind::Refund => EntryKind::RefundUndone,
                TakeKind::Dispute => EntryKind::DisputeReturned,
            },
            amount,
            lots,
            reverses: Some(taking_seq),
        })
    }

    pub(super) fn credit_back(&mut self, parts: &[Part], charge_seq: u64) -> Result<EntryDraft, Refusal> {
        let amount = positive_sum(parts)?;
        let lots = self.credit(parts)?;
        self.account.totals.spent = self.account.totals.spent.minus(amount)?;
        self.month.credited_back = self.month.credited_back.plus(amount)?;
        Ok(EntryDraft { kind: EntryKind::CreditBack, amount, lots, reverses: Some(charge_seq) })
    }
}

fn positive_sum(parts: &[Part]) -> Result<Money, Refusal> {
    if parts.iter().any(|part| !part.amount.is_positive()) {
        return Err(Refusal::NothingToGiveBack);
    }
    let sum = Money::sum(parts.iter().map(|part| part.amount))?;
    if sum.is_positive() { Ok(sum) } else { Err(Refusal::NothingToGiveBack) }
}
