//! Pages of contacts in S3: what is stored of a person, and what a page's key is.
//!
//! Contact data stays in memory and in S3: no type here prints it.

use crate::{AudienceFailure, ListPage, Purchase, limits};
use data_axle_client::Person;
use futures::{StreamExt, TryStreamExt, stream};
use platform::ObjectStore;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use terms::{stored_zip_code, zip_code_of};

/// One contact as it is stored and delivered. Personal data: its Debug shows the id only.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Contact {
    pub(crate) person_id: String,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) address_line1: Option<String>,
    pub(crate) city: Option<String>,
    pub(crate) state: Option<String>,
    #[serde(default, deserialize_with = "stored_zip_code")]
    pub(crate) postal_code: Option<String>,
}

impl std::fmt::Debug for Contact {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Contact").field("person_id", &self.person_id).finish_non_exhaustive()
    }
}

impl From<Person> for Contact {
    fn from(person: Person) -> Self {
        Self {
            person_id: person.person_id,
            first_name: person.first_name,
            last_name: person.last_name,
            address_line1: person.street,
            city: person.city,
            state: person.state,
            postal_code: person.postal_code.map(|raw| zip_code_of(&raw)),
        }
    }
}

fn prefix(purchase: &Purchase) -> String {
    format!("contacts/{}/{}", purchase.organization_id, purchase.purchase_id)
}

/// The key of a page that was stored under a lease.
pub(crate) fn page_key(purchase: &Purchase, index: usize, lease: u32) -> String {
    format!("{}/page-{index:05}-{lease:03}.json", prefix(purchase))
}

/// The key of the CSV that is written under a lease.
pub(crate) fn csv_key(purchase: &Purchase, lease: u32) -> String {
    format!("{}/contacts-{lease:03}.csv", prefix(purchase))
}

/// Brings the persons that are new to `known` to the front, and counts them. The rest stays behind them: it
/// was delivered, and is billed.
pub(crate) fn new_first(contacts: Vec<Contact>, known: &mut HashSet<String>) -> (Vec<Contact>, usize) {
    let (mut new, repeated): (Vec<Contact>, Vec<Contact>) =
        contacts.into_iter().partition(|contact| known.insert(contact.person_id.clone()));
    let count = new.len();
    new.extend(repeated);
    (new, count)
}

/// Stores a page.
pub(crate) async fn write(
    objects: &ObjectStore,
    key: &str,
    contacts: &[Contact],
) -> Result<(), AudienceFailure> {
    let bytes = serde_json::to_vec(contacts).map_err(|_| AudienceFailure::Pages("a page has no JSON"))?;
    Ok(objects.put(key, bytes, "application/json").await?)
}

/// Reads a whole page; none is stored under this key: `None`.
pub(crate) async fn read(objects: &ObjectStore, key: &str) -> Result<Option<Vec<Contact>>, AudienceFailure> {
    let Some(bytes) = objects.get(key).await? else { return Ok(None) };
    // The parser's own words may quote the page, so they go no further.
    let contacts = serde_json::from_slice(&bytes);
    contacts.map(Some).map_err(|_| AudienceFailure::Pages("a page is not a list of contacts"))
}

/// Reads exactly the rows of a manifest, in order.
pub(crate) async fn read_all(
    objects: &ObjectStore,
    manifest: &[ListPage],
) -> Result<Vec<Contact>, AudienceFailure> {
    let pages =
        stream::iter(manifest.iter().filter(|page| page.contacts > 0)).map(|page| rows(objects, page));
    let pages: Vec<Vec<Contact>> = pages.buffered(limits::READS_AT_ONCE).try_collect().await?;
    Ok(pages.into_iter().flatten().collect())
}

async fn rows(objects: &ObjectStore, page: &ListPage) -> Result<Vec<Contact>, AudienceFailure> {
    let mut contacts =
        read(objects, &page.object_key).await?.ok_or(AudienceFailure::Pages("a page is missing"))?;
    let wanted = usize::try_from(page.contacts).unwrap_or(usize::MAX);
    if contacts.len() < wanted {
        return Err(AudienceFailure::Pages("a page is shorter than its purchase says"));
    }
    contacts.truncate(wanted);
    Ok(contacts)
}

#[cfg(test)]
pub(crate) fn sample(id: &str) -> Contact {
    Contact {
        person_id: id.to_owned(),
        first_name: Some("Ana".into()),
        last_name: Some("Ruiz".into()),
        address_line1: Some("1 Main St".into()),
        city: Some("Tampa".into()),
        state: Some("FL".into()),
        postal_code: Some("02108".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_persons_come_first_and_repeated_ones_are_kept_behind_them() {
        let mut known = HashSet::from(["a".to_owned()]);
        let page = ["a", "b", "c", "b"].map(sample).to_vec();
        let (ordered, new) = new_first(page, &mut known);
        let ids: Vec<&str> = ordered.iter().map(|contact| contact.person_id.as_str()).collect();
        assert_eq!((ids, new), (vec!["b", "c", "a", "b"], 2));
        assert_eq!(known.len(), 3);
    }

    #[test]
    fn debug_shows_the_id_only() {
        assert_eq!(format!("{:?}", sample("p1")), r#"Contact { person_id: "p1", .. }"#);
    }

    #[test]
    fn a_stored_contact_has_the_names_that_printing_reads() {
        assert_eq!(
            serde_json::to_value(sample("p1")).unwrap(),
            serde_json::json!({"personId": "p1", "firstName": "Ana", "lastName": "Ruiz",
                "addressLine1": "1 Main St", "city": "Tampa", "state": "FL", "postalCode": "02108"})
        );
    }
}
