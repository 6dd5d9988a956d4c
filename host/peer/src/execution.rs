//! The thread that executes committed blocks: ledger and chaincode, one atomic write, then the vote.

use crate::block_server::BlockServer;
use crate::certified_block::path_of;
use crate::chain::Chain;
use crate::error::PeerError;
use crate::inbox::Inbox;
use crate::limits::BLOCKS_PER_SYNC_MAX;
use crate::replica_status::ReplicaStatus;
use crate::store::Store;
use std::borrow::Cow;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use theriac_consensus::fault::Fault;
use theriac_consensus::{CommitProof, Input, Proposal};
use theriac_ledger::{BlockOutcome, BlockStore, ChaincodeEngine, Decided, execute_block};
use theriac_ordering::Executor;
use theriac_proto::ledger::v1::CommitPath;
use theriac_types::{
    Certificate, CertifiedCommitment, Height, ReplicaId, SeqNum, StableCheckpoint, StateDigest, encode,
};
use tracing::{error, warn};

/// Something for the execution thread.
#[derive(Debug)]
enum Work {
    Execute { seq: SeqNum, proposal: Arc<Proposal>, proof: CommitProof },
    Certified { seq: SeqNum, certificate: Certificate },
    Stop,
}

/// Where the ordering thread puts what it wants executed.
pub struct WorkQueue {
    works: Sender<Work>,
    server: BlockServer,
}

/// The other end.
#[derive(Debug)]
pub struct Works(Receiver<Work>);

/// Asks the execution thread to end after what is queued.
#[derive(Debug, Clone)]
pub struct StopExecution(Sender<Work>);

impl StopExecution {
    /// Asks.
    pub fn stop(&self) {
        drop(self.0.send(Work::Stop));
    }
}

/// Makes a queue.
pub fn queue(server: BlockServer) -> (WorkQueue, Works, StopExecution) {
    let (sender, receiver) = channel();
    (WorkQueue { works: sender.clone(), server }, Works(receiver), StopExecution(sender))
}

impl WorkQueue {
    /// The thread at the other end is gone only when the peer stops; then nothing has to be executed any more.
    fn put(&self, work: Work) {
        drop(self.works.send(work));
    }
}

impl Executor for WorkQueue {
    fn execute(&mut self, seq: SeqNum, proposal: Arc<Proposal>, proof: CommitProof) {
        self.put(Work::Execute { seq, proposal, proof });
    }

    fn certified(&mut self, seq: SeqNum, _digest: StateDigest, certificate: Certificate) {
        self.put(Work::Certified { seq, certificate });
    }

    fn serve(&mut self, to: ReplicaId, first: SeqNum, last: SeqNum) {
        self.server.serve(to, first, last);
    }

    fn stable(&mut self, _checkpoint: StableCheckpoint) {}

    fn transfer(&mut self, _checkpoint: StableCheckpoint) {}

    fn epoch_over(&mut self, _checkpoint: StableCheckpoint) {}

    fn evidence(&mut self, replica: ReplicaId, fault: Fault) {
        warn!(%replica, ?fault, "a replica misbehaves");
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
    /// Counts.
    pub status: Arc<ReplicaStatus>,
}

impl Execution {
    /// Executes until asked to stop.
    ///
    /// # Errors
    /// When this peer cannot execute or store a block: the process must end.
    pub fn run(mut self, works: &Works) -> Result<(), PeerError> {
        while let Ok(first) = works.0.recv() {
            let mut executed = Vec::new();
            let mut stop = false;
            for work in std::iter::once(first).chain(works.0.try_iter()) {
                match work {
                    Work::Execute { seq, proposal, proof } => executed.push(self.execute(seq, &proposal, &proof)?),
                    Work::Certified { seq, certificate } => self.certified(seq.into(), certificate)?,
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
            self.inbox.put_own(Input::Executed {
                seq: outcome.height().into(),
                digest: outcome.digest(),
                epoch_ends: None,
            });
            self.status.count_block(path == CommitPath::Fast, outcome.receipts.len());
            self.chain.on_executed(outcome, path);
        }
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
