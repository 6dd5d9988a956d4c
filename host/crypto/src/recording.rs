//! The simulator's stand-in for BLS: it records who signed what, so that a checker can ask which certificates could
//! be formed. Not for production: whoever holds the record can ask it to sign for anybody.

use crate::certificate::{CertificateError, CertificateScheme, Culprits, Share, ShareSigner, check_signers};
use crate::hash::{Domain, hash};
use crate::statement::{Statement, VoteContext};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use theriac_types::{Bytes, Certificate, Digest, ReplicaId, SignerBitmap};

/// Every signature ever made in a simulation.
#[derive(Debug, Clone, Default)]
pub struct Record(Arc<Mutex<BTreeMap<Statement, BTreeSet<ReplicaId>>>>);

impl Record {
    /// What was signed, and by whom.
    pub fn signatures(&self) -> BTreeMap<Statement, BTreeSet<ReplicaId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Who signed this statement.
    pub fn signers(&self, statement: &Statement) -> BTreeSet<ReplicaId> {
        let record = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        record.get(statement).cloned().unwrap_or_default()
    }

    fn add(&self, replica: ReplicaId, statement: Statement) {
        let mut record = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        record.entry(statement).or_default().insert(replica);
    }
}

/// Signs for one replica and records it.
#[derive(Debug, Clone)]
pub struct RecordingSigner {
    /// Who signs.
    pub replica: ReplicaId,
    /// Where its votes count.
    pub context: VoteContext,
    /// Where they are recorded.
    pub record: Record,
}

impl ShareSigner for RecordingSigner {
    fn sign(&self, statement: &Statement) -> Share {
        self.record.add(self.replica, *statement);
        share_of(&self.context, self.replica, statement)
    }
}

/// Accepts what the record holds.
#[derive(Debug, Clone)]
pub struct RecordingScheme {
    /// Replicas in the network.
    pub replicas: usize,
    /// Where votes count.
    pub context: VoteContext,
    /// Where they are recorded.
    pub record: Record,
}

impl CertificateScheme for RecordingScheme {
    fn replicas(&self) -> usize {
        self.replicas
    }

    fn verify_share(&self, replica: ReplicaId, statement: &Statement, share: &Share) -> bool {
        usize::from(replica.0) < self.replicas
            && *share == share_of(&self.context, replica, statement)
            && self.record.signers(statement).contains(&replica)
    }

    fn combine(&self, statement: &Statement, shares: &BTreeMap<ReplicaId, Share>) -> Result<Certificate, Culprits> {
        let bad = shares.iter().filter(|(id, share)| !self.verify_share(**id, statement, share));
        let replicas: BTreeSet<_> = bad.map(|(id, _)| *id).collect();
        if !replicas.is_empty() {
            return Err(Culprits { replicas });
        }
        let signers = SignerBitmap::new(self.replicas, shares.keys().copied()).expect("a simulated network is small");
        let signature = combined(&self.context, &signers, statement);
        Ok(Certificate { signers, signature: Bytes::new(signature.0).expect("32 bytes fit") })
    }

    fn verify(
        &self,
        statement: &Statement,
        certificate: &Certificate,
        threshold: usize,
    ) -> Result<(), CertificateError> {
        check_signers(certificate, self.replicas, threshold)?;
        let signed = self.record.signers(statement);
        let all_signed = certificate.signers.iter().all(|id| signed.contains(&id));
        if all_signed && *certificate.signature == combined(&self.context, &certificate.signers, statement).0 {
            return Ok(());
        }
        Err(CertificateError::Signature)
    }
}

fn share_of(context: &VoteContext, replica: ReplicaId, statement: &Statement) -> Share {
    let digest = hash(Domain::Recording, &[&replica.0.to_le_bytes(), &statement.signed_bytes(context)]);
    Bytes::new(digest.0).expect("32 bytes fit")
}

fn combined(context: &VoteContext, signers: &SignerBitmap, statement: &Statement) -> Digest {
    hash(Domain::Recording, &[&statement.signed_bytes(context), &theriac_types::encode(signers)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_types::{Epoch, View};

    #[test]
    fn only_recorded_votes_count() {
        let context = VoteContext { channel: "test".parse().expect("a name"), epoch: Epoch(0) };
        let record = Record::default();
        let scheme = RecordingScheme { replicas: 4, context: context.clone(), record: record.clone() };
        let signer = |id| RecordingSigner { replica: ReplicaId(id), context: context.clone(), record: record.clone() };
        let about = |view| Statement::ViewChange { view: View(view), message: Digest([1; 32]) };
        let statement = about(3);
        let shares: BTreeMap<_, _> = [0, 2].map(|id| (ReplicaId(id), signer(id).sign(&statement))).into();
        let certificate = scheme.combine(&statement, &shares).expect("both signed");
        assert_eq!(scheme.verify(&statement, &certificate, 2), Ok(()));
        assert!(scheme.verify(&statement, &certificate, 3).is_err());
        assert!(scheme.verify(&about(4), &certificate, 2).is_err());
        // A share that nobody signed.
        let forged = share_of(&context, ReplicaId(1), &statement);
        assert!(!scheme.verify_share(ReplicaId(1), &statement, &forged));
    }
}
