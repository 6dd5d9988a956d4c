//! The baseline: PBFT's normal case with all its usual advantages, and nothing else.
//!
//! The primary proposes; every replica sends a prepare to every other, and once `2f` of them agree with the proposal, a
//! commit to every other; `2f + 1` commits decide. Batches form by the rule of the real primary and with the same
//! settings. A replica does no more work than it must: what comes over an authenticated link needs no check to be
//! counted, votes beyond a quorum are dropped unread, the proposal's own signature is kept for a view change and not
//! checked, and there are no status messages. What the votes carry is a choice, see [`Votes`].

use crate::costs::Costs;
use crate::meter::FreeSigner;
use crate::protocol::{Action, Admission, Input, Protocol, Wire};
use borsh::BorshSerialize;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use theriac_consensus::{Cluster, Destination, Proposal, Timer, Tuning};
use theriac_crypto::{Share, Verified};
use theriac_types::{BodyHash, ReplicaId, SeqNum, Signature, Transaction, View};

/// How a vote is vouched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Votes {
    /// Every vote is signed with a key of its own and checked by whoever counts it, in parallel on the worker cores.
    Signed,
    /// Every vote is a share; a quorum of them is combined and checked at once, on the consensus core.
    Combined,
    /// Votes count because of the link they came over. Nobody can show them to others, so the view change would need
    /// another round.
    Links,
}

/// What vouches for a vote, at its length.
#[derive(Debug, Clone, BorshSerialize)]
pub enum Voucher {
    /// A member's signature.
    Signature(Signature),
    /// A share.
    Share(Share),
    /// Nothing: the link.
    Link,
}

/// A message between replicas.
#[derive(Debug, Clone, BorshSerialize)]
pub enum Message {
    /// Primary to all.
    PrePrepare {
        /// The view.
        view: View,
        /// The slot.
        seq: SeqNum,
        /// The body.
        proposal: Arc<Proposal>,
        /// The primary's.
        voucher: Voucher,
    },
    /// Every backup to all.
    Prepare(Vote),
    /// Every replica to all.
    Commit(Vote),
}

/// A vote for a body.
#[derive(Debug, Clone, BorshSerialize)]
pub struct Vote {
    /// The view.
    pub view: View,
    /// The slot.
    pub seq: SeqNum,
    /// The body.
    pub body: BodyHash,
    /// The voter's.
    pub voucher: Voucher,
}

impl Message {
    /// What it is called in figures.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::PrePrepare { .. } => "pre-prepare",
            Self::Prepare(_) => "prepare",
            Self::Commit(_) => "commit",
        }
    }
}

/// One round of votes in a slot.
#[derive(Debug, Default)]
struct Round {
    /// Votes let in; further ones are dropped at the door.
    admitted: usize,
    /// Who voted, by body. Honest replicas vote for one.
    voters: Vec<(BodyHash, Vec<bool>)>,
    done: bool,
}

impl Round {
    fn add(&mut self, ReplicaId(voter): ReplicaId, body: BodyHash) {
        let known = self.voters.iter().position(|(other, _)| *other == body);
        let place = known.unwrap_or_else(|| {
            self.voters.push((body, Vec::new()));
            self.voters.len() - 1
        });
        let voted = &mut self.voters[place].1;
        voted.resize(voted.len().max(usize::from(voter) + 1), false);
        voted[usize::from(voter)] = true;
    }

    fn count(&self, body: BodyHash) -> usize {
        let voted = self.voters.iter().find(|(other, _)| *other == body);
        voted.map_or(0, |(_, voted)| voted.iter().filter(|voted| **voted).count())
    }
}

#[derive(Debug, Default)]
struct Slot {
    proposal: Option<Arc<Proposal>>,
    prepares: Round,
    commits: Round,
}

/// A replica of the baseline.
#[derive(Debug)]
pub struct AllToAll {
    id: ReplicaId,
    cluster: Cluster,
    tuning: Tuning,
    votes: Votes,
    costs: Arc<Costs>,
    waiting: VecDeque<Verified<Transaction>>,
    slots: BTreeMap<SeqNum, Slot>,
    proposed: SeqNum,
    handed_over: SeqNum,
    executed: SeqNum,
    batch_due: bool,
    batch_timer: bool,
    spent_ns: u64,
}

impl AllToAll {
    /// A replica of a network with `c = 0`.
    pub fn new(id: ReplicaId, cluster: Cluster, tuning: Tuning, votes: Votes, costs: &Arc<Costs>) -> Self {
        assert_eq!(cluster.c(), 0, "the baseline has no redundant replicas");
        Self {
            id,
            cluster,
            tuning: tuning.within_limits(),
            votes,
            costs: Arc::clone(costs),
            waiting: VecDeque::new(),
            slots: BTreeMap::new(),
            proposed: SeqNum(0),
            handed_over: SeqNum(0),
            executed: SeqNum(0),
            batch_due: false,
            batch_timer: false,
            spent_ns: 0,
        }
    }

    fn is_primary(&self) -> bool {
        self.id == self.cluster.primary(VIEW)
    }

    /// Prepares that make a slot prepared, the proposal aside.
    fn prepares_needed(&self) -> usize {
        2 * self.cluster.f()
    }

    fn commits_needed(&self) -> usize {
        2 * self.cluster.f() + 1
    }

    fn voucher(&mut self) -> Voucher {
        match self.votes {
            Votes::Signed => {
                self.spent_ns += self.costs.sign_ns;
                Voucher::Signature(Signature([1; 65]))
            }
            Votes::Combined => {
                self.spent_ns += self.costs.share_ns;
                Voucher::Share(FreeSigner::share())
            }
            Votes::Links => Voucher::Link,
        }
    }

    /// The primary's rule for batches, as in the real replica.
    fn propose_what_is_due(&mut self, now_ns: u64, actions: &mut Vec<Action>) {
        while self.is_primary() && !self.waiting.is_empty() {
            let in_flight = self.proposed.0 - self.executed.0;
            if in_flight >= self.tuning.slots_in_flight {
                return;
            }
            if in_flight > 0 && !self.batch_due && self.waiting.len() < self.tuning.batch_transactions {
                if !self.batch_timer {
                    self.batch_timer = true;
                    actions.push(Action::SetTimer { timer: Timer::Batch, after_ms: self.tuning.batch_wait_ms });
                }
                return;
            }
            self.batch_due = false;
            self.propose(now_ns, actions);
        }
        self.batch_due = false;
    }

    fn propose(&mut self, now_ns: u64, actions: &mut Vec<Action>) {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while let Some(next) = self.waiting.front() {
            bytes += borsh::object_length::<Transaction>(next).expect("counting bytes does not fail");
            if batch.len() >= self.tuning.batch_transactions || (bytes > self.tuning.batch_bytes && !batch.is_empty()) {
                break;
            }
            batch.extend(self.waiting.pop_front());
        }
        let proposal = Proposal::assemble(now_ns / 1_000_000, batch).expect("a batch is within the limits of a block");
        let proposal = Arc::new(proposal);
        self.proposed = self.proposed.next();
        let (seq, voucher) = (self.proposed, self.voucher());
        let message = Message::PrePrepare { view: VIEW, seq, proposal: Arc::clone(&proposal), voucher };
        let wire = Wire::AllToAll(message);
        self.spent_ns += self.costs.body(wire.bytes());
        actions.push(Action::Persist);
        actions.push(Action::Send { to: Destination::Others, wire: Box::new(wire) });
        self.slots.entry(seq).or_default().proposal = Some(proposal);
        self.advance(seq, actions);
    }

    fn on_message(&mut self, from: ReplicaId, message: &Message, actions: &mut Vec<Action>) {
        match message {
            Message::PrePrepare { seq, proposal, .. } => {
                let slot = self.slots.entry(*seq).or_default();
                if from != self.cluster.primary(VIEW) || *seq <= self.executed || slot.proposal.is_some() {
                    return;
                }
                slot.proposal = Some(Arc::clone(proposal));
                let body = proposal.hash();
                slot.prepares.add(self.id, body);
                actions.push(Action::Persist);
                let vote = Vote { view: VIEW, seq: *seq, body, voucher: self.voucher() };
                broadcast(Message::Prepare(vote), actions);
                self.advance(*seq, actions);
            }
            Message::Prepare(vote) => self.count(from, vote, actions, |slot| &mut slot.prepares),
            Message::Commit(vote) => self.count(from, vote, actions, |slot| &mut slot.commits),
        }
    }

    fn count(
        &mut self,
        from: ReplicaId,
        vote: &Vote,
        actions: &mut Vec<Action>,
        round: impl FnOnce(&mut Slot) -> &mut Round,
    ) {
        if vote.seq <= self.executed {
            return;
        }
        let round = round(self.slots.entry(vote.seq).or_default());
        round.add(from, vote.body);
        self.advance(vote.seq, actions);
    }

    /// Goes from proposed to prepared to committed as far as the votes reach.
    fn advance(&mut self, seq: SeqNum, actions: &mut Vec<Action>) {
        let (prepares, commits) = (self.prepares_needed(), self.commits_needed());
        let Some(slot) = self.slots.get_mut(&seq) else { return };
        let Some(body) = slot.proposal.as_ref().map(|proposal| proposal.hash()) else { return };
        if !slot.prepares.done && slot.prepares.count(body) >= prepares {
            slot.prepares.done = true;
            slot.commits.add(self.id, body);
            self.pay_for_quorum(prepares);
            actions.push(Action::Persist);
            let vote = Vote { view: VIEW, seq, body, voucher: self.voucher() };
            broadcast(Message::Commit(vote), actions);
        }
        let Some(slot) = self.slots.get_mut(&seq) else { return };
        if slot.prepares.done && !slot.commits.done && slot.commits.count(body) >= commits {
            slot.commits.done = true;
            self.pay_for_quorum(commits);
            actions.push(Action::Persist);
            self.execute_what_is_next(actions);
        }
    }

    fn pay_for_quorum(&mut self, votes: usize) {
        if self.votes == Votes::Combined {
            self.spent_ns += self.costs.combine(votes);
        }
    }

    fn execute_what_is_next(&mut self, actions: &mut Vec<Action>) {
        while let Some(slot) = self.slots.get(&self.handed_over.next()).filter(|slot| slot.commits.done) {
            let Some(proposal) = slot.proposal.clone() else { return };
            self.handed_over = self.handed_over.next();
            actions.push(Action::Execute { seq: self.handed_over, proposal, fast: false });
        }
    }
}

fn broadcast(message: Message, actions: &mut Vec<Action>) {
    actions.push(Action::Send { to: Destination::Others, wire: Box::new(Wire::AllToAll(message)) });
}

/// The only view: nobody suspects the primary here.
const VIEW: View = View(0);

impl Protocol for AllToAll {
    fn start(&mut self, _: u64, _: &mut Vec<Action>) {}

    fn admit(&mut self, wire: &Wire) -> Option<Admission> {
        let Wire::AllToAll(message) = wire else { return None };
        let needed = (self.prepares_needed(), self.commits_needed());
        let (vote, commits, needed) = match message {
            Message::PrePrepare { proposal, .. } => {
                return Some(Admission { body_ns: self.costs.body(wire.bytes()), signatures: proposal.ids().len() });
            }
            Message::Prepare(vote) => (vote, false, needed.0),
            Message::Commit(vote) => (vote, true, needed.1),
        };
        if vote.seq <= self.executed {
            return None;
        }
        let slot = self.slots.entry(vote.seq).or_default();
        let round = if commits { &mut slot.commits } else { &mut slot.prepares };
        // Everybody is honest here, so a quorum of votes let in will be a quorum of good ones.
        if round.admitted >= needed {
            return None;
        }
        round.admitted += 1;
        Some(Admission { body_ns: 0, signatures: usize::from(self.votes == Votes::Signed) })
    }

    fn step(&mut self, now_ns: u64, input: Input, actions: &mut Vec<Action>) -> u64 {
        self.spent_ns = self.costs.step_ns;
        match input {
            Input::Message { from, wire } => {
                if let Wire::AllToAll(message) = &*wire {
                    self.on_message(from, message, actions);
                }
            }
            Input::Requests(transactions) => self.waiting.extend(transactions),
            Input::Timer(_) => {
                self.batch_timer = false;
                self.batch_due = true;
            }
            Input::Executed { seq, .. } => {
                self.executed = seq;
                self.slots = self.slots.split_off(&seq.next());
            }
        }
        self.propose_what_is_due(now_ns, actions);
        self.spent_ns
    }
}
