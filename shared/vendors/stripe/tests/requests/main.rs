//! Requests over loopback.

mod events;
mod lists;
mod payments;
mod reads;
mod scripted;
mod transport;

use std::time::Duration;

use scripted::{Scripted, http_client};
use stripe_client::{RetryPauses, Stripe, Transport};

fn transport(server: &Scripted) -> Transport {
    let pauses = RetryPauses { first: Duration::from_millis(1), longest: Duration::from_millis(2) };
    let base_url = format!("{}/stripe", server.url);
    Transport::new(http_client(), &base_url, "sk_test_secret").unwrap().with_pauses(pauses)
}

fn stripe(server: &Scripted) -> Stripe {
    Stripe::over(transport(server))
}

/// A form or a query with brackets as Stripe's pages write them.
fn readable(encoded: &str) -> String {
    encoded.replace("%5B", "[").replace("%5D", "]")
}

/// The requests' lines, readable, without the part of the path that all share.
fn lines(server: &Scripted) -> Vec<String> {
    server.asked().iter().map(|request| readable(&request.line).replace("/stripe/v1", "")).collect()
}
