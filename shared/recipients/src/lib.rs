//! Recipient lists: what a purchase of contacts leaves and a print job reads.
//!
//! Owns the stored form of a list, of its pages in the content bucket and of one recipient, and the mode (live or
//! test) that a list passes on to the campaigns that mail to it. Knows nothing of vendors, credits, purchases, print
//! jobs or HTTP. A recipient is personal data: it passes through memory into a page, and never into a record or a log
//! line.

#![deny(clippy::as_conversions)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used))]

mod failure;
mod list;
mod mode;
mod page;

pub use failure::RecipientsFailure;
pub use list::{ListPage, RecipientList, list_key};
pub use mode::{Mode, NotAMode};
pub use page::{Recipient, read_all, read_page, read_rows, write_page};
