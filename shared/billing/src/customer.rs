//! An organization's customer at Stripe, created once.

use crate::{Billing, BillingFailure};
use ledger::Reference;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use stripe_client::NewCustomer;
use tables::{Insert, Key, Record};
use terms::OrganizationId;

/// What billing keeps of an organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    /// Whose.
    pub organization: OrganizationId,
    /// Its customer at Stripe.
    pub customer: String,
}

impl Record for Profile {
    const KIND: &'static str = "profile";

    fn key(&self) -> Key {
        profile_key(&self.organization)
    }
}

fn profile_key(organization: &OrganizationId) -> Key {
    Key::new(format!("ORG#{organization}"), "PROFILE")
}

impl Billing {
    /// The organization's customer; creates it when there is none. Two at once ask Stripe with one
    /// idempotency key and get one customer; the profile that was written first stands.
    pub(crate) async fn customer(&self, organization: &OrganizationId) -> Result<String, BillingFailure> {
        if let Some(profile) = self.work.get::<Profile>(&profile_key(organization)).await? {
            return Ok(profile.record.customer);
        }
        let customer = NewCustomer {
            email: None,
            name: None,
            metadata: BTreeMap::from([("organization_id".to_owned(), organization.to_string())]),
        };
        let key = format!("droplab:customer:{organization}");
        let customer = self.stripe.create_customer(&customer, &key).await.map_err(BillingFailure::Stripe)?;
        let reference = Reference {
            object: customer.clone(),
            organization: organization.clone(),
            record: organization.to_string(),
        };
        self.ledger.remember(&reference).await?;
        let profile = Profile { organization: organization.clone(), customer };
        match self.work.insert(&profile).await? {
            Insert::Done(stored) | Insert::Exists(stored) => Ok(stored.record.customer),
        }
    }
}
