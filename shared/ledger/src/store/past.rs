//! An account at a past time, by its entries: they are numbered without gaps and their times never decrease, so the
//! last one before a time is found by binary search.

use super::Ledger;
use crate::{Account, Entry, EntryKind, Failure, Hash};
use money::Money;
use terms::{OrganizationId, Timestamp};

/// An account as an entry left it, with credits that expired without an expiry entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BalanceAt {
    /// The entry's number: how many entries the account had. 0 before the first.
    pub seq: u64,
    pub available: Money,
    pub held: Money,
    /// The entry's hash.
    pub head: Hash,
    /// `None` before the first entry.
    pub recorded_at: Option<Timestamp>,
}

impl BalanceAt {
    /// Before the first entry.
    pub const EMPTY: Self =
        Self { seq: 0, available: Money::ZERO, held: Money::ZERO, head: Hash::ZERO, recorded_at: None };

    fn behind(entry: &Entry) -> Self {
        Self {
            seq: entry.seq,
            available: entry.available_after,
            held: entry.held_after,
            head: entry.hash,
            recorded_at: Some(entry.recorded_at),
        }
    }

    fn of(account: &Account) -> Result<Self, Failure> {
        let available = account.available().map_err(|why| Failure::Damaged(why.to_string()))?;
        Ok(Self {
            seq: account.seq,
            available,
            held: account.held,
            head: account.head,
            recorded_at: account.last_recorded_at,
        })
    }
}

impl Ledger {
    /// The account after its latest entry.
    pub async fn latest_balance(&self, organization: &OrganizationId) -> Result<BalanceAt, Failure> {
        BalanceAt::of(&self.account(organization).await?)
    }

    /// The account after the last entry recorded at `at` or before. `None` when that time is in the future.
    pub async fn balance_at(
        &self,
        organization: &OrganizationId,
        at: Timestamp,
    ) -> Result<Option<BalanceAt>, Failure> {
        if at > self.clock.now() {
            return Ok(None);
        }
        self.balance_before(organization, at.plus_ms(1)).await.map(Some)
    }

    /// The account after the last entry recorded before a time.
    pub async fn balance_before(
        &self,
        organization: &OrganizationId,
        before: Timestamp,
    ) -> Result<BalanceAt, Failure> {
        let account = self.account(organization).await?;
        if account.last_recorded_at.is_none_or(|last| last < before) {
            return BalanceAt::of(&account);
        }
        // All entries up to `found` are earlier than the time, none from `later` on is.
        let mut found = BalanceAt::EMPTY;
        let mut later = account.seq;
        while let Some(middle) = between(found.seq, later) {
            let entry = self.entry(organization, middle).await?;
            let entry = entry.ok_or_else(|| Failure::Damaged(format!("entry {middle} is missing")))?;
            if entry.recorded_at < before {
                found = BalanceAt::behind(&entry);
            } else {
                later = middle;
            }
        }
        Ok(found)
    }

    /// The entries after one balance up to another, oldest first; all, or those of one kind.
    pub async fn entries_between(
        &self,
        organization: &OrganizationId,
        (opening, closing): (&BalanceAt, &BalanceAt),
        kind: Option<EntryKind>,
    ) -> Result<Vec<Entry>, Failure> {
        let mut entries = Vec::new();
        let mut behind = opening.seq;
        while behind < closing.seq {
            let page = self.entries_behind(organization, false, Some(behind)).await?;
            let Some(last) = page.items.last().map(|entry| entry.seq) else {
                return Err(Failure::Damaged(format!("there is no entry behind {behind}")));
            };
            behind = last;
            let wanted = page
                .items
                .into_iter()
                .filter(|entry| entry.seq <= closing.seq && kind.is_none_or(|kind| entry.kind == kind));
            entries.extend(wanted);
        }
        Ok(entries)
    }
}

/// A number strictly between two, in their middle.
fn between(low: u64, high: u64) -> Option<u64> {
    let middle = low.midpoint(high);
    (low < middle && middle < high).then_some(middle)
}

#[cfg(test)]
mod tests {
    use super::between;

    #[test]
    fn the_middle_lies_strictly_between() {
        assert_eq!(
            (between(0, 1), between(3, 3), between(0, 2), between(5, 9)),
            (None, None, Some(1), Some(7))
        );
        assert_eq!(between(u64::MAX - 2, u64::MAX), Some(u64::MAX - 1));
    }
}
