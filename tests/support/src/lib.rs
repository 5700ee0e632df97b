//! What tests share: real DynamoDB semantics in the test's own process behind the real SDK, faults and a
//! meter at that seam, a clock that tests turn, an S3 on a temporary folder, recorders of queue messages and
//! of published ones, and the invariants of the books.
//!
//! Knows nothing of the flows. Test code only: no function depends on it.

#![expect(missing_docs, reason = "test code: a comment says what a name and its type do not")]

mod aws;
mod books;
mod clock;
mod dynamo;
mod faults;
mod gate;
mod meter;
mod objects;
mod queues;
pub mod records;
mod secrets;
mod topics;
mod world;

pub use aws::{ATTEMPTS, AWS_URL, InProcessAws};
pub use books::assert_books_balance;
pub use clock::TestClock;
pub use dynamo::Dynamo;
pub use faults::{ANY, Fault, Faults};
pub use gate::Gate;
pub use meter::{Meter, MeteredCall, Written};
pub use objects::Files;
pub use queues::Queues;
pub use records::{assert_months_are_their_records, assert_records_agree, assert_records_of_agree};
pub use secrets::Secrets;
pub use topics::{Published, Topics};
pub use world::{ALERTS_TOPIC, World};

/// Asserts that a JSON object has these members, whatever else it has.
#[macro_export]
macro_rules! assert_members {
    ($found:expr, $expected:tt $(, $($case:tt)+)?) => {
        $crate::members_stand(&$found, &serde_json::json!($expected), &[$(format!($($case)+))?])
    };
}

/// What [`assert_members`] does.
#[track_caller]
pub fn members_stand(found: &serde_json::Value, expected: &serde_json::Value, case: &[String]) {
    for (name, value) in expected.as_object().expect("members") {
        if value.is_object() && found[name].is_object() {
            members_stand(&found[name], value, case);
        } else {
            assert_eq!(found[name], *value, "{name} {case:?} in {found}");
        }
    }
}
