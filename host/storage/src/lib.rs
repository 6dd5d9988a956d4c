//! The chain and its world state on disk, in RocksDB.
//!
//! A block is one write batch, synchronised to disk before it is acknowledged, alone or together with others: after a
//! crash at any moment the store holds the block with everything it did, or nothing of it. The batch goes to RocksDB's write-ahead log as one record
//! with a checksum; on opening, complete records are replayed and an incomplete last one is dropped. Certificates and
//! nothing else are written without waiting for the disk: losing one costs a question to another peer.
//!
//! Every value is read back through the strict decoder of its type. Pages of the state tree are held against the
//! hashes above them, blocks and receipts against what their height commits to.

mod chain;
mod entries;
mod error;
mod holds;
mod install;
mod keys;
mod options;
mod pages;
mod read;
mod records;
mod storage;
mod tables;
mod write;

pub use error::{InstallError, OpenError, ServeError};
pub use install::Installation;
pub use storage::Storage;
