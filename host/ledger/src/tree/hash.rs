//! What the tree hashes. `H(domain, bytes)` is [`theriac_crypto::hash`]: sha3-256 of the domain's tag, then the bytes.
//!
//! | what | hash |
//! |---|---|
//! | where a key stands | `H(StateKey, borsh(StateKey))`; its bits, first byte and highest bit first, are the way down |
//! | a value | `H(StateTree, value)` |
//! | a leaf | `H(StateTree, "JMT::LeafNode" key-hash value-hash)` |
//! | an inner node | `H(StateTree, "JMT::IntrnalNode" left right)` |
//! | no leaf | the 32 bytes `SPARSE_MERKLE_PLACEHOLDER_HASH__` |
//!
//! A value's hash is only ever the end of a leaf, so that a value made to look like a node proves nothing.

use crate::state::StateKey;
use theriac_crypto::{Domain, hash, hash_value};
use theriac_types::{Digest, StateRoot};

/// Stands for a subtree without leaves.
pub(crate) const EMPTY: Digest = Digest(*b"SPARSE_MERKLE_PLACEHOLDER_HASH__");
/// Root of a world state without keys.
pub const EMPTY_ROOT: StateRoot = StateRoot(EMPTY);

const LEAF: &[u8] = b"JMT::LeafNode";
const INNER: &[u8] = b"JMT::IntrnalNode";

/// Where a key stands in the tree.
pub fn key_hash(key: &StateKey) -> Digest {
    hash_value(Domain::StateKey, key)
}

/// What a leaf holds of a value.
pub fn value_hash(value: &[u8]) -> Digest {
    hash(Domain::StateTree, &[value])
}

pub(crate) fn leaf(key: &Digest, value: &Digest) -> Digest {
    hash(Domain::StateTree, &[LEAF, &key.0, &value.0])
}

pub(crate) fn inner(left: &Digest, right: &Digest) -> Digest {
    hash(Domain::StateTree, &[INNER, &left.0, &right.0])
}
