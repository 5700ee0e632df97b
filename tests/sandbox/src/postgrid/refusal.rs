//! PostGrid's error bodies: `{"object":"error","error":{"type","message"}}`.

use serde_json::{Value, json};

use crate::message::Response;

/// A status and a body, or why there is none.
pub(super) type Outcome = Result<(u16, Value), Refusal>;

#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    kind: &'static str,
    message: String,
}

impl Refusal {
    fn new(status: u16, kind: &'static str, message: impl Into<String>) -> Self {
        Self { status, kind, message: message.into() }
    }

    pub(super) fn invalid(message: &str) -> Self {
        Self::new(400, "validation_error", message)
    }

    pub(super) fn unauthorized(message: &str) -> Self {
        Self::new(401, "authentication_error", message)
    }

    pub(super) fn test_only() -> Self {
        Self::new(403, "permission_error", "Progressions are for test keys only.")
    }

    pub(super) fn not_found(path: &str) -> Self {
        Self::new(404, "not_found_error", format!("There is nothing at {path}."))
    }

    pub(super) fn no_such_postcard(id: &str) -> Self {
        Self::new(404, "postcard_not_found_error", format!("There is no postcard {id}."))
    }

    pub(super) fn not_cancellable(status: &str) -> Self {
        let message = format!("Only a postcard that is ready can be cancelled; this one is {status}.");
        Self::new(400, "not_cancellable_error", message)
    }

    pub(super) fn invalid_progression(status: &str) -> Self {
        let message = format!("A postcard that is {status} cannot move on.");
        Self::new(400, "invalid_progression_error", message)
    }

    pub(super) fn other_body() -> Self {
        let message = "This idempotency key was used with another request body.";
        Self::new(422, "idempotency_error", message)
    }

    pub(super) fn too_many() -> Self {
        Self::new(429, "rate_limit_error", "Too many requests.")
    }

    pub(super) fn response(&self) -> Response {
        let error = json!({"type": self.kind, "message": self.message});
        Response::json(self.status, &json!({"object": "error", "error": error}))
    }
}
