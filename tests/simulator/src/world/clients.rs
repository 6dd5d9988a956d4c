//! Clients hand transactions to peers, again and again until they have a receipt; and what is still unanswered.

use super::{Event, World};
use theriac_consensus::Input;
use theriac_ledger::{BlockStore, StateReader};
use theriac_types::{Height, TxId};

/// How long a client waits for its receipt before it asks another peer.
const PATIENCE_US: u64 = 1_500_000;
/// How long a client waits for the transaction that comes before its own.
const TURN_US: u64 = 20_000;

impl World {
    pub(super) fn submit(&mut self, index: usize) {
        let planned = &self.planned[index];
        let id = planned.id();
        if self.is_answered(id) {
            return;
        }
        let blocked = planned.after.is_some_and(|before| !self.is_answered(self.planned[before].id()));
        if blocked {
            return self.schedule(self.now_us + TURN_US, Event::Submit { index });
        }
        let (transaction, copies) = (planned.transaction.clone(), 1 + usize::from(planned.twice));
        for _ in 0..copies {
            let peer = self.random.below(self.peers.len() as u64) as usize;
            let at_us = self.now_us;
            self.trace.add(at_us, "submit", &(index as u64, peer as u64), || format!("{id:?} to {peer}"));
            self.take_in(peer, Input::Requests(vec![transaction.clone()]));
        }
        self.schedule(self.now_us + PATIENCE_US, Event::Submit { index });
    }

    /// Whether an honest peer has a receipt for the transaction.
    fn is_answered(&self, id: TxId) -> bool {
        let mut honest = self.peers.iter().filter(|peer| peer.is_honest());
        honest.any(|peer| peer.store.place(id).is_ok_and(|place| place.is_some()))
    }

    /// What is still to be waited for; none when every honest peer has every block, certificate and receipt.
    pub(super) fn pending(&self) -> Option<String> {
        let honest = || self.peers.iter().filter(|peer| peer.is_honest());
        let height = honest().map(|peer| self.height(peer)).max()?;
        for peer in honest() {
            let (id, own) = (peer.id, self.height(peer));
            if peer.running.is_none() {
                return Some(format!("replica {id} is down"));
            }
            if own != height {
                return Some(format!("replica {id} is at height {own}, another at {height}"));
            }
            let certified = |height: &u64| peer.store.certificate(Height(*height)).is_ok_and(|found| found.is_some());
            if let Some(missing) = (1..=height.0).find(|height| !certified(height)) {
                return Some(format!("replica {id} has no execution certificate for height {missing}"));
            }
        }
        let unanswered = self.planned.iter().find(|planned| !self.is_answered(planned.id()));
        unanswered.map(|planned| format!("transaction {} has no receipt", planned.id()))
    }
}
