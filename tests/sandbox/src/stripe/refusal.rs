//! Stripe's error bodies: docs.stripe.com/api/errors.

use serde_json::{Value, json};

use super::cards::Decline;
use crate::message::{Request, Response};

/// An object, or why there is none.
pub(super) type Outcome = Result<Value, Box<Refusal>>;

#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    kind: &'static str,
    code: Option<&'static str>,
    decline_code: Option<&'static str>,
    pub(super) message: String,
    param: Option<String>,
    payment_intent: Option<Value>,
    /// True when the work had begun: only then is the answer stored under its idempotency key.
    pub(super) executed: bool,
}

impl Refusal {
    fn new(status: u16, kind: &'static str, code: Option<&'static str>, message: String) -> Box<Self> {
        Box::new(Self {
            status,
            kind,
            code,
            decline_code: None,
            message,
            param: None,
            payment_intent: None,
            executed: false,
        })
    }

    pub(super) fn invalid(message: String, param: Option<&str>) -> Box<Self> {
        let mut refusal = Self::new(400, "invalid_request_error", None, message);
        refusal.param = param.map(str::to_owned);
        refusal
    }

    pub(super) fn coded(code: &'static str, message: String, param: &str) -> Box<Self> {
        let mut refusal = Self::new(400, "invalid_request_error", Some(code), message);
        refusal.param = Some(param.to_owned());
        refusal
    }

    /// The payment intent is in no status for what was asked.
    pub(super) fn unexpected_state(message: String, payment_intent: Value) -> Box<Self> {
        let code = Some("payment_intent_unexpected_state");
        let mut refusal = Self::new(400, "invalid_request_error", code, message);
        refusal.payment_intent = Some(payment_intent);
        refusal
    }

    pub(super) fn missing(param: &str) -> Box<Self> {
        Self::coded("parameter_missing", format!("Missing required param: {param}."), param)
    }

    pub(super) fn unknown_parameter(param: &str) -> Box<Self> {
        Self::coded("parameter_unknown", format!("Received unknown parameter: {param}"), param)
    }

    /// 404 for the object of the path, 400 for one named in a parameter.
    pub(super) fn no_such(object: &str, id: &str, status: u16, param: &str) -> Box<Self> {
        let mut refusal = Self::new(
            status,
            "invalid_request_error",
            Some("resource_missing"),
            format!("No such {object}: '{id}'"),
        );
        refusal.param = Some(param.to_owned());
        refusal
    }

    pub(super) fn unrecognized(request: &Request) -> Box<Self> {
        let message = format!("Unrecognized request URL ({}: {}).", request.method, request.path);
        Self::new(404, "invalid_request_error", None, message)
    }

    pub(super) fn unauthorized(message: String) -> Box<Self> {
        Self::new(401, "invalid_request_error", None, message)
    }

    /// A restricted key without the permission.
    pub(super) fn not_permitted(kind: &str, reads: bool) -> Box<Self> {
        let name = format!("rak_{}_{}", kind.trim_end_matches('s'), if reads { "read" } else { "write" });
        let message = format!(
            "The provided key 'rk_test_****' does not have the required permissions for this endpoint. Having \
             the '{name}' permission would allow this request to continue."
        );
        Self::new(403, "invalid_request_error", Some("more_permissions_required"), message)
    }

    pub(super) fn other_parameters(key: &str) -> Box<Self> {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used \
             with. Try using a key other than '{key}' if you meant to execute a different request."
        );
        Self::new(400, "idempotency_error", None, message)
    }

    /// 402, with the payment intent that was tried.
    pub(super) fn declined(decline: Decline, payment_intent: Value) -> Box<Self> {
        let mut refusal = Self::new(402, "card_error", Some(decline.code), decline.message.to_owned());
        refusal.decline_code = decline.decline_code;
        refusal.payment_intent = Some(payment_intent);
        refusal.executed = true;
        refusal
    }

    pub(super) fn response(&self) -> Response {
        let mut error = json!({"type": self.kind, "message": self.message});
        let extras = [
            ("code", self.code.map(Value::from)),
            ("decline_code", self.decline_code.map(Value::from)),
            ("param", self.param.clone().map(Value::from)),
            ("payment_intent", self.payment_intent.clone()),
        ];
        for (name, value) in extras {
            if let Some(value) = value {
                error[name] = value;
            }
        }
        Response::json(self.status, &json!({"error": error}))
    }
}
