//! The store of the chain and the world state: RocksDB, shared by the thread that writes and everyone who reads.

/// The store. Cheap to clone; one clone writes.
pub type Store = theriac_storage::Storage;
