//! An organization's customer at Stripe, created once.

use crate::{BillingFailure, Parts, facts::read::known};
use ledger::{Ledger, Reference};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use stripe_client::{NewCustomer, Stripe};
use tables::{Insert, Key, Record, Replace, WorkTable};
use terms::{OrganizationId, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Profile {
    pub organization: OrganizationId,
    /// Its customer at Stripe.
    pub customer: String,
    /// When it was imported from the existing application: earlier payments are part of its opening balance.
    #[serde(rename = "broughtOverAt", default, skip_serializing_if = "Option::is_none")]
    pub imported_at: Option<Timestamp>,
}

impl Record for Profile {
    const KIND: &'static str = "profile";

    fn key(&self) -> Key {
        profile_key(&self.organization)
    }
}

impl Profile {
    pub(crate) async fn read(
        work: &WorkTable,
        organization: &OrganizationId,
    ) -> Result<Option<Self>, BillingFailure> {
        Ok(work.get::<Self>(&profile_key(organization)).await?.map(|stored| stored.record))
    }
}

fn profile_key(organization: &OrganizationId) -> Key {
    Key::new(format!("ORG#{organization}"), "PROFILE")
}

pub struct Customers {
    ledger: Ledger,
    work: WorkTable,
    stripe: Stripe,
}

impl Customers {
    pub(crate) fn new(parts: &Parts) -> Self {
        Self { ledger: parts.ledger.clone(), work: parts.work.clone(), stripe: parts.stripe.clone() }
    }

    /// The organization's customer; creates it when there is none. Two calls at once use one idempotency key and get
    /// one customer; the profile that was written first stays.
    pub(crate) async fn of(&self, organization: &OrganizationId) -> Result<String, BillingFailure> {
        if let Some(profile) = Profile::read(&self.work, organization).await? {
            return Ok(profile.customer);
        }
        let customer = self.new_customer(organization, format!("droplab:customer:{organization}")).await?;
        let profile = Profile { organization: organization.clone(), customer, imported_at: None };
        match self.work.insert(&profile).await? {
            Insert::Done(stored) | Insert::Exists(stored) => Ok(stored.record.customer),
        }
    }

    /// A customer in place of one that Stripe no longer has; of several at once, the first stays.
    pub(crate) async fn replace(
        &self,
        organization: &OrganizationId,
        gone: &str,
    ) -> Result<(), BillingFailure> {
        let known = self.work.get::<Profile>(&profile_key(organization)).await?;
        let Some(known) = known.filter(|known| known.record.customer == gone) else { return Ok(()) };
        let customer =
            self.new_customer(organization, format!("droplab:customer:{organization}:{gone}")).await?;
        let next = Profile { customer, ..known.record.clone() };
        let _: Replace<Profile> = self.work.replace(&known, &next).await?;
        Ok(())
    }

    async fn new_customer(
        &self,
        organization: &OrganizationId,
        key: String,
    ) -> Result<String, BillingFailure> {
        let customer = NewCustomer {
            email: None,
            name: None,
            metadata: BTreeMap::from([("organization_id".to_owned(), organization.to_string())]),
        };
        let customer = self.stripe.create_customer(&customer, &key).await.map_err(BillingFailure::Stripe)?;
        let reference = Reference {
            object: customer.clone(),
            organization: organization.clone(),
            record: organization.to_string(),
        };
        self.ledger.remember(&reference).await?;
        Ok(customer)
    }

    /// Stripe's own page for the organization's cards, invoices and subscription, made per click; `None` where the
    /// organization never was a customer.
    pub async fn portal_url(
        &self,
        organization: &OrganizationId,
        return_url: &str,
    ) -> Result<Option<String>, BillingFailure> {
        let Some(profile) = Profile::read(&self.work, organization).await? else { return Ok(None) };
        let url = self.stripe.create_portal_session(&profile.customer, return_url).await;
        known(&profile.customer, url)
    }
}
