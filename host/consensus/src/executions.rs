//! State votes and execution certificates of the slots around the last executed one.

use crate::limits::{EXECUTIONS_KEPT, UNCERTIFIED_KEPT, WINDOW_SLOTS};
use crate::tally::Tally;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use theriac_types::{Certificate, SeqNum, StateDigest};

/// An executed slot, as the block store has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecutedSlot {
    /// The slot.
    pub seq: SeqNum,
    /// The state digest after it.
    pub digest: StateDigest,
    /// Its execution certificate, when it was stored.
    pub certificate: Option<Certificate>,
}

/// What is known of the state after one slot.
#[derive(Debug, Clone, Default)]
pub struct Execution {
    /// This replica's own digest, once executed and durable.
    pub own: Option<StateDigest>,
    /// Votes of all replicas that sent one here.
    pub votes: Tally<StateDigest>,
    /// A verified certificate.
    pub certificate: Option<(StateDigest, Certificate)>,
    /// Whether the certificate was handed to the edge, or came from there.
    pub announced: bool,
    /// Whether this E-collector has enough votes and only waits for its turn.
    pub staggered: bool,
    /// Whether this E-collector's turn has come.
    pub turn: bool,
    /// When this replica executed it.
    pub executed_ms: u64,
}

/// A bounded stretch of slots.
#[derive(Debug, Clone)]
pub struct Executions {
    executed: SeqNum,
    certified: SeqNum,
    /// Slots above `certified` whose certificates are held.
    held: BTreeSet<SeqNum>,
    slots: BTreeMap<SeqNum, Execution>,
}

impl Executions {
    /// Starts after a slot, with what is known of the last ones: digest, and certificate where there is one. Slots
    /// before the first known one count as certified.
    pub fn new(executed: SeqNum, recent: Vec<ExecutedSlot>) -> Self {
        let first = recent.first().map_or(executed, |slot| SeqNum(slot.seq.0.saturating_sub(1)));
        let known = |ExecutedSlot { seq, digest, certificate }| {
            let announced = certificate.is_some();
            let certificate = certificate.map(|certificate| (digest, certificate));
            (seq, Execution { own: Some(digest), certificate, announced, ..Execution::default() })
        };
        let held = recent.iter().filter(|slot| slot.certificate.is_some()).map(|slot| slot.seq).collect();
        let slots = recent.into_iter().map(known).collect();
        let mut executions = Self { executed, certified: first, held, slots };
        executions.advance();
        executions
    }

    /// Last slot executed and durable.
    pub fn executed(&self) -> SeqNum {
        self.executed
    }

    /// Last slot up to which every certificate is held.
    pub fn certified(&self) -> SeqNum {
        self.certified
    }

    /// Slots up to this one are forgotten. Without its certificate a slot is kept much longer: when its collectors
    /// lied, the votes that replicas remember are all there is to make one from.
    pub fn floor(&self) -> SeqNum {
        self.certified.min(self.certified_floor()).max(SeqNum(self.executed.0.saturating_sub(UNCERTIFIED_KEPT)))
    }

    /// Slots up to this one are forgotten by replicas that are as far as this one and lack no certificate.
    pub fn certified_floor(&self) -> SeqNum {
        SeqNum(self.executed.0.saturating_sub(EXECUTIONS_KEPT))
    }

    /// How many slots something is known of.
    pub fn count(&self) -> usize {
        self.slots.len()
    }

    /// A slot of the stretch, when it is known.
    pub fn slot(&self, seq: SeqNum) -> Option<&Execution> {
        self.slots.get(&seq)
    }

    /// A slot of the stretch, opened if need be; none when it is too old or too far ahead.
    pub fn slot_mut(&mut self, seq: SeqNum) -> Option<&mut Execution> {
        let inside = seq > self.floor() && seq <= self.executed.saturating_add(WINDOW_SLOTS);
        inside.then(|| self.slots.entry(seq).or_default())
    }

    /// Notes this replica's own state after the next slot.
    pub fn execute(&mut self, seq: SeqNum, digest: StateDigest, now_ms: u64) {
        assert_eq!(seq, self.executed.next(), "slots are executed in order, each once");
        self.executed = seq;
        let execution = self.slots.entry(seq).or_default();
        execution.own = Some(digest);
        execution.executed_ms = now_ms;
        let floor = self.floor();
        self.slots = self.slots.split_off(&floor.next());
    }

    /// Notes that the certificate of an executed slot is held.
    pub fn certify(&mut self, seq: SeqNum) {
        self.held.insert(seq);
        self.advance();
    }

    fn advance(&mut self) {
        while self.held.remove(&self.certified.next()) {
            self.certified = self.certified.next();
        }
    }

    /// Slots above `certified` of which this replica knows its own state, ascending.
    pub fn since(&self, certified: SeqNum) -> impl Iterator<Item = (SeqNum, &Execution)> {
        self.slots
            .range((Bound::Excluded(certified), Bound::Unbounded))
            .filter(|(_, e)| e.own.is_some())
            .map(|(seq, e)| (*seq, e))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use theriac_types::Digest;

    const STATE: StateDigest = StateDigest(Digest([1; 32]));

    fn executed(count: u64) -> Executions {
        let mut executions = Executions::new(SeqNum(0), Vec::new());
        (1..=count).for_each(|seq| executions.execute(SeqNum(seq), STATE, 0));
        executions
    }

    #[test]
    fn certified_is_the_last_slot_without_a_gap() {
        let mut executions = executed(4);
        for (seq, certified) in [(2, 0), (4, 0), (1, 2), (3, 4)] {
            executions.certify(SeqNum(seq));
            assert_eq!(executions.certified(), SeqNum(certified), "after slot {seq}");
        }
    }

    #[test]
    fn certificates_of_forgotten_slots_still_count() {
        let mut executions = executed(1 + UNCERTIFIED_KEPT);
        (2..=1 + UNCERTIFIED_KEPT).for_each(|seq| executions.certify(SeqNum(seq)));
        assert!(executions.slot_mut(SeqNum(1)).is_none(), "forgotten");
        executions.certify(SeqNum(1));
        assert_eq!(executions.certified(), executions.executed());
    }

    #[test]
    fn only_the_stretch_around_the_last_executed_slot_is_kept() {
        let mut executions = executed(300);
        assert!(executions.slot_mut(SeqNum(1)).is_some(), "no certificate yet");
        (1..=300).for_each(|seq| executions.certify(SeqNum(seq)));
        assert!(executions.slot_mut(SeqNum(300 - EXECUTIONS_KEPT)).is_none());
        assert!(executions.slot_mut(SeqNum(301 - EXECUTIONS_KEPT)).is_some());
        assert!(executions.slot_mut(SeqNum(300 + WINDOW_SLOTS)).is_some());
        assert!(executions.slot_mut(SeqNum(301 + WINDOW_SLOTS)).is_none());
        assert!(executions.slot_mut(SeqNum(u64::MAX)).is_none());
        assert_eq!(executions.since(SeqNum(298)).map(|(seq, _)| seq.0).collect::<Vec<_>>(), [299, 300]);
    }

    #[test]
    fn a_restart_finds_what_the_store_knows() {
        let slot = |seq| ExecutedSlot { seq: SeqNum(seq), digest: STATE, certificate: None };
        let executions = Executions::new(SeqNum(7), vec![slot(6), slot(7)]);
        assert_eq!((executions.executed(), executions.certified()), (SeqNum(7), SeqNum(5)));
        assert_eq!(Executions::new(SeqNum(7), Vec::new()).certified(), SeqNum(7));
    }
}
