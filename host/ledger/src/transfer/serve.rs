//! The answering side: reads the tree and the chain of a checkpoint that this peer holds.

use super::message::{Answer, BlockPart, Child, Request, TransferLeaf};
use crate::state::{ReadError, StateKey};
use crate::store::BlockStore;
use crate::tree::{Leaf, NodeKey, Page, Path, Slot, load, load_all};
use std::sync::Arc;
use theriac_crypto::merkle;
use theriac_types::limits::{TRANSFER_ANSWER_BYTES, TRANSFER_BLOCKS_MAX, TRANSFER_LEAVES_MAX, VALIDITY_BLOCKS_MAX};
use theriac_types::{Bytes, Digest, Height, List, Receipt, encode};

/// Pages or values that are read together: what they take in memory is held for so long.
const READ_TOGETHER: usize = 256;

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
    match gather(store, at, &page, path)? {
        Some(leaves) => Ok(Answer::Leaves(List::new(leaves).expect("leaves are counted when they are gathered"))),
        None => children(store, &page, path),
    }
}

fn leaves<S: BlockStore>(store: &S, at: Height, leaves: &[Leaf]) -> Result<Answer, ReadError> {
    let found = read(store, at, leaves)?;
    Ok(Answer::Leaves(List::new(found).expect("at most one leaf stands in a place")))
}

/// Leaves with their keys and values; not all of them when they do not fit an answer.
fn read<S: BlockStore>(store: &S, at: Height, leaves: &[Leaf]) -> Result<Vec<TransferLeaf>, ReadError> {
    let entries = store.entries(leaves, at, TRANSFER_ANSWER_BYTES)?;
    let leaf = |(leaf, (key, value)): (&Leaf, (StateKey, Vec<u8>))| {
        let value = Bytes::new(value).map_err(|error| leaf.unknown(error.to_string()))?;
        Ok(TransferLeaf { key, value })
    };
    leaves.iter().zip(entries).map(leaf).collect()
}

/// Everything below a page, ascending; none when it does not fit an answer.
fn gather<S: BlockStore>(
    store: &S,
    at: Height,
    top: &Arc<Page>,
    path: Path,
) -> Result<Option<Vec<TransferLeaf>>, ReadError> {
    // What is far too large is not read in vain. The estimate decides nothing else.
    let (count, sample) = estimate(store, top, path)?;
    let sample: Vec<usize> = read(store, at, &sample)?.iter().map(bytes_of).collect();
    let each = sample.iter().sum::<usize>() / sample.len().max(1);
    if count > 2 * TRANSFER_LEAVES_MAX || count.saturating_mul(each) > 2 * TRANSFER_ANSWER_BYTES {
        return Ok(None);
    }
    let Some(leaves) = leaves_below(store, top, path)? else { return Ok(None) };
    let (mut bytes, mut gathered) = (0, Vec::new());
    for some in leaves.chunks(READ_TOGETHER) {
        let some = read(store, at, some)?;
        bytes += some.iter().map(bytes_of).sum::<usize>();
        if bytes > TRANSFER_ANSWER_BYTES {
            return Ok(None);
        }
        gathered.extend(some);
    }
    Ok(Some(gathered))
}

fn bytes_of(leaf: &TransferLeaf) -> usize {
    leaf.key.key.len() + leaf.key.namespace.as_str().len() + leaf.value.len() + 12
}

/// How many leaves there are below a page if all of it is like one way down, and the leaves met on this way: keys are
/// hashed, so that a tree is about as high on all sides.
fn estimate<S: BlockStore>(store: &S, top: &Arc<Page>, path: Path) -> Result<(usize, Vec<Leaf>), ReadError> {
    let (mut page, mut path) = (top.clone(), path);
    let (mut leaves, mut like_this, mut sample) = (0_usize, 1_usize, Vec::new());
    loop {
        let (found, below) = slots(&page, path);
        leaves = leaves.saturating_add(like_this.saturating_mul(found.len()));
        like_this = like_this.saturating_mul(below.len());
        sample.extend(found);
        let Some((way, key, hash)) = below.get(below.len() / 2) else { return Ok((leaves, sample)) };
        (page, path) = (load(store, key, *hash)?, *way);
    }
}

type Below = Vec<(Path, NodeKey, Digest)>;

/// What stands in a page: leaves, and pages below.
fn slots(page: &Page, path: Path) -> (Vec<Leaf>, Below) {
    let (mut leaves, mut below) = (Vec::new(), Vec::new());
    for digit in 0..crate::tree::WIDTH {
        match page.slot(digit) {
            Slot::Empty => {}
            Slot::Leaf(leaf) => leaves.push(*leaf),
            Slot::Page { height, hash } => {
                let path = path.child(digit);
                below.push((path, NodeKey::new(*height, path), *hash));
            }
        }
    }
    (leaves, below)
}

/// All leaves below a page, ascending; none when there are too many. Reads level by level, many pages at a time.
fn leaves_below<S: BlockStore>(store: &S, top: &Arc<Page>, path: Path) -> Result<Option<Vec<Leaf>>, ReadError> {
    let (mut leaves, mut level) = slots(top, path);
    while !level.is_empty() {
        // Two leaves at least are below every page.
        if leaves.len() + 2 * level.len() > TRANSFER_LEAVES_MAX {
            return Ok(None);
        }
        let mut next = Vec::new();
        for some in level.chunks(READ_TOGETHER) {
            let wanted: Vec<_> = some.iter().map(|(_, key, hash)| (*key, *hash)).collect();
            for ((path, _, _), page) in some.iter().zip(load_all(store, &wanted)?) {
                let (found, below) = slots(&page, *path);
                leaves.extend(found);
                next.extend(below);
            }
        }
        level = next;
    }
    leaves.sort_unstable_by_key(|leaf| leaf.key);
    Ok((leaves.len() <= TRANSFER_LEAVES_MAX).then_some(leaves))
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
