//! Checks headers and blocks against the hash above them.

use super::message::BlockPart;
use super::walk::TransferError;
use crate::outcome::ReplayEntry;
use crate::state::TransactionPlace;
use theriac_crypto::{merkle, names};
use theriac_types::{Block, BlockBody, BlockHash, BlockHeader, ChannelId, Digest, Height, Receipt, TxId};

/// A block below the checkpoint, or the checkpoint's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedBlock {
    /// The block.
    pub block: Block,
    /// Its receipts.
    pub receipts: Vec<Receipt>,
    /// Nonces that it used up and that could still be used otherwise after the checkpoint.
    pub replay: Vec<ReplayEntry>,
}

impl ReceivedBlock {
    /// Its transactions, with their places and whether they were admitted there.
    pub fn places(&self) -> impl Iterator<Item = (TxId, TransactionPlace, bool)> {
        let place = |receipt: &Receipt| TransactionPlace { height: receipt.height, index: receipt.index };
        self.receipts.iter().map(move |receipt| (receipt.tx_id, place(receipt), receipt.outcome.is_admitted()))
    }
}

/// What is here of a block too large for one answer.
#[derive(Debug, Clone)]
pub(super) struct Partial {
    pub body: BlockBody,
    pub receipts: Vec<Receipt>,
}

/// Checks headers from a height downwards; gives the hash of the block below the last.
pub(super) fn check_headers(
    channel: &ChannelId,
    mut height: Height,
    mut hash: BlockHash,
    genesis: BlockHash,
    given: &[BlockHeader],
) -> Result<BlockHash, TransferError> {
    for header in given {
        let starts = header.height == Height(1) && header.previous != genesis;
        if header.height != height || starts || names::block_hash(channel, header) != hash {
            return Err(TransferError::Header { height });
        }
        hash = header.previous;
        height = Height(height.0.saturating_sub(1));
    }
    Ok(hash)
}

/// Checks a part of a block, given what of it is here. Either it is whole now, or some more of it is here.
pub(super) fn check_part(
    header: &BlockHeader,
    have: Option<Partial>,
    part: BlockPart,
    checkpoint: Height,
) -> Result<Result<ReceivedBlock, Partial>, TransferError> {
    let height = header.height;
    let BlockPart { body, leaves, receipts } = part;
    let mut have = match (have, body) {
        (None, Some(body)) if names::body_hash(&body) == header.body_hash => Partial { body, receipts: Vec::new() },
        (Some(have), None) => have,
        _ => return Err(TransferError::Body { height }),
    };
    let count = have.body.transactions.len();
    let given: Vec<Digest> = receipts.iter().map(merkle::receipt_leaf).collect();
    let (first, receipts) = (have.receipts.len(), receipts.into_vec());
    let leaves = if leaves.is_empty() { &given } else { &*leaves };
    let placed = leaves.get(first..first + given.len()) == Some(&given[..]);
    let progress = !given.is_empty() || count == 0;
    if leaves.len() != count || !placed || !progress || merkle::receipts_root(leaves) != header.receipts_root {
        return Err(TransferError::Receipts { height });
    }
    have.receipts.extend(receipts);
    if have.receipts.len() < count {
        return Ok(Err(have));
    }
    Ok(Ok(whole(header, have, checkpoint)))
}

fn whole(header: &BlockHeader, have: Partial, checkpoint: Height) -> ReceivedBlock {
    let Partial { body, receipts } = have;
    let admitted = body.transactions.iter().zip(&receipts).filter(|(_, receipt)| receipt.outcome.is_admitted());
    let entry = |(transaction, receipt): (&theriac_types::Transaction, &Receipt)| ReplayEntry {
        creator: transaction.body.creator.member.clone(),
        nonce: transaction.body.nonce,
        valid_until: transaction.body.valid_until,
        place: TransactionPlace { height: receipt.height, index: receipt.index },
    };
    let replay = admitted.map(entry).filter(|entry| entry.valid_until > checkpoint).collect();
    let BlockHeader { height, previous, body_hash, time_ms, .. } = *header;
    ReceivedBlock { block: Block { height, previous, body_hash, time_ms, body }, receipts, replay }
}
