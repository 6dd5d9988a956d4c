//! Peers die and start again.

use super::{Event, PROBE_US, World};
use crate::disk::SimulatedLog;
use crate::journal::JournalSigner;
use crate::options::Mutant;
use crate::peer::SimulatedOrdering;
use crate::plan::{Crash, CrashPoint};
use crate::sinks::{Jobs, Outbox};
use crate::unchecked::UncheckedScheme;
use std::rc::Rc;
use std::sync::Arc;
use theriac_consensus::{Config, ExecutedSlot, Proposal, Recovered, Replica};
use theriac_crypto::{CertificateScheme, RecordingScheme, RecordingSigner};
use theriac_ledger::{BlockStore, StateReader};
use theriac_ordering::{Log, Ordering, OrderingError};
use theriac_types::{BlockBody, Height, SeqNum};

/// Executed slots that a recovering replica is told of; more when one of them lacks its certificate.
const RECENT_SLOTS: u64 = 256;

impl World {
    /// Starts a peer from what its disks hold.
    pub(super) fn start(&mut self, index: usize) {
        let id = self.peers[index].id;
        self.peers[index].run += 1;
        self.peers[index].executor_free_us = self.now_us;
        if self.peers[index].is_honest() {
            self.order.on_start(id);
        }
        match self.open(index) {
            Ok(ordering) => {
                self.peers[index].running = Some(ordering);
                self.after_turn(index, Ok(()));
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
        let (context, record) = (self.context.clone(), self.record.clone());
        let signer = RecordingSigner { replica: me, context: context.clone(), record: record.clone() };
        let signer = JournalSigner { signer, journal: self.journal.clone() };
        let scheme = RecordingScheme { replicas: self.options.cluster.replicas(), context: context.clone(), record };
        let scheme: Arc<dyn CertificateScheme> = if self.is_mutant(Mutant::CertificatesUnchecked) {
            Arc::new(UncheckedScheme(scheme))
        } else {
            Arc::new(scheme)
        };
        let tuning = self.plan.tuning.clone();
        let config = Config { replica: me, cluster: self.options.cluster, context, tuning };
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
        let store = &self.peers[index].store;
        let head = store.head().map(|head| head.height).unwrap_or_default();
        let certified = |height: &u64| store.certificate(Height(*height)).is_ok_and(|found| found.is_some());
        let uncertified = (1..=head.0).find(|height| !certified(height)).unwrap_or(head.0);
        let first = head.0.saturating_sub(RECENT_SLOTS - 1).max(1).min(uncertified);
        let slot = |height: u64| {
            let commitment = store.commitment(Height(height)).ok()??;
            let certificate = store.certificate(Height(height)).ok()?.map(|certified| certified.certificate);
            let digest = theriac_crypto::names::state_digest(&commitment);
            Some(ExecutedSlot { seq: SeqNum(height), digest, certificate })
        };
        let recent = (first..=head.0).filter_map(slot).collect();
        Recovered { executed: SeqNum::from(head), recent, ..Recovered::default() }
    }

    pub(super) fn crash(&mut self, crash: Crash) {
        let index = usize::from(crash.replica.0);
        let peer = &mut self.peers[index];
        if peer.running.is_none() {
            return;
        }
        peer.down_us = crash.restart_us.map(|restart_us| restart_us - crash.at_us);
        match crash.point {
            CrashPoint::Sync if self.now_us < self.plan.end_us => peer.disk.borrow_mut().dies_in_sync = true,
            point => self.die(index, point),
        }
    }

    /// The process is gone, with everything that was not durable.
    pub(super) fn die(&mut self, index: usize, point: CrashPoint) {
        let now_us = self.now_us;
        let peer = &mut self.peers[index];
        let id = peer.id;
        peer.running = None;
        peer.run += 1;
        peer.inbox.clear();
        peer.turn_at_us = None;
        peer.disk.borrow_mut().crash(&mut self.random, point);
        if let Some(down_us) = peer.down_us.take() {
            self.schedule(now_us + down_us, Event::Restart { peer: id });
        }
        self.trace.add(now_us, "crash", &id, || format!("{id}: {point:?}"));
    }

    pub(super) fn restart(&mut self, index: usize) {
        if self.peers[index].running.is_some() {
            return;
        }
        let (id, at_us) = (self.peers[index].id, self.now_us);
        self.trace.add(at_us, "restart", &id, || id.to_string());
        self.restarts += 1;
        self.start(index);
    }

    /// From now on nothing goes wrong any more, but what a liar does.
    pub(super) fn end_faults(&mut self) {
        for peer in &self.peers {
            peer.disk.borrow_mut().dies_in_sync = false;
        }
        self.schedule(self.now_us + PROBE_US, Event::Probe);
    }
}
