//! The controls of Stripe: what its customers, their banks and people at the Dashboard do, and how webhooks
//! travel.

use serde_json::{Value, json};

use super::{Outcome, done, flag, no_control, text, whole, wrong};
use crate::message::Request;
use crate::stripe::{CardBehaviour, Endpoint, KINDS, NewSubscription, Order, Stripe, Totals, WEBHOOK_SECRET};

struct Call<'a> {
    stripe: &'a mut Stripe,
    now_ms: u64,
    request: &'a Request,
    body: &'a Value,
}

/// Answers one control; `path` is below `/sandbox/stripe`.
pub(super) fn answer(
    stripe: &mut Stripe,
    now_ms: u64,
    request: &Request,
    path: &[&str],
    body: &Value,
) -> Outcome {
    if request.method == "POST"
        && let Some(answer) = super::stripe_account::answer(stripe, now_ms, path, body)
    {
        return answer;
    }
    let call = Call { stripe, now_ms, request, body };
    match (request.method.as_str(), path) {
        ("GET", ["events"]) => Ok(json!({"events": call.stripe.all_events()})),
        ("GET", ["objects", kind]) => match KINDS.contains(kind) {
            true => Ok(json!({"objects": call.stripe.objects(kind)})),
            false => Err((404, format!("The kinds of objects are {}.", KINDS.join(", ")))),
        },
        ("POST", ["sessions" | "customers" | "payment-intents", ..]) => call.payments(path),
        ("POST", ["refunds" | "disputes" | "early-fraud-warnings", ..]) => call.reversals(path),
        ("POST", ["subscriptions" | "invoices", ..]) => call.subscriptions(path),
        ("POST", _) => call.events(path),
        _ => Err(no_control(request)),
    }
}

impl Call<'_> {
    fn payments(self, path: &[&str]) -> Outcome {
        let Self { stripe, now_ms, request, body } = self;
        match path {
            ["sessions", id, "pay"] => {
                let delayed = flag(body, "delayed", false)?;
                stripe.pay_session(now_ms, id, delayed).map_err(conflict)
            }
            ["sessions", id, "complete-delayed"] => {
                let succeed = flag(body, "succeed", true)?;
                stripe.complete_delayed(now_ms, id, succeed).map_err(conflict)
            }
            ["sessions", id, "totals"] => {
                let totals = Totals {
                    discount: whole(body, "discountCents")?.unwrap_or_default(),
                    tax: whole(body, "taxCents")?.unwrap_or_default(),
                    inclusive: flag(body, "inclusive", false)?,
                };
                stripe.set_totals(id, totals).map_err(conflict)
            }
            ["sessions", id, "expire"] => stripe.expire_by_hand(now_ms, id).map_err(conflict),
            ["payment-intents", id, "settle"] => {
                let succeed = flag(body, "succeed", true)?;
                stripe.settle_intent(now_ms, id, succeed).map_err(conflict)
            }
            ["customers", id, "card-behaviour"] => {
                let behaviour = CardBehaviour::parse(text(body, "behaviour")?);
                let known = "succeeds, declined, insufficient_funds, authentication_required or processing";
                stripe.set_card_behaviour(id, behaviour.ok_or_else(|| wrong("behaviour", known))?);
                done()
            }
            _ => Err(no_control(request)),
        }
    }

    fn reversals(self, path: &[&str]) -> Outcome {
        let Self { stripe, now_ms, request, body } = self;
        match path {
            ["refunds"] => {
                let intent = payment(body)?;
                let status = body["status"].as_str().unwrap_or("succeeded");
                let amount_cents = whole(body, "amountCents")?;
                stripe.refund_by_dashboard(now_ms, intent, amount_cents, status).map_err(conflict)
            }
            ["refunds", "begin-as"] => {
                stripe.begin_refunds_as(text(body, "status")?).map_err(|message| (400, message))?;
                done()
            }
            ["refunds", id, "settle"] => {
                stripe.settle_refund(now_ms, id, text(body, "status")?).map_err(conflict)
            }
            ["disputes"] => {
                let intent = payment(body)?;
                let (amount_cents, inquiry) = (whole(body, "amountCents")?, flag(body, "inquiry", false)?);
                stripe.open_dispute(now_ms, intent, amount_cents, inquiry).map_err(conflict)
            }
            ["early-fraud-warnings"] => {
                let fraud_type = body["fraudType"].as_str().unwrap_or("made_with_stolen_card");
                stripe.warn_of_fraud(now_ms, text(body, "paymentIntent")?, fraud_type).map_err(conflict)
            }
            ["disputes", id, "escalate"] => stripe.escalate_dispute(now_ms, id).map_err(conflict),
            ["disputes", id, "close"] => {
                stripe.close_dispute(now_ms, id, text(body, "outcome")?).map_err(conflict)
            }
            _ => Err(no_control(request)),
        }
    }

    fn subscriptions(self, path: &[&str]) -> Outcome {
        let Self { stripe, now_ms, request, body } = self;
        let both = |(subscription, invoice)| json!({"subscription": subscription, "invoice": invoice});
        let amount_cents = || {
            let amount_cents = whole(body, "amountCents")?;
            amount_cents.ok_or_else(|| wrong("amountCents", "a whole number of cents"))
        };
        match path {
            ["subscriptions"] => {
                let metadata = &body["metadata"];
                let new = NewSubscription {
                    customer: text(body, "customer")?.to_owned(),
                    amount_cents: amount_cents()?,
                    metadata: if metadata.is_object() { metadata.clone() } else { json!({}) },
                    trial: flag(body, "trial", false)?,
                };
                Ok(both(stripe.subscribe(now_ms, new)))
            }
            ["subscriptions", id, "cycle"] => {
                let paid = !flag(body, "fail", false)?;
                let cycled = stripe.cycle(now_ms, id, whole(body, "amountCents")?, paid);
                cycled.map(both).ok_or_else(|| (404, format!("No such subscription: {id}")))
            }
            ["subscriptions", id, "invoice"] => {
                let reason = text(body, "billingReason")?;
                stripe.invoice_extra(now_ms, id, reason, amount_cents()?).map(both).map_err(conflict)
            }
            ["subscriptions", id, "status"] => {
                stripe.set_subscription_status(now_ms, id, text(body, "status")?).map_err(conflict)
            }
            ["subscriptions", id, "cancel"] => stripe.cancel_subscription(now_ms, id).map_err(conflict),
            ["invoices", id, "pay"] => stripe.pay_open_invoice(now_ms, id).map(both).map_err(conflict),
            _ => Err(no_control(request)),
        }
    }

    fn events(self, path: &[&str]) -> Outcome {
        let Self { stripe, now_ms, request, body } = self;
        match path {
            ["webhook-endpoint"] => {
                stripe.set_webhook_endpoint(endpoint(body)?);
                done()
            }
            ["deliver"] => {
                let event = text(body, "eventId")?;
                let times = body["times"].as_u64().unwrap_or(1);
                match stripe.deliver_again(now_ms, event, times) {
                    true => done(),
                    false => Err((404, format!("No such event: {event}"))),
                }
            }
            ["hold-webhooks"] => {
                stripe.hold_webhooks(flag(body, "hold", true)?);
                done()
            }
            ["release-webhooks"] => {
                let released = stripe.release_webhooks(now_ms, order(body)?);
                Ok(json!({"ok": true, "released": released}))
            }
            ["events", "expire"] => {
                let seconds = whole(body, "beforeSeconds")?;
                let seconds = seconds.ok_or_else(|| wrong("beforeSeconds", "unix seconds"))?;
                stripe.expire_events_before(seconds);
                done()
            }
            _ => Err(no_control(request)),
        }
    }
}

/// The payment that a refund or dispute is of: a payment intent, or a charge that has none.
fn payment(body: &Value) -> Result<&str, (u16, String)> {
    if body["charge"].is_string() { text(body, "charge") } else { text(body, "paymentIntent") }
}

fn conflict(message: String) -> (u16, String) {
    (409, message)
}

/// The endpoint of a body; `{"url": null}` means none.
fn endpoint(body: &Value) -> Result<Option<Endpoint>, (u16, String)> {
    let texts = |name: &str| -> Vec<String> {
        let items = body[name].as_array().into_iter().flatten();
        items.filter_map(Value::as_str).map(str::to_owned).collect()
    };
    if body["url"].is_null() {
        return Ok(None);
    }
    let url = text(body, "url")?;
    if !url.starts_with("http://") {
        return Err(wrong("url", "an http:// URL on this machine"));
    }
    let mut secrets = texts("secrets");
    if secrets.is_empty() {
        secrets.push(body["secret"].as_str().unwrap_or(WEBHOOK_SECRET).to_owned());
    }
    let mut endpoint = Endpoint { secrets, types: texts("events"), ..Endpoint::new(url) };
    match body.get("apiVersion") {
        None => {}
        Some(Value::Null) => endpoint.api_version = None,
        Some(_) => endpoint.api_version = Some(text(body, "apiVersion")?.to_owned()),
    }
    Ok(Some(endpoint))
}

fn order(body: &Value) -> Result<Order, (u16, String)> {
    match body["order"].as_str().unwrap_or("forward") {
        "forward" => Ok(Order::Forward),
        "reverse" => Ok(Order::Reverse),
        "shuffle" => Ok(Order::Shuffle(body["seed"].as_u64().unwrap_or(1))),
        _ => Err(wrong("order", "forward, reverse or shuffle")),
    }
}
