//! Data Axle People: count, search, scan.
//!
//! Owns the wire: the filter language (`filter`), the three calls (`client`), the fields of a person that a
//! postcard needs (`person`), and the names of what can go wrong (`failure`). Must not know: purchases,
//! prices, credits, our own filters and where people are stored. Nothing is repeated here: every delivered
//! record is billed, there is no idempotency key, and only the owner of a purchase knows whether asking again
//! is right.
//!
//! The caller makes the [`reqwest::Client`], one for the process: a rustls provider installed, no redirects
//! (`redirect::Policy::none()`), a connect time-out of 10 s. The 10 s of a whole call are set here.
//!
//! Contract: platform.data-axle.com/people/docs (search_api, scan_api, filter_dsl).

mod client;
mod failure;
mod filter;
mod person;

pub use client::{
    DataAxle, Found, NotUsable, SCAN_IDLE_SECONDS, SCAN_PAGE_MAX, SEARCH_LIMIT_MAX, SEARCH_OFFSET_MAX, Scan,
    ScanPage, SearchPage,
};
pub use failure::DataAxleFailure;
pub use filter::{Filter, Value};
pub use person::Person;
