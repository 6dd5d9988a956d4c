//! What a careful client checks, without the client: certificate, Merkle paths, bindings.

#![allow(dead_code, clippy::unwrap_used)]

use theriac_crypto::merkle::{ReceiptProof, verify as verify_receipt};
use theriac_crypto::names::{configuration_digest, state_digest};
use theriac_crypto::{BlsScheme, CertificateScheme, Statement};
use theriac_ledger::{StateKey, StateProof};
use theriac_proto::ledger::v1::ProvenReceipt;
use theriac_types::{CertifiedCommitment, Genesis, Receipt, StateCommitment, decode};

/// Bytes of any part of an answer.
const MAX: usize = 1 << 22;

/// Checks that f+1 replicas of the genesis vouch for a commitment.
pub fn commitment(genesis: &Genesis, bytes: &[u8]) -> StateCommitment {
    let certified: CertifiedCommitment = decode(bytes, MAX).unwrap();
    let configuration = genesis.configuration();
    let scheme = BlsScheme::new(genesis.channel.clone(), &configuration).unwrap();
    let (seq, digest) = (certified.commitment.height.into(), state_digest(&certified.commitment));
    let threshold = usize::from(genesis.f) + 1;
    scheme.verify(&Statement::State { seq, digest }, &certified.certificate, threshold).unwrap();
    assert_eq!(certified.commitment.config_digest, configuration_digest(&configuration));
    certified.commitment
}

/// Checks a receipt down to the certificate.
pub fn receipt(genesis: &Genesis, proven: &ProvenReceipt) -> Receipt {
    let commitment = commitment(genesis, &proven.commitment);
    let receipt: Receipt = decode(&proven.receipt, MAX).unwrap();
    let proof: ReceiptProof = decode(&proven.proof, MAX).unwrap();
    verify_receipt(&proof, &receipt, commitment.receipts_root).unwrap();
    assert_eq!(receipt.height, commitment.height);
    receipt
}

/// Checks a value, or its absence, under a commitment.
pub fn state(commitment: &StateCommitment, chaincode: &str, key: &[u8], value: Option<&[u8]>, proof: &[u8]) {
    let key = StateKey::new(chaincode.parse().unwrap(), key).unwrap();
    let proof: StateProof = decode(proof, MAX).unwrap();
    proof.verify(commitment.state_root, &key, value).unwrap();
}
