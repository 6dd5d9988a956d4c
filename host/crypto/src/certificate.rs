//! Shares and certificates behind one trait, so that real BLS and the simulator's recording mock are exchangeable.

use crate::statement::Statement;
use std::collections::{BTreeMap, BTreeSet};
use theriac_types::limits::SHARE_BYTES_MAX;
use theriac_types::{Bytes, Certificate, ReplicaId};

/// One replica's signature over a statement.
pub type Share = Bytes<SHARE_BYTES_MAX>;

/// A certificate that proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// The bitmap has another length than the network, or bits beyond it.
    #[error("the signer bitmap does not fit a network of {replicas} replicas")]
    Bitmap {
        /// Replicas in the network.
        replicas: usize,
    },
    /// Too few signers.
    #[error("{found} signers where {needed} are needed")]
    TooFewSigners {
        /// Signers in the bitmap.
        found: usize,
        /// The threshold.
        needed: usize,
    },
    /// The signature is malformed, infinite, or not of these signers over this statement.
    #[error("the combined signature does not verify")]
    Signature,
}

/// Shares that do not verify, found when a combination failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("bad shares of replicas {replicas:?}")]
pub struct Culprits {
    /// Who sent them, over their own authenticated links.
    pub replicas: BTreeSet<ReplicaId>,
}

/// Holds one replica's key and signs with it.
pub trait ShareSigner: Send + Sync {
    /// Signs a statement. Deterministic.
    fn sign(&self, statement: &Statement) -> Share;
}

/// Checks and combines the shares of a network. Everything is relative to one channel and epoch.
pub trait CertificateScheme: Send + Sync {
    /// Replicas in the network.
    fn replicas(&self) -> usize;

    /// Whether the share is this replica's over this statement.
    fn verify_share(&self, replica: ReplicaId, statement: &Statement, share: &Share) -> bool;

    /// Combines shares and checks the result, so that the certificate returned always verifies.
    ///
    /// # Errors
    /// Names every bad share; the caller drops them and waits for more.
    fn combine(&self, statement: &Statement, shares: &BTreeMap<ReplicaId, Share>) -> Result<Certificate, Culprits>;

    /// Checks a certificate against a threshold.
    fn verify(
        &self,
        statement: &Statement,
        certificate: &Certificate,
        threshold: usize,
    ) -> Result<(), CertificateError>;
}

/// The checks every scheme makes before any cryptography.
pub(crate) fn check_signers(
    certificate: &Certificate,
    replicas: usize,
    threshold: usize,
) -> Result<(), CertificateError> {
    if !certificate.signers.fits(replicas) {
        return Err(CertificateError::Bitmap { replicas });
    }
    let found = certificate.signers.count();
    // An empty set has no key to check against, whatever the threshold.
    let needed = threshold.max(1);
    if found < needed {
        return Err(CertificateError::TooFewSigners { found, needed });
    }
    Ok(())
}
