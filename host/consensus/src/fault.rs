//! Misbehaviour that a replica can show to others.

use theriac_types::{BodyHash, SeqNum, StateDigest, View};

/// What a replica did wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// A primary proposed two bodies for one slot of one view.
    Equivocation {
        /// The view.
        view: View,
        /// The slot.
        seq: SeqNum,
        /// Both bodies.
        bodies: [BodyHash; 2],
    },
    /// A share that does not verify.
    BadShare {
        /// The slot.
        seq: SeqNum,
    },
    /// A certificate that does not verify.
    BadCertificate {
        /// The slot.
        seq: SeqNum,
    },
    /// A vote for another state than the certified one: a faulty or non-deterministic replica.
    DivergentState {
        /// The slot.
        seq: SeqNum,
        /// What it voted for.
        voted: StateDigest,
        /// What is certified.
        certified: StateDigest,
    },
}
