//! What tests share: real DynamoDB semantics in the test's own process behind the real SDK, faults at that
//! seam, a clock that tests turn, an S3 on a temporary folder, a recorder of queue messages, and the
//! invariants of the books.
//!
//! Knows nothing of the flows. Test code only: no function depends on it.

mod books;
mod clock;
mod dynamo;
mod faults;
mod objects;
mod queues;
mod world;

pub use books::assert_books_balance;
pub use clock::TestClock;
pub use dynamo::Dynamo;
pub use faults::{Fault, Faults};
pub use objects::{objects, s3_config};
pub use queues::Queues;
pub use world::World;
