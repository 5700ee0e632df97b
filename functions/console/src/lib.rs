//! The console's page, its assets and its sign-in configuration, served from the function's own binary.
//!
//! Owns: what a browser may load and from where (the content security policy). Must not know: the
//! ledger, the tables, any caller. Everything served here is public, so nothing here needs a token.

mod assets;
mod config;
pub mod handler;
mod headers;
