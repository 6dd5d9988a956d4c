//! The chain: blocks with what they came to.

use crate::keys;
use crate::storage::{Storage, missing};
use crate::tables;
use theriac_ledger::{BlockOutcome, BlockStore, ReadError, WriteError};
use theriac_types::{Block, CertifiedCommitment, Genesis, Height, Receipt, StateCommitment};

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
        self.record(tables::BLOCKS, &keys::height(height))
    }

    fn receipts(&self, height: Height) -> Result<Option<Vec<Receipt>>, ReadError> {
        self.record(tables::RECEIPTS, &keys::height(height))
    }

    fn commitment(&self, height: Height) -> Result<Option<StateCommitment>, ReadError> {
        self.record(tables::COMMITMENTS, &keys::height(height))
    }

    fn commit_proof(&self, height: Height) -> Result<Option<Vec<u8>>, ReadError> {
        Ok(self.bytes(tables::COMMIT_PROOFS, &keys::height(height))?.map(|bytes| bytes.to_vec()))
    }

    fn certificate(&self, height: Height) -> Result<Option<CertifiedCommitment>, ReadError> {
        let Some(certificate) = self.record(tables::CERTIFICATES, &keys::height(height))? else { return Ok(None) };
        let commitment = self.commitment(height)?.ok_or_else(|| missing("the commitment of a certified height"))?;
        Ok(Some(CertifiedCommitment { commitment, certificate }))
    }
}
