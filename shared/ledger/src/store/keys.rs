//! The keys of ledger items. Keys of an organization can only be built from its id.

use crate::{Cause, Crossing};
use tables::{Item, Key};
use terms::{HoldId, Month, OrganizationId, shard_of};

/// Followed by the entry's number in twelve digits, so that text order is the order of numbers.
pub const ENTRY_PREFIX: &str = "ENTRY#";

/// The organization's own partition.
#[must_use]
pub fn partition(organization: &OrganizationId) -> String {
    format!("ORG#{organization}")
}

/// The account's snapshot.
#[must_use]
pub fn account(organization: &OrganizationId) -> Key {
    Key::new(partition(organization), "ACCOUNT")
}

/// In the organization's partition, in the order of the numbers.
#[must_use]
pub fn entry(organization: &OrganizationId, seq: u64) -> Key {
    Key::new(partition(organization), format!("{ENTRY_PREFIX}{seq:012}"))
}

/// Followed by the number of the entry that crossed.
pub const CROSSING_PREFIX: &str = "CROSSING#";

/// The partition of the crossings that setting levels leaves. It is apart from the organization's own, so that IAM
/// can let the function that sets levels write here and not beside the books.
pub const WATCH_PREFIX: &str = "WATCH#";

/// A crossing: one for the entry that crossed; where setting levels found them crossed, one for its time and these
/// levels, because several may be set after one entry.
#[must_use]
pub fn crossing(crossing: &Crossing) -> Key {
    let organization = &crossing.organization;
    let (pk, set) = match crossing.cause {
        Some(_) => (partition(organization), String::new()),
        None => {
            let levels: Vec<String> = crossing.fell_below.iter().map(ToString::to_string).collect();
            let set = format!("#{}#{}", crossing.at.as_ms(), levels.join(" "));
            (format!("{WATCH_PREFIX}{organization}"), set)
        }
    };
    Key::new(pk, format!("{CROSSING_PREFIX}{:012}{set}", crossing.seq))
}

/// In the organization's partition.
#[must_use]
pub fn hold(organization: &OrganizationId, id: &HoldId) -> Key {
    Key::new(partition(organization), format!("HOLD#{id}"))
}

/// The guard of a cause.
#[must_use]
pub fn cause(cause: &Cause) -> Key {
    Key::new(format!("CAUSE#{}#{}", cause.kind.as_str(), cause.id), "CAUSE")
}

/// The reference of a Stripe object.
#[must_use]
pub fn reference(object: &str) -> Key {
    Key::new(format!("REF#{object}"), "REF")
}

/// One shard of a month's roll-ups.
#[must_use]
pub fn month_partition(month: Month, shard: u8) -> String {
    format!("MONTH#{month}#{shard}")
}

/// An organization's roll-up of a month.
#[must_use]
pub fn month(month: Month, organization: &OrganizationId) -> Key {
    Key::new(month_partition(month, shard_of(organization.as_str())), partition(organization))
}

/// The organization in whose partition an item is.
pub(super) fn organization_of(item: &Item) -> Option<&str> {
    item.get("pk")?.as_s().ok()?.strip_prefix("ORG#")
}
