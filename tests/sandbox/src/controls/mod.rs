//! What tests ask of the sandboxes themselves, under `/sandbox`. No vendor has anything like it.

mod stripe;
mod stripe_account;

use serde_json::{Value, json};

use crate::faults::{Fault, FaultKind, Vendor};
use crate::message::{Request, Response};
use crate::world::World;

type Outcome = Result<Value, (u16, String)>;

/// Answers one control; the path is below `/sandbox`.
pub(crate) fn handle(world: &mut World, now_ms: u64, request: &Request) -> Response {
    let outcome = match body(request) {
        Ok(body) => route(world, now_ms, request, &body),
        Err(refusal) => Err(refusal),
    };
    match outcome {
        Ok(value) => Response::json(200, &value),
        Err((status, message)) => Response::json(status, &json!({"error": message})),
    }
}

/// The answer to a path that is nobody's.
pub(crate) fn not_found() -> Response {
    let message =
        "Nothing is here: see /stripe, /data-axle, /postgrid and /sandbox in tests/sandbox/README.md.";
    Response::json(404, &json!({"error": message}))
}

fn route(world: &mut World, now_ms: u64, request: &Request, body: &Value) -> Outcome {
    let segments = request.segments();
    match (request.method.as_str(), segments.as_slice()) {
        ("GET", ["health"]) => Ok(json!({"ok": true})),
        ("GET", ["counters"]) => Ok(counters(world)),
        ("POST", ["reset"]) => {
            world.reset();
            done()
        }
        ("GET", ["faults"]) => Ok(json!({"faults": world.faults.listed()})),
        ("DELETE", ["faults"]) => {
            world.faults.clear();
            done()
        }
        ("POST", ["faults"]) => add_fault(world, body),
        (_, ["stripe", path @ ..]) => stripe::answer(&mut world.stripe, now_ms, request, path, body),
        ("POST", ["data-axle", "rate-limit"]) => {
            let requests = body["requests"].as_u64().and_then(|requests| usize::try_from(requests).ok());
            let window_ms = body["windowMs"].as_u64().unwrap_or(10_000);
            world.data_axle.limit_rate(requests.map(|requests| (requests, window_ms)));
            done()
        }
        ("POST", ["data-axle", "zips-as-numbers"]) => {
            world.data_axle.deliver_zips_as_numbers(flag(body, "on", true)?);
            done()
        }
        (_, ["postgrid", path @ ..]) => postgrid(world, now_ms, request, path, body),
        _ => Err(no_control(request)),
    }
}

fn postgrid(world: &mut World, now_ms: u64, request: &Request, path: &[&str], body: &Value) -> Outcome {
    let postgrid = &mut world.postgrid;
    match (request.method.as_str(), path) {
        ("GET", ["cards"]) => Ok(postgrid.cards(now_ms, request.query_value("piece").as_deref())),
        ("POST", ["cards", id, "status"]) => match postgrid.set_status(now_ms, id, text(body, "status")?) {
            true => done(),
            false => Err((404, format!("There is no postcard {id}, or no such status."))),
        },
        ("POST", ["rate-limit"]) => {
            let requests = body["perSecond"].as_u64().and_then(|requests| usize::try_from(requests).ok());
            postgrid.limit_rate(requests);
            done()
        }
        ("POST", ["search-delay"]) => {
            postgrid.delay_search(body["delayMs"].as_u64().unwrap_or_default());
            done()
        }
        _ => Err(no_control(request)),
    }
}

fn counters(world: &World) -> Value {
    json!({
        "stripe": world.stripe.counters(),
        "dataAxle": world.data_axle.counters(true),
        "dataAxleTest": world.data_axle.counters(false),
        "postgrid": world.postgrid.counters(true),
        "postgridTest": world.postgrid.counters(false),
    })
}

fn add_fault(world: &mut World, body: &Value) -> Outcome {
    let vendor = Vendor::parse(text(body, "vendor")?);
    let kind = FaultKind::parse(text(body, "kind")?);
    let status = body["status"].as_u64().unwrap_or(503);
    let status = u16::try_from(status).ok().filter(|status| (400..600).contains(status));
    world.faults.add(Fault {
        vendor: vendor.ok_or_else(|| wrong("vendor", "stripe, data-axle or postgrid"))?,
        kind: kind
            .ok_or_else(|| wrong("kind", "status, status-after-effect, delay, drop or drop-after-effect"))?,
        next: body["next"].as_u64().unwrap_or(1),
        skip: body["skip"].as_u64().unwrap_or(0),
        status: status.ok_or_else(|| wrong("status", "an error status"))?,
        delay_ms: body["delayMs"].as_u64().unwrap_or(0),
        method: body["method"].as_str().unwrap_or_default().to_owned(),
        path_contains: body["pathContains"].as_str().unwrap_or_default().to_owned(),
        retry_after: body["retryAfter"].as_u64(),
    });
    done()
}

fn body(request: &Request) -> Outcome {
    if request.body.is_empty() {
        return Ok(json!({}));
    }
    let body: Option<Value> = serde_json::from_slice(&request.body).ok();
    body.filter(Value::is_object).ok_or_else(|| (400, "The body is not a JSON object.".to_owned()))
}

fn text<'a>(body: &'a Value, name: &str) -> Result<&'a str, (u16, String)> {
    body[name].as_str().ok_or_else(|| wrong(name, "a string"))
}

fn flag(body: &Value, name: &str, default: bool) -> Result<bool, (u16, String)> {
    match &body[name] {
        Value::Null => Ok(default),
        value => value.as_bool().ok_or_else(|| wrong(name, "true or false")),
    }
}

fn whole(body: &Value, name: &str) -> Result<Option<i64>, (u16, String)> {
    match &body[name] {
        Value::Null => Ok(None),
        value => value.as_i64().map(Some).ok_or_else(|| wrong(name, "a whole number")),
    }
}

fn no_control(request: &Request) -> (u16, String) {
    (404, format!("There is no control {} {}.", request.method, request.path))
}

fn wrong(name: &str, what: &str) -> (u16, String) {
    (400, format!("{name} should be {what}."))
}

fn done() -> Outcome {
    Ok(json!({"ok": true}))
}
