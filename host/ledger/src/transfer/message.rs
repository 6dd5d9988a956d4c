//! What is asked and answered, as bytes between peers. All of it is about one checkpoint, which both sides know.

use crate::state::StateKey;
use crate::tree::{Leaf, Path, WIDTH};
use borsh::{BorshDeserialize, BorshSerialize};
use theriac_types::limits::{
    BLOCK_TRANSACTIONS_MAX, SYSTEM_VALUE_BYTES_MAX, TRANSFER_BLOCKS_MAX, TRANSFER_LEAVES_MAX, VALIDITY_BLOCKS_MAX,
};
use theriac_types::{BlockBody, BlockHeader, Bytes, Digest, Height, List, Receipt};

/// What is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub enum Request {
    /// The subtree of the keys whose hashes begin with these digits.
    Subtree(Path),
    /// Headers from a height downwards.
    Headers {
        /// The highest.
        top: Height,
        /// How many, at most.
        count: u16,
    },
    /// Blocks with their receipts from a height downwards.
    Blocks {
        /// The highest.
        top: Height,
        /// How many, at most.
        count: u16,
        /// Receipts of the highest that are here already; above 0 only when it came in part.
        from: u32,
    },
}

impl Request {
    /// Whether a request about blocks is about this one too.
    pub(super) fn covers(&self, height: Height) -> bool {
        match self {
            Self::Blocks { top, count, .. } => height <= *top && height.0.saturating_add(u64::from(*count)) > top.0,
            Self::Subtree(_) | Self::Headers { .. } => false,
        }
    }
}

/// What is given. Cut short when it would be too long: what is still missing is asked for again.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Answer {
    /// A whole subtree, ascending by the keys' hashes.
    Leaves(List<TransferLeaf, TRANSFER_LEAVES_MAX>),
    /// What stands one digit below, ascending by digit; places where nothing stands are left out.
    Children(List<(u8, Child), WIDTH>),
    /// Headers, descending.
    Headers(List<BlockHeader, { VALIDITY_BLOCKS_MAX as usize }>),
    /// Blocks, descending; all but the first whole.
    Blocks(List<BlockPart, { TRANSFER_BLOCKS_MAX as usize }>),
}

/// A key of the world state with its value.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct TransferLeaf {
    /// The key.
    pub key: StateKey,
    /// Its value.
    pub value: Bytes<SYSTEM_VALUE_BYTES_MAX>,
}

/// What stands in a place, with the hashes that its own hash is made of: nothing else can have that hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub enum Child {
    /// One key.
    Leaf(Leaf),
    /// Two keys or more: the halves.
    Page {
        /// Those with a 0 as their next bit.
        left: Digest,
        /// Those with a 1.
        right: Digest,
    },
}

/// A block, or the part of one that fits.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct BlockPart {
    /// What consensus decided; left out when it was given with an earlier part.
    pub body: Option<BlockBody>,
    /// Hashes of all the block's receipts as leaves of their tree; none when all the receipts are here.
    pub leaves: List<Digest, BLOCK_TRANSACTIONS_MAX>,
    /// Receipts in a row.
    pub receipts: List<Receipt, BLOCK_TRANSACTIONS_MAX>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_covers_what_it_counts() {
        let request = Request::Blocks { top: Height(10), count: 3, from: 0 };
        let covered: Vec<u64> = (0..20).filter(|height| request.covers(Height(*height))).collect();
        assert_eq!(covered, [8, 9, 10]);
        assert!(!Request::Headers { top: Height(10), count: 3 }.covers(Height(10)));
    }
}
