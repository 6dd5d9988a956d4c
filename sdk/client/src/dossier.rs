//! Which rules judged a transaction, and who approved them: one file that answers without any peer.
//!
//! A dossier holds a transaction with its proven receipt, and the records of `_lifecycle` about every version that the
//! receipt names, proven at one later height. With them come the two certified heights and the chain of epochs that
//! leads to their signers. Whoever has the genesis can check all of it, and nothing in the file is there to be
//! believed: [`Dossier::verify`] accounts for every byte.
//!
//! The file begins with [`MAGIC`]; then come the parts, in the order of [`Part::ALL`], each as its length (4 bytes,
//! little-endian) and its canonical bytes.

mod gather;
mod rules;
mod state;
mod verify;

pub use rules::{RuleVersion, Rules};
pub use state::{Gathering, ProvenState};

use crate::state::CertifiedValue;
use borsh::{BorshDeserialize, BorshSerialize};
use std::fmt;
use theriac_crypto::merkle::ReceiptProof;
use theriac_ledger::StateKey;
use theriac_ledger::tree::StateProof;
use theriac_types::{CertifiedCommitment, Digest, EpochLink, Receipt, Transaction, encode};

/// What a dossier begins with.
pub const MAGIC: &[u8] = b"theriac dossier 1\n";
/// Largest dossier, in bytes.
pub const DOSSIER_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Most steps of one chaincode that a dossier holds.
pub const STEPS_MAX: u64 = 10_000;

/// The parts of a dossier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Digest of the genesis that all rests on.
    Genesis,
    /// What led from the genesis' replicas to those that signed.
    Epochs,
    /// The transaction, with its signatures.
    Transaction,
    /// Its receipt.
    Receipt,
    /// The receipt's way to the receipts root of its height.
    Path,
    /// The certified commitment of the receipt's height.
    Judged,
    /// The certified commitment of the height that the records are proven at.
    Proven,
    /// Records of `_lifecycle`, each with its way to the state root.
    Records,
}

impl Part {
    /// In the order of the file.
    pub const ALL: [Self; 8] = [
        Self::Genesis,
        Self::Epochs,
        Self::Transaction,
        Self::Receipt,
        Self::Path,
        Self::Judged,
        Self::Proven,
        Self::Records,
    ];
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Genesis => "the genesis",
            Self::Epochs => "the chain of epochs",
            Self::Transaction => "the transaction",
            Self::Receipt => "the receipt",
            Self::Path => "the path of the receipt",
            Self::Judged => "the certified height of the receipt",
            Self::Proven => "the certified height of the records",
            Self::Records => "a record of the lifecycle",
        })
    }
}

/// A dossier that proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DossierError {
    /// Another kind of file, or one that is cut off.
    #[error("this is no dossier: {reason}")]
    Form {
        /// How it shows.
        reason: String,
    },
    /// A part is not what it claims to be.
    #[error("{part} of this dossier does not hold: {reason}")]
    Part {
        /// The part.
        part: Part,
        /// Why not.
        reason: String,
    },
}

impl DossierError {
    fn part(part: Part, reason: impl ToString) -> Self {
        Self::Part { part, reason: reason.to_string() }
    }
}

/// A record of the world state with its way to the state root.
#[derive(Debug, Clone, PartialEq, Eq, BorshSerialize, BorshDeserialize)]
pub struct ProvenRecord {
    /// Its key.
    pub key: StateKey,
    /// Its value.
    pub value: Vec<u8>,
    /// Its way.
    pub proof: StateProof,
}

impl ProvenRecord {
    fn of(value: CertifiedValue) -> Option<Self> {
        Some(Self { key: value.key, value: value.value?, proof: value.proof? })
    }
}

/// Everything that answers the question, and proves the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dossier {
    /// Digest of the genesis.
    pub genesis: Digest,
    /// From the genesis' epoch to the newest that signed.
    pub epochs: Vec<EpochLink>,
    /// The transaction.
    pub transaction: Transaction,
    /// What came of it.
    pub receipt: Receipt,
    /// The receipt's way to its root.
    pub path: ReceiptProof,
    /// The height that holds the root.
    pub judged: CertifiedCommitment,
    /// The height that the records are proven at.
    pub proven: CertifiedCommitment,
    /// The records, in the order in which [`Rules`] reads them.
    pub records: Vec<ProvenRecord>,
}

impl Dossier {
    /// The file's bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        let parts = [
            encode(&self.genesis),
            encode(&self.epochs),
            encode(&self.transaction),
            encode(&self.receipt),
            encode(&self.path),
            encode(&self.judged),
            encode(&self.proven),
            encode(&self.records),
        ];
        for part in parts {
            let length = u32::try_from(part.len()).expect("what a client takes from a peer is shorter than 4 GiB");
            bytes.extend_from_slice(&length.to_le_bytes());
            bytes.extend_from_slice(&part);
        }
        bytes
    }

    /// Takes a file apart. Nothing of it is checked yet.
    ///
    /// # Errors
    /// When it is no dossier, or a part of it does not decode.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, DossierError> {
        let form = |reason: &str| DossierError::Form { reason: reason.to_owned() };
        if bytes.len() > DOSSIER_BYTES_MAX {
            return Err(form("it is too large"));
        }
        let mut rest = bytes.strip_prefix(MAGIC).ok_or_else(|| form("it does not begin like one"))?;
        let dossier = Self {
            genesis: part(&mut rest, Part::Genesis)?,
            epochs: part(&mut rest, Part::Epochs)?,
            transaction: part(&mut rest, Part::Transaction)?,
            receipt: part(&mut rest, Part::Receipt)?,
            path: part(&mut rest, Part::Path)?,
            judged: part(&mut rest, Part::Judged)?,
            proven: part(&mut rest, Part::Proven)?,
            records: part(&mut rest, Part::Records)?,
        };
        if rest.is_empty() { Ok(dossier) } else { Err(form("something follows its last part")) }
    }
}

/// Takes the next part off.
fn part<T: BorshDeserialize>(rest: &mut &[u8], part: Part) -> Result<T, DossierError> {
    let cut = || DossierError::part(part, "the file ends within it");
    let (length, behind) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
    let length = usize::try_from(u32::from_le_bytes(*length)).map_err(|_| cut())?;
    let (bytes, behind) = behind.split_at_checked(length).ok_or_else(cut)?;
    *rest = behind;
    theriac_types::decode(bytes, DOSSIER_BYTES_MAX).map_err(|error| DossierError::part(part, error))
}

#[cfg(test)]
mod tests;
