//! Clients hand transactions to peers, again and again until they have a receipt; and what is still unanswered.

use super::World;
use super::event::Event;
use super::names::short;
use theriac_consensus::Input;
use theriac_ledger::{BlockStore, StateReader};
use theriac_types::{Height, TxId};

/// How long a client waits for its receipt before it asks another peer.
const PATIENCE_US: u64 = 1_500_000;
/// How long a client waits for the transaction that comes before its own.
const TURN_US: u64 = 20_000;

impl World {
    pub(super) fn submit(&mut self, index: usize) {
        let operation = &self.operations[index];
        if operation.ids().all(|id| self.is_answered(id)) {
            return;
        }
        let awaited =
            operation.after.filter(|after| self.operations.iter().any(|other| other.transaction.id() == *after));
        if awaited.is_some_and(|after| !self.is_answered(after)) {
            return self.schedule(self.now_us + TURN_US, Event::Submit { index });
        }
        let (honest, rival) = (operation.transaction.clone(), operation.rival.clone());
        for copy in 0..operation.copies {
            let transaction = rival.as_ref().filter(|_| copy % 2 == 1).unwrap_or(&honest).clone();
            let peer = self.random.below(self.peers.len() as u64) as usize;
            let (at_us, id) = (self.now_us, transaction.id());
            self.trace.add(at_us, "submit", &(index as u64, peer as u64), || format!("{} to {peer}", short(id)));
            let ignored =
                self.peers[peer].liar.as_ref().is_some_and(|liar| liar.ignores(&transaction.body.creator.member));
            if !ignored {
                self.take_in(peer, Input::Requests(vec![transaction]));
            }
        }
        self.schedule(self.now_us + PATIENCE_US, Event::Submit { index });
    }

    /// Whether an honest peer has a receipt for the transaction.
    pub(super) fn is_answered(&self, id: TxId) -> bool {
        self.honest().any(|peer| peer.store.place(id).is_ok_and(|place| place.is_some()))
    }

    /// What is still to be waited for; none when every honest replica of the last epoch has every block, certificate and
    /// receipt, and no other epoch is to come.
    pub(super) fn pending(&self) -> Option<String> {
        let height = self.honest().map(|peer| self.height(peer)).max()?;
        let (last, term) = self.terms.last_key_value()?;
        for peer in self.honest().filter(|peer| term.cluster.has(peer.id)) {
            let (id, own) = (peer.id, self.height(peer));
            if peer.running.is_none() {
                return Some(format!("replica {id} is down, or does not vote"));
            }
            if peer.epoch != *last {
                return Some(format!("replica {id} is in epoch {}, another in epoch {last}", peer.epoch));
            }
            if own != height {
                return Some(format!("replica {id} is at height {own}, another at {height}"));
            }
            let certified = |height: &u64| peer.store.certificate(Height(*height)).is_ok_and(|found| found.is_some());
            let first = peer.store.base().0 + 1;
            if let Some(missing) = (first..=height.0).find(|height| !certified(height)) {
                return Some(format!("replica {id} has no execution certificate for height {missing}"));
            }
            if let Some(end) = self.epoch_ends(peer) {
                return Some(format!("epoch {last} is to end with slot {end}"));
            }
        }
        let mut submitted = self.operations.iter().flat_map(|operation| operation.ids());
        let unanswered = submitted.find(|id| !self.is_answered(*id));
        unanswered.map(|id| format!("transaction {id} has no receipt"))
    }
}
