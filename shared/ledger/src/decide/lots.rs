//! Lots: what is drawn first, where credits return to, and how the number of lots stays bounded.

use super::Draft;
use crate::{GrantRef, Lot, Part, Refusal, limits};
use money::Money;
use terms::Timestamp;

impl Draft<'_> {
    /// Draws at most `amount` from the lots in this order of indexes. Returns what was drawn of each.
    fn draw_in(&mut self, order: &[usize], amount: Money) -> Result<Vec<Part>, Refusal> {
        let mut left = amount;
        let mut drawn = Vec::new();
        for at in order {
            let Some(lot) = self.account.lots.get_mut(*at) else { continue };
            let taken = lot.remaining.min(left);
            if taken.is_positive() {
                lot.remaining = lot.remaining.minus(taken)?;
                left = left.minus(taken)?;
                drawn.push(Part::of(lot, taken));
            }
        }
        self.account.lots.retain(|lot| lot.remaining.is_positive());
        Ok(drawn)
    }

    /// Draws in burn order, all credits if the lots hold less than `amount`.
    pub(super) fn draw(&mut self, amount: Money) -> Result<Vec<Part>, Refusal> {
        let order = self.burn_order();
        self.draw_in(&order, amount)
    }

    /// Draws from the lot that the grant went into first, then in burn order.
    pub(super) fn draw_own_first(&mut self, grant: GrantRef, amount: Money) -> Result<Vec<Part>, Refusal> {
        let mut order = self.burn_order();
        if let Some(own) = self.own_lot(grant) {
            order.retain(|at| *at != own);
            order.insert(0, own);
        }
        self.draw_in(&order, amount)
    }

    /// Draws only from the lot that the grant went into, which must hold that much.
    pub(super) fn draw_own_only(&mut self, grant: GrantRef, amount: Money) -> Result<Vec<Part>, Refusal> {
        let own = self.own_lot(grant);
        let lot = own.and_then(|at| self.account.lots.get(at));
        let remaining = lot.map_or(Money::ZERO, |lot| lot.remaining);
        if remaining < amount {
            let shortfall = amount.minus(remaining)?;
            return Err(Refusal::InsufficientCredits { required: amount, available: remaining, shortfall });
        }
        self.draw_in(own.as_slice(), amount)
    }

    fn own_lot(&self, grant: GrantRef) -> Option<usize> {
        self.account.lots.iter().position(|lot| lot.is_of(grant))
    }

    fn burn_order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.account.lots.len()).collect();
        order.sort_by_key(|at| self.account.lots.get(*at).map(Lot::burn_order));
        order
    }

    /// Adds credits: each part reduces the deficit first, its rest goes to the lot of its id, which is created again
    /// if it is gone. Returns what each lot received.
    pub(super) fn credit(&mut self, parts: &[Part]) -> Result<Vec<Part>, Refusal> {
        let mut received = Vec::new();
        for part in parts {
            let paid = self.account.deficit.min(part.amount);
            self.account.deficit = self.account.deficit.minus(paid)?;
            let rest = part.amount.minus(paid)?;
            if rest.is_positive() {
                self.put(part, rest)?;
                received.push(part.with_amount(rest));
            }
        }
        Ok(received)
    }

    fn put(&mut self, part: &Part, amount: Money) -> Result<(), Refusal> {
        let lots = &mut self.account.lots;
        let home =
            lots.iter_mut().find(|lot| lot.covers(part.lot) && lot.kind.is_paid() == part.kind.is_paid());
        if let Some(lot) = home {
            lot.remaining = lot.remaining.plus(amount)?;
            lot.expires_at = later(lot.expires_at, part.expires_at);
            return Ok(());
        }
        let lot = Lot {
            seq: part.lot,
            last_seq: part.lot,
            kind: part.kind,
            source: part.source.clone(),
            remaining: amount,
            expires_at: part.expires_at,
        };
        let at = lots.partition_point(|other| other.seq < lot.seq);
        lots.insert(at, lot);
        Ok(())
    }

    /// Beyond 32 lots, merges the two oldest paid ones, or without two of these the two oldest free ones, to the
    /// later expiry. No grant is refused for the number of lots.
    pub(super) fn merge_lots(&mut self) -> Result<(), Refusal> {
        while self.account.lots.len() > limits::LOTS_MAX {
            let oldest = |paid: bool, lots: &[Lot]| -> Vec<usize> {
                let of_kind = lots.iter().enumerate().filter(|(_, lot)| lot.kind.is_paid() == paid);
                of_kind.map(|(at, _)| at).take(2).collect()
            };
            let paid = oldest(true, &self.account.lots);
            let pair = if paid.len() == 2 { paid } else { oldest(false, &self.account.lots) };
            let [first, second] = pair[..] else { return Ok(()) };
            let younger = self.account.lots.remove(second);
            let Some(older) = self.account.lots.get_mut(first) else { return Ok(()) };
            older.remaining = older.remaining.plus(younger.remaining)?;
            older.last_seq = older.last_seq.max(younger.last_seq);
            older.expires_at = later(older.expires_at, younger.expires_at);
        }
        Ok(())
    }
}

/// The later of two expiries; `None` (never) is the latest.
fn later(left: Option<Timestamp>, right: Option<Timestamp>) -> Option<Timestamp> {
    left.zip(right).map(|(left, right)| left.max(right))
}
