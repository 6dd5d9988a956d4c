//! What a store of the chain can do beyond reading the state: RocksDB in production, memory in simulation and tests.

use crate::outcome::BlockOutcome;
use crate::state::{ReadError, StateKey, StateReader, TransactionPlace};
use crate::tree::{self, Leaf, StateProof};
use theriac_types::limits::PROOF_BLOCKS_MAX;
use theriac_types::{Block, BlockHeader, CertifiedCommitment, Digest, Genesis, Height, Receipt, StateCommitment, TxId};

/// Why something was not stored. Nothing of it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Blocks are stored in order, each once.
    #[error("height {height} cannot follow height {head}")]
    NotNext {
        /// The height offered.
        height: Height,
        /// The last height stored.
        head: Height,
    },
    /// Nothing certifies a height that this store has not executed, or another state at this height.
    #[error("the certificate for height {height} is not for the state stored there")]
    NotThisState {
        /// The height.
        height: Height,
    },
    /// No space left.
    #[error("the disk with the data folder is full: free some space, then start the peer again ({reason})")]
    Full {
        /// The store's own words.
        reason: String,
    },
    /// The store may not be written to.
    #[error(
        "the data folder cannot be written to: make it writable for the peer's user, then start it again ({reason})"
    )]
    ReadOnly {
        /// The store's own words.
        reason: String,
    },
    /// Anything else.
    #[error("the store cannot write: {reason}")]
    Failed {
        /// The store's own words.
        reason: String,
    },
    /// What is there could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// A chain of executed blocks with the world state they left.
pub trait BlockStore: StateReader {
    /// Stores what a block did, together with the bytes that prove its commitment, durably and as a whole.
    fn apply(&mut self, outcome: &BlockOutcome, commit_proof: &[u8]) -> Result<(), WriteError> {
        self.apply_unsynced(outcome, commit_proof)?;
        self.sync()
    }

    /// The same without waiting for the disk: a crash before [`BlockStore::sync`] may lose the newest blocks, each as
    /// a whole. For several blocks in a row, with one wait behind the last.
    fn apply_unsynced(&mut self, outcome: &BlockOutcome, commit_proof: &[u8]) -> Result<(), WriteError>;

    /// Waits until everything stored so far is durable.
    fn sync(&mut self) -> Result<(), WriteError>;

    /// Stores the execution certificate of a stored height. A second one for the same height changes nothing.
    /// Need not be durable at once: other peers have it.
    fn put_certificate(&mut self, certified: &CertifiedCommitment) -> Result<(), WriteError>;

    /// What the network started from.
    fn genesis(&self) -> Result<Genesis, ReadError>;

    /// The block at a height; none for genesis and above the head.
    fn block(&self, height: Height) -> Result<Option<Block>, ReadError>;

    /// The receipts of a block; none above the head.
    fn receipts(&self, height: Height) -> Result<Option<Vec<Receipt>>, ReadError>;

    /// What a height commits to; none above the head.
    fn commitment(&self, height: Height) -> Result<Option<StateCommitment>, ReadError>;

    /// The bytes that were stored with a block as the proof of its commitment.
    fn commit_proof(&self, height: Height) -> Result<Option<Vec<u8>>, ReadError>;

    /// A height's commitment with its execution certificate, once that is there.
    fn certificate(&self, height: Height) -> Result<Option<CertifiedCommitment>, ReadError>;

    /// A block's header; none for genesis and above the head.
    fn header(&self, height: Height) -> Result<Option<BlockHeader>, ReadError> {
        let (block, commitment) = (self.block(height)?, self.commitment(height)?);
        Ok(block.zip(commitment).map(|(block, commitment)| block.header(commitment.epoch, commitment.receipts_root)))
    }

    /// The key with this hash, if it ever had a value.
    fn key_of(&self, hash: &Digest) -> Result<Option<StateKey>, ReadError>;

    /// Keys and values that leaves of the tree of a height stand for, in the order of the leaves; those behind the one
    /// with which the values have more than `bytes_max` bytes may be left out.
    ///
    /// # Errors
    /// When nothing is known of one of them, or when this peer fails.
    fn entries(&self, leaves: &[Leaf], at: Height, bytes_max: usize) -> Result<Vec<(StateKey, Vec<u8>)>, ReadError> {
        let (mut entries, mut bytes) = (Vec::new(), 0);
        for leaf in leaves.iter() {
            if bytes > bytes_max {
                break;
            }
            let key = self.key_of(&leaf.key)?.ok_or_else(|| leaf.unknown("nothing is known of it".to_owned()))?;
            let value = self.get(&key, at)?;
            let value = value.ok_or_else(|| leaf.unknown(format!("it has no value at height {at}")))?;
            bytes += value.len();
            entries.push((key, value));
        }
        Ok(entries)
    }

    /// The lowest height whose state is here: 0, or that of the checkpoint whose state was fetched. Below it there are
    /// blocks at most.
    fn base(&self) -> Height;

    /// A transaction's receipt.
    fn receipt(&self, id: TxId) -> Result<Option<Receipt>, ReadError> {
        let Some(TransactionPlace { height, index }) = self.place(id)? else { return Ok(None) };
        let receipts = self.receipts(height)?.unwrap_or_default();
        let receipt = receipts.into_iter().nth(index as usize).filter(|receipt| receipt.tx_id == id);
        receipt.map(Some).ok_or_else(|| ReadError::Corrupt {
            what: format!("the receipt of transaction {id}"),
            reason: format!("it is not at index {index} of height {height}"),
        })
    }
}

/// What a key's value was after a height, with the proof under that height's state root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenValue {
    /// What the height commits to.
    pub commitment: StateCommitment,
    /// The value; none when the key had none.
    pub value: Option<Vec<u8>>,
    /// The proof of either.
    pub proof: StateProof,
}

/// Reads and proves a key's value after a height; after the head if none is given.
///
/// # Errors
/// When the height is not there yet, or so long ago that its tree is no longer kept; or when this peer fails.
pub fn prove_value<S: BlockStore>(store: &S, key: &StateKey, at: Option<Height>) -> Result<ProvenValue, ReadError> {
    let head = store.head()?.height;
    let height = at.unwrap_or(head);
    let oldest = Height(head.0.saturating_sub(PROOF_BLOCKS_MAX));
    if height < oldest {
        return Err(ReadError::Pruned { height, oldest });
    }
    let commitment = store.commitment(height)?.ok_or(ReadError::NotYet { height, head })?;
    let proof = tree::prove(store, height, commitment.state_root, key)?;
    Ok(ProvenValue { value: store.get(key, height)?, commitment, proof })
}
