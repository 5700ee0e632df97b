//! Printing, from the campaign to the settle: the flow against a DynamoDB with real conditions, an S3 on a
//! folder, recorded queues and the PostGrid sandbox. Every test ends with balanced books.

#![expect(clippy::unwrap_used, reason = "tests")]

mod attack;
mod crash;
mod ends;
mod happy;
mod keys;
mod lessons;
mod ours;
mod requests;
mod sweeper;
mod trouble;
mod world;
