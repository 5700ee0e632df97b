//! Data Axle People: count, search, scan.
//!
//! Owns the wire: the filter language (`filter`), the three calls (`client`), the fields of a person that a postcard
//! needs (`person`), and the kinds of failure (`failure`). Must not know: purchases, prices, credits, our own filters
//! and where people are stored. Nothing is retried here: every delivered record is billed, there is no idempotency
//! key, and only the owner of a purchase knows whether a repetition is right.
//!
//! The caller makes the [`reqwest::Client`], one for the process: a rustls provider installed, no redirects
//! (`redirect::Policy::none()`), a connect time-out of 10 s. This crate limits a whole call to 10 s.
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
