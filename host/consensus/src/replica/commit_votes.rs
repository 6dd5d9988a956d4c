//! The slow path's second round: a replica that holds a prepare certificate for what it accepted writes it down and
//! casts a commit vote; slow collectors make the slow proof of them.

use super::Replica;
use crate::collectors::turn_of;
use crate::input::Timer;
use crate::message::{CommitProof, Message};
use crate::record::Record;
use crate::slot::Phase;
use crate::turn::Turn;
use std::sync::Arc;
use theriac_crypto::{Share, Statement};
use theriac_types::{BodyHash, Certificate, ReplicaId, SeqNum, View};

impl Replica {
    /// Acts on a valid prepare certificate of the current view. One that comes before its pre-prepare is kept.
    pub(super) fn prepare(&mut self, turn: &mut Turn<'_>, seq: SeqNum, body: BodyHash, certificate: Certificate) {
        let view = self.views.view;
        let Some(slot) = self.slots.get_mut(&seq) else { return };
        match &slot.phase {
            Phase::Open => slot.early_certificate = Some((body, certificate)),
            Phase::Accepted { proposal } if proposal.hash() == body => {
                let proposal = Arc::clone(proposal);
                turn.persist(Record::Prepared { view, seq, body, certificate: certificate.clone() });
                slot.prepare(view, proposal, certificate);
                let share = self.signer.sign(&Statement::Commit { view, seq, body });
                self.send_commit(turn, seq, body, &share);
                self.count_commit(turn, self.config.replica, view, seq, body, share);
                self.collect_commits(turn, seq);
            }
            // The primary proposed one body here and another elsewhere: this replica can only learn the outcome.
            Phase::Accepted { .. } => {}
            Phase::Prepared { .. } | Phase::Decided { .. } | Phase::Committed { .. } => {}
        }
    }

    /// Sends this replica's commit vote to the other slow collectors.
    pub(super) fn send_commit(&self, turn: &mut Turn<'_>, seq: SeqNum, body: BodyHash, share: &Share) {
        let Some(slot) = self.slots.get(&seq) else { return };
        for to in slot.collectors.slow().filter(|to| *to != self.config.replica) {
            turn.send(to, Message::Commit { view: self.views.view, seq, body, share: share.clone() });
        }
    }

    pub(super) fn on_commit(
        &mut self,
        turn: &mut Turn<'_>,
        from: ReplicaId,
        view: View,
        seq: SeqNum,
        body: BodyHash,
        share: Share,
    ) {
        self.check_promise(turn, from, &Statement::Commit { view, seq, body }, &share);
        if view != self.views.view || self.slot_mut(turn, seq).is_none() {
            return;
        }
        self.count_commit(turn, from, view, seq, body, share);
        self.collect_commits(turn, seq);
    }

    /// Counts a commit vote when this replica is a slow collector of the slot.
    pub(super) fn count_commit(
        &mut self,
        turn: &mut Turn<'_>,
        from: ReplicaId,
        view: View,
        seq: SeqNum,
        body: BodyHash,
        share: Share,
    ) {
        let me = self.config.replica;
        let Some(slot) = self.slots.get(&seq) else { return };
        if let Some((other, first)) = slot.commits.contradicts(from, body) {
            let votes = [other, body].map(|body| Statement::Commit { view, seq, body });
            self.report_conflict(turn, from, votes, &[first.clone(), share]);
            return;
        }
        if slot.commits.has_heard(from) || turn_of(me, slot.collectors.slow()).is_none() {
            return;
        }
        let admitted = self.admits_share(turn, from, seq, &Statement::Commit { view, seq, body }, &share);
        let Some(slot) = self.slots.get_mut(&seq) else { return };
        if admitted {
            slot.commits.add(from, body, share);
        } else {
            slot.commits.bar([from]);
        }
    }

    pub(super) fn on_slow_timer(&mut self, turn: &mut Turn<'_>, view: View, seq: SeqNum) {
        if view != self.views.view {
            return;
        }
        if let Some(slot) = self.slots.get_mut(&seq) {
            slot.slow_turn = true;
            self.collect_commits(turn, seq);
        }
    }

    /// Emits the slow proof when the votes are enough and it is this collector's turn.
    pub(super) fn collect_commits(&mut self, turn: &mut Turn<'_>, seq: SeqNum) {
        let (me, view, cluster) = (self.config.replica, self.views.view, self.config.cluster);
        let stagger_ms = self.pacing.stagger_ms(cluster.collectors());
        // Each failed combination removes shares, so this ends.
        loop {
            let Some(slot) = self.slots.get_mut(&seq).filter(|slot| !slot.is_decided()) else { return };
            let Some(place) = turn_of(me, slot.collectors.slow()) else { return };
            let Some(body) = slot.commits.reached(cluster.slow_commit()) else { return };
            if place > 0 && !slot.slow_turn {
                if !slot.slow_staggered {
                    slot.slow_staggered = true;
                    turn.set_timer(Timer::Slow(view, seq), place * stagger_ms);
                }
                return;
            }
            let shares = slot.commits.shares_for(body);
            let statement = Statement::Commit { view, seq, body };
            match self.combine(turn, seq, &statement, &shares) {
                Ok(certificate) => {
                    turn.broadcast(Message::FullCommitProofSlow { view, seq, body, certificate: certificate.clone() });
                    self.commit(turn, me, seq, body, CommitProof::Slow { view, certificate });
                    return;
                }
                Err(culprits) => {
                    let Some(slot) = self.slots.get_mut(&seq) else { return };
                    slot.commits.bar(culprits.replicas);
                }
            }
        }
    }
}
