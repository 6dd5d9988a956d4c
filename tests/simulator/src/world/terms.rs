//! Epochs begin and end: which replicas there are, and who of the peers is one of them.

use super::World;
use super::event::Event;
use super::names::short;
use crate::byzantine::Wire;
use crate::disk::Disk;
use crate::membership::new_key;
use crate::peer::Peer;
use crate::term::Term;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use theriac_consensus::Message;
use theriac_ledger::BlockStore;
use theriac_ledger::system::membership::{configuration_at, epochs_at, governing};
use theriac_types::{Configuration, Epoch, Height, ReplicaId, SeqNum, StableCheckpoint, View};

/// How long a peer waits before it looks again whether its epoch is settled, or whether there is one to vote in.
const SUCCEED_US: u64 = 50_000;
/// Most certificates sent to a replica of an epoch that is over here.
const CERTIFICATES_MAX: usize = 32;

impl World {
    /// The epoch that a peer votes in or follows.
    pub(super) fn term(&self, index: usize) -> &Term {
        &self.terms[&self.peers[index].epoch]
    }

    pub(super) fn term_mut(&mut self, index: usize) -> &mut Term {
        let epoch = self.peers[index].epoch;
        self.terms.get_mut(&epoch).expect("a peer's epoch has begun")
    }

    /// Turns a peer to the epoch that its store calls for. Says whether it is one of the epoch's replicas.
    pub(super) fn take_up_term(&mut self, index: usize) -> bool {
        let configuration = self.configuration(&self.peers[index]);
        let epoch = configuration.epoch;
        let (spacing, liars) = (self.plan.base.spacing, self.plan.liars().len());
        self.terms.entry(epoch).or_insert_with(|| Term::new(&configuration, spacing, liars));
        let id = self.peers[index].id;
        if self.peers[index].epoch != epoch {
            let liar = self.liar(id, epoch);
            let mutant = self.setting.mutant;
            let peer = &mut self.peers[index];
            (peer.epoch, peer.liar) = (epoch, liar);
            peer.disk = Rc::new(RefCell::new(Disk::new(epoch, mutant)));
            let at_us = self.now_us;
            self.trace.add(at_us, "epoch", &(id, epoch), || format!("{id}  is in epoch {epoch}"));
            self.coverage.note("epoch", "begins");
        }
        let place = usize::from(id.0);
        configuration.replicas.get(place).is_some_and(|record| self.peers[index].keys.contains(&record.consensus_key))
    }

    /// The configuration of the height above the head, unless the epoch that ends at the head still lacks what only its
    /// own replicas can make.
    pub(super) fn configuration(&self, peer: &Peer) -> Configuration {
        let head = self.height(peer);
        let running = governing(&peer.store, head).expect("a store in memory can be read");
        let before = running.epoch.0.checked_sub(1).map(Epoch).filter(|_| running.first == head.next());
        let Some(before) = before.filter(|before| !self.is_settled(peer, *before, head)) else { return running };
        let configuration = configuration_at(&peer.store, head, before);
        configuration.ok().flatten().expect("an epoch that ran is known")
    }

    /// Whether nothing of an epoch is needed any more: its last checkpoint is stable, every slot certified.
    fn is_settled(&self, peer: &Peer, epoch: Epoch, last: Height) -> bool {
        let stable = peer.stable.get(&epoch).is_some_and(|checkpoint| checkpoint.seq >= SeqNum::from(last));
        let certified = |height: u64| peer.store.certificate(Height(height)).is_ok_and(|found| found.is_some());
        stable && (peer.store.base().0.max(1)..=last.0).all(certified)
    }

    /// The last slot of a peer's epoch, once the ledger has set it.
    pub(super) fn epoch_ends(&self, peer: &Peer) -> Option<SeqNum> {
        let head = self.height(peer);
        let epochs = epochs_at(&peer.store, head).ok()?;
        let next = epochs.next.filter(|next| next.epoch == peer.epoch.next())?;
        Some(SeqNum(next.first.0.saturating_sub(1)))
    }

    /// The checkpoint that a peer's epoch has reached, or began with.
    pub(super) fn stable_of(&self, peer: &Peer) -> Option<StableCheckpoint> {
        let before = peer.epoch.0.checked_sub(1).map(Epoch);
        let earlier = || before.and_then(|before| peer.stable.get(&before));
        peer.stable.get(&peer.epoch).or_else(earlier).cloned()
    }

    /// A peer heard that its epoch is over: the next one begins as soon as the last slot is certified.
    pub(super) fn succeed(&mut self, index: usize, run: u32) {
        let peer = &self.peers[index];
        if peer.run != run || !peer.up {
            return;
        }
        let configuration = self.configuration(peer);
        if configuration.epoch == peer.epoch {
            return self.schedule(self.now_us + SUCCEED_US, Event::Succeed { peer: index, run });
        }
        self.restart_from_store(index);
    }

    /// The peer goes on with what its store holds now; what its replica knew of requests goes to the next one.
    pub(super) fn restart_from_store(&mut self, index: usize) {
        let former = self.peers[index].running.take();
        let peer = &mut self.peers[index];
        peer.inbox.clear();
        peer.turn_at_us = None;
        self.start(index, former.map(|ordering| ordering.into_replica()));
    }

    /// A peer loses everything but its address.
    pub(super) fn wipe(&mut self, index: usize, down_us: u64) {
        let (at_us, id) = (self.now_us, self.peers[index].id);
        self.trace.add(at_us, "wipe", &id, || id.to_string());
        if self.peers[index].up {
            self.peers[index].down_us = Some(down_us);
            self.die(index);
        }
        let (store, mutant) = (self.genesis_store.clone(), self.setting.mutant);
        let liar = self.liar(id, Epoch(0));
        let peer = &mut self.peers[index];
        (peer.store, peer.stable, peer.fetch, peer.liar) = (store, BTreeMap::new(), None, liar);
        peer.epoch = Epoch(0);
        peer.keys = BTreeSet::from([new_key(id)]);
        peer.disk = Rc::new(RefCell::new(Disk::new(Epoch(0), mutant)));
        self.checkers.order.on_install(id, SeqNum(0));
    }

    /// Answers a replica whose epoch is over here from what the store has of it.
    pub(super) fn answer_from_store(&mut self, epoch: Epoch, index: usize, to: ReplicaId, message: &Wire) {
        let peer = &self.peers[index];
        let head = self.height(peer);
        let last = epochs_at(&peer.store, head).ok().and_then(|epochs| epochs.next).map(|next| next.first.0 - 1);
        let last = SeqNum(last.unwrap_or(head.0).min(head.0));
        match message {
            Message::Status { stable, executed, certified, .. } => {
                let mut answers = Vec::new();
                let lacking = certified.0.saturating_add(1)..=(*executed).min(last).0;
                for seq in lacking.take(CERTIFICATES_MAX).map(SeqNum) {
                    let Ok(Some(certified)) = peer.store.certificate(Height::from(seq)) else { break };
                    let digest = theriac_crypto::names::state_digest(&certified.commitment);
                    answers.push(Message::FullExecuteProof { seq, digest, certificate: certified.certificate });
                }
                let checkpoint = peer.stable.get(&epoch);
                let known = checkpoint.map_or(SeqNum(0), |checkpoint| checkpoint.seq);
                // Whoever has everything is not answered, or two that are both past the epoch would never end.
                if *executed >= last && *certified >= last && *stable >= known {
                    return;
                }
                let (view, active) = (View(0), false);
                answers.push(Message::Status { view, active, stable: known, executed: last, certified: last });
                answers.extend(checkpoint.filter(|known| known.seq > *stable).cloned().map(Message::Stable));
                for answer in answers {
                    self.say_in(epoch, index, to, answer);
                }
            }
            Message::Fetch { first, last: wanted } => {
                let most = first.saturating_add(theriac_consensus::limits::FETCH_SLOTS_MAX - 1);
                for seq in first.0..=(*wanted).min(last).min(most).0 {
                    if let Some(decided) = self.decided(&self.peers[index], SeqNum(seq)) {
                        self.say_in(epoch, index, to, decided);
                    }
                }
            }
            _ => {}
        }
    }

    /// Notes a stable checkpoint of a peer's epoch in its store.
    pub(super) fn take_checkpoint(&mut self, index: usize, checkpoint: StableCheckpoint) {
        let (at_us, id, epoch) = (self.now_us, self.peers[index].id, self.peers[index].epoch);
        let (seq, digest) = (checkpoint.seq, checkpoint.digest);
        let term = self.term(index);
        // The one that the epoch began with was certified by the epoch before.
        if seq == term.cluster.base() {
            return;
        }
        if self.peers[index].is_honest() {
            let verdict = term.certificates.on_stable(&checkpoint);
            self.check("S4", verdict);
        }
        self.trace.add(at_us, "stable", &(id, seq), || format!("{id}  slot {seq} state {}", short(digest)));
        self.peers[index].stable.insert(epoch, checkpoint);
    }
}
