//! The faulty replica: in every state it may send, to any one honest replica, whatever its own key and the votes it has
//! seen allow. It sees everything at once and keeps no promises.

use crate::network::{Envelope, Wire};
use crate::scheme::{certificate, share};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use theriac_consensus::{Cluster, Message, NewView, Proposal, SignedViewChange, SlotKnowledge, ViewChange};
use theriac_crypto::{Share, Statement};
use theriac_types::{BodyHash, Digest, List, ReplicaId, SeqNum, View};

/// The one slot that is attacked.
pub const SLOT: SeqNum = SeqNum(1);

/// What honest replicas have signed, as far as it helps to deceive others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Knowledge {
    votes: BTreeMap<Statement, BTreeSet<ReplicaId>>,
    view_changes: BTreeMap<(View, ReplicaId), Digest>,
}

impl Knowledge {
    /// Sees a message of an honest replica.
    pub fn see(&mut self, envelope: &Envelope) {
        let from = envelope.from;
        match &*envelope.message {
            Message::PrePrepare { view, seq, proposal, .. } => {
                self.vote(from, Statement::Prepare { view: *view, seq: *seq, body: proposal.hash() });
            }
            Message::SignShare { view, seq, body, .. } => {
                self.vote(from, Statement::Prepare { view: *view, seq: *seq, body: *body });
            }
            Message::Commit { view, seq, body, .. } => {
                self.vote(from, Statement::Commit { view: *view, seq: *seq, body: *body });
            }
            Message::ViewChange(signed) => {
                let message = &signed.message;
                self.view_changes.insert((message.view, message.sender), message.digest());
            }
            _ => {}
        }
    }

    fn vote(&mut self, from: ReplicaId, statement: Statement) {
        self.votes.entry(statement).or_default().insert(from);
    }

    /// The bodies of the slot for which a commit proof can be made of all votes there are and the faulty replica's own.
    pub fn committable(&self, cluster: Cluster) -> BTreeSet<BodyHash> {
        let proven = self.votes.iter().filter_map(|(statement, signers)| match *statement {
            Statement::Prepare { seq: SLOT, body, .. } if signers.len() + 1 >= cluster.fast_commit() => Some(body),
            Statement::Commit { seq: SLOT, body, .. } if signers.len() + 1 >= cluster.slow_commit() => Some(body),
            _ => None,
        });
        proven.collect()
    }
}

/// The faulty replica.
#[derive(Debug, Clone)]
pub struct Adversary {
    /// Which it is.
    pub replica: ReplicaId,
    /// The network.
    pub cluster: Cluster,
    /// Two bodies it would like to see decided both.
    pub bodies: [Arc<Proposal>; 2],
    /// The last view it looks at.
    pub last_view: View,
}

impl Adversary {
    /// Everything it may send now, addressed.
    pub fn options(&self, knowledge: &Knowledge) -> Vec<Envelope> {
        let messages = (0..=self.last_view.0).flat_map(|view| self.in_view(View(view), knowledge));
        let honest: Vec<_> = self.cluster.ids().filter(|id| *id != self.replica).collect();
        messages.flat_map(|m| honest.iter().map(move |to| Envelope::new(self.replica, *to, m.clone()))).collect()
    }

    fn in_view(&self, view: View, knowledge: &Knowledge) -> Vec<Wire> {
        let mut messages = Vec::new();
        if self.cluster.primary(view) == self.replica {
            messages.extend(self.bodies.iter().map(|body| self.pre_prepare(view, body)));
        }
        for (statement, signers) in &knowledge.votes {
            messages.extend(self.after_votes(view, statement, signers));
        }
        if view > View(0) {
            let lies = self.view_changes(view, knowledge);
            messages.extend(self.new_views(view, knowledge, &lies));
            messages.extend(lies.into_iter().map(|lie| Message::ViewChange(Arc::new(lie))));
        }
        if view < self.last_view {
            messages.push(Message::Complain { view });
        }
        messages
    }

    fn sign(&self, statement: &Statement) -> Share {
        share(self.replica, statement)
    }

    fn pre_prepare(&self, view: View, proposal: &Arc<Proposal>) -> Wire {
        let share = self.sign(&Statement::Prepare { view, seq: SLOT, body: proposal.hash() });
        Message::PrePrepare { view, seq: SLOT, proposal: Arc::clone(proposal), share }
    }

    /// Its own vote beside those of others, and the certificates that all of them make.
    fn after_votes(&self, in_view: View, statement: &Statement, signers: &BTreeSet<ReplicaId>) -> Vec<Wire> {
        let mut all = signers.clone();
        all.insert(self.replica);
        let certificate = certificate(self.cluster.replicas(), all.iter().copied(), statement);
        let share = self.sign(statement);
        match *statement {
            Statement::Prepare { view, seq, body } if view == in_view => {
                let mut messages = vec![Message::SignShare { view, seq, body, share }];
                if all.len() >= self.cluster.prepare() {
                    messages.push(Message::Prepare { view, seq, body, certificate: certificate.clone() });
                }
                if all.len() >= self.cluster.fast_commit() {
                    messages.push(Message::FullCommitProof { view, seq, body, certificate });
                }
                messages
            }
            Statement::Commit { view, seq, body } if view == in_view => {
                let mut messages = vec![Message::Commit { view, seq, body, share }];
                if all.len() >= self.cluster.slow_commit() {
                    messages.push(Message::FullCommitProofSlow { view, seq, body, certificate });
                }
                messages
            }
            _ => Vec::new(),
        }
    }

    /// Its promises for a view: silent, or claiming to have accepted either body in any earlier view, each with and
    /// without the best certificate that it could have.
    fn view_changes(&self, view: View, knowledge: &Knowledge) -> Vec<SignedViewChange> {
        let mut accepted = vec![None];
        for earlier in 0..view.0 {
            accepted.extend(self.bodies.iter().map(|body| Some((View(earlier), body.hash()))));
        }
        let mut prepared = vec![None];
        for (statement, signers) in &knowledge.votes {
            let Statement::Prepare { view: of, seq: SLOT, body } = *statement else { continue };
            if of < view && signers.len() + 1 >= self.cluster.prepare() {
                let all = signers.iter().copied().chain([self.replica]);
                prepared.push(Some((of, body, certificate(self.cluster.replicas(), all, statement))));
            }
        }
        let mut lies = Vec::new();
        for accepted in accepted {
            for prepared in prepared.clone() {
                let slot = SlotKnowledge { seq: SLOT, accepted, prepared, committed: None };
                let silent = slot.accepted.is_none() && slot.prepared.is_none();
                let slots = List::new(if silent { Vec::new() } else { vec![slot] }).expect("one slot at most");
                let message = ViewChange { sender: self.replica, view, stable: None, slots };
                let share = self.sign(&message.statement());
                lies.push(SignedViewChange { message, share });
            }
        }
        lies
    }

    /// As primary of a view: every choice of enough promises, its own in any of their forms.
    fn new_views(&self, view: View, knowledge: &Knowledge, lies: &[SignedViewChange]) -> Vec<Wire> {
        if self.cluster.primary(view) != self.replica {
            return Vec::new();
        }
        let honest = knowledge.view_changes.iter().filter(|((of, _), _)| *of == view);
        let honest: Vec<_> = honest.map(|((_, sender), digest)| (*sender, *digest)).collect();
        let mut choices = Vec::new();
        for lie in lies {
            for left_out in 0..=honest.len() {
                let mut members: Vec<_> = honest.clone();
                if left_out < honest.len() {
                    members.remove(left_out);
                }
                members.push((self.replica, lie.message.digest()));
                members.sort_unstable();
                if members.len() == self.cluster.view_change() {
                    choices.push(members);
                }
            }
        }
        let new_view = |members| {
            let members = List::new(members).expect("a few members");
            let unsigned = NewView { view, members, share: Share::default() };
            let share = self.sign(&unsigned.statement());
            Message::NewView(Arc::new(NewView { share, ..unsigned }))
        };
        choices.into_iter().map(new_view).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_for_two_bodies_that_overlap_in_honest_replicas_are_noticed() {
        let cluster = Cluster::new(1, 0).expect("four replicas");
        let bodies = [1, 2].map(|byte| BodyHash(Digest([byte; 32])));
        let commit = |body| Statement::Commit { view: View(0), seq: SLOT, body };
        let mut knowledge = Knowledge::default();
        for voter in [1, 2] {
            knowledge.vote(ReplicaId(voter), commit(bodies[0]));
        }
        knowledge.vote(ReplicaId(3), commit(bodies[1]));
        assert_eq!(knowledge.committable(cluster), BTreeSet::from([bodies[0]]));
        knowledge.vote(ReplicaId(2), commit(bodies[1]));
        assert_eq!(knowledge.committable(cluster), BTreeSet::from(bodies));
    }
}
