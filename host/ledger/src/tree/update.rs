//! One block's changes brought into the tree, page by page, each page hashed once.

use super::node_key::{Path, nibble};
use super::page::{Page, Slot};
use super::proof::Leaf;
use super::{NodeKey, TreeReader};
use crate::state::ReadError;
use std::collections::BTreeMap;
use std::sync::Arc;
use theriac_types::{Digest, Height, StateRoot};

/// What a block does to the stored tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeChanges {
    /// The root after the block.
    pub root: StateRoot,
    /// Pages to store; always among them the root page of the height.
    pub pages: Vec<(NodeKey, Arc<Page>)>,
    /// Pages that the tree of this height does not need any more, but those of earlier heights do.
    pub stale: Vec<NodeKey>,
}

/// Applies hashes of changed values, none for removed keys, to the tree of a height and gives that of a later one.
///
/// # Errors
/// When a page cannot be read, is missing or does not have the hash that the page above gives it.
pub fn update<R: TreeReader + ?Sized>(
    reader: &R,
    before: Option<(Height, StateRoot)>,
    height: Height,
    changes: &BTreeMap<Digest, Option<Digest>>,
) -> Result<TreeChanges, ReadError> {
    let changes: Vec<Change> = changes.iter().map(|(key, value)| (*key, *value)).collect();
    let mut update = Update { reader, height, pages: Vec::new(), stale: Vec::new() };
    let page = match before {
        None => Arc::new(Page::empty()),
        Some((height, root)) => {
            let key = NodeKey::root(height);
            update.stale.push(key);
            load(reader, &key, root.0)?
        }
    };
    let replaced = update.children(&page, Path::ROOT, &changes)?;
    let page = if replaced.is_empty() { page } else { Arc::new(page.replace(&replaced)) };
    let root = page.root();
    update.pages.push((NodeKey::root(height), page));
    Ok(TreeChanges { root, pages: update.pages, stale: update.stale })
}

/// Reads a page and holds it against the hash that is known of it.
pub(crate) fn load<R: TreeReader + ?Sized>(reader: &R, key: &NodeKey, hash: Digest) -> Result<Arc<Page>, ReadError> {
    check(key, hash, reader.page(key)?)
}

/// Reads pages that are wanted together, in the order of the keys, and holds each against the hash that is known of it.
pub(crate) fn load_all<R: TreeReader + ?Sized>(
    reader: &R,
    wanted: &[(NodeKey, Digest)],
) -> Result<Vec<Arc<Page>>, ReadError> {
    let keys: Vec<NodeKey> = wanted.iter().map(|(key, _)| *key).collect();
    wanted.iter().zip(reader.many_pages(&keys)?).map(|((key, hash), page)| check(key, *hash, page)).collect()
}

fn check(key: &NodeKey, hash: Digest, page: Option<Arc<Page>>) -> Result<Arc<Page>, ReadError> {
    let corrupt = |reason: String| ReadError::Corrupt { what: format!("page {key:?} of the state tree"), reason };
    let page = page.ok_or_else(|| corrupt("it is missing".to_owned()))?;
    if page.hash() != hash {
        return Err(corrupt(format!("its hash is {} instead of {hash}", page.hash())));
    }
    Ok(page)
}

/// The whole tree of these keys, as if a height had written all of it.
pub(crate) fn fresh(height: Height, changes: &BTreeMap<Digest, Option<Digest>>) -> TreeChanges {
    update(&NoPages, None, height, changes).expect("an empty tree reads no page")
}

/// The subtree of these leaves alone, which ascend by key: what stands in its place above, and the pages below that, as
/// if a height had written them all.
pub(crate) fn build(height: Height, path: Path, leaves: &[Leaf]) -> (Slot, Vec<(NodeKey, Arc<Page>)>) {
    let mut update = Update { reader: &NoPages, height, pages: Vec::new(), stale: Vec::new() };
    (update.build(path, leaves), update.pages)
}

type Change = (Digest, Option<Digest>);

/// What is built anew has nothing below it.
struct NoPages;

impl TreeReader for NoPages {
    fn page(&self, _: &NodeKey) -> Result<Option<Arc<Page>>, ReadError> {
        Ok(None)
    }
}

struct Update<'a, R: ?Sized> {
    reader: &'a R,
    height: Height,
    pages: Vec<(NodeKey, Arc<Page>)>,
    stale: Vec<NodeKey>,
}

impl<R: TreeReader + ?Sized> Update<'_, R> {
    /// The slots of a page that come out different.
    fn children(&mut self, page: &Page, path: Path, changes: &[Change]) -> Result<Vec<(usize, Slot)>, ReadError> {
        let mut replaced = Vec::new();
        for group in changes.chunk_by(|a, b| nibble(&a.0, path.depth()) == nibble(&b.0, path.depth())) {
            let digit = nibble(&group[0].0, path.depth());
            let old = page.slot(digit);
            let new = self.slot(old, path.child(digit), group)?;
            if new != *old {
                replaced.push((digit, new));
            }
        }
        Ok(replaced)
    }

    fn slot(&mut self, slot: &Slot, path: Path, changes: &[Change]) -> Result<Slot, ReadError> {
        let standing = match slot {
            Slot::Page { height, hash } => return self.page(slot, NodeKey::new(*height, path), *hash, path, changes),
            Slot::Leaf(leaf) if changes.iter().all(|(key, _)| *key != leaf.key) => Some(*leaf),
            Slot::Leaf(_) | Slot::Empty => None,
        };
        let written = changes.iter().filter_map(|(key, value)| value.map(|value| Leaf { key: *key, value }));
        let mut leaves: Vec<Leaf> = standing.into_iter().chain(written).collect();
        leaves.sort_unstable_by_key(|leaf| leaf.key);
        Ok(self.build(path, &leaves))
    }

    fn page(
        &mut self,
        slot: &Slot,
        key: NodeKey,
        hash: Digest,
        path: Path,
        changes: &[Change],
    ) -> Result<Slot, ReadError> {
        let page = load(self.reader, &key, hash)?;
        let replaced = self.children(&page, path, changes)?;
        if replaced.is_empty() {
            return Ok(*slot);
        }
        self.stale.push(key);
        Ok(self.keep(path, page.replace(&replaced)))
    }

    /// A subtree of leaves alone, ascending by key.
    fn build(&mut self, path: Path, leaves: &[Leaf]) -> Slot {
        match leaves {
            [] => Slot::Empty,
            [leaf] => Slot::Leaf(*leaf),
            _ => {
                let mut slots = Vec::new();
                for group in leaves.chunk_by(|a, b| nibble(&a.key, path.depth()) == nibble(&b.key, path.depth())) {
                    let digit = nibble(&group[0].key, path.depth());
                    slots.push((digit, self.build(path.child(digit), group)));
                }
                self.keep(path, Page::empty().replace(&slots))
            }
        }
    }

    fn keep(&mut self, path: Path, page: Page) -> Slot {
        if let Some(slot) = page.collapsed() {
            return slot;
        }
        let slot = Slot::Page { height: self.height, hash: page.hash() };
        self.pages.push((NodeKey::new(self.height, path), Arc::new(page)));
        slot
    }
}
