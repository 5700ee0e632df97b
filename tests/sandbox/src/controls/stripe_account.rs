//! The controls of what is special about the account at Stripe: old versions, what is forgotten or not permitted,
//! methods that are no cards, payments without an intent, appeals.

use serde_json::{Value, json};

use super::{Outcome, done, flag, text, whole, wrong};
use crate::stripe::Stripe;

/// Answers one control, `None` where it is not one of these; `path` is below `/sandbox/stripe`.
pub(super) fn answer(stripe: &mut Stripe, now_ms: u64, path: &[&str], body: &Value) -> Option<Outcome> {
    let conflict = |message: String| (409, message);
    Some(match path {
        ["account-version"] => version(body).and_then(|version| {
            stripe.set_account_version(version);
            done()
        }),
        ["forget"] => text(body, "id").and_then(|id| {
            stripe.forget(id).map_err(|message| (404, message))?;
            done()
        }),
        ["restrict-key"] => kinds(body).and_then(|kinds| {
            stripe.restrict_key(&kinds);
            done()
        }),
        ["charges"] => charge(stripe, now_ms, body),
        ["customers", id, "payment-methods"] => {
            text(body, "type").and_then(|kind| stripe.save_method(now_ms, id, kind).map_err(conflict))
        }
        ["sessions", id, "pay"] if body["method"].is_string() => text(body, "method")
            .and_then(|method| stripe.pay_session_by(now_ms, id, method).map_err(conflict)),
        ["disputes", id, "appeal"] => flags(body).and_then(|(under_review, withdraw)| {
            stripe.appeal_dispute(now_ms, id, under_review, withdraw).map_err(conflict)
        }),
        _ => return None,
    })
}

fn version(body: &Value) -> Result<Option<&str>, (u16, String)> {
    match &body["version"] {
        Value::Null => Ok(None),
        _ => text(body, "version").map(Some),
    }
}

fn kinds(body: &Value) -> Result<Vec<String>, (u16, String)> {
    let kinds = body["kinds"].as_array().ok_or_else(|| wrong("kinds", "an array"))?;
    let kind = |kind: &Value| kind.as_str().map(str::to_owned).ok_or_else(|| wrong("kinds", "strings"));
    kinds.iter().map(kind).collect()
}

fn flags(body: &Value) -> Result<(bool, bool), (u16, String)> {
    Ok((flag(body, "underReview", false)?, flag(body, "withdraw", false)?))
}

fn charge(stripe: &mut Stripe, now_ms: u64, body: &Value) -> Outcome {
    let amount_cents = whole(body, "amountCents")?;
    let amount_cents = amount_cents.ok_or_else(|| wrong("amountCents", "a whole number of cents"))?;
    let metadata = if body["metadata"].is_object() { body["metadata"].clone() } else { json!({}) };
    Ok(stripe.charge_without_intent(now_ms, amount_cents, &metadata))
}
