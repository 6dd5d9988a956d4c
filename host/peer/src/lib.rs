//! A peer: one process that orders, executes, stores and answers.
//!
//! ```text
//! client ──gRPC──▶ service ──▶ gather ──▶ ordering thread ──▶ execution thread ──▶ chain ──▶ service ──▶ client
//!                                          │   ▲                    │
//! peer ◀──TLS── link::outbound ◀───────────┘   │                    ▼
//! peer ──TLS──▶ link::inbound ──▶ reception ───┘                  store
//! ```
//!
//! The ordering thread runs terms: in each this peer is one replica of one epoch and votes, or follows what others
//! decide. The replica's state machine is in `theriac-consensus`, what it does to a block in `theriac-ledger`; here are the
//! threads, sockets, files and limits around them. [`run_until_signal`] is the whole of it.

pub mod admission;
pub mod anchor;
pub mod archive;
pub mod audit_engine;
pub mod audits;
pub mod block_server;
pub mod certified_block;
pub mod chain;
pub mod clock;
pub mod config;
pub mod core;
pub mod documents;
pub mod epochs;
pub mod error;
pub mod evidence;
pub mod execution;
pub mod follower;
pub mod gather;
pub mod inbox;
pub mod install;
pub mod keys;
pub mod limits;
pub mod link;
pub mod logging;
pub mod open;
pub mod ordering_thread;
pub mod process;
pub mod progress;
pub mod rates;
pub mod reception;
pub mod recovery;
pub mod refusal;
pub mod replica_status;
pub mod run;
pub mod running;
pub mod seat;
pub mod serve;
pub mod service;
pub mod standing;
pub mod store;
pub mod term;
#[cfg(test)]
mod testing;
pub mod threads;
pub mod tls;
pub mod transfer;
pub mod transport;
pub mod verifier;
pub mod waiting;

pub use clock::Clock;
pub use config::PeerConfig;
pub use error::PeerError;
pub use run::{run, run_until_signal, run_until_signal_by};
