//! A purchase of contacts, as stored in the work table.

use crate::{
    AudienceName, FetchLease, Filters, Progress, PurchaseEnd, PurchaseState, PurchaseStatus, Turn, limits,
    pages::page_key,
};
use money::Money;
use pricing::Price;
use recipients::{ListPage, Mode};
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{Actor, Fingerprint, OrganizationId, PurchaseId, RecipientListId, Timestamp};

/// A purchase. Every write is conditioned on the version that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Purchase {
    /// What it was placed with: never changed.
    #[serde(flatten)]
    pub placed: PlacedPurchase,
    /// How far it is.
    #[serde(flatten)]
    pub state: PurchaseState,
    /// What is stored, and where to go on.
    #[serde(default)]
    pub progress: Progress,
    /// When the sweeper checks it next; `None` once it has ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
}

/// What a purchase was placed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlacedPurchase {
    /// The organization.
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
    /// When it was placed.
    pub placed_at: Timestamp,
    /// When it ends at the latest.
    pub deadline: Timestamp,
}

/// The key of a purchase's record.
#[must_use]
pub fn purchase_key(organization: &OrganizationId, purchase: &PurchaseId) -> Key {
    Key::new(format!("ORG#{organization}"), format!("PURCHASE#{purchase}"))
}

impl Record for Purchase {
    const KIND: &'static str = "purchase";

    fn key(&self) -> Key {
        purchase_key(&self.placed.organization_id, &self.placed.purchase_id)
    }

    fn due_at(&self) -> Option<Timestamp> {
        self.due_at
    }
}

/// What may be done with a purchase now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readiness {
    /// It has ended.
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
    /// How far it is.
    #[must_use]
    pub fn status(&self) -> PurchaseStatus {
        self.state.status()
    }

    /// Whether its hold has ended, and it with it.
    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.state.end.is_some()
    }

    /// The lease that is taken, run out or not.
    #[must_use]
    pub fn lease(&self) -> Option<FetchLease> {
        match self.state.turn {
            Turn::Leased(lease) => Some(lease),
            Turn::Free | Turn::Paused { .. } => None,
        }
    }

    /// What may be done with it at `now`.
    pub(crate) fn readiness(&self, now: Timestamp) -> Readiness {
        if self.is_ended() {
            return Readiness::Ended;
        }
        let is_over = now >= self.placed.deadline;
        match (self.state.turn, self.state.begun_at) {
            (Turn::Leased(lease), _) if lease.until > now => Readiness::Owned,
            (_, None) if is_over => Readiness::NeverBegun,
            (_, Some(_)) if is_over => Readiness::Overdue,
            (Turn::Paused { until }, _) if until > now => Readiness::Paused,
            _ => Readiness::Free,
        }
    }

    /// With a lease taken, and begun. A lease that was left behind was a crash: what the vendor answered last
    /// is not known, so its scan is over, and one call may be billed whose answer nobody has.
    pub(crate) fn leased(&self, now: Timestamp, until: Timestamp, owner: u64) -> Self {
        let number = self.state.leases.saturating_add(1);
        let mut progress = self.progress.clone();
        if self.lease().is_some() {
            progress.scroll = None;
            progress.doubtful_calls = progress.doubtful_calls.saturating_add(1);
        }
        let state = PurchaseState {
            begun_at: Some(self.state.begun_at.unwrap_or(now)),
            leases: number,
            turn: Turn::Leased(FetchLease { number, until, owner }),
            end: None,
        };
        Self { state, progress, due_at: Some(until), placed: self.placed.clone() }
    }

    fn with_turn(&self, turn: Turn, due_at: Timestamp) -> Self {
        let state = PurchaseState { turn, ..self.state.clone() };
        Self { state, due_at: Some(due_at), ..self.clone() }
    }

    /// Handed back, to be taken up at once.
    pub(crate) fn handed_over(&self, now: Timestamp) -> Self {
        self.with_turn(Turn::Free, now.plus_seconds(limits::FIRST_LOOK_SECONDS))
    }

    /// Handed back for a while: 30 s, growing to 10 min, or longer if the vendor asks for it.
    pub(crate) fn paused(&self, now: Timestamp, progress: Progress, asked_seconds: i64) -> Self {
        let doublings = progress.pauses.min(10);
        let pause =
            limits::PAUSE_FIRST_SECONDS.saturating_mul(1_i64 << doublings).min(limits::PAUSE_MAX_SECONDS);
        // A scan that is not continued for a minute is gone, and the next one bills all of it again.
        let keeps_scan = progress.scroll.is_some() && progress.pauses < limits::PAUSES_WITHIN_A_SCAN;
        let pause = if keeps_scan { limits::PAUSE_WITHIN_A_SCAN_SECONDS } else { pause };
        let until = now.plus_seconds(pause.max(asked_seconds)).min(self.placed.deadline);
        let progress = Progress { pauses: progress.pauses.saturating_add(1), ..progress };
        Self { progress, ..self.with_turn(Turn::Paused { until }, until) }
    }

    /// At its end. The status follows from what is stored.
    pub(crate) fn ended(
        &self,
        at: Timestamp,
        charged: Money,
        released: Money,
        csv_key: Option<String>,
    ) -> Self {
        let status = match self.progress.stored {
            0 => PurchaseStatus::Failed,
            stored if stored < self.placed.requested => PurchaseStatus::Partial,
            _ => PurchaseStatus::Completed,
        };
        let end = Some(PurchaseEnd { at, status, charged, released, csv_key });
        let state = PurchaseState { turn: Turn::Free, end, ..self.state.clone() };
        Self { state, due_at: None, ..self.clone() }
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
