//! Answers as bytes in, checked values out: the only place where an answer is believed.

use crate::error::VerificationError;
use crate::trust::Trust;
use borsh::BorshDeserialize;
use std::sync::Arc;
use theriac_crypto::merkle::{self, ReceiptProof};
use theriac_crypto::names;
use theriac_proto::ledger::v1::{CommitPath as WirePath, ProvenReceipt};
use theriac_types::limits::{BLOCK_BYTES_MAX, FRAME_BYTES_MAX, TRANSACTION_BYTES_MAX};
use theriac_types::{
    Block, Certificate, CertifiedCommitment, Digest, Height, PackageId, Receipt, StateCommitment, Transaction, TxId,
};

/// How a block was committed, by the peer's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitPath {
    /// By 3f+c+1 prepare votes.
    Fast,
    /// By 2f+c+1 commit votes.
    Slow,
    /// The peer does not know.
    Unknown,
}

impl CommitPath {
    pub(crate) fn from_wire(path: WirePath) -> Self {
        match path {
            WirePath::Fast => Self::Fast,
            WirePath::Slow => Self::Slow,
            WirePath::Unspecified => Self::Unknown,
        }
    }

    /// In lower case.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fast => "fast",
            Self::Slow => "slow",
            Self::Unknown => "unknown",
        }
    }
}

/// Whether answers are checked. They are unless a caller opts out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// Everything is checked against the trusted genesis.
    Full,
    /// Answers are decoded, and otherwise believed. For measurements against a peer of one's own.
    Off,
}

/// The genesis, and whether to hold answers against it.
#[derive(Debug)]
pub(crate) struct Verifier {
    pub(crate) trust: Arc<Trust>,
    pub(crate) verification: Verification,
}

/// A receipt with what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertifiedReceipt {
    /// The outcome.
    pub receipt: Receipt,
    /// Its way to the receipts root.
    pub proof: ReceiptProof,
    /// The certified commitment that holds the root.
    pub certified: CertifiedCommitment,
    /// How the block was committed; not proven.
    pub path: CommitPath,
}

/// A block with what proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertifiedBlock {
    /// The block.
    pub block: Block,
    /// Outcomes in order, when asked for.
    pub receipts: Vec<Receipt>,
    /// The certified commitment of its height.
    pub certified: CertifiedCommitment,
    /// How it was committed; not proven.
    pub path: CommitPath,
}

pub(crate) fn decode<T: BorshDeserialize>(
    what: &'static str,
    bytes: &[u8],
    max: usize,
) -> Result<T, VerificationError> {
    theriac_types::decode(bytes, max).map_err(|error| VerificationError::Malformed { what, reason: error.to_string() })
}

pub(crate) fn digest(what: &'static str, bytes: &[u8]) -> Result<Digest, VerificationError> {
    let bytes = bytes.try_into().map_err(|_| VerificationError::Malformed {
        what,
        reason: format!("{} bytes where 32 are needed", bytes.len()),
    })?;
    Ok(Digest(bytes))
}

pub(crate) fn package_id(bytes: &[u8]) -> Result<Option<PackageId>, VerificationError> {
    if bytes.is_empty() { Ok(None) } else { digest("package id", bytes).map(|id| Some(PackageId(id))) }
}

impl Verifier {
    fn full(&self) -> bool {
        self.verification == Verification::Full
    }

    /// A commitment, and that f+1 replicas signed it.
    pub(crate) fn commitment(&self, bytes: &[u8]) -> Result<CertifiedCommitment, VerificationError> {
        let certified: CertifiedCommitment = decode("commitment", bytes, FRAME_BYTES_MAX)?;
        if self.full() {
            self.trust.check(&certified)?;
        }
        Ok(certified)
    }

    /// A commitment of one height.
    pub(crate) fn commitment_of(&self, height: Height, bytes: &[u8]) -> Result<CertifiedCommitment, VerificationError> {
        let certified = self.commitment(bytes)?;
        same_height("commitment", certified.commitment.height, height)?;
        Ok(certified)
    }

    /// What a height commits to, with its certificate; height 0 has none and needs none.
    pub(crate) fn anchor(
        &self,
        height: Height,
        bytes: &[u8],
    ) -> Result<(StateCommitment, Option<Certificate>), VerificationError> {
        if height == Height(0) {
            let start = self.trust.start().cloned();
            return Ok((start.ok_or(VerificationError::Configuration { height })?, None));
        }
        let certified = self.commitment_of(height, bytes)?;
        Ok((certified.commitment, Some(certified.certificate)))
    }

    /// A receipt under its commitment; of this transaction when one is given.
    pub(crate) fn receipt(
        &self,
        of: Option<TxId>,
        answer: Option<&ProvenReceipt>,
    ) -> Result<CertifiedReceipt, VerificationError> {
        let answer = answer.ok_or(VerificationError::Unfit { what: "it has no receipt" })?;
        let receipt: Receipt = decode("receipt", &answer.receipt, FRAME_BYTES_MAX)?;
        let proof: ReceiptProof = decode("receipt proof", &answer.proof, FRAME_BYTES_MAX)?;
        if let Some(expected) = of.filter(|expected| *expected != receipt.tx_id) {
            return Err(VerificationError::Transaction { found: receipt.tx_id, expected });
        }
        let certified = self.commitment_of(receipt.height, &answer.commitment)?;
        if self.full() {
            merkle::verify(&proof, &receipt, certified.commitment.receipts_root)
                .map_err(|_| VerificationError::NotProven { what: "receipt", height: receipt.height })?;
        }
        Ok(CertifiedReceipt { receipt, proof, certified, path: CommitPath::from_wire(answer.commit_path()) })
    }

    /// A transaction whose id is the receipt's.
    pub(crate) fn transaction(&self, of: TxId, bytes: &[u8]) -> Result<Transaction, VerificationError> {
        let transaction: Transaction = decode("transaction", bytes, TRANSACTION_BYTES_MAX)?;
        let found = names::tx_id(&transaction.body);
        if found != of {
            return Err(VerificationError::Transaction { found, expected: of });
        }
        Ok(transaction)
    }

    /// A block of one height, and its receipts if it came with any.
    pub(crate) fn block(
        &self,
        height: Height,
        answer: &theriac_proto::ledger::v1::BlockResponse,
        with_receipts: bool,
    ) -> Result<CertifiedBlock, VerificationError> {
        let block: Block = decode("block", &answer.block, BLOCK_BYTES_MAX + 1024)?;
        let receipts = answer.receipts.iter().map(|bytes| decode("receipt", bytes, FRAME_BYTES_MAX));
        let receipts = receipts.collect::<Result<Vec<Receipt>, _>>()?;
        same_height("block", block.height, height)?;
        let certified = self.commitment_of(height, &answer.commitment)?;
        if self.full() {
            self.check_block(&block, &certified.commitment)?;
            if with_receipts {
                check_receipts(&block, &receipts, &certified.commitment)?;
            }
        }
        Ok(CertifiedBlock { block, receipts, certified, path: CommitPath::from_wire(answer.commit_path()) })
    }

    fn check_block(&self, block: &Block, commitment: &StateCommitment) -> Result<(), VerificationError> {
        let not_proven = VerificationError::NotProven { what: "block", height: block.height };
        let body_hash = names::body_hash(&block.body);
        let header = block.header(commitment.epoch, commitment.receipts_root);
        let hash = names::block_hash(self.trust.channel(), &header);
        let agrees =
            body_hash == block.body_hash && hash == commitment.block_hash && block.time_ms == commitment.time_ms;
        if agrees { Ok(()) } else { Err(not_proven) }
    }
}

fn check_receipts(block: &Block, receipts: &[Receipt], commitment: &StateCommitment) -> Result<(), VerificationError> {
    let leaves: Vec<_> = receipts.iter().map(merkle::receipt_leaf).collect();
    let complete = receipts.len() == block.body.transactions.len();
    if !complete || merkle::receipts_root(&leaves) != commitment.receipts_root {
        return Err(VerificationError::NotProven { what: "receipts", height: block.height });
    }
    Ok(())
}

fn same_height(what: &'static str, found: Height, expected: Height) -> Result<(), VerificationError> {
    if found == expected { Ok(()) } else { Err(VerificationError::Height { what, found, expected }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestNetwork, commitment, network, receipt, transaction};
    use theriac_proto::ledger::v1::BlockResponse;
    use theriac_types::{BlockBody, BlockHash, List, encode};

    fn verifier(network: TestNetwork) -> (Verifier, impl Fn(StateCommitment) -> CertifiedCommitment) {
        let signers = crate::testing::network();
        let verifier = Verifier { trust: Arc::new(network.trust), verification: Verification::Full };
        (verifier, move |commitment| signers.certify(commitment, &[1, 2]))
    }

    fn proven_receipt(certify: &impl Fn(StateCommitment) -> CertifiedCommitment) -> (TxId, ProvenReceipt) {
        let receipts: Vec<_> = (0..5).map(|index| receipt(7, index)).collect();
        let leaves: Vec<_> = receipts.iter().map(merkle::receipt_leaf).collect();
        let certified = certify(StateCommitment { receipts_root: merkle::receipts_root(&leaves), ..commitment(7) });
        let answer = ProvenReceipt {
            receipt: encode(&receipts[3]).into(),
            proof: encode(&merkle::prove(&leaves, 3).expect("five leaves")).into(),
            commitment: encode(&certified).into(),
            commit_path: 0,
        };
        (receipts[3].tx_id, answer)
    }

    fn block_answer(certify: &impl Fn(StateCommitment) -> CertifiedCommitment) -> BlockResponse {
        let transactions = List::new(vec![transaction(1), transaction(2)]).expect("two");
        let body = BlockBody { proposed_time_ms: 5, transactions };
        let (body_hash, time_ms) = (names::body_hash(&body), 1_007);
        let previous = BlockHash(Digest([9; 32]));
        let block = Block { height: Height(7), previous, body_hash, time_ms, body };
        let receipts: Vec<_> = (0..2).map(|index| receipt(7, index)).collect();
        let leaves: Vec<_> = receipts.iter().map(merkle::receipt_leaf).collect();
        let receipts_root = merkle::receipts_root(&leaves);
        let hash = names::block_hash(&commitment(7).channel, &block.header(commitment(7).epoch, receipts_root));
        let certified = certify(StateCommitment { block_hash: hash, receipts_root, time_ms, ..commitment(7) });
        BlockResponse {
            block: encode(&block).into(),
            commitment: encode(&certified).into(),
            commit_path: 0,
            receipts: receipts.iter().map(|receipt| encode(receipt).into()).collect(),
        }
    }

    /// Every single byte of `bytes`, changed, through `check`.
    fn every_changed_byte_is_caught<E: std::fmt::Debug>(bytes: &[u8], check: impl Fn(Vec<u8>) -> Result<(), E>) {
        for position in 0..bytes.len() {
            let mut changed = bytes.to_vec();
            changed[position] ^= 1 << (position % 8);
            assert!(check(changed).is_err(), "byte {position} of {} may be changed", bytes.len());
        }
    }

    #[test]
    fn every_changed_byte_of_receipt_path_and_certificate_is_caught() {
        let (verifier, certify) = verifier(network());
        let (id, good) = proven_receipt(&certify);
        assert!(verifier.receipt(Some(id), Some(&good)).is_ok());
        let check = |answer: ProvenReceipt| verifier.receipt(Some(id), Some(&answer)).map(|_| ());
        every_changed_byte_is_caught(&good.receipt, |b| check(ProvenReceipt { receipt: b.into(), ..good.clone() }));
        every_changed_byte_is_caught(&good.proof, |b| check(ProvenReceipt { proof: b.into(), ..good.clone() }));
        let changed = |b: Vec<u8>| check(ProvenReceipt { commitment: b.into(), ..good.clone() });
        every_changed_byte_is_caught(&good.commitment, changed);
    }

    #[test]
    fn every_changed_byte_of_a_block_and_its_receipts_is_caught() {
        let (verifier, certify) = verifier(network());
        let good = block_answer(&certify);
        let check = |answer: BlockResponse| verifier.block(Height(7), &answer, true).map(|_| ());
        assert_eq!(check(good.clone()), Ok(()));
        every_changed_byte_is_caught(&good.block, |b| check(BlockResponse { block: b.into(), ..good.clone() }));
        for index in 0..2 {
            every_changed_byte_is_caught(&good.receipts[index], |bytes| {
                let mut answer = good.clone();
                answer.receipts[index] = bytes.into();
                check(answer)
            });
        }
        let mut short = good.clone();
        short.receipts.pop();
        assert!(check(short).is_err(), "a receipt is missing");
        assert!(verifier.block(Height(8), &good, true).is_err(), "another height was asked for");
    }

    #[test]
    fn a_proven_receipt_of_another_transaction_is_no_answer() {
        let (verifier, certify) = verifier(network());
        let (_, good) = proven_receipt(&certify);
        let other = TxId(Digest([0xee; 32]));
        let found = verifier.receipt(Some(other), Some(&good));
        assert!(matches!(found, Err(VerificationError::Transaction { .. })), "{found:?}");
        assert!(verifier.receipt(Some(other), None).is_err());
    }

    #[test]
    fn every_changed_byte_of_a_signed_body_is_caught() {
        let (verifier, _) = verifier(network());
        let good = transaction(1);
        let id = names::tx_id(&good.body);
        let body = encode(&good.body);
        every_changed_byte_is_caught(&body, |changed| {
            let bytes = [changed, encode(&good)[body.len()..].to_vec()].concat();
            verifier.transaction(id, &bytes).map(|_| ())
        });
    }

    #[test]
    fn who_opts_out_gets_what_the_peer_says() {
        let (mut verifier, certify) = verifier(network());
        let (id, mut answer) = proven_receipt(&certify);
        answer.proof = encode(&ReceiptProof { index: 3, count: 9, siblings: List::default() }).into();
        assert!(verifier.receipt(Some(id), Some(&answer)).is_err());
        verifier.verification = Verification::Off;
        assert!(verifier.receipt(Some(id), Some(&answer)).is_ok());
    }
}
