//! The pages of a purchase: which keys they have, and which of a page's rows count.

use crate::Purchase;
use data_axle_client::Person;
use recipients::Recipient;
use std::collections::HashSet;
use terms::zip_code_of;

/// What is stored of a person whom the vendor delivered.
pub(crate) fn recipient_of(person: Person) -> Recipient {
    Recipient {
        person_id: person.person_id,
        first_name: person.first_name,
        last_name: person.last_name,
        address_line1: person.street,
        city: person.city,
        state: person.state,
        postal_code: person.postal_code.map(|raw| zip_code_of(&raw)),
    }
}

fn prefix(purchase: &Purchase) -> String {
    format!("contacts/{}/{}", purchase.placed.organization_id, purchase.placed.purchase_id)
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
pub(crate) fn new_first(contacts: Vec<Recipient>, known: &mut HashSet<String>) -> (Vec<Recipient>, usize) {
    let (mut new, repeated): (Vec<Recipient>, Vec<Recipient>) =
        contacts.into_iter().partition(|contact| known.insert(contact.person_id.clone()));
    let count = new.len();
    new.extend(repeated);
    (new, count)
}

#[cfg(test)]
pub(crate) fn sample(id: &str) -> Recipient {
    Recipient {
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
}
