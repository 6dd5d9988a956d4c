//! Transactions on their way into a block: waiting here, proposed, or decided a short while ago.
//!
//! Every replica keeps what its own clients handed in until it sees it decided. The primary also keeps what others
//! forward, and takes its batches from there. An id that is proposed or was decided lately is not taken in again.

use crate::config::Tuning;
use crate::limits::{EXECUTIONS_KEPT, FORWARD_PERIODS_MAX};
use crate::proposal::{Admitted, Proposal};
use std::collections::{BTreeMap, VecDeque};
use theriac_types::{SeqNum, TxId};

/// A transaction that waits.
#[derive(Debug, Clone)]
struct Waiting {
    admitted: Admitted,
    forward_at_ms: u64,
    pause_ms: u64,
}

/// The transactions a replica cares for. Bounded in number and bytes.
#[derive(Debug, Clone)]
pub struct Requests {
    arrivals: u64,
    waiting: BTreeMap<u64, Waiting>,
    arrival_of: BTreeMap<TxId, u64>,
    waiting_bytes: usize,
    proposed: BTreeMap<TxId, SeqNum>,
    decided: BTreeMap<TxId, SeqNum>,
    decided_slots: VecDeque<(SeqNum, Vec<TxId>)>,
}

impl Requests {
    /// Knows nothing yet.
    pub fn new() -> Self {
        Self {
            arrivals: 0,
            waiting: BTreeMap::new(),
            arrival_of: BTreeMap::new(),
            waiting_bytes: 0,
            proposed: BTreeMap::new(),
            decided: BTreeMap::new(),
            decided_slots: VecDeque::new(),
        }
    }

    /// How many wait.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether a transaction waits, is proposed, or was decided lately.
    pub fn knows(&self, id: &TxId) -> bool {
        self.arrival_of.contains_key(id) || self.proposed.contains_key(id) || self.decided.contains_key(id)
    }

    /// Takes a transaction in, and says whether it did: not when it is known already, or when there is no room.
    pub fn add(&mut self, admitted: Admitted, now_ms: u64, tuning: &Tuning) -> bool {
        let id = admitted.id();
        let bytes = self.waiting_bytes + admitted.bytes();
        if self.knows(&id) || self.waiting.len() >= tuning.requests_waiting || bytes > tuning.requests_waiting_bytes {
            return false;
        }
        self.arrivals += 1;
        self.waiting_bytes = bytes;
        self.arrival_of.insert(id, self.arrivals);
        let pause_ms = tuning.status_ms * 4;
        self.waiting.insert(self.arrivals, Waiting { admitted, forward_at_ms: now_ms + pause_ms, pause_ms });
        true
    }

    /// Whether what waits fills a batch.
    pub fn fill_a_batch(&self, tuning: &Tuning) -> bool {
        self.waiting.len() >= tuning.batch_transactions || self.waiting_bytes >= tuning.batch_bytes
    }

    /// Takes the oldest out, as many as fit a batch. Follow up with [`Requests::propose`].
    pub fn take_batch(&mut self, tuning: &Tuning) -> Vec<Admitted> {
        let mut batch = Vec::new();
        let mut bytes = 0;
        while let Some((arrival, next)) = self.waiting.first_key_value() {
            bytes += next.admitted.bytes();
            if batch.len() >= tuning.batch_transactions || (bytes > tuning.batch_bytes && !batch.is_empty()) {
                break;
            }
            let arrival = *arrival;
            batch.extend(self.remove(arrival));
        }
        batch
    }

    /// Those due for another attempt at the primary, oldest first, as many as fit a batch. Each time the pause doubles.
    pub fn take_due(&mut self, now_ms: u64, tuning: &Tuning) -> Vec<Admitted> {
        let mut due = Vec::new();
        let mut bytes = 0;
        for waiting in self.waiting.values_mut().filter(|w| w.forward_at_ms <= now_ms) {
            bytes += waiting.admitted.bytes();
            if due.len() >= tuning.batch_transactions || (bytes > tuning.batch_bytes && !due.is_empty()) {
                break;
            }
            waiting.pause_ms = (waiting.pause_ms * 2).min(tuning.status_ms * FORWARD_PERIODS_MAX);
            waiting.forward_at_ms = now_ms + waiting.pause_ms;
            due.push(waiting.admitted.clone());
        }
        due
    }

    /// Notes that a slot's proposal carries these.
    pub fn propose(&mut self, seq: SeqNum, proposal: &Proposal) {
        for id in proposal.ids() {
            self.forget_waiting(id);
            self.proposed.insert(*id, seq);
        }
    }

    /// Notes that a slot is decided. Remembers its ids for as long as the slot may be asked about.
    pub fn decide(&mut self, seq: SeqNum, proposal: &Proposal) {
        for id in proposal.ids() {
            self.forget_waiting(id);
            self.proposed.remove(id);
            self.decided.insert(*id, seq);
        }
        self.decided_slots.push_back((seq, proposal.ids().to_vec()));
        while self.decided_slots.len() as u64 > EXECUTIONS_KEPT {
            let Some((oldest, ids)) = self.decided_slots.pop_front() else { return };
            for id in ids {
                // The same id may have been decided again in a later slot.
                if self.decided.get(&id) == Some(&oldest) {
                    self.decided.remove(&id);
                }
            }
        }
    }

    fn forget_waiting(&mut self, id: &TxId) {
        if let Some(arrival) = self.arrival_of.get(id).copied() {
            self.remove(arrival);
        }
    }

    fn remove(&mut self, arrival: u64) -> Option<Admitted> {
        let Waiting { admitted, .. } = self.waiting.remove(&arrival)?;
        self.arrival_of.remove(&admitted.id());
        self.waiting_bytes -= admitted.bytes();
        Some(admitted)
    }
}
