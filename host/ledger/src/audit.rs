//! Holds a stored height against what it commits to. A changed byte of a block or receipt shows here; a changed
//! commitment shows in its certificate.

use crate::execute::block_time;
use theriac_crypto::{merkle, names};
use theriac_types::limits::CHECKPOINT_SLOTS;
use theriac_types::{Block, BlockHash, BodyHash, Height, Receipt, ReceiptsRoot, StateCommitment};

/// How a stored height contradicts itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistent {
    /// The block has another body than it names.
    #[error("the body's hash is {found}, the block names {named}")]
    Body {
        /// What the block names.
        named: BodyHash,
        /// What its body has.
        found: BodyHash,
    },
    /// The block is not the committed one.
    #[error("the block's hash is {found}, committed is {committed}")]
    Block {
        /// What is committed.
        committed: BlockHash,
        /// What the block has.
        found: BlockHash,
    },
    /// The block does not follow the one below.
    #[error("the block follows {named}, below it is {below}")]
    Chain {
        /// What the block names.
        named: BlockHash,
        /// What is there.
        below: BlockHash,
    },
    /// The receipts are not the committed ones.
    #[error("the receipts' root is {found}, committed is {committed}")]
    Receipts {
        /// What is committed.
        committed: ReceiptsRoot,
        /// What the receipts have.
        found: ReceiptsRoot,
    },
    /// Height, time, channel or configuration of the block and its commitment differ.
    #[error("the block and its commitment do not belong together")]
    Commitment,
}

/// Whether a height's epoch and configuration may stand above those of the height below. Which configuration it is
/// that begins, the commitment's certificate vouches for.
fn epoch_follows(commitment: &StateCommitment, below: &StateCommitment) -> bool {
    let last_of_epoch = |height: Height| height.0 > 0 && height.0.is_multiple_of(CHECKPOINT_SLOTS);
    let kept = commitment.config_digest == below.config_digest;
    if commitment.epoch == below.epoch {
        kept || last_of_epoch(commitment.height)
    } else {
        commitment.epoch == below.epoch.next() && kept && last_of_epoch(below.height)
    }
}

/// Checks a block and its receipts against its commitment and that of the height below.
pub fn audit(
    block: &Block,
    receipts: &[Receipt],
    commitment: &StateCommitment,
    below: &StateCommitment,
) -> Result<(), Inconsistent> {
    let follows = block.height == below.height.next() && block.time_ms == block_time(&block.body, below);
    let same = block.height == commitment.height && block.time_ms == commitment.time_ms;
    if !follows || !same || commitment.channel != below.channel || !epoch_follows(commitment, below) {
        return Err(Inconsistent::Commitment);
    }
    let (named, found) = (block.body_hash, names::body_hash(&block.body));
    if named != found {
        return Err(Inconsistent::Body { named, found });
    }
    if block.previous != below.block_hash {
        return Err(Inconsistent::Chain { named: block.previous, below: below.block_hash });
    }
    let header = block.header(commitment.epoch, commitment.receipts_root);
    let found = names::block_hash(&commitment.channel, &header);
    if found != commitment.block_hash {
        return Err(Inconsistent::Block { committed: commitment.block_hash, found });
    }
    let leaves: Vec<_> = receipts.iter().map(merkle::receipt_leaf).collect();
    let found = merkle::receipts_root(&leaves);
    if found != commitment.receipts_root {
        return Err(Inconsistent::Receipts { committed: commitment.receipts_root, found });
    }
    Ok(())
}
