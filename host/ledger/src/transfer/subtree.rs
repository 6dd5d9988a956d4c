//! Checks answers about the world state with the tree's own code, and makes pages of them.

use super::message::{Child, TransferLeaf};
use super::walk::TransferError;
use crate::tree::{self, Leaf, NodeKey, Page, Path, Slot, build, inner};
use borsh::{BorshDeserialize, BorshSerialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use theriac_types::{Digest, Height};

/// What is known of a subtree before it is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub(super) enum Wanted {
    /// The whole tree: any number of keys.
    Root(Digest),
    /// Two keys or more with this hash above them.
    Page(Digest),
    /// One key.
    Leaf(Leaf),
}

type Pages = Vec<(NodeKey, Arc<Page>)>;

/// Checks a whole subtree; gives the pages that hold it.
pub(super) fn check_leaves(
    path: Path,
    wanted: Wanted,
    height: Height,
    given: &[TransferLeaf],
) -> Result<Pages, TransferError> {
    let hash = |given: &TransferLeaf| Leaf { key: tree::key_hash(&given.key), value: tree::value_hash(&given.value) };
    let leaves: Vec<Leaf> = given.iter().map(hash).collect();
    if !leaves.is_sorted_by(|a, b| a.key < b.key) {
        return Err(TransferError::Order);
    }
    if leaves.iter().any(|leaf| !path.contains(&leaf.key)) {
        return Err(TransferError::Foreign { path });
    }
    let pages = match wanted {
        Wanted::Root(root) => {
            let changes: BTreeMap<_, _> = leaves.iter().map(|leaf| (leaf.key, Some(leaf.value))).collect();
            let built = tree::fresh(height, &changes);
            (built.root.0 == root).then_some(built.pages)
        }
        Wanted::Page(hash) => {
            let (slot, pages) = build(height, path, &leaves);
            (slot == Slot::Page { height, hash }).then_some(pages)
        }
        Wanted::Leaf(leaf) => (leaves == [leaf]).then(Vec::new),
    };
    pages.ok_or(TransferError::Hash { path })
}

/// Checks what stands below a subtree's top; gives its page, and what to ask for next.
pub(super) fn check_children(
    path: Path,
    wanted: Wanted,
    height: Height,
    given: &[(u8, Child)],
) -> Result<(Pages, Vec<(Path, Wanted)>), TransferError> {
    let hash = match wanted {
        Wanted::Root(hash) | Wanted::Page(hash) => hash,
        Wanted::Leaf(_) => return Err(TransferError::Kind),
    };
    if !given.is_sorted_by(|a, b| a.0 < b.0) {
        return Err(TransferError::Order);
    }
    let (mut slots, mut below) = (Vec::new(), Vec::new());
    for (digit, child) in given {
        let digit = usize::from(*digit);
        let place = path.checked_child(digit).ok_or(TransferError::Foreign { path })?;
        let (slot, wanted) = match child {
            Child::Leaf(leaf) if !place.contains(&leaf.key) => return Err(TransferError::Foreign { path }),
            Child::Leaf(leaf) => (Slot::Leaf(*leaf), Wanted::Leaf(*leaf)),
            Child::Page { left, right } => {
                let hash = inner(left, right);
                (Slot::Page { height, hash }, Wanted::Page(hash))
            }
        };
        slots.push((digit, slot));
        below.push((place, wanted));
    }
    let page = Page::empty().replace(&slots);
    // Only the root may hold fewer than two keys.
    let whole = path == Path::ROOT || page.collapsed().is_none();
    if page.hash() != hash || !whole {
        return Err(TransferError::Hash { path });
    }
    Ok((vec![(NodeKey::new(height, path), Arc::new(page))], below))
}
