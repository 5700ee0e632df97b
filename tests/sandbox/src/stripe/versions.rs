//! Events in the shape of an older version of the API: that of before 2025-03-31 (basil), in which an invoice names
//! its subscription and its payment, and a subscription its period
//! (docs.stripe.com/changelog/basil/2025-03-31).

use serde_json::{Map, Value, json};

use super::{Stripe, objects};

/// The first version of the present shapes.
const BASIL: &str = "2025-03-31";
/// The first version that calls the hosted page `hosted_page`.
const DAHLIA: &str = "2026-03-25";

impl Stripe {
    /// An event as a version renders it. The version must be written as Stripe's are: a date, perhaps with a name.
    pub(super) fn rendered(&self, event: &Value, version: &str) -> Value {
        let mut event = event.clone();
        event["api_version"] = Value::from(version);
        if let Some(object) = event["data"].get_mut("object") {
            let shaped = self.shaped(object, version);
            *object = shaped;
        }
        event
    }

    /// An event as the API answers it: in the account's default version of its time.
    pub(super) fn as_listed(&self, event: &Value) -> Value {
        match self.account.event_versions.get(objects::text(event, "id")) {
            Some(version) => self.rendered(event, version),
            None => event.clone(),
        }
    }

    fn shaped(&self, object: &Value, version: &str) -> Value {
        let mut object = object.clone();
        let before = |train: &str| version < train;
        match objects::text(&object, "object") {
            "invoice" if before(BASIL) => self.old_invoice(&mut object),
            "subscription" if before(BASIL) => old_subscription(&mut object),
            "charge" | "payment_intent" if before(BASIL) => object["invoice"] = self.invoice_of(&object),
            "checkout.session" if before(DAHLIA) => {
                if object["ui_mode"] == "hosted_page" {
                    object["ui_mode"] = Value::from("hosted");
                }
                if before(BASIL) {
                    let taken =
                        object.as_object_mut().and_then(|members| members.remove("presentment_details"));
                    object["currency_conversion"] = taken.unwrap_or(Value::Null);
                }
            }
            _ => {}
        }
        object
    }

    fn old_invoice(&self, invoice: &mut Value) {
        let payment = self.payment_of(objects::text(invoice, "id"));
        let intent = payment.map_or(Value::Null, |payment| payment["payment"]["payment_intent"].clone());
        let charge = self.intents.get(intent.as_str().unwrap_or_default());
        let charge = charge.map_or(Value::Null, |intent| intent["latest_charge"].clone());
        let details = invoice["parent"]["subscription_details"].clone();
        let of_subscription = !details["subscription"].is_null();
        let changes = json!({
            "subscription": details["subscription"],
            "subscription_details": {"metadata": details["metadata"]},
            "payment_intent": intent,
            "charge": charge,
            "paid": invoice["status"] == "paid",
            "paid_out_of_band": false,
            "discount": null,
            "tax": null,
            "total_tax_amounts": [],
            "quote": null,
        });
        objects::set(invoice, changes);
        without(invoice, &["parent", "payments", "confirmation_secret", "amount_overpaid", "total_taxes"]);
        let lines = invoice["lines"]["data"].as_array_mut();
        for line in lines.into_iter().flatten() {
            let item = line["parent"]["subscription_item_details"].clone();
            let changes = json!({
                "type": if of_subscription { "subscription" } else { "invoiceitem" },
                "subscription": item["subscription"],
                "subscription_item": item["subscription_item"],
                "proration": item["proration"].as_bool().unwrap_or(false),
                "price": null,
                "plan": null,
                "tax_amounts": [],
            });
            objects::set(line, changes);
            without(line, &["parent", "pricing", "taxes"]);
        }
    }

    fn invoice_of(&self, payment: &Value) -> Value {
        let intent = match objects::text(payment, "object") {
            "charge" => objects::text(payment, "payment_intent"),
            _ => objects::text(payment, "id"),
        };
        let tie = self.invoice_payments.iter().find(|tie| tie["payment"]["payment_intent"] == intent);
        tie.map_or(Value::Null, |tie| tie["invoice"].clone())
    }
}

fn old_subscription(subscription: &mut Value) {
    let item = subscription["items"]["data"][0].clone();
    for name in ["current_period_start", "current_period_end"] {
        subscription[name] = item[name].clone();
    }
    subscription["discount"] = Value::Null;
    for item in subscription["items"]["data"].as_array_mut().into_iter().flatten() {
        without(item, &["current_period_start", "current_period_end"]);
    }
}

fn without(object: &mut Value, names: &[&str]) {
    let members: Option<&mut Map<String, Value>> = object.as_object_mut();
    if let Some(members) = members {
        members.retain(|name, _| !names.contains(&name.as_str()));
    }
}
