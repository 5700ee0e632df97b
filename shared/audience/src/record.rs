//! A purchase of contacts, as stored in the work table.

use crate::{AudienceName, Filters, Progress, limits, pages::page_key};
use money::Money;
use pricing::Price;
use recipients::{ListPage, Mode};
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{Actor, Fingerprint, OrganizationId, PurchaseId, RecipientListId, Timestamp};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PurchaseStatus {
    /// Placed, its hold open; the vendor has not been called yet.
    Queued,
    /// Contacts are being fetched.
    Fetching,
    /// Settled: everything that was requested was delivered.
    Completed,
    /// Settled: some of it was delivered.
    Partial,
    /// Ended: nothing was delivered, nothing is charged.
    Failed,
}

/// Who may fetch a purchase, and until when. The number tells one owner from the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Counts the purchase's leases, from 1.
    pub number: u32,
    /// From then on another worker may take it.
    pub until: Timestamp,
    /// Random, so that of two workers that claim it in the same instant only one takes the claim for its own.
    #[serde(default)]
    pub owner: u64,
}

/// Every write is conditioned on the version that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Purchase {
    pub organization_id: OrganizationId,
    /// The id of its hold too.
    pub purchase_id: PurchaseId,
    /// The list that its settle leaves.
    pub recipient_list_id: RecipientListId,
    pub audience_name: AudienceName,
    pub environment: Mode,
    pub filters: Filters,
    /// How many contacts are held for: the matches when it was placed, at most the requested number.
    pub requested: u32,
    /// What one contact costs the customer, and DropLab at the vendor: of the tier of `requested`.
    pub price: Price,
    /// In credits.
    pub held: Money,
    /// The hash of the request.
    pub fingerprint: Fingerprint,
    pub actor: Actor,
    pub status: PurchaseStatus,
    pub placed_at: Timestamp,
    /// When it ends at the latest.
    pub deadline: Timestamp,
    /// When the first lease was taken: from then on the vendor may have been called, and only a settle ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// How many leases were taken.
    #[serde(default)]
    pub leases: u32,
    /// The vendor is not called before then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_until: Option<Timestamp>,
    #[serde(default)]
    pub progress: Progress,
    /// The sweeper's next check; `None` once it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// In credits.
    pub charged: Money,
    /// In credits.
    pub released: Money,
    /// The key of the contacts as CSV, once settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csv_key: Option<String>,
}

#[must_use]
pub fn purchase_key(organization: &OrganizationId, purchase: &PurchaseId) -> Key {
    Key::new(format!("ORG#{organization}"), format!("PURCHASE#{purchase}"))
}

impl Record for Purchase {
    const KIND: &'static str = "purchase";

    fn key(&self) -> Key {
        purchase_key(&self.organization_id, &self.purchase_id)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.due_at
    }
}

/// What may be done with a purchase now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Ended,
    /// A worker owns it.
    Owned,
    /// The vendor is not called for a while.
    Paused,
    /// Past its deadline without a first lease: it ends without a settle.
    NeverBegun,
    /// Past its deadline: settle what is stored.
    Overdue,
    /// Any worker may take it.
    Free,
}

impl Purchase {
    pub(crate) fn standing(&self, now: Timestamp) -> Standing {
        if self.finished_at.is_some() {
            return Standing::Ended;
        }
        if self.lease.is_some_and(|lease| lease.until > now) {
            return Standing::Owned;
        }
        match (now >= self.deadline, self.begun_at.is_some()) {
            (true, false) => Standing::NeverBegun,
            (true, true) => Standing::Overdue,
            (false, _) if self.paused_until.is_some_and(|until| until > now) => Standing::Paused,
            (false, _) => Standing::Free,
        }
    }

    /// With a lease taken, and begun. A lease that was left behind means a crash: the vendor's last response is not
    /// known, so its scan is over, and one call may be billed whose response was lost.
    pub(crate) fn leased(&self, now: Timestamp, until: Timestamp) -> Self {
        let number = self.leases.saturating_add(1);
        let mut next = self.clone();
        if next.lease.is_some() {
            next.progress.scroll = None;
            next.progress.doubtful_calls = next.progress.doubtful_calls.saturating_add(1);
        }
        next.lease = Some(Lease { number, until, owner: 0 });
        next.leases = number;
        next.status = PurchaseStatus::Fetching;
        next.begun_at = Some(self.begun_at.unwrap_or(now));
        next.paused_until = None;
        next.due_at = Some(until);
        next
    }

    /// Handed back, to be taken up at once.
    pub(crate) fn handed_over(&self, now: Timestamp) -> Self {
        let due_at = Some(now.plus_seconds(limits::FIRST_LOOK_SECONDS));
        Self { lease: None, due_at, ..self.clone() }
    }

    /// Handed back for a while: 30 s, growing to 10 min, or longer if the vendor asks for it.
    pub(crate) fn paused(&self, now: Timestamp, progress: Progress, asked_seconds: i64) -> Self {
        let doublings = progress.pauses.min(10);
        let pause =
            limits::PAUSE_FIRST_SECONDS.saturating_mul(1_i64 << doublings).min(limits::PAUSE_MAX_SECONDS);
        // A scan that is not continued for a minute is gone, and the next one bills all of it again.
        let keeps_scan = progress.scroll.is_some() && progress.pauses < limits::PAUSES_WITHIN_A_SCAN;
        let pause = if keeps_scan { limits::PAUSE_WITHIN_A_SCAN_SECONDS } else { pause };
        let until = now.plus_seconds(pause.max(asked_seconds)).min(self.deadline);
        let progress = Progress { pauses: progress.pauses.saturating_add(1), ..progress };
        Self { lease: None, paused_until: Some(until), due_at: Some(until), progress, ..self.clone() }
    }

    /// The status follows from what is stored.
    pub(crate) fn ended(&self, now: Timestamp, charged: Money, released: Money) -> Self {
        let status = match self.progress.stored {
            0 => PurchaseStatus::Failed,
            stored if stored < self.requested => PurchaseStatus::Partial,
            _ => PurchaseStatus::Completed,
        };
        Self {
            status,
            lease: None,
            paused_until: None,
            due_at: None,
            finished_at: Some(now),
            charged,
            released,
            ..self.clone()
        }
    }

    /// Every recorded page and how many of its rows count.
    pub(crate) fn manifest(&self) -> Vec<ListPage> {
        let page = |(index, page): (usize, &crate::PageCount)| ListPage {
            object_key: page_key(self, index, page.lease),
            contacts: page.contacts,
        };
        self.progress.pages.iter().enumerate().map(page).collect()
    }
}

#[cfg(test)]
#[path = "record_tests.rs"]
mod tests;
