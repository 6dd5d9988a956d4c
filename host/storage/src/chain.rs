//! The chain: blocks with what they came to.

use crate::keys;
use crate::storage::{Storage, missing};
use crate::tables;
use theriac_ledger::tree::Leaf;
use theriac_ledger::{BlockOutcome, BlockStore, ReadError, StateKey, WriteError};
use theriac_types::limits::VALIDITY_BLOCKS_MAX;
use theriac_types::{Block, BlockHeader, CertifiedCommitment, Digest, Genesis, Height, Receipt, StateCommitment};

impl BlockStore for Storage {
    fn apply(&mut self, outcome: &BlockOutcome, commit_proof: &[u8]) -> Result<(), WriteError> {
        self.write_block(outcome, commit_proof, true)
    }

    fn apply_unsynced(&mut self, outcome: &BlockOutcome, commit_proof: &[u8]) -> Result<(), WriteError> {
        self.write_block(outcome, commit_proof, false)
    }

    fn sync(&mut self) -> Result<(), WriteError> {
        self.flush()
    }

    fn put_certificate(&mut self, certified: &CertifiedCommitment) -> Result<(), WriteError> {
        self.write_certificate(certified)
    }

    fn genesis(&self) -> Result<Genesis, ReadError> {
        self.record(tables::META, tables::META_GENESIS)?.ok_or_else(|| missing("the genesis"))
    }

    fn block(&self, height: Height) -> Result<Option<Block>, ReadError> {
        self.check_block(height)?;
        self.record(tables::BLOCKS, &keys::height(height))
    }

    fn receipts(&self, height: Height) -> Result<Option<Vec<Receipt>>, ReadError> {
        self.check_block(height)?;
        self.record(tables::RECEIPTS, &keys::height(height))
    }

    fn commitment(&self, height: Height) -> Result<Option<StateCommitment>, ReadError> {
        self.check_state(height)?;
        self.record(tables::COMMITMENTS, &keys::height(height))
    }

    fn commit_proof(&self, height: Height) -> Result<Option<Vec<u8>>, ReadError> {
        if height == self.shared.base && height > Height(0) {
            return Err(self.before(height));
        }
        self.check_state(height)?;
        Ok(self.bytes(tables::COMMIT_PROOFS, &keys::height(height))?.map(|bytes| bytes.to_vec()))
    }

    fn certificate(&self, height: Height) -> Result<Option<CertifiedCommitment>, ReadError> {
        self.check_state(height)?;
        let Some(certificate) = self.record(tables::CERTIFICATES, &keys::height(height))? else { return Ok(None) };
        let commitment = self.commitment(height)?.ok_or_else(|| missing("the commitment of a certified height"))?;
        Ok(Some(CertifiedCommitment { commitment, certificate }))
    }

    fn header(&self, height: Height) -> Result<Option<BlockHeader>, ReadError> {
        self.check_block(height)?;
        if height <= self.shared.base {
            return self.record(tables::HEADERS, &keys::height(height));
        }
        let (block, commitment) = (self.block(height)?, self.commitment(height)?);
        Ok(block.zip(commitment).map(|(block, commitment)| block.header(commitment.epoch, commitment.receipts_root)))
    }

    fn key_of(&self, hash: &Digest) -> Result<Option<StateKey>, ReadError> {
        self.record(tables::KEYS, &hash.0)
    }

    fn entries(&self, leaves: &[Leaf], at: Height, bytes_max: usize) -> Result<Vec<(StateKey, Vec<u8>)>, ReadError> {
        self.entries_of(leaves, at, bytes_max)
    }

    fn base(&self) -> Height {
        self.shared.base
    }
}

impl Storage {
    fn check_state(&self, height: Height) -> Result<(), ReadError> {
        if height < self.shared.base { Err(self.before(height)) } else { Ok(()) }
    }

    /// Blocks are here from somewhat below the fetched state on.
    fn check_block(&self, height: Height) -> Result<(), ReadError> {
        let oldest = Height(self.shared.base.0.saturating_sub(VALIDITY_BLOCKS_MAX - 1));
        if height < oldest { Err(ReadError::Before { height, oldest }) } else { Ok(()) }
    }
}
