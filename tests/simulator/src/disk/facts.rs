//! What a replica may only act on when it is on the disk.

use theriac_consensus::Record;
use theriac_types::{BodyHash, Digest, SeqNum, StateDigest, View};

/// One such thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// A body was accepted.
    Accepted(View, SeqNum, BodyHash),
    /// A prepare certificate is held.
    Prepared(View, SeqNum, BodyHash),
    /// A slot is committed.
    Committed(SeqNum, BodyHash),
    /// A view is promised, by the view-change message of this digest.
    Promised(View, Digest),
    /// A view is entered, by the new-view of this digest.
    Entered(View, Digest),
    /// A checkpoint is stable.
    Stable(SeqNum, StateDigest),
}

impl Fact {
    /// What a record says.
    pub fn of<P>(record: &Record<P>, hash: impl Fn(&P) -> BodyHash) -> Self {
        match record {
            Record::Accepted { view, seq, proposal } => Self::Accepted(*view, *seq, hash(proposal)),
            Record::AcceptedAgain { view, seq, body } => Self::Accepted(*view, *seq, *body),
            Record::Prepared { view, seq, body, .. } => Self::Prepared(*view, *seq, *body),
            Record::Committed { seq, body, .. } => Self::Committed(*seq, *body),
            Record::Promised { message, .. } => Self::Promised(message.message.view, message.message.digest()),
            Record::Entered { new_view, .. } => Self::Entered(new_view.view, new_view.digest()),
            Record::Stable(checkpoint) => Self::Stable(checkpoint.seq, checkpoint.digest),
        }
    }
}
