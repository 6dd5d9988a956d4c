//! Documents at this peer: taken from clients, handed on to other peers, fetched from them, looked through for damage.
//!
//! What a document is, how it is kept and what verifying it means is decided in `theriac-documents`; which documents the
//! ledger names, and by whose word, in `theriac-ledger`. Here is who holds what, and who is asked.
//!
//! ```text
//! client ──put──▶ this peer's store ──take──▶ other peers: they fetch the blocks, verify, sign that they hold them
//!        ◀─f+1 receipts──┘                        ▲
//! client ──anchor (a transaction)──▶ the ledger ──┘ upkeep: what this peer should hold and lacks is fetched
//! ```
//!
//! The bytes are read and written on threads of their own, so that neither consensus nor queries wait for them.

pub mod exchange;
pub mod fetch;
pub mod hold;
pub mod journal;
pub mod keeper;
mod pipe;
pub mod reading;
pub mod receiving;
mod removal;
mod source;
mod take;
mod touched;
pub mod upkeep;
mod wanted;
