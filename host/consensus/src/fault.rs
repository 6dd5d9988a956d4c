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
    /// A replica voted for two bodies in one slot of one view, in the same phase.
    ConflictingVotes {
        /// The view.
        view: View,
        /// The slot.
        seq: SeqNum,
        /// Both bodies.
        bodies: [BodyHash; 2],
    },
    /// A replica voted in a view after it had promised to vote only in a later one.
    BrokenPromise {
        /// The view it voted in.
        view: View,
        /// The view of its promise.
        promised: View,
    },
    /// Two view-change messages of one replica for one view.
    ConflictingViewChanges {
        /// The view to enter.
        view: View,
    },
    /// A signed view-change message with a certificate that proves nothing, or with impossible claims.
    InvalidViewChange {
        /// The view to enter.
        view: View,
    },
    /// A signed new-view that no honest primary can have made.
    InvalidNewView {
        /// The view to enter.
        view: View,
    },
    /// A proposal whose time is too far from this replica's clock. Shows that one of two clocks is wrong, not whose; it
    /// weighs when several replicas say so.
    BadTime {
        /// The view.
        view: View,
        /// The slot.
        seq: SeqNum,
        /// The time proposed, in milliseconds since 1970.
        proposed_ms: u64,
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
