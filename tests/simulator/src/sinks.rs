//! What leaves a replica's ordering: messages, checked at the door against the disk, and work for the executor.

use crate::byzantine::Wire;
use crate::check::durable_first;
use crate::disk::Disk;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use theriac_consensus::{CommitProof, Destination, Fault, Proposal};
use theriac_ordering::{Executor, Transport};
use theriac_types::{Certificate, ReplicaId, SeqNum, StableCheckpoint, StateDigest};

/// Queues messages, each with what the durable-first rule says of it at this very moment.
#[derive(Debug)]
pub struct Outbox {
    /// Whose.
    pub me: ReplicaId,
    /// Its disk.
    pub disk: Rc<RefCell<Disk>>,
    /// What waits to be sent.
    pub messages: Vec<(Destination, Wire, Result<(), String>)>,
}

impl Transport for Outbox {
    fn send(&mut self, to: Destination, message: Wire) {
        let verdict = durable_first::check_message(&self.disk.borrow(), self.me, &message);
        self.messages.push((to, message, verdict));
    }
}

/// Something for the executor.
#[derive(Debug)]
pub enum Job {
    /// Execute a block; with the rule's verdict at this moment.
    Execute(SeqNum, Arc<Proposal>, CommitProof, Result<(), String>),
    /// Store a certificate.
    Certified(SeqNum, StateDigest, Certificate),
    /// Send stored blocks.
    Serve(ReplicaId, SeqNum, SeqNum),
    /// Keep a stable checkpoint.
    Stable(StableCheckpoint),
    /// Fetch the state of a checkpoint.
    Transfer(StableCheckpoint),
    /// The epoch is over.
    EpochOver(StableCheckpoint),
    /// Note misbehaviour.
    Evidence(ReplicaId, Fault),
    /// Stop.
    Halt(String),
}

/// Queues jobs.
#[derive(Debug)]
pub struct Jobs {
    /// Whose.
    pub me: ReplicaId,
    /// Its disk.
    pub disk: Rc<RefCell<Disk>>,
    /// What waits to be done.
    pub jobs: Vec<Job>,
}

impl Executor for Jobs {
    fn execute(&mut self, seq: SeqNum, proposal: Arc<Proposal>, proof: CommitProof) {
        let verdict = durable_first::check_execution(&self.disk.borrow(), self.me, seq, proposal.hash());
        self.jobs.push(Job::Execute(seq, proposal, proof, verdict));
    }

    fn certified(&mut self, seq: SeqNum, digest: StateDigest, certificate: Certificate) {
        self.jobs.push(Job::Certified(seq, digest, certificate));
    }

    fn serve(&mut self, to: ReplicaId, first: SeqNum, last: SeqNum) {
        self.jobs.push(Job::Serve(to, first, last));
    }

    fn stable(&mut self, checkpoint: StableCheckpoint) {
        self.jobs.push(Job::Stable(checkpoint));
    }

    fn transfer(&mut self, checkpoint: StableCheckpoint) {
        self.jobs.push(Job::Transfer(checkpoint));
    }

    fn epoch_over(&mut self, checkpoint: StableCheckpoint) {
        self.jobs.push(Job::EpochOver(checkpoint));
    }

    fn evidence(&mut self, replica: ReplicaId, fault: Fault) {
        self.jobs.push(Job::Evidence(replica, fault));
    }

    fn halt(&mut self, reason: &str) {
        self.jobs.push(Job::Halt(reason.to_owned()));
    }
}
