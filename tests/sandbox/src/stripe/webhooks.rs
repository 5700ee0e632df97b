//! Signed webhooks waiting to be sent: retries, duplicates, holding back and reordering.
//!
//! Nothing is sent here. Whoever drives the sandbox takes what is due, sends it, and reports how it went.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{API_VERSION, Stripe, WEBHOOK_SECRET};
use crate::ids::mix;

/// Pauses between the tries, in milliseconds: Stripe's are minutes and hours, a test has seconds. The last
/// one repeats.
const BACK_OFF_MS: [u64; 5] = [200, 1_000, 3_000, 10_000, 30_000];
/// A delivery is given up after so many tries.
const MAX_TRIES: u32 = 15;
/// What test mode adds under `v0`: it verifies nothing, and receivers must pass over it.
const FAKE_V0: &str = "6ffbb59b2300aae63f272406069a9788598b792a944a07aab816edb039989a39";

#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Absolute URL.
    pub url: String,
    /// Each signs once; two while a secret is being rolled.
    pub secrets: Vec<String>,
    /// Event types that are sent; empty for all.
    pub types: Vec<String>,
    /// In which version their objects are rendered; `None` for the account's default.
    pub api_version: Option<String>,
}

impl Endpoint {
    /// All events to this URL, signed with the default secret.
    pub fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            secrets: vec![WEBHOOK_SECRET.to_owned()],
            types: Vec::new(),
            api_version: Some(API_VERSION.to_owned()),
        }
    }
}

/// One try of one delivery, ready to be posted.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// Names the delivery when its result is reported.
    pub id: u64,
    pub event_id: String,
    /// 1 for the first try.
    pub attempt: u32,
    pub url: String,
    /// The exact bytes that are signed.
    pub body: Bytes,
    /// `Stripe-Signature`, made for this try.
    pub signature: String,
    /// True when it must not travel together with others, because its order was asked for.
    pub alone: bool,
}

/// In which order held deliveries are let go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As they happened.
    Forward,
    /// Last first.
    Reverse,
    /// Shuffled; the same seed gives the same order.
    Shuffle(u64),
}

#[derive(Debug)]
struct Delivery {
    event_id: String,
    body: Bytes,
    attempt: u32,
    alone: bool,
}

/// The queue of deliveries by the time they are due.
#[derive(Debug, Default)]
pub(super) struct Webhooks {
    pub(super) endpoint: Option<Endpoint>,
    queue: BTreeMap<(u64, u64), Delivery>,
    under_way: HashMap<u64, Delivery>,
    next_id: u64,
    held: bool,
    pub(super) sent: u64,
    /// Tries that were answered with 2xx.
    pub(super) delivered: u64,
}

impl Webhooks {
    pub(super) fn with_endpoint(endpoint: Option<Endpoint>) -> Self {
        Self { endpoint, ..Self::default() }
    }

    pub(super) fn wants(&self, kind: &str) -> bool {
        let endpoint = self.endpoint.as_ref();
        endpoint.is_some_and(|endpoint| {
            endpoint.types.is_empty() || endpoint.types.iter().any(|wanted| wanted == kind)
        })
    }

    /// The endpoint's own version; where there is no endpoint, the present one.
    pub(super) fn version(&self) -> Option<&str> {
        self.endpoint.as_ref().map_or(Some(API_VERSION), |endpoint| endpoint.api_version.as_deref())
    }

    pub(super) fn queue(&mut self, now_ms: u64, event_id: &str, body: String, wanted: bool) {
        if wanted {
            self.resend(now_ms, event_id, body);
        }
    }

    pub(super) fn resend(&mut self, now_ms: u64, event_id: &str, body: String) {
        let delivery =
            Delivery { event_id: event_id.to_owned(), body: Bytes::from(body), attempt: 1, alone: false };
        self.push(now_ms, delivery);
    }

    fn push(&mut self, due_ms: u64, delivery: Delivery) {
        self.next_id += 1;
        self.queue.insert((due_ms, self.next_id), delivery);
    }

    fn due(&mut self, now_ms: u64) -> Vec<Outgoing> {
        let Some(endpoint) = self.endpoint.clone() else {
            return Vec::new();
        };
        let mut due = Vec::new();
        while let Some(entry) = self.queue.first_entry() {
            let (due_ms, id) = *entry.key();
            if self.held || due_ms > now_ms {
                break;
            }
            let delivery = entry.remove();
            due.push(Outgoing {
                id,
                event_id: delivery.event_id.clone(),
                attempt: delivery.attempt,
                url: endpoint.url.clone(),
                body: delivery.body.clone(),
                signature: signature_header(&endpoint.secrets, now_ms / 1_000, &delivery.body),
                alone: delivery.alone,
            });
            self.under_way.insert(id, delivery);
        }
        self.sent += u64::try_from(due.len()).unwrap_or_default();
        due
    }

    fn finish(&mut self, now_ms: u64, id: u64, delivered: bool) {
        let Some(mut delivery) = self.under_way.remove(&id) else {
            return;
        };
        if delivered {
            self.delivered += 1;
        } else if delivery.attempt < MAX_TRIES {
            let tries = usize::try_from(delivery.attempt).unwrap_or(usize::MAX);
            let pause_ms = BACK_OFF_MS.get(tries - 1).or(BACK_OFF_MS.last()).copied().unwrap_or_default();
            delivery.attempt += 1;
            // a retry comes when it comes, whatever order was asked for the first tries
            delivery.alone = false;
            self.push(now_ms + pause_ms, delivery);
        }
    }

    fn release(&mut self, now_ms: u64, order: Order) -> usize {
        self.held = false;
        let mut held: Vec<Delivery> = Vec::new();
        while let Some((_, delivery)) = self.queue.pop_first() {
            held.push(delivery);
        }
        match order {
            Order::Forward => {}
            Order::Reverse => held.reverse(),
            Order::Shuffle(seed) => shuffle(&mut held, seed),
        }
        let count = held.len();
        for mut delivery in held {
            delivery.alone = true;
            self.push(now_ms, delivery);
        }
        count
    }
}

impl Stripe {
    /// Sets where webhooks go from now on; `None` stops them.
    pub fn set_webhook_endpoint(&mut self, endpoint: Option<Endpoint>) {
        self.webhooks.endpoint = endpoint;
    }

    /// Takes out every delivery that is due, each signed for this moment. The caller owes a
    /// [`webhook_result`](Self::webhook_result) for each.
    pub fn due_webhooks(&mut self, now_ms: u64) -> Vec<Outgoing> {
        self.webhooks.due(now_ms)
    }

    /// When the next delivery is due; `None` when nothing waits or deliveries are held.
    pub fn next_webhook_due_ms(&self) -> Option<u64> {
        if self.webhooks.held || self.webhooks.endpoint.is_none() {
            return None;
        }
        self.webhooks.queue.first_key_value().map(|((due_ms, _), _)| *due_ms)
    }

    /// Reports a try: `delivered` is true for a 2xx answer. Otherwise it is tried again later.
    pub fn webhook_result(&mut self, now_ms: u64, id: u64, delivered: bool) {
        self.webhooks.finish(now_ms, id, delivered);
    }

    pub fn hold_webhooks(&mut self, held: bool) {
        self.webhooks.held = held;
    }

    pub fn release_webhooks(&mut self, now_ms: u64, order: Order) -> usize {
        self.webhooks.release(now_ms, order)
    }
}

/// `Stripe-Signature` over these exact bytes: `t=…,v1=…`, one `v1` for each secret, and the fake `v0` of test
/// mode.
pub fn signature_header(secrets: &[String], timestamp_seconds: u64, body: &[u8]) -> String {
    let mut header = format!("t={timestamp_seconds}");
    for secret in secrets {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length is a key");
        mac.update(timestamp_seconds.to_string().as_bytes());
        mac.update(b".");
        mac.update(body);
        header.push_str(",v1=");
        header.push_str(&hex::encode(mac.finalize().into_bytes()));
    }
    header.push_str(",v0=");
    header.push_str(FAKE_V0);
    header
}

/// Fisher and Yates, with a generator of our own so that a seed means the same order for ever.
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut word = mix(seed);
    for last in (1..items.len()).rev() {
        word = mix(word);
        let bound = u64::try_from(last + 1).unwrap_or(u64::MAX);
        items.swap(last, usize::try_from(word % bound).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(secret: &str, body: &str, expected: &str) {
        let header = signature_header(&[secret.to_owned()], 1_700_000_000, body.as_bytes());
        assert!(header.starts_with(&format!("t=1700000000,v1={expected},v0=")), "{header}");
    }

    #[test]
    fn signatures_are_those_of_the_vendor_reference() {
        let body = r#"{"id":"evt_test_droplab_1","object":"event","type":"checkout.session.completed"}"#;
        check("whsec_test_secret", body, "43394bcd89f9e3185655a96ac3592bff16c7340af597b601b9b45ea74266312d");
        check(
            "whsec_rotated_secret",
            body,
            "8c6886ad444e784c6a2f995eb6ad74c33851f68be24db957f09c15b3081dd48c",
        );
        let accented = r#"{"id":"evt_é","object":"event"}"#;
        check(
            "whsec_test_secret",
            accented,
            "6c9309a001d73db7576ae53cd43df90b147c3d1ddffa8c869be6e69ae232237e",
        );
        let indented = "{\n  \"id\": \"evt_test_webhook\",\n  \"object\": \"event\"\n}";
        check(
            "whsec_test_secret",
            indented,
            "4f1cd7feda9826e746b7d482c4badebb657398df1099e1046364f6196a230150",
        );
    }

    #[test]
    fn a_failed_try_comes_back_later_with_a_fresh_signature() {
        let mut stripe = Stripe::new(1, "http://sandbox");
        stripe.set_webhook_endpoint(Some(Endpoint::new("http://receiver")));
        stripe.emit(1_000_000, "customer.created", &serde_json::json!({}));
        let first = stripe.due_webhooks(1_000_000).remove(0);
        stripe.webhook_result(1_000_000, first.id, false);
        assert!(stripe.due_webhooks(1_000_199).is_empty());
        let second = stripe.due_webhooks(1_001_200).remove(0);
        assert_eq!((first.attempt, second.attempt), (1, 2));
        assert_eq!(first.body, second.body);
        assert_ne!(first.signature, second.signature);
        stripe.webhook_result(1_001_200, second.id, true);
        assert_eq!(stripe.next_webhook_due_ms(), None);
        assert_eq!(stripe.counters()["webhooksSent"], 2);
        assert_eq!(stripe.counters()["webhooksDelivered"], 1);
    }
}
