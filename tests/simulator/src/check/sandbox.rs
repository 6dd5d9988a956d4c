//! S10: what chaincode sees is the same on every replica: function, argument, caller, block, and every answer of the
//! host. So it sees no clock, no randomness and no peer.

use std::collections::BTreeMap;
use theriac_types::{Digest, Height, ReplicaId};

/// The first replica's calls at every height.
#[derive(Debug, Default)]
pub struct Sandbox {
    first: BTreeMap<Height, (ReplicaId, Vec<Digest>)>,
}

impl Sandbox {
    /// A replica executed a height with these calls, each a digest of all that went into it.
    pub fn on_height(&mut self, replica: ReplicaId, height: Height, calls: Vec<Digest>) -> Result<(), String> {
        let (by, first) = self.first.entry(height).or_insert_with(|| (replica, calls.clone()));
        if *first == calls {
            return Ok(());
        }
        Err(format!("height {height}: chaincode on replica {replica} saw something else than on replica {by}"))
    }
}
