//! Messages arrive, peers take their turns, and what they say goes on its way.

use super::World;
use super::event::Event;
use super::names::describe;
use crate::byzantine::Wire;
use crate::check::memory;
use crate::network::Letter;
use crate::sinks::Job;
use std::sync::Arc;
use theriac_consensus::{Destination, Fault, Input};
use theriac_crypto::Statement;
use theriac_ordering::OrderingError;
use theriac_types::{Epoch, ReplicaId, View};

/// Longest time between something coming in and the turn that takes it.
const TURN_US_MAX: u64 = 400;

impl World {
    pub(super) fn arrive(&mut self, epoch: Epoch, from: ReplicaId, index: usize, letter: Letter) {
        let at_us = self.now_us;
        let Letter { message, digest, .. } = letter;
        let to = self.peers[index].id;
        let place = index as u64;
        self.trace.add(at_us, "arrives", &(from, place, digest), || format!("{from} -> {to}  {}", describe(&message)));
        let mut message = Arc::unwrap_or_clone(message);
        if self.peers[index].epoch != epoch {
            // Nothing is known of later epochs; whoever is still in an earlier one is helped on.
            if self.peers[index].epoch > epoch && self.peers[index].up {
                self.answer_from_store(epoch, index, from, &message);
            }
            return;
        }
        self.note_arrival(index, &message);
        if let Some(liar) = &mut self.peers[index].liar {
            match liar.hear(from, message) {
                Some(heard) => message = heard,
                None => return,
            }
        }
        self.take_in(index, Input::Message { from, message });
    }

    /// Notes which kind of message came to a replica in which mode.
    fn note_arrival(&mut self, index: usize, message: &Wire) {
        let Some(ordering) = &self.peers[index].running else { return };
        let replica = ordering.replica();
        let mode = match (replica.is_active(), replica.is_primary()) {
            (true, true) => "to the primary",
            (true, false) => "to a backup",
            (false, true) => "to the next primary",
            (false, false) => "between views",
        };
        self.coverage.note(mode, message.kind());
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

    /// Makes sure that a peer has a turn at this time at the latest, or when it goes on after a pause.
    pub(super) fn plan_turn(&mut self, index: usize, at_us: u64) {
        let peer = &mut self.peers[index];
        let at_us = at_us.max(peer.paused_until_us);
        if peer.turn_at_us.is_none_or(|planned| planned > at_us) {
            peer.turn_at_us = Some(at_us);
            self.schedule(at_us, Event::Turn { peer: index });
        }
    }

    pub(super) fn turn(&mut self, index: usize) {
        let now = self.now(index);
        let peer = &mut self.peers[index];
        // An earlier turn took this one's place, or the peer is down or paused.
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
        if let Err(OrderingError::Log(_)) = result {
            self.term(index).votes.drop_fresh();
            return self.die(index);
        }
        self.check_signatures(index);
        self.look_at_replica(index);
        let Some(ordering) = &mut self.peers[index].running else { return };
        let messages = std::mem::take(&mut ordering.transport_mut().messages);
        let jobs = std::mem::take(&mut ordering.executor_mut().jobs);
        let deadline = ordering.next_deadline();
        for (to, message, verdict) in messages {
            if self.peers[index].is_honest() {
                self.check("S3", verdict);
            }
            self.send(index, to, message);
        }
        self.add_lies(index);
        for job in jobs {
            self.do_job(index, job);
        }
        if let Some(deadline_ms) = deadline {
            self.plan_turn(index, deadline_ms.saturating_mul(1000).max(self.now_us + 1));
        }
    }

    fn look_at_replica(&mut self, index: usize) {
        let misuse = self.peers[index].disk.borrow_mut().misuse.take();
        let peer = &mut self.peers[index];
        let Some(ordering) = &peer.running else { return };
        let replica = ordering.replica();
        if let Some(liar) = &mut peer.liar {
            (liar.scene.view, liar.scene.executed) = (replica.view(), replica.executed());
            liar.scene.now_us = self.now_us;
            return;
        }
        self.figures.views = self.figures.views.max(replica.view().0);
        self.figures.failed_views = self.figures.failed_views.max(replica.failed_views());
        if replica.is_active() && replica.view() > View(0) {
            self.entered.insert((peer.epoch, replica.view()));
        }
        let id = peer.id;
        let verdict = memory::check(id, replica.footprint(), self.terms[&peer.epoch].cluster, &self.plan.base.tuning);
        self.check("memory", verdict);
        self.check("S3", misuse.map_or(Ok(()), |misuse| Err(format!("replica {id}: {misuse}"))));
    }

    fn check_signatures(&mut self, index: usize) {
        for (replica, statement) in self.term(index).votes.take_fresh() {
            let is_honest = self.peers[usize::from(replica.0)].is_honest();
            let term = self.term_mut(index);
            if !is_honest {
                if term.of_twins.on_vote(replica, &statement).is_err() {
                    self.coverage.note("twins", "sign two of a kind");
                }
                continue;
            }
            let agreement = term.agreement.on_vote(replica, &statement);
            let votes = term.one_digest.on_vote(replica, &statement);
            let promises = term.promises.on_vote(replica, &statement);
            self.check("S1", agreement);
            self.check("S2", votes.and(promises));
            if let Statement::Prepare { view, seq, body } = statement {
                let entered = self.peers[index].disk.borrow().entered.get(&view).cloned();
                let Some(entered) = entered else { continue };
                let epoch = self.peers[index].epoch;
                let Some(term) = self.terms.get_mut(&epoch) else { continue };
                let set = term.safe_value.on_entered(replica, &entered, &mut self.coverage);
                let vote = term.safe_value.on_vote(replica, &entered, seq, body);
                self.check("safe value", set.and(vote));
            }
        }
    }

    fn send(&mut self, index: usize, to: Destination, message: Wire) {
        let from = self.peers[index].id;
        let receivers: Vec<_> = match to {
            // A mutant may write to a replica that there is not.
            Destination::One(id) => vec![id].into_iter().filter(|id| self.term(index).cluster.has(*id)).collect(),
            Destination::Others => self.term(index).cluster.ids().filter(|id| *id != from).collect(),
        };
        let epoch = self.peers[index].epoch;
        if self.peers[index].is_honest() {
            let letter = Letter::new(message);
            receivers.into_iter().for_each(|to| self.carry(epoch, index, to, &letter));
            return;
        }
        for to in receivers {
            self.say(index, to, message.clone());
        }
    }

    /// Sends one message to one replica, altered when the sender is a liar.
    pub(super) fn say(&mut self, index: usize, to: ReplicaId, message: Wire) {
        self.say_in(self.peers[index].epoch, index, to, message);
    }

    /// Sends one message in an epoch, which may be over here.
    pub(super) fn say_in(&mut self, epoch: Epoch, index: usize, to: ReplicaId, message: Wire) {
        let said = match &mut self.peers[index].liar {
            Some(liar) => liar.alter(to, message),
            None => vec![message],
        };
        said.into_iter().for_each(|message| self.carry(epoch, index, to, &Letter::new(message)));
    }

    /// Puts a message on its link; where its receiver has two instances, on both.
    fn carry(&mut self, epoch: Epoch, index: usize, to: ReplicaId, letter: &Letter) {
        let second = self.seconds.get(&to).copied();
        for place in [Some(usize::from(to.0)), second].into_iter().flatten() {
            self.carry_to(epoch, index, place, letter);
        }
    }

    fn carry_to(&mut self, epoch: Epoch, index: usize, place: usize, letter: &Letter) {
        let (from, to) = (self.peers[index].id, self.peers[place].id);
        let joined = self.are_joined(index, place);
        let arrivals = self.network.arrivals(&self.plan, self.now_us, from, to, letter);
        if arrivals.is_empty() || !joined {
            let at_us = self.now_us;
            self.trace.add(at_us, "lost", &(from, to), || format!("{from} -> {to}  {}", describe(&letter.message)));
        }
        for at_us in arrivals.into_iter().filter(|_| joined) {
            self.schedule(at_us, Event::Arrive { epoch, from, to: place, letter: letter.clone() });
        }
    }

    /// Whether two peers talk to each other, as far as twins are concerned.
    pub(super) fn are_joined(&self, from: usize, to: usize) -> bool {
        let (from, to) = (self.peers[from].instance(), self.peers[to].instance());
        self.plan.twins().all(|twins| twins.carries(self.now_us, self.plan.base.end_us, from, to))
    }

    fn add_lies(&mut self, index: usize) {
        let epoch = self.peers[index].epoch;
        let Some(liar) = &mut self.peers[index].liar else { return };
        for (to, message) in liar.add() {
            self.carry(epoch, index, to, &Letter::new(message));
        }
    }

    fn do_job(&mut self, index: usize, job: Job) {
        let me = self.peers[index].id;
        let honest = self.peers[index].is_honest();
        let at_us = self.now_us;
        match job {
            Job::Execute(seq, proposal, proof, verdict) => {
                if honest {
                    self.check("S3", verdict);
                }
                self.plan_execution(index, seq, proposal, proof);
            }
            Job::Certified(seq, digest, certificate) => self.plan_certificate(index, seq, digest, certificate),
            Job::Serve(to, first, last) => self.serve(index, to, first, last),
            Job::Stable(checkpoint) => self.take_checkpoint(index, checkpoint),
            Job::Transfer(checkpoint) => self.begin_transfer(index, checkpoint),
            Job::EpochOver(at) => {
                self.trace.add(at_us, "epoch over", &(me, at.seq), || format!("{me}  at slot {}", at.seq));
                let view = self.peers[index].running.as_ref().map_or(View(0), |ordering| ordering.replica().view());
                self.coverage.note("epoch", if view == View(0) { "ends in its first view" } else { "ends later" });
                let run = self.peers[index].run;
                self.schedule(at_us, Event::Succeed { peer: index, run });
            }
            Job::Evidence(replica, fault) => {
                let name = fault_name(&fault);
                self.trace.add(at_us, "evidence", &(me, replica), || format!("{me} against {replica}: {fault:?}"));
                if honest {
                    *self.figures.evidence.entry(name).or_default() += 1;
                }
                // Whose clock is wrong is not to be seen from a wrong clock.
                let excused = matches!(fault, Fault::BadTime { .. }) && self.plan.has_wrong_clocks();
                let framed = self.peers[usize::from(replica.0)].is_honest() && honest && !excused;
                let verdict = Err(format!("replica {me} holds honest replica {replica} for faulty: {fault:?}"));
                self.check("evidence", if framed { verdict } else { Ok(()) });
            }
            Job::Halt(reason) => {
                self.check("S6", if honest { Err(format!("replica {me} halted: {reason}")) } else { Ok(()) });
            }
        }
    }
}

/// A fault's name, as the report counts it.
fn fault_name(fault: &Fault) -> &'static str {
    match fault {
        Fault::Equivocation { .. } => "equivocation",
        Fault::ConflictingVotes { .. } => "conflicting votes",
        Fault::BrokenPromise { .. } => "broken promise",
        Fault::ConflictingViewChanges { .. } => "conflicting view-changes",
        Fault::InvalidViewChange { .. } => "invalid view-change",
        Fault::InvalidNewView { .. } => "invalid new-view",
        Fault::BadTime { .. } => "bad time",
        Fault::BadShare { .. } => "bad share",
        Fault::BadCertificate { .. } => "bad certificate",
        Fault::DivergentState { .. } => "divergent state",
    }
}
