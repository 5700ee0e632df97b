//! The recipient list that a settled purchase leaves: what a campaign mails to.

use crate::PurchaseMode;
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{OrganizationId, PurchaseId, RecipientListId, Timestamp};

/// The manifest of a purchase, fixed by its settle: pages and how many rows of each count, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecipientList {
    /// The organization.
    pub organization_id: OrganizationId,
    /// Its id.
    pub recipient_list_id: RecipientListId,
    /// The audience's name.
    pub name: String,
    /// The purchase that filled it.
    pub purchase_id: PurchaseId,
    /// Live, or from a test order: then it is never mailed live.
    pub environment: PurchaseMode,
    /// How many contacts, each a distinct person.
    pub contacts: u32,
    /// Where they are stored.
    pub pages: Vec<ListPage>,
    /// When the purchase was settled.
    pub created_at: Timestamp,
}

/// One stored page, and how many of its rows count: the first ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListPage {
    /// Its key in the content bucket.
    pub object_key: String,
    /// Rows that count.
    pub contacts: u32,
}

impl Record for RecipientList {
    const KIND: &'static str = "recipient-list";

    fn key(&self) -> Key {
        list_key(&self.organization_id, &self.recipient_list_id)
    }
}

/// Where an organization's list stands.
#[must_use]
pub fn list_key(organization: &OrganizationId, list: &RecipientListId) -> Key {
    Key::new(format!("ORG#{organization}"), format!("LIST#{list}"))
}
