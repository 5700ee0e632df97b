//! The reference account: design section 3 in the fewest words, over whole cents and plain lists. Written
//! from the design and not from `decide`, so that a mistake must be made twice to stay unseen. Knows nothing
//! of DynamoDB, hashes or retries.

use ledger::{EntryKind, FrozenReason, HoldStatus, LotKind, Purpose, TakeKind};
use std::collections::{BTreeMap, BTreeSet};
use terms::{Month, Timestamp};

pub type Cents = i64;

/// Unused credits of one grant, or of several that were merged.
#[derive(Debug, Clone)]
pub struct Lot {
    pub id: u64,
    /// Every grant whose credits it holds.
    pub grants: BTreeSet<u64>,
    pub kind: LotKind,
    pub left: Cents,
    pub ends: Option<Timestamp>,
}

/// Credits on their way out of a lot or back into it.
#[derive(Debug, Clone)]
pub struct Piece {
    pub lot: u64,
    pub kind: LotKind,
    pub cents: Cents,
    pub ends: Option<Timestamp>,
}

#[derive(Debug, Clone)]
pub struct Hold {
    pub purpose: Purpose,
    pub cents: Cents,
    pub pieces: Vec<Piece>,
    pub status: HoldStatus,
}

/// One movement, with amounts in cents and holds by number.
#[derive(Debug, Clone)]
pub enum Ask {
    Grant { kind: LotKind, cents: Cents, ends: Option<Timestamp> },
    Hold { id: u64, purpose: Purpose, cents: Cents },
    Settle { id: u64, cents: Cents },
    Release { id: u64 },
    Take { kind: TakeKind, grant: u64, cents: Cents },
    GiveBack { kind: TakeKind, taking: u64, pieces: Vec<Piece> },
    CreditBack { charge: u64, pieces: Vec<Piece> },
    Freeze { object: u8, reason: FrozenReason },
    Unfreeze { object: u8 },
}

/// What a movement leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    pub seq: u64,
    pub kind: EntryKind,
    pub amount: Cents,
    pub available: Cents,
    pub held: Cents,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    Insufficient { available: Cents, shortfall: Cents },
    Frozen,
    TooManyOpen,
    HoldMissing,
    HoldEnded(HoldStatus),
    HoldExists,
    ChargeExceedsHold,
    CauseReused,
}

/// One line of the statement: kind, amount, available and held after it.
pub type Line = (EntryKind, Cents, Cents, Cents);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MonthSums {
    pub bought: Cents,
    pub granted: Cents,
    pub spent: Cents,
    pub credited_back: Cents,
    pub taken: Cents,
}

#[derive(Debug, Clone, Default)]
pub struct Account {
    pub recorded: Option<Timestamp>,
    pub lots: Vec<Lot>,
    pub deficit: Cents,
    pub holds: BTreeMap<u64, Hold>,
    pub frozen: BTreeMap<u8, FrozenReason>,
    pub lines: Vec<Line>,
    pub months: BTreeMap<Month, MonthSums>,
    /// What the latest movement drew from lots or spent of a hold.
    pub moved: Vec<Piece>,
    pub merges: u64,
    /// Paid credits and free ones that were ever granted.
    pub granted: (Cents, Cents),
}

const LOTS_MAX: usize = 32;

impl Account {
    pub fn available(&self) -> Cents {
        self.lots.iter().map(|lot| lot.left).sum::<Cents>() - self.deficit
    }

    pub fn held(&self) -> Cents {
        self.open().map(|hold| hold.cents).sum()
    }

    pub fn open(&self) -> impl Iterator<Item = &Hold> {
        self.holds.values().filter(|hold| hold.status == HoldStatus::Open)
    }

    pub fn seq(&self) -> u64 {
        self.lines.len() as u64
    }

    /// Carries a movement out at `now`; on a refusal nothing may be kept of this account.
    pub fn carry_out(&mut self, now: Timestamp, ask: &Ask) -> Result<Receipt, Why> {
        self.recorded = Some(self.recorded.map_or(now, |last| last.max(now)));
        self.expire();
        self.moved.clear();
        let (kind, amount) = self.change(ask)?;
        self.note(kind, amount);
        let seq = self.seq();
        self.expire();
        self.merge();
        Ok(Receipt { seq, kind, amount, available: self.available(), held: self.held() })
    }

    fn change(&mut self, ask: &Ask) -> Result<(EntryKind, Cents), Why> {
        match ask {
            Ask::Grant { kind, cents, ends } => {
                let ends = if kind.is_paid() { None } else { *ends };
                self.credit(&[Piece { lot: self.seq() + 1, kind: *kind, cents: *cents, ends }]);
                *(if kind.is_paid() { &mut self.granted.0 } else { &mut self.granted.1 }) += cents;
                let bought = matches!(kind, LotKind::Purchase | LotKind::TopUp);
                let month = self.month();
                *(if bought { &mut month.bought } else { &mut month.granted }) += cents;
                Ok((entry_kind(*kind), *cents))
            }
            Ask::Hold { id, purpose, cents } => self.hold(*id, *purpose, *cents),
            Ask::Settle { id, cents } => self.end(*id, Some(*cents)),
            Ask::Release { id } => self.end(*id, None),
            Ask::Take { kind, grant, cents } => {
                self.moved = self.draw(*cents, Some(*grant));
                self.deficit += cents - self.moved.iter().map(|piece| piece.cents).sum::<Cents>();
                self.month().taken += cents;
                Ok((if *kind == TakeKind::Refund { EntryKind::Refund } else { EntryKind::Dispute }, -cents))
            }
            Ask::GiveBack { kind, pieces, .. } => {
                let cents = self.credit(pieces);
                self.month().taken -= cents;
                let refund = *kind == TakeKind::Refund;
                Ok((if refund { EntryKind::RefundUndone } else { EntryKind::DisputeReturned }, cents))
            }
            Ask::CreditBack { pieces, .. } => {
                let cents = self.credit(pieces);
                self.month().credited_back += cents;
                Ok((EntryKind::CreditBack, cents))
            }
            Ask::Freeze { object, reason } => {
                self.frozen.insert(*object, *reason);
                Ok((EntryKind::Frozen, 0))
            }
            Ask::Unfreeze { object } => {
                self.frozen.remove(object);
                Ok((EntryKind::Unfrozen, 0))
            }
        }
    }

    fn hold(&mut self, id: u64, purpose: Purpose, cents: Cents) -> Result<(EntryKind, Cents), Why> {
        let most = if purpose == Purpose::Refund { 100 } else { 5 };
        let available = self.available();
        if self.deficit > 0 || !self.frozen.is_empty() {
            return Err(Why::Frozen);
        }
        if self.open().filter(|hold| hold.purpose == purpose).count() >= most {
            return Err(Why::TooManyOpen);
        }
        if available < cents {
            return Err(Why::Insufficient { available, shortfall: cents - available });
        }
        if self.holds.contains_key(&id) {
            return Err(Why::HoldExists);
        }
        let pieces = self.draw(cents, None);
        self.moved.clone_from(&pieces);
        self.holds.insert(id, Hold { purpose, cents, pieces, status: HoldStatus::Open });
        Ok((EntryKind::Hold, -cents))
    }

    fn end(&mut self, id: u64, charge: Option<Cents>) -> Result<(EntryKind, Cents), Why> {
        let hold = self.holds.get_mut(&id).ok_or(Why::HoldMissing)?;
        if hold.status != HoldStatus::Open {
            return Err(Why::HoldEnded(hold.status));
        }
        let charged = charge.unwrap_or(0);
        if charged < 0 || charged > hold.cents {
            return Err(Why::ChargeExceedsHold);
        }
        hold.status = if charge.is_some() { HoldStatus::Settled } else { HoldStatus::Released };
        let hold = hold.clone();
        let mut unspent = charged;
        let mut rest = Vec::new();
        for piece in in_burn_order(hold.pieces) {
            let used = piece.cents.min(unspent);
            unspent -= used;
            rest.push(Piece { cents: piece.cents - used, ..piece.clone() });
            self.moved.push(Piece { cents: used, ..piece });
        }
        self.credit(&rest);
        self.month().spent += charged;
        Ok(if charged == 0 { (EntryKind::Release, hold.cents) } else { (EntryKind::Charge, -charged) })
    }

    /// Pays the deficit first; the rest of each piece goes to the lot that holds its grant, or opens it
    /// again.
    fn credit(&mut self, pieces: &[Piece]) -> Cents {
        for piece in pieces {
            let paid = self.deficit.min(piece.cents);
            self.deficit -= paid;
            let left = piece.cents - paid;
            if left == 0 {
                continue;
            }
            if let Some(lot) = self.lots.iter_mut().find(|lot| lot.grants.contains(&piece.lot)) {
                lot.left += left;
                lot.ends = later(lot.ends, piece.ends);
            } else {
                let grants = BTreeSet::from([piece.lot]);
                self.lots.push(Lot { id: piece.lot, grants, kind: piece.kind, left, ends: piece.ends });
                self.lots.sort_by_key(|lot| lot.id);
            }
        }
        pieces.iter().map(|piece| piece.cents).sum()
    }

    /// Draws at most `cents`, from the grant's own lot first if one is named, then in burn order.
    fn draw(&mut self, cents: Cents, own: Option<u64>) -> Vec<Piece> {
        let piece = |lot: &Lot| Piece { lot: lot.id, kind: lot.kind, cents: lot.left, ends: lot.ends };
        let mut order = in_burn_order(self.lots.iter().map(piece).collect());
        if let Some(own) = own.and_then(|own| self.lots.iter().find(|lot| lot.grants.contains(&own))) {
            order.sort_by_key(|piece| piece.lot != own.id);
        }
        let mut wanted = cents;
        for piece in &mut order {
            piece.cents = piece.cents.min(wanted);
            wanted -= piece.cents;
            for lot in self.lots.iter_mut().filter(|lot| lot.id == piece.lot) {
                lot.left -= piece.cents;
            }
        }
        self.lots.retain(|lot| lot.left > 0);
        order.retain(|piece| piece.cents > 0);
        order
    }

    /// Each lot whose time is past is an entry of its own.
    fn expire(&mut self) {
        while let Some(at) =
            self.lots.iter().position(|lot| lot.ends.is_some_and(|at| Some(at) <= self.recorded))
        {
            let lot = self.lots.remove(at);
            self.note(EntryKind::Expiry, -lot.left);
        }
    }

    /// At most 32 lots: the two oldest paid ones merge, or, where there are not two, the two oldest free
    /// ones.
    fn merge(&mut self) {
        while self.lots.len() > LOTS_MAX {
            let paid = self.lots.iter().filter(|lot| lot.kind.is_paid()).count() >= 2;
            let mut places = (0..self.lots.len()).filter(|at| self.lots[*at].kind.is_paid() == paid);
            let (older, younger) = (places.next().unwrap(), places.next().unwrap());
            let younger = self.lots.remove(younger);
            let older = &mut self.lots[older];
            older.left += younger.left;
            older.grants.extend(younger.grants);
            older.ends = later(older.ends, younger.ends);
            self.merges += 1;
        }
    }

    fn note(&mut self, kind: EntryKind, amount: Cents) {
        self.lines.push((kind, amount, self.available(), self.held()));
    }

    fn month(&mut self) -> &mut MonthSums {
        self.months.entry(Month::of(self.recorded.unwrap())).or_default()
    }
}

/// Soonest expiry first, free before paid, oldest first.
fn in_burn_order(mut pieces: Vec<Piece>) -> Vec<Piece> {
    pieces.sort_by_key(|piece| (piece.ends.is_none(), piece.ends, piece.kind.is_paid(), piece.lot));
    pieces
}

/// No end at all is the latest.
fn later(left: Option<Timestamp>, right: Option<Timestamp>) -> Option<Timestamp> {
    if left.is_none() || right.is_none() { None } else { left.max(right) }
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
