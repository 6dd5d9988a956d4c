//! Proofs that a key has a value, or none, under a state root.

use super::TreeReader;
use super::hash::{EMPTY, inner, key_hash, leaf, value_hash};
use super::node_key::{NodeKey, Path, nibble};
use super::page::{Node, Page, Slot, WIDTH};
use super::update::load;
use crate::state::{ReadError, StateKey};
use borsh::{BorshDeserialize, BorshSerialize};
use std::sync::Arc;
use theriac_types::{Digest, Height, List, StateRoot};

/// Most siblings of a proof: the bits of a key's hash.
pub const SIBLINGS_MAX: usize = 256;

/// One key of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Leaf {
    /// The key's hash.
    pub key: Digest,
    /// The value's hash.
    pub value: Digest,
}

impl Leaf {
    /// What to say of a leaf whose key or value is not where it has to be.
    pub fn unknown(&self, reason: String) -> ReadError {
        ReadError::Corrupt { what: format!("the key with hash {}", self.key), reason }
    }
}

/// The way from where a key stands, or would stand, to the state root.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct StateProof {
    /// The only leaf of the subtree at the end of the way; none when that is empty. Another key's leaf proves absence.
    pub leaf: Option<Leaf>,
    /// Siblings, from the end of the way upwards.
    pub siblings: List<Digest, SIBLINGS_MAX>,
}

/// A proof that does not lead from the value to the root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotProven {
    /// The proof says something else about the key.
    #[error("the proof shows another value for this key")]
    Value,
    /// The proof is about a place where the key cannot stand.
    #[error("the proof is for another key")]
    Key,
    /// The hashes do not lead to the root.
    #[error("the proof does not lead to the state root")]
    Root,
}

impl StateProof {
    /// Checks that under this root the key has this value, or that it has none.
    pub fn verify(&self, root: StateRoot, key: &StateKey, value: Option<&[u8]>) -> Result<(), NotProven> {
        let key = key_hash(key);
        match (self.leaf, value) {
            (Some(leaf), Some(value)) if leaf.key == key && leaf.value == value_hash(value) => {}
            (Some(leaf), None) if leaf.key != key => {
                // The other leaf shows the key's absence only if the key would stand in the leaf's very subtree.
                if (0..self.siblings.len()).any(|depth| bit(&leaf.key, depth) != bit(&key, depth)) {
                    return Err(NotProven::Key);
                }
            }
            (None, None) => {}
            _ => return Err(NotProven::Value),
        }
        let start = self.leaf.map_or(EMPTY, |found| leaf(&found.key, &found.value));
        let depths = (0..self.siblings.len()).rev();
        let top = depths.zip(self.siblings.iter()).fold(start, |node, (depth, sibling)| match bit(&key, depth) {
            0 => inner(&node, sibling),
            _ => inner(sibling, &node),
        });
        if StateRoot(top) == root { Ok(()) } else { Err(NotProven::Root) }
    }
}

fn bit(key: &Digest, depth: usize) -> u8 {
    key.0[depth / 8] >> (7 - depth % 8) & 1
}

/// Proves what a key's value is after a height, or that it has none.
///
/// # Errors
/// When the pages of that height are gone or damaged.
pub fn prove<R: TreeReader + ?Sized>(
    reader: &R,
    height: Height,
    root: StateRoot,
    key: &StateKey,
) -> Result<StateProof, ReadError> {
    let key = key_hash(key);
    let (mut page, mut path) = (load(reader, &NodeKey::root(height), root.0)?, Path::ROOT);
    let mut siblings = Vec::new();
    let leaf = loop {
        match descend(&page, &key, path.depth(), &mut siblings) {
            End::Leaf(leaf) => break leaf,
            End::Page { height, hash } => {
                path = path.child(nibble(&key, path.depth()));
                page = load(reader, &NodeKey::new(height, path), hash)?;
            }
        }
    };
    siblings.reverse();
    let siblings = List::new(siblings).expect("no way is longer than the bits of a key");
    Ok(StateProof { leaf, siblings })
}

enum End {
    Leaf(Option<Leaf>),
    Page { height: Height, hash: Digest },
}

/// Walks down one page and notes the siblings on the way.
fn descend(page: &Arc<Page>, key: &Digest, depth: usize, siblings: &mut Vec<Digest>) -> End {
    let mut node = 1;
    for level in 0..WIDTH.ilog2() as usize {
        if !matches!(page.node(node), Node::Inner(_)) {
            return End::Leaf(only_leaf(page, node));
        }
        let child = 2 * node + usize::from(bit(key, 4 * depth + level));
        siblings.push(page.node(child ^ 1).hash());
        node = child;
    }
    match page.slot(node - WIDTH) {
        Slot::Empty => End::Leaf(None),
        Slot::Leaf(leaf) => End::Leaf(Some(*leaf)),
        Slot::Page { height, hash } => End::Page { height: *height, hash: *hash },
    }
}

/// The leaf below a node that has at most one.
fn only_leaf(page: &Page, node: usize) -> Option<Leaf> {
    let levels = WIDTH.ilog2() - node.ilog2();
    let first = (node << levels) - WIDTH;
    (first..first + (1 << levels)).find_map(|slot| match page.slot(slot) {
        Slot::Leaf(leaf) => Some(*leaf),
        Slot::Empty | Slot::Page { .. } => None,
    })
}
