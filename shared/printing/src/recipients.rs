//! Recipients: read from the pages of a stored list, in the list's order.
//!
//! Contact data stays in memory: no type here prints it, and nothing here stores it.

use crate::{PrintMode, PrintingFailure, Range};
use platform::ObjectStore;
use serde::{Deserialize, Serialize};
use tables::{Key, Record};
use terms::{OrganizationId, RecipientListId, stored_zip_code};

/// A list of recipients, as its purchase left it in the work table. Read here, never written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RecipientList {
    pub(crate) organization_id: OrganizationId,
    pub(crate) recipient_list_id: RecipientListId,
    #[serde(default)]
    pub(crate) environment: PrintMode,
    pub(crate) contacts: u32,
    pub(crate) pages: Vec<Page>,
}

/// One stored page, and how many of its rows count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Page {
    pub(crate) object_key: String,
    pub(crate) contacts: u32,
}

impl Record for RecipientList {
    const KIND: &'static str = "recipient-list";

    fn key(&self) -> Key {
        list_key(&self.organization_id, &self.recipient_list_id)
    }
}

pub(crate) fn list_key(organization: &OrganizationId, list: &RecipientListId) -> Key {
    Key::new(format!("ORG#{organization}"), format!("LIST#{list}"))
}

/// One recipient. Has no `Debug`, so that no log line can carry an address.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Recipient {
    pub(crate) person_id: String,
    #[serde(default)]
    pub(crate) first_name: Option<String>,
    #[serde(default)]
    pub(crate) last_name: Option<String>,
    #[serde(default)]
    pub(crate) address_line1: Option<String>,
    #[serde(default)]
    pub(crate) city: Option<String>,
    #[serde(default)]
    pub(crate) state: Option<String>,
    #[serde(default, deserialize_with = "stored_zip_code")]
    pub(crate) postal_code: Option<String>,
}

/// Which rows of which page: the page's place, and its rows `from` to `to`.
type Slice = (usize, Range);

/// Where the recipients of `range` stand.
fn slices(pages: &[Page], range: Range) -> Vec<Slice> {
    let mut start = 0u32;
    let mut found = Vec::new();
    for (place, page) in pages.iter().enumerate() {
        let end = start.saturating_add(page.contacts);
        let (from, to) = (range.from.max(start), range.to.min(end));
        if from < to {
            found.push((place, Range { from: from.saturating_sub(start), to: to.saturating_sub(start) }));
        }
        start = end;
    }
    found
}

/// Reads the recipients of `range`, in the list's order.
pub(crate) async fn read(
    objects: &ObjectStore,
    list: &RecipientList,
    range: Range,
) -> Result<Vec<Recipient>, PrintingFailure> {
    let mut recipients = Vec::new();
    for (place, rows) in slices(&list.pages, range) {
        let Some(page) = list.pages.get(place) else { continue };
        let bytes = objects.get(&page.object_key).await?;
        let bytes = bytes.ok_or(PrintingFailure::Recipients("a page is missing"))?;
        // The parser's own message may quote the page, so it goes no further.
        let people: Vec<Recipient> = serde_json::from_slice(&bytes)
            .map_err(|_| PrintingFailure::Recipients("a page is not a list of contacts"))?;
        let index = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
        let wanted = people.get(index(rows.from)..index(rows.to));
        let wanted = wanted.ok_or(PrintingFailure::Recipients("a page is shorter than its list says"))?;
        recipients.extend_from_slice(wanted);
    }
    if u32::try_from(recipients.len()) != Ok(range.pieces()) {
        return Err(PrintingFailure::Recipients("the pages are shorter than their list says"));
    }
    Ok(recipients)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zip_code_that_was_stored_without_its_zero_is_mailed_with_it() {
        let read = |body: &str| serde_json::from_str::<Recipient>(body).unwrap().postal_code;
        assert_eq!(read(r#"{"personId":"p1","postalCode":"2108"}"#).as_deref(), Some("02108"));
        assert_eq!(read(r#"{"personId":"p1","postalCode":null}"#), None);
        assert_eq!(read(r#"{"personId":"p1"}"#), None);
    }

    #[test]
    fn a_range_is_found_across_pages_and_never_beyond_what_a_page_counts() {
        let pages: Vec<Page> =
            [40, 0, 30, 5].into_iter().map(|contacts| Page { object_key: "k".into(), contacts }).collect();
        let range = |from, to| Range { from, to };
        let table = [
            (range(0, 25), vec![(0, range(0, 25))]),
            (range(25, 50), vec![(0, range(25, 40)), (2, range(0, 10))]),
            (range(69, 75), vec![(2, range(29, 30)), (3, range(0, 5))]),
            (range(75, 80), vec![]),
        ];
        for (wanted, expected) in table {
            assert_eq!(slices(&pages, wanted), expected, "{wanted:?}");
        }
    }
}
