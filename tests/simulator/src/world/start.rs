//! A peer starts, or starts again, from what its disks hold.

use super::World;
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
use theriac_ledger::{BlockStore, StateReader};
use theriac_ordering::{Log, Ordering, OrderingError};
use theriac_types::{BlockBody, Height, SeqNum};

/// Executed slots that a recovering replica is told of; more when one of them lacks its certificate.
const RECENT_SLOTS: u64 = 256;

impl World {
    /// Starts a peer from what its disks hold.
    pub(super) fn start(&mut self, index: usize) {
        let now_us = self.now_us;
        let peer = &mut self.peers[index];
        let id = peer.id;
        peer.run += 1;
        peer.executor_free_us = now_us;
        if peer.is_honest() {
            self.checkers.order.on_start(id);
        }
        let again = self.peers[index].dies_again.take();
        if let Some(point) = again {
            self.peers[index].down_us = Some(40_000);
            self.peers[index].disk.borrow_mut().arm(point);
        }
        match self.open(index) {
            Ok(ordering) => {
                self.peers[index].running = Some(ordering);
                self.after_turn(index, Ok(()));
            }
            Err(OrderingError::Log(_)) if again.is_some() => {
                self.votes.drop_fresh();
                self.die(index);
            }
            Err(error) => self.check("S3", Err(format!("replica {id} does not start again: {error}"))),
        }
    }

    fn open(&mut self, index: usize) -> Result<SimulatedOrdering, OrderingError> {
        let (me, disk) = (self.peers[index].id, Rc::clone(&self.peers[index].disk));
        let mut log = SimulatedLog(Rc::clone(&disk));
        let records = log.replay()?;
        let admitted = records.into_iter().filter_map(|record| record.admit(|body| self.known(body).ok_or(())).ok());
        let records = admitted.collect();
        let recovered = Recovered { records, ..self.executed_slots(index) };
        let signer = Signer { replica: me, votes: self.votes.clone() };
        let scheme: Arc<dyn CertificateScheme> = if self.is_mutant(Mutant::CertificatesUnchecked) {
            Arc::new(UncheckedScheme(self.votes.clone()))
        } else {
            Arc::new(self.votes.clone())
        };
        let tuning = self.plan.base.tuning.clone();
        let config = Config { replica: me, cluster: self.cluster, context: self.context.clone(), tuning };
        let replica = Replica::recover(config, Box::new(signer), scheme, recovered);
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
        let uncertified = (1..=head.0).find(|height| !certified(height)).unwrap_or(head.0);
        let first = head.0.saturating_sub(RECENT_SLOTS - 1).max(1).min(uncertified);
        let states = &peer.disk.borrow().states;
        let slot = |height: u64| {
            let certificate = store.certificate(Height(height)).ok()?.map(|certified| certified.certificate);
            let seq = SeqNum(height);
            Some(ExecutedSlot { seq, digest: *states.get(&seq)?, certificate })
        };
        let recent = (first..=head.0).filter_map(slot).collect();
        let (executed, stable) = (SeqNum::from(head), peer.stable.clone());
        Recovered { executed, recent, stable, ..Recovered::default() }
    }
}
