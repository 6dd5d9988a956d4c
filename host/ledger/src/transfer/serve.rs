//! The answering side: reads the tree and the chain of a checkpoint that this peer holds.

use super::message::{Answer, BlockPart, Child, Request, TransferLeaf};
use crate::state::ReadError;
use crate::store::BlockStore;
use crate::tree::{Leaf, NodeKey, Page, Path, Slot, load};
use std::sync::Arc;
use theriac_crypto::merkle;
use theriac_types::limits::{TRANSFER_ANSWER_BYTES, TRANSFER_BLOCKS_MAX, TRANSFER_LEAVES_MAX, VALIDITY_BLOCKS_MAX};
use theriac_types::{Bytes, Digest, Height, List, Receipt, encode};

/// Answers a request about the state of a height. An answer without anything in it says that there is no such subtree
/// or block; nobody who knows the height's hashes asks for one.
///
/// # Errors
/// When the height is not here, or its tree is not kept any more.
pub fn serve<S: BlockStore>(store: &S, at: Height, request: &Request) -> Result<Answer, ReadError> {
    let head = store.head()?.height;
    if head < at {
        return Err(ReadError::NotYet { height: at, head });
    }
    match request {
        Request::Subtree(path) => serve_subtree(store, at, *path),
        Request::Headers { top, count } => serve_headers(store, (*top).min(at), *count),
        Request::Blocks { top, count, from } => serve_blocks(store, (*top).min(at), *count, *from as usize),
    }
}

fn serve_subtree<S: BlockStore>(store: &S, at: Height, path: Path) -> Result<Answer, ReadError> {
    let head = store.head()?.height;
    let commitment = store.commitment(at)?.ok_or(ReadError::NotYet { height: at, head })?;
    let mut page = load(store, &NodeKey::root(at), commitment.state_root.0)?;
    let mut way = Path::ROOT;
    while way.depth() < path.depth() {
        let digit = path.digit(way.depth());
        way = way.child(digit);
        match page.slot(digit) {
            Slot::Page { height, hash } => page = load(store, &NodeKey::new(*height, way), *hash)?,
            Slot::Leaf(leaf) if way == path => return leaves(store, at, &[*leaf]),
            Slot::Leaf(_) | Slot::Empty => return leaves(store, at, &[]),
        }
    }
    let mut gathering = Gathering { store, at, bytes: 0, leaves: Vec::new() };
    if gathering.page(&page, path)? {
        let leaves = List::new(gathering.leaves).expect("leaves are counted when they are gathered");
        return Ok(Answer::Leaves(leaves));
    }
    children(store, &page, path)
}

fn leaves<S: BlockStore>(store: &S, at: Height, leaves: &[Leaf]) -> Result<Answer, ReadError> {
    let found = leaves.iter().map(|leaf| read_leaf(store, at, leaf)).collect::<Result<Vec<_>, _>>()?;
    Ok(Answer::Leaves(List::new(found).expect("at most one leaf stands in a place")))
}

fn read_leaf<S: BlockStore>(store: &S, at: Height, leaf: &Leaf) -> Result<TransferLeaf, ReadError> {
    let corrupt = |reason: String| ReadError::Corrupt { what: format!("the key with hash {}", leaf.key), reason };
    let key = store.key_of(&leaf.key)?.ok_or_else(|| corrupt("nothing is known of it".to_owned()))?;
    let value = store.get(&key, at)?.ok_or_else(|| corrupt(format!("it has no value at height {at}")))?;
    let value = Bytes::new(value).map_err(|error| corrupt(error.to_string()))?;
    Ok(TransferLeaf { key, value })
}

/// Leaves of a subtree until there are too many.
struct Gathering<'a, S> {
    store: &'a S,
    at: Height,
    bytes: usize,
    leaves: Vec<TransferLeaf>,
}

impl<S: BlockStore> Gathering<'_, S> {
    /// Adds everything below a page; false when it does not fit.
    fn page(&mut self, page: &Page, path: Path) -> Result<bool, ReadError> {
        for digit in 0..crate::tree::WIDTH {
            let fits = match page.slot(digit) {
                Slot::Empty => true,
                Slot::Leaf(leaf) => self.leaf(leaf)?,
                Slot::Page { height, hash } => {
                    let path = path.child(digit);
                    let below = load(self.store, &NodeKey::new(*height, path), *hash)?;
                    self.page(&below, path)?
                }
            };
            if !fits {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn leaf(&mut self, leaf: &Leaf) -> Result<bool, ReadError> {
        let leaf = read_leaf(self.store, self.at, leaf)?;
        self.bytes += leaf.key.key.len() + leaf.key.namespace.as_str().len() + leaf.value.len() + 12;
        self.leaves.push(leaf);
        Ok(self.bytes <= TRANSFER_ANSWER_BYTES && self.leaves.len() <= TRANSFER_LEAVES_MAX)
    }
}

fn children<S: BlockStore>(store: &S, page: &Arc<Page>, path: Path) -> Result<Answer, ReadError> {
    let mut children = Vec::new();
    for digit in 0..crate::tree::WIDTH {
        let child = match page.slot(digit) {
            Slot::Empty => continue,
            Slot::Leaf(leaf) => Child::Leaf(*leaf),
            Slot::Page { height, hash } => {
                let below = load(store, &NodeKey::new(*height, path.child(digit)), *hash)?;
                let [left, right] = below.halves();
                Child::Page { left, right }
            }
        };
        children.push((digit as u8, child));
    }
    Ok(Answer::Children(List::new(children).expect("a page has sixteen places")))
}

fn serve_headers<S: BlockStore>(store: &S, top: Height, count: u16) -> Result<Answer, ReadError> {
    let count = u64::from(count).min(VALIDITY_BLOCKS_MAX);
    let mut headers = Vec::new();
    for height in heights(top, count) {
        match store.header(height)? {
            Some(header) => headers.push(header),
            None => break,
        }
    }
    Ok(Answer::Headers(List::new(headers).expect("headers are counted")))
}

fn serve_blocks<S: BlockStore>(store: &S, top: Height, count: u16, from: usize) -> Result<Answer, ReadError> {
    let (mut parts, mut bytes) = (Vec::new(), 0);
    for height in heights(top, u64::from(count.min(TRANSFER_BLOCKS_MAX))) {
        let (Some(block), Some(receipts)) = (store.block(height)?, store.receipts(height)?) else { break };
        let from = if height == top { from } else { 0 };
        let body = (from == 0).then_some(block.body);
        let body_bytes = body.as_ref().map_or(0, |body| encode(body).len());
        let fitting = fitting(&receipts, from, TRANSFER_ANSWER_BYTES.saturating_sub(body_bytes));
        let whole = from == 0 && fitting == receipts.len();
        let leaves: Vec<Digest> = if whole { Vec::new() } else { receipts.iter().map(merkle::receipt_leaf).collect() };
        let receipts: Vec<Receipt> = receipts.into_iter().skip(from).take(fitting).collect();
        let part = BlockPart {
            body,
            leaves: List::new(leaves).expect("a block has so many receipts"),
            receipts: List::new(receipts).expect("a block has so many receipts"),
        };
        bytes += encode(&part).len();
        let too_long = bytes > TRANSFER_ANSWER_BYTES || !whole;
        if !parts.is_empty() && too_long {
            break;
        }
        parts.push(part);
        if too_long {
            break;
        }
    }
    Ok(Answer::Blocks(List::new(parts).expect("blocks are counted")))
}

/// How many receipts from an index on have so many bytes; one at least, so that whoever asks gets on.
fn fitting(receipts: &[Receipt], from: usize, bytes_max: usize) -> usize {
    let mut bytes = 0;
    let fits = |receipt: &&Receipt| {
        bytes += encode(*receipt).len();
        bytes <= bytes_max
    };
    let left = receipts.get(from..).unwrap_or_default();
    left.iter().take_while(fits).count().max(1).min(left.len())
}

fn heights(top: Height, count: u64) -> impl Iterator<Item = Height> {
    (0..count).map_while(move |below| top.0.checked_sub(below)).take_while(|height| *height > 0).map(Height)
}
