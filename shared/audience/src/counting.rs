//! What a free count may use: quotas, the vendor's last count, and a share of the vendor's rate.

use crate::{
    AudienceError::{self, Refused},
    AudienceFailure, Filters, Sales, Vendors, limits,
};
use serde::{Deserialize, Serialize};
use tables::{Key, Quota, Record, Taken};
use terms::{Fingerprint, OrganizationId, Timestamp};

#[derive(Debug, Clone, Copy)]
pub struct Asker<'a> {
    pub organization: &'a OrganizationId,
    /// The token's subject.
    pub user: &'a str,
}

/// Why nothing is counted. The vendor was not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CountRefusal {
    /// The user or the organization has counted too often.
    TooMany { retry_after_seconds: u64 },
    /// The vendor limits our rate, or free counts have used up their share of it.
    VendorBusy { retry_after_seconds: u64 },
}

/// The vendor's last count of some filters. It says nothing about who counted (it is a number of consumers), so all
/// organizations share it. A purchase never uses it: it counts again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct StoredCount {
    name: String,
    count: u64,
    valid_until: Timestamp,
}

impl Record for StoredCount {
    const KIND: &'static str = "kept-count";

    fn key(&self) -> Key {
        count_key(&self.name)
    }

    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.valid_until)
    }
}

fn count_key(name: &str) -> Key {
    Key::new(format!("COUNT#{name}"), "COUNT")
}

/// Equal filters have the same name: parsed filters are normalized, and all counts use one token.
fn name_of(filters: &Filters) -> Result<String, AudienceFailure> {
    let canonical = serde_json::to_string(filters);
    let canonical = canonical.map_err(|_| AudienceFailure::Pages("filters have no JSON"))?;
    Ok(Fingerprint::of(&["count", "live", &canonical]).as_str().to_owned())
}

impl Sales {
    /// How many match, by the vendor's count of the last ten minutes or a new one. The user's quota counts every
    /// count; the organization's quota, and free counts' share of the vendor's rate, count the calls to the vendor. A
    /// count that is refused because the vendor is busy uses up neither the user's quota nor the organization's.
    pub(crate) async fn free_count(
        &self,
        asker: Asker<'_>,
        vendors: &Vendors,
        filters: &Filters,
    ) -> Result<u64, AudienceError<CountRefusal>> {
        let now = self.clock.now();
        let user = (format!("count-user#{}#{}", asker.organization, asker.user), limits::COUNTS_OF_A_USER);
        if let Some(retry_after_seconds) = self.wait_for(&user.0, user.1, now).await? {
            return Err(Refused(CountRefusal::TooMany { retry_after_seconds }));
        }
        let name = name_of(filters)?;
        let earlier = self.table.get::<StoredCount>(&count_key(&name)).await?;
        if let Some(valid) = earlier.as_ref().filter(|count| count.record.valid_until > now) {
            return Ok(valid.record.count);
        }
        let organization =
            (format!("count-organization#{}", asker.organization), limits::COUNTS_OF_AN_ORGANIZATION);
        if let Some(retry_after_seconds) = self.wait_for(&organization.0, organization.1, now).await? {
            return Err(Refused(CountRefusal::TooMany { retry_after_seconds }));
        }
        match self.count_at_the_vendor(vendors, filters, now).await {
            Ok(count) => {
                let valid_until = self.clock.now().plus_seconds(limits::COUNT_VALID_SECONDS);
                self.table.remember(earlier.as_ref(), &StoredCount { name, count, valid_until }).await?;
                Ok(count)
            }
            Err(Refused(busy)) => {
                for (name, quota) in [organization, user] {
                    self.table.give_back(&name, quota, now).await?;
                }
                Err(Refused(busy))
            }
            failed => failed,
        }
    }

    /// A count by the vendor, within free counts' share of its rate.
    async fn count_at_the_vendor(
        &self,
        vendors: &Vendors,
        filters: &Filters,
        now: Timestamp,
    ) -> Result<u64, AudienceError<CountRefusal>> {
        let share = self.wait_for("count-data-axle", limits::COUNTS_AT_THE_VENDOR, now).await?;
        if let Some(retry_after_seconds) = share {
            tracing::warn!("free counts have used up their share of the vendor's rate");
            return Err(Refused(CountRefusal::VendorBusy { retry_after_seconds }));
        }
        self.matches(&vendors.live, filters).await.map_err(|failure| match failure.busy_seconds() {
            Some(retry_after_seconds) => {
                tracing::warn!(retry_after_seconds, "the vendor asks to slow down");
                Refused(CountRefusal::VendorBusy { retry_after_seconds })
            }
            None => failure.into(),
        })
    }

    /// Replaces the stored count by one that a purchase obtained, so that a customer who has to count again gets
    /// the new one.
    pub(crate) async fn store_count(&self, filters: &Filters, count: u64) -> Result<(), AudienceFailure> {
        let valid_until = self.clock.now().plus_seconds(limits::COUNT_VALID_SECONDS);
        let stored = StoredCount { name: name_of(filters)?, count, valid_until };
        let earlier = self.table.get::<StoredCount>(&stored.key()).await?;
        Ok(self.table.remember(earlier.as_ref(), &stored).await?)
    }

    /// Takes one of a quota. `Some`: it is full, and a new window begins in so many seconds.
    pub(crate) async fn wait_for(
        &self,
        name: &str,
        quota: Quota,
        now: Timestamp,
    ) -> Result<Option<u64>, AudienceFailure> {
        Ok(match self.table.take(name, quota, now).await? {
            Taken::Allowed => None,
            Taken::Full { retry_after_seconds } => Some(retry_after_seconds),
        })
    }
}
