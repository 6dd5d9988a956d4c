//! The world state's Merkle tree: a Jellyfish Merkle tree, batched per block.
//!
//! Seen as a binary tree over the 256 bits of a key's hash, an empty subtree is a fixed placeholder, a subtree of one
//! leaf is that leaf, and any other is the hash of its two halves. The root therefore depends on the keys and values
//! alone, never on their history. The hashes are those of the `jmt` crate over sha3-256 in the domain
//! [`theriac_crypto::Domain::StateTree`], and the tests compare every root with that crate. It is not used itself
//! because it hashes the whole path of a key anew for every key of a block; here a page is hashed once per block,
//! and only where it changed.
//!
//! Four levels make one [`Page`], stored under the height that wrote it and never changed afterwards, so that the tree
//! of an earlier height stays readable until its pages are dropped.

mod hash;
mod node_key;
mod page;
mod proof;
mod update;

pub(crate) use hash::inner;
pub use hash::{EMPTY_ROOT, key_hash, value_hash};
pub use node_key::{NodeKey, Path};
pub(crate) use page::WIDTH;
pub use page::{Page, PageError, Slot};
pub use proof::{Leaf, NotProven, StateProof, prove};
pub use update::{TreeChanges, update};
pub(crate) use update::{build, fresh, load, load_all};

use crate::state::ReadError;
use std::sync::Arc;

/// Gives out the pages of the tree.
pub trait TreeReader {
    /// The page written at the key's height; none when there is none, or no longer.
    fn page(&self, key: &NodeKey) -> Result<Option<Arc<Page>>, ReadError>;

    /// Pages that are wanted together and perhaps never again, in the order of the keys.
    fn many_pages(&self, keys: &[NodeKey]) -> Result<Vec<Option<Arc<Page>>>, ReadError> {
        keys.iter().map(|key| self.page(key)).collect()
    }
}
