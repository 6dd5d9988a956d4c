//! Signatures that need no keys: a share is a hash of signer and statement. The adversary is kept from forging by the
//! list of what it may send, not by arithmetic.

use std::collections::{BTreeMap, BTreeSet};
use theriac_crypto::{
    CertificateError, CertificateScheme, Culprits, Domain, Share, ShareSigner, Statement, hash_value,
};
use theriac_types::{Bytes, Certificate, ReplicaId, SignerBitmap};

/// Signs for one replica.
#[derive(Debug, Clone, Copy)]
pub struct Pen(pub ReplicaId);

impl ShareSigner for Pen {
    fn sign(&self, statement: &Statement) -> Share {
        share(self.0, statement)
    }
}

/// Checks shares and certificates of so many replicas.
#[derive(Debug, Clone, Copy)]
pub struct Hashes {
    /// Replicas in the network.
    pub replicas: usize,
}

impl CertificateScheme for Hashes {
    fn replicas(&self) -> usize {
        self.replicas
    }

    fn verify_share(&self, replica: ReplicaId, statement: &Statement, found: &Share) -> bool {
        usize::from(replica.0) < self.replicas && *found == share(replica, statement)
    }

    fn combine(&self, statement: &Statement, shares: &BTreeMap<ReplicaId, Share>) -> Result<Certificate, Culprits> {
        let bad = shares.iter().filter(|(id, share)| !self.verify_share(**id, statement, share));
        let replicas: BTreeSet<_> = bad.map(|(id, _)| *id).collect();
        if replicas.is_empty() {
            Ok(certificate(self.replicas, shares.keys().copied(), statement))
        } else {
            Err(Culprits { replicas })
        }
    }

    fn verify(&self, statement: &Statement, found: &Certificate, threshold: usize) -> Result<(), CertificateError> {
        if !found.signers.fits(self.replicas) {
            return Err(CertificateError::Bitmap { replicas: self.replicas });
        }
        let count = found.signers.count();
        if count < threshold {
            return Err(CertificateError::TooFewSigners { found: count, needed: threshold });
        }
        let expected = certificate(self.replicas, found.signers.iter(), statement);
        if *found == expected { Ok(()) } else { Err(CertificateError::Signature) }
    }
}

/// The share of a replica over a statement.
pub fn share(replica: ReplicaId, statement: &Statement) -> Share {
    Bytes::new(hash_value(Domain::Recording, &(replica, statement)).0).expect("32 bytes fit")
}

/// The certificate of these signers over a statement.
pub fn certificate(n: usize, signers: impl IntoIterator<Item = ReplicaId>, statement: &Statement) -> Certificate {
    let signers = SignerBitmap::new(n, signers).expect("a model's network is small");
    let digest = hash_value(Domain::Recording, &(&signers, statement));
    Certificate { signers, signature: Bytes::new(digest.0).expect("32 bytes fit") }
}
