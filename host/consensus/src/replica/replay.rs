//! Replay: what the log says. The view comes first, wherever its records stand: they are repeated at every checkpoint, so
//! that records of slots may be older than the only record of their view.

use super::Replica;
use crate::collectors::Collectors;
use crate::proposal::Proposal;
use crate::record::Record;
use crate::slot::{Phase, Slot};
use crate::view_change::SignedViewChange;
use crate::view_start::ViewStart;
use crate::views::Entry;
use std::collections::BTreeMap;
use std::sync::Arc;
use theriac_crypto::Statement;
use theriac_types::{BodyHash, SeqNum, View};

impl Replica {
    pub(super) fn replay(&mut self, records: Vec<Record>) {
        for record in &records {
            self.replay_view(record);
        }
        let mut bodies = BTreeMap::new();
        for record in records {
            self.replay_slot(record, &mut bodies);
        }
        // Whatever this replica saw decided tells nothing about how the views between went.
        self.views.productive = self.views.productive.max(View(self.views.view.0.saturating_sub(1)));
        let proposed = self.slots.iter().filter(|(_, slot)| slot.proposal().is_some()).map(|(seq, _)| *seq).max();
        self.proposed = self.last_taken().max(proposed.unwrap_or_default());
    }

    fn replay_view(&mut self, record: &Record) {
        match record {
            Record::Promised { message, .. } => self.replay_promise(message),
            Record::Entered { new_view, view_changes, .. } => {
                if self.config.cluster.primary(new_view.view) == self.config.replica {
                    self.signer.remember(&new_view.statement());
                }
                self.signer.promise(new_view.view);
                if self.views.is_ahead(new_view.view) {
                    let start = ViewStart::of(self.config.cluster, &*self.scheme, view_changes);
                    let (new_view, view_changes) = (Arc::clone(new_view), view_changes.clone());
                    self.views.enter(Entry { new_view, view_changes, start }, 0);
                }
            }
            Record::Stable(checkpoint) if checkpoint.seq > self.stable_slot() => {
                self.stable = Some(checkpoint.clone());
            }
            _ => {}
        }
    }

    fn replay_promise(&mut self, promise: &Arc<SignedViewChange>) {
        self.signer.remember(&promise.message.statement());
        if promise.message.view > self.views.view {
            self.views.leave_for(Arc::clone(promise));
        }
    }

    fn replay_slot(&mut self, record: Record, bodies: &mut BTreeMap<(SeqNum, BodyHash), Arc<Proposal>>) {
        let (Record::Accepted { seq, .. }
        | Record::AcceptedAgain { seq, .. }
        | Record::Prepared { seq, .. }
        | Record::Committed { seq, .. }) = record
        else {
            return;
        };
        if let Record::Committed { proof, .. } = &record {
            self.views.productive = self.views.productive.max(proof.view());
        }
        if seq <= self.executed() {
            if let Record::Committed { body, proof, .. } = record {
                self.decided.insert(seq, (body, proof));
            }
            return;
        }
        match record {
            Record::Accepted { view, proposal, .. } => {
                bodies.insert((seq, proposal.hash()), Arc::clone(&proposal));
                self.replay_accepted(view, seq, proposal);
            }
            Record::AcceptedAgain { view, body, .. } => {
                let proposal = bodies.get(&(seq, body)).expect("the log holds what was accepted before");
                self.replay_accepted(view, seq, Arc::clone(proposal));
            }
            Record::Prepared { view, body, certificate, .. } => {
                self.signer.remember(&Statement::Commit { view, seq, body });
                let proposal = bodies.get(&(seq, body)).expect("only what was accepted is prepared");
                let (proposal, current) = (Arc::clone(proposal), view == self.views.view && self.views.active());
                let slot = self.replayed_slot(seq);
                let higher = slot.memory.prepared.as_ref().is_none_or(|(known, ..)| *known <= view);
                if current && matches!(slot.phase, Phase::Accepted { .. }) {
                    slot.prepare(view, proposal, certificate);
                } else if higher {
                    slot.memory.prepared = Some((view, proposal, certificate));
                }
            }
            Record::Committed { body, proof, .. } => {
                let slot = self.replayed_slot(seq);
                slot.phase = match slot.body(body).or(bodies.get(&(seq, body))) {
                    Some(proposal) => Phase::Committed { proposal: Arc::clone(proposal), proof },
                    None => Phase::Decided { body, proof },
                };
            }
            Record::Promised { .. } | Record::Entered { .. } | Record::Stable(_) => {}
        }
    }

    fn replay_accepted(&mut self, view: View, seq: SeqNum, proposal: Arc<Proposal>) {
        self.signer.remember(&Statement::Prepare { view, seq, body: proposal.hash() });
        let current = view == self.views.view && self.views.active();
        if current && self.is_primary() {
            self.requests.propose(seq, &proposal);
        }
        let slot = self.replayed_slot(seq);
        if slot.memory.accepted.as_ref().is_none_or(|(known, _)| *known <= view) {
            slot.memory.accepted = Some((view, Arc::clone(&proposal)));
        }
        match &slot.phase {
            Phase::Decided { body, proof } if *body == proposal.hash() => {
                slot.phase = Phase::Committed { proposal, proof: proof.clone() };
            }
            Phase::Open if current => slot.phase = Phase::Accepted { proposal },
            _ => {}
        }
    }

    fn replayed_slot(&mut self, seq: SeqNum) -> &mut Slot {
        let (config, view) = (&self.config, self.views.view);
        let open = || Slot::open(Collectors::draw(config.cluster, &config.context, view, seq), 0);
        self.slots.entry(seq).or_insert_with(open)
    }
}
