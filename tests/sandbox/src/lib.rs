//! Stateful stand-ins for Stripe, Data Axle and PostGrid on loopback.
//!
//! Each vendor is a pure state machine ([`Stripe`], [`DataAxle`], [`PostGrid`]): no sockets, no clock, no
//! randomness of its own. The time and the request come in, the answer goes out; what the vendor would send
//! by itself (Stripe's webhooks) waits in the state until whoever drives it drains it. So the same machines
//! serve a real port ([`serve`]) and a single-threaded simulation.
//!
//! This crate must not know DropLab: it knows what the vendors promise in public, and nothing of orders or
//! credits.

mod controls;
mod counting;
pub mod data_axle;
mod delivery;
mod faults;
mod form;
mod ids;
mod line;
mod message;
mod multipart;
pub mod postgrid;
mod server;
pub mod stripe;
mod world;

pub use data_axle::DataAxle;
pub use faults::{Fault, FaultKind, Vendor};
pub use message::{Request, Response};
pub use postgrid::PostGrid;
pub use server::{Sandbox, serve};
pub use stripe::Stripe;
pub use world::{Config, Reply, World};
