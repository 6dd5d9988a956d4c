//! Execution: votes on the state after a slot, and the certificate of `f + 1` of them.

use super::Replica;
use crate::collectors::{execution_collectors, turn_of};
use crate::effect::Effect;
use crate::executions::Execution;
use crate::fault::Fault;
use crate::input::Timer;
use crate::message::{CommitProof, Message};
use crate::pacing::{Observation, Unfinished};
use crate::slot::Slot;
use crate::turn::Turn;
use theriac_crypto::{Share, Statement};
use theriac_types::{Certificate, ReplicaId, SeqNum, StateDigest};

impl Replica {
    pub(super) fn on_executed(
        &mut self,
        turn: &mut Turn<'_>,
        seq: SeqNum,
        digest: StateDigest,
        epoch_ends: Option<SeqNum>,
    ) {
        assert!(seq <= self.handed_over, "slot {seq} was executed, but only {} were handed over", self.handed_over);
        self.executions.execute(seq, digest, turn.now_ms());
        self.views.progress_ms = turn.now_ms();
        self.retire(seq);
        if let Some(last) = epoch_ends {
            self.end_with(last);
        }
        self.signer.forget(seq.max(self.stable_slot()), self.executions.floor());
        if let Some(certified) = self.checkpoints.reach(seq).filter(|certified| certified.digest != digest) {
            self.halt_divergent(turn, seq, digest, certified.digest, &certified.certificate);
            return;
        }
        if self.executions.slot(seq).is_some_and(|e| e.certificate.is_some()) {
            self.settle(turn, seq);
        } else {
            self.vote_for_state(turn, seq, digest);
        }
        if self.halted {
            return;
        }
        if self.config.cluster.spacing().is_checkpoint(seq) {
            self.vote_for_checkpoint(turn, seq, digest);
        }
        self.take_up_openings(turn);
        self.accept_what_waited(turn);
        self.propose_what_is_due(turn);
        self.continue_fetching(turn);
        self.conclude_epoch(turn);
    }

    /// Drops an executed slot, but for what a new view must hear of it. A collector learns from it how long votes take.
    fn retire(&mut self, seq: SeqNum) {
        let Some(slot) = self.slots.remove(&seq) else { return };
        if let Some((body, proof)) = slot.proof().filter(|_| seq > self.stable_slot()) {
            self.decided.insert(seq, (body, proof.clone()));
        }
        if turn_of(self.config.replica, slot.collectors.slow()).is_some() {
            self.observe(seq, &slot);
        }
    }

    fn observe(&mut self, seq: SeqNum, slot: &Slot) {
        let Some((body, proof)) = slot.proof() else { return };
        let fast = matches!(proof, CommitProof::Fast { .. });
        if slot.full_after_ms.is_some() {
            return self.pacing.observe(Observation { seq, fast, full_after_ms: slot.full_after_ms });
        }
        let (view, opened_ms, voters) = (self.views.view, slot.opened_ms, slot.votes.voters(body));
        self.pacing.observe_later(Unfinished { view, seq, body, opened_ms, voters, fast });
    }

    /// Votes for this replica's own state after a slot. Also repeats the vote: signing is deterministic.
    pub(super) fn vote_for_state(&mut self, turn: &mut Turn<'_>, seq: SeqNum, digest: StateDigest) {
        let share = self.signer.sign(&Statement::State { seq, digest });
        let me = self.config.replica;
        for to in self.state_collectors(seq).into_iter().filter(|to| *to != me) {
            turn.send(to, Message::SignState { seq, digest, share: share.clone() });
        }
        if let Some(execution) = self.executions.slot_mut(seq) {
            execution.votes.add(me, digest, share);
        }
        self.collect_states(turn, seq);
    }

    pub(super) fn on_sign_state(
        &mut self,
        turn: &mut Turn<'_>,
        from: ReplicaId,
        seq: SeqNum,
        digest: StateDigest,
        share: Share,
    ) {
        let Some(execution) = self.executions.slot_mut(seq).filter(|e| !e.votes.has_heard(from)) else { return };
        if let Some((certified, _)) = execution.certificate {
            // Too late to help; it only counts if it contradicts.
            if certified != digest {
                execution.votes.add(from, digest, share);
                self.blame_divergent(turn, seq, certified);
            }
            return;
        }
        let admitted = self.admits_share(turn, from, seq, &Statement::State { seq, digest }, &share);
        let Some(execution) = self.executions.slot_mut(seq) else { return };
        if admitted {
            execution.votes.add(from, digest, share);
            self.collect_states(turn, seq);
        } else {
            execution.votes.bar([from]);
        }
    }

    pub(super) fn on_execute_timer(&mut self, turn: &mut Turn<'_>, seq: SeqNum) {
        if let Some(execution) = self.executions.slot_mut(seq) {
            execution.turn = true;
            self.collect_states(turn, seq);
        }
    }

    /// Makes the certificate when the votes are enough. An E-collector broadcasts it in its turn; any other replica
    /// was sent the votes because it lacks the certificate, and keeps it.
    fn collect_states(&mut self, turn: &mut Turn<'_>, seq: SeqNum) {
        let (me, cluster) = (self.config.replica, self.config.cluster);
        let stagger_ms = self.pacing.stagger_ms(cluster.collectors());
        // Each failed combination removes shares, so this ends.
        loop {
            let Some(execution) = self.executions.slot(seq).filter(|e| e.certificate.is_none()) else { return };
            let Some(digest) = execution.votes.reached(cluster.execution()) else { return };
            let (my_turn, staggered) = (execution.turn, execution.staggered);
            let shares = execution.votes.shares_for(digest);
            let place = turn_of(me, self.state_collectors(seq).into_iter());
            if let Some(place) = place.filter(|place| *place > 0 && !my_turn) {
                if let Some(execution) = self.executions.slot_mut(seq).filter(|_| !staggered) {
                    execution.staggered = true;
                    turn.set_timer(Timer::Execute(seq), place * stagger_ms);
                }
                return;
            }
            let statement = Statement::State { seq, digest };
            match self.combine(turn, seq, &statement, &shares) {
                Ok(certificate) => {
                    if place.is_some() {
                        turn.broadcast(Message::FullExecuteProof { seq, digest, certificate: certificate.clone() });
                    }
                    self.take_certificate(turn, seq, digest, certificate);
                    return;
                }
                Err(culprits) => {
                    let Some(execution) = self.executions.slot_mut(seq) else { return };
                    execution.votes.bar(culprits.replicas);
                }
            }
        }
    }

    pub(super) fn on_full_execute_proof(
        &mut self,
        turn: &mut Turn<'_>,
        from: ReplicaId,
        seq: SeqNum,
        digest: StateDigest,
        certificate: Certificate,
    ) {
        let executed = self.executed();
        let wanted = match self.executions.slot_mut(seq) {
            Some(execution) => execution.certificate.is_none(),
            // Older than what is kept here: only the next missing one is of use.
            None => seq <= executed && seq == self.executions.certified().next(),
        };
        if !wanted {
            return;
        }
        let statement = Statement::State { seq, digest };
        match self.scheme.verify(&statement, &certificate, self.config.cluster.execution()) {
            Ok(()) => self.take_certificate(turn, seq, digest, certificate),
            Err(_) => self.blame_certificate(turn, from, seq),
        }
    }

    /// Takes a valid certificate.
    fn take_certificate(&mut self, turn: &mut Turn<'_>, seq: SeqNum, digest: StateDigest, certificate: Certificate) {
        if let Some(execution) = self.executions.slot_mut(seq) {
            if execution.staggered {
                turn.emit(Effect::CancelTimer(Timer::Execute(seq)));
            }
            execution.certificate = Some((digest, certificate));
            self.settle(turn, seq);
            self.blame_divergent(turn, seq, digest);
        } else {
            turn.emit(Effect::Certified { seq, digest, certificate });
            self.executions.certify(seq);
        }
    }

    /// Compares this replica's own state with the certified one, once both are known.
    fn settle(&mut self, turn: &mut Turn<'_>, seq: SeqNum) {
        let Some(execution) = self.executions.slot_mut(seq) else { return };
        let Execution { own: Some(own), certificate: Some((certified, certificate)), announced: false, .. } = execution
        else {
            return;
        };
        let (own, digest, certificate) = (*own, *certified, certificate.clone());
        if own == digest {
            execution.announced = true;
            turn.emit(Effect::Certified { seq, digest, certificate });
            self.executions.certify(seq);
            return;
        }
        self.halt_divergent(turn, seq, own, digest, &certificate);
    }

    /// Stops: a certificate shows that this replica's state is wrong.
    pub(super) fn halt_divergent(
        &mut self,
        turn: &mut Turn<'_>,
        seq: SeqNum,
        own: StateDigest,
        digest: StateDigest,
        certificate: &Certificate,
    ) {
        self.halted = true;
        let signers = certificate.signers.count();
        turn.emit(Effect::Halt {
            reason: format!(
                "after block {seq} this peer's state digest is {own}, but {signers} replicas certified {digest}. \
                 Its database, disk or memory is damaged, or it runs another version than the others. It has \
                 stopped voting; restore it from a peer whose state agrees before it is started again."
            ),
        });
    }

    /// Names the replicas that voted for another state than the certified one.
    fn blame_divergent(&mut self, turn: &mut Turn<'_>, seq: SeqNum, certified: StateDigest) {
        let me = self.config.replica;
        let Some(execution) = self.executions.slot_mut(seq) else { return };
        let against = execution.votes.shares_against(certified).filter(|(from, ..)| *from != me);
        let against: Vec<_> = against.map(|(from, voted, share)| (from, voted, share.clone())).collect();
        for (from, voted, share) in against {
            execution.votes.bar([from]);
            // Only a vote that verifies shows anything about its sender's state.
            if self.scheme.verify_share(from, &Statement::State { seq, digest: voted }, &share) {
                turn.blame(from, Fault::DivergentState { seq, voted, certified });
            }
        }
    }

    /// Who combines votes on the state after a slot, in turn.
    pub(super) fn state_collectors(&self, seq: SeqNum) -> Vec<ReplicaId> {
        execution_collectors(self.config.cluster, &self.config.context, seq)
    }
}
