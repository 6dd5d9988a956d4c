//! Requests, and the batches the primary makes of them.
//!
//! While nothing is in flight a request is proposed at once. Otherwise the primary waits until as much waits as is in
//! flight, or until its timer fires, and never has more than so many slots between proposed and executed: under load
//! batches grow instead of slots. What is left of an epoch that ends is filled with null blocks when there are no
//! requests.

use super::Replica;
use crate::input::Timer;
use crate::message::Message;
use crate::proposal::{Admitted, Proposal};
use crate::requests::Origin;
use crate::slot::Phase;
use crate::turn::Turn;
use std::sync::Arc;
use theriac_crypto::Verified;
use theriac_types::limits::BLOCK_BYTES_MAX;
use theriac_types::{ReplicaId, Transaction};

impl Replica {
    /// Takes what this peer's own clients handed in; a backup also tells the primary.
    pub(super) fn on_client_requests(&mut self, turn: &mut Turn<'_>, transactions: Vec<Verified<Transaction>>) {
        let (now_ms, tuning) = (turn.now_ms(), &self.config.tuning);
        let mut taken: Vec<Admitted> = transactions.into_iter().map(Admitted::from).collect();
        taken.retain(|admitted| self.requests.add(admitted.clone(), Origin::Client, now_ms, tuning));
        if self.is_primary() {
            self.propose_what_is_due(turn);
        } else if self.views.active() {
            self.forward(turn, taken);
        }
    }

    /// Takes what another replica's clients handed in there: to propose it, or to see to it that somebody does.
    pub(super) fn on_request(&mut self, turn: &mut Turn<'_>, from: ReplicaId, proposal: &Proposal) {
        for index in 0..proposal.ids().len() {
            if !self.requests.knows(&proposal.ids()[index]) {
                let admitted = proposal.admitted(index);
                self.requests.add(admitted, Origin::Replica(from), turn.now_ms(), &self.config.tuning);
            }
        }
        self.propose_what_is_due(turn);
    }

    /// In a new view: proposes what waits, or tells the new primary.
    pub(super) fn hand_on_requests(&mut self, turn: &mut Turn<'_>) {
        if self.is_primary() {
            self.propose_what_is_due(turn);
        } else {
            let own = self.requests.own();
            self.forward(turn, own);
        }
    }

    /// Sends transactions to the primary.
    pub(super) fn forward(&self, turn: &mut Turn<'_>, transactions: Vec<Admitted>) {
        let primary = self.primary();
        for message in self.request_messages(transactions) {
            turn.send(primary, message);
        }
    }

    /// Packs transactions into messages of at most a batch.
    pub(super) fn request_messages(&self, transactions: Vec<Admitted>) -> Vec<Message<Arc<Proposal>>> {
        let mut messages = Vec::new();
        let mut batch = Vec::new();
        let mut bytes = 0;
        for admitted in transactions {
            let full = batch.len() >= self.config.tuning.batch_transactions;
            if full || (bytes + admitted.bytes() > self.config.tuning.batch_bytes && !batch.is_empty()) {
                messages.push(request(std::mem::take(&mut batch)));
                bytes = 0;
            }
            bytes += admitted.bytes();
            batch.push(admitted);
        }
        if !batch.is_empty() {
            messages.push(request(batch));
        }
        messages
    }

    pub(super) fn on_batch_timer(&mut self, turn: &mut Turn<'_>) {
        self.batch_timer = false;
        self.batch_due = true;
        self.propose_what_is_due(turn);
    }

    /// Proposes as long as there is something to propose, and reason not to wait.
    pub(super) fn propose_what_is_due(&mut self, turn: &mut Turn<'_>) {
        // A body that the view starts with and that is not here yet may hold what waits here.
        if !self.is_primary() || self.lacks_openings() {
            return;
        }
        while self.requests.waiting() > 0 || self.is_epoch_ending() {
            let in_flight = self.proposed.0.saturating_sub(self.executed().0);
            let next = self.proposed.next();
            if in_flight >= self.in_flight_max() || !self.may_vote(next) || !self.has_room_for(next, BLOCK_BYTES_MAX) {
                return;
            }
            if self.requests.waiting() == 0 {
                self.propose(turn, Proposal::null());
                continue;
            }
            if in_flight > 0
                && !self.batch_due
                && !self.requests.suffice_for_a_batch(self.executed(), &self.config.tuning)
            {
                if !self.batch_timer {
                    self.batch_timer = true;
                    turn.set_timer(Timer::Batch, self.config.tuning.batch_wait_ms);
                }
                return;
            }
            self.batch_due = false;
            let batch = self.requests.take_batch(&self.config.tuning);
            let proposal = Proposal::batch(self.next_time_ms(turn), batch);
            self.propose(turn, proposal.expect("a batch is within the limits of a block"));
        }
        self.batch_due = false;
    }

    fn propose(&mut self, turn: &mut Turn<'_>, proposal: Proposal) {
        let proposal = Arc::new(proposal);
        let seq = self.proposed.next();
        self.proposed = seq;
        self.requests.propose(seq, &proposal);
        let view = self.views.view;
        let slot = self.slot_mut(turn, seq).expect("slots in flight are fewer than the window's");
        assert!(matches!(slot.phase, Phase::Open), "a primary proposes once in slot {seq}");
        let share = self.accept(turn, seq, Arc::clone(&proposal));
        turn.broadcast(Message::PrePrepare { view, seq, proposal, share });
        self.after_accepting(turn, seq);
    }
}

fn request(batch: Vec<Admitted>) -> Message<Arc<Proposal>> {
    Message::Request(Arc::new(Proposal::batch(0, batch).expect("a batch is within the limits of a block")))
}
