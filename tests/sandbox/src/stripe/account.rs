//! What is special about this account: the version of its events, what its key may not read, and what Stripe no
//! longer knows.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::refusal::Refusal;
use super::{Stripe, objects};
use crate::message::Request;

/// See [`Stripe::set_account_version`], [`Stripe::restrict_key`], [`Stripe::forget`].
#[derive(Debug, Default)]
pub(super) struct Account {
    /// The account's default version; none while it is that of the requests.
    pub(super) version: Option<String>,
    /// The default version at the time of each event that was made under one.
    pub(super) event_versions: HashMap<String, String>,
    /// The kinds of objects that the key may not touch, as paths name them.
    restricted: Vec<String>,
    /// The ids that the API no longer knows.
    forgotten: HashSet<String>,
}

impl Stripe {
    /// The account's default version from now on, for example `2024-06-20`; `None` for that of the requests. The API
    /// lists and reads each event in the default of its time, whatever a request names, and an endpoint without a
    /// version of its own is sent it in that shape.
    pub fn set_account_version(&mut self, version: Option<&str>) {
        self.account.version = version.map(str::to_owned);
    }

    /// The key may not touch these kinds of objects from now on, named as in paths (`charges`, `payment_intents`,
    /// `checkout`): 403, as a restricted key without the permission is answered. Empty for an unrestricted key.
    pub fn restrict_key(&mut self, kinds: &[String]) {
        self.account.restricted = kinds.to_vec();
    }

    /// Stripe no longer knows a payment intent, with its charges, or a charge: 404 `resource_missing`, and no list
    /// shows it. What names it still does. The error is a sentence.
    pub fn forget(&mut self, id: &str) -> Result<(), String> {
        if self.intents.get(id).is_none() && self.charges.get(id).is_none() {
            return Err(format!("There is no payment intent and no charge {id}."));
        }
        let of_it = self.charges.iter().filter(|charge| charge["payment_intent"] == id);
        let of_it: Vec<String> = of_it.map(|charge| objects::text(charge, "id").to_owned()).collect();
        self.account.forgotten.extend(of_it);
        self.account.forgotten.insert(id.to_owned());
        Ok(())
    }

    /// True for an object that the API no longer knows.
    pub(super) fn is_gone(&self, object: &Value) -> bool {
        self.account.forgotten.contains(objects::text(object, "id"))
    }

    /// Refuses what a restricted key may not touch.
    pub(super) fn permit(&self, request: &Request) -> Result<(), Box<Refusal>> {
        let segments = request.segments();
        let kind = segments.get(1).copied().unwrap_or_default();
        match self.account.restricted.iter().any(|restricted| restricted == kind) {
            true => Err(Refusal::not_permitted(kind, request.method == "GET")),
            false => Ok(()),
        }
    }
}
