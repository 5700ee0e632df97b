//! Delivers Stripe's webhooks: takes what is due out of the state, posts it, and reports how it went.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::task::JoinSet;

use crate::server::{Sandbox, now_ms};
use crate::stripe::Outgoing;

/// Deliveries under way at once; events that were reordered on request travel alone.
const AT_ONCE: usize = 16;
/// The receiver has this long; a function that starts cold on an emulator needs some of it.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The longest sleep between two looks at the queue.
const LOOK_MS: u64 = 1_000;

pub(crate) async fn run(sandbox: Sandbox) {
    let client = client();
    let mut under_way = JoinSet::new();
    loop {
        while under_way.try_join_next().is_some() {}
        let (due, next_due_ms) = {
            let mut world = sandbox.world();
            (world.stripe.due_webhooks(now_ms()), world.stripe.next_webhook_due_ms())
        };
        for outgoing in due {
            let alone = outgoing.alone;
            while under_way.len() >= AT_ONCE || (alone && !under_way.is_empty()) {
                under_way.join_next().await;
            }
            let delivery = deliver(sandbox.clone(), client.clone(), outgoing);
            match alone {
                true => delivery.await,
                false => {
                    under_way.spawn(delivery);
                }
            }
        }
        let wait_ms = next_due_ms.map_or(LOOK_MS, |due| due.saturating_sub(now_ms()).clamp(1, LOOK_MS));
        tokio::select! {
            () = sandbox.poked() => {}
            () = tokio::time::sleep(Duration::from_millis(wait_ms)) => {}
        }
    }
}

async fn deliver(sandbox: Sandbox, client: reqwest::Client, outgoing: Outgoing) {
    let answer = client
        .post(&outgoing.url)
        .header("content-type", "application/json; charset=utf-8")
        .header("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
        .header("stripe-signature", &outgoing.signature)
        .body(outgoing.body)
        .send()
        .await;
    // a redirect is a failure, as at Stripe
    let delivered = answer.is_ok_and(|answer| answer.status().is_success());
    sandbox.world().stripe.webhook_result(now_ms(), outgoing.id, delivered);
    sandbox.poke();
}

fn client() -> reqwest::Client {
    // an error means that a provider is installed already
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        // the receivers are plain HTTP on loopback: no machine-wide certificates are read
        .tls_certs_only(std::iter::empty())
        .dns_resolver(Arc::new(Loopback))
        .build()
        .expect("a client without certificates can always be built")
}

/// Resolves every name below `.localhost` to 127.0.0.1, as RFC 6761 asks and few resolvers do.
struct Loopback;

impl Resolve for Loopback {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().trim_end_matches('.').to_ascii_lowercase();
        Box::pin(async move {
            let found: Vec<SocketAddr> = match host == "localhost" || host.ends_with(".localhost") {
                true => vec![SocketAddr::from((Ipv4Addr::LOCALHOST, 0))],
                false => tokio::net::lookup_host((host, 0)).await?.collect(),
            };
            let found: Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}
