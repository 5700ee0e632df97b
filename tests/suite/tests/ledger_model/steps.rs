//! What is asked of both accounts: what was drawn at random, resolved against the reference as it stands, so
//! that a refund names a grant that exists and a retry repeats what was asked before.

use crate::{
    draws::{Amount, act, trouble},
    reference::{Account, Ask, Cents, Piece, Receipt, Why},
};
use ledger::{CauseKind, EntryKind, FrozenReason, HoldStatus, LotKind, Purpose, TakeKind};
use proptest::{prelude::*, sample::Index};
use proptest_state_machine::ReferenceStateMachine;
use std::collections::{BTreeMap, BTreeSet};
use terms::Timestamp;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    Nothing,
    LostWrite,
    /// The write is carried out and its answer is lost.
    LostAnswer,
    /// The write is carried out and answered with 500.
    ServerError,
    Conflict,
    Throttled,
    /// The first read fails.
    LostRead,
    /// The write is carried out, its answer is lost, and nobody can read what became of it.
    Silence,
}

#[derive(Debug, Clone)]
pub enum Act {
    Grant { kind: LotKind, cents: Cents, days: Option<i64> },
    Hold { purpose: Purpose, amount: Amount },
    HoldOfGrant { which: Index, amount: Amount },
    HoldAgain(Index),
    End { which: Index, open: bool, charge: Option<Amount> },
    Refund { which: Index, amount: Amount },
    Take { kind: TakeKind, which: Index, amount: Amount },
    Withdraw { amount: Amount },
    Expire { waits: bool },
    GiveBack(Index),
    CreditBack { which: Index, amount: Amount },
    Freeze { object: u8, reason: FrozenReason },
    Unfreeze { object: u8 },
    Clock { hours: i64 },
    Watch(Vec<Amount>),
    Again { which: Index, same_body: bool },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bent {
    Everything,
    ManyLots,
    ManyHolds,
    Debts,
}

#[derive(Debug, Clone)]
pub struct Asked {
    pub cause: (CauseKind, u64),
    pub body: String,
    pub ask: Ask,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Receipt(Receipt),
    Replay(Receipt),
    Refused(Why),
}

/// The latest step: what was asked, what went wrong, and what must be answered.
#[derive(Debug, Clone)]
pub struct Step {
    pub asked: Asked,
    pub trouble: Trouble,
    pub outcome: Outcome,
}

/// Something that can be reversed: the entry, the lots it used, what is left to reverse.
#[derive(Debug, Clone)]
struct Reversible {
    seq: u64,
    pieces: Vec<Piece>,
    left: Cents,
    kind: TakeKind,
}

#[derive(Debug, Clone)]
pub struct Reference {
    pub bent: Bent,
    pub now: Timestamp,
    pub account: Account,
    /// `None` after a turn of the clock, and where levels were set.
    pub step: Option<Step>,
    pub set: Option<Trouble>,
    causes: BTreeMap<(CauseKind, u64), (String, Receipt)>,
    asked: Vec<Asked>,
    grants: Vec<Reversible>,
    reversals: Vec<Reversible>,
    charges: Vec<Reversible>,
}

pub const START: &str = "2026-11-22T08:00:00Z";

impl ReferenceStateMachine for Reference {
    type State = Self;
    type Transition = (Act, Trouble);

    fn init_state() -> BoxedStrategy<Self> {
        let bents = prop_oneof![
            3 => Just(Bent::Everything),
            2 => Just(Bent::ManyLots),
            1 => Just(Bent::ManyHolds),
            1 => Just(Bent::Debts),
        ];
        bents.prop_map(Self::new).boxed()
    }

    fn transitions(state: &Self) -> BoxedStrategy<Self::Transition> {
        (act(state.bent), trouble()).boxed()
    }

    fn apply(mut state: Self, (act, trouble): &Self::Transition) -> Self {
        (state.step, state.set) = (None, None);
        if let Act::Watch(levels) = act {
            state.watch(levels);
            state.set = Some(*trouble);
        } else if let Some(asked) = state.resolve(act) {
            state.take_step(asked, *trouble);
        }
        state
    }
}

impl Reference {
    fn new(bent: Bent) -> Self {
        Self {
            bent,
            now: Timestamp::parse(START).unwrap(),
            account: Account::default(),
            step: None,
            set: None,
            causes: BTreeMap::new(),
            asked: Vec::new(),
            grants: Vec::new(),
            reversals: Vec::new(),
            charges: Vec::new(),
        }
    }

    fn watch(&mut self, levels: &[Amount]) {
        let available = self.account.available();
        let levels: BTreeSet<Cents> = levels.iter().map(|level| level.of(available).max(1)).collect();
        let seq = self.account.seq();
        self.account.levels.set(seq, levels, available, self.now);
    }

    /// What an act means now; `None`: it is a turn of the clock, or there is nothing to do it to.
    fn resolve(&mut self, act: &Act) -> Option<Asked> {
        let id = self.asked.len() as u64;
        let (kind, ask) = match act {
            Act::Clock { hours } => {
                self.now = self.now.plus_seconds(hours * 3600);
                return None;
            }
            Act::Watch(_) => return None,
            Act::Again { which, same_body } => return self.again(which, *same_body),
            Act::Grant { kind, cents, days } => {
                let ends = days.map(|days| self.now.plus_seconds(days * 86_400));
                (grant_cause(*kind), Ask::Grant { kind: *kind, cents: *cents, ends })
            }
            Act::Hold { purpose, amount } => {
                let cents = amount.of(self.account.available()).max(1);
                (hold_cause(*purpose), Ask::Hold { id, purpose: *purpose, cents })
            }
            Act::HoldAgain(which) => {
                let (id, hold) = pick(self.account.holds.iter(), which)?;
                (hold_cause(hold.purpose), Ask::Hold { id: *id, purpose: hold.purpose, cents: 1 })
            }
            Act::End { open: true, .. } if self.account.open().next().is_none() => {
                let cents = (self.account.available() / 10).max(1);
                (CauseKind::ContactsHold, Ask::Hold { id, purpose: Purpose::Contacts, cents })
            }
            Act::End { which, open, charge } => self.end(which, *open, charge.as_ref()),
            Act::HoldOfGrant { .. } | Act::Refund { .. } | Act::Withdraw { .. } | Act::Expire { .. } => {
                self.asked_by_us(id, act)?
            }
            Act::Take { kind, which, amount } => {
                let grant = pick(self.grants.iter().filter(|grant| grant.left > 0), which)?;
                let cents = amount.of(grant.left).clamp(1, grant.left);
                let refund = *kind == TakeKind::Refund;
                let cause = if refund { CauseKind::Refund } else { CauseKind::DisputeTaken };
                (cause, Ask::Take { kind: *kind, grant: (grant.seq, grant.pieces[0].kind), cents })
            }
            Act::GiveBack(which) => {
                let reversal = pick(self.reversals.iter().filter(|reversal| reversal.left > 0), which)?;
                let refund = reversal.kind == TakeKind::Refund;
                let cause = if refund { CauseKind::RefundUndone } else { CauseKind::DisputeReturned };
                let pieces = reversal.pieces.clone();
                (cause, Ask::GiveBack { kind: reversal.kind, reversal: reversal.seq, pieces })
            }
            Act::CreditBack { which, amount } => {
                let charge = pick(self.charges.iter().filter(|charge| charge.left > 0), which)?;
                let pieces = first_of(&charge.pieces, amount.of(charge.left).clamp(1, charge.left));
                (CauseKind::CreditBack, Ask::CreditBack { charge: charge.seq, pieces })
            }
            Act::Freeze { object, reason } => {
                (CauseKind::Frozen, Ask::Freeze { object: *object, reason: *reason })
            }
            Act::Unfreeze { object } => {
                let object = self.account.frozen.keys().next().unwrap_or(object);
                (CauseKind::Unfrozen, Ask::Unfreeze { object: *object })
            }
        };
        Some(Asked { cause: (kind, id), body: format!("{ask:?}"), ask })
    }

    fn asked_by_us(&mut self, id: u64, act: &Act) -> Option<(CauseKind, Ask)> {
        Some(match act {
            Act::HoldOfGrant { which, amount } => {
                let grant = pick(self.grants.iter(), which)?;
                let grant = (grant.seq, grant.pieces[0].kind);
                let cents = amount.of(self.account.left_of(grant)).max(1);
                (CauseKind::RefundHold, Ask::HoldOfGrant { id, grant, cents })
            }
            Act::Refund { which, amount } => {
                let holds = self.account.holds.iter().filter(|(_, hold)| hold.purpose == Purpose::Refund);
                let (id, hold) = pick(holds, which)?;
                let grant = hold.pieces[0].lot;
                let cents = amount.of(hold.cents).max(1);
                (CauseKind::Refund, Ask::Refund { id: *id, grant, cents })
            }
            Act::Withdraw { amount } => {
                let cents = amount.of(self.account.available()).max(1);
                (CauseKind::Adjustment, Ask::Withdraw { cents })
            }
            // At once, or when the next credits end.
            Act::Expire { waits } => {
                let next = self.account.lots.iter().filter_map(|lot| lot.ends).min();
                self.now = self.now.max(next.filter(|_| *waits).unwrap_or(self.now));
                (CauseKind::Expiry, Ask::Expire)
            }
            _ => return None,
        })
    }

    fn end(&self, which: &Index, open: bool, charge: Option<&Amount>) -> (CauseKind, Ask) {
        let wanted = |hold: HoldStatus| !open || hold == HoldStatus::Open;
        let holds = self.account.holds.iter().filter(|(_, hold)| wanted(hold.status));
        let (id, held) = pick(holds, which).map_or((999, 100), |(id, hold)| (*id, hold.cents));
        match charge {
            Some(charge) => (CauseKind::ContactsSettle, Ask::Settle { id, cents: charge.of(held) }),
            None => (CauseKind::PrintSettle, Ask::Release { id }),
        }
    }

    /// The same request again, or its cause with another body, which must never be carried out beside it.
    fn again(&self, which: &Index, same_body: bool) -> Option<Asked> {
        let asked = pick(self.asked.iter(), which)?.clone();
        // What the clock asks has no stored cause: it is asked anew.
        if same_body || asked.ask == Ask::Expire {
            return Some(asked);
        }
        let ask = Ask::Grant { kind: LotKind::Adjustment, cents: 100, ends: None };
        Some(Asked { body: format!("another {}", self.asked.len()), ask, ..asked })
    }

    fn take_step(&mut self, asked: Asked, trouble: Trouble) {
        let outcome = self.outcome(&asked);
        let trouble = match (&outcome, trouble) {
            (Outcome::Receipt(_), trouble) => trouble,
            // Silence is defined for what is carried out; elsewhere it would only be a failed read.
            (_, Trouble::Silence) => Trouble::LostRead,
            (_, trouble) => trouble,
        };
        self.asked.push(asked.clone());
        self.step = Some(Step { asked, trouble, outcome });
    }

    fn outcome(&mut self, asked: &Asked) -> Outcome {
        if let Some((body, receipt)) = self.causes.get(&asked.cause) {
            let same = *body == asked.body;
            return if same { Outcome::Replay(receipt.clone()) } else { Outcome::Refused(Why::CauseReused) };
        }
        let mut account = self.account.clone();
        match account.carry_out(self.now, &asked.ask) {
            Ok(receipt) => {
                self.account = account;
                if asked.ask != Ask::Expire {
                    self.causes.insert(asked.cause, (asked.body.clone(), receipt.clone()));
                }
                self.remember(&asked.ask, &receipt);
                Outcome::Receipt(receipt)
            }
            Err(why) => Outcome::Refused(why),
        }
    }

    /// Notes what a later step may reverse.
    fn remember(&mut self, ask: &Ask, receipt: &Receipt) {
        let moved: Vec<Piece> = self.account.moved.iter().filter(|piece| piece.cents > 0).cloned().collect();
        let seq = receipt.seq;
        let kind = TakeKind::Refund;
        match ask {
            Ask::Grant { kind: lot, cents, ends } => {
                let ends = if lot.is_paid() { None } else { *ends };
                let pieces = vec![Piece { lot: seq, kind: *lot, cents: *cents, ends }];
                self.grants.push(Reversible { seq, pieces, left: *cents, kind });
            }
            Ask::Refund { grant, cents, .. } => {
                // The rest of the grant that a refund may take is what was not refunded of it.
                if let Some(grant) = self.grants.iter_mut().find(|known| known.seq == *grant) {
                    grant.left = (grant.left - cents).max(0);
                }
                self.reversals.push(Reversible { seq, pieces: moved, left: *cents, kind });
            }
            Ask::Take { kind, grant, cents } => {
                let grant = self.grants.iter_mut().find(|known| known.seq == grant.0).unwrap();
                grant.left -= cents;
                let missing = cents - moved.iter().map(|piece| piece.cents).sum::<Cents>();
                let mut pieces = moved;
                if missing > 0 {
                    pieces.push(Piece { cents: missing, ..grant.pieces[0].clone() });
                }
                self.reversals.push(Reversible { seq, pieces, left: *cents, kind: *kind });
            }
            Ask::GiveBack { reversal, .. } => {
                self.reversals
                    .iter_mut()
                    .filter(|known| known.seq == *reversal)
                    .for_each(|reversal| reversal.left = 0);
            }
            Ask::CreditBack { charge, pieces } => {
                let charge = self.charges.iter_mut().find(|known| known.seq == *charge).unwrap();
                let back: Cents = pieces.iter().map(|piece| piece.cents).sum();
                charge.pieces = rest_of(&charge.pieces, back);
                charge.left -= back;
            }
            Ask::Settle { cents, .. } if receipt.kind == EntryKind::Charge => {
                self.charges.push(Reversible { seq, pieces: moved, left: *cents, kind });
            }
            _ => {}
        }
    }
}

fn pick<T>(of: impl Iterator<Item = T>, which: &Index) -> Option<T> {
    let mut all: Vec<T> = of.collect();
    if all.is_empty() { None } else { Some(all.swap_remove(which.index(all.len()))) }
}

fn first_of(pieces: &[Piece], cents: Cents) -> Vec<Piece> {
    let mut wanted = cents;
    let cut = pieces.iter().map(|piece| {
        let cents = piece.cents.min(wanted);
        wanted -= cents;
        Piece { cents, ..piece.clone() }
    });
    cut.filter(|piece| piece.cents > 0).collect()
}

fn rest_of(pieces: &[Piece], cents: Cents) -> Vec<Piece> {
    let mut gone = cents;
    let cut = pieces.iter().map(|piece| {
        let used = piece.cents.min(gone);
        gone -= used;
        Piece { cents: piece.cents - used, ..piece.clone() }
    });
    cut.filter(|piece| piece.cents > 0).collect()
}

fn grant_cause(kind: LotKind) -> CauseKind {
    match kind {
        LotKind::Purchase => CauseKind::CheckoutSession,
        LotKind::TopUp => CauseKind::PaymentIntent,
        LotKind::Opening => CauseKind::Opening,
        LotKind::Subscription => CauseKind::Invoice,
        LotKind::Promotional | LotKind::Adjustment => CauseKind::Adjustment,
    }
}

fn hold_cause(purpose: Purpose) -> CauseKind {
    if purpose == Purpose::Postcards { CauseKind::PrintHold } else { CauseKind::ContactsHold }
}
