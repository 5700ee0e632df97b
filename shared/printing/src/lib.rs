//! Postcards: campaign, job, batches, pieces, settle.
//!
//! Owns what a campaign and a print job are, which piece may be sent to the vendor when, and how a job ends
//! with its hold. A piece is sent at most once in effect: intent is recorded before the first call, every
//! piece carries its own id as idempotency key and as metadata, and what is in doubt is looked up before it
//! is ever sent again. Knows nothing of HTTP, of how contacts were bought, or of what the ledger's items are;
//! contact data passes through memory to the vendor and never into a record or a log line.

#![deny(clippy::as_conversions)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod artwork;
mod batch;
mod calls;
mod campaign;
mod create;
mod failure;
mod job;
mod job_state;
pub mod limits;
mod outcome;
mod pace;
mod pauses;
mod piece;
mod plan;
mod planner;
mod printing;
mod result;
mod settle;
mod start;
mod status;
mod step;
mod sweep;
mod wiring;
mod worker;

pub use artwork::{NewArtwork, artwork_prefix};
pub use batch::{Batch, BatchMessage, batch_key};
pub use campaign::{Campaign, CampaignName, PostcardSize, campaign_key};
pub use create::{CampaignOpened, CreateRefusal, NewCampaign, Opened};
pub use failure::{PrintingError, PrintingFailure};
pub use job::{PlanMessage, PrintJob, job_key};
pub use job_state::EndReason;
pub use pace::Pace;
pub use printing::{Printing, PrintingParts, Vendors};
pub use start::{PrintOrder, PrintRefusal, Started};
pub use status::JobView;
pub use wiring::{connect, connect_vendors};

use artwork::{ArtworkKind, Pinned};
use batch::{BatchLease, Closing, ClosingReason};
use job::{JobResults, PlacedJob};
use job_state::{Begun, JobEnd, JobState, JobStatus, PlannerLease, Stage};
use outcome::{LookedUp, Outcome, SendResult, Tally};
use pauses::Pauses;
use plan::{PieceRange, batches_of};
use step::{BatchStep, BatchWork, next_step};
