//! S1, where it is decided: what a new view starts with is what the protocol's section 3.4 says.
//!
//! An independent implementation, slow and by the letter: it asks of every body and every view whether enough replicas
//! accepted that body in that view or later. Whatever an honest replica votes for in a slot that its new-view decides is
//! compared with it. On the way it notes which of the rule's branches were taken.

use super::Verdict;
use super::rows::{self, Numbers, Rule, Said};
use crate::coverage::Coverage;
use crate::votes::Votes;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use theriac_consensus::{CommitProof, NewView, Record, SignedViewChange, SlotKnowledge};
use theriac_crypto::names::body_hash;
use theriac_crypto::{CertificateScheme, Statement};
use theriac_types::{BlockBody, BodyHash, Digest, ReplicaId, SeqNum, View};

/// A view as a replica entered it.
#[derive(Debug, Clone)]
pub struct Entered {
    /// The new-view that it accepted.
    pub new_view: Arc<NewView>,
    /// The messages that it names.
    pub view_changes: Vec<Arc<SignedViewChange>>,
}

impl Entered {
    /// What a record says of a view, when it is about one.
    pub fn of<P>(record: &Record<P>) -> Option<Self> {
        let Record::Entered { new_view, view_changes, .. } = record else { return None };
        Some(Self { new_view: new_view.clone(), view_changes: view_changes.clone() })
    }
}

/// What a new view starts with.
#[derive(Debug, Clone)]
struct Start {
    /// The checkpoint it starts after.
    stable: SeqNum,
    /// Slot by slot above it; later slots are free.
    bodies: BTreeMap<SeqNum, BodyHash>,
}

/// Decides every new-view once.
#[derive(Debug)]
pub struct SafeValue {
    votes: Votes,
    null: BodyHash,
    starts: BTreeMap<Digest, Start>,
}

impl SafeValue {
    /// For the network of these votes.
    pub fn new(votes: &Votes) -> Self {
        Self { votes: votes.clone(), null: body_hash(&BlockBody::null()), starts: BTreeMap::new() }
    }

    /// A replica entered a view: is the set of messages one that a view may start with?
    pub fn on_entered(&mut self, replica: ReplicaId, entered: &Entered, coverage: &mut Coverage) -> Verdict {
        let (new_view, cluster) = (&entered.new_view, self.votes.cluster);
        let view = new_view.view;
        let wrong = |what: &str| Err(format!("replica {replica} entered view {view} although {what}"));
        let primary = cluster.primary(view);
        if !self.votes.verify_share(primary, &new_view.statement(), &new_view.share) {
            return wrong("its new-view is not signed by the primary");
        }
        let senders: BTreeSet<_> = entered.view_changes.iter().map(|signed| signed.message.sender).collect();
        let size = cluster.view_change();
        if senders.len() != size || entered.view_changes.len() != size || new_view.members.len() != size {
            return wrong("its new-view is not made of 2f + 2c + 1 messages of as many replicas");
        }
        for ((sender, digest), signed) in new_view.members.iter().zip(&entered.view_changes) {
            let message = &signed.message;
            if message.sender != *sender || message.digest() != *digest || message.view != view {
                return wrong("a message is not the one that its new-view names");
            }
            if !self.votes.verify_share(*sender, &message.statement(), &signed.share) {
                return wrong("a message is not signed by its sender");
            }
        }
        if !self.starts.contains_key(&new_view.digest()) {
            let start = self.start(&entered.view_changes, coverage);
            self.starts.insert(new_view.digest(), start);
        }
        Ok(())
    }

    /// An honest replica voted for a body in a view that it had entered.
    pub fn on_vote(&self, replica: ReplicaId, entered: &Entered, seq: SeqNum, body: BodyHash) -> Verdict {
        let Some(start) = self.starts.get(&entered.new_view.digest()) else { return Ok(()) };
        let view = entered.new_view.view;
        match start.bodies.get(&seq) {
            _ if seq <= start.stable => {
                let stable = start.stable;
                Err(format!("replica {replica} voted in slot {seq} of view {view}, which starts after {stable}"))
            }
            Some(decided) if *decided != body => {
                Err(format!("replica {replica} voted for {body} in slot {seq} of view {view}, which must be {decided}"))
            }
            _ => Ok(()),
        }
    }

    fn start(&self, view_changes: &[Arc<SignedViewChange>], coverage: &mut Coverage) -> Start {
        let cluster = self.votes.cluster;
        let proven = |signed: &&Arc<SignedViewChange>| {
            let checkpoint = signed.message.stable.as_ref()?;
            let statement = Statement::Checkpoint { seq: checkpoint.seq, digest: checkpoint.digest };
            let valid = self.votes.verify(&statement, &checkpoint.certificate, cluster.prepare()).is_ok();
            valid.then_some(checkpoint.seq)
        };
        let stable = view_changes.iter().filter_map(|signed| proven(&signed)).max().unwrap_or_default();
        let view = view_changes.first().map(|signed| signed.message.view).unwrap_or_default();
        let reports = || {
            let messages = view_changes.iter().map(|signed| &signed.message);
            messages.flat_map(|message| message.slots.iter().map(|report| (message.sender, report)))
        };
        // A slot is decided up to the last one that anything is known of.
        let last = reports().map(|(_, report)| report.seq).max().unwrap_or_default();
        let mut bodies = BTreeMap::new();
        for seq in (stable.0 + 1..=last.0).map(SeqNum) {
            let about: Vec<_> = reports().filter(|(_, report)| report.seq == seq).collect();
            let silent = view_changes.iter().map(|signed| signed.message.sender);
            let silent = silent.filter(|sender| about.iter().all(|(told, _)| told != sender));
            bodies.insert(seq, self.decide(view, seq, &about, silent, coverage));
        }
        // Above the last slot with evidence nothing needs to be filled; below it, gaps are.
        while bodies.last_key_value().is_some_and(|(_, body)| body.is_none()) {
            bodies.pop_last();
        }
        let bodies = bodies.into_iter().map(|(seq, body)| (seq, body.unwrap_or(self.null))).collect();
        Start { stable, bodies }
    }

    /// What a slot must become; none when there is no evidence of anything.
    fn decide(
        &self,
        view: View,
        seq: SeqNum,
        reports: &[(ReplicaId, &SlotKnowledge)],
        silent: impl Iterator<Item = ReplicaId>,
        coverage: &mut Coverage,
    ) -> Option<BodyHash> {
        let proof = reports.iter().filter_map(|(_, report)| report.committed.as_ref());
        let mut proof = proof.filter(|(body, proof)| self.proves(seq, *body, proof));
        if let Some((body, _)) = proof.next() {
            coverage.note("safe value", "a commit proof");
            return Some(*body);
        }
        let said = |(sender, report): &(ReplicaId, &SlotKnowledge)| {
            let prepared = report.prepared.as_ref().map(|(view, body, certificate)| {
                let statement = Statement::Prepare { view: *view, seq, body: *body };
                (*view, *body, self.votes.verify(&statement, certificate, self.votes.cluster.prepare()).is_ok())
            });
            Said { sender: *sender, accepted: report.accepted, prepared }
        };
        let nothing = silent.map(|sender| Said { sender, accepted: None, prepared: None });
        let mut said: Vec<_> = reports.iter().map(said).chain(nothing).collect();
        said.sort_by_key(|said| said.sender);
        if said.iter().any(|said| said.prepared.is_some_and(|(.., valid)| !valid)) {
            coverage.note("safe value", "an invalid certificate");
        }
        let cluster = self.votes.cluster;
        let numbers = Numbers { f: cluster.f(), c: cluster.c(), view, null: self.null };
        for row in rows::wrong(numbers, &said) {
            coverage.note("a rule that errs", row);
        }
        let (branch, body) = match Rule::right(numbers).evidence(&said) {
            (None, None) => ("nothing", None),
            (Some((_, body)), None) => ("a certificate alone", Some(body)),
            (None, Some((_, body))) => ("reports alone", Some(body)),
            (Some((slow, body)), Some((fast, _))) if slow > fast => ("a later certificate", Some(body)),
            (Some((slow, body)), Some((fast, _))) if slow == fast => ("a tie", Some(body)),
            (Some(_), Some((_, body))) => ("later reports", Some(body)),
        };
        coverage.note("safe value", branch);
        body
    }

    fn proves(&self, seq: SeqNum, body: BodyHash, proof: &CommitProof) -> bool {
        let cluster = self.votes.cluster;
        match proof {
            CommitProof::Fast { view, certificate } => {
                let statement = Statement::Prepare { view: *view, seq, body };
                self.votes.verify(&statement, certificate, cluster.fast_commit()).is_ok()
            }
            CommitProof::Slow { view, certificate } => {
                let statement = Statement::Commit { view: *view, seq, body };
                self.votes.verify(&statement, certificate, cluster.slow_commit()).is_ok()
            }
        }
    }
}
