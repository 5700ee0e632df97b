//! Plans print jobs from their queue.

pub mod handler;
