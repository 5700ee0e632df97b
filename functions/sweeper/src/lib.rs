//! Looks again at what a clock must: what a crash left between a commit and its message, what pauses, what
//! never began, and the batches that their queue gave up.

pub mod dead;
pub mod due;
pub mod handler;
