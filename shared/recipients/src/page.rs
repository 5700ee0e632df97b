//! Pages of recipients in S3: JSON arrays, one object for each recipient.

use crate::{ListPage, RecipientsFailure};
use futures::{StreamExt, TryStreamExt, stream};
use platform::ObjectStore;
use serde::{Deserialize, Serialize};
use std::{fmt, ops::Range};
use terms::stored_zip_code;

/// Pages that are read at the same time.
const READS_AT_ONCE: usize = 16;

/// One recipient as stored. Its Debug shows the id only, so that no log line can carry an address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Recipient {
    /// Data Axle's id of the person.
    pub person_id: String,
    /// Absent where the vendor has none, like all that follows.
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    /// Street and number.
    pub address_line1: Option<String>,
    pub city: Option<String>,
    /// Two letters.
    pub state: Option<String>,
    /// Five digits, or nine with a hyphen.
    #[serde(default, deserialize_with = "stored_zip_code")]
    pub postal_code: Option<String>,
}

impl fmt::Debug for Recipient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Recipient").field("person_id", &self.person_id).finish_non_exhaustive()
    }
}

/// After a failure the page may be stored all the same.
pub async fn write_page(
    objects: &ObjectStore,
    key: &str,
    recipients: &[Recipient],
) -> Result<(), RecipientsFailure> {
    let bytes =
        serde_json::to_vec(recipients).map_err(|_| RecipientsFailure::Damaged("a page has no JSON"))?;
    Ok(objects.put(key, bytes, "application/json").await?)
}

/// `None`: no page is stored under this key.
pub async fn read_page(
    objects: &ObjectStore,
    key: &str,
) -> Result<Option<Vec<Recipient>>, RecipientsFailure> {
    let Some(bytes) = objects.get(key).await? else { return Ok(None) };
    // The parser's own message may quote the page, so it is dropped.
    let recipients = serde_json::from_slice(&bytes);
    recipients.map(Some).map_err(|_| RecipientsFailure::Damaged("a page is not a list of recipients"))
}

/// Reads the recipients of `range`, counted over the rows that count, in the list's order. `Damaged` when the pages
/// have fewer rows than the list says.
pub async fn read_rows(
    objects: &ObjectStore,
    pages: &[ListPage],
    range: Range<u32>,
) -> Result<Vec<Recipient>, RecipientsFailure> {
    let reads: Vec<_> =
        slices(pages, &range).into_iter().map(|(page, rows)| read_slice(objects, page, rows)).collect();
    let slices: Vec<Vec<Recipient>> = stream::iter(reads).buffered(READS_AT_ONCE).try_collect().await?;
    let recipients: Vec<Recipient> = slices.into_iter().flatten().collect();
    if u32::try_from(recipients.len()) != Ok(range.end.saturating_sub(range.start)) {
        return Err(RecipientsFailure::Damaged("the pages are shorter than their list says"));
    }
    Ok(recipients)
}

/// In the list's order.
pub async fn read_all(
    objects: &ObjectStore,
    pages: &[ListPage],
) -> Result<Vec<Recipient>, RecipientsFailure> {
    let count = pages.iter().fold(0u32, |sum, page| sum.saturating_add(page.contacts));
    read_rows(objects, pages, 0..count).await
}

/// Which rows of which pages are the recipients of `range`.
fn slices<'a>(pages: &'a [ListPage], range: &Range<u32>) -> Vec<(&'a ListPage, Range<u32>)> {
    let mut start = 0u32;
    let mut found = Vec::new();
    for page in pages {
        let end = start.saturating_add(page.contacts);
        let (from, to) = (range.start.max(start), range.end.min(end));
        if from < to {
            found.push((page, from.saturating_sub(start)..to.saturating_sub(start)));
        }
        start = end;
    }
    found
}

async fn read_slice(
    objects: &ObjectStore,
    page: &ListPage,
    rows: Range<u32>,
) -> Result<Vec<Recipient>, RecipientsFailure> {
    let recipients = read_page(objects, &page.object_key).await?;
    let recipients = recipients.ok_or(RecipientsFailure::Damaged("a page is missing"))?;
    let index = |at: u32| usize::try_from(at).unwrap_or(usize::MAX);
    let wanted = recipients.get(index(rows.start)..index(rows.end));
    wanted.map(<[_]>::to_vec).ok_or(RecipientsFailure::Damaged("a page is shorter than its list says"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn ana() -> Recipient {
        Recipient {
            person_id: "p1".into(),
            first_name: Some("Ana".into()),
            last_name: Some("Ruiz".into()),
            address_line1: Some("1 Main St".into()),
            city: Some("Tampa".into()),
            state: Some("FL".into()),
            postal_code: Some("02108".into()),
        }
    }

    #[test]
    fn debug_shows_the_id_only() {
        assert_eq!(format!("{:?}", ana()), r#"Recipient { person_id: "p1", .. }"#);
    }

    #[test]
    fn a_recipient_is_stored_under_these_names_and_read_back() {
        let stored = json!({"personId": "p1", "firstName": "Ana", "lastName": "Ruiz",
            "addressLine1": "1 Main St", "city": "Tampa", "state": "FL", "postalCode": "02108"});
        assert_eq!(serde_json::to_value(ana()).unwrap(), stored);
        assert_eq!(serde_json::from_value::<Recipient>(stored).unwrap(), ana());
    }

    #[test]
    fn a_zip_code_that_was_stored_without_its_zero_is_read_with_it() {
        let read = |body: &str| serde_json::from_str::<Recipient>(body).unwrap().postal_code;
        assert_eq!(read(r#"{"personId":"p1","postalCode":"2108"}"#).as_deref(), Some("02108"));
        assert_eq!(read(r#"{"personId":"p1","postalCode":null}"#), None);
        assert_eq!(read(r#"{"personId":"p1"}"#), None);
    }

    #[test]
    fn a_range_is_found_across_pages_and_never_beyond_what_a_page_counts() {
        let pages: Vec<ListPage> = [40, 0, 30, 5]
            .into_iter()
            .zip(0..)
            .map(|(contacts, number)| ListPage { object_key: format!("page-{number}"), contacts })
            .collect();
        let table = [
            (0..25, vec![("page-0", 0..25)]),
            (25..50, vec![("page-0", 25..40), ("page-2", 0..10)]),
            (69..75, vec![("page-2", 29..30), ("page-3", 0..5)]),
            (75..80, vec![]),
        ];
        for (wanted, expected) in table {
            let found = slices(&pages, &wanted);
            let found: Vec<_> =
                found.into_iter().map(|(page, rows)| (page.object_key.as_str(), rows)).collect();
            assert_eq!(found, expected, "{wanted:?}");
        }
    }
}
