//! The recipient list that a settled purchase leaves: what a campaign mails to.

use crate::Mode;
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{OrganizationId, PurchaseId, RecipientListId, Timestamp};

/// Fixed when the purchase is settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecipientList {
    pub organization_id: OrganizationId,
    pub recipient_list_id: RecipientListId,
    /// What the owner called the audience.
    pub name: String,
    pub purchase_id: PurchaseId,
    /// A list of a test order is never mailed live.
    #[serde(default)]
    pub environment: Mode,
    /// How many recipients, each a distinct person.
    pub contacts: u32,
    /// In order.
    pub pages: Vec<ListPage>,
    pub created_at: Timestamp,
}

/// One stored page, and how many of its rows count: the first ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPage {
    /// In the content bucket.
    pub object_key: String,
    pub contacts: u32,
}

impl Record for RecipientList {
    const KIND: &'static str = "recipient-list";

    fn key(&self) -> Key {
        list_key(&self.organization_id, &self.recipient_list_id)
    }
}

#[must_use]
pub fn list_key(organization: &OrganizationId, list: &RecipientListId) -> Key {
    Key::new(format!("ORG#{organization}"), format!("LIST#{list}"))
}
