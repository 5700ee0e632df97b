//! Trouble on request: the next calls of a vendor fail, answer late, or lose their connection.
//!
//! Whether a fault comes before or after the effect is the whole point: after a fault *before* the effect the
//! vendor knows nothing of the call, after one *after* the effect it has done the work and only the answer is
//! lost.

use serde_json::{Value, json};

use crate::message::{Request, Response};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vendor {
    /// `/stripe`
    Stripe,
    /// `/data-axle`
    DataAxle,
    /// `/postgrid`
    PostGrid,
}

impl Vendor {
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "stripe" => Some(Self::Stripe),
            "data-axle" => Some(Self::DataAxle),
            "postgrid" => Some(Self::PostGrid),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::DataAxle => "data-axle",
            Self::PostGrid => "postgrid",
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    Status,
    StatusAfterEffect,
    Delay,
    /// Nothing is done, and the connection closes without an answer.
    Drop,
    /// The work is done, and the connection closes without an answer.
    DropAfterEffect,
}

impl FaultKind {
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "status" => Some(Self::Status),
            "status-after-effect" => Some(Self::StatusAfterEffect),
            "delay" => Some(Self::Delay),
            "drop" => Some(Self::Drop),
            "drop-after-effect" => Some(Self::DropAfterEffect),
            _ => None,
        }
    }

    /// True when the vendor still does what was asked.
    pub fn has_effect(self) -> bool {
        match self {
            Self::Status | Self::Drop => false,
            Self::StatusAfterEffect | Self::Delay | Self::DropAfterEffect => true,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Fault {
    pub vendor: Vendor,
    pub next: u64,
    /// How many matching calls pass untouched before.
    pub skip: u64,
    pub kind: FaultKind,
    pub status: u16,
    /// Milliseconds by which the answer is late.
    pub delay_ms: u64,
    /// Only calls with this method; empty for any.
    pub method: String,
    /// Only calls whose path contains this; empty for any.
    pub path_contains: String,
    /// Seconds in a `Retry-After` header, if any.
    pub retry_after: Option<u64>,
}

impl Fault {
    fn concerns(&self, vendor: Vendor, request: &Request) -> bool {
        self.vendor == vendor
            && self.next > 0
            && (self.method.is_empty() || self.method.eq_ignore_ascii_case(&request.method))
            && request.path.contains(&self.path_contains)
    }

    pub fn answer(&self) -> Response {
        let body = match self.vendor {
            Vendor::Stripe => stripe_body(self.status),
            Vendor::DataAxle => json!({"message": format!("Requested fault {}", self.status)}),
            Vendor::PostGrid => postgrid_body(self.status),
        };
        let answer = Response::json(self.status, &body);
        match self.retry_after {
            Some(seconds) => answer.with_header("retry-after", &seconds.to_string()),
            None => answer,
        }
    }
}

fn stripe_body(status: u16) -> Value {
    let (kind, code) = match status {
        401 | 403 => ("invalid_request_error", None),
        402 => ("card_error", Some("card_declined")),
        409 => ("idempotency_error", Some("idempotency_key_in_use")),
        429 => ("rate_limit_error", Some("rate_limit")),
        500.. => ("api_error", None),
        _ => ("invalid_request_error", None),
    };
    let message = format!("Requested fault {status}");
    json!({"error": {"type": kind, "code": code, "message": message, "param": null}})
}

fn postgrid_body(status: u16) -> Value {
    let kind = match status {
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        409 => "conflict_error",
        429 => "rate_limit_error",
        500.. => "internal_service_error",
        _ => "validation_error",
    };
    json!({"object": "error", "error": {"type": kind, "message": format!("Requested fault {status}")}})
}

/// The faults asked for and not yet used up, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    waiting: Vec<Fault>,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.waiting.push(fault);
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// The fault that spoils this call, counted down; `None` when it goes well.
    pub(crate) fn strike(&mut self, vendor: Vendor, request: &Request) -> Option<Fault> {
        let fault = self.waiting.iter_mut().find(|fault| fault.concerns(vendor, request))?;
        if fault.skip > 0 {
            fault.skip -= 1;
            return None;
        }
        fault.next -= 1;
        let struck = fault.clone();
        self.waiting.retain(|fault| fault.next > 0);
        Some(struck)
    }

    pub(crate) fn listed(&self) -> Value {
        let faults = self.waiting.iter().map(|fault| {
            json!({
                "vendor": fault.vendor.name(),
                "next": fault.next,
                "skip": fault.skip,
                "status": fault.status,
                "delayMs": fault.delay_ms,
                "method": fault.method,
                "pathContains": fault.path_contains,
            })
        });
        Value::Array(faults.collect())
    }
}
