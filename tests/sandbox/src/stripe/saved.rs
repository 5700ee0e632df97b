//! Saved methods that are no cards, and payments from before there were intents.

use serde_json::{Map, Value, json};

use super::{Stripe, objects, seconds};

impl Stripe {
    /// A customer saves a method elsewhere: `card`, `link` or `us_bank_account`. An unknown customer is made under that
    /// id. The error is a sentence.
    pub fn save_method(&mut self, now_ms: u64, customer: &str, kind: &str) -> Result<Value, String> {
        if !matches!(kind, "card" | "link" | "us_bank_account") {
            return Err("A saved method is a card, link or us_bank_account.".to_owned());
        }
        self.ensure_customer(now_ms, customer);
        let id = self.ids.fresh("pm_1", 23);
        let payer = json!({"address": null, "email": "customer@example.com", "name": "Alder Hale"});
        Ok(self.attach_method(now_ms, (&id, kind), &Value::from(customer), &payer))
    }

    /// Attaches a method of any type to its customer; `id` and type are its own.
    pub(super) fn attach_method(
        &mut self,
        now_ms: u64,
        (id, kind): (&str, &str),
        customer: &Value,
        payer: &Value,
    ) -> Value {
        let mut method = objects::payment_method();
        objects::set(&mut method, json!({"id": id, "created": seconds(now_ms), "customer": customer}));
        objects::set(
            &mut method["billing_details"],
            json!({"address": payer["address"], "email": payer["email"], "name": payer["name"]}),
        );
        if kind != "card" {
            let members: Option<&mut Map<String, Value>> = method.as_object_mut();
            members.and_then(|members| members.remove("card"));
            objects::set(&mut method, json!({"type": kind, kind: details(kind)}));
        }
        self.methods.put(method.clone());
        self.emit(now_ms, "payment_method.attached", &method);
        method
    }

    /// The type of a method; of a test method, and of none, a card.
    pub(super) fn type_of(&self, method: Option<&str>) -> &'static str {
        let method = method.and_then(|method| self.methods.get(method));
        match method.map(|method| objects::text(method, "type")) {
            Some("link") => "link",
            Some("us_bank_account") => "us_bank_account",
            _ => "card",
        }
    }

    /// A payment that was made without a payment intent, as all were once: only a charge, and so its refunds and
    /// disputes name no intent.
    pub fn charge_without_intent(&mut self, now_ms: u64, amount_cents: i64, metadata: &Value) -> Value {
        let id = self.ids.fresh("ch_3", 23);
        let mut charge = objects::charge();
        objects::set(
            &mut charge,
            json!({
                "id": id,
                "amount": amount_cents,
                "amount_captured": amount_cents,
                "currency": "usd",
                "customer": null,
                "metadata": metadata,
                "payment_intent": null,
                "balance_transaction": self.ids.fresh("txn_3", 23),
                "receipt_url": format!("{}/receipts/{id}", self.public_url),
                "created": seconds(now_ms),
            }),
        );
        self.charges.put(charge.clone());
        self.emit(now_ms, "charge.succeeded", &charge);
        charge
    }
}

fn details(kind: &str) -> Value {
    match kind {
        "link" => json!({"email": "customer@example.com", "persistent_token": null}),
        _ => json!({
            "account_holder_type": "company", "account_type": "checking", "bank_name": "STRIPE TEST BANK",
            "financial_connections_account": null, "fingerprint": "FFDMA0xfhBjWSZLu", "last4": "6789",
            "networks": {"preferred": "ach", "supported": ["ach"]}, "routing_number": "110000000",
            "status_details": {},
        }),
    }
}
