//! What a lease protects of a purchase: pages stored, then recorded, one after the other.
//!
//! Knows nothing of the vendor: the worker that buys and the sweeper that settles what a crash left both keep
//! pages through this.

use crate::pages;
use crate::{Audience, AudienceFailure, PageCount, Progress, Purchase};
use recipients::{Recipient, read_all, read_page, write_page};
use std::collections::HashSet;
use tables::{Replace, Stored};

/// Where a step leads.
pub(crate) enum Flow {
    /// To the next step.
    GoOn,
    /// Away: paused, or the lease is lost. Whoever is next finds the purchase by its due time.
    Leave,
}

/// A purchase under its lease, and whom it has stored.
pub(crate) struct Keeper<'a> {
    pub(crate) audience: &'a Audience,
    owned: Stored<Purchase>,
    known: HashSet<String>,
}

impl<'a> Keeper<'a> {
    /// Of a purchase whose lease was just taken.
    pub(crate) fn new(audience: &'a Audience, owned: Stored<Purchase>) -> Self {
        Self { audience, owned, known: HashSet::new() }
    }

    /// The purchase as it was last written under this lease.
    pub(crate) fn owned(&self) -> &Stored<Purchase> {
        &self.owned
    }

    /// Learns whom earlier workers stored. A page that a crashed one had stored and not recorded is recorded
    /// now: it was delivered, and is not bought again.
    pub(crate) async fn take_up(&mut self, abandoned: Option<u32>) -> Result<Flow, AudienceFailure> {
        let purchase = &self.owned.record;
        let objects = &self.audience.objects;
        let stored = read_all(objects, &purchase.manifest()).await?;
        self.known.extend(stored.into_iter().map(|contact| contact.person_id));
        let Some(last) = abandoned else { return Ok(Flow::GoOn) };
        // Several may have crashed in a row: any since the last recorded page may have stored the next.
        let first = purchase.progress.pages.last().map_or(1, |page| page.lease);
        for lease in (first..=last).rev() {
            let key = pages::page_key(purchase, purchase.progress.pages.len(), lease);
            if let Some(contacts) = read_page(objects, &key).await? {
                let progress = delivered(&purchase.progress, contacts.len());
                return self.keep_page(contacts, progress).await;
            }
        }
        Ok(Flow::GoOn)
    }

    /// Stores a page, then records it, under the lease. Only then may the next be asked for.
    pub(crate) async fn keep_page(
        &mut self,
        contacts: Vec<Recipient>,
        mut progress: Progress,
    ) -> Result<Flow, AudienceFailure> {
        let purchase = &self.owned.record;
        let (contacts, new) = pages::new_first(contacts, &mut self.known);
        let missing = purchase.placed.requested.saturating_sub(progress.stored);
        let counted = u32::try_from(new).unwrap_or(u32::MAX).min(missing);
        let key = pages::page_key(purchase, progress.pages.len(), purchase.state.leases);
        write_page(&self.audience.objects, &key, &contacts).await?;
        progress.pages.push(PageCount { lease: purchase.state.leases, contacts: counted });
        progress.stored = progress.stored.saturating_add(counted);
        progress.pauses = 0;
        self.record(progress).await
    }

    pub(crate) async fn record(&mut self, progress: Progress) -> Result<Flow, AudienceFailure> {
        let next = Purchase { progress, ..self.owned.record.clone() };
        self.replace(&next).await
    }

    /// Writes what the lease protects. If the lease was lost, whoever has it goes on.
    pub(crate) async fn replace(&mut self, next: &Purchase) -> Result<Flow, AudienceFailure> {
        match self.audience.table.replace(&self.owned, next).await? {
            Replace::Done(owned) => {
                self.owned = owned;
                Ok(Flow::GoOn)
            }
            Replace::Changed => {
                tracing::warn!(purchase = %next.placed.purchase_id, "the lease of a purchase was lost");
                Ok(Flow::Leave)
            }
        }
    }
}

/// After so many records were delivered, usable or not.
pub(crate) fn delivered(before: &Progress, records: usize) -> Progress {
    let records = u32::try_from(records).unwrap_or(u32::MAX);
    Progress {
        vendor_delivered: before.vendor_delivered.saturating_add(records),
        offset: before.offset.saturating_add(records),
        ..before.clone()
    }
}
