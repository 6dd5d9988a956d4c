//! S3: what a message promises is on the disk before the message leaves.

use crate::byzantine::Wire;
use crate::disk::{Disk, Fact};
use theriac_consensus::Message;
use theriac_types::{BodyHash, ReplicaId, SeqNum};

/// A message is about to leave: is what it says durable?
pub fn check_message(disk: &Disk, from: ReplicaId, message: &Wire) -> Result<(), String> {
    let missing =
        |what: &str, seq: SeqNum| Err(format!("replica {from} sends {what} of slot {seq} before it is durable"));
    match message {
        Message::PrePrepare { view, seq, proposal, .. } => {
            if !disk.facts.contains(&Fact::Accepted(*view, *seq, proposal.hash())) {
                return missing("the pre-prepare", *seq);
            }
        }
        Message::SignShare { view, seq, body, .. } => {
            if !disk.facts.contains(&Fact::Accepted(*view, *seq, *body)) {
                return missing("the sign-share", *seq);
            }
        }
        Message::Commit { view, seq, body, .. } => {
            if !disk.facts.contains(&Fact::Prepared(*view, *seq, *body)) {
                return missing("the commit vote", *seq);
            }
        }
        Message::SignState { seq, digest, .. } => {
            if disk.states.get(seq) != Some(digest) {
                return missing("the state vote", *seq);
            }
        }
        _ => {}
    }
    Ok(())
}

/// A block is about to be executed: is its commitment durable?
pub fn check_execution(disk: &Disk, replica: ReplicaId, seq: SeqNum, body: BodyHash) -> Result<(), String> {
    if disk.facts.contains(&Fact::Committed(seq, body)) {
        return Ok(());
    }
    Err(format!("replica {replica} executes slot {seq} before its commitment is durable"))
}
