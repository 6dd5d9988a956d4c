//! State transfer over the links: fetching the state of a checkpoint from several peers at once, and answering those
//! that fetch.
//!
//! What is asked, how answers are checked and how they are stored is decided in `theriac-ledger` and `theriac-storage`.
//! Here is who is asked, how much at a time, and what happens when nobody answers.
//!
//! ```text
//! replica: too far behind ──▶ fetching (a thread) ──questions──▶ other peers: serving (a thread each)
//!                                │    ▲───────────answers────────────┘
//!                                ▼
//!                        a data folder of its own ──whole──▶ the peer opens it in place of the old one
//! ```

mod asking;
mod checkpoints;
pub mod fetching;
pub mod message;
pub mod serving;
