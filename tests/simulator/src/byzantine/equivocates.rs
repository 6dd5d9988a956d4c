//! B1: the primary that proposes one body to some replicas and another to the rest.
//!
//! With the votes of the other liars it makes every certificate that can be made, for either body, the moment it can.

use super::{Behaviour, Scene, Wire};
use crate::random::Random;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use theriac_consensus::{Message, Proposal};
use theriac_crypto::{CertificateScheme, Statement};
use theriac_types::{BodyHash, Certificate, ReplicaId, SeqNum, View};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Prepare,
    Fast,
    Slow,
}

/// Proposes twice.
#[derive(Debug)]
pub struct Equivocates {
    /// The first body goes to exactly `f + c + 1` others; otherwise to every second replica.
    just_enough: bool,
    /// Slots it has proposed two bodies in, and both.
    bodies: BTreeMap<(View, SeqNum), [BodyHash; 2]>,
    second: BTreeMap<SeqNum, Arc<Proposal>>,
    done: BTreeSet<(View, SeqNum, BodyHash, Step)>,
}

impl Equivocates {
    /// Draws its habits.
    pub fn draw(random: &mut Random) -> Self {
        let (bodies, second, done) = (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
        Self { just_enough: random.chance(500), bodies, second, done }
    }

    fn gets_the_second(&self, scene: &Scene, to: ReplicaId) -> bool {
        if !self.just_enough {
            return !to.0.is_multiple_of(2);
        }
        let honest = scene.others().filter(|id| !scene.liars.contains(id));
        honest.skip(scene.cluster.fast_evidence()).any(|id| id == to)
    }
}

impl Behaviour for Equivocates {
    fn alter(&mut self, scene: &mut Scene, to: ReplicaId, message: Wire) -> Vec<Wire> {
        let Message::PrePrepare { view, seq, proposal, share } = message else { return vec![message] };
        let first = Message::PrePrepare { view, seq, proposal: Arc::clone(&proposal), share };
        if seq.0.is_multiple_of(3) || !self.gets_the_second(scene, to) {
            return vec![first];
        }
        let second = self.second.entry(seq).or_insert_with(|| {
            let time = proposal.body().proposed_time_ms.saturating_add(1);
            Arc::new(Proposal::assemble(time, []).expect("an empty body fits"))
        });
        let body = second.hash();
        self.bodies.insert((view, seq), [proposal.hash(), body]);
        let share = scene.sign(&Statement::Prepare { view, seq, body });
        let second = Message::PrePrepare { view, seq, proposal: Arc::clone(second), share };
        // Now and then it slips up, and a replica sees both.
        if scene.random.chance(100) { vec![second, first] } else { vec![second] }
    }

    fn add(&mut self, scene: &mut Scene) -> Vec<(ReplicaId, Wire)> {
        let mut added = Vec::new();
        let Some(((latest, _), _)) = self.bodies.last_key_value() else { return added };
        let latest = *latest;
        self.bodies.retain(|(view, seq), _| *view == latest && *seq > SeqNum(scene.executed.0.saturating_sub(8)));
        for ((view, seq), bodies) in &self.bodies {
            for body in *bodies {
                for message in certificates(scene, &mut self.done, *view, *seq, body) {
                    added.extend(scene.to_all(&message));
                }
            }
        }
        added
    }
}

fn certificates(
    scene: &Scene,
    done: &mut BTreeSet<(View, SeqNum, BodyHash, Step)>,
    view: View,
    seq: SeqNum,
    body: BodyHash,
) -> Vec<Wire> {
    let (prepare, commit) = (Statement::Prepare { view, seq, body }, Statement::Commit { view, seq, body });
    let mut messages = Vec::new();
    let mut step = |step, statement, threshold, message: &dyn Fn(Certificate) -> Wire| {
        if done.contains(&(view, seq, body, step)) {
            return;
        }
        if let Some(certificate) = certificate(scene, &statement, threshold) {
            done.insert((view, seq, body, step));
            messages.push(message(certificate));
        }
    };
    let cluster = scene.cluster;
    step(Step::Prepare, prepare, cluster.prepare(), &|certificate| Message::Prepare { view, seq, body, certificate });
    step(Step::Fast, prepare, cluster.fast_commit(), &|certificate| Message::FullCommitProof {
        view,
        seq,
        body,
        certificate,
    });
    step(Step::Slow, commit, cluster.slow_commit(), &|certificate| Message::FullCommitProofSlow {
        view,
        seq,
        body,
        certificate,
    });
    messages
}

/// A certificate from the votes there are and those of all liars, when they are enough.
fn certificate(scene: &Scene, statement: &Statement, threshold: usize) -> Option<Certificate> {
    let mut signers = scene.votes.seen(statement);
    scene.liars.iter().for_each(|liar| signers.insert(*liar));
    if signers.count() < threshold {
        return None;
    }
    let mut shares = scene.votes.seen_shares(statement);
    shares.extend(scene.liars.iter().map(|liar| (*liar, scene.sign_as(*liar, statement))));
    scene.votes.combine(statement, &shares).ok()
}
