//! S4: every committed block has a valid commit proof, and in the end a valid execution certificate.

use crate::votes::Votes;
use theriac_consensus::CommitProof;
use theriac_crypto::{CertificateScheme, Statement};
use theriac_types::{BodyHash, Certificate, SeqNum, StableCheckpoint, StateDigest};

/// Checks with the thresholds of the real network and a scheme of its own.
#[derive(Debug)]
pub struct Certificates {
    /// Accepts exactly what was signed.
    pub votes: Votes,
}

impl Certificates {
    /// A replica executes a block on the strength of this proof.
    pub fn on_commit(&self, seq: SeqNum, body: BodyHash, proof: &CommitProof) -> Result<(), String> {
        let (statement, certificate, threshold) = match proof {
            CommitProof::Fast { view, certificate } => {
                (Statement::Prepare { view: *view, seq, body }, certificate, self.votes.cluster.fast_commit())
            }
            CommitProof::Slow { view, certificate } => {
                (Statement::Commit { view: *view, seq, body }, certificate, self.votes.cluster.slow_commit())
            }
        };
        let verdict = self.votes.verify(&statement, certificate, threshold);
        verdict.map_err(|error| format!("slot {seq}: the commit proof of {body} does not hold: {error}"))
    }

    /// A replica stores this execution certificate.
    pub fn on_certified(&self, seq: SeqNum, digest: StateDigest, certificate: &Certificate) -> Result<(), String> {
        let statement = Statement::State { seq, digest };
        let verdict = self.votes.verify(&statement, certificate, self.votes.cluster.execution());
        verdict.map_err(|error| format!("slot {seq}: the execution certificate of {digest} does not hold: {error}"))
    }

    /// A replica keeps this checkpoint as stable.
    pub fn on_stable(&self, checkpoint: &StableCheckpoint) -> Result<(), String> {
        let StableCheckpoint { seq, digest, certificate } = checkpoint;
        let statement = Statement::Checkpoint { seq: *seq, digest: *digest };
        let verdict = self.votes.verify(&statement, certificate, self.votes.cluster.prepare());
        verdict.map_err(|error| format!("slot {seq}: the checkpoint certificate of {digest} does not hold: {error}"))
    }
}
