//! Pre-prepare: a replica accepts one body per slot and view, writes it down, and votes for it.

use super::Replica;
use crate::fault::Fault;
use crate::message::Message;
use crate::proposal::Proposal;
use crate::record::Record;
use crate::slot::Phase;
use crate::turn::Turn;
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
        if view != self.view || from != self.primary() {
            return;
        }
        let may_vote = self.may_vote(seq);
        let Some(slot) = self.slot_mut(turn, seq) else { return };
        match &slot.phase {
            Phase::Open if !may_vote => slot.early_proposal = Some((view, proposal, share)),
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
        let (view, body) = (self.view, proposal.hash());
        turn.persist(Record::Accepted { view, seq, proposal: Arc::clone(&proposal) });
        let slot = self.slots.get_mut(&seq).expect("the caller opened it");
        slot.phase = Phase::Accepted { proposal };
        let share = self.signer.sign(&Statement::Prepare { view, seq, body });
        self.count_vote(turn, self.config.replica, view, seq, body, share.clone());
        share
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
            turn.send(to, Message::SignShare { view: self.view, seq, body, share: share.clone() });
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
        let view = self.view;
        let Some(slot) = self.slots.get_mut(&seq) else { return };
        let Some(first) = slot.proposed_share.as_ref().filter(|_| !slot.equivocation_reported) else { return };
        let signed = [first, second]
            .into_iter()
            .zip(bodies)
            .all(|(share, body)| self.scheme.verify_share(primary, &Statement::Prepare { view, seq, body }, share));
        if signed {
            slot.equivocation_reported = true;
            turn.blame(primary, Fault::Equivocation { view, seq, bodies });
        }
    }
}
