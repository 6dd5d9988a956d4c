//! S4: every committed block has a valid commit proof, and in the end a valid execution certificate.

use theriac_consensus::CommitProof;
use theriac_consensus::quorum::Cluster;
use theriac_crypto::{CertificateScheme, RecordingScheme, Statement};
use theriac_types::{BodyHash, Certificate, SeqNum, StateDigest};

/// Checks with the thresholds of the real network and a scheme of its own.
#[derive(Debug)]
pub struct Certificates {
    /// The network.
    pub cluster: Cluster,
    /// Accepts exactly what was signed.
    pub scheme: RecordingScheme,
}

impl Certificates {
    /// A replica executes a block on the strength of this proof.
    pub fn on_commit(&self, seq: SeqNum, body: BodyHash, proof: &CommitProof) -> Result<(), String> {
        let (statement, certificate, threshold) = match proof {
            CommitProof::Fast { view, certificate } => {
                (Statement::Prepare { view: *view, seq, body }, certificate, self.cluster.fast_commit())
            }
            CommitProof::Slow { view, certificate } => {
                (Statement::Commit { view: *view, seq, body }, certificate, self.cluster.slow_commit())
            }
        };
        let verdict = self.scheme.verify(&statement, certificate, threshold);
        verdict.map_err(|error| format!("slot {seq}: the commit proof of {body} does not hold: {error}"))
    }

    /// A replica stores this execution certificate.
    pub fn on_certified(&self, seq: SeqNum, digest: StateDigest, certificate: &Certificate) -> Result<(), String> {
        let statement = Statement::State { seq, digest };
        let verdict = self.scheme.verify(&statement, certificate, self.cluster.execution());
        verdict.map_err(|error| format!("slot {seq}: the execution certificate of {digest} does not hold: {error}"))
    }
}
