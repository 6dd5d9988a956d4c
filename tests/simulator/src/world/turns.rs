//! Messages arrive, peers take their turns, and what they say goes on its way.

use super::{Event, World};
use crate::byzantine::Wire;
use crate::plan::CrashPoint;
use crate::sinks::Job;
use theriac_consensus::{Destination, Input, Message};
use theriac_crypto::{RecordingSigner, ShareSigner, Statement};
use theriac_ordering::OrderingError;
use theriac_types::ReplicaId;

/// Longest time between something coming in and the turn that takes it.
const TURN_US_MAX: u64 = 400;

impl World {
    pub(super) fn arrive(&mut self, from: ReplicaId, to: ReplicaId, message: Wire) {
        let at_us = self.now_us;
        self.trace.add(at_us, "arrive", &(from, to, &message), || format!("{from} -> {to}: {}", name(&message)));
        self.take_in(usize::from(to.0), Input::Message { from, message });
    }

    /// Puts an input into a running peer's inbox; what comes to a peer that is down is lost.
    pub(super) fn take_in(&mut self, index: usize, input: Input) {
        if self.peers[index].running.is_none() {
            return;
        }
        self.peers[index].inbox.push(input);
        let soon = self.now_us + self.random.below(TURN_US_MAX);
        self.plan_turn(index, soon);
    }

    /// Makes sure that a peer has a turn at this time at the latest.
    pub(super) fn plan_turn(&mut self, index: usize, at_us: u64) {
        let peer = &mut self.peers[index];
        if peer.turn_at_us.is_none_or(|planned| planned > at_us) {
            peer.turn_at_us = Some(at_us);
            let id = peer.id;
            self.schedule(at_us, Event::Turn { peer: id });
        }
    }

    pub(super) fn turn(&mut self, index: usize) {
        let now = self.now(index);
        let peer = &mut self.peers[index];
        // An earlier turn took this one's place, or the peer is down.
        if peer.turn_at_us != Some(self.now_us) {
            return;
        }
        peer.turn_at_us = None;
        let inputs = std::mem::take(&mut peer.inbox);
        let Some(ordering) = &mut peer.running else { return };
        let result = ordering.turn(now, inputs);
        self.after_turn(index, result.map(|_| ()));
    }

    /// Follows up on a turn or a start: signatures are checked, messages and jobs go on their way.
    pub(super) fn after_turn(&mut self, index: usize, result: Result<(), OrderingError>) {
        let signatures = self.journal.take();
        if let Err(OrderingError::Log(_)) = result {
            return self.die(index, CrashPoint::Sync);
        }
        self.check_signatures(signatures);
        let Some(ordering) = &mut self.peers[index].running else { return };
        let messages = std::mem::take(&mut ordering.transport_mut().messages);
        let jobs = std::mem::take(&mut ordering.executor_mut().jobs);
        let deadline = ordering.next_deadline();
        for (to, message, verdict) in messages {
            if self.peers[index].is_honest() {
                self.check("S3", verdict);
            }
            self.send(index, to, &message);
        }
        self.add_lies(index);
        for job in jobs {
            self.do_job(index, job);
        }
        if let Some(deadline_ms) = deadline {
            self.plan_turn(index, deadline_ms.saturating_mul(1000).max(self.now_us + 1));
        }
    }

    fn check_signatures(&mut self, signatures: Vec<(ReplicaId, Statement)>) {
        for (replica, statement) in signatures {
            let (context, record) = (self.context.clone(), self.overheard.clone());
            RecordingSigner { replica, context, record }.sign(&statement);
            if self.peers[usize::from(replica.0)].is_honest() {
                let verdict = self.agreement.on_vote(replica, &statement);
                self.check("S1", verdict);
                let verdict = self.one_digest.on_vote(replica, &statement);
                self.check("S2", verdict);
            }
        }
    }

    fn send(&mut self, index: usize, to: Destination, message: &Wire) {
        let from = self.peers[index].id;
        let receivers: Vec<_> = match to {
            Destination::One(id) => vec![id],
            Destination::Others => self.options.cluster.ids().filter(|id| *id != from).collect(),
        };
        for receiver in receivers {
            let message = message.clone();
            let said = match &mut self.peers[index].lies {
                Some((behaviour, scene)) => behaviour.alter(scene, receiver, message),
                None => vec![message],
            };
            said.into_iter().for_each(|message| self.carry(from, receiver, message));
        }
    }

    /// Puts a message on its link.
    pub(super) fn carry(&mut self, from: ReplicaId, to: ReplicaId, message: Wire) {
        let arrivals = self.network.arrivals(&self.plan, self.now_us, from, to);
        for at_us in arrivals {
            self.schedule(at_us, Event::Arrive { from, to, message: message.clone() });
        }
    }

    fn add_lies(&mut self, index: usize) {
        let from = self.peers[index].id;
        let Some((behaviour, scene)) = &mut self.peers[index].lies else { return };
        for (to, message) in behaviour.add(scene) {
            self.carry(from, to, message);
        }
    }

    fn do_job(&mut self, index: usize, job: Job) {
        let me = self.peers[index].id;
        match job {
            Job::Execute(seq, proposal, proof, verdict) => {
                if self.peers[index].is_honest() {
                    self.check("S3", verdict);
                }
                self.plan_execution(index, seq, proposal, proof);
            }
            Job::Certified(seq, digest, certificate) => self.plan_certificate(index, seq, digest, certificate),
            Job::Serve(to, first, last) => self.serve(index, to, first, last),
            Job::Evidence(replica, fault) => {
                let at_us = self.now_us;
                self.trace.add(at_us, "evidence", &(me, replica), || format!("{me} against {replica}: {fault:?}"));
                self.evidence += 1;
                let framed = self.peers[usize::from(replica.0)].is_honest() && self.peers[index].is_honest();
                let verdict = Err(format!("replica {me} holds honest replica {replica} for faulty: {fault:?}"));
                self.check("evidence", if framed { verdict } else { Ok(()) });
            }
            Job::Halt(reason) => {
                let honest = self.peers[index].is_honest();
                self.check("S6", if honest { Err(format!("replica {me} halted: {reason}")) } else { Ok(()) });
            }
        }
    }
}

/// A message's name and slot, for the trace.
fn name(message: &Wire) -> String {
    match message {
        Message::Request(proposal) => format!("request of {}", proposal.ids().len()),
        Message::PrePrepare { seq, proposal, .. } => format!("pre-prepare {seq} {:?}", proposal.hash()),
        Message::SignShare { seq, body, .. } => format!("sign-share {seq} {body:?}"),
        Message::FullCommitProof { seq, body, .. } => format!("full-commit-proof {seq} {body:?}"),
        Message::Prepare { seq, body, .. } => format!("prepare {seq} {body:?}"),
        Message::Commit { seq, body, .. } => format!("commit {seq} {body:?}"),
        Message::FullCommitProofSlow { seq, body, .. } => format!("full-commit-proof-slow {seq} {body:?}"),
        Message::SignState { seq, digest, .. } => format!("sign-state {seq} {digest:?}"),
        Message::FullExecuteProof { seq, digest, .. } => format!("full-execute-proof {seq} {digest:?}"),
        Message::Status { view, active, stable, executed, certified } => {
            let mode = if *active { "in" } else { "entering" };
            format!("status {mode} view {view}, stable {stable}, executed {executed}, certified {certified}")
        }
        Message::Fetch { first, last } => format!("fetch {first} to {last}"),
        Message::Decided { seq, proposal, .. } => format!("decided {seq} {:?}", proposal.hash()),
        Message::FetchBody { seq, body } => format!("fetch-body {seq} {body:?}"),
        Message::Body { seq, proposal } => format!("body {seq} {:?}", proposal.hash()),
        Message::Checkpoint { seq, digest, .. } => format!("checkpoint {seq} {digest:?}"),
        Message::Stable(checkpoint) => format!("stable {} {:?}", checkpoint.seq, checkpoint.digest),
        Message::Complain { view } => format!("complain {view}"),
        Message::ViewChange(signed) => {
            let message = &signed.message;
            format!("view-change {} of {} with {} slots", message.view, message.sender, message.slots.len())
        }
        Message::NewView(new_view) => format!("new-view {}", new_view.view),
        Message::FetchViewChanges { view, wanted } => format!("fetch-view-changes {view}, {}", wanted.len()),
    }
}
