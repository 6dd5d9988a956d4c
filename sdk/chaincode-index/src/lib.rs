//! Indexes of a chaincode's tables: which entry of an index a value asks for, by the schema of its table.
//!
//! Peers keep indexes with this, and so does the mock host of the guest SDK: both order entries alike.

mod field;
mod index;

pub use field::{Malformed, escape};
pub use index::Index;
