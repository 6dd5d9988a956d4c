//! What the tree hashes.

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
