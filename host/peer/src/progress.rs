//! How far this peer is, for whoever waits for it to get further.

use theriac_types::{Height, StateCommitment};

/// The two heads of a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// What the last executed height commits to.
    pub head: StateCommitment,
    /// Last height up to which every execution certificate is here.
    pub certified: Height,
}
