//! Catching up: a replica asks others for slots that are decided there and missing here, and for the bodies of slots it
//! knows only the proof of. Every slot that arrives proves itself, so that any source will do; one that does not deliver
//! is left for another.

use super::Replica;
use crate::effect::Effect;
use crate::limits::{FETCH_SLOTS_MAX, LAG_SLOTS, SERVE_PERIOD_MS};
use crate::message::{CommitProof, Message};
use crate::proposal::Proposal;
use crate::slot::Phase;
use crate::turn::Turn;
use std::sync::Arc;
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
pub(super) struct Catchup {
    fetching: Option<Fetching>,
    /// Whom this replica is catching up with, until it has.
    source: Option<ReplicaId>,
    missing: SeqNum,
    missing_since_ms: u64,
}

impl Catchup {
    /// Since when the first missing slot is the one it is.
    pub(super) fn missing_since_ms(&self) -> u64 {
        self.missing_since_ms
    }
}

impl Replica {
    /// Asks a replica that is ahead for the slots that are missing here: at once when it is far ahead or this replica is
    /// catching up already, otherwise when nothing came by itself for a while.
    pub(super) fn fetch_if_behind(&mut self, turn: &mut Turn<'_>, from: ReplicaId) {
        self.note_missing(turn);
        let Catchup { missing, missing_since_ms, fetching, source } = self.catchup;
        let ahead = self.peers.executed(from);
        let window_end = self.window_end();
        if ahead < missing || window_end < missing {
            return;
        }
        let far = ahead >= missing.saturating_add(LAG_SLOTS);
        let stuck = turn.now_ms() >= missing_since_ms + self.patience_ms();
        let unfinished = fetching.filter(|f| f.last >= missing);
        if let Some(late) = unfinished.filter(|f| turn.now_ms() >= f.until_ms) {
            // Whoever claims to be ahead and sends nothing must not be asked for ever.
            self.peers.avoid(late.from, turn.now_ms() + 4 * self.config.tuning.status_ms);
            self.catchup.fetching = None;
        } else if unfinished.is_some() {
            return;
        }
        if self.peers.is_avoided(from, turn.now_ms()) || !(source.is_some() || far || stuck) {
            return;
        }
        let last = ahead.min(window_end).min(missing.saturating_add(FETCH_SLOTS_MAX - 1));
        // By then it may be served again, should it have had its share for now.
        let until_ms = turn.now_ms() + SERVE_PERIOD_MS;
        let latest_ms = turn.now_ms() + 8 * SERVE_PERIOD_MS;
        self.catchup.fetching = Some(Fetching { from, last, until_ms, latest_ms });
        self.catchup.source = Some(from);
        turn.send(from, Message::Fetch { first: missing, last });
    }

    /// Goes on fetching after what was asked for arrived, or after execution made room in the window.
    pub(super) fn continue_fetching(&mut self, turn: &mut Turn<'_>) {
        let Some(source) = self.catchup.source else { return };
        self.fetch_if_behind(turn, source);
        if self.peers.executed(source) < self.catchup.missing {
            self.catchup.source = None;
        }
    }

    /// Asks for decided slots whose execution certificates are too old to come by themselves.
    pub(super) fn fetch_old_certificates(&mut self, turn: &mut Turn<'_>, from: ReplicaId, certified: SeqNum) {
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
    pub(super) fn fetch_body_from_signer(&mut self, turn: &mut Turn<'_>, seq: SeqNum) {
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
        let known = self.executed().saturating_add(self.config.cluster.spacing().window());
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
        if let Some(fetching) = &mut self.catchup.fetching
            && fetching.from == from
            && missing
        {
            fetching.until_ms = fetching.latest_ms.min(turn.now_ms() + SERVE_PERIOD_MS);
            if fetching.last <= seq {
                self.catchup.fetching = None;
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
    pub(super) fn note_missing(&mut self, turn: &Turn<'_>) {
        let mut missing = self.executed().next();
        while self.slots.get(&missing).is_some_and(|slot| slot.is_committed()) {
            missing = missing.next();
        }
        if self.catchup.missing != missing {
            self.catchup.missing = missing;
            self.catchup.missing_since_ms = turn.now_ms();
        }
    }
}
