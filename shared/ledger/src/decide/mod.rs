//! The one decision: account, hold, command, time → accept or refuse. Pure: no clock, no IO, no async.

mod holds;
mod lots;
mod reversals;
#[cfg(test)]
mod tests;

use crate::{
    Account, Cause, CauseKind, Command, Condition, Crossing, Entry, EntryKind, FrozenReason, Hash, Hold,
    LotKind, MonthDelta, Movement, Part, Refusal, limits,
};
use money::Money;
use terms::{HoldId, Timestamp};

/// What a decision needs besides the account and the hold.
#[derive(Debug, Clone, Copy)]
pub struct Context {
    /// By our clock.
    pub now: Timestamp,
}

/// What a movement does to a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldChange {
    Open(Hold),
    End(Hold),
}

impl HoldChange {
    /// The hold after the change.
    #[must_use]
    pub fn hold(&self) -> &Hold {
        match self {
            Self::Open(hold) | Self::End(hold) => hold,
        }
    }
}

/// What is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The account after the movement.
    pub account: Account,
    /// In order: expiries that were due, the movement's own entry, expiries of what it returned.
    pub entries: Vec<Entry>,
    /// The index of the movement's own entry.
    pub main: usize,
    pub hold: Option<HoldChange>,
    /// What the month gains.
    pub month: MonthDelta,
    /// The watched levels of available credits that the movement crosses.
    pub crossing: Option<Crossing>,
}

impl Accepted {
    #[must_use]
    pub fn entry(&self) -> &Entry {
        &self.entries[self.main]
    }

    #[must_use]
    pub fn hold_id(&self) -> Option<HoldId> {
        self.hold.as_ref().map(|change| change.hold().id.clone())
    }
}

/// What an entry changes of the account besides its lots, deficit and held amount.
pub(crate) struct EntryDraft {
    pub kind: EntryKind,
    pub amount: Money,
    pub lots: Vec<Part>,
    pub reverses: Option<u64>,
}

/// Decides a movement on an account. `hold` is the hold that the command names, if it names one.
pub fn decide(
    account: &Account,
    hold: Option<&Hold>,
    movement: &Movement,
    context: Context,
) -> Result<Accepted, Refusal> {
    let mut draft = Draft::new(account, movement, context);
    draft.post_due_expiries()?;
    if movement.command == Command::Expire {
        let last = draft.entries.len().checked_sub(1).ok_or(Refusal::NothingExpired)?;
        return draft.accepted(account, last, None);
    }
    let returned = draft.return_held(hold, &movement.command)?;
    let main = draft.entries.len();
    let before = Balances::of(&draft.account)?;
    let change = draft.apply(hold, &movement.command)?;
    draft.append(before, change.entry_draft, &movement.cause, &movement.description)?;
    draft.post_due_expiries()?;
    draft.merge_lots()?;
    draft.accepted(account, main, change.hold.or(returned))
}

pub(crate) struct Change {
    pub entry_draft: EntryDraft,
    pub hold: Option<HoldChange>,
}

impl Change {
    fn without_hold(entry_draft: EntryDraft) -> Self {
        Self { entry_draft, hold: None }
    }
}

/// Available and held credits at one moment.
#[derive(Clone, Copy)]
struct Balances {
    available: Money,
    held: Money,
}

impl Balances {
    fn of(account: &Account) -> Result<Self, Refusal> {
        Ok(Self { available: account.available()?, held: account.held })
    }
}

/// The account while a movement changes it.
pub(crate) struct Draft<'a> {
    account: Account,
    movement: &'a Movement,
    recorded_at: Timestamp,
    entries: Vec<Entry>,
    month: MonthDelta,
}

impl<'a> Draft<'a> {
    fn new(account: &Account, movement: &'a Movement, context: Context) -> Self {
        let recorded_at = account.last_recorded_at.map_or(context.now, |last| last.max(context.now));
        Self {
            account: account.clone(),
            movement,
            recorded_at,
            entries: Vec::new(),
            month: MonthDelta::default(),
        }
    }

    fn accepted(self, read: &Account, main: usize, hold: Option<HoldChange>) -> Result<Accepted, Refusal> {
        let crossing = Crossing::of(read, &self.account, self.entries.get(main))?;
        Ok(Accepted { account: self.account, entries: self.entries, main, hold, month: self.month, crossing })
    }

    /// The number that the next entry will carry.
    fn next_seq(&self) -> u64 {
        self.account.seq.saturating_add(1)
    }

    fn apply(&mut self, hold: Option<&Hold>, command: &Command) -> Result<Change, Refusal> {
        match command {
            Command::Grant { kind, amount, source, expires_at } => {
                self.grant(*kind, amount.get(), source, *expires_at).map(Change::without_hold)
            }
            Command::Hold { id, purpose, amount } => {
                if hold.is_some() {
                    return Err(Refusal::HoldExists);
                }
                self.open_hold(id, *purpose, amount.get())
            }
            Command::HoldOfGrant { id, amount, grant } => {
                if hold.is_some() {
                    return Err(Refusal::HoldExists);
                }
                self.open_hold_of_grant(id, amount.get(), *grant)
            }
            Command::HoldRest { id, at_most, grant } => {
                if hold.is_some() {
                    return Err(Refusal::HoldExists);
                }
                self.open_hold_of_rest(id, at_most.get(), *grant)
            }
            // The hold's credits have been returned.
            Command::TakeHeld { kind, amount, grant, .. } => {
                self.take(*kind, amount.get(), *grant).map(Change::without_hold)
            }
            Command::SettleRefund { amount, grant_seq, .. } => {
                self.settle_refund(hold.ok_or(Refusal::HoldMissing)?, amount.get(), *grant_seq)
            }
            Command::Withdraw { amount } => self.withdraw(amount.get()).map(Change::without_hold),
            // Decided before: it has no entry of its own.
            Command::Expire => Err(Refusal::NothingExpired),
            Command::Settle { charge, .. } => self.end_hold(hold.ok_or(Refusal::HoldMissing)?, Some(*charge)),
            Command::Release { .. } => self.end_hold(hold.ok_or(Refusal::HoldMissing)?, None),
            Command::Take { kind, amount, grant } => {
                self.take(*kind, amount.get(), *grant).map(Change::without_hold)
            }
            Command::GiveBack { kind, parts, taking_seq } => {
                self.give_back(*kind, parts, *taking_seq).map(Change::without_hold)
            }
            Command::CreditBack { parts, charge_seq } => {
                self.credit_back(parts, *charge_seq).map(Change::without_hold)
            }
            Command::Provided { condition, command } => {
                self.refuse_unless(*condition)?;
                self.apply(hold, command)
            }
            Command::Freeze { object, reason } => {
                self.account.frozen.insert(object.clone(), *reason);
                Ok(Change::without_hold(Self::unmoving(EntryKind::Frozen)))
            }
            Command::Unfreeze { object } => {
                self.account.frozen.remove(object);
                Ok(Change::without_hold(Self::unmoving(EntryKind::Unfrozen)))
            }
        }
    }

    fn unmoving(kind: EntryKind) -> EntryDraft {
        EntryDraft { kind, amount: Money::ZERO, lots: Vec::new(), reverses: None }
    }

    fn grant(
        &mut self,
        kind: LotKind,
        amount: Money,
        source: &str,
        expires_at: Option<Timestamp>,
    ) -> Result<EntryDraft, Refusal> {
        let part = Part {
            lot: self.next_seq(),
            kind,
            source: source.to_owned(),
            amount,
            expires_at: if kind.is_paid() { None } else { expires_at },
        };
        let lots = self.credit(&[part])?;
        self.account.opened |= kind == LotKind::Opening;
        let totals = &mut self.account.totals;
        if kind.is_paid() {
            totals.purchased = totals.purchased.plus(amount)?;
        } else {
            totals.granted = totals.granted.plus(amount)?;
        }
        if matches!(kind, LotKind::Purchase | LotKind::TopUp) {
            self.account.last_purchase_at = Some(self.recorded_at);
            self.month.bought = self.month.bought.plus(amount)?;
        } else {
            self.month.granted = self.month.granted.plus(amount)?;
        }
        Ok(EntryDraft { kind: entry_kind(kind), amount, lots, reverses: None })
    }

    /// Posts an expiry for each lot that has expired, each an entry of its own.
    fn post_due_expiries(&mut self) -> Result<(), Refusal> {
        while let Some(at) = self
            .account
            .lots
            .iter()
            .position(|lot| lot.expires_at.is_some_and(|expires_at| expires_at <= self.recorded_at))
        {
            let before = Balances::of(&self.account)?;
            let lot = self.account.lots.remove(at);
            let amount = lot.remaining.negated();
            let entry_draft = EntryDraft {
                kind: EntryKind::Expiry,
                amount,
                lots: vec![Part::of(&lot, amount)],
                reverses: Some(lot.seq),
            };
            let cause = Cause::new(CauseKind::Expiry, format!("L{}", lot.seq));
            self.append(before, entry_draft, &cause, "Unused credits ended")?;
        }
        Ok(())
    }

    fn append(
        &mut self,
        before: Balances,
        entry_draft: EntryDraft,
        cause: &Cause,
        description: &str,
    ) -> Result<(), Refusal> {
        let after = Balances::of(&self.account)?;
        let seq = self.next_seq();
        let mut entry = Entry {
            organization: self.account.organization.clone(),
            seq,
            kind: entry_draft.kind,
            amount: entry_draft.amount,
            available_before: before.available,
            available_after: after.available,
            held_before: before.held,
            held_after: after.held,
            cause: cause.clone(),
            actor: self.movement.actor.clone(),
            description: description.chars().take(limits::DESCRIPTION_LENGTH_MAX).collect(),
            occurred_at: self.movement.occurred_at.unwrap_or(self.recorded_at),
            recorded_at: self.recorded_at,
            lots: entry_draft.lots,
            reverses: entry_draft.reverses,
            previous_hash: self.account.head,
            hash: Hash::ZERO,
        };
        entry.hash = entry.computed_hash();
        self.account.seq = seq;
        self.account.head = entry.hash;
        self.account.last_recorded_at = Some(self.recorded_at);
        self.entries.push(entry);
        Ok(())
    }

    fn refuse_unless(&self, condition: Condition) -> Result<(), Refusal> {
        match condition {
            Condition::HasEntries if self.account.seq == 0 => Err(Refusal::NoEntries),
            Condition::Unopened if !self.account.is_unopened()? => Err(Refusal::NotUnopened),
            Condition::HasEntries | Condition::Unopened => Ok(()),
        }
    }

    fn refuse_if_frozen(&self) -> Result<(), Refusal> {
        let reasons: Vec<FrozenReason> = self.account.frozen_reasons();
        if reasons.is_empty() { Ok(()) } else { Err(Refusal::AccountFrozen { reasons }) }
    }
}

fn entry_kind(kind: LotKind) -> EntryKind {
    match kind {
        LotKind::Purchase => EntryKind::Purchase,
        LotKind::TopUp => EntryKind::TopUp,
        LotKind::Opening => EntryKind::Opening,
        LotKind::Subscription => EntryKind::Subscription,
        LotKind::Promotional => EntryKind::Promotional,
        LotKind::Adjustment => EntryKind::Adjustment,
    }
}
