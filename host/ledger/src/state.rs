//! The committed world state, its history, and what else a block is executed against: what every store gives out.

use crate::chaincode::KeyVersion;
use crate::tree::TreeReader;
use borsh::{BorshDeserialize, BorshSerialize};
use std::fmt;
use theriac_types::bounded::TooLong;
use theriac_types::limits::STORED_KEY_BYTES_MAX;
use theriac_types::{Bytes, ChaincodeName, Height, MemberId, Nonce, StateCommitment, TxId};

/// A key of the world state.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize)]
pub struct StateKey {
    /// The chaincode it belongs to.
    pub namespace: ChaincodeName,
    /// The key within.
    pub key: Bytes<STORED_KEY_BYTES_MAX>,
}

impl StateKey {
    /// Puts a key together.
    ///
    /// # Errors
    /// When the key is too long.
    pub fn new(namespace: ChaincodeName, key: impl Into<Vec<u8>>) -> Result<Self, TooLong> {
        Ok(Self { namespace, key: Bytes::new(key)? })
    }
}

impl fmt::Debug for StateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.namespace, self.key.escape_ascii())
    }
}

/// Why stored data could not be read. None of these is the asker's fault but the last two.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The store answered with bytes that it cannot have been given.
    #[error("{what} is damaged: {reason}; restore this peer's data folder from another peer")]
    Corrupt {
        /// What was read.
        what: String,
        /// How it shows.
        reason: String,
    },
    /// The store did not answer.
    #[error("{what} cannot be read: {reason}")]
    Unreadable {
        /// What was to be read.
        what: String,
        /// The store's own words.
        reason: String,
    },
    /// The height is above the head.
    #[error("height {height} is not there yet; the head is {head}")]
    NotYet {
        /// The height asked for.
        height: Height,
        /// The last height executed.
        head: Height,
    },
    /// This peer fetched the state of a later height and knows nothing of this one.
    #[error("this peer's history begins at height {oldest}: ask another peer about height {height}")]
    Before {
        /// The height asked for.
        height: Height,
        /// The lowest height whose state is here.
        oldest: Height,
    },
    /// The state tree of this height is dropped. Values at this height are still there, proofs are not.
    #[error("proofs at height {height} are no longer kept; the oldest is {oldest}")]
    Pruned {
        /// The height asked for.
        height: Height,
        /// The oldest height whose tree is there.
        oldest: Height,
    },
}

/// What a scan asks for.
#[derive(Debug, Clone, Copy)]
pub struct ScanRange<'a> {
    /// The chaincode whose keys are scanned.
    pub namespace: &'a ChaincodeName,
    /// The first key.
    pub start: &'a [u8],
    /// The end, itself left out.
    pub end: &'a [u8],
    /// Most entries to return.
    pub limit: usize,
    /// Stops when keys and values are together longer than this.
    pub bytes_max: usize,
}

/// What a scan found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// Keys and values, ascending by key.
    pub entries: Vec<(Vec<u8>, Vec<u8>)>,
    /// Whether the scan stopped for its bytes: the last entry is the one that went beyond.
    pub too_large: bool,
}

/// A transaction's place in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize)]
pub struct TransactionPlace {
    /// Its block.
    pub height: Height,
    /// Its place in the block.
    pub index: u32,
}

/// The committed state. Reads take the height they read at; a block is executed against the head.
pub trait StateReader: TreeReader {
    /// What the last executed block left, or the genesis.
    fn head(&self) -> Result<StateCommitment, ReadError>;

    /// A key's value after a height.
    fn get(&self, key: &StateKey, at: Height) -> Result<Option<Vec<u8>>, ReadError>;

    /// Keys with a value after a height, from the range's start on and below its end, ascending.
    fn scan(&self, range: &ScanRange<'_>, at: Height) -> Result<Scan, ReadError>;

    /// What a key was set to up to a height, newest first; several times in one block where it was.
    fn history(&self, key: &StateKey, at: Height, limit: usize) -> Result<Vec<KeyVersion>, ReadError>;

    /// Where a member has used a nonce, if that may still matter.
    fn replayed(&self, creator: &MemberId, nonce: Nonce) -> Result<Option<TransactionPlace>, ReadError>;

    /// Where a transaction's receipt is: where it was executed, or else where it was first refused.
    fn place(&self, id: TxId) -> Result<Option<TransactionPlace>, ReadError>;
}
