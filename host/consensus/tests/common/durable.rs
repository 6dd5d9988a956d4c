//! The write-ahead rules: what a replica says is in its log or its block store before it says so.

use super::network::{Node, Wire};
use theriac_consensus::{Message, Record};
use theriac_types::{ReplicaId, SeqNum, View};

/// Checks a message that a replica is about to send.
///
/// # Panics
/// When the message says something that a crash would make the replica forget.
pub fn check_message(from: ReplicaId, node: &Node, message: &Wire) {
    let said = match message {
        Message::PrePrepare { view, seq, proposal, .. } => accepted(node, *view, *seq, proposal.hash()),
        Message::SignShare { view, seq, body, .. } => accepted(node, *view, *seq, *body),
        Message::Commit { view, seq, body, .. } => prepared(node, *view, *seq, *body),
        Message::SignState { seq, digest, .. } | Message::Checkpoint { seq, digest, .. } => {
            node.store.get(seq).is_some_and(|stored| stored.digest == *digest)
        }
        // Those of others are only passed on.
        Message::ViewChange(signed) if signed.message.sender == from => any(node, |record| match record {
            Record::Promised { message, .. } => message == signed,
            // Whoever entered the view keeps the promise by being there.
            Record::Entered { new_view, .. } => new_view.view >= signed.message.view,
            _ => false,
        }),
        Message::NewView(sent) => {
            any(node, |record| matches!(record, Record::Entered { new_view, .. } if new_view == sent))
        }
        _ => true,
    };
    assert!(said, "replica {from} sends what it would not remember after a crash: {message:?}");
}

/// Checks that slots up to one may be dropped: their checkpoint is stable, and the log says so.
///
/// # Panics
/// When they may not.
pub fn check_prune(from: ReplicaId, node: &Node, slot: SeqNum) {
    let stable = any(node, |record| matches!(record, Record::Stable(checkpoint) if checkpoint.seq >= slot));
    assert!(stable, "replica {from} drops slots up to {slot}, of which it knows no certificate");
}

/// Checks that a slot may be executed: why it is decided is in the log, or below a stable checkpoint, where others have it.
///
/// # Panics
/// When it may not.
pub fn check_execute(from: ReplicaId, node: &Node, slot: SeqNum) {
    let durable = any(node, |record| match record {
        Record::Committed { seq, .. } => *seq == slot,
        Record::Stable(checkpoint) => checkpoint.seq >= slot,
        _ => false,
    });
    assert!(durable, "replica {from} executes slot {slot}, of which it would forget the proof");
}

fn any(node: &Node, wanted: impl Fn(&Record) -> bool) -> bool {
    node.log.iter().rev().any(wanted)
}

fn accepted(node: &Node, vote: View, slot: SeqNum, hash: theriac_types::BodyHash) -> bool {
    let has = |wanted: Option<View>| {
        any(node, |record| match record {
            Record::Accepted { view, seq, proposal } => {
                *seq == slot && proposal.hash() == hash && wanted.is_none_or(|wanted| *view == wanted)
            }
            Record::AcceptedAgain { view, seq, body } => *seq == slot && *body == hash && wanted == Some(*view),
            _ => false,
        })
    };
    // The body itself was written in this view or an earlier one.
    entered(node, vote) && has(Some(vote)) && has(None)
}

fn prepared(node: &Node, vote: View, slot: SeqNum, hash: theriac_types::BodyHash) -> bool {
    entered(node, vote)
        && any(
            node,
            |record| matches!(record, Record::Prepared { view, seq, body, .. } if (*view, *seq, *body) == (vote, slot, hash)),
        )
}

/// View 0 needs no entering.
fn entered(node: &Node, vote: View) -> bool {
    vote == View(0) || any(node, |record| matches!(record, Record::Entered { new_view, .. } if new_view.view == vote))
}
