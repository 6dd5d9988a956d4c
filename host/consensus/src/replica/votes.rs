//! Prepare votes: collected into the fast proof, or into a prepare certificate when patience is over.

use super::Replica;
use crate::collectors::turn_of;
use crate::input::Timer;
use crate::message::{CommitProof, Message};
use crate::slot::Phase;
use crate::turn::Turn;
use theriac_crypto::{Share, Statement};
use theriac_types::{BodyHash, Certificate, ReplicaId, SeqNum, View};

impl Replica {
    pub(super) fn on_sign_share(
        &mut self,
        turn: &mut Turn<'_>,
        from: ReplicaId,
        view: View,
        seq: SeqNum,
        body: BodyHash,
        share: Share,
    ) {
        self.check_promise(turn, from, &Statement::Prepare { view, seq, body }, &share);
        if view != self.views.view || self.slot_mut(turn, seq).is_none() {
            self.pacing.vote_late(from, (view, seq, body), turn.now_ms(), self.config.cluster.fast_commit());
            return;
        }
        self.count_vote(turn, from, view, seq, body, share);
        self.open_collection(turn, seq);
        self.collect_votes(turn, seq);
    }

    /// Counts a vote when this replica collects in the slot.
    pub(super) fn count_vote(
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
        if let Some((other, first)) = slot.votes.contradicts(from, body) {
            let votes = [other, body].map(|body| Statement::Prepare { view, seq, body });
            self.report_conflict(turn, from, votes, &[first.clone(), share]);
            return;
        }
        if slot.votes.has_heard(from) || turn_of(me, slot.collectors.voted_to()).is_none() {
            return;
        }
        let admitted = self.admits_share(turn, from, seq, &Statement::Prepare { view, seq, body }, &share);
        let Some(slot) = self.slots.get_mut(&seq) else { return };
        if admitted {
            slot.votes.add(from, body, share);
        } else {
            slot.votes.bar([from]);
        }
    }

    /// Starts this collector's patience with the fast path: each slow collector's a little longer than the last's.
    pub(super) fn open_collection(&mut self, turn: &mut Turn<'_>, seq: SeqNum) {
        let (me, view) = (self.config.replica, self.views.view);
        let wait_ms = if self.config.tuning.fast_path { self.pacing.fast_wait_ms() } else { 0 };
        let stagger_ms = self.pacing.stagger_ms(self.config.cluster.collectors());
        let Some(slot) = self.slots.get_mut(&seq).filter(|slot| !slot.collecting && !slot.is_decided()) else { return };
        let Some(place) = turn_of(me, slot.collectors.slow()) else { return };
        slot.collecting = true;
        match wait_ms + place * stagger_ms {
            0 => slot.patience_over = true,
            after_ms => turn.set_timer(Timer::Fast(view, seq), after_ms),
        }
    }

    pub(super) fn on_fast_timer(&mut self, turn: &mut Turn<'_>, view: View, seq: SeqNum) {
        if view != self.views.view {
            return;
        }
        if let Some(slot) = self.slots.get_mut(&seq) {
            slot.patience_over = true;
            self.collect_votes(turn, seq);
        }
    }

    /// Emits what the votes of a slot are enough for, when it is this collector's turn.
    pub(super) fn collect_votes(&mut self, turn: &mut Turn<'_>, seq: SeqNum) {
        let (me, view, cluster) = (self.config.replica, self.views.view, self.config.cluster);
        let stagger_ms = self.pacing.stagger_ms(cluster.collectors());
        // Each failed combination removes shares, so this ends.
        loop {
            let Some(slot) = self.slots.get_mut(&seq) else { return };
            let full = slot.votes.reached(cluster.fast_commit()).filter(|_| self.config.tuning.fast_path);
            if full.is_some() && slot.full_after_ms.is_none() {
                slot.full_after_ms = Some(turn.now_ms().saturating_sub(slot.opened_ms));
            }
            if slot.is_decided() {
                return;
            }
            let fast_place = turn_of(me, slot.collectors.fast());
            if let Some(body) = full {
                if fast_place == Some(0) || slot.patience_over {
                    if self.emit_full_commit_proof(turn, seq, body) {
                        return;
                    }
                    continue;
                }
                if let Some(place) = fast_place.filter(|_| !slot.fast_staggered) {
                    slot.fast_staggered = true;
                    turn.set_timer(Timer::Fast(view, seq), place * stagger_ms);
                }
                return;
            }
            let may_prepare = turn_of(me, slot.collectors.slow()).is_some() && !slot.prepare_emitted;
            let Some(body) = slot.votes.reached(cluster.prepare()).filter(|_| may_prepare && slot.patience_over) else {
                return;
            };
            if self.emit_prepare(turn, seq, body) {
                return;
            }
        }
    }

    fn emit_full_commit_proof(&mut self, turn: &mut Turn<'_>, seq: SeqNum, body: BodyHash) -> bool {
        let Some(certificate) = self.combine_votes(turn, seq, body) else { return false };
        let view = self.views.view;
        turn.broadcast(Message::FullCommitProof { view, seq, body, certificate: certificate.clone() });
        self.commit(turn, self.config.replica, seq, body, CommitProof::Fast { view, certificate });
        true
    }

    fn emit_prepare(&mut self, turn: &mut Turn<'_>, seq: SeqNum, body: BodyHash) -> bool {
        let Some(certificate) = self.combine_votes(turn, seq, body) else { return false };
        if let Some(slot) = self.slots.get_mut(&seq) {
            slot.prepare_emitted = true;
        }
        turn.broadcast(Message::Prepare { view: self.views.view, seq, body, certificate: certificate.clone() });
        self.prepare(turn, seq, body, certificate);
        true
    }

    fn combine_votes(&mut self, turn: &mut Turn<'_>, seq: SeqNum, body: BodyHash) -> Option<Certificate> {
        let statement = Statement::Prepare { view: self.views.view, seq, body };
        let shares = self.slots.get(&seq)?.votes.shares_for(body);
        match self.combine(turn, seq, &statement, &shares) {
            Ok(certificate) => Some(certificate),
            Err(culprits) => {
                self.slots.get_mut(&seq)?.votes.bar(culprits.replicas);
                None
            }
        }
    }

    pub(super) fn on_prepare(
        &mut self,
        turn: &mut Turn<'_>,
        from: ReplicaId,
        view: View,
        seq: SeqNum,
        body: BodyHash,
        certificate: Certificate,
    ) {
        if view != self.views.view {
            return;
        }
        let Some(slot) = self.slot_mut(turn, seq) else { return };
        let wanted = match &slot.phase {
            Phase::Open => slot.early_certificate.is_none(),
            Phase::Accepted { proposal } => proposal.hash() == body,
            Phase::Prepared { .. } | Phase::Decided { .. } | Phase::Committed { .. } => false,
        };
        if !wanted {
            return;
        }
        let statement = Statement::Prepare { view, seq, body };
        match self.scheme.verify(&statement, &certificate, self.config.cluster.prepare()) {
            Ok(()) => self.prepare(turn, seq, body, certificate),
            Err(_) => self.blame_certificate(turn, from, seq),
        }
    }
}
