//! B18: the network as an adversary. It sees everything, and until it becomes a good network it delays whatever hurts
//! most: it decides by what a message says, not by chance.

use super::Wire;
use theriac_consensus::{Cluster, Collectors, Message, execution_collectors};
use theriac_crypto::VoteContext;
use theriac_types::{ReplicaId, SeqNum, View};

/// What it is after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// Votes on their way to the collectors of their slot, whoever these are.
    Collectors,
    /// Whatever the primary of the message's view sends.
    Primary,
    /// Proofs on their way to all but one replica.
    Proofs,
    /// View-change messages to the primary that waits for them.
    ViewChanges,
    /// New-view messages to every second replica.
    NewViews,
    /// What a replica says of how far it is, and what others send it in answer.
    Repair,
}

impl Target {
    /// All of them.
    pub const ALL: &[Self] =
        &[Self::Collectors, Self::Primary, Self::Proofs, Self::ViewChanges, Self::NewViews, Self::Repair];
}

/// Knows the network as well as its replicas do.
#[derive(Debug)]
pub struct Rushing {
    /// The network.
    pub cluster: Cluster,
    /// Its channel and epoch.
    pub context: VoteContext,
}

impl Rushing {
    /// Whether a message is one to delay.
    pub fn delays(&self, target: Target, from: ReplicaId, to: ReplicaId, message: &Wire) -> bool {
        match target {
            Target::Collectors => match message {
                Message::SignShare { view, seq, .. } | Message::Commit { view, seq, .. } => {
                    self.collectors(*view, *seq).voted_to().any(|id| id == to)
                }
                Message::SignState { seq, .. } | Message::Checkpoint { seq, .. } => {
                    execution_collectors(self.cluster, &self.context, *seq).contains(&to)
                }
                _ => false,
            },
            Target::Primary => match message {
                Message::PrePrepare { view, .. } => self.cluster.primary(*view) == from,
                Message::NewView(new_view) => self.cluster.primary(new_view.view) == from,
                _ => false,
            },
            Target::Proofs => {
                let proof = matches!(
                    message,
                    Message::FullCommitProof { .. } | Message::Prepare { .. } | Message::FullCommitProofSlow { .. }
                );
                let Some(seq) = slot(message).filter(|_| proof) else { return false };
                seq.0 % self.cluster.replicas() as u64 != u64::from(to.0)
            }
            Target::ViewChanges => match message {
                Message::ViewChange(signed) => self.cluster.primary(signed.message.view) == to,
                _ => false,
            },
            Target::NewViews => matches!(message, Message::NewView(_)) && to.0 % 2 == 1,
            Target::Repair => {
                matches!(message, Message::Status { .. } | Message::Fetch { .. } | Message::Decided { .. })
            }
        }
    }

    fn collectors(&self, view: View, seq: SeqNum) -> Collectors {
        Collectors::draw(self.cluster, &self.context, view, seq)
    }
}

fn slot(message: &Wire) -> Option<SeqNum> {
    match message {
        Message::FullCommitProof { seq, .. }
        | Message::Prepare { seq, .. }
        | Message::FullCommitProofSlow { seq, .. } => Some(*seq),
        _ => None,
    }
}
