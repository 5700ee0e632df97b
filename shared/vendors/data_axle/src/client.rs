//! The calls. One client per token: a live and a test token are two clients.
//!
//! The documentation shows GET with a body for a search, which proxies drop; POST with the same body is what other
//! clients send.

use std::fmt;
use std::time::Duration;

use reqwest::header::{HeaderName, RETRY_AFTER};
use reqwest::{RequestBuilder, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use vendor_http::{Http, Key, KeyHeader};

use crate::failure::DataAxleFailure;
use crate::filter::Filter;
use crate::person::Person;

/// The longest page of a search.
pub const SEARCH_LIMIT_MAX: u32 = 400;

/// The last record at which a page of a search may start: beyond it, scan.
pub const SEARCH_OFFSET_MAX: u32 = 4_000;

/// The longest page of a scan.
pub const SCAN_PAGE_MAX: usize = 200;

/// A scan ends when its next page is not requested within this time.
pub const SCAN_IDLE_SECONDS: u64 = 60;

/// Time for one call, from the connect to the last byte of the response.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);

/// The header in which Data Axle expects the token.
const TOKEN: HeaderName = HeaderName::from_static("x-auth-token");

/// The bundles of fields that hold a name and a mailing address.
const PACKAGES: [&str; 2] = ["core_v1", "direct_mail_v1"];

/// A configuration with which no request can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotUsable {
    #[error("the vendor's base URL is not an absolute http(s) URL")]
    BaseUrl,
    #[error("the vendor's key is empty or cannot be sent in a header")]
    Key,
}

/// Which page of a search: within the vendor's bounds by construction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SearchPage {
    limit: u32,
    offset: u32,
}

impl SearchPage {
    /// `limit` records (1 to 400) from the one at `offset` on (0 to 4,000); `None` beyond.
    pub fn new(limit: u32, offset: u32) -> Option<Self> {
        let within = (1..=SEARCH_LIMIT_MAX).contains(&limit) && offset <= SEARCH_OFFSET_MAX;
        within.then_some(Self { limit, offset })
    }
}

/// A page of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// How many people match in all.
    pub count: u64,
    /// In an order that may change between pages.
    pub people: Vec<Person>,
    /// Records that were delivered, and are billed, but have no id to tell them apart.
    pub unusable: usize,
}

/// A scan that has begun.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Scan {
    /// Identifies the scan in its next calls.
    pub scroll_id: String,
    /// How many people match in all.
    pub count: u64,
}

/// A page of a scan; the one without any record is the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanPage {
    /// At most 200.
    pub people: Vec<Person>,
    /// Records that were delivered, and are billed, but have no id to tell them apart.
    pub unusable: usize,
}

/// Data Axle People under one token. Cheap to clone.
#[derive(Clone)]
pub struct DataAxle {
    http: Http,
    base_url: Url,
    token: KeyHeader,
    timeout: Duration,
}

impl fmt::Debug for DataAxle {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("DataAxle").field("base_url", &self.base_url.as_str()).finish_non_exhaustive()
    }
}

impl ScanPage {
    /// Records delivered with this page, and billed.
    pub fn delivered(&self) -> usize {
        self.people.len() + self.unusable
    }

    /// Data Axle has nothing more to deliver.
    pub fn is_last(&self) -> bool {
        self.delivered() == 0
    }
}

impl Found {
    /// Records delivered with this page, and billed.
    pub fn delivered(&self) -> usize {
        self.people.len() + self.unusable
    }
}

impl DataAxle {
    /// `base_url` may have a path before `/v1`. The crate's documentation says what `http` must be.
    pub fn new(http: impl Into<Http>, base_url: &str, token: impl Into<Key>) -> Result<Self, NotUsable> {
        let base_url = Url::parse(base_url).map_err(|_| NotUsable::BaseUrl)?;
        if !matches!(base_url.scheme(), "http" | "https") {
            return Err(NotUsable::BaseUrl);
        }
        let token = KeyHeader::new(TOKEN, "", token.into()).ok_or(NotUsable::Key)?;
        Ok(Self { http: http.into(), base_url, token, timeout: CALL_TIMEOUT })
    }

    /// Replaces the 10 s of production, for tests.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How many people match. It requests no record, and Data Axle bills per record.
    pub async fn count(&self, filter: &Filter) -> Result<u64, DataAxleFailure> {
        Ok(self.find(filter, 0, 0).await?.count)
    }

    /// One page of the people that match; every delivered record is billed. Pages may overlap.
    pub async fn search(&self, filter: &Filter, page: SearchPage) -> Result<Found, DataAxleFailure> {
        let answer = self.find(filter, page.limit, page.offset).await?;
        let (people, unusable) = usable(answer.documents);
        Ok(Found { count: answer.count, people, unusable })
    }

    /// Begins a scan, for what a search does not reach. Delivers nothing yet.
    pub async fn scan_start(&self, filter: &Filter) -> Result<Scan, DataAxleFailure> {
        let body = ScanRequest { filter };
        self.ask(self.request(reqwest::Method::POST, &["scan"]).json(&body)).await
    }

    /// The next page of a scan; the one without any record is the last. Every delivered record is billed. A page
    /// whose response is lost cannot be requested again: after any failure but `Busy` the scan has ended (`ScanLost`
    /// when Data Axle no longer knows the scroll).
    pub async fn scan_next(&self, scroll_id: &str) -> Result<ScanPage, DataAxleFailure> {
        if scroll_id.is_empty() || scroll_id == "." || scroll_id == ".." {
            return Err(DataAxleFailure::ScanLost);
        }
        let request = self.request(reqwest::Method::GET, &["scan", scroll_id]);
        let request = request.query(&[("packages", PACKAGES.join(","))]);
        let records = self.ask(request).await.map_err(DataAxleFailure::of_a_scan)?;
        let (people, unusable) = usable(records);
        Ok(ScanPage { people, unusable })
    }

    async fn find(&self, filter: &Filter, limit: u32, offset: u32) -> Result<SearchAnswer, DataAxleFailure> {
        let body = SearchRequest { filter, packages: PACKAGES, limit, offset };
        self.ask(self.request(reqwest::Method::POST, &["search"]).json(&body)).await
    }

    fn request(&self, method: reqwest::Method, path: &[&str]) -> RequestBuilder {
        let mut url = self.base_url.clone();
        // Segment by segment, so that a vendor's scroll id is escaped and never becomes another path.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["v1", "people"]).extend(path);
        }
        self.http.request(method, url).timeout(self.timeout)
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, DataAxleFailure> {
        let answer = self.http.send(request, &self.token).await.map_err(DataAxleFailure::from_transport)?;
        let status = answer.status();
        if !status.is_success() {
            let retry_after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
            return Err(DataAxleFailure::from_status(status.as_u16(), retry_after));
        }
        let body = answer.bytes().await.map_err(|_| DataAxleFailure::Unknown)?;
        serde_json::from_slice(&body).map_err(|_| DataAxleFailure::Undecodable)
    }
}

/// One bad record must not cost the page, which is paid for.
fn usable(records: Vec<serde_json::Value>) -> (Vec<Person>, usize) {
    let delivered = records.len();
    let people: Vec<Person> =
        records.into_iter().filter_map(|record| serde_json::from_value(record).ok()).collect();
    let unusable = delivered.saturating_sub(people.len());
    if unusable > 0 {
        tracing::warn!(delivered, unusable, "Data Axle delivered records that cannot be read");
    }
    (people, unusable)
}

#[derive(Serialize)]
struct SearchRequest<'a> {
    filter: &'a Filter,
    packages: [&'static str; 2],
    limit: u32,
    offset: u32,
}

#[derive(Serialize)]
struct ScanRequest<'a> {
    filter: &'a Filter,
}

#[derive(Deserialize)]
struct SearchAnswer {
    count: u64,
    #[serde(default)]
    documents: Vec<serde_json::Value>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_keeps_the_vendors_bounds() {
        assert!(SearchPage::new(1, 0).is_some() && SearchPage::new(400, 4_000).is_some());
        assert!(SearchPage::new(0, 0).is_none() && SearchPage::new(401, 0).is_none());
        assert!(SearchPage::new(400, 4_001).is_none());
    }
}
