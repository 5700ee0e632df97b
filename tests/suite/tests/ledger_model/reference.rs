//! The reference account: design section 3 in the fewest words, over whole cents and plain lists. Written
//! from the design and not from `decide`, so that a mistake must be made twice to stay unseen. Knows nothing
//! of DynamoDB, hashes or retries.

use crate::levels::Levels;
use ledger::{EntryKind, FrozenReason, HoldStatus, LotKind, Purpose, TakeKind};
use std::collections::BTreeMap;
use terms::{Month, Timestamp};

pub type Cents = i64;

#[derive(Debug, Clone)]
pub struct Lot {
    pub id: u64,
    /// The youngest grant whose credits it took in.
    pub youngest: u64,
    pub kind: LotKind,
    pub left: Cents,
    pub ends: Option<Timestamp>,
}

impl Lot {
    /// Whether it stands for a grant: its own, one that was merged into it, or one of the same sort between them
    /// whose credits were gone by then.
    fn is_of(&self, grant: u64, kind: LotKind) -> bool {
        self.id <= grant && grant <= self.youngest && self.kind.is_paid() == kind.is_paid()
    }
}

pub type Grant = (u64, LotKind);

#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ask {
    Grant { kind: LotKind, cents: Cents, ends: Option<Timestamp> },
    Hold { id: u64, purpose: Purpose, cents: Cents },
    HoldOfGrant { id: u64, grant: Grant, cents: Cents },
    Settle { id: u64, cents: Cents },
    Refund { id: u64, grant: u64, cents: Cents },
    Release { id: u64 },
    Take { kind: TakeKind, grant: Grant, cents: Cents },
    Withdraw { cents: Cents },
    Expire,
    GiveBack { kind: TakeKind, reversal: u64, pieces: Vec<Piece> },
    CreditBack { charge: u64, pieces: Vec<Piece> },
    Freeze { object: u8, reason: FrozenReason },
    Unfreeze { object: u8 },
}

impl Ask {
    pub fn name(&self) -> String {
        format!("{self:?}").split([' ', '{']).take(1).collect()
    }
}

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
    NothingExpired,
}

/// One line of the statement: kind, amount, available and held after it.
pub type Line = (EntryKind, Cents, Cents, Cents);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MonthSums {
    pub bought: Cents,
    pub granted: Cents,
    pub corrected: Cents,
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
    pub moved: Vec<Piece>,
    pub merges: u64,
    pub granted: (Cents, Cents),
    pub corrected: Cents,
    pub levels: Levels,
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

    /// What is unused of a grant, or of the lot that it was merged into.
    pub fn left_of(&self, grant: Grant) -> Cents {
        self.lots.iter().find(|lot| lot.is_of(grant.0, grant.1)).map_or(0, |lot| lot.left)
    }

    /// Carries a movement out at `now`; on a refusal nothing of this account may have changed.
    pub fn carry_out(&mut self, now: Timestamp, ask: &Ask) -> Result<Receipt, Why> {
        let before = self.available();
        self.recorded = Some(self.recorded.map_or(now, |last| last.max(now)));
        let ended = self.expire();
        if *ask == Ask::Expire {
            self.moved = vec![ended.ok_or(Why::NothingExpired)?];
        } else {
            self.moved.clear();
            let (kind, amount) = self.change(ask)?;
            self.note(kind, amount);
        }
        let (seq, (kind, amount, ..)) = (self.seq(), *self.lines.last().expect("an entry"));
        self.expire();
        self.merge();
        let available = self.available();
        self.levels.moved(seq, before, available);
        Ok(Receipt { seq, kind, amount, available, held: self.held() })
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
            Ask::Hold { id, purpose, cents } => {
                let available = self.available();
                self.put_aside(*id, (*purpose, *cents), available, None)
            }
            Ask::HoldOfGrant { id, grant, cents } => {
                let left = self.left_of(*grant);
                self.put_aside(*id, (Purpose::Refund, *cents), left, Some(*grant))
            }
            Ask::Settle { id, cents } => self.end(*id, Some(*cents)),
            Ask::Refund { id, cents, .. } => {
                self.end_using(*id, *cents, HoldStatus::Settled)?;
                self.month().taken += cents;
                Ok((EntryKind::Refund, -cents))
            }
            Ask::Withdraw { cents } => {
                let available = self.available();
                if available < *cents {
                    return Err(Why::Insufficient { available, shortfall: cents - available });
                }
                self.moved = self.draw(*cents, None);
                self.corrected += cents;
                self.month().corrected += cents;
                Ok((EntryKind::Adjustment, -cents))
            }
            Ask::Expire => unreachable!("it has no entry of its own"),
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

    /// Opens a hold on `left` credits: all that are available, or those of one grant.
    fn put_aside(
        &mut self,
        id: u64,
        (purpose, cents): (Purpose, Cents),
        left: Cents,
        of: Option<Grant>,
    ) -> Result<(EntryKind, Cents), Why> {
        let most = if purpose == Purpose::Refund { 100 } else { 5 };
        if self.deficit > 0 || !self.frozen.is_empty() {
            return Err(Why::Frozen);
        }
        if self.open().filter(|hold| hold.purpose == purpose).count() >= most {
            return Err(Why::TooManyOpen);
        }
        if left < cents {
            return Err(Why::Insufficient { available: left, shortfall: cents - left });
        }
        if self.holds.contains_key(&id) {
            return Err(Why::HoldExists);
        }
        let pieces = self.draw(cents, of);
        self.moved.clone_from(&pieces);
        self.holds.insert(id, Hold { purpose, cents, pieces, status: HoldStatus::Open });
        Ok((EntryKind::Hold, -cents))
    }

    fn end(&mut self, id: u64, charge: Option<Cents>) -> Result<(EntryKind, Cents), Why> {
        let status = if charge.is_some() { HoldStatus::Settled } else { HoldStatus::Released };
        let charged = charge.unwrap_or(0);
        let held = self.end_using(id, charged, status)?;
        self.month().spent += charged;
        Ok(if charged == 0 { (EntryKind::Release, held) } else { (EntryKind::Charge, -charged) })
    }

    /// Ends a hold of which so much is used; the rest returns. How much it held.
    fn end_using(&mut self, id: u64, cents: Cents, status: HoldStatus) -> Result<Cents, Why> {
        let hold = self.holds.get_mut(&id).ok_or(Why::HoldMissing)?;
        if hold.status != HoldStatus::Open {
            return Err(Why::HoldEnded(hold.status));
        }
        if cents < 0 || cents > hold.cents {
            return Err(Why::ChargeExceedsHold);
        }
        hold.status = status;
        let hold = hold.clone();
        let mut unspent = cents;
        let mut rest = Vec::new();
        for piece in in_burn_order(hold.pieces) {
            let used = piece.cents.min(unspent);
            unspent -= used;
            rest.push(Piece { cents: piece.cents - used, ..piece.clone() });
            self.moved.push(Piece { cents: used, ..piece });
        }
        self.credit(&rest);
        Ok(hold.cents)
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
            if let Some(lot) = self.lots.iter_mut().find(|lot| lot.is_of(piece.lot, piece.kind)) {
                lot.left += left;
                lot.ends = later(lot.ends, piece.ends);
            } else {
                let Piece { lot: id, kind, ends, .. } = *piece;
                self.lots.push(Lot { id, youngest: id, kind, left, ends });
                self.lots.sort_by_key(|lot| lot.id);
            }
        }
        pieces.iter().map(|piece| piece.cents).sum()
    }

    /// Draws at most `cents`, from the grant's own lot first if one is named, then in burn order.
    fn draw(&mut self, cents: Cents, own: Option<Grant>) -> Vec<Piece> {
        let piece = |lot: &Lot| Piece { lot: lot.id, kind: lot.kind, cents: lot.left, ends: lot.ends };
        let mut order = in_burn_order(self.lots.iter().map(piece).collect());
        if let Some(own) = own.and_then(|own| self.lots.iter().find(|lot| lot.is_of(own.0, own.1))) {
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

    /// Each lot whose time is past is an entry of its own. What the last of them held.
    fn expire(&mut self) -> Option<Piece> {
        let mut last = None;
        while let Some(at) =
            self.lots.iter().position(|lot| lot.ends.is_some_and(|at| Some(at) <= self.recorded))
        {
            let Lot { id, kind, left, ends, .. } = self.lots.remove(at);
            self.note(EntryKind::Expiry, -left);
            last = Some(Piece { lot: id, kind, cents: left, ends });
        }
        last
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
            older.youngest = older.youngest.max(younger.youngest);
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
