//! The function contact-fetcher.
