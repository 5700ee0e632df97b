//! What was answered: it must be what is stored, a repetition must be answered like the first time, and
//! people remember it.

use crate::calls::{Ask, Endpoint};
use crate::core::Core;
use crate::people::{Campaign, ORGANIZATIONS, People};
use crate::system::System;
use serde_json::Value;
use support::records::{money, plain};

pub fn take(core: &Core, system: &System, people: &mut People, ask: &Ask, status: u16, body: &Value) {
    if status == 500 {
        core.broken(format!("{:?} was answered 500: {body}", ask.endpoint));
    }
    if status == 402 && ask.key.is_some() {
        let short = money(&body["required"]).minus(money(&body["available"])).expect("in range");
        if short != money(&body["shortfall"]) || !short.is_positive() {
            core.broken(format!("a refusal for credits does not add up: {body}"));
        }
    }
    if let Some(key) = &ask.key {
        compare(core, people, ask, key, status, body);
    }
    if (200..300).contains(&status) {
        check_stored(core, system, ask, body);
        remember(people, ask, body);
    }
}

/// A repetition of what succeeded: the same body is answered as before, another one is refused.
fn compare(core: &Core, people: &mut People, ask: &Ask, key: &str, status: u16, body: &Value) {
    let place = (ask.organization.clone(), ask.endpoint, key.to_owned());
    let shown = |body: &Value| {
        let mut body = body.clone();
        if let Some(fields) = body.as_object_mut() {
            // a form to upload with is signed anew each time; a refund goes its way
            fields.remove("upload");
            if ask.endpoint == Endpoint::AskRefund {
                fields.remove("status");
            }
        }
        body
    };
    let Some((first_body, first)) = people.answered.get(&place) else {
        if (200..300).contains(&status) {
            people.answered.insert(place, (ask.body.clone(), shown(body)));
        }
        return;
    };
    let ours = matches!(status, 429 | 502 | 503);
    if *first_body == ask.body {
        if !ours && ((200..300).contains(&status), &shown(body)) != (true, first) {
            core.broken(format!("{:?} {key} was answered {first}, and then {status} {body}", ask.endpoint));
        }
    } else if !ours && !matches!(status, 400 | 422) {
        core.broken(format!("{:?} {key} with another body was answered {status} {body}", ask.endpoint));
    }
}

fn check_stored(core: &Core, system: &System, ask: &Ask, body: &Value) {
    let (prefix, id) = match ask.endpoint {
        Endpoint::BuyCredits => ("ORDER#", &body["orderId"]),
        Endpoint::Purchase => ("PURCHASE#", &body["purchaseId"]),
        Endpoint::Campaign => ("CAMPAIGN#", &body["campaignId"]),
        Endpoint::Print => ("JOB#", &body["printJobId"]),
        Endpoint::AskRefund => ("", &body["refundId"]),
        _ => return,
    };
    let id = id.as_str().unwrap_or_default();
    let (pk, sk) = match ask.endpoint {
        Endpoint::AskRefund => ("REFUND-REQUESTS".to_owned(), format!("{}#{id}", ask.organization)),
        _ => (format!("ORG#{}", ask.organization), format!("{prefix}{id}")),
    };
    let stored = system.dynamo.item("work", &pk, &sk);
    let Some(stored) = stored.map(|item| plain(&item)) else {
        return core.broken(format!("{:?} was answered, and {sk} does not stand", ask.endpoint));
    };
    if !body["held"].is_null() && money(&body["held"]) != money(&stored["held"]) {
        core.broken(format!("{sk}: held is answered {} and stored {}", body["held"], stored["held"]));
    }
    for name in ["pieces", "requested", "orderId"] {
        if !body[name].is_null() && body[name] != stored[name] {
            core.broken(format!("{sk}: {name} is answered {} and stored {}", body[name], stored[name]));
        }
    }
}

fn remember(people: &mut People, ask: &Ask, body: &Value) {
    if !ORGANIZATIONS.contains(&ask.organization.as_str()) {
        return;
    }
    let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
    let owner = people.owner(&ask.organization);
    let asked: Value = serde_json::from_str(&ask.body).unwrap_or_default();
    match ask.endpoint {
        Endpoint::BuyCredits if !owner.sessions.contains(&text("sessionId")) => {
            owner.sessions.push(text("sessionId"));
        }
        Endpoint::Count if body["quote"]["quoteId"].is_string() => {
            let quote = body["quote"]["quoteId"].as_str().unwrap_or_default().to_owned();
            owner.quotes.push((quote, asked));
        }
        Endpoint::Purchase if !owner.purchases.contains(&text("purchaseId")) => {
            owner.purchases.push(text("purchaseId"));
        }
        Endpoint::Campaign if owner.campaigns.iter().all(|campaign| campaign.id != text("campaignId")) => {
            let artwork = match asked["artwork"]["kind"].as_str() {
                Some("pdf") => "pdf",
                Some("html") => "html",
                _ => "pdf-per-recipient",
            };
            let list = asked["recipientListId"].as_str().unwrap_or_default().to_owned();
            let uploaded = artwork == "html";
            owner.campaigns.push(Campaign { id: text("campaignId"), list, artwork, uploaded });
        }
        _ => {}
    }
}

#[must_use]
pub fn lists(system: &System, organization: &str) -> Vec<String> {
    let found = system.dynamo.items("work", &format!("ORG#{organization}"), ("LIST#", "LIST#~"));
    let ids = found.iter().map(|item| item["recipientListId"]["S"].as_str().unwrap_or_default().to_owned());
    ids.collect()
}

/// The persons on a list, as its pages hold them.
#[must_use]
pub fn persons(system: &System, organization: &str, list: &str) -> Vec<String> {
    let found = system.dynamo.item("work", &format!("ORG#{organization}"), &format!("LIST#{list}"));
    let Some(found) = found.map(|item| plain(&item)) else { return Vec::new() };
    let mut persons = Vec::new();
    for page in found["pages"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let key = page["objectKey"].as_str().unwrap_or_default();
        let bytes = system.objects.read("content", key).unwrap_or_default();
        let rows: Vec<Value> = serde_json::from_slice(&bytes).unwrap_or_default();
        let counted = usize::try_from(page["contacts"].as_u64().unwrap_or(0)).unwrap_or(0);
        let ids =
            rows.iter().take(counted).map(|row| row["personId"].as_str().unwrap_or_default().to_owned());
        persons.extend(ids);
    }
    persons
}
