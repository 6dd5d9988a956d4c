//! One simulated peer: its disks, and while it runs its ordering.

use crate::byzantine::Liar;
use crate::disk::{Disk, SimulatedLog};
use crate::fetch::Fetch;
use crate::kv::KvEngine;
use crate::membership::ConsensusKey;
use crate::plan::fault::CrashPoint;
use crate::plan::twins::Instance;
use crate::sinks::{Jobs, Outbox};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use theriac_consensus::Input;
use theriac_ledger::MemoryState;
use theriac_ordering::Ordering;
use theriac_types::{Epoch, ReplicaId, StableCheckpoint};

/// The ordering that peers really run, over simulated parts.
pub type SimulatedOrdering = Ordering<SimulatedLog, Outbox, Jobs>;

/// A peer. Everything but `running`, `inbox` and what belongs to the run survives a crash.
#[derive(Debug)]
pub struct Peer {
    /// Which replica.
    pub id: ReplicaId,
    /// Whether it is a second instance of its replica.
    pub is_second: bool,
    /// Its ordering, while it is up and votes.
    pub running: Option<SimulatedOrdering>,
    /// Counts its starts, so that what an earlier process had under way is not done by a later one.
    pub run: u32,
    /// What waits for its next turn.
    pub inbox: Vec<Input>,
    /// When that is.
    pub turn_at_us: Option<u64>,
    /// Until when the process stands still.
    pub paused_until_us: u64,
    /// When its executor is free.
    pub executor_free_us: u64,
    /// When its executor's last report arrives.
    pub reported_us: u64,
    /// How long it will be down once it dies.
    pub down_us: Option<u64>,
    /// Where it dies once more while it recovers from that.
    pub dies_again: Option<CrashPoint>,
    /// The disk under its log.
    pub disk: Rc<RefCell<Disk>>,
    /// Its chain and world state, each block written as a whole.
    pub store: MemoryState,
    /// The epoch it votes in, or follows.
    pub epoch: Epoch,
    /// The keys it holds.
    pub keys: BTreeSet<ConsensusKey>,
    /// The highest stable checkpoint of each epoch in its store.
    pub stable: BTreeMap<Epoch, StableCheckpoint>,
    /// The state transfer under way.
    pub fetch: Option<Fetch>,
    /// Whether its process is up, voting or following.
    pub up: bool,
    /// Its chaincode engine.
    pub engine: KvEngine,
    /// Its lies, if it is a liar.
    pub liar: Option<Liar>,
}

impl Peer {
    /// Which of its replica's instances it is.
    pub fn instance(&self) -> Instance {
        Instance { replica: self.id, is_second: self.is_second }
    }

    /// Whether its own rules bind it.
    pub fn is_honest(&self) -> bool {
        self.liar.is_none()
    }
}
