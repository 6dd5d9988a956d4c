//! S5: every replica executes every block once, in the order of the chain.

use std::collections::BTreeMap;
use theriac_types::{ReplicaId, SeqNum};

/// How far every replica is.
#[derive(Debug, Default)]
pub struct Order {
    durable: BTreeMap<ReplicaId, SeqNum>,
    handed_over: BTreeMap<ReplicaId, SeqNum>,
}

impl Order {
    /// A replica started; what was handed over and never became durable is handed over again.
    pub fn on_start(&mut self, replica: ReplicaId) {
        let durable = self.durable.get(&replica).copied().unwrap_or_default();
        self.handed_over.insert(replica, durable);
    }

    /// A replica has the state of a checkpoint now, whatever it had executed before.
    pub fn on_install(&mut self, replica: ReplicaId, seq: SeqNum) {
        self.durable.insert(replica, seq);
    }

    /// A replica handed a block over for execution.
    pub fn on_execute(&mut self, replica: ReplicaId, seq: SeqNum) -> Result<(), String> {
        follow(&mut self.handed_over, replica, seq, "hands over")
    }

    /// The effects of a block became durable.
    pub fn on_durable(&mut self, replica: ReplicaId, seq: SeqNum) -> Result<(), String> {
        follow(&mut self.durable, replica, seq, "executes")
    }
}

fn follow(last: &mut BTreeMap<ReplicaId, SeqNum>, replica: ReplicaId, seq: SeqNum, verb: &str) -> Result<(), String> {
    let before = last.insert(replica, seq).unwrap_or_default();
    if seq == before.next() {
        return Ok(());
    }
    Err(format!("replica {replica} {verb} slot {seq} after slot {before}"))
}
