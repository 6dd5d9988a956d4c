//! What a view starts with, slot by slot: bodies that the new primary proposes by having named the view-change messages,
//! and slots that turn out to be decided. They are accepted and voted for like any pre-prepare; both paths are open.

use super::Replica;
use crate::effect::Effect;
use crate::limits::REPAIR_SLOTS_MAX;
use crate::message::Message;
use crate::proposal::Proposal;
use crate::slot::Phase;
use crate::turn::Turn;
use crate::view_start::Opening;
use std::sync::Arc;
use theriac_types::{BodyHash, ReplicaId, SeqNum};

impl Replica {
    /// Does what is left to do about the slots that the view started with. A replica that is behind the view's
    /// checkpoint comes back to it when it has caught up.
    pub(super) fn take_up_openings(&mut self, turn: &mut Turn<'_>) {
        let first = self.executed().next();
        if !self.views.active() || self.views.last_bound() < first {
            return;
        }
        let Some(entry) = &self.views.entry else { return };
        let bound: Vec<_> = entry.start.openings.range(first..).map(|(seq, _)| *seq).collect();
        for seq in bound {
            self.take_up(turn, seq);
        }
    }

    fn take_up(&mut self, turn: &mut Turn<'_>, seq: SeqNum) {
        let is_open = |slot: &mut crate::slot::Slot| matches!(slot.phase, Phase::Open);
        if !self.slot_mut(turn, seq).is_some_and(is_open) {
            return;
        }
        match self.views.opening(seq).cloned() {
            Some(Opening::Committed { body, proof, reporter }) => self.commit(turn, reporter, seq, body, proof),
            Some(Opening::Propose { .. }) if !self.may_vote(seq) => {}
            Some(Opening::Propose { body, .. }) => match self.opening_body(seq, body) {
                Some(proposal) => self.accept_opening(turn, seq, proposal),
                None => self.ask_for_opening(turn, seq),
            },
            None => {}
        }
    }

    fn opening_body(&self, seq: SeqNum, body: BodyHash) -> Option<Arc<Proposal>> {
        let null = Proposal::null();
        if null.hash() == body { Some(Arc::new(null)) } else { self.body_of(seq, body) }
    }

    fn accept_opening(&mut self, turn: &mut Turn<'_>, seq: SeqNum, proposal: Arc<Proposal>) {
        let body = proposal.hash();
        if self.is_primary() {
            self.requests.propose(seq, &proposal);
        }
        let vote = self.accept(turn, seq, proposal);
        self.send_vote(turn, seq, body, &vote);
        self.after_accepting(turn, seq);
        self.propose_what_is_due(turn);
    }

    /// Whether a slot that the view started with has no body here yet.
    pub(super) fn lacks_openings(&self) -> bool {
        let Some(entry) = &self.views.entry else { return false };
        let open = |seq: &SeqNum| self.slots.get(seq).is_none_or(|slot| matches!(slot.phase, Phase::Open));
        entry.start.openings.range(self.executed().next()..).any(|(seq, _)| open(seq))
    }

    /// Asks the next of those who should have the body of a slot.
    fn ask_for_opening(&mut self, turn: &mut Turn<'_>, seq: SeqNum) {
        let me = self.config.replica;
        let Some(Opening::Propose { body, reporters }) = self.views.opening(seq) else { return };
        let (body, others) = (*body, reporters.iter().filter(|id| **id != me).copied().collect::<Vec<_>>());
        let Some(slot) = self.slots.get_mut(&seq) else { return };
        let Some(next) = others.get(slot.fetches % others.len().max(1)) else { return };
        slot.fetches += 1;
        turn.send(*next, Message::FetchBody { seq, body });
    }

    /// Asks again for bodies that did not come.
    pub(super) fn ask_again_for_openings(&mut self, turn: &mut Turn<'_>) {
        let Some(entry) = self.views.entry.as_ref() else { return };
        let open = entry.start.openings.keys().filter(|seq| {
            self.slots.get(seq).is_some_and(|slot| matches!(slot.phase, Phase::Open)) && self.may_vote(**seq)
        });
        for seq in open.copied().take(REPAIR_SLOTS_MAX).collect::<Vec<_>>() {
            self.take_up(turn, seq);
        }
    }

    pub(super) fn on_fetch_body(&mut self, turn: &mut Turn<'_>, from: ReplicaId, seq: SeqNum, body: BodyHash) {
        if seq <= self.executed() {
            if seq > SeqNum(0) && self.peers.grant(from, 1, turn.now_ms()) > 0 {
                turn.emit(Effect::Serve { to: from, first: seq, last: seq });
            }
        } else if let Some(proposal) = self.body_of(seq, body)
            && self.peers.grant(from, 1, turn.now_ms()) > 0
        {
            turn.send(from, Message::Body { seq, proposal });
        }
    }

    /// Takes a body only when it is wanted: it proves nothing.
    pub(super) fn on_body(&mut self, turn: &mut Turn<'_>, seq: SeqNum, proposal: Arc<Proposal>) {
        let Some(slot) = self.slots.get(&seq) else { return };
        match &slot.phase {
            Phase::Decided { body, proof } if *body == proposal.hash() => {
                let proof = proof.clone();
                self.complete(turn, seq, proposal, proof);
            }
            Phase::Open if self.may_vote(seq) => {
                if self.views.opening(seq).is_some_and(|opening| opening.body() == proposal.hash()) {
                    self.accept_opening(turn, seq, proposal);
                }
            }
            Phase::Open
            | Phase::Accepted { .. }
            | Phase::Prepared { .. }
            | Phase::Decided { .. }
            | Phase::Committed { .. } => {}
        }
    }

    /// This replica does not vote again in slots that it knows to be decided; it shows everybody why they are.
    pub(super) fn show_decided(&self, turn: &mut Turn<'_>) {
        let Some(entry) = &self.views.entry else { return };
        for (seq, opening) in &entry.start.openings {
            let executed = self.decided.get(seq).map(|(body, proof)| (*body, proof));
            let proof = executed.or_else(|| self.slots.get(seq).and_then(|slot| slot.proof()));
            if let (Opening::Propose { .. }, Some((body, proof))) = (opening, proof) {
                turn.broadcast(proof.clone().into_message(*seq, body));
            }
        }
    }

    /// The last slot that is not free for this replica to propose in, were it the primary.
    pub(super) fn last_taken(&self) -> SeqNum {
        let decided = self.slots.iter().filter(|(_, slot)| slot.is_decided()).map(|(seq, _)| *seq).max();
        let known = self.views.last_bound().max(self.stable_slot()).max(self.handed_over);
        decided.map_or(known, |decided| known.max(decided))
    }
}
