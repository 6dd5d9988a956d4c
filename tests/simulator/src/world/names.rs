//! Messages in words, for the trace.

use crate::byzantine::Wire;
use theriac_consensus::Message;

/// A message's name and what it is about.
pub fn describe(message: &Wire) -> String {
    let about = match message {
        Message::Request(proposal) => format!("{} transactions", proposal.ids().len()),
        Message::PrePrepare { view, seq, proposal, .. } => {
            format!("view {view} slot {seq} body {} of {}", short(proposal.hash()), proposal.ids().len())
        }
        Message::SignShare { view, seq, body, .. }
        | Message::FullCommitProof { view, seq, body, .. }
        | Message::Prepare { view, seq, body, .. }
        | Message::Commit { view, seq, body, .. }
        | Message::FullCommitProofSlow { view, seq, body, .. } => {
            format!("view {view} slot {seq} body {}", short(body))
        }
        Message::SignState { seq, digest, .. }
        | Message::FullExecuteProof { seq, digest, .. }
        | Message::Checkpoint { seq, digest, .. } => format!("slot {seq} state {}", short(digest)),
        Message::Status { view, active, stable, executed, certified } => {
            let mode = if *active { "in" } else { "on its way to" };
            format!("{mode} view {view}, stable {stable}, executed {executed}, certified {certified}")
        }
        Message::Fetch { first, last } => format!("slots {first} to {last}"),
        Message::Decided { seq, proposal, .. } => format!("slot {seq} body {}", short(proposal.hash())),
        Message::FetchBody { seq, body } => format!("slot {seq} body {}", short(body)),
        Message::Body { seq, proposal } => format!("slot {seq} body {}", short(proposal.hash())),
        Message::Stable(checkpoint) => format!("slot {} state {}", checkpoint.seq, short(checkpoint.digest)),
        Message::Complain { view } => format!("view {view}"),
        Message::ViewChange(signed) => {
            let message = &signed.message;
            let (view, sender) = (message.view, message.sender);
            let stable = message.stable.as_ref().map_or(0, |stable| stable.seq.0);
            format!("to view {view} by {sender}, stable {stable}, {} slots", message.slots.len())
        }
        Message::NewView(new_view) => {
            let members: Vec<_> = new_view.members.iter().map(|(id, _)| id.to_string()).collect();
            format!("view {} from {}", new_view.view, members.join(", "))
        }
        Message::FetchViewChanges { view, wanted } => {
            let wanted: Vec<_> = wanted.iter().map(|(id, _)| id.to_string()).collect();
            format!("view {view} of {}", wanted.join(", "))
        }
    };
    format!("{:<22} {about}", message.kind())
}

/// The first digits of a digest.
pub fn short(digest: impl ToString) -> String {
    digest.to_string().chars().take(8).collect()
}
