//! Golden vectors: the bytes of everything that is signed, hashed or stored, as files under `vectors/`.
//!
//! A test computes the same values again and compares. When one differs, a format has changed: other peers, other
//! clients and every ledger on disk read the old one. If that is meant, `THERIAC_BLESS=1 cargo test --release -p
//! theriac-conformance` writes the files anew; the commit shows the difference and says why.

pub mod fixtures;
pub mod golden;

pub use golden::{Golden, GoldenError, Vector};
