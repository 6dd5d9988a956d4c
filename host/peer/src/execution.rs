//! The thread that executes committed blocks: ledger and chaincode, one atomic write, then the vote.

use crate::block_server::BlockServer;
use crate::certified_block::path_of;
use crate::chain::Chain;
use crate::epochs;
use crate::error::PeerError;
use crate::evidence::Evidence;
use crate::inbox::Inbox;
use crate::limits::BLOCKS_PER_SYNC_MAX;
use crate::link::neighbours::Neighbours;
use crate::replica_status::ReplicaStatus;
use crate::store::Store;
use crate::transfer::fetching::Fetching;
use crate::transport::EpochLinks;
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use theriac_consensus::fault::Fault;
use theriac_consensus::{CommitProof, Input, Proposal};
use theriac_ledger::{BlockOutcome, BlockStore, ChaincodeEngine, Decided, execute_block};
use theriac_ordering::Executor;
use theriac_proto::ledger::v1::CommitPath;
use theriac_types::{
    Certificate, CertifiedCommitment, Epoch, Height, ReplicaId, SeqNum, StableCheckpoint, StateDigest, encode,
};
use tracing::{error, info};

/// Something for the execution thread.
#[derive(Debug)]
enum Work {
    Execute { seq: SeqNum, proposal: Arc<Proposal>, proof: CommitProof },
    Certified { seq: SeqNum, certificate: Certificate },
    Stable { epoch: Epoch, checkpoint: StableCheckpoint },
    Stop,
}

/// Where the ordering thread puts what it wants executed. Cheap to clone.
#[derive(Clone)]
pub struct Works(Sender<Work>);

/// The other end.
#[derive(Debug)]
pub struct Queue(Receiver<Work>);

/// Makes a queue.
pub fn queue() -> (Works, Queue) {
    let (sender, receiver) = channel();
    (Works(sender), Queue(receiver))
}

impl Works {
    /// The thread at the other end is gone only when the peer stops; then nothing has to be executed any more.
    fn put(&self, work: Work) {
        drop(self.0.send(work));
    }

    /// Asks the thread to end after what is queued.
    pub fn stop(&self) {
        self.put(Work::Stop);
    }
}

/// What the replica of one epoch hands over for execution.
pub struct Executing {
    works: Works,
    server: BlockServer,
    links: EpochLinks,
    evidence: Evidence,
    fetching: Arc<Fetching>,
    /// The last slot of its epoch, once that is over.
    over: Option<SeqNum>,
}

impl Executing {
    /// For the replica behind these links.
    pub fn new(
        works: Works,
        server: BlockServer,
        links: EpochLinks,
        evidence: Evidence,
        fetching: Arc<Fetching>,
    ) -> Self {
        Self { works, server, links, evidence, fetching, over: None }
    }

    /// The last slot of the replica's epoch, once that is over: another one is to take its place.
    pub fn over(&self) -> Option<SeqNum> {
        self.over
    }
}

impl Executor for Executing {
    fn execute(&mut self, seq: SeqNum, proposal: Arc<Proposal>, proof: CommitProof) {
        self.works.put(Work::Execute { seq, proposal, proof });
    }

    fn certified(&mut self, seq: SeqNum, _digest: StateDigest, certificate: Certificate) {
        self.works.put(Work::Certified { seq, certificate });
    }

    fn serve(&mut self, to: ReplicaId, first: SeqNum, last: SeqNum) {
        if let Some(neighbour) = self.links.replica(to) {
            self.server.serve(neighbour.clone(), self.links.epoch(), first, last);
        }
    }

    fn stable(&mut self, checkpoint: StableCheckpoint) {
        self.works.put(Work::Stable { epoch: self.links.epoch(), checkpoint });
    }

    fn transfer(&mut self, checkpoint: StableCheckpoint) {
        info!(checkpoint = %checkpoint.seq, "too far behind to catch up slot by slot");
        if let Err(error) = self.fetching.begin() {
            // Asked for again before long.
            error!(%error, "cannot fetch a state");
        }
    }

    fn epoch_over(&mut self, checkpoint: StableCheckpoint) {
        self.over = Some(checkpoint.seq);
    }

    fn evidence(&mut self, replica: ReplicaId, fault: Fault) {
        self.evidence.record(self.links.epoch(), replica, &fault);
    }

    fn halt(&mut self, reason: &str) {
        error!(reason, "this replica halts");
    }
}

/// Everything the thread needs.
pub struct Execution {
    /// Its own clone of the store: the one that writes.
    pub store: Store,
    /// Runs chaincode.
    pub engine: Arc<dyn ChaincodeEngine>,
    /// Told what was executed and certified.
    pub chain: Arc<Chain>,
    /// Told that blocks are durable.
    pub inbox: Inbox,
    /// Everyone this peer has links with.
    pub neighbours: Neighbours,
    /// The end of the epoch whose successor's replicas are neighbours already.
    pub met: Option<Height>,
    /// Counts.
    pub status: Arc<ReplicaStatus>,
}

impl Execution {
    /// Executes until asked to stop.
    ///
    /// # Errors
    /// When this peer cannot execute or store a block: the process must end.
    pub fn run(mut self, works: &Queue) -> Result<(), PeerError> {
        while let Ok(first) = works.0.recv() {
            let mut executed = Vec::new();
            let mut stop = false;
            for work in std::iter::once(first).chain(works.0.try_iter()) {
                match work {
                    Work::Execute { seq, proposal, proof } => executed.push(self.execute(seq, &proposal, &proof)?),
                    Work::Certified { seq, certificate } => self.certified(seq.into(), certificate)?,
                    Work::Stable { epoch, checkpoint } => self.store.put_checkpoint(epoch, &checkpoint)?,
                    Work::Stop => stop = true,
                }
                if stop || executed.len() >= BLOCKS_PER_SYNC_MAX {
                    break;
                }
            }
            self.settle(executed)?;
            if stop {
                break;
            }
        }
        Ok(())
    }

    /// Executes a block and stores it, not yet durably.
    fn execute(
        &mut self,
        seq: SeqNum,
        proposal: &Proposal,
        proof: &CommitProof,
    ) -> Result<(BlockOutcome, CommitPath), PeerError> {
        let height = Height::from(seq);
        let decided = Decided {
            height,
            body: proposal.body(),
            body_hash: proposal.hash(),
            tx_ids: Cow::Borrowed(proposal.ids()),
        };
        let outcome = execute_block(&self.store, &*self.engine, &decided);
        let outcome = outcome.map_err(|error| PeerError::Execution { height, reason: error.to_string() })?;
        self.store.apply_unsynced(&outcome, &encode(proof))?;
        Ok((outcome, path_of(proof)))
    }

    /// Waits for the disk, then says that the blocks are executed: one wait serves all that came in meanwhile.
    fn settle(&mut self, executed: Vec<(BlockOutcome, CommitPath)>) -> Result<(), PeerError> {
        if executed.is_empty() {
            return Ok(());
        }
        self.store.sync()?;
        for (outcome, path) in executed {
            self.meet_next_epoch(&outcome)?;
            self.inbox.put_own(Input::Executed {
                seq: outcome.height().into(),
                digest: outcome.digest(),
                epoch_ends: outcome.epoch_ends.map(SeqNum::from),
            });
            self.status.count_block(path == CommitPath::Fast, outcome.receipts.len());
            self.chain.on_executed(outcome, path);
        }
        Ok(())
    }

    /// Once the next epoch is decided its replicas become neighbours: those that are new have a lot to fetch.
    fn meet_next_epoch(&mut self, outcome: &BlockOutcome) -> Result<(), PeerError> {
        if outcome.epoch_ends.is_none() || self.met == outcome.epoch_ends {
            return Ok(());
        }
        self.met = outcome.epoch_ends;
        let (height, epoch) = (outcome.height(), outcome.commitment.epoch);
        let around = epochs::around(&self.store, epoch);
        let around = around.map_err(|error| PeerError::Execution { height, reason: error.to_string() })?;
        self.neighbours.keep(&around);
        Ok(())
    }

    fn certified(&mut self, height: Height, certificate: Certificate) -> Result<(), PeerError> {
        let failed = |reason: String| PeerError::Execution { height, reason };
        let commitment = self.store.commitment(height).map_err(|error| failed(error.to_string()))?;
        let commitment = commitment.ok_or_else(|| failed("it is certified, but was not executed here".to_owned()))?;
        let certified = CertifiedCommitment { commitment, certificate };
        self.store.put_certificate(&certified)?;
        self.chain.on_certified(&certified).map_err(|error| failed(error.to_string()))
    }
}
