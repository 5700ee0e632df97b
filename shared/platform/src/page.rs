//! Lists in pages: how many items, and from where on.
//!
//! A cursor is opaque: base64url of a small JSON with the position and a checksum over organization, list and
//! position. The checksum is no secret and protects nothing (the caller only ever reads the lists of its own
//! organization); it makes a cursor of another list, or a changed one, a clear 400.

use crate::{Problem, http::Query};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use terms::{Fingerprint, OrganizationId};

/// Items of a page when the caller does not say.
pub const LIMIT_DEFAULT: u32 = 50;
/// The most items of a page.
pub const LIMIT_MAX: u32 = 100;
/// A longer cursor is not ours.
const CURSOR_LENGTH_MAX: usize = 1024;
/// In hexadecimal digits.
const CHECK_LENGTH: usize = 16;

#[derive(Serialize, Deserialize)]
struct Cursor {
    /// The position, as JSON.
    p: Box<RawValue>,
    /// The checksum.
    c: String,
}

/// The parameter `limit`: 1 to 100, 50 when it is absent, 400 for anything else.
pub fn limit(query: &Query) -> Result<u32, Problem> {
    let read = |raw: &str| raw.parse::<u32>().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit)).ok_or(());
    let limit = query.parsed("limit", "a whole number from 1 to 100", read)?;
    Ok(limit.unwrap_or(LIMIT_DEFAULT))
}

/// The cursor of a position in a list. `list` names the list and every filter it was read with. Panics when the
/// position has no JSON.
pub fn encode<T: Serialize>(organization: &OrganizationId, list: &str, position: &T) -> String {
    let position = serde_json::value::to_raw_value(position);
    assert!(position.is_ok(), "a position in a list has JSON");
    let cursor = position.map(|p| Cursor { c: check(organization, list, &p), p });
    let text = cursor.and_then(|cursor| serde_json::to_vec(&cursor)).unwrap_or_default();
    URL_SAFE_NO_PAD.encode(text)
}

/// The position in the parameter `cursor`; `None` at a list's beginning. 400 when it was changed, or made for another
/// organization, list or filter.
pub fn decode<T: DeserializeOwned>(
    organization: &OrganizationId,
    list: &str,
    query: &Query,
) -> Result<Option<T>, Problem> {
    let detail = "The cursor does not belong to this list. Start again without a cursor.";
    let refused = || Problem::bad_request("invalid_cursor", detail);
    query.text("cursor").map(|raw| position(organization, list, raw).ok_or_else(refused)).transpose()
}

fn position<T: DeserializeOwned>(organization: &OrganizationId, list: &str, raw: &str) -> Option<T> {
    if raw.len() > CURSOR_LENGTH_MAX {
        return None;
    }
    let text = URL_SAFE_NO_PAD.decode(raw).ok()?;
    let cursor: Cursor = serde_json::from_slice(&text).ok()?;
    if cursor.c != check(organization, list, &cursor.p) {
        return None;
    }
    serde_json::from_str(cursor.p.get()).ok()
}

fn check(organization: &OrganizationId, list: &str, position: &RawValue) -> String {
    let whole = Fingerprint::of(&["cursor", organization.as_str(), list, position.get()]);
    whole.as_str().chars().take(CHECK_LENGTH).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::get;

    fn organization(id: &str) -> OrganizationId {
        OrganizationId::parse(id).unwrap()
    }

    fn read(id: &str, list: &str, cursor: &str) -> Result<Option<u64>, &'static str> {
        let query = Query::of(&get(&format!("cursor={cursor}")), &["cursor"]).unwrap();
        decode(&organization(id), list, &query).map_err(|problem| problem.code())
    }

    #[test]
    fn a_cursor_leads_back_to_its_position_in_its_own_list_only() {
        let cursor = encode(&organization("org_alder"), "entries", &4711_u64);
        assert_eq!(read("org_alder", "entries", &cursor), Ok(Some(4711)));
        assert_eq!(read("org_alder", "entries", ""), Ok(None));
        assert_eq!(read("org_birch", "entries", &cursor), Err("invalid_cursor"));
        assert_eq!(read("org_alder", "entries?kind=grant", &cursor), Err("invalid_cursor"));
    }

    #[test]
    fn a_changed_cursor_is_refused() {
        let cursor = encode(&organization("org_alder"), "entries", &4711_u64);
        let forged = URL_SAFE_NO_PAD.encode(r#"{"p":1,"c":"0000000000000000"}"#);
        for bad in [&cursor[1..], &cursor[..cursor.len() - 2], &forged, "e30", "x", &"A".repeat(2000)] {
            assert_eq!(read("org_alder", "entries", bad), Err("invalid_cursor"), "{bad}");
        }
    }

    #[test]
    fn limits_hold_at_1_and_100_and_break_beyond() {
        let limit =
            |raw: &str| limit(&Query::of(&get(raw), &["limit"]).unwrap()).map_err(|problem| problem.code());
        assert_eq!((limit(""), limit("limit=1"), limit("limit=100")), (Ok(50), Ok(1), Ok(100)));
        for bad in ["limit=0", "limit=101", "limit=-1", "limit=ten", "limit=1.5"] {
            assert_eq!(limit(bad), Err("invalid_parameter"), "{bad}");
        }
    }
}
