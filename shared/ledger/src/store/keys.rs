//! Where ledger items stand. Keys of an organization can only be built from its id.

use crate::{Cause, Crossing};
use tables::{Item, Key};
use terms::{HoldId, Month, OrganizationId, shard_of};

/// The sort keys of entries begin with this.
pub const ENTRY_PREFIX: &str = "ENTRY#";

/// The partition of an organization.
#[must_use]
pub fn partition(organization: &OrganizationId) -> String {
    format!("ORG#{organization}")
}

/// The account's snapshot.
#[must_use]
pub fn account(organization: &OrganizationId) -> Key {
    Key::new(partition(organization), "ACCOUNT")
}

/// An entry, by its number.
#[must_use]
pub fn entry(organization: &OrganizationId, seq: u64) -> Key {
    Key::new(partition(organization), format!("{ENTRY_PREFIX}{seq:012}"))
}

/// The sort keys of notes of a crossing begin with this.
pub const CROSSING_PREFIX: &str = "CROSSING#";

/// The partitions of notes that setting levels leaves begin with this. They stand apart from the organization's
/// own: whoever sets levels may put items here, and none beside the books.
pub const WATCH_PREFIX: &str = "WATCH#";

/// The note that watched levels were crossed: one for the entry that crossed them; where setting levels found
/// them crossed, one for its time and these levels, because several may be set behind one entry.
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

/// A hold.
#[must_use]
pub fn hold(organization: &OrganizationId, id: &HoldId) -> Key {
    Key::new(partition(organization), format!("HOLD#{id}"))
}

/// The guard of a cause.
#[must_use]
pub fn cause(cause: &Cause) -> Key {
    Key::new(format!("CAUSE#{}#{}", cause.kind.as_str(), cause.id), "CAUSE")
}

/// What is known of a Stripe object.
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

/// Whose partition an item stands in.
pub(super) fn organization_of(item: &Item) -> Option<&str> {
    item.get("pk")?.as_s().ok()?.strip_prefix("ORG#")
}
