//! Holds: opened once, ended once by a settle or a release.

use super::{Balances, Change, Draft, EntryDraft, HoldChange};
use crate::{
    Account, Cause, CauseKind, Command, EntryKind, GrantRef, Hold, HoldStatus, Part, Purpose, Refusal,
};
use money::Money;
use terms::HoldId;

impl Draft<'_> {
    pub(super) fn open_hold(
        &mut self,
        id: &HoldId,
        purpose: Purpose,
        amount: Money,
    ) -> Result<Change, Refusal> {
        self.refuse_new_hold(purpose)?;
        let available = self.account.available()?;
        if available < amount {
            return Err(Refusal::InsufficientCredits {
                required: amount,
                available,
                shortfall: amount.minus(available)?,
            });
        }
        let parts = self.draw(amount)?;
        self.put_aside(id, purpose, amount, parts)
    }

    /// Puts credits of one grant's lot on hold for its refund.
    pub(super) fn open_hold_of_grant(
        &mut self,
        id: &HoldId,
        amount: Money,
        grant: GrantRef,
    ) -> Result<Change, Refusal> {
        self.refuse_new_hold(Purpose::Refund)?;
        let parts = self.draw_own_only(grant, amount)?;
        self.put_aside(id, Purpose::Refund, amount, parts)
    }

    /// Puts the unused credits of one grant on hold, whatever else refuses new holds.
    pub(super) fn open_hold_of_rest(
        &mut self,
        id: &HoldId,
        at_most: Money,
        grant: GrantRef,
    ) -> Result<Change, Refusal> {
        let amount = self.account.remaining_of(grant).min(at_most);
        if !amount.is_positive() {
            let available = Money::ZERO;
            return Err(Refusal::InsufficientCredits { required: at_most, available, shortfall: at_most });
        }
        let parts = self.draw_own_only(grant, amount)?;
        self.put_aside(id, Purpose::FraudWarning, amount, parts)
    }

    /// Returns the credits of a hold before they are reversed: an entry of its own, before the movement's.
    pub(super) fn return_held(
        &mut self,
        hold: Option<&Hold>,
        command: &Command,
    ) -> Result<Option<HoldChange>, Refusal> {
        if !matches!(command, Command::TakeHeld { .. }) {
            return Ok(None);
        }
        let hold = hold.ok_or(Refusal::HoldMissing)?;
        let before = Balances::of(&self.account)?;
        let change = self.end_hold(hold, None)?;
        let kind = match hold.purpose {
            Purpose::Contacts => CauseKind::ContactsSettle,
            Purpose::Postcards => CauseKind::PrintSettle,
            Purpose::Refund => CauseKind::RefundRelease,
            Purpose::FraudWarning => CauseKind::FraudWarningLifted,
        };
        let cause = Cause::new(kind, hold.id.as_str());
        self.append(before, change.entry_draft, &cause, "Held credits returned, to be taken back")?;
        Ok(change.hold)
    }

    fn refuse_new_hold(&self, purpose: Purpose) -> Result<(), Refusal> {
        self.refuse_if_frozen()?;
        let limit = Account::open_holds_max(purpose);
        if self.open_holds(purpose) >= limit {
            return Err(Refusal::TooManyOpen { purpose, limit });
        }
        Ok(())
    }

    fn open_holds(&self, purpose: Purpose) -> u32 {
        self.account.open_holds.get(&purpose).copied().unwrap_or(0)
    }

    fn put_aside(
        &mut self,
        id: &HoldId,
        purpose: Purpose,
        amount: Money,
        parts: Vec<Part>,
    ) -> Result<Change, Refusal> {
        let open = self.open_holds(purpose);
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
        let entry_draft = EntryDraft {
            kind: EntryKind::Hold,
            amount: amount.negated(),
            lots: parts.iter().map(|part| part.with_amount(part.amount.negated())).collect(),
            reverses: None,
        };
        Ok(Change { entry_draft, hold: Some(HoldChange::Open(hold)) })
    }

    /// Ends a hold: charges `charge` of it (`None`: a release) and returns the rest.
    pub(super) fn end_hold(&mut self, hold: &Hold, charge: Option<Money>) -> Result<Change, Refusal> {
        let charged = charge.unwrap_or(Money::ZERO);
        let status = if charge.is_some() { HoldStatus::Settled } else { HoldStatus::Released };
        let (ended, lots) = self.use_hold(hold, charged, status)?;
        self.account.totals.spent = self.account.totals.spent.plus(charged)?;
        self.month.spent = self.month.spent.plus(charged)?;
        let (kind, amount) = if charged.is_zero() {
            (EntryKind::Release, hold.amount)
        } else {
            (EntryKind::Charge, charged.negated())
        };
        let entry_draft = EntryDraft { kind, amount, lots, reverses: Some(hold.opened_seq) };
        Ok(Change { entry_draft, hold: Some(HoldChange::End(ended)) })
    }

    /// Ends a hold because `amount` of it was refunded in money; its rest returns.
    pub(super) fn settle_refund(
        &mut self,
        hold: &Hold,
        amount: Money,
        grant_seq: u64,
    ) -> Result<Change, Refusal> {
        let (ended, lots) = self.use_hold(hold, amount, HoldStatus::Settled)?;
        self.month.taken = self.month.taken.plus(amount)?;
        let entry_draft =
            EntryDraft { kind: EntryKind::Refund, amount: amount.negated(), lots, reverses: Some(grant_seq) };
        Ok(Change { entry_draft, hold: Some(HoldChange::End(ended)) })
    }

    /// Uses `used` of an open hold and returns its rest: the ended hold, and the lots touched.
    fn use_hold(
        &mut self,
        hold: &Hold,
        used: Money,
        status: HoldStatus,
    ) -> Result<(Hold, Vec<Part>), Refusal> {
        if hold.status != HoldStatus::Open {
            return Err(Refusal::HoldEnded { status: hold.status });
        }
        if used.is_negative() || used > hold.amount {
            return Err(Refusal::ChargeExceedsHold);
        }
        let (spent, rest) = split(&hold.parts, used)?;
        self.account.held = self.account.held.minus(hold.amount)?;
        self.count_down(hold.purpose);
        let returned = self.credit(&rest)?;
        let ended = Hold { status, ended_seq: Some(self.next_seq()), ..hold.clone() };
        let mut lots: Vec<Part> = spent.iter().map(|part| part.with_amount(part.amount.negated())).collect();
        lots.extend(returned);
        Ok((ended, lots))
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
