//! A purchase of contacts, as it stands in the work table.

use crate::{AudienceName, Filters, Progress, limits, pages::page_key};
use money::Money;
use pricing::Price;
use recipients::{ListPage, Mode};
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{Actor, Fingerprint, OrganizationId, PurchaseId, RecipientListId, Timestamp};

/// How far a purchase is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PurchaseStatus {
    /// Placed, its hold open; nothing is asked of the vendor yet.
    Queued,
    /// Begun: contacts are fetched.
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
    /// From then on another may take it.
    pub until: Timestamp,
    /// Drawn for each: two who claim it in the same instant must not both take the claim for theirs.
    #[serde(default)]
    pub owner: u64,
}

/// A purchase. Every write is conditioned on the version that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Purchase {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Its id, and its hold's.
    pub purchase_id: PurchaseId,
    /// The list that its settle leaves.
    pub recipient_list_id: RecipientListId,
    /// What the owner calls it.
    pub audience_name: AudienceName,
    /// Live or test.
    pub environment: Mode,
    /// Who is wanted.
    pub filters: Filters,
    /// How many contacts are held for: the matches when it was placed, at most what was asked for.
    pub requested: u32,
    /// What one contact costs the customer, and DropLab at the vendor: of the tier of `requested`.
    pub price: Price,
    /// What was held, in credits.
    pub held: Money,
    /// What the request said.
    pub fingerprint: Fingerprint,
    /// Who asked.
    pub actor: Actor,
    /// How far it is.
    pub status: PurchaseStatus,
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it ends at the latest.
    pub deadline: Timestamp,
    /// When the first lease was taken: from then on the vendor may have been asked, and only a settle ends
    /// it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begun_at: Option<Timestamp>,
    /// Who fetches it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lease: Option<Lease>,
    /// How many leases were taken.
    #[serde(default)]
    pub leases: u32,
    /// The vendor is in trouble: nothing is asked before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused_until: Option<Timestamp>,
    /// What is stored, and where to go on.
    #[serde(default)]
    pub progress: Progress,
    /// When the sweeper looks at it again; `None` once it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<Timestamp>,
    /// What was charged, in credits.
    pub charged: Money,
    /// What was returned, in credits.
    pub released: Money,
    /// The contacts as CSV, once settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csv_key: Option<String>,
}

/// Where an organization's purchase stands.
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
    /// It has ended.
    Ended,
    /// Somebody owns it.
    Owned,
    /// The vendor is left alone for a while.
    Paused,
    /// Its day is over and it never began: it ends without a settle.
    NeverBegun,
    /// Its day is over: settle what is stored.
    Overdue,
    /// Anybody may take it.
    Free,
}

impl Purchase {
    /// What may be done with it at `now`.
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

    /// With a lease taken, and begun. A lease that was left behind was a crash: what the vendor answered last
    /// is not known, so its scan is over, and one call may be billed whose answer nobody has.
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
        // A scan that is left alone for a minute is gone, and the next one bills all of it again.
        let keeps_scan = progress.scroll.is_some() && progress.pauses < limits::PAUSES_WITHIN_A_SCAN;
        let pause = if keeps_scan { limits::PAUSE_WITHIN_A_SCAN_SECONDS } else { pause };
        let until = now.plus_seconds(pause.max(asked_seconds)).min(self.deadline);
        let progress = Progress { pauses: progress.pauses.saturating_add(1), ..progress };
        Self { lease: None, paused_until: Some(until), due_at: Some(until), progress, ..self.clone() }
    }

    /// At its end. The status follows from what is stored.
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

    /// The manifest: every recorded page and how many of its rows count.
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
