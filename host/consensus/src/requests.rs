//! Transactions on their way into a block: waiting here, proposed, or decided a short while ago.
//!
//! Every replica keeps what its own clients handed in until it sees it decided. The primary also keeps what others
//! forward, and takes its batches from there. An id that is proposed or was decided lately is not taken in again.

use crate::config::Tuning;
use crate::limits::{EXECUTIONS_KEPT, FORWARD_PERIODS_MAX};
use crate::proposal::{Admitted, Proposal};
use std::collections::{BTreeMap, VecDeque};
use theriac_types::{ReplicaId, SeqNum, TxId};

/// Where a transaction came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// This replica's own clients: it answers for it that the transaction gets to the primary.
    Client,
    /// Another replica. What it brings has its share of the room, so that it cannot keep others out.
    Replica(ReplicaId),
}

/// A transaction that waits.
#[derive(Debug, Clone)]
struct Waiting {
    admitted: Admitted,
    origin: Origin,
    since_ms: u64,
    /// Whether every replica was told of it.
    told: bool,
    forward_at_ms: u64,
    pause_ms: u64,
}

impl Waiting {
    fn is_untold(&self) -> bool {
        self.origin == Origin::Client && !self.told
    }
}

/// How many transactions, and their bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Room {
    count: usize,
    bytes: usize,
}

/// The transactions a replica cares for. Bounded in number and bytes, of every other replica and altogether.
#[derive(Debug, Clone)]
pub struct Requests {
    /// Another replica may fill the room divided by this.
    shares: usize,
    arrivals: u64,
    waiting: BTreeMap<u64, Waiting>,
    arrival_of: BTreeMap<TxId, u64>,
    waiting_bytes: usize,
    /// What waits of other replicas.
    brought: BTreeMap<ReplicaId, Room>,
    proposed: BTreeMap<TxId, SeqNum>,
    decided: BTreeMap<TxId, SeqNum>,
    decided_slots: VecDeque<(SeqNum, Vec<TxId>)>,
}

impl Requests {
    /// Knows nothing yet. Another replica may fill the room divided by `shares`.
    pub fn new(shares: usize) -> Self {
        Self {
            shares: shares.max(1),
            arrivals: 0,
            waiting: BTreeMap::new(),
            arrival_of: BTreeMap::new(),
            waiting_bytes: 0,
            brought: BTreeMap::new(),
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
    pub fn add(&mut self, admitted: Admitted, origin: Origin, now_ms: u64, tuning: &Tuning) -> bool {
        let all = Room { count: self.waiting.len(), bytes: self.waiting_bytes };
        let share = match origin {
            Origin::Client => Room::default(),
            Origin::Replica(from) => self.brought.get(&from).copied().unwrap_or_default(),
        };
        let fits = |kept: Room, shares: usize| {
            kept.count < tuning.requests_waiting.div_ceil(shares)
                && kept.bytes + admitted.bytes() <= tuning.requests_waiting_bytes / shares
        };
        let taken = fits(all, 1) && fits(share, self.shares) && !self.knows(&admitted.id());
        if taken {
            self.wait(admitted, origin, now_ms, tuning);
        }
        taken
    }

    fn wait(&mut self, admitted: Admitted, origin: Origin, now_ms: u64, tuning: &Tuning) {
        self.arrivals += 1;
        self.waiting_bytes += admitted.bytes();
        if let Origin::Replica(from) = origin {
            let share = self.brought.entry(from).or_default();
            share.count += 1;
            share.bytes += admitted.bytes();
        }
        self.arrival_of.insert(admitted.id(), self.arrivals);
        let pause_ms = tuning.status_ms * 4;
        let forward_at_ms = now_ms + pause_ms;
        let waiting = Waiting { admitted, origin, since_ms: now_ms, told: false, forward_at_ms, pause_ms };
        self.waiting.insert(self.arrivals, waiting);
    }

    /// Takes back what this replica proposed as primary and lost the slot for: it waits again, however many wait.
    pub fn give_back(&mut self, proposal: &Proposal, now_ms: u64, tuning: &Tuning) {
        for (index, id) in proposal.ids().iter().enumerate() {
            if self.proposed.remove(id).is_some() && !self.knows(id) {
                self.wait(proposal.admitted(index), Origin::Client, now_ms, tuning);
            }
        }
    }

    /// Hands over to the replica of another epoch. What was proposed in this one is decided by now.
    pub fn bequeath(&mut self) -> Self {
        let requests = std::mem::replace(self, Self::new(self.shares));
        Self { proposed: BTreeMap::new(), ..requests }
    }

    /// Since when the oldest has waited.
    pub fn oldest_ms(&self) -> Option<u64> {
        self.waiting.first_key_value().map(|(_, waiting)| waiting.since_ms)
    }

    /// Since when the oldest has waited that this replica answers for and did not tell everybody about.
    pub fn oldest_untold_ms(&self) -> Option<u64> {
        self.waiting.values().find(|waiting| waiting.is_untold()).map(|waiting| waiting.since_ms)
    }

    /// Those that this replica answers for and that have waited since then, oldest first, as many as fit a batch:
    /// everybody is to be told, once.
    pub fn take_untold(&mut self, since_ms: u64, tuning: &Tuning) -> Vec<Admitted> {
        let untold = self.waiting.values_mut().filter(|waiting| waiting.is_untold() && waiting.since_ms <= since_ms);
        let told = untold.take(tuning.batch_transactions).map(|waiting| {
            waiting.told = true;
            waiting.admitted.clone()
        });
        told.collect()
    }

    /// Those that this replica answers for, oldest first.
    pub fn own(&self) -> Vec<Admitted> {
        let own = self.waiting.values().filter(|waiting| waiting.origin == Origin::Client);
        own.map(|waiting| waiting.admitted.clone()).collect()
    }

    /// Whether enough waits for a batch: as much as is in flight, up to execution, and no more than fits. A lone
    /// transaction is enough beside another; under load batches grow, and with them what one sync and one proof carry.
    pub fn suffice_for_a_batch(&self, executed: SeqNum, tuning: &Tuning) -> bool {
        let decided = self.decided_slots.iter().filter(|(seq, _)| *seq > executed).map(|(_, ids)| ids.len());
        let in_flight = self.proposed.len() + decided.sum::<usize>();
        let enough = in_flight.clamp(1, tuning.batch_transactions.max(1));
        self.waiting.len() >= enough || self.waiting_bytes >= tuning.batch_bytes
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
        let Waiting { admitted, origin, .. } = self.waiting.remove(&arrival)?;
        self.arrival_of.remove(&admitted.id());
        self.waiting_bytes -= admitted.bytes();
        if let Origin::Replica(from) = origin
            && let Some(share) = self.brought.get_mut(&from)
        {
            share.count -= 1;
            share.bytes -= admitted.bytes();
        }
        Some(admitted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_crypto::{MemberKey, Verified, names};
    use theriac_types::{Bytes, Creator, Height, List, Nonce, Transaction, TransactionBody};

    fn admitted(number: u64) -> Admitted {
        let key = MemberKey::from_bytes(&[7; 32]).unwrap();
        let body = TransactionBody {
            channel: "test".parse().unwrap(),
            creator: Creator { member: "org/member".parse().unwrap(), key: key.public_key() },
            nonce: Nonce(number),
            valid_until: Height(9),
            chaincode: "trace".parse().unwrap(),
            function: "commission".parse().unwrap(),
            args: Bytes::default(),
            transient_hash: None,
        };
        let signature = key.sign(names::tx_id(&body));
        Verified::check(Transaction { body, signature, cosignatures: List::default() }).unwrap().into()
    }

    fn tuning() -> Tuning {
        Tuning { batch_transactions: 3, requests_waiting: 5, status_ms: 10, ..Tuning::default() }
    }

    fn with(numbers: impl IntoIterator<Item = u64>) -> Requests {
        let mut requests = Requests::new(2);
        numbers.into_iter().for_each(|number| assert!(requests.add(admitted(number), Origin::Client, 0, &tuning())));
        requests
    }

    fn ids(batch: &[Admitted]) -> Vec<TxId> {
        batch.iter().map(Admitted::id).collect()
    }

    fn proposal(numbers: &[u64]) -> Proposal {
        Proposal::batch(0, numbers.iter().map(|number| admitted(*number)).collect()).unwrap()
    }

    #[test]
    fn batches_are_full_and_in_the_order_of_arrival() {
        let mut requests = with([4, 1, 3, 2]);
        assert_eq!(ids(&requests.take_batch(&tuning())), [4, 1, 3].map(|n| admitted(n).id()));
        assert_eq!(ids(&requests.take_batch(&tuning())), [admitted(2).id()]);
        assert_eq!(requests.waiting_bytes, 0);
    }

    #[test]
    fn as_much_as_is_in_flight_is_enough_for_a_batch() {
        let tuning = Tuning { batch_transactions: 10, requests_waiting: 100, ..tuning() };
        let enough_beside = |proposed: u64| {
            let mut requests = Requests::new(2);
            requests.propose(SeqNum(1), &proposal(&(0..proposed).collect::<Vec<_>>()));
            let enough = |number: &u64| {
                requests.add(admitted(100 + number), Origin::Client, 0, &tuning);
                requests.suffice_for_a_batch(SeqNum(0), &tuning)
            };
            (0..50).find(enough).map(|last| last + 1)
        };
        assert_eq!([0, 1, 2, 6, 10].map(enough_beside), [1, 1, 2, 6, 10].map(Some));
        assert_eq!(enough_beside(40), Some(10), "a full batch is enough in any case");
        assert!(!Requests::new(2).suffice_for_a_batch(SeqNum(0), &tuning), "nothing is not enough");
        let mut requests = with([1, 2]);
        requests.decide(SeqNum(1), &proposal(&[3, 4, 5]));
        assert!(!requests.suffice_for_a_batch(SeqNum(0), &tuning), "what is decided is in flight");
        assert!(requests.suffice_for_a_batch(SeqNum(1), &tuning), "until it is executed");
    }

    #[test]
    fn a_batch_keeps_to_its_bytes_but_takes_one_that_is_larger() {
        let bytes = admitted(1).bytes();
        let mut requests = with([1, 2, 3]);
        let small = Tuning { batch_bytes: 2 * bytes, ..tuning() };
        assert_eq!(requests.take_batch(&small).len(), 2);
        let smaller = Tuning { batch_bytes: 1, ..tuning() };
        assert_eq!(requests.take_batch(&smaller).len(), 1, "alone, it has a block to itself");
    }

    #[test]
    fn what_waits_is_bounded_in_number_and_bytes() {
        let mut requests = with(0..5);
        assert!(!requests.add(admitted(5), Origin::Client, 0, &tuning()));
        let mut requests = with([1]);
        let tight = Tuning { requests_waiting_bytes: 2 * admitted(1).bytes() - 1, ..tuning() };
        assert!(!requests.add(admitted(2), Origin::Client, 0, &tight));
    }

    #[test]
    fn another_replica_fills_no_more_than_its_share() {
        let mut requests = Requests::new(2);
        let add = |requests: &mut Requests, number, origin| requests.add(admitted(number), origin, 0, &tuning());
        let (one, other) = (Origin::Replica(ReplicaId(1)), Origin::Replica(ReplicaId(2)));
        assert!((0..3).all(|number| add(&mut requests, number, one)), "half of five, rounded up");
        assert!(!add(&mut requests, 3, one));
        assert!(add(&mut requests, 3, other) && add(&mut requests, 4, Origin::Client));
        assert!(!add(&mut requests, 5, Origin::Client) && !add(&mut requests, 5, other), "all five are taken");
        let _ = requests.take_batch(&tuning());
        assert!(add(&mut requests, 6, one), "its share is free again");
        let bytes = admitted(1).bytes();
        let tight = Tuning { requests_waiting_bytes: 3 * bytes, ..tuning() };
        let mut requests = Requests::new(2);
        assert!(requests.add(admitted(1), one, 0, &tight) && !requests.add(admitted(2), one, 0, &tight));
        assert!(requests.add(admitted(2), Origin::Client, 0, &tight));
    }

    #[test]
    fn an_id_is_taken_once_until_long_after_its_decision() {
        let mut requests = with([1]);
        assert!(!requests.add(admitted(1), Origin::Client, 0, &tuning()), "it waits");
        let _ = requests.take_batch(&tuning());
        requests.propose(SeqNum(1), &proposal(&[1]));
        assert!(!requests.add(admitted(1), Origin::Client, 0, &tuning()), "it is proposed");
        requests.decide(SeqNum(1), &proposal(&[1]));
        assert!(!requests.add(admitted(1), Origin::Client, 0, &tuning()), "it is decided");
        (2..=EXECUTIONS_KEPT).for_each(|seq| requests.decide(SeqNum(seq), &proposal(&[])));
        assert!(requests.knows(&admitted(1).id()));
        requests.decide(SeqNum(EXECUTIONS_KEPT + 1), &proposal(&[]));
        assert!(!requests.knows(&admitted(1).id()), "the ledger's replay table takes over");
    }

    #[test]
    fn a_decision_ends_the_wait() {
        let mut requests = with([1, 2]);
        requests.decide(SeqNum(1), &proposal(&[2]));
        assert_eq!(ids(&requests.take_batch(&tuning())), [admitted(1).id()]);
    }

    #[test]
    fn forwarding_is_repeated_at_growing_intervals() {
        let mut requests = with([1]);
        let due = (0..4_000).filter(|now_ms| !requests.take_due(*now_ms, &tuning()).is_empty());
        let due: Vec<_> = due.collect();
        assert_eq!(due[..4], [40, 120, 280, 600]);
        assert_eq!(due.last(), Some(&3_800), "320 ms apart in the end");
    }
}
