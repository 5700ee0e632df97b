//! Sends batches of postcards to the vendor, from their queue.

pub mod handler;
