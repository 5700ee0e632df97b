//! PostGrid print and mail: postcards.
//!
//! Owns the wire: a postcard as a request (`postcard`, `multipart`), the calls (`client`), the response (`card`), and
//! what each outcome of a call proves (`outcome`). Must not know: jobs, batches, prices, credits, and when a piece
//! may be sent again. Nothing is retried here.
//!
//! The caller makes the [`reqwest::Client`], one for the process: a rustls provider installed, no redirects
//! (`redirect::Policy::none()`), a connect time-out of 10 s. This crate limits a whole call to 10 s.
//!
//! Contract: docs.postgrid.com (print and mail API).

mod card;
mod client;
mod multipart;
mod outcome;
mod postcard;

pub use card::{Card, CardStatus, MailpieceStatus};
pub use client::{NotUsable, PostGrid};
pub use outcome::{Cancellation, Created, Doubt, PostGridFailure, Refusal, Trouble};
pub use postcard::{Artwork, Contact, Postcard, Size};
