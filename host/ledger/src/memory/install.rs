//! A state that was fetched, as a store in memory.

use super::{MemoryState, StoredBlock, StoredVersion};
use crate::state::TransactionPlace;
use crate::transfer::{Received, Transfer};
use std::collections::BTreeSet;
use theriac_types::{Digest, Genesis, TxId};

impl MemoryState {
    /// The store that a complete transfer leads to, with everything it brought.
    ///
    /// # Panics
    /// When the transfer is not complete.
    pub fn installed(genesis: Genesis, transfer: &Transfer, received: &[Received]) -> Self {
        assert!(transfer.is_complete(), "a state is installed as a whole");
        let commitment = transfer.commitment().clone();
        let mut state = Self::empty(genesis, commitment.clone());
        let place = TransactionPlace { height: commitment.height, index: u32::MAX };
        let mut admitted_ids = BTreeSet::new();
        for part in received {
            state.pages.extend(part.pages.iter().cloned());
            for (key, value) in &part.values {
                let (tx_id, time_ms) = (TxId(Digest::ZERO), commitment.time_ms);
                state.add_version(key, place, StoredVersion { tx_id, time_ms, value: Some(value.clone()) });
            }
            state.headers.extend(part.headers.iter().map(|header| (header.height, *header)));
            for block in &part.blocks {
                state.add_replay(&block.replay);
                for (id, place, admitted) in block.places() {
                    let known = state.places.get(&id);
                    // Where it was executed, or else where it was first refused.
                    if admitted || (!admitted_ids.contains(&id) && known.is_none_or(|known| place < *known)) {
                        state.places.insert(id, place);
                    }
                    if admitted {
                        admitted_ids.insert(id);
                    }
                }
                let height = block.block.height;
                let stored = StoredBlock {
                    block: Some(block.block.clone()),
                    receipts: block.receipts.clone(),
                    commitment: (height == commitment.height).then(|| commitment.clone()),
                    commit_proof: None,
                    certificate: None,
                };
                state.blocks.insert(height, stored);
            }
        }
        state
    }
}
