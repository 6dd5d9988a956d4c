//! The asking side: what is missing, and what an answer brought.

use super::chain::{self, Partial, ReceivedBlock};
use super::message::{Answer, BlockPart, Request};
use super::subtree::{self, Wanted};
use crate::state::StateKey;
use crate::tree::{NodeKey, Page, Path};
use borsh::{BorshDeserialize, BorshSerialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use theriac_types::limits::{TRANSFER_BLOCKS_MAX, VALIDITY_BLOCKS_MAX};
use theriac_types::{BlockHash, BlockHeader, Height, StateCommitment};

/// An answer that no honest source gives. Whoever gave it is faulty, or holds another state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// It answers another kind of request.
    #[error("the answer is not of the kind that was asked for")]
    Kind,
    /// It brings nothing, or more than was asked for.
    #[error("the answer brings nothing, or more than was asked for")]
    Amount,
    /// Keys or places do not ascend, each once.
    #[error("the answer is not in order")]
    Order,
    /// A key or place that is not below the subtree.
    #[error("the answer holds what does not belong to subtree {path:?}")]
    Foreign {
        /// The subtree.
        path: Path,
    },
    /// Something is wrong, missing or too many.
    #[error("the answer does not have the hash of subtree {path:?}")]
    Hash {
        /// The subtree.
        path: Path,
    },
    /// A header is not the one that the block above names.
    #[error("the header of height {height} is not in the chain")]
    Header {
        /// The height.
        height: Height,
    },
    /// A body is not the one that its header names, or is missing.
    #[error("the body of height {height} is not in the chain")]
    Body {
        /// The height.
        height: Height,
    },
    /// Receipts are not those that their header names.
    #[error("the receipts of height {height} are not in the chain")]
    Receipts {
        /// The height.
        height: Height,
    },
}

/// Saved progress that does not belong to the checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the saved progress of the transfer contradicts itself: begin anew")]
pub struct ResumeError;

/// What an answer brought, checked, to be stored in one go with the progress.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// Pages of the tree, written as if by the height of the checkpoint.
    pub pages: Vec<(NodeKey, Arc<Page>)>,
    /// Keys and values.
    pub values: Vec<(StateKey, Vec<u8>)>,
    /// Headers, to be kept apart from the progress, which is written often.
    pub headers: Vec<BlockHeader>,
    /// Whole blocks.
    pub blocks: Vec<ReceivedBlock>,
}

/// What a transfer has done so far, short enough to be written with every answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct Progress {
    frontier: Vec<(Path, Wanted)>,
    /// Blocks that are not here, as first and last of each run, ascending.
    blocks: Vec<(Height, Height)>,
    answers: u64,
    keys: u64,
}

/// Deeper subtrees come first, so that few are open at a time.
type Place = (Reverse<usize>, Path);

/// A state transfer to one checkpoint. Deterministic: the same answers in the same order leave the same.
#[derive(Debug, Clone)]
pub struct Transfer {
    commitment: StateCommitment,
    genesis: BlockHash,
    frontier: BTreeMap<Place, Wanted>,
    /// Descending from the checkpoint's height.
    headers: Vec<BlockHeader>,
    /// Hash of the block below the last header.
    below: BlockHash,
    blocks: BTreeSet<Height>,
    partial: BTreeMap<Height, Partial>,
    answers: u64,
    keys: u64,
}

fn place(path: Path) -> Place {
    (Reverse(path.depth()), path)
}

impl Transfer {
    /// Begins. The commitment is that of a stable checkpoint, checked by [`super::check_anchor`].
    pub fn new(commitment: StateCommitment, genesis: BlockHash) -> Self {
        let top = commitment.height;
        let lowest = top.0.saturating_sub(VALIDITY_BLOCKS_MAX - 1).max(1);
        let root = Wanted::Root(commitment.state_root.0);
        Self {
            genesis,
            frontier: [(place(Path::ROOT), root)].into(),
            headers: Vec::new(),
            below: commitment.block_hash,
            blocks: (lowest..=top.0).map(Height).collect(),
            partial: BTreeMap::new(),
            answers: 0,
            keys: 0,
            commitment,
        }
    }

    /// Goes on with what was saved: the progress, and all headers received, descending.
    ///
    /// # Errors
    /// When these are not what a transfer to this checkpoint saved.
    pub fn resume(
        commitment: StateCommitment,
        genesis: BlockHash,
        progress: Progress,
        headers: Vec<BlockHeader>,
    ) -> Result<Self, ResumeError> {
        let mut transfer = Self::new(commitment, genesis);
        let all = std::mem::take(&mut transfer.blocks);
        for (first, last) in progress.blocks {
            transfer.blocks.extend((first.0..=last.0).take(all.len()).map(Height));
        }
        transfer.take_headers(&headers).map_err(|_| ResumeError)?;
        let received = all.difference(&transfer.blocks).all(|height| transfer.header(*height).is_some());
        if !received || !transfer.blocks.is_subset(&all) || headers.len() > all.len() {
            return Err(ResumeError);
        }
        transfer.frontier = progress.frontier.into_iter().map(|(path, wanted)| (place(path), wanted)).collect();
        (transfer.answers, transfer.keys) = (progress.answers, progress.keys);
        Ok(transfer)
    }

    /// What to save with everything received so far. Parts of blocks are not saved; they are asked for again.
    pub fn progress(&self) -> Progress {
        let mut blocks: Vec<(Height, Height)> = Vec::new();
        for height in &self.blocks {
            match blocks.last_mut() {
                Some((_, last)) if last.next() == *height => *last = *height,
                _ => blocks.push((*height, *height)),
            }
        }
        let frontier = self.frontier.iter().map(|((_, path), wanted)| (*path, *wanted)).collect();
        Progress { frontier, blocks, answers: self.answers, keys: self.keys }
    }

    /// The state that it leads to.
    pub fn commitment(&self) -> &StateCommitment {
        &self.commitment
    }

    /// Whether everything is here.
    pub fn is_complete(&self) -> bool {
        self.frontier.is_empty() && self.blocks.is_empty()
    }

    /// Answers taken so far, and requests known to be missing: more become known as answers come.
    pub fn parts(&self) -> (u64, u64) {
        let runs = self.blocks.len().div_ceil(usize::from(TRANSFER_BLOCKS_MAX));
        (self.answers, (self.frontier.len() + runs) as u64)
    }

    /// Keys received so far.
    pub fn keys(&self) -> u64 {
        self.keys
    }

    /// Up to `limit` requests whose answers are missing and not on their way already. They can be sent to several
    /// sources, and their answers taken in any order.
    pub fn missing(&self, limit: usize, on_their_way: &BTreeSet<Request>) -> Vec<Request> {
        let subtrees = self.frontier.keys().map(|(_, path)| Request::Subtree(*path));
        let few = self.missing_headers().into_iter().chain(subtrees).filter(|request| !on_their_way.contains(request));
        let mut requests: Vec<Request> = few.take(limit).collect();
        let left = limit - requests.len();
        requests.extend(self.missing_blocks(left, on_their_way));
        requests
    }

    fn missing_headers(&self) -> Option<Request> {
        let wanted = self.commitment.height.0.min(VALIDITY_BLOCKS_MAX);
        let count = wanted - self.headers.len() as u64;
        let top = Height(self.commitment.height.0 - self.headers.len() as u64);
        let count = u16::try_from(count).expect("headers are fewer than VALIDITY_BLOCKS_MAX");
        (count > 0).then_some(Request::Headers { top, count })
    }

    fn missing_blocks(&self, limit: usize, on_their_way: &BTreeSet<Request>) -> Vec<Request> {
        let mut requests: Vec<Request> = Vec::new();
        let known = |height: &&Height| self.header(**height).is_some();
        let free = |height: &&Height| !on_their_way.iter().any(|request| request.covers(**height));
        for height in self.blocks.iter().rev().filter(known).filter(free) {
            let from = self.partial.get(height).map_or(0, |partial| partial.receipts.len());
            let from = u32::try_from(from).expect("receipts are fewer than BLOCK_TRANSACTIONS_MAX");
            if let Some(Request::Blocks { top, count, .. }) = requests.last_mut()
                && from == 0
                && *count < TRANSFER_BLOCKS_MAX
                && top.0 - height.0 == u64::from(*count)
            {
                *count += 1;
                continue;
            }
            if requests.len() == limit {
                break;
            }
            requests.push(Request::Blocks { top: *height, count: 1, from });
        }
        requests
    }

    fn header(&self, height: Height) -> Option<&BlockHeader> {
        let index = self.commitment.height.0.checked_sub(height.0)?;
        self.headers.get(usize::try_from(index).ok()?)
    }

    /// Takes an answer. What it brought is to be stored together with [`Transfer::progress`]; it is nothing when the
    /// same came before.
    ///
    /// # Errors
    /// When the answer is wrong; nothing of it is taken, and whoever gave it is to blame.
    pub fn accept(&mut self, request: &Request, answer: Answer) -> Result<Received, TransferError> {
        let received = match (request, answer) {
            (Request::Subtree(path), Answer::Leaves(leaves)) => {
                let Some(wanted) = self.frontier.get(&place(*path)) else { return Ok(Received::default()) };
                let pages = subtree::check_leaves(*path, *wanted, self.commitment.height, &leaves)?;
                self.frontier.remove(&place(*path));
                self.keys += leaves.len() as u64;
                let values = leaves.into_vec().into_iter().map(|leaf| (leaf.key, leaf.value.into_vec())).collect();
                Received { pages, values, ..Received::default() }
            }
            (Request::Subtree(path), Answer::Children(children)) => {
                let Some(wanted) = self.frontier.get(&place(*path)) else { return Ok(Received::default()) };
                let (pages, below) = subtree::check_children(*path, *wanted, self.commitment.height, &children)?;
                self.frontier.remove(&place(*path));
                self.frontier.extend(below.into_iter().map(|(path, wanted)| (place(path), wanted)));
                Received { pages, ..Received::default() }
            }
            (Request::Headers { top, count }, Answer::Headers(headers)) => {
                if headers.is_empty() || headers.len() > usize::from(*count) {
                    return Err(TransferError::Amount);
                }
                if self.missing_headers() != Some(Request::Headers { top: *top, count: *count }) {
                    return Ok(Received::default());
                }
                self.take_headers(&headers)?;
                Received { headers: headers.into_vec(), ..Received::default() }
            }
            (Request::Blocks { top, count, from }, Answer::Blocks(parts)) => {
                let blocks = self.take_blocks(*top, *count, *from, parts.into_vec())?;
                Received { blocks, ..Received::default() }
            }
            _ => return Err(TransferError::Kind),
        };
        self.answers += 1;
        Ok(received)
    }

    fn take_headers(&mut self, headers: &[BlockHeader]) -> Result<(), TransferError> {
        let height = Height(self.commitment.height.0.saturating_sub(self.headers.len() as u64));
        self.below = chain::check_headers(&self.commitment.channel, height, self.below, self.genesis, headers)?;
        self.headers.extend_from_slice(headers);
        Ok(())
    }

    /// Takes whole blocks, and keeps the part of one that is not. Nothing is kept when any of them is wrong.
    fn take_blocks(
        &mut self,
        top: Height,
        count: u16,
        from: u32,
        parts: Vec<BlockPart>,
    ) -> Result<Vec<ReceivedBlock>, TransferError> {
        if parts.is_empty() || parts.len() > usize::from(count) {
            return Err(TransferError::Amount);
        }
        let (mut whole, mut partial) = (Vec::new(), None);
        for (part, below) in parts.into_iter().zip(0..) {
            let height = Height(top.0.saturating_sub(below));
            let Some(header) = self.header(height).filter(|_| self.blocks.contains(&height)) else { continue };
            let have = if below == 0 && from > 0 { self.partial.get(&height).cloned() } else { None };
            if below == 0 && have.as_ref().map_or(0, |have| have.receipts.len()) != from as usize {
                continue;
            }
            match chain::check_part(header, have, part, self.commitment.height)? {
                Ok(block) => whole.push(block),
                // Only a block that does not fit an answer alone comes in parts.
                Err(rest) if below == 0 => partial = Some((height, rest)),
                Err(_) => return Err(TransferError::Receipts { height }),
            }
        }
        for block in &whole {
            self.blocks.remove(&block.block.height);
            self.partial.remove(&block.block.height);
        }
        self.partial.extend(partial);
        Ok(whole)
    }
}
