//! Pre-prepare: a replica accepts one body per slot and view, writes it down, and votes for it.

use super::Replica;
use crate::fault::Fault;
use crate::message::Message;
use crate::proposal::Proposal;
use crate::record::Record;
use crate::slot::{Phase, Slot};
use crate::turn::Turn;
use crate::view_start::Opening;
use std::sync::Arc;
use theriac_crypto::{Share, Statement};
use theriac_types::{BodyHash, ReplicaId, SeqNum, View};

impl Replica {
    pub(super) fn on_pre_prepare(
        &mut self,
        turn: &mut Turn<'_>,
        from: ReplicaId,
        view: View,
        seq: SeqNum,
        proposal: Arc<Proposal>,
        share: Share,
    ) {
        if view != self.views.view || from != self.primary() {
            return;
        }
        if !self.is_free_for(turn, seq, &proposal, &share) {
            return;
        }
        let may_vote = self.may_vote(seq);
        let is_open = |slot: &mut Slot| matches!(slot.phase, Phase::Open);
        if self.slot_mut(turn, seq).is_some_and(is_open) && !self.admits(turn, from, seq, &proposal) {
            return;
        }
        let Some(slot) = self.slot_mut(turn, seq) else { return };
        match &slot.phase {
            Phase::Open if !may_vote => {
                slot.early_proposal.get_or_insert((view, proposal, share));
            }
            Phase::Open => {
                slot.proposed_share = Some(share.clone());
                let vote = self.accept(turn, seq, Arc::clone(&proposal));
                self.count_vote(turn, from, view, seq, proposal.hash(), share);
                self.send_vote(turn, seq, proposal.hash(), &vote);
                self.after_accepting(turn, seq);
            }
            Phase::Decided { body, proof } if *body == proposal.hash() => {
                let proof = proof.clone();
                self.complete(turn, seq, proposal, proof);
            }
            Phase::Decided { .. } => {}
            Phase::Accepted { proposal: accepted }
            | Phase::Prepared { proposal: accepted, .. }
            | Phase::Committed { proposal: accepted, .. } => {
                let accepted = accepted.hash();
                if accepted == proposal.hash() {
                    self.count_vote(turn, from, view, seq, accepted, share);
                    self.collect_votes(turn, seq);
                } else {
                    self.report_equivocation(turn, from, seq, [accepted, proposal.hash()], &share);
                }
            }
        }
    }

    /// Accepts a body in an open slot of the current view and signs the vote for it.
    pub(super) fn accept(&mut self, turn: &mut Turn<'_>, seq: SeqNum, proposal: Arc<Proposal>) -> Share {
        let (view, body) = (self.views.view, proposal.hash());
        self.proposed_ms = self.proposed_ms.max(proposal.body().proposed_time_ms);
        let slot = self.slots.get_mut(&seq).expect("the caller opened it");
        turn.persist(match slot.memory.body(body) {
            Some(_) => Record::AcceptedAgain { view, seq, body },
            None => Record::Accepted { view, seq, proposal: Arc::clone(&proposal) },
        });
        slot.accept(view, proposal);
        let share = self.signer.sign(&Statement::Prepare { view, seq, body });
        self.count_vote(turn, self.config.replica, view, seq, body, share.clone());
        share
    }

    /// Whether the primary may propose the body in the slot: not when the new-view says otherwise.
    fn is_free_for(&mut self, turn: &mut Turn<'_>, seq: SeqNum, proposal: &Proposal, share: &Share) -> bool {
        if !self.views.active() || seq > self.views.last_bound() {
            return true;
        }
        let Some(bound) = self.views.opening(seq).map(Opening::body) else { return false };
        let (view, body) = (self.views.view, proposal.hash());
        if bound == body {
            return true;
        }
        let (primary, statement) = (self.primary(), Statement::Prepare { view, seq, body });
        let fault = Fault::Equivocation { view, seq, bodies: [bound, body] };
        if !self.views.has_reported(primary, &fault) && self.scheme.verify_share(primary, &statement, share) {
            self.blame_once(turn, primary, fault);
            self.complain(turn);
        }
        false
    }

    /// What follows from having accepted: a certificate that was here first is acted on, and votes are looked at.
    pub(super) fn after_accepting(&mut self, turn: &mut Turn<'_>, seq: SeqNum) {
        let early = self.slots.get_mut(&seq).and_then(|slot| slot.early_certificate.take());
        if let Some((body, certificate)) = early {
            self.prepare(turn, seq, body, certificate);
        }
        self.open_collection(turn, seq);
        self.collect_votes(turn, seq);
    }

    /// Sends this replica's vote to whoever collects.
    pub(super) fn send_vote(&self, turn: &mut Turn<'_>, seq: SeqNum, body: BodyHash, share: &Share) {
        let Some(slot) = self.slots.get(&seq) else { return };
        for to in slot.collectors.voted_to().filter(|to| *to != self.config.replica) {
            turn.send(to, Message::SignShare { view: self.views.view, seq, body, share: share.clone() });
        }
    }

    /// Two bodies for one slot, each signed by the primary, show that it is faulty.
    fn report_equivocation(
        &mut self,
        turn: &mut Turn<'_>,
        primary: ReplicaId,
        seq: SeqNum,
        bodies: [BodyHash; 2],
        second: &Share,
    ) {
        let view = self.views.view;
        let Some(slot) = self.slots.get_mut(&seq) else { return };
        let Some(first) = slot.proposed_share.as_ref().filter(|_| !slot.equivocation_reported) else { return };
        let signed = [first, second]
            .into_iter()
            .zip(bodies)
            .all(|(share, body)| self.scheme.verify_share(primary, &Statement::Prepare { view, seq, body }, share));
        if signed {
            slot.equivocation_reported = true;
            turn.blame(primary, Fault::Equivocation { view, seq, bodies });
            self.complain(turn);
        }
    }
}
