//! Where the ordering thread puts what leaves it. A sink takes and returns at once: it queues, it does not wait.

use std::sync::Arc;
use theriac_consensus::fault::Fault;
use theriac_consensus::{CommitProof, Destination, Message, Proposal};
use theriac_types::{Certificate, ReplicaId, SeqNum, StableCheckpoint, StateDigest};

/// The links to the other replicas. They may lose, repeat and reorder.
pub trait Transport {
    /// Sends a message.
    fn send(&mut self, to: Destination, message: Message<Arc<Proposal>>);
}

/// Whoever executes blocks, stores them and answers clients.
pub trait Executor {
    /// Executes the block of a slot. Slots come in order. When block and state are durable the executor hands
    /// [`theriac_consensus::Input::Executed`] to a later turn.
    fn execute(&mut self, seq: SeqNum, proposal: Arc<Proposal>, proof: CommitProof);

    /// Stores a slot's execution certificate and answers the clients that wait for it.
    fn certified(&mut self, seq: SeqNum, digest: StateDigest, certificate: Certificate);

    /// Sends the decided slots from first to last, as far as they are stored, as
    /// [`theriac_consensus::Message::Decided`].
    fn serve(&mut self, to: ReplicaId, first: SeqNum, last: SeqNum);

    /// Keeps the certificate of a stable checkpoint.
    fn stable(&mut self, checkpoint: StableCheckpoint);

    /// Fetches the state of a checkpoint that the replica cannot reach slot by slot. When it is here the executor has a
    /// new replica made from it. May be asked again, with a later checkpoint.
    fn transfer(&mut self, checkpoint: StableCheckpoint);

    /// Notes that the replica's epoch is over: a new replica takes on from this checkpoint.
    fn epoch_over(&mut self, checkpoint: StableCheckpoint);

    /// Notes that a replica provably misbehaved.
    fn evidence(&mut self, replica: ReplicaId, fault: Fault);

    /// Stops this peer; the reason is a sentence for its operator.
    fn halt(&mut self, reason: &str);
}
