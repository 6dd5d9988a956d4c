//! A peer: one process that orders, executes, stores and answers.
//!
//! ```text
//! client ──gRPC──▶ service ──▶ gather ──▶ ordering thread ──▶ execution thread ──▶ chain ──▶ service ──▶ client
//!                                          │   ▲                    │
//! replica ◀──TLS── link::outbound ◀────────┘   │                    ▼
//! replica ──TLS──▶ link::inbound ──▶ admission ┘                  store
//! ```
//!
//! The replica's state machine is in `theriac-consensus`, what it does to a block in `theriac-ledger`; here are the
//! threads, sockets, files and limits around them. [`run_until_signal`] is the whole of it.

pub mod admission;
pub mod block_server;
pub mod certified_block;
pub mod chain;
pub mod clock;
pub mod config;
pub mod core;
pub mod error;
pub mod execution;
pub mod gather;
pub mod inbox;
pub mod keys;
pub mod limits;
pub mod link;
pub mod logging;
pub mod network;
pub mod open;
pub mod ordering_thread;
pub mod process;
pub mod progress;
pub mod rates;
pub mod recovery;
pub mod refusal;
pub mod replica_status;
pub mod run;
pub mod serve;
pub mod service;
pub mod store;
#[cfg(test)]
mod testing;
pub mod threads;
pub mod tls;
pub mod transport;
pub mod verifier;
pub mod waiting;

pub use config::PeerConfig;
pub use error::PeerError;
pub use run::{run, run_until_signal};
