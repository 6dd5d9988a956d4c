//! The primary that proposes one body to half of the network and another to the rest.
//!
//! With the votes of its colluders it makes every certificate that can be made, for either body, the moment it can.

use super::{Behaviour, Scene, Wire};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use theriac_consensus::{Message, Proposal};
use theriac_crypto::{CertificateScheme, Statement};
use theriac_types::{BodyHash, Certificate, ReplicaId, SeqNum, View};

const VIEW: View = View(0);

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Prepare,
    Fast,
    Slow,
}

/// Proposes twice.
#[derive(Debug, Default)]
pub struct Equivocates {
    bodies: BTreeMap<SeqNum, [BodyHash; 2]>,
    second: BTreeMap<SeqNum, Arc<Proposal>>,
    done: BTreeSet<(SeqNum, BodyHash, Step)>,
}

impl Behaviour for Equivocates {
    fn alter(&mut self, scene: &mut Scene, to: ReplicaId, message: Wire) -> Vec<Wire> {
        let Message::PrePrepare { view, seq, proposal, share } = message else { return vec![message] };
        if seq.0.is_multiple_of(3) || to.0.is_multiple_of(2) {
            return vec![Message::PrePrepare { view, seq, proposal, share }];
        }
        let second = self.second.entry(seq).or_insert_with(|| {
            let time = proposal.body().proposed_time_ms + 1;
            Arc::new(Proposal::assemble(time, []).expect("an empty body fits"))
        });
        let body = second.hash();
        self.bodies.insert(seq, [proposal.hash(), body]);
        let share = scene.sign(&Statement::Prepare { view, seq, body });
        vec![Message::PrePrepare { view, seq, proposal: Arc::clone(second), share }]
    }

    fn add(&mut self, scene: &mut Scene) -> Vec<(ReplicaId, Wire)> {
        let mut added = Vec::new();
        for (seq, bodies) in &self.bodies {
            for body in *bodies {
                for message in certificates(scene, &mut self.done, *seq, body) {
                    added.extend(scene.others().map(|to| (to, message.clone())));
                }
            }
        }
        added
    }
}

fn certificates(
    scene: &Scene,
    done: &mut BTreeSet<(SeqNum, BodyHash, Step)>,
    seq: SeqNum,
    body: BodyHash,
) -> Vec<Wire> {
    let (prepare, commit) = (Statement::Prepare { view: VIEW, seq, body }, Statement::Commit { view: VIEW, seq, body });
    let mut messages = Vec::new();
    let mut step = |step, statement, threshold, message: &dyn Fn(Certificate) -> Wire| {
        if done.contains(&(seq, body, step)) {
            return;
        }
        if let Some(certificate) = certificate(scene, &statement, threshold) {
            done.insert((seq, body, step));
            messages.push(message(certificate));
        }
    };
    let cluster = scene.cluster;
    step(Step::Prepare, prepare, cluster.prepare(), &|certificate| Message::Prepare {
        view: VIEW,
        seq,
        body,
        certificate,
    });
    step(Step::Fast, prepare, cluster.fast_commit(), &|certificate| Message::FullCommitProof {
        view: VIEW,
        seq,
        body,
        certificate,
    });
    step(Step::Slow, commit, cluster.slow_commit(), &|certificate| Message::FullCommitProofSlow {
        view: VIEW,
        seq,
        body,
        certificate,
    });
    messages
}

/// A certificate from the votes there are and those of all liars, when they are enough.
fn certificate(scene: &Scene, statement: &Statement, threshold: usize) -> Option<Certificate> {
    let mut shares = scene.overheard_shares(statement);
    if scene.liars.iter().filter(|liar| !shares.contains_key(liar)).count() + shares.len() < threshold {
        return None;
    }
    shares.extend(scene.liars.iter().map(|liar| (*liar, scene.sign_as(*liar, statement))));
    scene.scheme().combine(statement, &shares).ok()
}
