//! B9: the collector that sends certificates nobody signed, for blocks nobody proposed; and real ones in the wrong
//! place: of another slot, another view, another phase, or with a signer more or less than there are.

use super::{Behaviour, Scene, Wire};
use std::sync::Arc;
use theriac_consensus::{CommitProof, Message, Proposal};
use theriac_types::{Bytes, Certificate, Digest, ReplicaId, SeqNum, SignerBitmap, StableCheckpoint, StateDigest};

/// Alters the certificates that its replica sends, and after some of its turns sends a forged one.
#[derive(Debug)]
pub struct ForgesCertificates;

impl Behaviour for ForgesCertificates {
    fn alter(&mut self, scene: &mut Scene, _: ReplicaId, message: Wire) -> Vec<Wire> {
        if !scene.random.chance(400) {
            return vec![message];
        }
        match message {
            Message::Prepare { view, seq, body, certificate } => match scene.random.below(4) {
                // Prepare votes, enough for the slow path, sold as a fast proof; or as commit votes.
                0 => vec![Message::FullCommitProof { view, seq, body, certificate }],
                1 => vec![Message::FullCommitProofSlow { view, seq, body, certificate }],
                2 => vec![Message::Prepare { view, seq: seq.saturating_add(1), body, certificate }],
                _ => vec![Message::Prepare { view, seq, body, certificate: one_more(scene, certificate) }],
            },
            Message::FullCommitProof { view, seq, body, certificate } => match scene.random.below(3) {
                0 => vec![Message::FullCommitProofSlow { view, seq, body, certificate }],
                1 => vec![Message::FullCommitProof { view, seq: seq.saturating_add(1), body, certificate }],
                _ => vec![Message::FullCommitProof { view, seq, body, certificate: one_less(scene, certificate) }],
            },
            Message::FullCommitProofSlow { view, seq, body, certificate } => {
                let view = theriac_types::View(view.0.saturating_add(1));
                vec![Message::FullCommitProofSlow { view, seq, body, certificate }]
            }
            Message::FullExecuteProof { seq, digest, certificate } => {
                let certificate = one_more(scene, certificate);
                vec![Message::FullExecuteProof { seq, digest, certificate }]
            }
            other => vec![other],
        }
    }

    fn add(&mut self, scene: &mut Scene) -> Vec<(ReplicaId, Wire)> {
        if !scene.random.chance(100) {
            return Vec::new();
        }
        let (view, seq) = (scene.view, scene.executed.saturating_add(scene.random.between(1, 10)));
        let proposal = Arc::new(Proposal::assemble(1, []).expect("an empty body fits"));
        let body = proposal.hash();
        let certificate = forged(scene);
        let digest = StateDigest(Digest([1; 32]));
        let checkpoint = scene.cluster.spacing().checkpoint();
        let message = match scene.random.below(6) {
            0 => Message::Prepare { view, seq, body, certificate },
            1 => Message::FullCommitProof { view, seq, body, certificate },
            2 => Message::FullCommitProofSlow { view, seq, body, certificate },
            3 => Message::FullExecuteProof { seq, digest, certificate },
            4 => {
                let seq = SeqNum(seq.0.next_multiple_of(checkpoint));
                Message::Stable(StableCheckpoint { seq, digest, certificate })
            }
            _ => {
                let proof = CommitProof::Fast { view, certificate: certificate.clone() };
                Message::Decided { seq, proposal, proof, executed: Some((digest, certificate)) }
            }
        };
        scene.to_all(&message)
    }
}

fn forged(scene: &mut Scene) -> Certificate {
    let n = scene.cluster.replicas();
    // As long as it should be, too short, or of another network.
    let count = scene.random.between(1, n as u64 + 4);
    let signers = bitmap(scene, usize::try_from(count).unwrap_or(n));
    Certificate { signers, signature: Bytes::new(scene.random.bytes(16)).expect("16 bytes fit") }
}

fn one_more(scene: &Scene, certificate: Certificate) -> Certificate {
    Certificate { signers: bitmap(scene, scene.cluster.replicas()), ..certificate }
}

fn one_less(scene: &Scene, certificate: Certificate) -> Certificate {
    Certificate { signers: bitmap(scene, certificate.signers.count() - 1), ..certificate }
}

fn bitmap(scene: &Scene, count: usize) -> SignerBitmap {
    let n = count.max(scene.cluster.replicas());
    let ids = (0..n).take(count).map(|id| ReplicaId(u16::try_from(id).unwrap_or(0)));
    SignerBitmap::new(n, ids).expect("a simulated network is small")
}
