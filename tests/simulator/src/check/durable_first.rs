//! S3: what a message promises is on the disk before the message leaves.

use crate::byzantine::Wire;
use crate::disk::{Disk, Fact};
use theriac_consensus::Message;
use theriac_types::{BodyHash, ReplicaId, SeqNum};

/// A message is about to leave: is what it says durable?
pub fn check_message(disk: &Disk, from: ReplicaId, message: &Wire) -> Result<(), String> {
    let (what, seq, durable) = match message {
        Message::PrePrepare { view, seq, proposal, .. } => {
            ("the pre-prepare", *seq, disk.facts.contains(&Fact::Accepted(*view, *seq, proposal.hash())))
        }
        Message::SignShare { view, seq, body, .. } => {
            ("the sign-share", *seq, disk.facts.contains(&Fact::Accepted(*view, *seq, *body)))
        }
        Message::Commit { view, seq, body, .. } => {
            ("the commit vote", *seq, disk.facts.contains(&Fact::Prepared(*view, *seq, *body)))
        }
        Message::SignState { seq, digest, .. } => ("the state vote", *seq, disk.states.get(seq) == Some(digest)),
        _ => return Ok(()),
    };
    if durable {
        return Ok(());
    }
    Err(format!("replica {from} sends {what} of slot {seq} before it is durable"))
}

/// A block is about to be executed: is its commitment durable?
pub fn check_execution(disk: &Disk, replica: ReplicaId, seq: SeqNum, body: BodyHash) -> Result<(), String> {
    if disk.facts.contains(&Fact::Committed(seq, body)) {
        return Ok(());
    }
    Err(format!("replica {replica} executes slot {seq} before its commitment is durable"))
}
