//! S3: what a message promises is on the disk before the message leaves.

use super::Verdict;
use crate::byzantine::Wire;
use crate::disk::{Disk, Fact};
use theriac_consensus::Message;
use theriac_types::{BodyHash, Digest, ReplicaId, SeqNum, View};

/// A message is about to leave: is what it says durable?
pub fn check_message(disk: &Disk, from: ReplicaId, message: &Wire) -> Verdict {
    let has = |fact| disk.facts.contains(&fact);
    let (what, durable) = match message {
        Message::PrePrepare { view, seq, proposal, .. } => {
            ("a pre-prepare", has(Fact::Accepted(*view, *seq, proposal.hash())) && has_entered(disk, *view))
        }
        Message::SignShare { view, seq, body, .. } => {
            ("a sign-share", has(Fact::Accepted(*view, *seq, *body)) && has_entered(disk, *view))
        }
        Message::Commit { view, seq, body, .. } => {
            ("a commit vote", has(Fact::Prepared(*view, *seq, *body)) && has_entered(disk, *view))
        }
        Message::SignState { seq, digest, .. } => ("a state vote", disk.states.get(seq) == Some(digest)),
        Message::Checkpoint { seq, digest, .. } => ("a checkpoint vote", disk.states.get(seq) == Some(digest)),
        // Those of others are only passed on.
        Message::ViewChange(signed) if signed.message.sender == from => {
            let message = &signed.message;
            ("a view-change", has(Fact::Promised(message.view, message.digest())))
        }
        Message::NewView(new_view) => ("a new-view", has(Fact::Entered(new_view.view, new_view.digest()))),
        _ => return Ok(()),
    };
    if durable {
        return Ok(());
    }
    Err(format!("replica {from} sends {what} before what it says is durable: {message:?}"))
}

/// View 0 needs no entering.
fn has_entered(disk: &Disk, view: View) -> bool {
    view == View(0)
        || disk
            .facts
            .range(Fact::Entered(view, Digest::ZERO)..)
            .next()
            .is_some_and(|fact| matches!(fact, Fact::Entered(entered, _) if *entered == view))
}

/// A block is about to be executed: is its commitment durable?
pub fn check_execution(disk: &Disk, replica: ReplicaId, seq: SeqNum, body: BodyHash) -> Verdict {
    if disk.facts.contains(&Fact::Committed(seq, body)) {
        return Ok(());
    }
    Err(format!("replica {replica} executes slot {seq} before its commitment is durable"))
}
