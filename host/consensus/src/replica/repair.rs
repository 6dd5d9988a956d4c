//! Repair: the only retransmission there is. Replicas say from time to time how far they are, and whoever holds
//! something that another may lack sends it again, once it is old enough not to be merely on its way.

use super::Replica;
use crate::collectors::turn_of;
use crate::input::Timer;
use crate::limits::{LAG_SLOTS, REPAIR_SLOTS_MAX};
use crate::message::Message;
use crate::proposal::Proposal;
use crate::slot::Phase;
use crate::turn::Turn;
use std::ops::Bound;
use std::sync::Arc;
use theriac_crypto::Statement;
use theriac_types::{ReplicaId, SeqNum};

impl Replica {
    /// Tells everybody how far this replica is, and does so again after a while.
    pub(super) fn announce(&mut self, turn: &mut Turn<'_>) {
        // Once the epoch is over and all its certificates are here, there is nothing left to want.
        if self.is_epoch_over() && self.certified() == self.executed() {
            return;
        }
        turn.broadcast(self.status());
        turn.set_timer(Timer::Status, self.config.tuning.status_ms);
    }

    pub(super) fn on_status_timer(&mut self, turn: &mut Turn<'_>) {
        self.announce(turn);
        self.note_missing(turn);
        self.transfer_if_hopeless(turn);
        if self.views.active() && !self.is_primary() {
            let due = self.requests.take_due(turn.now_ms(), &self.config.tuning);
            self.forward(turn, due);
        }
        self.ask_again_for_openings(turn);
        let without_body = self.slots.iter().filter(|(_, slot)| matches!(slot.phase, Phase::Decided { .. }));
        let without_body: Vec<_> = without_body.map(|(seq, _)| *seq).take(REPAIR_SLOTS_MAX).collect();
        for seq in without_body {
            self.fetch_body_from_signer(turn, seq);
        }
    }

    pub(super) fn on_status(
        &mut self,
        turn: &mut Turn<'_>,
        from: ReplicaId,
        stable: SeqNum,
        executed: SeqNum,
        certified: SeqNum,
    ) {
        self.peers.heard(from, executed);
        // A replica far behind should not have to wait for the next round to learn it.
        let unfinished = self.is_epoch_over() && executed < self.executed();
        if unfinished || self.executed() > executed.saturating_add(LAG_SLOTS) {
            turn.send(from, self.status());
        }
        let patience_ms = self.patience_ms();
        if self.peers.may_repair(from, turn.now_ms(), patience_ms) {
            let (view, active) = self.peers.view(from);
            self.resend_view(turn, from, view, active);
            self.resend_slots(turn, from, executed);
            self.resend_executions(turn, from, executed, certified);
            self.resend_checkpoints(turn, from, stable);
        }
        self.fetch_if_behind(turn, from);
        self.fetch_old_certificates(turn, from, certified);
    }

    /// Sends again what the other may lack of slots that are decided at neither.
    fn resend_slots(&mut self, turn: &mut Turn<'_>, to: ReplicaId, executed: SeqNum) {
        let old_enough = turn.now_ms().saturating_sub(self.patience_ms());
        // What the other claims may be the last number there is.
        let open = self.slots.range((Bound::Excluded(executed.max(self.executed())), Bound::Unbounded));
        let stale = open.filter(|(_, slot)| slot.opened_ms <= old_enough).map(|(seq, _)| *seq);
        for seq in stale.take(REPAIR_SLOTS_MAX).collect::<Vec<_>>() {
            self.resend_slot(turn, to, seq);
        }
    }

    fn resend_slot(&mut self, turn: &mut Turn<'_>, to: ReplicaId, seq: SeqNum) {
        let (view, primary) = (self.views.view, self.is_primary());
        let Some(slot) = self.slots.get(&seq) else { return };
        if let Some((body, proof)) = slot.proof() {
            turn.send(to, proof.clone().into_message(seq, body));
            return;
        }
        // Votes are of use only in their view. Without being in one, this replica repeats none.
        if self.peers.view(to).0 != view {
            return;
        }
        let Some(proposal) = slot.proposal().cloned() else { return };
        let body = proposal.hash();
        let collects = turn_of(to, slot.collectors.voted_to()).is_some();
        let collects_commits = turn_of(to, slot.collectors.slow()).is_some();
        let prepared = match &slot.phase {
            Phase::Prepared { certificate, .. } => Some(certificate.clone()),
            Phase::Open | Phase::Accepted { .. } | Phase::Decided { .. } | Phase::Committed { .. } => None,
        };
        if primary || collects {
            let share = self.signer.sign(&Statement::Prepare { view, seq, body });
            turn.send(
                to,
                if primary {
                    Message::PrePrepare { view, seq, proposal, share }
                } else {
                    Message::SignShare { view, seq, body, share }
                },
            );
        }
        let Some(certificate) = prepared else { return };
        turn.send(to, Message::Prepare { view, seq, body, certificate });
        if collects_commits {
            let share = self.signer.sign(&Statement::Commit { view, seq, body });
            turn.send(to, Message::Commit { view, seq, body, share });
        }
    }

    /// Sends execution certificates that the other lacks; a vote where there is no certificate here either.
    fn resend_executions(&mut self, turn: &mut Turn<'_>, to: ReplicaId, executed: SeqNum, certified: SeqNum) {
        let old_enough = turn.now_ms().saturating_sub(self.patience_ms());
        let lacking = self.executions.since(certified).take_while(|(seq, _)| *seq <= executed);
        let lacking = lacking.filter(|(_, execution)| execution.executed_ms <= old_enough).take(REPAIR_SLOTS_MAX);
        let lacking: Vec<_> = lacking.map(|(seq, e)| (seq, e.own, e.certificate.clone())).collect();
        for (seq, own, certificate) in lacking {
            if let Some((digest, certificate)) = certificate {
                turn.send(to, Message::FullExecuteProof { seq, digest, certificate });
            } else if let Some(digest) = own {
                let share = self.signer.sign(&Statement::State { seq, digest });
                turn.send(to, Message::SignState { seq, digest, share });
            }
        }
    }

    fn status(&self) -> Message<Arc<Proposal>> {
        Message::Status {
            view: self.views.view,
            active: self.views.active(),
            stable: self.stable_slot(),
            executed: self.executed(),
            certified: self.certified(),
        }
    }

    /// How old something must be to count as lost.
    pub(super) fn patience_ms(&self) -> u64 {
        self.config.tuning.status_ms / 2
    }
}
