//! The registry of id kinds. Each kind is its own type, so that one cannot be passed for another.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Why a text is not an id. Worded for the caller.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an id is 1 to 64 letters, digits, '_' or '-'")]
pub struct IdError;

fn well_formed(raw: &str) -> bool {
    (1..=64).contains(&raw.len())
        && raw.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// 26 characters of lower-case hexadecimal. Each part is prefixed with its length, so that no two lists of parts give
/// one id.
fn derive(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_be_bytes());
        hasher.update(part.as_bytes());
    }
    let mut text = hex::encode(hasher.finalize());
    text.truncate(26);
    text
}

/// A name that nothing else has, here or on another machine: for what no cause names, as a request without an
/// Idempotency-Key or one attempt's owner. 32 characters of hexadecimal, in the order of time.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place where names are drawn")]
pub fn unique() -> String {
    uuid::Uuid::now_v7().simple().to_string()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes 1 to 64 letters, digits, `_` or `-`.
            pub fn parse(raw: &str) -> Result<Self, IdError> {
                if well_formed(raw) { Ok(Self(raw.to_owned())) } else { Err(IdError) }
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(raw: String) -> Result<Self, IdError> {
                if well_formed(&raw) { Ok(Self(raw)) } else { Err(IdError) }
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(&self.0)
            }
        }
    };
}

macro_rules! derived_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        id!($(#[$doc])* $name);

        impl $name {
            /// An id of this kind made from `parts`: the same parts always give the same id.
            #[must_use]
            pub fn derive(parts: &[&str]) -> Self {
                Self(format!(concat!($prefix, "_{}"), derive(parts)))
            }
        }
    };
}

id!(
    /// An organization, as the identity provider's verified token names it.
    OrganizationId
);
derived_id!(
    /// An order of credits (`ord_…`); it keeps its id whatever happens to its payment.
    OrderId, "ord"
);
derived_id!(
    /// A quote for contacts (`quo_…`).
    QuoteId, "quo"
);
derived_id!(
    /// One purchase of contacts (`pur_…`).
    PurchaseId, "pur"
);
derived_id!(
    /// The stored contacts of one purchase (`lst_…`).
    RecipientListId, "lst"
);
derived_id!(
    /// A campaign: a recipient list and its artwork (`cmp_…`).
    CampaignId, "cmp"
);
derived_id!(
    /// One run of a campaign through the printer (`job_…`).
    PrintJobId, "job"
);
derived_id!(
    /// One postcard to one recipient of one campaign (`pce_…`).
    PieceId, "pce"
);
derived_id!(
    /// A refund that an owner requested (`rfd_…`).
    RefundRequestId, "rfd"
);
id!(
    /// The id of the purchase, print job or refund request that a hold is for.
    HoldId
);

impl From<&PurchaseId> for HoldId {
    fn from(id: &PurchaseId) -> Self {
        Self(id.0.clone())
    }
}

impl From<&PrintJobId> for HoldId {
    fn from(id: &PrintJobId) -> Self {
        Self(id.0.clone())
    }
}

impl From<&RefundRequestId> for HoldId {
    fn from(id: &RefundRequestId) -> Self {
        Self(id.0.clone())
    }
}

/// Which batch of a print job, counted from 0.
pub type BatchNumber = u32;

/// The shard, `0` to `7`, that holds the items of `name` in month roll-ups and the due index. Sharding spreads a
/// month's organizations, and what is due, over partition keys, so that none becomes hot.
#[must_use]
pub fn shard_of(name: &str) -> u8 {
    let digest = Sha256::digest(name.as_bytes());
    digest[0] & 7
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn derived_ids_depend_on_every_part_and_on_where_it_ends() {
        let id = OrderId::derive(&["org_a", "purchase", "k1"]);
        assert_eq!(id, OrderId::derive(&["org_a", "purchase", "k1"]));
        assert_ne!(id, OrderId::derive(&["org_b", "purchase", "k1"]));
        assert_ne!(OrderId::derive(&["ab", "c"]), OrderId::derive(&["a", "bc"]));
        assert!(id.as_str().starts_with("ord_") && id.as_str().len() == 30);
    }

    #[test]
    fn ids_refuse_what_could_reach_into_another_key() {
        for bad in ["", "a#b", "org/1", "a b", "é", &"x".repeat(65)] {
            assert_eq!(OrganizationId::parse(bad), Err(IdError), "{bad}");
        }
        assert!(OrganizationId::parse(&"x".repeat(64)).is_ok());
        assert!(serde_json::from_str::<OrganizationId>("\"a#b\"").is_err());
    }
}
