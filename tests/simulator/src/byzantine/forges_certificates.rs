//! The replica that sends certificates nobody signed, for blocks nobody proposed.

use super::{Behaviour, Scene, Wire};
use std::sync::Arc;
use theriac_consensus::{CommitProof, Message, Proposal};
use theriac_types::{Bytes, Certificate, Digest, ReplicaId, SeqNum, SignerBitmap, StateDigest, View};

/// After some of its turns, sends a forged certificate of one kind or another to everybody.
#[derive(Debug)]
pub struct ForgesCertificates;

impl Behaviour for ForgesCertificates {
    fn alter(&mut self, scene: &mut Scene, _: ReplicaId, mut message: Wire) -> Vec<Wire> {
        // Now and then a real certificate gets one signer too many.
        if let Message::FullCommitProof { certificate, .. }
        | Message::Prepare { certificate, .. }
        | Message::FullCommitProofSlow { certificate, .. }
        | Message::FullExecuteProof { certificate, .. } = &mut message
            && scene.random.chance(500)
        {
            certificate.signers = bitmap(scene, scene.cluster.replicas());
        }
        vec![message]
    }

    fn add(&mut self, scene: &mut Scene) -> Vec<(ReplicaId, Wire)> {
        if !scene.random.chance(100) {
            return Vec::new();
        }
        let (view, seq) = (View(0), SeqNum(scene.random.between(1, 40)));
        let proposal = Arc::new(Proposal::assemble(1, []).expect("an empty body fits"));
        let body = proposal.hash();
        let certificate = forged(scene);
        let digest = StateDigest(Digest([1; 32]));
        let message = match scene.random.below(5) {
            0 => Message::Prepare { view, seq, body, certificate },
            1 => Message::FullCommitProof { view, seq, body, certificate },
            2 => Message::FullCommitProofSlow { view, seq, body, certificate },
            3 => Message::FullExecuteProof { seq, digest, certificate },
            _ => {
                let proof = CommitProof::Fast { view, certificate: certificate.clone() };
                Message::Decided { seq, proposal, proof, executed: Some((digest, certificate)) }
            }
        };
        scene.others().map(|to| (to, message.clone())).collect()
    }
}

fn forged(scene: &mut Scene) -> Certificate {
    let n = scene.cluster.replicas();
    // As long as it should be, too short, or of another network.
    let count = scene.random.between(1, n as u64 + 4);
    let signers = bitmap(scene, usize::try_from(count).unwrap_or(n));
    Certificate { signers, signature: Bytes::new(scene.random.bytes(32)).expect("32 bytes fit") }
}

fn bitmap(scene: &Scene, count: usize) -> SignerBitmap {
    let n = count.max(scene.cluster.replicas());
    let ids = scene.cluster.ids().take(count);
    SignerBitmap::new(n, ids).expect("a simulated network is small")
}
