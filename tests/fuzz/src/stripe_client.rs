//! The part of `shared/vendors/stripe` that reads what arrives: the same files, compiled here once more with coverage.

#[path = "../../../shared/vendors/stripe/src/event.rs"]
pub mod event;
#[path = "../../../shared/vendors/stripe/src/objects/mod.rs"]
#[allow(dead_code, reason = "the lists and answers that use the rest are not compiled here")]
mod objects;
#[path = "../../../shared/vendors/stripe/src/signature.rs"]
pub mod signature;
#[path = "../../../shared/vendors/stripe/src/words.rs"]
mod words;

/// The version whose train is ours; the client has it from async-stripe, which is not compiled here.
pub fn api_version() -> String {
    "2026-09-30.endive".to_owned()
}
