//! What happens in a world. Peers are named by their places: those of a replica's twins differ.

use crate::fetch::{Question, Reply};
use crate::network::Letter;
use crate::plan::fault::{Blow, Crash};
use std::sync::Arc;
use theriac_consensus::{CommitProof, Input, Proposal};
use theriac_types::{CertifiedCommitment, Epoch, ReplicaId, SeqNum};

/// Something that happens.
#[derive(Debug)]
pub enum Event {
    /// A message comes to a peer.
    Arrive { epoch: Epoch, from: ReplicaId, to: usize, letter: Letter },
    /// A peer takes what came in.
    Turn { peer: usize },
    /// A peer's executor comes to a block.
    Execute { peer: usize, run: u32, seq: SeqNum, proposal: Arc<Proposal>, proof: CommitProof },
    /// A peer's replica hears that a block is executed.
    Report { peer: usize, run: u32, executed: Input },
    /// A certificate is written.
    Certify { peer: usize, run: u32, certified: CertifiedCommitment },
    /// A client hands a transaction in.
    Submit { index: usize },
    /// A process is to die.
    Crash(Crash),
    /// A process stands still.
    Pause { peer: usize, until_us: u64 },
    /// Whoever leads is struck.
    Strike(Blow),
    /// A process starts again.
    Restart { peer: usize },
    /// A peer loses its disks.
    Wipe { peer: usize, down_us: u64 },
    /// A peer's epoch is over.
    Succeed { peer: usize, run: u32 },
    /// A peer looks after its state transfer, or for one.
    Follow { peer: usize, run: u32 },
    /// A question about a state comes to a peer.
    Ask { from: usize, to: usize, question: Question },
    /// An answer comes back.
    Reply { from: usize, to: usize, reply: Reply },
    /// Nothing goes wrong any more from now on.
    FaultsEnd,
    /// A look whether the run is over.
    Probe,
}
