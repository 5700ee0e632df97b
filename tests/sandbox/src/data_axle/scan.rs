//! Scans: long lists in pages of 200, which die when they are not read for a minute.

use std::sync::Arc;

use serde_json::{Value, json};

use super::documents;
use super::search::{known, selection};
use super::{DataAxle, Outcome, Token};
use crate::message::Request;

const PAGE: usize = 200;
/// A scan that was not read for this long is gone.
const IDLE_MS: u64 = 60_000;

#[derive(Debug)]
pub(super) struct Scan {
    token: Token,
    matches: Arc<Vec<u32>>,
    read: usize,
    touched_ms: u64,
}

impl DataAxle {
    pub(super) fn start_scan(&mut self, now_ms: u64, token: Token, body: &Value) -> Outcome {
        known(body, &["filter", "perspective", "query", "packages", "fields", "include_labels"])?;
        let matches = self.matching(body)?;
        self.scans.retain(|_, scan| !scan.is_dead(now_ms));
        let id = self.ids.fresh("", 40);
        let count = matches.len();
        self.scans.insert(id.clone(), Scan { token, matches, read: 0, touched_ms: now_ms });
        self.count(token).scans_started += 1;
        Ok(json!({"scroll_id": id, "count": count}))
    }

    /// The next page; empty once everyone was delivered.
    pub(super) fn continue_scan(
        &mut self,
        now_ms: u64,
        token: Token,
        id: &str,
        request: &Request,
    ) -> Outcome {
        let (wanted, fields) = selection(&json!({
            "packages": request.query_value("packages"),
            "fields": request.query_value("fields"),
        }))?;
        let wanted = wanted.with_zips_as_numbers(self.zips_as_numbers);
        let gone = || (404, "This scan does not exist, or it was idle for 60 seconds.".to_owned());
        let scan = self.scans.get_mut(id).filter(|scan| scan.token == token && !scan.is_dead(now_ms));
        let scan = scan.ok_or_else(gone)?;
        scan.touched_ms = now_ms;
        let page: Vec<Value> = scan.matches[scan.read..]
            .iter()
            .take(PAGE)
            .map(|index| documents::only(documents::document(*index, wanted), &fields))
            .collect();
        scan.read += page.len();
        self.count(token).contacts_delivered += u64::try_from(page.len()).unwrap_or_default();
        Ok(Value::Array(page))
    }
}

impl Scan {
    fn is_dead(&self, now_ms: u64) -> bool {
        now_ms > self.touched_ms + IDLE_MS
    }
}
