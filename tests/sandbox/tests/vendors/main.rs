//! What the sandboxes promise, by vendor. All but `port` call the state machines in process, with the time as
//! a number.

mod data_axle;
mod port;
mod postgrid;
mod stripe;
mod stripe_account;
mod stripe_cards;
mod stripe_controls;
mod stripe_disputes;
mod stripe_objects;
mod stripe_pages;
mod stripe_refunds;
mod stripe_strict;
mod stripe_subscriptions;
mod stripe_webhooks;

/// A Sunday in November 2026, unix milliseconds.
const NOW_MS: u64 = 1_795_348_800_000;
const HOUR_MS: u64 = 60 * 60 * 1_000;
