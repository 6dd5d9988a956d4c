//! A peer starts, or starts again, from what its disks hold.

use super::World;
use super::event::Event;
use crate::disk::SimulatedLog;
use crate::peer::SimulatedOrdering;
use crate::setting::Mutant;
use crate::sinks::{Jobs, Outbox};
use crate::unchecked::UncheckedScheme;
use crate::votes::Signer;
use std::rc::Rc;
use std::sync::Arc;
use theriac_consensus::{Config, ExecutedSlot, Proposal, Recovered, Replica};
use theriac_crypto::CertificateScheme;
use theriac_crypto::names::state_digest;
use theriac_ledger::{BlockStore, StateReader};
use theriac_ordering::{Log, Ordering, OrderingError};
use theriac_types::{BlockBody, Height, SeqNum};

/// Executed slots that a recovering replica is told of; more when one of them lacks its certificate.
const RECENT_SLOTS: u64 = 256;

impl World {
    /// Starts a peer from what its disks hold.
    pub(super) fn start(&mut self, index: usize, former: Option<Replica>) {
        let votes = self.take_up_term(index);
        let now_us = self.now_us;
        let peer = &mut self.peers[index];
        let id = peer.id;
        peer.run += 1;
        peer.executor_free_us = now_us;
        peer.up = true;
        let run = peer.run;
        if peer.fetch.is_some() || !votes {
            self.schedule(now_us, Event::Follow { peer: index, run });
        }
        if !votes {
            self.peers[index].running = None;
            return;
        }
        let peer = &self.peers[index];
        if peer.is_honest() {
            self.checkers.order.on_start(id);
        }
        let again = self.peers[index].dies_again.take();
        if let Some(point) = again {
            self.peers[index].down_us = Some(40_000);
            self.peers[index].disk.borrow_mut().arm(point);
        }
        match self.open(index, former) {
            Ok(ordering) => {
                self.peers[index].running = Some(ordering);
                self.after_turn(index, Ok(()));
            }
            Err(OrderingError::Log(_)) if again.is_some() => {
                self.term(index).votes.drop_fresh();
                self.die(index);
            }
            Err(error) => self.check("S3", Err(format!("replica {id} does not start again: {error}"))),
        }
    }

    fn open(&mut self, index: usize, former: Option<Replica>) -> Result<SimulatedOrdering, OrderingError> {
        let (me, disk) = (self.peers[index].id, Rc::clone(&self.peers[index].disk));
        let mut log = SimulatedLog(Rc::clone(&disk));
        let records = log.replay()?;
        let admitted = records.into_iter().filter_map(|record| record.admit(|body| self.known(body).ok_or(())).ok());
        let records = admitted.collect();
        let recovered = Recovered { records, ..self.executed_slots(index) };
        // The store is as durable as the log, whoever executed what is in it.
        disk.borrow_mut().states.extend(recovered.recent.iter().map(|slot| (slot.seq, slot.digest)));
        let term = self.term(index);
        let (votes, cluster, context) = (term.votes.clone(), term.cluster, term.context.clone());
        let signer = Signer { replica: me, votes: votes.clone() };
        let scheme: Arc<dyn CertificateScheme> = if self.is_mutant(Mutant::CertificatesUnchecked) {
            Arc::new(UncheckedScheme(votes))
        } else {
            Arc::new(votes)
        };
        let config = Config { replica: me, cluster, context, tuning: self.plan.base.tuning.clone() };
        let mut replica = Replica::recover(config, Box::new(signer), scheme, recovered);
        if let Some(mut former) = former {
            replica.inherit_requests(&mut former);
        }
        let outbox = Outbox { me, disk: Rc::clone(&disk), messages: Vec::new() };
        let jobs = Jobs { me, disk, jobs: Vec::new() };
        Ordering::start(self.now(index), replica, log, outbox, jobs)
    }

    /// A body that was checked before, or is checked now.
    fn known(&mut self, body: BlockBody) -> Option<Arc<Proposal>> {
        let hash = theriac_crypto::names::body_hash(&body);
        if let Some(known) = self.bodies.get(&hash) {
            return Some(Arc::clone(known));
        }
        let proposal = Arc::new(Proposal::check(body).ok()?);
        self.bodies.insert(hash, Arc::clone(&proposal));
        Some(proposal)
    }

    fn executed_slots(&self, index: usize) -> Recovered {
        let peer = &self.peers[index];
        let store = &peer.store;
        let head = store.head().map(|head| head.height).unwrap_or_default();
        let certified = |height: &u64| store.certificate(Height(*height)).is_ok_and(|found| found.is_some());
        let floor = store.base().0.max(1);
        let uncertified = (floor..=head.0).find(|height| !certified(height)).unwrap_or(head.0);
        let first = head.0.saturating_sub(RECENT_SLOTS - 1).max(floor).min(uncertified);
        let states = &peer.disk.borrow().states;
        let slot = |height: u64| {
            let certificate = store.certificate(Height(height)).ok()?.map(|certified| certified.certificate);
            let seq = SeqNum(height);
            let stored = || Some(state_digest(&store.commitment(Height(height)).ok()??));
            let digest = states.get(&seq).copied().or_else(stored)?;
            Some(ExecutedSlot { seq, digest, certificate })
        };
        let recent = (first..=head.0).filter_map(slot).collect();
        let (executed, stable, epoch_ends) = (SeqNum::from(head), self.stable_of(peer), self.epoch_ends(peer));
        Recovered { executed, recent, stable, epoch_ends, ..Recovered::default() }
    }
}
