//! An executed block with everything its receipts need as proof.

use prost::bytes::Bytes;
use std::sync::OnceLock;
use theriac_consensus::CommitProof;
use theriac_crypto::merkle::{ReceiptTree, receipt_leaf};
use theriac_proto::ledger::v1::{CommitPath, ProvenReceipt};
use theriac_types::{Block, CertifiedCommitment, Height, Receipt, Transaction, TxId, encode};

/// A block as executed here, not certified yet.
#[derive(Debug)]
pub struct ExecutedBlock {
    /// The block.
    pub block: Block,
    /// One receipt per transaction.
    pub receipts: Vec<Receipt>,
    /// Ids whose outcome this block decides, with their index.
    pub indexed: Vec<(TxId, u32)>,
    /// How it was committed.
    pub path: CommitPath,
}

/// A block with its execution certificate.
#[derive(Debug)]
pub struct CertifiedBlock {
    executed: ExecutedBlock,
    commitment: Bytes,
    tree: OnceLock<ReceiptTree>,
}

/// Which path a proof is of.
pub fn path_of(proof: &CommitProof) -> CommitPath {
    match proof {
        CommitProof::Fast { .. } => CommitPath::Fast,
        CommitProof::Slow { .. } => CommitPath::Slow,
    }
}

impl CertifiedBlock {
    /// Joins a block and its certificate.
    pub fn new(executed: ExecutedBlock, certified: &CertifiedCommitment) -> Self {
        Self { executed, commitment: encode(certified).into(), tree: OnceLock::new() }
    }

    /// Its height.
    pub fn height(&self) -> Height {
        self.executed.block.height
    }

    /// The block.
    pub fn block(&self) -> &Block {
        &self.executed.block
    }

    /// Its receipts.
    pub fn receipts(&self) -> &[Receipt] {
        &self.executed.receipts
    }

    /// How it was committed.
    pub fn path(&self) -> CommitPath {
        self.executed.path
    }

    /// The canonical certified commitment.
    pub fn commitment(&self) -> Bytes {
        self.commitment.clone()
    }

    /// The transaction at an index.
    pub fn transaction(&self, index: u32) -> Option<&Transaction> {
        self.executed.block.body.transactions.get(index as usize)
    }

    /// The receipt at an index with its proof.
    pub fn proven(&self, index: u32) -> Option<ProvenReceipt> {
        let receipt = self.executed.receipts.get(index as usize)?;
        // Built for the first who asks: most peers of most blocks have nobody waiting.
        let tree = self.tree.get_or_init(|| ReceiptTree::new(self.executed.receipts.iter().map(receipt_leaf)));
        Some(ProvenReceipt {
            receipt: encode(receipt).into(),
            proof: encode(&tree.prove(index as usize)?).into(),
            commitment: self.commitment.clone(),
            commit_path: self.executed.path.into(),
        })
    }
}
