//! Holds: opened once, ended once by a settle or a release.

use super::{Change, Draft, HoldChange, Step};
use crate::{Account, EntryKind, Hold, HoldStatus, Part, Purpose, Refusal};
use money::Money;
use terms::HoldId;

impl Draft<'_> {
    pub(super) fn open_hold(
        &mut self,
        id: &HoldId,
        purpose: Purpose,
        amount: Money,
    ) -> Result<Change, Refusal> {
        self.refuse_if_frozen()?;
        let limit = Account::open_holds_max(purpose);
        let open = self.account.open_holds.get(&purpose).copied().unwrap_or(0);
        if open >= limit {
            return Err(Refusal::TooManyOpen { purpose, limit });
        }
        let available = self.account.available()?;
        if available < amount {
            return Err(Refusal::InsufficientCredits {
                required: amount,
                available,
                shortfall: amount.minus(available)?,
            });
        }
        let parts = self.draw(amount)?;
        self.account.held = self.account.held.plus(amount)?;
        self.account.open_holds.insert(purpose, open.saturating_add(1));
        let hold = Hold {
            id: id.clone(),
            organization: self.account.organization.clone(),
            purpose,
            amount,
            parts: parts.clone(),
            status: HoldStatus::Open,
            opened_seq: self.next_seq(),
            opened_at: self.recorded_at,
            ended_seq: None,
        };
        let step = Step {
            kind: EntryKind::Hold,
            amount: amount.negated(),
            lots: parts.iter().map(|part| part.with_amount(part.amount.negated())).collect(),
            reverses: None,
        };
        Ok(Change { step, hold: Some(HoldChange::Open(hold)) })
    }

    /// Ends a hold: charges `charge` of it, none when it is a release, and returns the rest.
    pub(super) fn end_hold(&mut self, hold: &Hold, charge: Option<Money>) -> Result<Change, Refusal> {
        if hold.status != HoldStatus::Open {
            return Err(Refusal::HoldEnded { status: hold.status });
        }
        let charged = charge.unwrap_or(Money::ZERO);
        if charged.is_negative() || charged > hold.amount {
            return Err(Refusal::ChargeExceedsHold);
        }
        let (spent, rest) = split(&hold.parts, charged)?;
        self.account.held = self.account.held.minus(hold.amount)?;
        self.count_down(hold.purpose);
        let returned = self.credit(&rest)?;
        self.account.totals.spent = self.account.totals.spent.plus(charged)?;
        self.month.spent = self.month.spent.plus(charged)?;
        let status = if charge.is_some() { HoldStatus::Settled } else { HoldStatus::Released };
        let ended = Hold { status, ended_seq: Some(self.next_seq()), ..hold.clone() };
        let mut lots: Vec<Part> = spent.iter().map(|part| part.with_amount(part.amount.negated())).collect();
        lots.extend(returned);
        let (kind, amount) = if charged.is_zero() {
            (EntryKind::Release, hold.amount)
        } else {
            (EntryKind::Charge, charged.negated())
        };
        let step = Step { kind, amount, lots, reverses: Some(hold.opened_seq) };
        Ok(Change { step, hold: Some(HoldChange::End(ended)) })
    }

    fn count_down(&mut self, purpose: Purpose) {
        let open = self.account.open_holds.get(&purpose).copied().unwrap_or(0).saturating_sub(1);
        if open == 0 {
            self.account.open_holds.remove(&purpose);
        } else {
            self.account.open_holds.insert(purpose, open);
        }
    }
}

/// Splits a hold's parts, in burn order, into what a charge uses and what returns.
fn split(parts: &[Part], charged: Money) -> Result<(Vec<Part>, Vec<Part>), Refusal> {
    let mut in_order: Vec<&Part> = parts.iter().collect();
    in_order.sort_by_key(|part| part.burn_order());
    let mut left = charged;
    let (mut spent, mut rest) = (Vec::new(), Vec::new());
    for part in in_order {
        let used = part.amount.min(left);
        left = left.minus(used)?;
        let unused = part.amount.minus(used)?;
        if used.is_positive() {
            spent.push(part.with_amount(used));
        }
        if unused.is_positive() {
            rest.push(part.with_amount(unused));
        }
    }
    Ok((spent, rest))
}
