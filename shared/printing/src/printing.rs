//! What the use cases of printing work with.

use crate::{BatchMessage, Pace, PrintingFailure};
use ledger::Ledger;
use platform::{ObjectStore, Queue};
use postgrid_client::PostGrid;
use pricing::PriceBook;
use tables::WorkTable;
use terms::Clock;

/// The parts of [`Printing`].
#[derive(Clone)]
pub struct PrintingParts {
    /// Credits.
    pub ledger: Ledger,
    /// Business records.
    pub table: WorkTable,
    /// Contacts and artwork.
    pub objects: ObjectStore,
    /// Jobs to plan.
    pub plans: Queue,
    /// Batches to send.
    pub batches: Queue,
    /// What a postcard costs.
    pub prices: PriceBook,
    /// The present time.
    pub clock: Clock,
}

/// The use cases of printing: create a campaign, place a job, plan it, send its batches, settle, sweep.
#[derive(Clone)]
pub struct Printing {
    pub(crate) ledger: Ledger,
    pub(crate) table: WorkTable,
    pub(crate) objects: ObjectStore,
    pub(crate) plans: Queue,
    pub(crate) batches: Queue,
    pub(crate) prices: PriceBook,
    pub(crate) clock: Clock,
}

/// The vendor, by its live and its test key, and how fast this worker may call it.
pub struct Vendors {
    /// With the live key.
    pub live: PostGrid,
    /// With the test key.
    pub test: PostGrid,
    /// This worker's share of the vendor's rate.
    pub pace: Pace,
}

impl Printing {
    /// Of its parts.
    #[must_use]
    pub fn new(parts: PrintingParts) -> Self {
        let PrintingParts { ledger, table, objects, plans, batches, prices, clock } = parts;
        Self { ledger, table, objects, plans, batches, prices, clock }
    }

    /// Queues batches, so that workers take them up.
    pub(crate) async fn queue_batches(&self, messages: &[BatchMessage]) -> Result<(), PrintingFailure> {
        Ok(self.batches.send_all(messages).await?)
    }
}
