//! Checkpoints: every so many slots replicas vote for their state, and `2f + c + 1` votes make it stable. What came
//! before is then held by `f + c + 1` honest replicas and needed no more.
//!
//! The certificate counts, not this replica's own progress: it may be behind, and drops what the network is past.

use super::Replica;
use crate::checkpoints::proves_stable;
use crate::collectors::turn_of;
use crate::effect::Effect;
use crate::fault::Fault;
use crate::input::Timer;
use crate::message::Message;
use crate::record::Record;
use crate::tally::Tally;
use crate::turn::Turn;
use theriac_crypto::{Share, Statement};
use theriac_types::{ReplicaId, SeqNum, StableCheckpoint, StateDigest};

impl Replica {
    /// Votes for this replica's own state after a checkpoint slot. Also repeats the vote: signing is deterministic.
    pub(super) fn vote_for_checkpoint(&mut self, turn: &mut Turn<'_>, seq: SeqNum, digest: StateDigest) {
        let me = self.config.replica;
        if self.checkpoints.candidate_mut(seq).is_none() {
            return;
        }
        let share = self.signer.sign(&Statement::Checkpoint { seq, digest });
        for to in self.state_collectors(seq).into_iter().filter(|to| *to != me) {
            turn.send(to, Message::Checkpoint { seq, digest, share: share.clone() });
        }
        if let Some(candidate) = self.checkpoints.candidate_mut(seq) {
            candidate.votes.add(me, digest, share);
        }
        self.collect_checkpoint(turn, seq);
    }

    pub(super) fn on_checkpoint(
        &mut self,
        turn: &mut Turn<'_>,
        from: ReplicaId,
        seq: SeqNum,
        digest: StateDigest,
        share: Share,
    ) {
        let Some(candidate) = self.checkpoints.candidate_mut(seq) else { return };
        if candidate.votes.has_heard(from) {
            return;
        }
        let admitted = self.admits_share(turn, from, seq, &Statement::Checkpoint { seq, digest }, &share);
        let Some(candidate) = self.checkpoints.candidate_mut(seq) else { return };
        if admitted {
            candidate.votes.add(from, digest, share);
            self.collect_checkpoint(turn, seq);
        } else {
            candidate.votes.bar([from]);
        }
    }

    pub(super) fn on_checkpoint_timer(&mut self, turn: &mut Turn<'_>, seq: SeqNum) {
        if let Some(candidate) = self.checkpoints.candidate_mut(seq) {
            candidate.turn = true;
            self.collect_checkpoint(turn, seq);
        }
    }

    /// Makes the certificate when the votes are enough. An E-collector broadcasts it in its turn; any other replica was
    /// sent the votes because it lacks the certificate, and keeps it.
    fn collect_checkpoint(&mut self, turn: &mut Turn<'_>, seq: SeqNum) {
        let (me, cluster) = (self.config.replica, self.config.cluster);
        let place = turn_of(me, self.state_collectors(seq).into_iter());
        let stagger_ms = self.pacing.stagger_ms(cluster.collectors());
        // Each failed combination removes shares, so this ends.
        loop {
            let Some(candidate) = self.checkpoints.candidate(seq) else { return };
            let Some(digest) = candidate.votes.reached(cluster.checkpoint()) else { return };
            let (my_turn, staggered) = (candidate.turn, candidate.staggered);
            let shares = candidate.votes.shares_for(digest);
            if let Some(place) = place.filter(|place| *place > 0 && !my_turn) {
                if let Some(candidate) = self.checkpoints.candidate_mut(seq).filter(|_| !staggered) {
                    candidate.staggered = true;
                    turn.set_timer(Timer::Checkpoint(seq), place * stagger_ms);
                }
                return;
            }
            match self.combine(turn, seq, &Statement::Checkpoint { seq, digest }, &shares) {
                Ok(certificate) => {
                    let checkpoint = StableCheckpoint { seq, digest, certificate };
                    if place.is_some() {
                        turn.broadcast(Message::Stable(checkpoint.clone()));
                    }
                    self.take_checkpoint(turn, checkpoint);
                    return;
                }
                Err(culprits) => {
                    let Some(candidate) = self.checkpoints.candidate_mut(seq) else { return };
                    candidate.votes.bar(culprits.replicas);
                }
            }
        }
    }

    pub(super) fn on_stable(&mut self, turn: &mut Turn<'_>, from: ReplicaId, checkpoint: StableCheckpoint) {
        let seq = checkpoint.seq;
        let own = self.executions.slot(seq).and_then(|execution| execution.own);
        // An older one is of use only to find out, however late, that this replica's state is wrong.
        let contradicts = own.is_some_and(|own| own != checkpoint.digest);
        let cluster = self.config.cluster;
        let of_this_epoch = cluster.spacing().is_checkpoint(seq) && seq > cluster.base() && self.is_within_epoch(seq);
        if !of_this_epoch || (seq <= self.stable_slot() && !contradicts) {
            return;
        }
        if proves_stable(cluster, &*self.scheme, &checkpoint) {
            self.take_checkpoint(turn, checkpoint);
        } else {
            self.blame_certificate(turn, from, seq);
        }
    }

    /// Takes a valid certificate: drops what it makes needless, and goes on with what it allows.
    pub(super) fn take_checkpoint(&mut self, turn: &mut Turn<'_>, checkpoint: StableCheckpoint) {
        let (seq, digest) = (checkpoint.seq, checkpoint.digest);
        let own = self.executions.slot(seq).and_then(|execution| execution.own);
        if let Some(own) = own.filter(|own| *own != digest) {
            self.halt_divergent(turn, seq, own, digest, &checkpoint.certificate);
            return;
        }
        if let Some(candidate) = self.checkpoints.stabilise(&checkpoint, self.executed()) {
            if candidate.staggered {
                turn.emit(Effect::CancelTimer(Timer::Checkpoint(seq)));
            }
            self.blame_divergent_checkpoints(turn, seq, digest, &candidate.votes);
        }
        turn.persist(Record::Stable(checkpoint.clone()));
        turn.emit(Effect::Stable(checkpoint.clone()));
        self.stable = Some(checkpoint);
        self.give_back_what_is_lost(turn);
        self.drop_what_is_stable();
        self.repeat_view_records(turn);
        turn.emit(Effect::Prune(seq));
        self.take_up_openings(turn);
        self.accept_what_waited(turn);
        self.propose_what_is_due(turn);
        self.conclude_epoch(turn);
        self.transfer_if_hopeless(turn);
    }

    /// Sends the certificate of the last stable checkpoint to a replica that lacks it, and the votes for later ones.
    pub(super) fn resend_checkpoints(&mut self, turn: &mut Turn<'_>, to: ReplicaId, stable: SeqNum) {
        if let Some(checkpoint) = self.stable.as_ref().filter(|checkpoint| checkpoint.seq > stable) {
            turn.send(to, Message::Stable(checkpoint.clone()));
        }
        for (seq, digest) in self.unstable_checkpoints(stable) {
            let share = self.signer.sign(&Statement::Checkpoint { seq, digest });
            turn.send(to, Message::Checkpoint { seq, digest, share });
        }
    }

    /// Repeats the votes for checkpoints that were not stable before a restart.
    pub(super) fn resume_checkpoints(&mut self, turn: &mut Turn<'_>) {
        for (seq, digest) in self.unstable_checkpoints(SeqNum(0)) {
            self.vote_for_checkpoint(turn, seq, digest);
        }
    }

    /// Executed checkpoint slots above the last stable one and above another replica's, with this replica's state.
    fn unstable_checkpoints(&self, stable: SeqNum) -> Vec<(SeqNum, StateDigest)> {
        let first = self.stable_slot().max(stable);
        let spacing = self.config.cluster.spacing();
        let slots = self.executions.since(first).filter(|(seq, _)| spacing.is_checkpoint(*seq));
        slots.filter_map(|(seq, execution)| Some((seq, execution.own?))).collect()
    }

    /// Names the replicas that voted for another state than the certified one.
    fn blame_divergent_checkpoints(
        &self,
        turn: &mut Turn<'_>,
        seq: SeqNum,
        certified: StateDigest,
        votes: &Tally<StateDigest>,
    ) {
        for (from, voted, share) in votes.shares_against(certified) {
            // Only a vote that verifies shows anything about its sender's state.
            if self.scheme.verify_share(from, &Statement::Checkpoint { seq, digest: voted }, share) {
                turn.blame(from, Fault::DivergentState { seq, voted, certified });
            }
        }
    }
}
