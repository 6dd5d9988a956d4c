//! Commit: a slot is decided by a proof, completed by its body, and executed in its turn.

use super::Replica;
use crate::effect::Effect;
use crate::input::Timer;
use crate::message::CommitProof;
use crate::proposal::Proposal;
use crate::record::Record;
use crate::slot::Phase;
use crate::turn::Turn;
use std::sync::Arc;
use theriac_types::{BodyHash, ReplicaId, SeqNum};

impl Replica {
    /// A proof of any view commits: it is finished evidence, whoever sends it.
    pub(super) fn on_commit_proof(
        &mut self,
        turn: &mut Turn<'_>,
        from: ReplicaId,
        seq: SeqNum,
        body: BodyHash,
        proof: CommitProof,
    ) {
        let Some(slot) = self.slot_mut(turn, seq) else { return };
        if slot.is_decided() {
            return;
        }
        if self.proves_commit(seq, body, &proof) {
            self.commit(turn, from, seq, body, proof);
        } else {
            self.blame_certificate(turn, from, seq);
        }
    }

    /// Decides a slot by a valid proof. Without its body, asks whoever sent the proof for it.
    pub(super) fn commit(
        &mut self,
        turn: &mut Turn<'_>,
        from: ReplicaId,
        seq: SeqNum,
        body: BodyHash,
        proof: CommitProof,
    ) {
        match self.body_of(seq, body) {
            Some(proposal) => self.commit_with_body(turn, seq, proposal, proof),
            None => {
                self.decide(turn, seq, body, proof);
                self.fetch_body(turn, seq, from);
            }
        }
    }

    /// Decides a slot whose body is here.
    pub(super) fn commit_with_body(
        &mut self,
        turn: &mut Turn<'_>,
        seq: SeqNum,
        proposal: Arc<Proposal>,
        proof: CommitProof,
    ) {
        self.decide(turn, seq, proposal.hash(), proof.clone());
        self.complete(turn, seq, proposal, proof);
    }

    fn decide(&mut self, turn: &mut Turn<'_>, seq: SeqNum, body: BodyHash, proof: CommitProof) {
        let view = self.views.view;
        let Some(slot) = self.slots.get_mut(&seq).filter(|slot| !slot.is_decided()) else { return };
        if slot.collecting || slot.fast_staggered {
            turn.emit(Effect::CancelTimer(Timer::Fast(view, seq)));
        }
        if slot.slow_staggered {
            turn.emit(Effect::CancelTimer(Timer::Slow(view, seq)));
        }
        turn.persist(Record::Committed { seq, body, proof: proof.clone() });
        self.views.productive = self.views.productive.max(proof.view());
        // Whatever is decided is not proposed again, even if others than this primary proposed it.
        self.proposed = self.proposed.max(seq);
        slot.phase = Phase::Decided { body, proof };
    }

    /// Completes a decided slot with its body.
    pub(super) fn complete(&mut self, turn: &mut Turn<'_>, seq: SeqNum, proposal: Arc<Proposal>, proof: CommitProof) {
        self.requests.decide(seq, &proposal);
        if let Some(slot) = self.slots.get_mut(&seq) {
            let lost = slot.memory.accepted.as_ref().filter(|(_, accepted)| accepted.hash() != proposal.hash());
            if let Some((_, lost)) = lost {
                self.requests.give_back(lost, turn.now_ms(), &self.config.tuning);
            }
            slot.phase = Phase::Committed { proposal, proof };
            slot.early_proposal = None;
        }
        self.execute_what_is_next(turn);
    }

    /// Hands committed slots to execution, in order and without gaps.
    pub(super) fn execute_what_is_next(&mut self, turn: &mut Turn<'_>) {
        loop {
            let seq = self.handed_over.next();
            let Some(Phase::Committed { proposal, proof }) = self.slots.get(&seq).map(|slot| &slot.phase) else {
                return;
            };
            turn.emit(Effect::Execute { seq, proposal: Arc::clone(proposal), proof: proof.clone() });
            self.handed_over = seq;
        }
    }

    /// The slot's body, when it is here.
    pub(super) fn body_of(&self, seq: SeqNum, body: BodyHash) -> Option<Arc<Proposal>> {
        self.slots.get(&seq)?.body(body).cloned()
    }
}
