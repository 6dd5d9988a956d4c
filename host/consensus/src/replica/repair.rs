//! Repair: the only retransmission there is. Replicas say from time to time how far they are. Whoever sees another
//! ahead asks it for decided slots; whoever holds something that another may lack sends it again, once it is old enough
//! not to be merely on its way.

use super::Replica;
use crate::collectors::turn_of;
use crate::effect::Effect;
use crate::input::Timer;
use crate::limits::{FETCH_SLOTS_MAX, LAG_SLOTS, REPAIR_SLOTS_MAX, SERVE_PERIOD_MS, WINDOW_SLOTS};
use crate::message::{CommitProof, Message};
use crate::proposal::Proposal;
use crate::slot::Phase;
use crate::turn::Turn;
use std::ops::Bound;
use std::sync::Arc;
use theriac_crypto::Statement;
use theriac_types::{Certificate, ReplicaId, SeqNum, StateDigest};

/// What this replica asked for.
#[derive(Debug, Clone, Copy)]
struct Fetching {
    from: ReplicaId,
    last: SeqNum,
    /// When this replica gives up; every slot that arrives grants a little more time,
    until_ms: u64,
    /// but no more than until then: a source that dribbles is no better than a silent one.
    latest_ms: u64,
}

/// Where this replica is stuck, if it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Repair {
    fetching: Option<Fetching>,
    /// Whom this replica is catching up with, until it has.
    source: Option<ReplicaId>,
    missing: SeqNum,
    missing_since_ms: u64,
}

impl Replica {
    /// Tells everybody how far this replica is, and does so again after a while.
    pub(super) fn announce(&mut self, turn: &mut Turn<'_>) {
        turn.broadcast(self.status());
        turn.set_timer(Timer::Status, self.config.tuning.status_ms);
    }

    pub(super) fn on_status_timer(&mut self, turn: &mut Turn<'_>) {
        self.announce(turn);
        self.note_missing(turn);
        if !self.is_primary() {
            let due = self.requests.take_due(turn.now_ms(), &self.config.tuning);
            self.forward(turn, due);
        }
        let without_body = self.slots.iter().filter(|(_, slot)| matches!(slot.phase, Phase::Decided { .. }));
        let without_body: Vec<_> = without_body.map(|(seq, _)| *seq).take(REPAIR_SLOTS_MAX).collect();
        for seq in without_body {
            self.fetch_body_from_signer(turn, seq);
        }
    }

    pub(super) fn on_status(&mut self, turn: &mut Turn<'_>, from: ReplicaId, executed: SeqNum, certified: SeqNum) {
        self.peers.heard(from, executed);
        // A replica far behind should not have to wait for the next round to learn it.
        if self.executed() > executed.saturating_add(LAG_SLOTS) {
            turn.send(from, self.status());
        }
        let patience_ms = self.patience_ms();
        if self.peers.may_repair(from, turn.now_ms(), patience_ms) {
            self.resend_slots(turn, from, executed);
            self.resend_executions(turn, from, executed, certified);
        }
        let catching_up = self.repair.source.is_some();
        self.fetch_if_behind(turn, from, catching_up);
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
        let (view, primary) = (self.view, self.is_primary());
        let Some(slot) = self.slots.get(&seq) else { return };
        if let Some((body, proof)) = slot.proof() {
            turn.send(to, proof_message(seq, body, proof.clone()));
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

    /// Asks a replica that is ahead for the slots that are missing here: at once when it is far ahead or this replica is
    /// catching up already, otherwise when nothing came by itself for a while.
    fn fetch_if_behind(&mut self, turn: &mut Turn<'_>, from: ReplicaId, catching_up: bool) {
        self.note_missing(turn);
        let Repair { missing, missing_since_ms, fetching, .. } = self.repair;
        let ahead = self.peers.executed(from);
        let window_end = self.executed().saturating_add(WINDOW_SLOTS);
        if ahead < missing || window_end < missing {
            return;
        }
        let far = ahead >= missing.saturating_add(LAG_SLOTS);
        let stuck = turn.now_ms() >= missing_since_ms + self.patience_ms();
        let unfinished = fetching.filter(|f| f.last >= missing);
        if let Some(late) = unfinished.filter(|f| turn.now_ms() >= f.until_ms) {
            // Whoever claims to be ahead and sends nothing must not be asked for ever.
            self.peers.avoid(late.from, turn.now_ms() + 4 * self.config.tuning.status_ms);
            self.repair.fetching = None;
        } else if unfinished.is_some() {
            return;
        }
        if self.peers.is_avoided(from, turn.now_ms()) || !(catching_up || far || stuck) {
            return;
        }
        let last = ahead.min(window_end).min(missing.saturating_add(FETCH_SLOTS_MAX - 1));
        // By then it may be served again, should it have had its share for now.
        let until_ms = turn.now_ms() + SERVE_PERIOD_MS;
        let latest_ms = turn.now_ms() + 8 * SERVE_PERIOD_MS;
        self.repair.fetching = Some(Fetching { from, last, until_ms, latest_ms });
        self.repair.source = Some(from);
        turn.send(from, Message::Fetch { first: missing, last });
    }

    /// Goes on fetching after what was asked for arrived, or after execution made room in the window.
    pub(super) fn continue_fetching(&mut self, turn: &mut Turn<'_>) {
        let Some(source) = self.repair.source else { return };
        self.fetch_if_behind(turn, source, true);
        if self.peers.executed(source) < self.repair.missing {
            self.repair.source = None;
        }
    }

    /// Asks for decided slots whose execution certificates are too old to come by themselves.
    fn fetch_old_certificates(&mut self, turn: &mut Turn<'_>, from: ReplicaId, certified: SeqNum) {
        let first = self.certified().next();
        let floor = self.executions.certified_floor();
        if first <= floor && certified >= first {
            let last = certified.min(floor).min(first.saturating_add(FETCH_SLOTS_MAX - 1));
            turn.send(from, Message::Fetch { first, last });
        }
    }

    /// Asks for the body of a decided slot.
    pub(super) fn fetch_body(&mut self, turn: &mut Turn<'_>, seq: SeqNum, from: ReplicaId) {
        if from == self.config.replica {
            self.fetch_body_from_signer(turn, seq);
        } else {
            turn.send(from, Message::Fetch { first: seq, last: seq });
        }
    }

    /// Those who signed a commit proof have the body: asks the next of them.
    fn fetch_body_from_signer(&mut self, turn: &mut Turn<'_>, seq: SeqNum) {
        let me = self.config.replica;
        let Some(slot) = self.slots.get_mut(&seq) else { return };
        let Phase::Decided {
            proof: CommitProof::Fast { certificate, .. } | CommitProof::Slow { certificate, .. }, ..
        } = &slot.phase
        else {
            return;
        };
        let signers: Vec<_> = certificate.signers.iter().filter(|id| *id != me).collect();
        let Some(next) = signers.get(slot.fetches % signers.len().max(1)) else { return };
        slot.fetches += 1;
        turn.send(*next, Message::Fetch { first: seq, last: seq });
    }

    pub(super) fn on_fetch(&mut self, turn: &mut Turn<'_>, from: ReplicaId, first: SeqNum, last: SeqNum) {
        let first = first.max(SeqNum(1));
        let known = self.executed().saturating_add(WINDOW_SLOTS);
        let last = last.min(first.saturating_add(FETCH_SLOTS_MAX - 1)).min(known);
        if last < first {
            return;
        }
        let granted = self.peers.grant(from, last.0 - first.0 + 1, turn.now_ms());
        if granted == 0 {
            return;
        }
        let last = first.saturating_add(granted - 1);
        let executed = self.executed();
        if first <= executed {
            turn.emit(Effect::Serve { to: from, first, last: last.min(executed) });
        }
        for (seq, slot) in self.slots.range(first.max(executed.next())..) {
            if *seq > last {
                return;
            }
            let Phase::Committed { proposal, proof } = &slot.phase else { continue };
            let executed = self.executions.slot(*seq).and_then(|execution| execution.certificate.clone());
            let (proposal, proof) = (Arc::clone(proposal), proof.clone());
            turn.send(from, Message::Decided { seq: *seq, proposal, proof, executed });
        }
    }

    pub(super) fn on_decided(
        &mut self,
        turn: &mut Turn<'_>,
        from: ReplicaId,
        seq: SeqNum,
        proposal: Arc<Proposal>,
        proof: CommitProof,
        executed: Option<(StateDigest, Certificate)>,
    ) {
        let missing = self.slot_mut(turn, seq).is_some_and(|slot| !slot.is_committed());
        if !self.take_decided(turn, from, seq, proposal, proof) {
            return;
        }
        if let Some((digest, certificate)) = executed {
            self.on_full_execute_proof(turn, from, seq, digest, certificate);
        }
        if let Some(fetching) = &mut self.repair.fetching
            && fetching.from == from
            && missing
        {
            fetching.until_ms = fetching.latest_ms.min(turn.now_ms() + SERVE_PERIOD_MS);
            if fetching.last <= seq {
                self.repair.fetching = None;
            }
        }
        self.continue_fetching(turn);
    }

    /// Takes a decided slot when it is of use. False when its proof proves nothing.
    fn take_decided(
        &mut self,
        turn: &mut Turn<'_>,
        from: ReplicaId,
        seq: SeqNum,
        proposal: Arc<Proposal>,
        proof: CommitProof,
    ) -> bool {
        let body = proposal.hash();
        let Some(slot) = self.slot_mut(turn, seq) else { return true };
        match &slot.phase {
            Phase::Committed { .. } => return true,
            Phase::Decided { body: decided, proof } if *decided == body => {
                let proof = proof.clone();
                self.complete(turn, seq, proposal, proof);
                return true;
            }
            Phase::Open | Phase::Accepted { .. } | Phase::Prepared { .. } | Phase::Decided { .. } => {}
        }
        if !self.proves_commit(seq, body, &proof) {
            self.blame_certificate(turn, from, seq);
            return false;
        }
        self.commit_with_body(turn, seq, proposal, proof);
        true
    }

    /// Follows the first slot that is missing here, to notice when it does not move.
    fn note_missing(&mut self, turn: &Turn<'_>) {
        let mut missing = self.executed().next();
        while self.slots.get(&missing).is_some_and(|slot| slot.is_committed()) {
            missing = missing.next();
        }
        if self.repair.missing != missing {
            self.repair.missing = missing;
            self.repair.missing_since_ms = turn.now_ms();
        }
    }

    fn status(&self) -> Message<Arc<Proposal>> {
        Message::Status { view: self.view, executed: self.executed(), certified: self.certified() }
    }

    /// How old something must be to count as lost.
    fn patience_ms(&self) -> u64 {
        self.config.tuning.status_ms / 2
    }
}

fn proof_message(seq: SeqNum, body: theriac_types::BodyHash, proof: CommitProof) -> Message<Arc<Proposal>> {
    match proof {
        CommitProof::Fast { view, certificate } => Message::FullCommitProof { view, seq, body, certificate },
        CommitProof::Slow { view, certificate } => Message::FullCommitProofSlow { view, seq, body, certificate },
    }
}
