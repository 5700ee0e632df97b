//! The vocabulary that every crate shares: ids, instants, months, fingerprints, typed texts, ZIP codes, idempotency
//! keys.
//!
//! Owns how these are written, parsed and derived. Knows nothing of accounts, vendors, HTTP or AWS, and does no IO:
//! the present time comes from a [`Clock`] that is passed in.

mod actor;
mod failing;
mod fingerprint;
mod id;
mod key;
mod month;
mod text;
mod timestamp;
mod zip;

pub use actor::Actor;
pub use failing::{Failing, Meaning};
pub use fingerprint::Fingerprint;
pub use id::{
    BatchNumber, CampaignId, HoldId, IdError, OrderId, OrganizationId, PieceId, PrintJobId, PurchaseId,
    QuoteId, RecipientListId, RefundRequestId, shard_of, unique,
};
pub use key::{IdempotencyKey, KeyError};
pub use month::{Month, MonthError};
pub use text::{BYTE_ORDER_MARK, PersonText, TextError, with_plain_punctuation};
pub use timestamp::{Clock, Timestamp, TimestampError};
pub use zip::{is_zip_code, stored_zip_code, zip_code_of};
